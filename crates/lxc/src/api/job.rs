//! Long jobs. There is none: what a container is asked for is done when the call returns.

use protocol::calls::{DomainAbortJob, DomainAbortJobFlags, DomainGetJobInfo, DomainGetJobStats};
use protocol::consts::{JobStatsFlags, JobType};
use protocol::limits::DOMAIN_JOB_STATS_MAX;
use protocol::params::Params;
use protocol::types::{Domain as OnWire, JobInfo};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use super::{Context, flags, no_flags};
use crate::Lxc;
use crate::error::invalid;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(job_info).on(job_stats).on(abort_job).on(abort_job_flags);
}

async fn job_info(cx: Context, call: DomainGetJobInfo) -> Result<JobInfo> {
    cx.driver.domains.find(&call.dom)?.run()?;
    Ok(JobInfo {
        r#type: JobType::NONE.0,
        timeElapsed: 0,
        timeRemaining: 0,
        dataTotal: 0,
        dataProcessed: 0,
        dataRemaining: 0,
        memTotal: 0,
        memProcessed: 0,
        memRemaining: 0,
        fileTotal: 0,
        fileProcessed: 0,
        fileRemaining: 0,
    })
}

async fn job_stats(cx: Context, call: DomainGetJobStats) -> Result<(i32, Params<DOMAIN_JOB_STATS_MAX>)> {
    let supported = JobStatsFlags::COMPLETED | JobStatsFlags::KEEP_COMPLETED;
    let flags = flags(call.flags, supported, "lxcDomainGetJobStats")?;
    if flags == JobStatsFlags::KEEP_COMPLETED {
        let detail =
            "flag 'VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED' requires flag 'VIR_DOMAIN_JOB_STATS_COMPLETED'";
        return Err(Error::invalid_arg(ErrorDomain::DOMAIN, detail));
    }
    let domain = cx.driver.domains.find(&call.dom)?;
    // The last job is remembered while the domain is off; there was none.
    if !flags.contains(JobStatsFlags::COMPLETED) {
        domain.run()?;
    }
    Ok((JobType::NONE.0, Params::default()))
}

async fn abort_job(cx: Context, call: DomainAbortJob) -> Result<()> {
    abort(&cx.driver, &call.dom)
}

async fn abort_job_flags(cx: Context, call: DomainAbortJobFlags) -> Result<()> {
    no_flags(call.flags, "lxcDomainAbortJobFlags")?;
    abort(&cx.driver, &call.dom)
}

fn abort(lxc: &Lxc, dom: &OnWire) -> Result<()> {
    lxc.domains.find(dom)?.run()?;
    Err(invalid("no job is active on the domain"))
}
