//! Figures of a running container, as several calls tell them.

use std::collections::HashMap;
use std::path::Path;

use cgroup::{Device, MemoryStat};
use conf::KiB;
use conf::domain::DomainDef;
use protocol::types::InterfaceStats;

use crate::domain::Run;

/// Memory of a container, KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// What the container has: it sees no more, and gets no more.
    pub(crate) size: u64,
    pub(crate) stat: MemoryStat,
}

impl Memory {
    pub(crate) fn of(run: &Run) -> cgroup::Result<Self> {
        Ok(Self { size: size(&run.def).0, stat: run.cgroup.memory_stat()? })
    }

    /// Not used at all.
    pub(crate) const fn unused(&self) -> u64 {
        self.size.saturating_sub(self.stat.usage)
    }

    /// What the container can still use without being pressed: the page cache gives way.
    pub(crate) const fn usable(&self) -> u64 {
        self.size.saturating_sub(self.stat.usage.saturating_sub(self.stat.cache))
    }
}

/// How much memory a domain has: its `<currentMemory>`, or its `<hard_limit>` if that is less.
pub(crate) fn size(def: &DomainDef) -> KiB {
    def.memtune.hard_limit.map_or(def.memory.current, |hard| hard.min(def.memory.current))
}

/// The kernel's name of a block device, e.g. `vda1`; the numbers where it has none.
pub(crate) fn device_name((major, minor): Device) -> String {
    let link = std::fs::read_link(format!("/sys/dev/block/{major}:{minor}"));
    let name = link.ok().and_then(|link| Some(link.file_name()?.to_str()?.to_owned()));
    name.unwrap_or_else(|| format!("{major}:{minor}"))
}

/// Counters of all network devices of the host by name, from one file.
pub(crate) fn network_devices() -> HashMap<String, InterfaceStats> {
    // Without the file nobody knows any figure, which is what an empty table says.
    let text = kernel::fd::read_to_string(Path::new("/proc/self/net/dev")).unwrap_or_default();
    text.lines().filter_map(network_device).collect()
}

/// A line of `/proc/net/dev` (proc_pid_net(5)). What the host's end has sent, the container has received.
fn network_device(line: &str) -> Option<(String, InterfaceStats)> {
    let (name, figures) = line.split_once(':')?;
    let figures: Vec<i64> = figures.split_ascii_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [rx_bytes, rx_packets, rx_errs, rx_drop, _, _, _, _, tx_bytes, tx_packets, tx_errs, tx_drop, ..] =
        figures[..]
    else {
        return None;
    };
    let stats = InterfaceStats {
        rx_bytes: tx_bytes,
        rx_packets: tx_packets,
        rx_errs: tx_errs,
        rx_drop: tx_drop,
        tx_bytes: rx_bytes,
        tx_packets: rx_packets,
        tx_errs: rx_errs,
        tx_drop: rx_drop,
    };
    Some((name.trim().to_owned(), stats))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_sends_the_container_receives() {
        let line = "  vnet3: 1 2 3 4 0 0 0 0 11 12 13 14 0 0 0 0";
        let (name, stats) = network_device(line).unwrap();
        assert_eq!(name, "vnet3");
        assert_eq!((stats.rx_bytes, stats.rx_packets, stats.rx_errs, stats.rx_drop), (11, 12, 13, 14));
        assert_eq!((stats.tx_bytes, stats.tx_packets, stats.tx_errs, stats.tx_drop), (1, 2, 3, 4));
        assert_eq!(network_device("Inter-|   Receive"), None);
        assert_eq!(network_device(" lo: 1 2"), None);
    }

    #[test]
    fn what_is_cached_can_be_used() {
        let stat = MemoryStat { usage: 60, cache: 50, ..MemoryStat::default() };
        let memory = Memory { size: 100, stat };
        assert_eq!((memory.unused(), memory.usable()), (40, 90));
        let memory = Memory { size: 50, stat };
        assert_eq!((memory.unused(), memory.usable()), (0, 40));
    }

    #[test]
    fn names_of_block_devices() {
        assert_eq!(device_name((4000, 1)), "4000:1");
        assert!(network_devices().contains_key("lo"));
    }
}
