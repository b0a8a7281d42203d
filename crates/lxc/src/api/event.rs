//! Registration for events.

use protocol::Result;
use protocol::calls::{
    ConnectDomainEventCallbackDeregisterAny, ConnectDomainEventCallbackRegisterAny,
    ConnectDomainEventDeregister, ConnectDomainEventDeregisterAny, ConnectDomainEventRegister,
    ConnectDomainEventRegisterAny,
};
use protocol::consts::DomainEventId;
use rpc::Router;

use super::Context;
use crate::Lxc;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(register).on(deregister).on(register_any).on(deregister_any);
    r.on(callback_register_any).on(callback_deregister_any);
}

async fn register(cx: Context, _: ConnectDomainEventRegister) -> Result<i32> {
    cx.driver.events.register_legacy(&cx.client, DomainEventId::LIFECYCLE.0)?;
    Ok(0)
}

async fn deregister(cx: Context, _: ConnectDomainEventDeregister) -> Result<i32> {
    cx.driver.events.deregister_legacy(&cx.client, DomainEventId::LIFECYCLE.0)?;
    Ok(0)
}

async fn register_any(cx: Context, call: ConnectDomainEventRegisterAny) -> Result<()> {
    cx.driver.events.register_legacy(&cx.client, call.eventID)
}

async fn deregister_any(cx: Context, call: ConnectDomainEventDeregisterAny) -> Result<()> {
    cx.driver.events.deregister_legacy(&cx.client, call.eventID)
}

async fn callback_register_any(cx: Context, call: ConnectDomainEventCallbackRegisterAny) -> Result<i32> {
    cx.driver.events.register(&cx.client, call.eventID, call.dom.map(|dom| dom.uuid))
}

async fn callback_deregister_any(cx: Context, call: ConnectDomainEventCallbackDeregisterAny) -> Result<()> {
    cx.driver.events.deregister(&cx.client, call.callbackID)
}
