//! How busy the host is.

use crate::memory::Meminfo;
use crate::{Error, Host, Result, node};

/// One named number.
pub type Stat = (&'static str, u64);

/// Number of the pseudo CPU or cell that stands for all of them.
const ALL: i32 = -1;

/// Number of the statistics of a CPU.
const CPU_STATS: u32 = 4;

/// Nanoseconds of one tick in proc/stat: `USER_HZ` is 100 on every architecture libvirt knows.
const TICK: u64 = 10_000_000;

/// Time spent since boot by one CPU, or by all (-1), nanoseconds.
///
/// `room` is how many statistics the caller has room for: exactly as many as there are, or 0 to learn only the
/// names.
pub fn cpu_stats(host: &Host, cpu: i32, room: u32) -> Result<Vec<Stat>> {
    let argument = |function, argument, text| Error::Argument { function, argument, text };
    if cpu < ALL {
        let text = "cpuNum in virNodeGetCPUStats only accepts -1 as a negative value";
        return Err(argument("virNodeGetCPUStats", "cpuNum", text.into()));
    }
    if room == 0 {
        return Ok(vec![("kernel", 0), ("user", 0), ("idle", 0), ("iowait", 0)]);
    }
    if room != CPU_STATS {
        let text = format!("nparams in virHostCPUGetStatsLinux must be equal to {CPU_STATS}");
        return Err(argument("virHostCPUGetStatsLinux", "*nparams", text));
    }
    const FILE: &str = "proc/stat";
    let stat = host.files.text(FILE)?.unwrap_or_default();
    let label = if cpu == ALL { "cpu".to_owned() } else { format!("cpu{cpu}") };
    let Some(line) = stat.lines().find(|line| line.split(' ').next() == Some(&label)) else {
        let text = "Invalid cpuNum in virHostCPUGetStatsLinux";
        return Err(argument("virHostCPUGetStatsLinux", "cpuNum", text.into()));
    };
    let ticks: Option<Vec<u64>> =
        line.split_ascii_whitespace().skip(1).take(7).map(|n| n.parse().ok()).collect();
    let Some([user, nice, system, idle, iowait, irq, softirq]) = ticks.as_deref() else {
        return Err(Error::Parse { path: host.files.path(FILE), wrong: "too few numbers" });
    };
    let time = |ticks: &[u64]| ticks.iter().fold(0_u64, |sum, n| sum.saturating_add(*n)).saturating_mul(TICK);
    Ok(vec![
        ("kernel", time(&[*system, *irq, *softirq])),
        ("user", time(&[*user, *nice])),
        ("idle", time(&[*idle])),
        ("iowait", time(&[*iowait])),
    ])
}

/// Memory of one NUMA cell, or of the machine (-1), KiB. `room` as in [`cpu_stats`].
pub fn memory_stats(host: &Host, cell: i32, room: u32) -> Result<Vec<Stat>> {
    let argument = |function, argument, text| Error::Argument { function, argument, text };
    if cell < ALL {
        let text = "cellNum in virNodeGetMemoryStats only accepts -1 as a negative value";
        // libvirt gives this argument a wrong name.
        return Err(argument("virNodeGetMemoryStats", "cpuNum", text.into()));
    }
    let stats = match u32::try_from(cell) {
        Err(_) => {
            let Meminfo { total, free, buffers, cached } = Meminfo::whole(host)?;
            vec![("total", total), ("free", free), ("buffers", buffers), ("cached", cached)]
        }
        Ok(cell) => {
            let Some(Meminfo { total, free, .. }) = Meminfo::of_node(host, cell)? else {
                let last = node::max_id(host)?;
                let text = format!("cellNum in virHostMemGetStats must be less than or equal to {last}");
                return Err(argument("virHostMemGetStats", "cellNum", text));
            };
            vec![("total", total), ("free", free)]
        }
    };
    if room != 0 && usize::try_from(room) != Ok(stats.len()) {
        let text = format!("nparams in virHostMemGetStatsLinux must be {}", stats.len());
        return Err(argument("virHostMemGetStatsLinux", "nparams", text));
    }
    Ok(stats)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn time_of_cpus() {
        let fixture = Fixture::numa();
        let stats = |cpu, room| cpu_stats(&fixture.host(), cpu, room).map_err(|e| e.to_string());
        let ms = 1_000_000_000;
        let all =
            vec![("kernel", 160 * TICK), ("user", 30 * TICK), ("idle", 40 * TICK), ("iowait", 50 * TICK)];
        assert_eq!(stats(-1, 4), Ok(all));
        assert_eq!(stats(0, 4).map(|s| s[2]), Ok(("idle", 4 * ms / 100)));
        assert_eq!(stats(2, 4), Err("Invalid cpuNum in virHostCPUGetStatsLinux".into()));
        assert_eq!(stats(0, 3), Err("nparams in virHostCPUGetStatsLinux must be equal to 4".into()));
        let error = "cpuNum in virNodeGetCPUStats only accepts -1 as a negative value";
        assert_eq!(stats(-2, 4), Err(error.into()));
        assert!(stats(i32::MAX, 4).is_err());
        // Asked for the number of statistics libvirt looks at no CPU.
        assert_eq!(stats(7, 0).map(|s| s.len()), Ok(4));
    }

    #[test]
    fn memory_of_cells() {
        let fixture = Fixture::numa();
        let stats = |cell, room| memory_stats(&fixture.host(), cell, room).map_err(|e| e.to_string());
        let all = vec![("total", 2_199_999), ("free", 524_288), ("buffers", 11), ("cached", 22)];
        assert_eq!(stats(-1, 4), Ok(all.clone()));
        assert_eq!(stats(-1, 0), Ok(all));
        assert_eq!(stats(1, 2), Ok(vec![("total", 1_048_576), ("free", 262_144)]));
        assert_eq!(stats(1, 4), Err("nparams in virHostMemGetStatsLinux must be 2".into()));
        assert_eq!(stats(-1, u32::MAX), Err("nparams in virHostMemGetStatsLinux must be 4".into()));
        assert_eq!(stats(2, 2), Err("cellNum in virHostMemGetStats must be less than or equal to 1".into()));
        assert!(stats(-2, 0).is_err());
    }
}
