//! Processor time.

use std::ops::RangeInclusive;

use cgroup::Limits;
use conf::domain::DomainDef;
use protocol::calls::{
    DomainGetSchedulerParameters, DomainGetSchedulerParametersFlags, DomainGetSchedulerType,
    DomainSetSchedulerParameters, DomainSetSchedulerParametersFlags,
};
use protocol::consts::{AffectFlags, param};
use protocol::limits::DOMAIN_SCHEDULER_PARAMETERS_MAX;
use protocol::params::{Params, TypedParam};
use protocol::types::Domain as OnWire;
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use super::{Context, flags};
use crate::Lxc;
use crate::error::internal;
use crate::events::Event;
use crate::impact::{Asked, Target, asked, change};
use crate::params::{self, Kind, llong, reply, room, ullong, without_string_okay};

/// Parameters of the scheduler, in the order they are listed.
const KNOWN: &[(&str, Kind)] = &[
    (param::SCHEDULER_CPU_SHARES, Kind::ULLong),
    (param::SCHEDULER_VCPU_PERIOD, Kind::ULLong),
    (param::SCHEDULER_VCPU_QUOTA, Kind::LLong),
];

/// What the kernel takes, and libvirt's documents allow.
const SHARES: RangeInclusive<u64> = 2..=262_144;
const PERIOD_US: RangeInclusive<u64> = 1_000..=1_000_000;
const QUOTA_US: RangeInclusive<i64> = 1_000..=17_592_186_044_415;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(scheduler_type).on(scheduler_parameters).on(scheduler_parameters_flags);
    r.on(set_scheduler_parameters).on(set_scheduler_parameters_flags);
}

async fn scheduler_type(cx: Context, call: DomainGetSchedulerType) -> Result<(String, i32)> {
    cx.driver.domains.find(&call.dom)?;
    Ok(("posix".to_owned(), 3))
}

async fn scheduler_parameters(
    cx: Context,
    call: DomainGetSchedulerParameters,
) -> Result<Params<DOMAIN_SCHEDULER_PARAMETERS_MAX>> {
    parameters(&cx.driver, &call.dom, call.nparams, 0)
}

async fn scheduler_parameters_flags(
    cx: Context,
    call: DomainGetSchedulerParametersFlags,
) -> Result<Params<DOMAIN_SCHEDULER_PARAMETERS_MAX>> {
    parameters(&cx.driver, &call.dom, call.nparams, call.flags)
}

fn parameters(
    lxc: &Lxc,
    dom: &OnWire,
    nparams: i32,
    given: u32,
) -> Result<Params<DOMAIN_SCHEDULER_PARAMETERS_MAX>> {
    let room = room(nparams, DOMAIN_SCHEDULER_PARAMETERS_MAX)?;
    let supported = AffectFlags::LIVE | AffectFlags::CONFIG;
    let affect = flags(without_string_okay(given), supported, "lxcDomainGetSchedulerParametersFlags")?;
    let (shares, period, quota) = match asked(&*lxc.domains.find(dom)?, affect)? {
        Asked::Live(run) => {
            let limits = run.cgroup.limits().map_err(|error| internal(&error.to_string()))?;
            (limits.cpu_shares, limits.cpu_period_us, limits.cpu_quota_us)
        }
        Asked::Config(def) => (def.cputune.shares, def.cputune.period, def.cputune.quota),
    };
    let list = vec![
        TypedParam::new(param::SCHEDULER_CPU_SHARES, shares.unwrap_or(0)),
        TypedParam::new(param::SCHEDULER_VCPU_PERIOD, period.unwrap_or(0)),
        TypedParam::new(param::SCHEDULER_VCPU_QUOTA, quota.unwrap_or(0)),
    ];
    Ok(reply(list, room, given).0)
}

async fn set_scheduler_parameters(cx: Context, call: DomainSetSchedulerParameters) -> Result<()> {
    set(&cx.driver, &call.dom, &call.params, 0).await
}

async fn set_scheduler_parameters_flags(cx: Context, call: DomainSetSchedulerParametersFlags) -> Result<()> {
    set(&cx.driver, &call.dom, &call.params, call.flags).await
}

async fn set(lxc: &Lxc, dom: &OnWire, given: &[TypedParam], bits: u32) -> Result<()> {
    let supported = AffectFlags::LIVE | AffectFlags::CONFIG;
    let affect = flags(without_string_okay(bits), supported, "lxcDomainSetSchedulerParametersFlags")?;
    params::check(given, KNOWN, "virDomainSetSchedulerParameters")?;
    let domain = lxc.domains.find(dom)?;
    let shares = in_range(ullong(given, param::SCHEDULER_CPU_SHARES), &SHARES, "cpu shares")?;
    let period = in_range(ullong(given, param::SCHEDULER_VCPU_PERIOD), &PERIOD_US, "cpu period")?;
    let quota = llong(given, param::SCHEDULER_VCPU_QUOTA);
    in_range(quota.filter(|quota| *quota >= 0), &QUOTA_US, "cpu quota")?;
    let edit = |def: &mut DomainDef, _: Target| {
        let tune = &mut def.cputune;
        tune.shares = shares.or(tune.shares);
        tune.period = period.or(tune.period);
        tune.quota = quota.or(tune.quota);
        Ok(())
    };
    let limits = |_: &DomainDef, _: &_| {
        Ok(Limits { cpu_shares: shares, cpu_period_us: period, cpu_quota_us: quota, ..Limits::default() })
    };
    change(lxc, &domain, affect, edit, limits).await?;
    let running = domain.read().run.is_some();
    if running && affect != AffectFlags::CONFIG {
        let tunable = |param: &TypedParam| TypedParam {
            field: format!("cputune.{}", param.field),
            value: param.value.clone(),
        };
        let params = given.iter().map(tunable).collect();
        lxc.events.send(&domain.on_wire(), &Event::Tunable { params });
    }
    Ok(())
}

fn in_range<T: PartialOrd + std::fmt::Display>(
    value: Option<T>,
    range: &RangeInclusive<T>,
    what: &str,
) -> Result<Option<T>> {
    match value {
        Some(value) if !range.contains(&value) => {
            let detail = format!("{what} must be in range [{}, {}]", range.start(), range.end());
            Err(Error::invalid_arg(ErrorDomain::LXC, &detail))
        }
        other => Ok(other),
    }
}
