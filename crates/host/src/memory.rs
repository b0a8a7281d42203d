//! Memory of the machine and of its NUMA cells.

use crate::{Error, Host, Result, node};

/// From proc/meminfo or a node's meminfo; KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Meminfo {
    pub(crate) total: u64,
    pub(crate) free: u64,
    pub(crate) buffers: u64,
    pub(crate) cached: u64,
}

impl Meminfo {
    /// proc/meminfo.
    pub(crate) fn whole(host: &Host) -> Result<Self> {
        const FILE: &str = "proc/meminfo";
        let text = host.files.text(FILE)?.unwrap_or_default();
        let meminfo = Self::parse(&text, Some);
        meminfo.ok_or_else(|| Error::Missing { path: host.files.path(FILE), what: "MemTotal" })
    }

    /// One node's; `None` if there is no such node.
    pub(crate) fn of_node(host: &Host, id: u32) -> Result<Option<Self>> {
        let text = host.files.text(format!("{}/node{id}/meminfo", node::DIR))?;
        // Each line starts "Node N ".
        Ok(text.and_then(|text| Self::parse(&text, |line| line.splitn(3, ' ').nth(2))))
    }

    /// Total and free memory of all nodes; those of proc/meminfo without NUMA. The two differ on machines whose
    /// memory was plugged late.
    pub(crate) fn of_all_nodes(host: &Host) -> Result<Self> {
        let nodes = node::ids(host)?;
        if nodes.is_empty() {
            return Self::whole(host);
        }
        let mut sum = Self::default();
        for id in nodes {
            let node = Self::of_node(host, id)?.unwrap_or_default();
            sum.total = sum.total.saturating_add(node.total);
            sum.free = sum.free.saturating_add(node.free);
        }
        Ok(sum)
    }

    fn parse<'a>(text: &'a str, strip: impl Fn(&'a str) -> Option<&'a str>) -> Option<Self> {
        let mut meminfo = Self::default();
        let mut found = false;
        for line in text.lines() {
            let Some((key, value)) = strip(line).and_then(|line| line.split_once(':')) else { continue };
            let field = match key.trim() {
                "MemTotal" => &mut meminfo.total,
                "MemFree" => &mut meminfo.free,
                "Buffers" => &mut meminfo.buffers,
                "Cached" => &mut meminfo.cached,
                _ => continue,
            };
            *field = value.trim().trim_end_matches(" kB").parse().ok()?;
            found |= key.trim() == "MemTotal";
        }
        found.then_some(meminfo)
    }
}

/// Memory of the machine, KiB.
pub fn memory_total(host: &Host) -> Result<u64> {
    Ok(Meminfo::of_all_nodes(host)?.total)
}

/// Free memory of the machine, bytes. Free means unused: caches are not counted.
pub fn free_memory(host: &Host) -> Result<u64> {
    Ok(Meminfo::of_all_nodes(host)?.free.saturating_mul(1024))
}

/// Free memory of at most `max` NUMA cells from number `start` on, bytes. Numbers without a cell have 0.
pub fn cells_free_memory(host: &Host, start: i32, max: u32) -> Result<Vec<u64>> {
    let range = |argument, text: &str| Error::Argument {
        function: "virNodeGetCellsFreeMemory",
        argument,
        text: format!("{argument} in virNodeGetCellsFreeMemory must be {text}"),
    };
    if max == 0 {
        return Err(range("maxCells", "greater than zero"));
    }
    let first = u32::try_from(start).map_err(|_| range("startCell", "zero or greater"))?;
    let last = node::max_id(host)?;
    if first > last {
        return Err(Error::StartCell { start, last });
    }
    if node::ids(host)?.is_empty() {
        return Ok(vec![free_memory(host)?]);
    }
    (first..=last.min(first.saturating_add(max - 1)))
        .map(|id| Ok(Meminfo::of_node(host, id)?.unwrap_or_default().free.saturating_mul(1024)))
        .collect()
}

/// A parameter of the kernel's memory deduplication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryParameter {
    /// A setting.
    Setting(u32),
    /// A counter.
    Counter(u64),
}

/// State of the kernel's memory deduplication (ksm), as parameter names and values; those the kernel lacks are
/// left out.
pub fn memory_parameters(host: &Host) -> Result<Vec<(&'static str, MemoryParameter)>> {
    const NAMES: [(&str, bool); 8] = [
        ("shm_pages_to_scan", true),
        ("shm_sleep_millisecs", true),
        ("shm_pages_shared", false),
        ("shm_pages_sharing", false),
        ("shm_pages_unshared", false),
        ("shm_pages_volatile", false),
        ("shm_full_scans", false),
        ("shm_merge_across_nodes", true),
    ];
    let mut parameters = Vec::new();
    for (name, setting) in NAMES {
        let file = format!("sys/kernel/mm/ksm/{}", name.trim_start_matches("shm_"));
        let value = if setting {
            host.files.number(file)?.map(MemoryParameter::Setting)
        } else {
            host.files.number(file)?.map(MemoryParameter::Counter)
        };
        parameters.extend(value.map(|value| (name, value)));
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn nodes_are_summed() {
        let host = Fixture::numa().host();
        assert_eq!(memory_total(&Fixture::numa().host()).unwrap(), 2_097_152);
        // The fixture is gone: files that vanish are an error, not zero.
        assert!(memory_total(&host).is_err());
        assert_eq!(free_memory(&Fixture::numa().host()).unwrap(), 2 * 262_144 * 1024);
    }

    #[test]
    fn cells_in_range() {
        let fixture = Fixture::numa();
        let cells = |start, max| cells_free_memory(&fixture.host(), start, max).map_err(|e| e.to_string());
        let free = 262_144 * 1024;
        assert_eq!(cells(0, 1), Ok(vec![free]));
        assert_eq!(cells(0, 1024), Ok(vec![free, free]));
        assert_eq!(cells(1, u32::MAX), Ok(vec![free]));
        assert_eq!(cells(2, 1), Err("start cell 2 out of range (0-1)".into()));
        let error = "startCell in virNodeGetCellsFreeMemory must be zero or greater";
        assert_eq!(cells(-1, 1), Err(error.into()));
        let error = "maxCells in virNodeGetCellsFreeMemory must be greater than zero";
        assert_eq!(cells(-1, 0), Err(error.into()));
    }

    #[test]
    fn gaps_have_no_memory() {
        let fixture = Fixture::numa().without("sys/devices/system/node/node0");
        assert_eq!(cells_free_memory(&fixture.host(), 0, 8).unwrap(), [0, 262_144 * 1024]);
        let fixture = fixture.without("sys/devices/system/node");
        assert_eq!(cells_free_memory(&fixture.host(), 0, 8).unwrap(), [524_288 * 1024]);
    }

    #[test]
    fn broken_meminfo_is_an_error() {
        let fixture =
            Fixture::numa().without("sys/devices/system/node").file("proc/meminfo", "MemFree: 1 kB\n");
        let error = free_memory(&fixture.host()).unwrap_err().to_string();
        assert!(error.starts_with("no MemTotal in "), "{error}");
    }

    #[test]
    fn ksm_parameters() {
        let fixture = Fixture::new();
        assert_eq!(memory_parameters(&fixture.host()).unwrap(), []);
        let files =
            [("pages_to_scan", "100\n"), ("pages_shared", "5000000000\n"), ("merge_across_nodes", "1\n")];
        let fixture = fixture.files("sys/kernel/mm/ksm", &files);
        let expected = [
            ("shm_pages_to_scan", MemoryParameter::Setting(100)),
            ("shm_pages_shared", MemoryParameter::Counter(5_000_000_000)),
            ("shm_merge_across_nodes", MemoryParameter::Setting(1)),
        ];
        assert_eq!(memory_parameters(&fixture.host()).unwrap(), expected);
    }
}
