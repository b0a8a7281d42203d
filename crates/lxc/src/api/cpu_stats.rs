//! Processor time, in total and by processor of the host.

use protocol::calls::DomainGetCpuStats;
use protocol::consts::param;
use protocol::limits::{DOMAIN_GET_CPU_STATS_MAX, DOMAIN_GET_CPU_STATS_NCPUS_MAX, NODE_CPU_STATS_MAX};
use protocol::params::{Params, TypedParam};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use super::{Context, no_flags};
use crate::Lxc;
use crate::domain::Run;
use crate::error::internal;
use crate::params::without_string_okay;
use crate::vcpus::HostCpus;

/// Figures of all processors together, and of one.
const TOTAL: i32 = 3;
const EACH: i32 = 1;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(cpu_stats);
}

async fn cpu_stats(cx: Context, call: DomainGetCpuStats) -> Result<(Params<DOMAIN_GET_CPU_STATS_MAX>, i32)> {
    if call.nparams > NODE_CPU_STATS_MAX {
        return Err(Error::internal(ErrorDomain::RPC, "nparams too large"));
    }
    if call.ncpus > DOMAIN_GET_CPU_STATS_NCPUS_MAX {
        return Err(Error::internal(ErrorDomain::RPC, "ncpus too large"));
    }
    no_flags(without_string_okay(call.flags), "lxcDomainGetCPUStats")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let Ok(first) = u32::try_from(call.start_cpu) else {
        if call.start_cpu != -1 || call.ncpus != 1 {
            return Err(Error::invalid_arg(
                ErrorDomain::DOMAIN,
                "start_cpu must be -1 with ncpus 1, or a cpu",
            ));
        }
        return total(&run, call.nparams);
    };
    let cpus = HostCpus::of(&cx.driver.host);
    match (call.nparams, call.ncpus) {
        (0, 0) => Ok((Params::default(), i32::try_from(cpus.end()).unwrap_or(i32::MAX))),
        (0, _) => Ok((Params::default(), EACH)),
        (_, count) => each(&run, &cpus, first, count),
    }
}

fn total(run: &Run, room: u32) -> Result<(Params<DOMAIN_GET_CPU_STATS_MAX>, i32)> {
    if room == 0 {
        return Ok((Params::default(), TOTAL));
    }
    let usage = run.cgroup.cpu_usage().map_err(|error| internal(&error.to_string()))?;
    let mut list = vec![
        TypedParam::new(param::CPU_STATS_CPUTIME, usage.total),
        TypedParam::new(param::CPU_STATS_USERTIME, usage.user),
        TypedParam::new(param::CPU_STATS_SYSTEMTIME, usage.system),
    ];
    list.truncate(usize::try_from(room).unwrap_or(usize::MAX));
    let count = i32::try_from(list.len()).unwrap_or(TOTAL);
    Ok((list.into(), count))
}

/// From `first` on, at most `count`. cgroup v2 does not know what each processor gave: there those that the
/// container may use share the total.
fn each(
    run: &Run,
    cpus: &HostCpus,
    first: u32,
    count: u32,
) -> Result<(Params<DOMAIN_GET_CPU_STATS_MAX>, i32)> {
    let end = cpus.end();
    if first >= end {
        let detail = format!("start_cpu {first} larger than maximum of {}", end - 1);
        return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    }
    let times = run.cgroup.cpu_usage_each().or_else(|_| shares(run, cpus));
    let times = times.map_err(|error| internal(&error.to_string()))?;
    let time = |cpu: u32| usize::try_from(cpu).ok().and_then(|cpu| times.get(cpu)).copied().unwrap_or(0);
    let list = (first..end.min(first.saturating_add(count)))
        .map(|cpu| TypedParam::new(param::CPU_STATS_CPUTIME, time(cpu)));
    Ok((list.collect::<Vec<_>>().into(), EACH))
}

fn shares(run: &Run, cpus: &HostCpus) -> cgroup::Result<Vec<u64>> {
    let usable = |cpu: u32| match run.cpus.as_ref() {
        Some(set) => set.contains(cpu),
        None => cpus.online.contains(&cpu),
    };
    let count = (0..cpus.end()).filter(|cpu| usable(*cpu)).count().max(1);
    let share = run.cgroup.cpu_time()? / u64::try_from(count).unwrap_or(1);
    Ok((0..cpus.end()).map(|cpu| if usable(cpu) { share } else { 0 }).collect())
}
