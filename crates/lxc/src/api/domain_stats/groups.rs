//! The groups of figures.

use std::collections::HashMap;
use std::sync::Arc;

use cgroup::Resource;
use conf::domain::{DiskSource, DomainDef};
use protocol::Uuid;
use protocol::consts::{DomainState, MemoryStatTag, StatsTypes, VcpuState, stats};
use protocol::types::InterfaceStats;

use super::Figures;
use crate::Lxc;
use crate::domain::Run;
use crate::figures::{self, Memory};
use crate::vcpus;

/// Progress of a measurement of dirty memory that nobody began (`VIR_DOMAIN_DIRTYRATE_UNSTARTED`).
const DIRTYRATE_UNSTARTED: i32 = 0;

/// What is the same for all domains, looked at once.
#[derive(Debug)]
pub(super) struct Host {
    lxc: Arc<Lxc>,
    interfaces: HashMap<String, InterfaceStats>,
    cpus: vcpus::HostCpus,
}

impl Host {
    pub(super) fn look(lxc: &Arc<Lxc>, wanted: StatsTypes) -> Self {
        let interfaces = wanted.contains(StatsTypes::INTERFACE).then(figures::network_devices);
        let cpus = vcpus::HostCpus::of(&lxc.host);
        Self { lxc: Arc::clone(lxc), interfaces: interfaces.unwrap_or_default(), cpus }
    }
}

/// A domain, and its run if it has one.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) def: &'a DomainDef,
    pub(super) run: Option<&'a Run>,
    pub(super) numbers: (DomainState, i32),
}

/// Adds the wanted groups. What the kernel does not tell (the container may end at any time) is left out.
pub(super) fn add_all(subject: &Subject<'_>, host: &Host, wanted: StatsTypes, list: &mut Figures) {
    if wanted.contains(StatsTypes::STATE) {
        list.add(stats::STATE_STATE, subject.numbers.0.0);
        list.add(stats::STATE_REASON, subject.numbers.1);
    }
    if let Some(run) = subject.run
        && wanted.contains(StatsTypes::CPU_TOTAL)
    {
        cpu_total(run, list);
    }
    if wanted.contains(StatsTypes::BALLOON) {
        balloon(subject, list);
    }
    if wanted.contains(StatsTypes::VCPU) {
        vcpu(subject, host, list);
    }
    if wanted.contains(StatsTypes::BLOCK) {
        block(subject, list);
    }
    let Some(run) = subject.run else { return };
    if wanted.contains(StatsTypes::INTERFACE) {
        interfaces(run, host, list);
    }
    if wanted.contains(StatsTypes::PERF) {
        for (name, count) in host.lxc.perf.counts(Uuid(subject.def.uuid.0)) {
            list.add(format!("perf.{name}"), count);
        }
    }
    if wanted.contains(StatsTypes::IOTHREAD) {
        list.add("iothread.count", 0_u32);
    }
    if wanted.contains(StatsTypes::MEMORY) {
        // Monitors of memory bandwidth belong to virtual machines.
        list.add("memory.bandwidth.monitor.count", 0_u32);
    }
    if wanted.contains(StatsTypes::DIRTYRATE) {
        list.add("dirtyrate.calc_status", DIRTYRATE_UNSTARTED);
    }
}

fn cpu_total(run: &Run, list: &mut Figures) {
    if let Ok(usage) = run.cgroup.cpu_usage() {
        list.add(stats::CPU_TIME, usage.total);
        list.add(stats::CPU_USER, usage.user);
        list.add(stats::CPU_SYSTEM, usage.system);
    }
    pressure(run, Resource::Cpu, list);
}

/// How long processes waited, which libvirt has no words for: those of the kernel.
fn pressure(run: &Run, resource: Resource, list: &mut Figures) {
    let Ok(Some(stall)) = run.cgroup.stall(resource) else { return };
    for (share, time) in [("some", stall.some), ("full", stall.full)] {
        let name = |what: &str| format!("pressure.{}.{share}.{what}", resource.name());
        list.add(name("avg10"), time.avg10);
        list.add(name("avg60"), time.avg60);
        list.add(name("avg300"), time.avg300);
        list.add(name("total"), time.total);
    }
}

fn balloon(subject: &Subject<'_>, list: &mut Figures) {
    let size = figures::size(subject.def).0;
    list.add(stats::BALLOON_CURRENT, size);
    list.add(stats::BALLOON_MAXIMUM, subject.def.memory.total.0);
    let Some(run) = subject.run else { return };
    if let Ok(memory) = Memory::of(run) {
        for (tag, value) in crate::api::stats::tags(&memory) {
            if let Some(name) = balloon_name(tag) {
                list.add(name, value);
            }
        }
    }
    if let Ok(kills) = run.cgroup.oom_kills() {
        list.add("balloon.oom_kill", kills);
    }
    pressure(run, Resource::Memory, list);
}

const fn balloon_name(tag: MemoryStatTag) -> Option<&'static str> {
    Some(match tag {
        MemoryStatTag::SWAP_IN => stats::BALLOON_SWAP_IN,
        MemoryStatTag::SWAP_OUT => stats::BALLOON_SWAP_OUT,
        MemoryStatTag::MAJOR_FAULT => stats::BALLOON_MAJOR_FAULT,
        MemoryStatTag::MINOR_FAULT => stats::BALLOON_MINOR_FAULT,
        MemoryStatTag::UNUSED => stats::BALLOON_UNUSED,
        MemoryStatTag::AVAILABLE => stats::BALLOON_AVAILABLE,
        MemoryStatTag::USABLE => stats::BALLOON_USABLE,
        MemoryStatTag::LAST_UPDATE => stats::BALLOON_LAST_UPDATE,
        MemoryStatTag::DISK_CACHES => stats::BALLOON_DISK_CACHES,
        MemoryStatTag::RSS => stats::BALLOON_RSS,
        // Told already.
        _ => return None,
    })
}

fn vcpu(subject: &Subject<'_>, host: &Host, list: &mut Figures) {
    list.add(stats::VCPU_CURRENT, subject.def.vcpu.current);
    list.add(stats::VCPU_MAXIMUM, subject.def.vcpu.max);
    let Some(run) = subject.run else { return };
    for (number, vcpu) in vcpus::figures(run, &host.cpus).into_iter().enumerate() {
        list.nth(stats::VCPU_PREFIX, number, stats::VCPU_SUFFIX_STATE, VcpuState::RUNNING.0);
        list.nth(stats::VCPU_PREFIX, number, stats::VCPU_SUFFIX_TIME, vcpu.time);
    }
}

fn interfaces(run: &Run, host: &Host, list: &mut Figures) {
    let all: Vec<_> = run.def.devices.interfaces().filter_map(|one| one.host_dev.as_deref()).collect();
    list.add(stats::NET_COUNT, u32::try_from(all.len()).unwrap_or(u32::MAX));
    for (number, name) in all.into_iter().enumerate() {
        list.nth(stats::NET_PREFIX, number, stats::NET_SUFFIX_NAME, name);
        let Some(figures) = host.interfaces.get(name) else { continue };
        for (suffix, value) in [
            (stats::NET_SUFFIX_RX_BYTES, figures.rx_bytes),
            (stats::NET_SUFFIX_RX_PKTS, figures.rx_packets),
            (stats::NET_SUFFIX_RX_ERRS, figures.rx_errs),
            (stats::NET_SUFFIX_RX_DROP, figures.rx_drop),
            (stats::NET_SUFFIX_TX_BYTES, figures.tx_bytes),
            (stats::NET_SUFFIX_TX_PKTS, figures.tx_packets),
            (stats::NET_SUFFIX_TX_ERRS, figures.tx_errs),
            (stats::NET_SUFFIX_TX_DROP, figures.tx_drop),
        ] {
            list.nth(stats::NET_PREFIX, number, suffix, u64::try_from(value).unwrap_or(0));
        }
    }
}

/// Of a running container the devices it has used, which may be any that its file systems are on; else the disks
/// of the definition.
fn block(subject: &Subject<'_>, list: &mut Figures) {
    let Some(run) = subject.run else {
        let disks: Vec<_> = subject.def.devices.disks().collect();
        list.add(stats::BLOCK_COUNT, u32::try_from(disks.len()).unwrap_or(u32::MAX));
        for (number, disk) in disks.into_iter().enumerate() {
            list.nth(stats::BLOCK_PREFIX, number, stats::BLOCK_SUFFIX_NAME, disk.target.as_str());
            if let DiskSource::File(Some(path)) | DiskSource::Block(Some(path)) = &disk.source {
                list.nth(stats::BLOCK_PREFIX, number, stats::BLOCK_SUFFIX_PATH, path.as_str());
            }
        }
        return;
    };
    let devices = run.cgroup.block_io_each().unwrap_or_default();
    list.add(stats::BLOCK_COUNT, u32::try_from(devices.len()).unwrap_or(u32::MAX));
    for (number, (device, io)) in devices.into_iter().enumerate() {
        let name = figures::device_name(device);
        list.nth(stats::BLOCK_PREFIX, number, stats::BLOCK_SUFFIX_PATH, format!("/dev/{name}"));
        list.nth(stats::BLOCK_PREFIX, number, stats::BLOCK_SUFFIX_NAME, name);
        for (suffix, value) in [
            (stats::BLOCK_SUFFIX_RD_REQS, io.read_requests),
            (stats::BLOCK_SUFFIX_RD_BYTES, io.read_bytes),
            (stats::BLOCK_SUFFIX_WR_REQS, io.write_requests),
            (stats::BLOCK_SUFFIX_WR_BYTES, io.write_bytes),
        ] {
            list.nth(stats::BLOCK_PREFIX, number, suffix, value);
        }
    }
    pressure(run, Resource::Io, list);
}
