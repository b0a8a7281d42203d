//! What a domain is and does.

use protocol::calls::{
    DomainGetInfo, DomainGetOsType, DomainGetState, DomainHasManagedSaveImage, DomainIsActive,
    DomainIsPersistent, DomainIsUpdated,
};
use protocol::types::DomainInfo;
use protocol::{Error, Result};
use rpc::Router;

use super::{Context, no_flags};
use crate::Lxc;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(info).on(state).on(os_type);
    r.on(is_active).on(is_persistent).on(is_updated).on(has_managed_save_image);
}

async fn info(cx: Context, call: DomainGetInfo) -> Result<DomainInfo> {
    let domain = cx.driver.domains.find(&call.dom)?;
    let state = domain.read();
    let def = state.current().ok_or_else(|| Error::no_domain(&call.dom))?;
    let mut info = DomainInfo {
        state: u8::try_from(state.numbers().0.0).unwrap_or(0),
        maxMem: def.memory.total.0,
        memory: def.memory.current.0,
        nrVirtCpu: u16::try_from(def.vcpu.current).unwrap_or(u16::MAX),
        cpuTime: 0,
    };
    let cgroup = state.run.as_ref().map(|run| std::sync::Arc::clone(&run.cgroup));
    drop(state);
    if let Some(cgroup) = cgroup {
        // The container may end at any time; its last figures are then as good as none.
        info.cpuTime = cgroup.cpu_time().unwrap_or(0);
        info.memory = cgroup.memory_usage().unwrap_or(0);
    }
    Ok(info)
}

async fn state(cx: Context, call: DomainGetState) -> Result<(i32, i32)> {
    no_flags(call.flags, "lxcDomainGetState")?;
    let (state, reason) = cx.driver.domains.find(&call.dom)?.read().numbers();
    Ok((state.0, reason))
}

async fn os_type(cx: Context, call: DomainGetOsType) -> Result<String> {
    let domain = cx.driver.domains.find(&call.dom)?;
    let kind = domain.read().current().map(|def| def.os.kind.clone());
    kind.ok_or_else(|| Error::no_domain(&call.dom))
}

async fn is_active(cx: Context, call: DomainIsActive) -> Result<i32> {
    Ok(cx.driver.domains.find(&call.dom)?.read().run.is_some().into())
}

async fn is_persistent(cx: Context, call: DomainIsPersistent) -> Result<i32> {
    Ok(cx.driver.domains.find(&call.dom)?.read().is_persistent().into())
}

async fn is_updated(cx: Context, call: DomainIsUpdated) -> Result<i32> {
    cx.driver.domains.find(&call.dom)?;
    Ok(0)
}

/// There is no saved image before there is a way to save.
async fn has_managed_save_image(cx: Context, call: DomainHasManagedSaveImage) -> Result<i32> {
    no_flags(call.flags, "lxcDomainHasManagedSaveImage")?;
    cx.driver.domains.find(&call.dom)?;
    Ok(0)
}
