//! Devices come, go and change.

use protocol::Result;
use protocol::calls::{
    DomainAttachDevice, DomainAttachDeviceFlags, DomainDetachDevice, DomainDetachDeviceAlias,
    DomainDetachDeviceFlags, DomainUpdateDeviceFlags,
};
use protocol::consts::AffectFlags;
use protocol::types::Domain as OnWire;
use rpc::Router;

use super::{Context, flags};
use crate::Lxc;
use crate::hotplug::{self, Action};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(attach_device).on(attach_device_flags).on(detach_device).on(detach_device_flags);
    r.on(detach_device_alias).on(update_device_flags);
}

const AFFECT: AffectFlags = AffectFlags::LIVE.union(AffectFlags::CONFIG);

async fn attach_device(cx: Context, call: DomainAttachDevice) -> Result<()> {
    change(&cx, &call.dom, &call.xml, Action::Attach, AffectFlags::LIVE).await
}

async fn attach_device_flags(cx: Context, call: DomainAttachDeviceFlags) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "lxcDomainAttachDeviceFlags")?;
    change(&cx, &call.dom, &call.xml, Action::Attach, affect).await
}

async fn detach_device(cx: Context, call: DomainDetachDevice) -> Result<()> {
    change(&cx, &call.dom, &call.xml, Action::Detach, AffectFlags::LIVE).await
}

async fn detach_device_flags(cx: Context, call: DomainDetachDeviceFlags) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "lxcDomainDetachDeviceFlags")?;
    change(&cx, &call.dom, &call.xml, Action::Detach, affect).await
}

async fn detach_device_alias(cx: Context, call: DomainDetachDeviceAlias) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "lxcDomainDetachDeviceAlias")?;
    let domain = cx.driver.domains.find(&call.dom)?;
    hotplug::detach_alias(&cx.driver, &domain, &call.alias, affect).await
}

async fn update_device_flags(cx: Context, call: DomainUpdateDeviceFlags) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "lxcDomainUpdateDeviceFlags")?;
    change(&cx, &call.dom, &call.xml, Action::Update, affect).await
}

async fn change(cx: &Context, dom: &OnWire, xml: &str, action: Action, affect: AffectFlags) -> Result<()> {
    let domain = cx.driver.domains.find(dom)?;
    let device = hotplug::read(&cx.driver, xml)?;
    hotplug::change(&cx.driver, &domain, &device, action, affect).await
}
