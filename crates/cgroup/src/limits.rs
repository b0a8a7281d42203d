//! Limits in libvirt's units.

use serde::{Deserialize, Serialize};

use crate::Device;

/// Limits of one container; `None` leaves a value as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
    /// Processors that the container may use, kernel list format.
    pub cpuset_cpus: Option<String>,
    /// `<emulatorpin>`: processors of the monitor, kernel list format. Without it they are the container's, at the
    /// start and whenever those change.
    pub monitor_cpus: Option<String>,
    /// `<numatune><memory nodeset=>`, kernel list format.
    pub cpuset_mems: Option<String>,
    /// `<blkiotune><weight>`, 100..=1000 (v1 units).
    pub blkio_weight: Option<u32>,
    /// Limits of single block devices.
    pub devices: Vec<DeviceLimit>,
    /// Most processes.
    pub pids_max: Option<u64>,
}

/// Limits of one block device; `None` leaves a value as it is, 0 takes the limit away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceLimit {
    /// Major and minor number.
    pub device: Device,
    /// Proportional weight, 10..=1000 (v1 units).
    pub weight: Option<u32>,
    /// Bytes read a second.
    pub read_bytes: Option<u64>,
    /// Bytes written a second.
    pub write_bytes: Option<u64>,
    /// Read requests a second.
    pub read_requests: Option<u64>,
    /// Write requests a second.
    pub write_requests: Option<u64>,
}
