//! Limits in libvirt's units.

use serde::{Deserialize, Serialize};

/// Limits of one container; `None` leaves a value as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// `<memory>` / `<memtune><hard_limit>`, KiB; `u64::MAX` is unlimited.
    pub memory_hard_kib: Option<u64>,
    /// `<soft_limit>`, KiB.
    pub memory_soft_kib: Option<u64>,
    /// `<swap_hard_limit>` (memory plus swap), KiB.
    pub memory_swap_hard_kib: Option<u64>,
    /// `<cputune><shares>`, cgroup v1 units (2..=262144); converted to a weight on v2.
    pub cpu_shares: Option<u64>,
    /// `<cputune><period>`, microseconds.
    pub cpu_period_us: Option<u64>,
    /// `<cputune><quota>`, microseconds; negative is unlimited.
    pub cpu_quota_us: Option<i64>,
    /// `<vcpu cpuset=>`, kernel list format.
    pub cpuset_cpus: Option<String>,
    /// `<numatune><memory nodeset=>`, kernel list format.
    pub cpuset_mems: Option<String>,
    /// `<blkiotune><weight>`, 100..=1000 (v1 units).
    pub blkio_weight: Option<u32>,
    /// Most processes.
    pub pids_max: Option<u64>,
}
