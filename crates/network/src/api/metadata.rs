//! Title, description, metadata.

use conf::network::NetworkDef;
use protocol::calls::{NetworkGetMetadata, NetworkSetMetadata};
use protocol::consts::{AffectFlags, MetadataType};
use protocol::{Error, ErrorCode, ErrorDomain, Result};
use rpc::Router;

use super::{Context, flags};
use crate::Networks;
use crate::error::of_document;
use crate::update::{asked, change};

pub(super) fn routes(r: &mut Router<Networks>) {
    r.on(metadata).on(set_metadata);
}

const AFFECT: AffectFlags = AffectFlags::LIVE.union(AffectFlags::CONFIG);

async fn metadata(cx: Context, call: NetworkGetMetadata) -> Result<String> {
    let affect = flags(call.flags, AFFECT, "networkGetMetadata")?;
    let network = cx.driver.registry.find(&call.network)?;
    let def = asked(&network, affect)?;
    let found = match MetadataType(call.r#type) {
        MetadataType::DESCRIPTION => def.description.clone(),
        MetadataType::TITLE => def.title.clone(),
        MetadataType::ELEMENT => def.metadata.find(call.uri.as_deref().unwrap_or_default()),
        _ => return Err(unknown()),
    };
    found.ok_or_else(|| {
        let detail = "Requested metadata element is not present";
        Error::new(ErrorCode::NO_NETWORK_METADATA, ErrorDomain::NETWORK, detail)
    })
}

async fn set_metadata(cx: Context, call: NetworkSetMetadata) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "networkSetMetadata")?;
    let driver = &cx.driver;
    let network = driver.registry.find(&call.network)?;
    change(driver, &network, affect, |def| edit(def, &call)).await?;
    let kind = MetadataType(call.r#type);
    let uri = call.uri.as_deref().filter(|_| kind == MetadataType::ELEMENT);
    driver.events.metadata_change(&network.on_wire(), kind, uri);
    Ok(())
}

fn unknown() -> Error {
    Error::invalid_arg(ErrorDomain::NETWORK, "unknown metadata type")
}

/// Makes the change; an absent value removes.
fn edit(def: &mut NetworkDef, call: &NetworkSetMetadata) -> Result<()> {
    let text = call.metadata.clone().filter(|text| !text.is_empty());
    match MetadataType(call.r#type) {
        MetadataType::DESCRIPTION => def.description = text,
        MetadataType::TITLE => {
            if text.as_ref().is_some_and(|title| title.contains('\n')) {
                return Err(Error::invalid_arg(
                    ErrorDomain::NETWORK,
                    "metadata title can't contain newlines",
                ));
            }
            def.title = text;
        }
        MetadataType::ELEMENT => set_element(def, call)?,
        _ => return Err(unknown()),
    }
    def.port_forwards().map(drop).map_err(|error| of_document(&error))
}

fn set_element(def: &mut NetworkDef, call: &NetworkSetMetadata) -> Result<()> {
    let missing = |what: &str| {
        Error::invalid_arg(ErrorDomain::NETWORK, &format!("{what} in virNetworkSetMetadata must not be NULL"))
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
