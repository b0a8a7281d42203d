//! Figures of a payload.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::controller::{Controller, PAYLOAD};
use crate::file::{read, read_if_any, read_number, value_of_line};
use crate::{Error, Group, Result};

/// Time on processors, nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CpuUsage {
    /// All of it.
    pub total: u64,
    /// In user mode.
    pub user: u64,
    /// In the kernel.
    pub system: u64,
}

/// Memory of the payload, KiB; faults are counts since the group began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MemoryStat {
    /// What counts against the limit, page cache included.
    pub usage: u64,
    /// Anonymous memory.
    pub rss: u64,
    /// Page cache.
    pub cache: u64,
    /// Swapped out.
    pub swap: u64,
    /// Active anonymous.
    pub active_anon: u64,
    /// Inactive anonymous.
    pub inactive_anon: u64,
    /// Active page cache.
    pub active_file: u64,
    /// Inactive page cache.
    pub inactive_file: u64,
    /// Locked and the like.
    pub unevictable: u64,
    /// Page faults that needed no IO.
    pub minor_faults: u64,
    /// Page faults that did.
    pub major_faults: u64,
    /// Read back from swap since the group began; unknown to cgroup v1 and older kernels.
    pub swap_in: Option<u64>,
    /// Written to swap since the group began; unknown to cgroup v1 and older kernels.
    pub swap_out: Option<u64>,
}

/// A block device by its numbers, major and minor.
pub type Device = (u32, u32);

/// Transfers to and from block devices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BlockIo {
    /// Requests.
    pub read_requests: u64,
    /// Bytes.
    pub read_bytes: u64,
    /// Requests.
    pub write_requests: u64,
    /// Bytes.
    pub write_bytes: u64,
}

impl Group {
    /// Processor time used by the payload.
    pub fn cpu_usage(&self) -> Result<CpuUsage> {
        if let Ok(controller @ Controller::V1(_)) = self.controller("cpuacct") {
            let payload = controller.payload();
            let total = read_number(&payload, "cpuacct.usage")?;
            // Linux 4.9 and later; before, only clock ticks in cpuacct.stat.
            let part =
                |name| read_if_any(&payload, name).map(|text| text.and_then(|text| text.trim().parse().ok()));
            let user = part("cpuacct.usage_user")?.unwrap_or(0);
            return Ok(CpuUsage { total, user, system: part("cpuacct.usage_sys")?.unwrap_or(0) });
        }
        // Every v2 group has this file, with or without the controller.
        let payload = self.v2_payload().ok_or(Error::NoController("cpuacct"))?;
        let text = read(&payload, "cpu.stat")?;
        let ns = |key| value_of_line(&text, key).unwrap_or(0).saturating_mul(1000);
        Ok(CpuUsage { total: ns("usage_usec"), user: ns("user_usec"), system: ns("system_usec") })
    }

    /// Processor time used by the payload, nanoseconds, without its parts: one file is read.
    pub fn cpu_time(&self) -> Result<u64> {
        match self.controller("cpuacct") {
            Ok(controller @ Controller::V1(_)) => read_number(&controller.payload(), "cpuacct.usage"),
            _ => self.cpu_usage().map(|usage| usage.total),
        }
    }

    /// Processor time on each possible processor, nanoseconds. cgroup v2 does not know: `NoController`.
    pub fn cpu_usage_each(&self) -> Result<Vec<u64>> {
        match self.controller("cpuacct") {
            Ok(controller @ Controller::V1(_)) => {
                let text = read(&controller.payload(), "cpuacct.usage_percpu")?;
                Ok(text.split_ascii_whitespace().filter_map(|word| word.parse().ok()).collect())
            }
            _ => Err(Error::NoController("cpuacct")),
        }
    }

    /// What counts against the memory limit, KiB.
    pub fn memory_usage(&self) -> Result<u64> {
        let controller = self.controller("memory")?;
        let name = match controller {
            Controller::V1(_) => "memory.usage_in_bytes",
            Controller::V2(_) => "memory.current",
        };
        Ok(read_number(&controller.payload(), name)? / 1024)
    }

    /// Memory in detail.
    pub fn memory_stat(&self) -> Result<MemoryStat> {
        let controller = self.controller("memory")?;
        let text = read(&controller.payload(), "memory.stat")?;
        let mut stat = match controller {
            Controller::V1(_) => parse_memory_v1(&text),
            Controller::V2(_) => parse_memory_v2(&text),
        };
        if let Controller::V2(_) = controller {
            let swap = read_if_any(&controller.payload(), "memory.swap.current")?;
            stat.swap = swap.and_then(|text| text.trim().parse().ok()).map_or(0, |bytes: u64| bytes / 1024);
        }
        stat.usage = self.memory_usage()?;
        Ok(stat)
    }

    /// Transfers of the payload, of all devices together or of one (`major`, `minor`).
    pub fn block_io(&self, device: Option<Device>) -> Result<BlockIo> {
        if let Ok(controller @ Controller::V1(_)) = self.controller("blkio") {
            let payload = controller.payload();
            let [read_bytes, write_bytes] = blkio_v1(&payload, "io_service_bytes", device)?;
            let [read_requests, write_requests] = blkio_v1(&payload, "io_serviced", device)?;
            return Ok(BlockIo { read_requests, read_bytes, write_requests, write_bytes });
        }
        let controller = self.controller("io")?;
        Ok(parse_io_stat(&read(&controller.payload(), "io.stat")?, device))
    }

    /// Transfers of the payload by device, those with any.
    pub fn block_io_each(&self) -> Result<BTreeMap<Device, BlockIo>> {
        let mut all = BTreeMap::new();
        if let Ok(controller @ Controller::V1(_)) = self.controller("blkio") {
            let payload = controller.payload();
            let bytes = read_blkio_v1(&payload, "io_service_bytes")?;
            let requests = read_blkio_v1(&payload, "io_serviced")?;
            for device in devices(&bytes) {
                let [read_bytes, write_bytes] = parse_blkio(&bytes, Some(device));
                let [read_requests, write_requests] = parse_blkio(&requests, Some(device));
                all.insert(device, BlockIo { read_requests, read_bytes, write_requests, write_bytes });
            }
            return Ok(all);
        }
        let text = read(&self.controller("io")?.payload(), "io.stat")?;
        all.extend(devices(&text).map(|device| (device, parse_io_stat(&text, Some(device)))));
        Ok(all)
    }

    /// How often a process was killed for lack of memory since the group began (v1: since Linux 4.13).
    pub fn oom_kills(&self) -> Result<u64> {
        let controller = self.controller("memory")?;
        let name = match controller {
            Controller::V1(_) => "memory.oom_control",
            Controller::V2(_) => "memory.events",
        };
        Ok(value_of_line(&read(&controller.payload(), name)?, "oom_kill").unwrap_or(0))
    }

    /// Directory of the payload in the hierarchy whose groups perf_event_open(2) can count for.
    pub fn perf_dir(&self) -> Result<PathBuf> {
        if let Some(scope) = self.placement().v1.get("perf_event") {
            return Ok(scope.join(PAYLOAD));
        }
        // Always there on v2, without being listed, unless it is mounted on v1.
        self.v2_payload().ok_or(Error::NoController("perf_event"))
    }

    /// Number of tasks (threads included) in the payload.
    pub fn task_count(&self) -> Result<u64> {
        read_number(&self.controller("pids")?.payload(), "pids.current")
    }
}

fn parse_memory_v1(text: &str) -> MemoryStat {
    let value = |key: &str| value_of_line(text, &format!("total_{key}")).unwrap_or(0);
    let kib = |key: &str| value(key) / 1024;
    MemoryStat {
        usage: 0,
        rss: kib("rss"),
        cache: kib("cache"),
        swap: kib("swap"),
        active_anon: kib("active_anon"),
        inactive_anon: kib("inactive_anon"),
        active_file: kib("active_file"),
        inactive_file: kib("inactive_file"),
        unevictable: kib("unevictable"),
        minor_faults: value("pgfault").saturating_sub(value("pgmajfault")),
        major_faults: value("pgmajfault"),
        swap_in: None,
        swap_out: None,
    }
}

fn parse_memory_v2(text: &str) -> MemoryStat {
    let value = |key: &str| value_of_line(text, key).unwrap_or(0);
    let kib = |key: &str| value(key) / 1024;
    let pages = |key: &str| Some(value_of_line(text, key)?.saturating_mul(page_kib()));
    MemoryStat {
        usage: 0,
        rss: kib("anon"),
        cache: kib("file"),
        swap: 0,
        active_anon: kib("active_anon"),
        inactive_anon: kib("inactive_anon"),
        active_file: kib("active_file"),
        inactive_file: kib("inactive_file"),
        unevictable: kib("unevictable"),
        minor_faults: value("pgfault").saturating_sub(value("pgmajfault")),
        major_faults: value("pgmajfault"),
        swap_in: pages("pswpin"),
        swap_out: pages("pswpout"),
    }
}

/// Size of a page, KiB.
fn page_kib() -> u64 {
    u64::try_from(rustix::param::page_size() / 1024).unwrap_or(4)
}

/// Reads and writes in `blkio.throttle.WHAT_recursive` (Linux 5.3), or of the payload alone before.
fn blkio_v1(payload: &Path, what: &str, device: Option<Device>) -> Result<[u64; 2]> {
    Ok(parse_blkio(&read_blkio_v1(payload, what)?, device))
}

fn read_blkio_v1(payload: &Path, what: &str) -> Result<String> {
    match read_if_any(payload, &format!("blkio.throttle.{what}_recursive"))? {
        Some(text) => Ok(text),
        None => read(payload, &format!("blkio.throttle.{what}")),
    }
}

/// Devices that lines begin with.
fn devices(text: &str) -> impl Iterator<Item = Device> {
    let device = |line: &str| {
        let (major, minor) = line.split_ascii_whitespace().next()?.split_once(':')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    text.lines().filter_map(device).collect::<BTreeSet<_>>().into_iter()
}

/// Lines "major:minor Operation value".
fn parse_blkio(text: &str, device: Option<Device>) -> [u64; 2] {
    let mut sums = [0_u64; 2];
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let (Some(id), Some(operation), Some(value)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let index = match operation {
            "Read" => 0,
            "Write" => 1,
            _ => continue,
        };
        if is_device(id, device) {
            sums[index] = sums[index].saturating_add(value.parse().unwrap_or(0));
        }
    }
    sums
}

/// Lines "major:minor rbytes=1 wbytes=2 rios=3 wios=4 ...".
fn parse_io_stat(text: &str, device: Option<Device>) -> BlockIo {
    let mut sum = BlockIo::default();
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        if !words.next().is_some_and(|id| is_device(id, device)) {
            continue;
        }
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            let field = match key {
                "rbytes" => &mut sum.read_bytes,
                "wbytes" => &mut sum.write_bytes,
                "rios" => &mut sum.read_requests,
                "wios" => &mut sum.write_requests,
                _ => continue,
            };
            *field = field.saturating_add(value.parse().unwrap_or(0));
        }
    }
    sum
}

fn is_device(id: &str, wanted: Option<Device>) -> bool {
    wanted.is_none_or(|(major, minor)| id == format!("{major}:{minor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_v1() {
        let text = "cache 1\nrss 2\ntotal_cache 4096\ntotal_rss 8192\ntotal_swap 1024\ntotal_pgfault 10\n\
            total_pgmajfault 3\ntotal_inactive_file 2048\n";
        let stat = parse_memory_v1(text);
        assert_eq!((stat.cache, stat.rss, stat.swap, stat.inactive_file), (4, 8, 1, 2));
        assert_eq!((stat.minor_faults, stat.major_faults), (7, 3));
    }

    #[test]
    fn memory_v2() {
        let stat =
            parse_memory_v2("anon 8192\nfile 4096\nanon_thp 1\nactive_file 1024\npgfault 5\npgmajfault 1\n");
        assert_eq!((stat.rss, stat.cache, stat.active_file), (8, 4, 1));
        assert_eq!((stat.minor_faults, stat.major_faults), (4, 1));
    }

    #[test]
    fn swapped_pages() {
        let stat = parse_memory_v2("anon 0\npswpin 3\npswpout 5\n");
        assert_eq!((stat.swap_in, stat.swap_out), (Some(3 * page_kib()), Some(5 * page_kib())));
        assert_eq!(parse_memory_v2("anon 0\n").swap_in, None);
    }

    #[test]
    fn devices_of_lines() {
        let text = "254:0 Read 100\n254:0 Write 20\n8:16 Read 1\nTotal 121\n";
        assert_eq!(devices(text).collect::<Vec<_>>(), [(8, 16), (254, 0)]);
    }

    #[test]
    fn block_v1() {
        let text =
            "254:0 Read 100\n254:0 Write 20\n254:0 Sync 7\n254:16 Read 1\n254:0 Total 127\nTotal 128\n";
        assert_eq!(parse_blkio(text, None), [101, 20]);
        assert_eq!(parse_blkio(text, Some((254, 16))), [1, 0]);
    }

    #[test]
    fn block_v2() {
        let text = "254:0 rbytes=100 wbytes=20 rios=3 wios=4 dbytes=9 dios=9\n8:0 rbytes=1 wbytes=2\n7:0\n";
        let expect = BlockIo { read_requests: 3, read_bytes: 101, write_requests: 4, write_bytes: 22 };
        assert_eq!(parse_io_stat(text, None), expect);
        assert_eq!(parse_io_stat(text, Some((8, 0))).read_bytes, 1);
    }
}
