//! NUMA nodes, which libvirt calls cells.

use crate::cpu::{self, Cpu};
use crate::memory::Meminfo;
use crate::{CpuSet, Host, Result};

pub(crate) const DIR: &str = "sys/devices/system/node";

/// One NUMA node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) id: u32,
    /// KiB.
    pub(crate) memory: u64,
    pub(crate) pages: Vec<Pages>,
    /// Distance to every node, itself included: (node, 10 for local).
    pub(crate) distances: Vec<(u32, u32)>,
    /// Online ones.
    pub(crate) cpus: Vec<Cpu>,
}

/// Memory by page size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pages {
    /// KiB a page.
    pub(crate) size: u64,
    pub(crate) total: u64,
    pub(crate) free: u64,
}

/// Numbers of the nodes, ascending; none on a kernel without NUMA.
pub(crate) fn ids(host: &Host) -> Result<Vec<u32>> {
    host.files.numbered(DIR, "node", "")
}

/// The highest node number; 0 without NUMA.
pub(crate) fn max_id(host: &Host) -> Result<u32> {
    Ok(ids(host)?.last().copied().unwrap_or(0))
}

/// All nodes; without NUMA one that holds everything.
pub(crate) fn nodes(host: &Host) -> Result<Vec<Node>> {
    let ids = ids(host)?;
    if ids.is_empty() {
        let memory = Meminfo::whole(host)?.total;
        let cpus = cpus(host, &cpu::cpu_map(host)?.online)?;
        return Ok(vec![Node { id: 0, memory, pages: pages(host, None)?, distances: Vec::new(), cpus }]);
    }
    ids.iter().map(|id| node(host, *id, &ids)).collect()
}

fn node(host: &Host, id: u32, all: &[u32]) -> Result<Node> {
    let online = host.files.list(format!("{DIR}/node{id}/cpulist"))?.unwrap_or_default();
    let distances = host.files.text(format!("{DIR}/node{id}/distance"))?.unwrap_or_default();
    let distances = distances.split_ascii_whitespace().filter_map(|n| n.parse().ok());
    Ok(Node {
        id,
        memory: Meminfo::of_node(host, id)?.map_or(0, |meminfo| meminfo.total),
        pages: pages(host, Some(id))?,
        distances: all.iter().copied().zip(distances).collect(),
        cpus: cpus(host, &online)?,
    })
}

fn cpus(host: &Host, online: &CpuSet) -> Result<Vec<Cpu>> {
    online.iter().map(|id| cpu::cpu(host, id)).collect()
}

/// Page sizes of a node, or of the whole machine, ascending. What is set aside for huge pages is not counted as
/// ordinary pages, except that free ordinary pages are the kernel's own figure.
pub(crate) fn pages(host: &Host, node: Option<u32>) -> Result<Vec<Pages>> {
    let meminfo = match node {
        Some(id) => Meminfo::of_node(host, id)?.unwrap_or_default(),
        None => Meminfo::of_all_nodes(host)?,
    };
    let dir = match node {
        Some(id) => format!("{DIR}/node{id}/hugepages"),
        None => "sys/kernel/mm/hugepages".to_owned(),
    };
    let mut huge = Vec::new();
    for size in host.files.numbered(&dir, "hugepages-", "kB")? {
        let count = |file: &str| -> Result<u64> {
            Ok(host.files.number(format!("{dir}/hugepages-{size}kB/{file}"))?.unwrap_or(0))
        };
        huge.push(Pages { size: size.into(), total: count("nr_hugepages")?, free: count("free_hugepages")? });
    }
    let reserved = huge.iter().fold(0_u64, |sum, p| sum.saturating_add(p.size.saturating_mul(p.total)));
    let size = host.page_kib;
    let total = meminfo.total.saturating_sub(reserved) / size;
    let mut all = vec![Pages { size, total, free: meminfo.free / size }];
    all.append(&mut huge);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn two_nodes() {
        let nodes = nodes(&Fixture::numa().host()).unwrap();
        assert_eq!(nodes.len(), 2);
        assert_eq!(nodes[1].memory, 1_048_576);
        assert_eq!(nodes[1].distances, [(0, 21), (1, 10)]);
        assert_eq!(nodes[1].cpus.iter().map(|cpu| cpu.id).collect::<Vec<_>>(), [2, 3, 6]);
        let ordinary = Pages { size: 4, total: (1_048_576 - 20_480) / 4, free: 65_536 };
        assert_eq!(nodes[0].pages, [ordinary, Pages { size: 2048, total: 10, free: 3 }]);
    }

    #[test]
    fn node_numbers_may_have_gaps() {
        let fixture = Fixture::numa().without("sys/devices/system/node/node1").node(3, "2-3\n", "21 10\n");
        let nodes = nodes(&fixture.host()).unwrap();
        assert_eq!(nodes.iter().map(|node| node.id).collect::<Vec<_>>(), [0, 3]);
        assert_eq!(nodes[1].distances, [(0, 21), (3, 10)]);
        assert_eq!(max_id(&fixture.host()).unwrap(), 3);
    }

    #[test]
    fn without_numa_one_node_has_it_all() {
        let nodes = nodes(&Fixture::numa().without("sys/devices/system/node").host()).unwrap();
        assert_eq!(nodes.len(), 1);
        assert_eq!((nodes[0].id, nodes[0].memory, nodes[0].cpus.len()), (0, 2_199_999, 7));
        assert_eq!(nodes[0].pages[1], Pages { size: 2048, total: 20, free: 0 });
    }
}
