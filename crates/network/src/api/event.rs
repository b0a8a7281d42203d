//! Registration for events.

use protocol::Result;
use protocol::calls::{ConnectNetworkEventDeregisterAny, ConnectNetworkEventRegisterAny};
use rpc::Router;

use super::Context;
use crate::Networks;

pub(super) fn routes(r: &mut Router<Networks>) {
    r.on(register_any).on(deregister_any);
}

async fn register_any(cx: Context, call: ConnectNetworkEventRegisterAny) -> Result<i32> {
    cx.driver.events.register(&cx.client, call.eventID, call.net.map(|net| net.uuid))
}

async fn deregister_any(cx: Context, call: ConnectNetworkEventDeregisterAny) -> Result<()> {
    cx.driver.events.deregister(&cx.client, call.callbackID)
}
