//! Starting and stopping.

use std::sync::Arc;

use protocol::calls::{NetworkCreate, NetworkCreateXml, NetworkCreateXmlFlags, NetworkDestroy};
use protocol::consts::NetworkDefineFlags;
use protocol::types::Network as OnWire;
use protocol::{Result, Uuid};
use rpc::Router;

use super::{Context, flags};
use crate::error::{invalid, not_active};
use crate::network::Network;
use crate::{Networks, define, start};

pub(super) fn routes(r: &mut Router<Networks>) {
    r.on(create).on(create_xml).on(create_xml_flags).on(destroy);
}

async fn create(cx: Context, call: NetworkCreate) -> Result<()> {
    let network = cx.driver.registry.find(&call.net)?;
    start::start_defined(&cx.driver, &network).await
}

async fn create_xml(cx: Context, call: NetworkCreateXml) -> Result<OnWire> {
    create_transient(&cx.driver, &call.xml).await
}

async fn create_xml_flags(cx: Context, call: NetworkCreateXmlFlags) -> Result<OnWire> {
    flags(call.flags, NetworkDefineFlags::VALIDATE, "networkCreateXMLFlags")?;
    create_transient(&cx.driver, &call.xml).await
}

/// Starts a network without a definition, or a defined one with another document.
async fn create_transient(driver: &Networks, xml: &str) -> Result<OnWire> {
    let (network, def) = {
        let _definitions = driver.definitions.lock().await;
        let def = define::read(driver, xml).await?;
        let existing = define::existing(driver, &def)?;
        let network = existing.unwrap_or_else(|| {
            let network = Arc::new(Network::new(Uuid(def.uuid.0), &def.name, None, false));
            driver.registry.insert(&network);
            network
        });
        (network, def)
    };
    let _job = network.begin_job().await?;
    if network.read().is_active() {
        return Err(invalid(&format!("network is already active as '{}'", network.name)));
    }
    // Another client's attempt with the same document may have failed, and dropped it.
    driver.registry.insert(&network);
    if let Err(error) = start::start(driver, &network, &def).await {
        driver.forget(&network);
        return Err(error);
    }
    Ok(network.on_wire())
}

async fn destroy(cx: Context, call: NetworkDestroy) -> Result<()> {
    let network = cx.driver.registry.find(&call.net)?;
    let _job = network.begin_job().await?;
    if !network.read().is_active() {
        return Err(not_active(&network.name));
    }
    start::destroy(&cx.driver, &network).await;
    Ok(())
}
