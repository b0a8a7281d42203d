//! The number of virtual processors.

use std::ops::Range;

use cgroup::Limits;
use conf::domain::{CpuSet, DomainDef};
use protocol::calls::{
    DomainGetGuestVcpus, DomainGetMaxVcpus, DomainGetVcpus, DomainGetVcpusFlags, DomainSetGuestVcpus,
    DomainSetVcpu, DomainSetVcpus, DomainSetVcpusFlags,
};
use protocol::consts::{AffectFlags, VcpuFlags, VcpuState};
use protocol::limits::{CPUMAPS_MAX, DOMAIN_GUEST_VCPU_PARAMS_MAX, VCPUINFO_MAX};
use protocol::params::{Params, TypedParam};
use protocol::types::{Domain as OnWire, VcpuInfo};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use xdr::{List, Opaque};

use super::{AFFECT, Context, flags, no_flags};
use crate::domain::Run;
use crate::error::invalid;
use crate::impact::{Target, asked, change};
use crate::vcpus::{self, HostCpus};
use crate::{Lxc, cpumap};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(set_vcpus).on(set_vcpus_flags).on(vcpus_flags).on(max_vcpus).on(vcpus);
    r.on(set_vcpu).on(guest_vcpus).on(set_guest_vcpus);
}

async fn set_vcpus(cx: Context, call: DomainSetVcpus) -> Result<()> {
    set(&cx.driver, &call.dom, call.nvcpus, VcpuFlags::LIVE).await
}

async fn set_vcpus_flags(cx: Context, call: DomainSetVcpusFlags) -> Result<()> {
    let flags = flags(call.flags, <VcpuFlags as bitflags::Flags>::all(), "lxcDomainSetVcpusFlags")?;
    set(&cx.driver, &call.dom, call.nvcpus, flags).await
}

async fn set(lxc: &Lxc, dom: &OnWire, count: u32, flags: VcpuFlags) -> Result<()> {
    if count == 0 {
        return Err(Error::invalid_arg(
            ErrorDomain::LXC,
            "nvcpus in virDomainSetVcpusFlags must not be zero",
        ));
    }
    let domain = lxc.domains.find(dom)?;
    if flags.contains(VcpuFlags::GUEST) {
        // What the guest sees is what it has.
        domain.run()?;
    }
    let maximum = flags.contains(VcpuFlags::MAXIMUM);
    let edit = |def: &mut DomainDef, target: Target| {
        if maximum { set_maximum(def, count, target) } else { set_current(def, count, target) }
    };
    change(lxc, &domain, affect(flags), edit, |def, run| limits(lxc, def, run)).await
}

/// The flags that say which definitions are meant.
fn affect(flags: VcpuFlags) -> AffectFlags {
    AffectFlags::from_bits_retain(flags.bits() & AFFECT.bits())
}

fn set_maximum(def: &mut DomainDef, count: u32, target: Target) -> Result<()> {
    if target == Target::Live {
        return Err(invalid("maximum vcpu count of a live domain can't be modified"));
    }
    if count > VCPUINFO_MAX {
        let detail = format!("requested vcpus is greater than max allowable vcpus: {count} > {VCPUINFO_MAX}");
        return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    }
    def.vcpu.max = count;
    def.vcpu.current = def.vcpu.current.min(count);
    def.cputune.vcpupin.retain(|pin| pin.vcpu < count);
    Ok(())
}

fn set_current(def: &mut DomainDef, count: u32, target: Target) -> Result<()> {
    let max = def.vcpu.max;
    if count > max {
        let which = if target == Target::Live { "live" } else { "persistent" };
        let detail = format!(
            "requested vcpus is greater than max allowable vcpus for the {which} domain: {count} > {max}"
        );
        return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    }
    def.vcpu.current = count;
    Ok(())
}

/// What a running container may use with a changed definition.
pub(super) fn limits(lxc: &Lxc, def: &DomainDef, run: &Run) -> Result<Limits> {
    let host = HostCpus::of(&lxc.host);
    let present: Vec<u32> = run.cpus.as_ref().as_ref().map(|set| set.iter().collect()).unwrap_or_default();
    let chosen = vcpus::choose(def, &host, &present, |cpu| lxc.domains.load(cpu));
    let set = chosen.unwrap_or_else(|| host.online.iter().copied().collect());
    let monitor = def.cputune.emulatorpin.as_ref().map(cpumap::list);
    Ok(Limits { cpuset_cpus: Some(cpumap::list(&set)), monitor_cpus: monitor, ..Limits::default() })
}

async fn vcpus_flags(cx: Context, call: DomainGetVcpusFlags) -> Result<i32> {
    let supported = VcpuFlags::LIVE | VcpuFlags::CONFIG | VcpuFlags::MAXIMUM | VcpuFlags::GUEST;
    let flags = flags(call.flags, supported, "lxcDomainGetVcpusFlags")?;
    let domain = cx.driver.domains.find(&call.dom)?;
    if flags.contains(VcpuFlags::GUEST) {
        domain.run()?;
    }
    let asked = asked(&domain, affect(flags))?;
    let vcpu = &asked.def().vcpu;
    Ok(signed(if flags.contains(VcpuFlags::MAXIMUM) { vcpu.max } else { vcpu.current }))
}

async fn max_vcpus(cx: Context, call: DomainGetMaxVcpus) -> Result<i32> {
    let domain = cx.driver.domains.find(&call.dom)?;
    let max = domain.read().current().map(|def| def.vcpu.max);
    max.map(signed).ok_or_else(|| Error::no_domain(&call.dom))
}

async fn vcpus(
    cx: Context,
    call: DomainGetVcpus,
) -> Result<(List<VcpuInfo, VCPUINFO_MAX>, Opaque<CPUMAPS_MAX>)> {
    let (room, bytes) = maps_room(call.maxinfo, call.maplen, "maxinfo")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let host = HostCpus::of(&cx.driver.host);
    let (mut infos, mut maps) = (Vec::new(), Vec::new());
    for (number, vcpu) in (0..).zip(vcpus::figures(&run, &host).into_iter().take(room)) {
        infos.push(VcpuInfo {
            number,
            state: VcpuState::RUNNING.0,
            cpu_time: vcpu.time,
            cpu: vcpu.cpu.map_or(-1, signed),
        });
        maps.extend(cpumap::write(vcpus::allowed(&run.def, number, &host), bytes));
    }
    Ok((infos.into(), maps.into()))
}

/// How many virtual processors a client has room for, and how many bytes for the map of each.
pub(super) fn maps_room(count: i32, maplen: i32, what: &str) -> Result<(usize, usize)> {
    let room = u32::try_from(count).ok().filter(|count| *count <= VCPUINFO_MAX);
    let room = room.ok_or_else(|| Error::rpc(&format!("{what} > REMOTE_VCPUINFO_MAX")))?;
    let bytes = u32::try_from(maplen).ok();
    let total = bytes.and_then(|bytes| bytes.checked_mul(room)).filter(|total| *total <= CPUMAPS_MAX);
    total.ok_or_else(|| Error::rpc(&format!("{what} * maplen > REMOTE_CPUMAPS_MAX")))?;
    let size = |number: u32| usize::try_from(number).unwrap_or(0);
    Ok((size(room), bytes.map_or(0, size)))
}

async fn set_vcpu(cx: Context, call: DomainSetVcpu) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "lxcDomainSetVcpu")?;
    switch(&cx.driver, &call.dom, &call.cpumap, call.state, affect).await
}

async fn set_guest_vcpus(cx: Context, call: DomainSetGuestVcpus) -> Result<()> {
    no_flags(call.flags, "lxcDomainSetGuestVcpus")?;
    switch(&cx.driver, &call.dom, &call.cpumap, call.state, AffectFlags::LIVE).await
}

/// Switches virtual processors on or off. They have no identity, so those in use are always the first.
async fn switch(lxc: &Lxc, dom: &OnWire, map: &str, state: i32, affect: AffectFlags) -> Result<()> {
    let on = match state {
        0 => false,
        1 => true,
        other => {
            let detail = format!("state in virDomainSetVcpu must be 0 or 1, not {other}");
            return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
        }
    };
    let wanted = CpuSet::parse(map).ok().filter(|set| !set.is_empty());
    let wanted = wanted
        .ok_or_else(|| Error::invalid_arg(ErrorDomain::LXC, &format!("Failed to parse bitmap '{map}'")))?;
    let edit = |def: &mut DomainDef, _: Target| {
        def.vcpu.current = switched(0..def.vcpu.current, def.vcpu.max, &wanted, on)?;
        Ok(())
    };
    let domain = lxc.domains.find(dom)?;
    change(lxc, &domain, affect, edit, |def, run| limits(lxc, def, run)).await
}

/// How many are on afterwards.
fn switched(present: Range<u32>, max: u32, wanted: &CpuSet, on: bool) -> Result<u32> {
    let refuse = |detail: String| Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    if let Some(missing) = wanted.iter().find(|vcpu| *vcpu >= max) {
        return refuse(format!("vcpu '{missing}' is not present in the domain"));
    }
    if !on && wanted.contains(0) {
        return refuse("vcpu '0' can't be unplugged".to_owned());
    }
    let after = (0..max).filter(|vcpu| if wanted.contains(*vcpu) { on } else { present.contains(vcpu) });
    let after: Vec<u32> = after.collect();
    let count = u32::try_from(after.len()).unwrap_or(max);
    if after.iter().copied().ne(0..count) {
        return Err(Error::operation_unsupported(
            ErrorDomain::LXC,
            "vcpus of a container are switched on in order and off in reverse order",
        ));
    }
    Ok(count)
}

async fn guest_vcpus(cx: Context, call: DomainGetGuestVcpus) -> Result<Params<DOMAIN_GUEST_VCPU_PARAMS_MAX>> {
    no_flags(call.flags, "lxcDomainGetGuestVcpus")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let vcpu = &run.def.vcpu;
    let list = |range: Range<u32>| range.collect::<CpuSet>().to_string();
    let params = vec![
        TypedParam::new("vcpus", list(0..vcpu.max)),
        TypedParam::new("online", list(0..vcpu.current)),
        TypedParam::new("offlinable", list(1..vcpu.max)),
    ];
    Ok(params.into())
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switching_keeps_the_order() {
        let check = |present, max, wanted: &str, on, expect: Result<u32, i32>| {
            let found = switched(0..present, max, &CpuSet::parse(wanted).unwrap(), on);
            assert_eq!(found.map_err(|error| error.code.0), expect, "{present} {max} {wanted} {on}");
        };
        check(1, 4, "1", true, Ok(2));
        check(1, 4, "1-3", true, Ok(4));
        check(2, 4, "1", true, Ok(2));
        check(3, 4, "1-2", false, Ok(1));
        check(1, 4, "3", true, Err(84));
        check(3, 4, "1", false, Err(84));
        check(3, 4, "0", false, Err(8));
        check(3, 4, "4", true, Err(8));
    }

    #[test]
    fn room_for_maps() {
        assert_eq!(maps_room(4, 2, "maxinfo").unwrap(), (4, 2));
        assert_eq!(maps_room(0, 0, "maxinfo").unwrap(), (0, 0));
        for (count, bytes) in [(-1, 1), (1, -1), (16_385, 1), (16_384, 513), (i32::MAX, i32::MAX)] {
            assert!(maps_room(count, bytes, "maxinfo").is_err(), "{count} {bytes}");
        }
    }
}
