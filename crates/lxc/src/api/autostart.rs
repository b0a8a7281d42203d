//! Starting with the host.

use protocol::Result;
use protocol::calls::{
    DomainGetAutostart, DomainGetAutostartOnce, DomainSetAutostart, DomainSetAutostartOnce,
};
use rpc::Router;

use super::Context;
use crate::{Lxc, define};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(autostart).on(set_autostart).on(autostart_once).on(set_autostart_once);
}

async fn autostart(cx: Context, call: DomainGetAutostart) -> Result<i32> {
    let domain = cx.driver.domains.find(&call.dom)?;
    let autostart = domain.read().autostart;
    Ok(autostart.into())
}

async fn set_autostart(cx: Context, call: DomainSetAutostart) -> Result<()> {
    let domain = cx.driver.domains.find(&call.dom)?;
    let _definitions = cx.driver.definitions.lock().await;
    define::set_autostart(&cx.driver, &domain, call.autostart != 0).await
}

async fn autostart_once(cx: Context, call: DomainGetAutostartOnce) -> Result<i32> {
    let domain = cx.driver.domains.find(&call.dom)?;
    let once = domain.read().autostart_once;
    Ok(once.into())
}

async fn set_autostart_once(cx: Context, call: DomainSetAutostartOnce) -> Result<()> {
    let domain = cx.driver.domains.find(&call.dom)?;
    let _definitions = cx.driver.definitions.lock().await;
    define::set_autostart_once(&cx.driver, &domain, call.autostart != 0).await
}
