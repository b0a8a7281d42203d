//! Title, description, metadata.

use conf::domain::DomainDef;
use protocol::calls::{DomainGetMetadata, DomainSetMetadata};
use protocol::consts::{AffectFlags, MetadataType};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use super::{Context, flags};
use crate::Lxc;
use crate::error::of_document;
use crate::events::Event;
use crate::impact::{asked, change, no_limits};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(metadata).on(set_metadata);
}

async fn metadata(cx: Context, call: DomainGetMetadata) -> Result<String> {
    let affect = flags(call.flags, AffectFlags::LIVE | AffectFlags::CONFIG, "virDomainObjGetMetadata")?;
    let asked = asked(&*cx.driver.domains.find(&call.dom)?, affect)?;
    let def = asked.def();
    let found = match MetadataType(call.r#type) {
        MetadataType::DESCRIPTION => def.description.clone(),
        MetadataType::TITLE => def.title.clone(),
        MetadataType::ELEMENT => def.metadata.find(call.uri.as_deref().unwrap_or_default()),
        _ => return Err(Error::invalid_arg(ErrorDomain::DOMAIN, "unknown metadata type")),
    };
    found.ok_or_else(Error::no_domain_metadata)
}

async fn set_metadata(cx: Context, call: DomainSetMetadata) -> Result<()> {
    let affect = flags(call.flags, AffectFlags::LIVE | AffectFlags::CONFIG, "lxcDomainSetMetadata")?;
    let lxc = &cx.driver;
    let domain = lxc.domains.find(&call.dom)?;
    change(lxc, &domain, affect, |def, _| edit(def, &call), no_limits).await?;
    let kind = MetadataType(call.r#type);
    let uri = call.uri.filter(|_| kind == MetadataType::ELEMENT);
    lxc.events.send(&domain.on_wire(), &Event::MetadataChange { kind, uri });
    Ok(())
}

/// Makes the change; an absent value removes.
fn edit(def: &mut DomainDef, call: &DomainSetMetadata) -> Result<()> {
    let text = call.metadata.clone().filter(|text| !text.is_empty());
    match MetadataType(call.r#type) {
        MetadataType::DESCRIPTION => def.description = text,
        MetadataType::TITLE => {
            if text.as_ref().is_some_and(|title| title.contains('\n')) {
                return Err(Error::invalid_arg(ErrorDomain::DOMAIN, "metadata title can't contain newlines"));
            }
            def.title = text;
        }
        MetadataType::ELEMENT => set_element(def, call)?,
        _ => return Err(Error::invalid_arg(ErrorDomain::DOMAIN, "unknown metadata type")),
    }
    Ok(())
}

fn set_element(def: &mut DomainDef, call: &DomainSetMetadata) -> Result<()> {
    let missing = |what: &str| {
        Error::invalid_arg(ErrorDomain::DOMAIN, &format!("{what} in virDomainSetMetadata must not be NULL"))
    };
    let uri = call.uri.as_deref().ok_or_else(|| missing("uri"))?;
    match &call.metadata {
        Some(xml) => {
            let key = call.key.as_deref().ok_or_else(|| missing("key"))?;
            def.metadata.set(uri, key, xml).map_err(|error| of_document(&error))
        }
        None => {
            def.metadata.remove(uri);
            Ok(())
        }
    }
}
