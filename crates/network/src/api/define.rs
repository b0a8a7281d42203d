//! Definitions.

use std::sync::Arc;

use protocol::calls::{NetworkDefineXml, NetworkDefineXmlFlags, NetworkGetXmlDesc, NetworkUndefine};
use protocol::consts::{NetworkDefineFlags, NetworkLifecycleEvent, NetworkXmlFlags};
use protocol::types::Network as OnWire;
use protocol::{Result, Uuid};
use rpc::Router;

use super::{Context, flags};
use crate::error::{internal, invalid};
use crate::network::Network;
use crate::{Networks, define};

pub(super) fn routes(r: &mut Router<Networks>) {
    r.on(define_xml).on(define_xml_flags).on(undefine).on(xml_desc);
}

async fn define_xml(cx: Context, call: NetworkDefineXml) -> Result<OnWire> {
    define(&cx.driver, &call.xml).await
}

async fn define_xml_flags(cx: Context, call: NetworkDefineXmlFlags) -> Result<OnWire> {
    flags(call.flags, NetworkDefineFlags::VALIDATE, "networkDefineXMLFlags")?;
    define(&cx.driver, &call.xml).await
}

async fn define(driver: &Networks, xml: &str) -> Result<OnWire> {
    let _definitions = driver.definitions.lock().await;
    let def = Arc::new(define::read(driver, xml).await?);
    let existing = define::existing(driver, &def)?;
    define::save(driver, &def).await?;
    let network = match existing {
        Some(network) => {
            network.write().config = Some(def);
            network
        }
        None => Arc::new(Network::new(Uuid(def.uuid.0), &def.name, Some(Arc::clone(&def)), false)),
    };
    driver.registry.insert(&network);
    driver.events.lifecycle(&network.on_wire(), NetworkLifecycleEvent::DEFINED);
    tracing::info!(network = network.name, "defined");
    Ok(network.on_wire())
}

async fn undefine(cx: Context, call: NetworkUndefine) -> Result<()> {
    let driver = &cx.driver;
    let network = driver.registry.find(&call.net)?;
    let _definitions = driver.definitions.lock().await;
    let bridge = {
        let state = network.read();
        let config = state.config.as_ref().ok_or_else(|| invalid("can't undefine transient network"))?;
        config.bridge.name.clone().filter(|_| config.makes_bridge() && !state.is_active())
    };
    define::remove(driver, &network.name).await?;
    {
        let mut state = network.write();
        state.config = None;
        state.autostart = false;
    }
    if let Some(bridge) = bridge {
        define::discard(&driver.paths.leases(&bridge));
    }
    driver.events.lifecycle(&network.on_wire(), NetworkLifecycleEvent::UNDEFINED);
    driver.forget(&network);
    Ok(())
}

async fn xml_desc(cx: Context, call: NetworkGetXmlDesc) -> Result<String> {
    let flags = flags(call.flags, NetworkXmlFlags::INACTIVE, "networkGetXMLDesc")?;
    let network = cx.driver.registry.find(&call.net)?;
    let inactive = flags.contains(NetworkXmlFlags::INACTIVE);
    let state = network.read();
    match (&state.run, &state.config) {
        (Some(run), _) if !inactive => Ok(run.live_def().format(false)),
        (_, Some(config)) => Ok(config.format(true)),
        (Some(run), None) => Ok(run.def.format(true)),
        (None, None) => Err(internal("the network is gone")),
    }
}
