//! Figures of the memory and the interfaces of a running container.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::calls::{DomainInterfaceStats, DomainMemoryStats};
use protocol::consts::MemoryStatTag;
use protocol::limits::DOMAIN_MEMORY_STATS_MAX;
use protocol::types::{InterfaceStats, MemoryStat};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use xdr::List;

use super::{Context, no_flags};
use crate::Lxc;
use crate::error::internal;
use crate::figures::Memory;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(memory_stats).on(interface_stats);
}

async fn memory_stats(
    cx: Context,
    call: DomainMemoryStats,
) -> Result<List<MemoryStat, DOMAIN_MEMORY_STATS_MAX>> {
    no_flags(call.flags, "lxcDomainMemoryStats")?;
    if call.maxStats > DOMAIN_MEMORY_STATS_MAX {
        return Err(Error::rpc("maxStats > REMOTE_DOMAIN_MEMORY_STATS_MAX"));
    }
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let memory = Memory::of(&run).map_err(|error| internal(&error.to_string()))?;
    let room = usize::try_from(call.maxStats).unwrap_or(usize::MAX);
    let list = tags(&memory).into_iter().take(room).map(|(tag, val)| MemoryStat { tag: tag.0, val });
    Ok(list.collect::<Vec<_>>().into())
}

/// What is known, in libvirt's words.
pub(super) fn tags(memory: &Memory) -> Vec<(MemoryStatTag, u64)> {
    let Memory { size, stat } = memory;
    let known = |tag, value: Option<u64>| value.map(|value| (tag, value));
    let swap = [known(MemoryStatTag::SWAP_IN, stat.swap_in), known(MemoryStatTag::SWAP_OUT, stat.swap_out)];
    let mut all = vec![(MemoryStatTag::ACTUAL_BALLOON, *size)];
    all.extend(swap.into_iter().flatten());
    all.extend([
        (MemoryStatTag::MAJOR_FAULT, stat.major_faults),
        (MemoryStatTag::MINOR_FAULT, stat.minor_faults),
        (MemoryStatTag::UNUSED, memory.unused()),
        (MemoryStatTag::AVAILABLE, *size),
        (MemoryStatTag::USABLE, memory.usable()),
        (MemoryStatTag::LAST_UPDATE, now()),
        (MemoryStatTag::DISK_CACHES, stat.cache),
        (MemoryStatTag::RSS, stat.rss),
    ]);
    all
}

/// The figures are of this moment. Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Figures of the host end; what it receives the container has sent.
async fn interface_stats(cx: Context, call: DomainInterfaceStats) -> Result<InterfaceStats> {
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let mut interfaces = run.def.devices.interfaces();
    if !interfaces.any(|interface| interface.host_dev.as_deref() == Some(call.device.as_str())) {
        let detail = format!("'{}' is not a known interface", call.device);
        return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    }
    let read = |name: &str| {
        let path = format!("/sys/class/net/{}/statistics/{name}", call.device);
        let text = kernel::fd::read_to_string(path.as_ref());
        let number = text.ok().and_then(|text| text.trim().parse().ok());
        number.ok_or_else(|| internal(&format!("cannot read {path}")))
    };
    Ok(InterfaceStats {
        rx_bytes: read("tx_bytes")?,
        rx_packets: read("tx_packets")?,
        rx_errs: read("tx_errors")?,
        rx_drop: read("tx_dropped")?,
        tx_bytes: read("rx_bytes")?,
        tx_packets: read("rx_packets")?,
        tx_errs: read("rx_errors")?,
        tx_drop: read("rx_dropped")?,
    })
}
