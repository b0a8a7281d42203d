//! Writing limits to the control files and reading them back.
//!
//! The scope carries the limits. Memory is limited on the payload, and on the scope a little higher: so pressure
//! inside the container never takes the monitor's own memory, and a container that may write to its own group
//! (no user namespace) still meets a wall.

use std::path::Path;

use kernel::Errno;

use crate::controller::Controller;
use crate::file::{read, read_if_any, write};
use crate::units::{add_kib, bytes_v1, bytes_v2, count, cpu_shares, cpu_weight, kib_from, swap_alone};
use crate::{Error, Group, Limits, Result};

/// What the scope may use beyond the payload's limit, KiB.
const MONITOR_MEMORY_KIB: u64 = 32 * 1024;

impl Group {
    /// Changes the limits that are `Some`. The first refusal ends it, with those before it in force.
    pub fn set_limits(&self, limits: &Limits) -> Result<()> {
        self.set_memory(limits)?;
        self.set_cpu(limits)?;
        self.set_cpus(limits.cpuset_cpus.as_deref(), limits.monitor_cpus.as_deref())?;
        self.set_mems(limits.cpuset_mems.as_deref())?;
        self.set_blkio(limits.blkio_weight)?;
        limits.devices.iter().try_for_each(|limit| self.set_device(limit))?;
        if let Some(max) = limits.pids_max {
            write(self.controller("pids")?.scope(), "pids.max", &count(max))?;
        }
        Ok(())
    }

    /// The limits in force; `None` where the controller or the feature is missing.
    pub fn limits(&self) -> Result<Limits> {
        let mut limits = Limits::default();
        self.read_memory(&mut limits)?;
        self.read_cpu(&mut limits)?;
        if let Ok(controller) = self.controller("cpuset") {
            let list = |dir: &Path, name| {
                let list = read_if_any(dir, name)?.map(|list| list.trim().to_owned());
                Ok(list.filter(|list| !list.is_empty()))
            };
            limits.cpuset_cpus = list(&controller.payload(), "cpuset.cpus")?;
            limits.cpuset_mems = list(&controller.payload(), "cpuset.mems")?;
            if controller.monitor().is_dir() {
                limits.monitor_cpus = list(&controller.monitor(), "cpuset.cpus")?;
            }
        }
        self.read_blkio(&mut limits)?;
        if let Ok(controller) = self.controller("pids") {
            let max = read(controller.scope(), "pids.max")?;
            limits.pids_max = if max.trim() == "max" { Some(u64::MAX) } else { max.trim().parse().ok() };
        }
        Ok(limits)
    }

    fn set_memory(&self, limits: &Limits) -> Result<()> {
        let &Limits { memory_hard_kib: hard, memory_soft_kib: soft, memory_swap_hard_kib: swap, .. } = limits;
        if hard.or(soft).or(swap).is_none() {
            return Ok(());
        }
        let controller = self.controller("memory")?;
        let (scope, payload) = (controller.scope(), controller.payload());
        match controller {
            Controller::V1(_) => {
                if let Some(soft) = soft {
                    write(&payload, "memory.soft_limit_in_bytes", &bytes_v1(soft))?;
                }
                set_memory_v1(&payload, hard, swap)?;
                let more = |kib| add_kib(kib, MONITOR_MEMORY_KIB);
                set_memory_v1(scope, hard.map(more), swap.map(more))
            }
            Controller::V2(_) => {
                if let Some(soft) = soft {
                    write(&payload, "memory.high", &bytes_v2(soft))?;
                }
                if let Some(hard) = hard {
                    write(&payload, "memory.max", &bytes_v2(hard))?;
                    write(scope, "memory.max", &bytes_v2(add_kib(hard, MONITOR_MEMORY_KIB)))?;
                }
                if let Some(swap) = swap {
                    let memory = kib_from(&read(&payload, "memory.max")?).unwrap_or(u64::MAX);
                    write(&payload, "memory.swap.max", &bytes_v2(swap_alone(swap, memory)))?;
                }
                Ok(())
            }
        }
    }

    fn read_memory(&self, limits: &mut Limits) -> Result<()> {
        let Ok(controller) = self.controller("memory") else { return Ok(()) };
        let payload = controller.payload();
        let kib = |name| read_if_any(&payload, name).map(|content| content.as_deref().and_then(kib_from));
        match controller {
            Controller::V1(_) => {
                limits.memory_hard_kib = kib("memory.limit_in_bytes")?;
                limits.memory_soft_kib = kib("memory.soft_limit_in_bytes")?;
                limits.memory_swap_hard_kib = kib("memory.memsw.limit_in_bytes")?;
            }
            Controller::V2(_) => {
                limits.memory_hard_kib = kib("memory.max")?;
                limits.memory_soft_kib = kib("memory.high")?;
                let memory = limits.memory_hard_kib.unwrap_or(u64::MAX);
                limits.memory_swap_hard_kib = kib("memory.swap.max")?.map(|swap| swap.saturating_add(memory));
            }
        }
        Ok(())
    }

    fn set_cpu(&self, limits: &Limits) -> Result<()> {
        if limits.cpu_shares.is_none() && limits.cpu_period_us.is_none() && limits.cpu_quota_us.is_none() {
            return Ok(());
        }
        let controller = self.controller("cpu")?;
        let scope = controller.scope();
        if let Some(shares) = limits.cpu_shares {
            match controller {
                Controller::V1(_) => write(scope, "cpu.shares", &shares.to_string())?,
                Controller::V2(_) => write(scope, "cpu.weight", &cpu_weight(shares).to_string())?,
            }
        }
        match controller {
            Controller::V1(_) => {
                if let Some(period) = limits.cpu_period_us {
                    write(scope, "cpu.cfs_period_us", &period.to_string())?;
                }
                if let Some(quota) = limits.cpu_quota_us {
                    write(scope, "cpu.cfs_quota_us", &quota.max(-1).to_string())?;
                }
                Ok(())
            }
            Controller::V2(_) if limits.cpu_period_us.is_some() || limits.cpu_quota_us.is_some() => {
                let (quota, period) = parse_cpu_max(scope)?;
                let quota = limits.cpu_quota_us.map_or(quota, |quota| u64::try_from(quota).ok());
                let quota = quota.map_or_else(|| "max".to_owned(), |quota| quota.to_string());
                write(scope, "cpu.max", &format!("{quota} {}", limits.cpu_period_us.unwrap_or(period)))
            }
            Controller::V2(_) => Ok(()),
        }
    }

    fn read_cpu(&self, limits: &mut Limits) -> Result<()> {
        let Ok(controller) = self.controller("cpu") else { return Ok(()) };
        let scope = controller.scope();
        match controller {
            Controller::V1(_) => {
                let number = |name| {
                    read_if_any(scope, name).map(|text| text.and_then(|text| text.trim().parse().ok()))
                };
                limits.cpu_shares = number("cpu.shares")?;
                limits.cpu_period_us = number("cpu.cfs_period_us")?;
                limits.cpu_quota_us =
                    read_if_any(scope, "cpu.cfs_quota_us")?.and_then(|text| text.trim().parse().ok());
            }
            Controller::V2(_) => {
                limits.cpu_shares = read(scope, "cpu.weight")?.trim().parse().ok().map(cpu_shares);
                let (quota, period) = parse_cpu_max(scope)?;
                limits.cpu_period_us = Some(period);
                limits.cpu_quota_us = Some(quota.and_then(|quota| i64::try_from(quota).ok()).unwrap_or(-1));
            }
        }
        Ok(())
    }

    /// The container's processors, and the monitor's.
    fn set_cpus(&self, payload: Option<&str>, monitor: Option<&str>) -> Result<()> {
        match (payload, monitor) {
            (None, None) => Ok(()),
            (Some(payload), monitor) => self.set_cpuset("cpuset.cpus", payload, monitor.unwrap_or(payload)),
            (None, Some(monitor)) => {
                let payload = read(&self.controller("cpuset")?.payload(), "cpuset.cpus")?;
                self.set_cpuset("cpuset.cpus", payload.trim(), monitor)
            }
        }
    }

    fn set_mems(&self, list: Option<&str>) -> Result<()> {
        list.map_or(Ok(()), |list| self.set_cpuset("cpuset.mems", list, list))
    }

    /// The scope holds what the payload and the monitor have together. On v1 a group's set must contain those of the
    /// groups in it at every moment, so the scope is widened first and narrowed last.
    fn set_cpuset(&self, name: &str, payload: &str, monitor: &str) -> Result<()> {
        let controller = self.controller("cpuset")?;
        let scope = controller.scope();
        let both = join([payload, monitor]);
        let old = read(scope, name)?;
        write(scope, name, &join([old.trim(), &both]))?;
        write(&controller.payload(), name, payload)?;
        if controller.monitor().is_dir() {
            write(&controller.monitor(), name, monitor)?;
        }
        write(scope, name, &both)
    }
}

/// Quota (`None`: unlimited) and period in `cpu.max`, microseconds.
fn parse_cpu_max(scope: &Path) -> Result<(Option<u64>, u64)> {
    let content = read(scope, "cpu.max")?;
    let parsed = content.trim().split_once(' ').and_then(|(quota, period)| {
        let quota = if quota == "max" { None } else { Some(quota.parse().ok()?) };
        Some((quota, period.parse().ok()?))
    });
    parsed.ok_or_else(|| Error::Content { path: scope.join("cpu.max"), content })
}

/// Lists as one; the kernel takes numbers that occur twice. On v2 an empty list means "what is above allows".
fn join<const N: usize>(lists: [&str; N]) -> String {
    let distinct: std::collections::BTreeSet<&str> = lists.into_iter().collect();
    if distinct.contains("") { String::new() } else { distinct.into_iter().collect::<Vec<_>>().join(",") }
}

/// The kernel keeps "memory" <= "memory and swap" at every moment, so raising needs one order and lowering the
/// other.
fn set_memory_v1(dir: &Path, hard: Option<u64>, swap: Option<u64>) -> Result<()> {
    let write_hard = || hard.map_or(Ok(()), |kib| write(dir, "memory.limit_in_bytes", &bytes_v1(kib)));
    let write_swap = || swap.map_or(Ok(()), |kib| write(dir, "memory.memsw.limit_in_bytes", &bytes_v1(kib)));
    match write_hard() {
        Err(Error::Write { errno: Errno::INVAL, .. }) if swap.is_some() => {
            write_swap()?;
            write_hard()
        }
        other => other.and_then(|()| write_swap()),
    }
}
