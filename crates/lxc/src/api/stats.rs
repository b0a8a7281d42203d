//! Figures of a running container.

use protocol::calls::{DomainBlockStats, DomainGetMessages, DomainInterfaceStats, DomainMemoryStats};
use protocol::consts::{MemoryStatTag, MessageTypes};
use protocol::limits::{DOMAIN_MEMORY_STATS_MAX, DOMAIN_MESSAGES_MAX};
use protocol::types::{BlockStats, InterfaceStats, MemoryStat, Names};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use xdr::List;

use super::{Context, flags, no_flags};
use crate::Lxc;
use crate::error::internal;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(memory_stats).on(block_stats).on(interface_stats).on(messages);
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
    let stat = run.cgroup.memory_stat().map_err(|error| internal(&error.to_string()))?;
    // What the container can still use without being pressed: the page cache gives way.
    let size = run.def.memory.current.0;
    let usable = size.saturating_sub(stat.usage.saturating_sub(stat.cache));
    let all = [
        (MemoryStatTag::ACTUAL_BALLOON, size),
        (MemoryStatTag::MAJOR_FAULT, stat.major_faults),
        (MemoryStatTag::MINOR_FAULT, stat.minor_faults),
        (MemoryStatTag::UNUSED, size.saturating_sub(stat.usage)),
        (MemoryStatTag::AVAILABLE, size),
        (MemoryStatTag::USABLE, usable),
        (MemoryStatTag::DISK_CACHES, stat.cache),
        (MemoryStatTag::RSS, stat.rss),
    ];
    let room = usize::try_from(call.maxStats).unwrap_or(usize::MAX);
    let list = all.into_iter().take(room).map(|(tag, val)| MemoryStat { tag: tag.0, val });
    Ok(list.collect::<Vec<_>>().into())
}

/// Transfers of the whole container with an empty path; there are no disks yet that a path could name.
async fn block_stats(cx: Context, call: DomainBlockStats) -> Result<BlockStats> {
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    if !call.path.is_empty() {
        return Err(Error::invalid_arg(ErrorDomain::LXC, &format!("invalid path: {}", call.path)));
    }
    let io = run.cgroup.block_io(None).map_err(|error| internal(&error.to_string()))?;
    let [rd_req, rd_bytes, wr_req, wr_bytes] =
        [io.read_requests, io.read_bytes, io.write_requests, io.write_bytes].map(signed);
    Ok(BlockStats { rd_req, rd_bytes, wr_req, wr_bytes, errs: -1 })
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

/// Nothing about a container is deprecated or tainted.
async fn messages(cx: Context, call: DomainGetMessages) -> Result<Names<DOMAIN_MESSAGES_MAX>> {
    flags(call.flags, MessageTypes::DEPRECATION | MessageTypes::TAINTING, "lxcDomainGetMessages")?;
    cx.driver.domains.find(&call.dom)?;
    Ok(Vec::new().into())
}

fn signed(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}
