//! CPUs: which there are, how they are arranged, how many work.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};

use crate::arch::host_arch;
use crate::files::Files;
use crate::{CpuSet, Error, Host, Result, memory_total, node};

const DIR: &str = "sys/devices/system/cpu";

/// The machine in eight numbers (virNodeGetInfo(3)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeInfo {
    /// Architecture in libvirt's words.
    pub model: String,
    /// Memory, KiB.
    pub memory: u64,
    /// CPUs online.
    pub cpus: u32,
    /// Clock of the first CPU, MHz; 0 if unknown.
    pub mhz: u32,
    /// NUMA nodes, at least 1.
    pub nodes: u32,
    /// Sockets a node.
    pub sockets: u32,
    /// Cores a socket.
    pub cores: u32,
    /// Threads a core.
    pub threads: u32,
}

/// Which CPUs are online (virNodeGetCPUMap(3)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpuMap {
    /// The highest present CPU number plus one.
    pub cpus: u32,
    /// Those online.
    pub online: CpuSet,
}

impl CpuMap {
    /// The online CPUs, a bit each.
    #[must_use]
    pub fn bitmap(&self) -> Vec<u8> {
        self.online.bitmap(self.cpus)
    }
}

/// Place of one online CPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cpu {
    pub(crate) id: u32,
    pub(crate) socket: u32,
    pub(crate) die: u32,
    pub(crate) core: u32,
    /// Threads of the same core, itself among them.
    pub(crate) siblings: CpuSet,
}

/// How the CPUs of a node, or of the whole machine, are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Arrangement {
    online: u32,
    offline: u32,
    sockets: u32,
    cores: u32,
    threads: u32,
}

/// The machine's CPUs and memory in numbers.
///
/// `nodes * sockets * cores * threads` equals the CPUs online and offline; for machines of irregular shape all
/// CPUs are said to be cores of one socket, as libvirt does.
pub fn node_info(host: &Host) -> Result<NodeInfo> {
    let map = cpu_map(host)?;
    let present = present(&host.files)?;
    let nodes = node::ids(host)?;
    let mut sum = Arrangement::default();
    for id in &nodes {
        let cpus = host.files.numbered(format!("{}/node{id}", node::DIR), "cpu", "")?;
        let node = arrangement(host, cpus.into_iter().filter(|id| present.contains(*id)), &map.online)?;
        sum.online += node.online;
        sum.offline += node.offline;
        sum.sockets = sum.sockets.max(node.sockets);
        sum.cores = sum.cores.max(node.cores);
        sum.threads = sum.threads.max(node.threads);
    }
    let mut nodes = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
    if nodes == 0 || sum.online == 0 {
        nodes = 1;
        sum = arrangement(host, present.iter(), &map.online)?;
    }
    let all = sum.online + sum.offline;
    let product =
        nodes.checked_mul(sum.sockets).and_then(|n| n.checked_mul(sum.cores)?.checked_mul(sum.threads));
    if product != Some(all) {
        nodes = 1;
        sum = Arrangement { sockets: 1, cores: all, threads: 1, ..sum };
    }
    Ok(NodeInfo {
        model: host_arch(&host.machine).to_owned(),
        memory: memory_total(host)?,
        cpus: sum.online,
        mhz: mhz(host)?,
        nodes,
        sockets: sum.sockets,
        cores: sum.cores,
        threads: sum.threads,
    })
}

fn arrangement(host: &Host, cpus: impl Iterator<Item = u32>, online: &CpuSet) -> Result<Arrangement> {
    let mut result = Arrangement::default();
    let mut cores: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for id in cpus {
        if !online.contains(id) {
            result.offline += 1;
            continue;
        }
        let cpu = cpu(host, id)?;
        result.online += 1;
        result.threads = result.threads.max(u32::try_from(cpu.siblings.count()).unwrap_or(u32::MAX));
        cores.entry(cpu.socket).or_default().insert(cpu.core);
    }
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    result.sockets = count(cores.len());
    result.cores = count(cores.values().map(BTreeSet::len).max().unwrap_or(0));
    Ok(result)
}

/// Reads one online CPU's place. Architectures without sockets or dies answer -1 or nothing: that is 0.
pub(crate) fn cpu(host: &Host, id: u32) -> Result<Cpu> {
    let dir = format!("{DIR}/cpu{id}/topology");
    let number = |file: &str| -> Result<u32> {
        Ok(host
            .files
            .number::<i64>(format!("{dir}/{file}"))?
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(0))
    };
    let siblings = host.files.list(format!("{dir}/thread_siblings_list"))?;
    Ok(Cpu {
        id,
        socket: number("physical_package_id")?,
        die: number("die_id")?,
        core: number("core_id")?,
        siblings: siblings.unwrap_or_else(|| CpuSet::from_iter([id])),
    })
}

/// Which CPUs are online.
pub fn cpu_map(host: &Host) -> Result<CpuMap> {
    let present = present(&host.files)?;
    let online = host.files.list(format!("{DIR}/online"))?.unwrap_or_else(|| present.clone());
    Ok(CpuMap { cpus: present.end(), online })
}

fn present(files: &Files) -> Result<CpuSet> {
    let file = format!("{DIR}/present");
    let present = files.list(&file)?.filter(|set| set.count() > 0);
    present.ok_or_else(|| Error::Missing { path: files.path(file), what: "CPUs" })
}

/// How many CPUs a container may use: all that are online.
pub fn max_vcpus(host: &Host) -> Result<u32> {
    Ok(u32::try_from(cpu_map(host)?.online.count()).unwrap_or(u32::MAX))
}

/// Clock of the first CPU in proc/cpuinfo, whole MHz. Only the beginning is read: the kernel samples the clock of
/// every CPU whose line is asked for.
fn mhz(host: &Host) -> Result<u32> {
    let path = host.files.path("proc/cpuinfo");
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(source) => return Err(Error::Read { path, source }),
    };
    for line in BufReader::with_capacity(4096, file).lines() {
        let line = line.map_err(|source| Error::Read { path: path.clone(), source })?;
        if let Some((key, value)) = line.split_once(':')
            && key.trim() == "cpu MHz"
        {
            return Ok(value.trim().split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0));
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn offline_cpus_count_as_places_but_not_as_cpus() {
        let info = node_info(&Fixture::numa().host()).unwrap();
        let expected = NodeInfo {
            model: "x86_64".into(),
            memory: 2_097_152,
            cpus: 7,
            mhz: 2593,
            nodes: 2,
            sockets: 1,
            cores: 2,
            threads: 2,
        };
        assert_eq!(info, expected);
    }

    #[test]
    fn irregular_machines_are_flat() {
        let fixture = Fixture::numa().without("sys/devices/system/node/node1/cpu6");
        let info = node_info(&fixture.host()).unwrap();
        assert_eq!((info.cpus, info.nodes, info.sockets, info.cores, info.threads), (6, 1, 1, 7, 1));
    }

    #[test]
    fn without_numa_the_machine_is_one_node() {
        let fixture = Fixture::numa().without("sys/devices/system/node").without("proc/cpuinfo");
        let info = node_info(&fixture.host()).unwrap();
        assert_eq!((info.cpus, info.nodes, info.sockets, info.cores, info.threads), (7, 1, 2, 2, 2));
        assert_eq!((info.memory, info.mhz), (2_199_999, 0));
    }

    #[test]
    fn map_covers_present_cpus() {
        let map = cpu_map(&Fixture::numa().host()).unwrap();
        assert_eq!((map.cpus, map.bitmap()), (8, vec![0b0111_1111]));
        assert_eq!(max_vcpus(&Fixture::numa().host()).unwrap(), 7);
    }

    #[test]
    fn no_present_cpus_is_an_error() {
        let error = cpu_map(&Fixture::numa().file("sys/devices/system/cpu/present", "").host()).unwrap_err();
        assert!(error.to_string().starts_with("no CPUs in "), "{error}");
        let error =
            cpu_map(&Fixture::numa().file("sys/devices/system/cpu/online", "what").host()).unwrap_err();
        assert!(error.to_string().ends_with("cpu/online: not a list"), "{error}");
    }

    #[test]
    fn this_machine() {
        let host = Host::this("/emulator");
        let info = node_info(&host).unwrap();
        assert_eq!(usize::try_from(info.cpus).unwrap(), cpu_map(&host).unwrap().online.count());
        assert!(info.memory > 0);
        assert!(info.nodes * info.sockets * info.cores * info.threads >= info.cpus);
    }
}
