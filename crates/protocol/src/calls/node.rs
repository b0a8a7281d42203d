//! The host: CPUs and memory.

use xdr::List;

use crate::{
    limits::*,
    params::Params,
    types::{NodeCpuMap, NodeInfo, NodeStat, SecurityModel},
};

calls! { REMOTE, Hypervisor;
    /// CPU model, topology and memory of the host.
    6 NodeGetInfo {} -> NodeInfo [connect.read] high;
    /// CPU time of one CPU or all, by kind; with nparams 0 only how many kinds there are.
    227 NodeGetCpuStats {
        cpuNum: i32, nparams: i32, flags: u32,
    } -> (List<NodeStat, NODE_CPU_STATS_MAX>, i32) [connect.read] high;
    /// Memory of one NUMA node or all, by kind; with nparams 0 only how many kinds there are.
    228 NodeGetMemoryStats {
        nparams: i32, cellNum: i32, flags: u32,
    } -> (List<NodeStat, NODE_MEMORY_STATS_MAX>, i32) [connect.read] high;
    /// Which CPUs are online.
    293 NodeGetCpuMap { need_map: i32, need_online: i32, flags: u32 } -> NodeCpuMap [connect.read];
    /// Free memory in bytes.
    102 NodeGetFreeMemory {} -> u64 [connect.read] high;
    /// Free memory of each NUMA node in bytes.
    101 NodeGetCellsFreeMemory { startCell: i32, maxcells: i32 } -> List<u64, NODE_MAX_CELLS> [connect.read]
        high;
    /// Free pages of given sizes per NUMA node.
    340 NodeGetFreePages {
        pages: List<u32, NODE_MAX_CELLS>, startCell: i32, cellCount: u32, flags: u32,
    } -> List<u64, NODE_MAX_CELLS> [connect.read] high;
    /// Allocates or frees huge pages.
    347 NodeAllocPages {
        pageSizes: List<u32, NODE_MAX_CELLS>, pageCounts: List<u64, NODE_MAX_CELLS>, startCell: i32,
        cellCount: u32, flags: u32,
    } -> i32 [connect.write] deny;
    /// Sets how the kernel merges equal pages.
    288 NodeSetMemoryParameters { params: Params<NODE_MEMORY_PARAMETERS_MAX>, flags: u32 } -> ()
        [connect.write] deny;
    /// How the kernel merges equal pages; with nparams 0 only how many parameters there are.
    289 NodeGetMemoryParameters { nparams: i32, flags: u32 } -> (Params<NODE_MEMORY_PARAMETERS_MAX>, i32)
        [connect.read];
    /// Suspends the host.
    250 NodeSuspendForDuration { target: u32, duration: u64, flags: u32 } -> () [connect.pm_control] deny;
    /// The security model and its domain of interpretation.
    122 NodeGetSecurityModel {} -> SecurityModel [connect.read] high;
    /// What the host's CPUs offer for confidential guests.
    395 NodeGetSevInfo { nparams: i32, flags: u32 } -> (Params<NODE_SEV_INFO_MAX>, i32) [connect.read] deny
        api("virNodeGetSEVInfo");
}
