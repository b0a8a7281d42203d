//! Title, description, metadata.

use std::sync::Arc;

use conf::domain::DomainDef;
use protocol::calls::{DomainGetMetadata, DomainSetMetadata};
use protocol::consts::{AffectFlags, MetadataType};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use super::{Context, flags};
use crate::domain::State;
use crate::error::{invalid, of_document};
use crate::events::Event;
use crate::{Lxc, define, start};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(metadata).on(set_metadata);
}

/// Which definitions a change or a question is about.
struct Impact {
    live: bool,
    config: bool,
}

/// CURRENT means LIVE of a running domain and CONFIG of another.
fn impact(state: &State, flags: AffectFlags) -> Result<Impact> {
    let active = state.run.is_some();
    let current = !flags.intersects(AffectFlags::LIVE | AffectFlags::CONFIG);
    let impact = Impact {
        live: flags.contains(AffectFlags::LIVE) || current && active,
        config: flags.contains(AffectFlags::CONFIG) || current && !active,
    };
    if impact.live && !active {
        return Err(invalid("domain is not running"));
    }
    if impact.config && !state.is_persistent() {
        return Err(invalid("transient domains do not have any persistent config"));
    }
    Ok(impact)
}

async fn metadata(cx: Context, call: DomainGetMetadata) -> Result<String> {
    let affect = flags(call.flags, AffectFlags::LIVE | AffectFlags::CONFIG, "virDomainObjGetMetadata")?;
    let domain = cx.driver.domains.find(&call.dom)?;
    let state = domain.read();
    if affect.contains(AffectFlags::LIVE | AffectFlags::CONFIG) {
        return Err(Error::invalid_arg(
            ErrorDomain::DOMAIN,
            "flags 'VIR_DOMAIN_AFFECT_LIVE' and 'VIR_DOMAIN_AFFECT_CONFIG' are mutually exclusive",
        ));
    }
    let def = if impact(&state, affect)?.live { state.current() } else { state.config.as_ref() };
    let def = def.ok_or_else(|| Error::no_domain(&call.dom))?;
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
    let _job = domain.begin_job().await?;
    let _definitions = lxc.definitions.lock().await;
    let (live, config) = {
        let state = domain.read();
        let impact = impact(&state, affect)?;
        let changed = |def: &Arc<DomainDef>| change(def, &call);
        let live = state.run.as_ref().filter(|_| impact.live).map(|run| changed(&run.def)).transpose()?;
        let config = state.config.as_ref().filter(|_| impact.config).map(changed).transpose()?;
        (live, config)
    };
    if let Some(config) = &config {
        define::save(lxc, config).await?;
    }
    {
        let mut state = domain.write();
        if let (Some(run), Some(live)) = (&mut state.run, live) {
            run.def = live;
        }
        if config.is_some() {
            state.config = config;
        }
    }
    start::save_status(lxc, &domain)?;
    let kind = MetadataType(call.r#type);
    let uri = call.uri.filter(|_| kind == MetadataType::ELEMENT);
    lxc.events.send(&domain.on_wire(), &Event::MetadataChange { kind, uri });
    Ok(())
}

/// The definition with the change; an absent value removes.
fn change(def: &DomainDef, call: &DomainSetMetadata) -> Result<Arc<DomainDef>> {
    let mut def = def.clone();
    let text = call.metadata.clone().filter(|text| !text.is_empty());
    match MetadataType(call.r#type) {
        MetadataType::DESCRIPTION => def.description = text,
        MetadataType::TITLE => {
            if text.as_ref().is_some_and(|title| title.contains('\n')) {
                return Err(Error::invalid_arg(ErrorDomain::DOMAIN, "metadata title can't contain newlines"));
            }
            def.title = text;
        }
        MetadataType::ELEMENT => set_element(&mut def, call)?,
        _ => return Err(Error::invalid_arg(ErrorDomain::DOMAIN, "unknown metadata type")),
    }
    Ok(Arc::new(def))
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
