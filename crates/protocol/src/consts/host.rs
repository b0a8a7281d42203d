//! The host.

/// The CPU number that stands for all CPUs together (`VIR_NODE_CPU_STATS_ALL_CPUS`).
pub const NODE_CPU_STATS_ALL_CPUS: i32 = -1;
/// The NUMA node that stands for all nodes together (`VIR_NODE_MEMORY_STATS_ALL_CELLS`).
pub const NODE_MEMORY_STATS_ALL_CELLS: i32 = -1;

open_enum! {
    /// How to suspend (`virNodeSuspendTarget`).
    pub struct SuspendTarget(u32) {
        /// To memory.
        MEM = 0,
        /// To disk.
        DISK = 1,
        /// To disk, staying in memory.
        HYBRID = 2,
    }
}

open_enum! {
    /// How a CPU compares with the host's (`virCPUCompareResult`).
    pub struct CpuCompareResult(i32) {
        /// Not to be compared.
        ERROR = -1,
        /// The host cannot offer it.
        INCOMPATIBLE = 0,
        /// It is the host's.
        IDENTICAL = 1,
        /// The host's CPU can do more.
        SUPERSET = 2,
    }
}

flags! {
    /// How to compare a CPU (`virConnectCompareCPUFlags`).
    pub struct CompareCpuFlags {
        /// An incompatible CPU is an error.
        FAIL_INCOMPATIBLE = 1,
        /// After validation of the XML against the schema.
        VALIDATE_XML = 2,
    }

    /// What to do with huge pages (`virNodeAllocPagesFlags`).
    pub struct AllocPagesFlags {
        /// Set their number instead of adding to it.
        SET = 1,
    }
}
