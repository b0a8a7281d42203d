//! What a network is.

use protocol::Result;
use protocol::calls::{NetworkGetBridgeName, NetworkIsActive, NetworkIsPersistent};
use rpc::Router;

use super::Context;
use crate::Networks;
use crate::error::internal;

pub(super) fn routes(r: &mut Router<Networks>) {
    r.on(bridge_name).on(is_active).on(is_persistent);
}

async fn bridge_name(cx: Context, call: NetworkGetBridgeName) -> Result<String> {
    let network = cx.driver.registry.find(&call.net)?;
    let bridge = network.read().current().and_then(|def| def.bridge.name.clone());
    bridge.ok_or_else(|| internal(&format!("network '{}' does not have a bridge name.", network.name)))
}

async fn is_active(cx: Context, call: NetworkIsActive) -> Result<i32> {
    let network = cx.driver.registry.find(&call.net)?;
    let active = network.read().is_active();
    Ok(active.into())
}

async fn is_persistent(cx: Context, call: NetworkIsPersistent) -> Result<i32> {
    let network = cx.driver.registry.find(&call.net)?;
    let persistent = network.read().is_persistent();
    Ok(persistent.into())
}
