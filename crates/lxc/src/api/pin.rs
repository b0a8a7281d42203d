//! Which processors of the host are used.

use cgroup::Limits;
use conf::domain::{CpuSet, DomainDef, Pin};
use protocol::calls::{
    DomainGetEmulatorPinInfo, DomainGetIothreadInfo, DomainGetVcpuPinInfo, DomainPinEmulator, DomainPinVcpu,
    DomainPinVcpuFlags,
};
use protocol::consts::{AffectFlags, param};
use protocol::limits::{CPUMAPS_MAX, IOTHREAD_INFO_MAX};
use protocol::params::TypedParam;
use protocol::types::{Domain as OnWire, IoThreadInfo};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use xdr::{List, Opaque};

use super::{AFFECT, Context, flags, vcpu};
use crate::events::Event;
use crate::impact::{Target, asked, change};
use crate::vcpus::{self, HostCpus};
use crate::{Lxc, cpumap};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(pin_vcpu).on(pin_vcpu_flags).on(vcpu_pin_info);
    r.on(pin_emulator).on(emulator_pin_info).on(iothread_info);
}

async fn pin_vcpu(cx: Context, call: DomainPinVcpu) -> Result<()> {
    pin(&cx.driver, &call.dom, call.vcpu, &call.cpumap, AffectFlags::LIVE).await
}

async fn pin_vcpu_flags(cx: Context, call: DomainPinVcpuFlags) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "lxcDomainPinVcpuFlags")?;
    pin(&cx.driver, &call.dom, call.vcpu, &call.cpumap, affect).await
}

async fn pin(lxc: &Lxc, dom: &OnWire, vcpu: u32, map: &[u8], affect: AffectFlags) -> Result<()> {
    let domain = lxc.domains.find(dom)?;
    let host = HostCpus::of(&lxc.host);
    let set = cpumap::read(map, &host)?;
    let edit = |def: &mut DomainDef, target: Target| {
        let (kind, count) = match target {
            Target::Live => ("live", def.vcpu.current),
            Target::Config => ("persistent", def.vcpu.max),
        };
        if vcpu >= count {
            let detail = format!("vcpu {vcpu} is out of range of {kind} cpu count {count}");
            return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
        }
        let pins = &mut def.cputune.vcpupin;
        pins.retain(|pin| pin.vcpu != vcpu);
        if !is_all(&set, &host) {
            pins.push(Pin { vcpu, cpuset: set.clone() });
            pins.sort_by_key(|pin| pin.vcpu);
        }
        Ok(())
    };
    change(lxc, &domain, affect, edit, |def, run| vcpu::limits(lxc, def, run)).await?;
    let name = format!("{}{vcpu}", param::TUNABLE_CPU_VCPUPIN);
    tell(lxc, dom, affect, &name, &set)
}

/// Pinned to all is not pinned.
fn is_all(set: &CpuSet, host: &HostCpus) -> bool {
    host.online.iter().all(|cpu| set.contains(*cpu))
}

/// Sends the event of a changed running domain.
fn tell(lxc: &Lxc, dom: &OnWire, affect: AffectFlags, name: &str, set: &CpuSet) -> Result<()> {
    let domain = lxc.domains.find(dom)?;
    if domain.read().run.is_some() && affect != AffectFlags::CONFIG {
        let params = vec![TypedParam::new(name, set.to_string())];
        lxc.events.send(&domain.on_wire(), &Event::Tunable { params });
    }
    Ok(())
}

async fn vcpu_pin_info(cx: Context, call: DomainGetVcpuPinInfo) -> Result<(Opaque<CPUMAPS_MAX>, i32)> {
    let (room, bytes) = vcpu::maps_room(call.ncpumaps, call.maplen, "ncpumaps")?;
    let affect = flags(call.flags, AFFECT, "lxcDomainGetVcpuPinInfo")?;
    let asked = asked(&*cx.driver.domains.find(&call.dom)?, affect)?;
    let host = HostCpus::of(&cx.driver.host);
    let count = asked.def().vcpu.max.min(u32::try_from(room).unwrap_or(u32::MAX));
    let maps = (0..count).flat_map(|vcpu| cpumap::write(vcpus::allowed(asked.def(), vcpu, &host), bytes));
    Ok((maps.collect::<Vec<_>>().into(), i32::try_from(count).unwrap_or(i32::MAX)))
}

/// The monitor is to a container what the emulator is to a virtual machine.
async fn pin_emulator(cx: Context, call: DomainPinEmulator) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "lxcDomainPinEmulator")?;
    let host = HostCpus::of(&cx.driver.host);
    let set = cpumap::read(&call.cpumap, &host)?;
    let domain = cx.driver.domains.find(&call.dom)?;
    let edit = |def: &mut DomainDef, _: Target| {
        def.cputune.emulatorpin = (!is_all(&set, &host)).then(|| set.clone());
        Ok(())
    };
    let limits =
        |_: &DomainDef, _: &_| Ok(Limits { monitor_cpus: Some(cpumap::list(&set)), ..Limits::default() });
    change(&cx.driver, &domain, affect, edit, limits).await?;
    tell(&cx.driver, &call.dom, affect, param::TUNABLE_CPU_EMULATORPIN, &set)
}

async fn emulator_pin_info(
    cx: Context,
    call: DomainGetEmulatorPinInfo,
) -> Result<(Opaque<CPUMAPS_MAX>, i32)> {
    let (_, bytes) = vcpu::maps_room(1, call.maplen, "ncpumaps")?;
    let affect = flags(call.flags, AFFECT, "lxcDomainGetEmulatorPinInfo")?;
    let asked = asked(&*cx.driver.domains.find(&call.dom)?, affect)?;
    let def = asked.def();
    let cpus: Vec<u32> = match def.cputune.emulatorpin.as_ref().or(def.vcpu.cpuset.as_ref()) {
        Some(set) => set.iter().collect(),
        None => HostCpus::of(&cx.driver.host).online,
    };
    Ok((cpumap::write(cpus, bytes).into(), 1))
}

/// A container has none; what would change them is answered "not supported".
async fn iothread_info(
    cx: Context,
    call: DomainGetIothreadInfo,
) -> Result<(List<IoThreadInfo, IOTHREAD_INFO_MAX>, u32)> {
    let affect = flags(call.flags, AFFECT, "lxcDomainGetIOThreadInfo")?;
    asked(&*cx.driver.domains.find(&call.dom)?, affect)?;
    Ok((List::default(), 0))
}
