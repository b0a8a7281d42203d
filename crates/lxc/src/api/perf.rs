//! Which events are counted.

use conf::domain::DomainDef;
use protocol::calls::{DomainGetPerfEvents, DomainSetPerfEvents};
use protocol::limits::DOMAIN_PERF_EVENTS_MAX;
use protocol::params::{ParamValue, Params, TypedParam};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use super::{AFFECT, Context, flags};
use crate::Lxc;
use crate::domain::Run;
use crate::impact::{Target, asked, change};
use crate::params::{self, Kind, without_string_okay};
use crate::perf::EVENTS;
use crate::vcpus::HostCpus;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(perf_events).on(set_perf_events);
}

async fn perf_events(cx: Context, call: DomainGetPerfEvents) -> Result<Params<DOMAIN_PERF_EVENTS_MAX>> {
    let affect = flags(without_string_okay(call.flags), AFFECT, "lxcDomainGetPerfEvents")?;
    let asked = asked(&*cx.driver.domains.find(&call.dom)?, affect)?;
    let enabled = |name: &str| asked.def().perf_events().any(|(known, on)| known == name && on);
    let list = EVENTS.iter().map(|(name, _)| TypedParam::new(*name, enabled(name)));
    Ok(list.collect::<Vec<_>>().into())
}

async fn set_perf_events(cx: Context, call: DomainSetPerfEvents) -> Result<()> {
    let affect = flags(without_string_okay(call.flags), AFFECT, "lxcDomainSetPerfEvents")?;
    let known: Vec<_> = EVENTS.iter().map(|(name, _)| (*name, Kind::Boolean)).collect();
    params::check(&call.params, &known, "virDomainSetPerfEvents")?;
    let events: Vec<(&str, bool)> = call
        .params
        .iter()
        .map(|param| (param.field.as_str(), param.value == ParamValue::Boolean(true)))
        .collect();
    let domain = cx.driver.domains.find(&call.dom)?;
    let edit = |def: &mut DomainDef, _: Target| {
        events.iter().for_each(|(name, on)| def.set_perf_event(name, *on));
        Ok(())
    };
    let cpus = HostCpus::of(&cx.driver.host);
    let apply = |_: &DomainDef, run: &Run| {
        for (name, on) in &events {
            if !on {
                cx.driver.perf.disable(domain.uuid, name);
                continue;
            }
            cx.driver.perf.enable(domain.uuid, name, run, &cpus).map_err(|errno| {
                let detail = format!("unable to enable host cpu perf event for {name}: {errno}");
                Error::argument_unsupported(ErrorDomain::LXC, &detail)
            })?;
        }
        Ok(cgroup::Limits::default())
    };
    change(&cx.driver, &domain, affect, edit, apply).await
}
