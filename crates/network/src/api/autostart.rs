//! Starting with the host.

use protocol::Result;
use protocol::calls::{NetworkGetAutostart, NetworkSetAutostart};
use rpc::Router;

use super::Context;
use crate::{Networks, define};

pub(super) fn routes(r: &mut Router<Networks>) {
    r.on(autostart).on(set_autostart);
}

async fn autostart(cx: Context, call: NetworkGetAutostart) -> Result<i32> {
    let network = cx.driver.registry.find(&call.net)?;
    let autostart = network.read().autostart;
    Ok(autostart.into())
}

async fn set_autostart(cx: Context, call: NetworkSetAutostart) -> Result<()> {
    let network = cx.driver.registry.find(&call.net)?;
    let _definitions = cx.driver.definitions.lock().await;
    define::set_autostart(&cx.driver, &network, call.autostart != 0).await
}
