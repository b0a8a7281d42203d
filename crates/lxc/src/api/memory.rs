//! How much memory a domain may have.

use cgroup::Limits;
use conf::KiB;
use conf::domain::DomainDef;
use protocol::calls::{
    DomainGetMaxMemory, DomainGetMemoryParameters, DomainSetMaxMemory, DomainSetMemory, DomainSetMemoryFlags,
    DomainSetMemoryParameters, DomainSetMemoryStatsPeriod,
};
use protocol::consts::{AffectFlags, MemoryModFlags, param};
use protocol::limits::DOMAIN_MEMORY_PARAMETERS_MAX;
use protocol::params::{Params, TypedParam};
use protocol::types::Domain as OnWire;
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use super::{AFFECT, Context, flags};
use crate::Lxc;
use crate::error::{internal, invalid};
use crate::events::Event;
use crate::impact::{Asked, Target, asked, change, impact, no_limits};
use crate::params::{self, Kind, reply, room, ullong, without_string_okay};

/// What libvirt shows for "unlimited", KiB.
const UNLIMITED: u64 = 9_007_199_254_740_991;

/// Parameters that a client may set.
const KNOWN: &[(&str, Kind)] = &[
    (param::MEMORY_HARD_LIMIT, Kind::ULLong),
    (param::MEMORY_SOFT_LIMIT, Kind::ULLong),
    (param::MEMORY_SWAP_HARD_LIMIT, Kind::ULLong),
];

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(max_memory).on(set_max_memory).on(set_memory).on(set_memory_flags);
    r.on(memory_parameters).on(set_memory_parameters).on(set_memory_stats_period);
}

async fn max_memory(cx: Context, call: DomainGetMaxMemory) -> Result<u64> {
    let domain = cx.driver.domains.find(&call.dom)?;
    let memory = domain.read().current().map(|def| def.memory.total.0);
    memory.ok_or_else(|| Error::no_domain(&call.dom))
}

async fn set_max_memory(cx: Context, call: DomainSetMaxMemory) -> Result<()> {
    set(&cx.driver, &call.dom, call.memory, MemoryModFlags::MAXIMUM).await
}

async fn set_memory(cx: Context, call: DomainSetMemory) -> Result<()> {
    set(&cx.driver, &call.dom, call.memory, MemoryModFlags::LIVE).await
}

async fn set_memory_flags(cx: Context, call: DomainSetMemoryFlags) -> Result<()> {
    let supported = MemoryModFlags::LIVE | MemoryModFlags::CONFIG | MemoryModFlags::MAXIMUM;
    let flags = flags(call.flags, supported, "lxcDomainSetMemoryFlags")?;
    set(&cx.driver, &call.dom, call.memory, flags).await
}

async fn set(lxc: &Lxc, dom: &OnWire, kib: u64, flags: MemoryModFlags) -> Result<()> {
    let domain = lxc.domains.find(dom)?;
    let maximum = flags.contains(MemoryModFlags::MAXIMUM);
    let affect = AffectFlags::from_bits_retain(flags.bits() & !MemoryModFlags::MAXIMUM.bits());
    if kib == 0 || kib > UNLIMITED {
        let detail = format!("memory of {kib} KiB is out of range");
        return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    }
    if maximum && impact(&domain.read(), affect)?.live {
        return Err(invalid("Cannot resize the max memory on an active domain"));
    }
    let edit = |def: &mut DomainDef, _: Target| {
        if maximum {
            def.memory.total = KiB(kib);
            def.memory.current = def.memory.current.min(KiB(kib));
        } else if KiB(kib) > def.memory.total {
            return Err(Error::invalid_arg(ErrorDomain::LXC, "Cannot set memory higher than max memory"));
        } else {
            def.memory.current = KiB(kib);
        }
        Ok(())
    };
    if maximum {
        return change(lxc, &domain, affect, edit, no_limits).await;
    }
    let limits = |_: &DomainDef, _: &_| Ok(Limits { memory_hard_kib: Some(kib), ..Limits::default() });
    change(lxc, &domain, affect, edit, limits).await?;
    let running = domain.read().run.is_some();
    if running && affect != AffectFlags::CONFIG {
        lxc.events.send(&domain.on_wire(), &Event::BalloonChange { actual: kib });
    }
    Ok(())
}

/// Figures are taken when somebody asks, so there is no period; it is accepted, because tools set one.
async fn set_memory_stats_period(cx: Context, call: DomainSetMemoryStatsPeriod) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "lxcDomainSetMemoryStatsPeriod")?;
    if call.period < 0 {
        let detail = format!("period in virDomainSetMemoryStatsPeriod must not be negative: {}", call.period);
        return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    }
    impact(&cx.driver.domains.find(&call.dom)?.read(), affect).map(|_| ())
}

async fn memory_parameters(
    cx: Context,
    call: DomainGetMemoryParameters,
) -> Result<(Params<DOMAIN_MEMORY_PARAMETERS_MAX>, i32)> {
    let room = room(call.nparams, DOMAIN_MEMORY_PARAMETERS_MAX)?;
    let supported = AffectFlags::LIVE | AffectFlags::CONFIG;
    let affect = flags(without_string_okay(call.flags), supported, "lxcDomainGetMemoryParameters")?;
    let values = match asked(&*cx.driver.domains.find(&call.dom)?, affect)? {
        Asked::Live(run) => {
            let limits = run.cgroup.limits().map_err(|error| internal(&error.to_string()))?;
            [limits.memory_hard_kib, limits.memory_soft_kib, limits.memory_swap_hard_kib]
        }
        Asked::Config(def) => {
            let tune = &def.memtune;
            [tune.hard_limit, tune.soft_limit, tune.swap_hard_limit].map(|limit| limit.map(|kib| kib.0))
        }
    };
    let shown = |value: Option<u64>| value.unwrap_or(UNLIMITED).min(UNLIMITED);
    let list = KNOWN.iter().zip(values).map(|((name, _), value)| TypedParam::new(*name, shown(value)));
    Ok(reply(list.collect(), room, call.flags))
}

async fn set_memory_parameters(cx: Context, call: DomainSetMemoryParameters) -> Result<()> {
    let supported = AffectFlags::LIVE | AffectFlags::CONFIG;
    let affect = flags(without_string_okay(call.flags), supported, "lxcDomainSetMemoryParameters")?;
    params::check(&call.params, KNOWN, "virDomainSetMemoryParameters")?;
    let domain = cx.driver.domains.find(&call.dom)?;
    let given = |name| ullong(&call.params, name);
    let (hard, soft) = (given(param::MEMORY_HARD_LIMIT), given(param::MEMORY_SOFT_LIMIT));
    let swap = given(param::MEMORY_SWAP_HARD_LIMIT);
    let edit = |def: &mut DomainDef, _: Target| {
        let tune = &mut def.memtune;
        for (limit, value) in
            [(&mut tune.hard_limit, hard), (&mut tune.soft_limit, soft), (&mut tune.swap_hard_limit, swap)]
        {
            if let Some(value) = value {
                *limit = (value < UNLIMITED).then_some(KiB(value));
            }
        }
        let unlimited = KiB(UNLIMITED);
        if tune.hard_limit.unwrap_or(unlimited) > tune.swap_hard_limit.unwrap_or(unlimited) {
            let detail = "memory hard_limit tunable value must be lower than or equal to swap_hard_limit";
            return Err(Error::invalid_arg(ErrorDomain::LXC, detail));
        }
        Ok(())
    };
    let kernel = |value: Option<u64>| value.map(|kib| if kib < UNLIMITED { kib } else { u64::MAX });
    let limits = |_: &DomainDef, _: &_| {
        Ok(Limits {
            memory_hard_kib: kernel(hard),
            memory_soft_kib: kernel(soft),
            memory_swap_hard_kib: kernel(swap),
            ..Limits::default()
        })
    };
    change(&cx.driver, &domain, affect, edit, limits).await
}
