//! Memory nodes.

use cgroup::Limits;
use conf::domain::{CpuSet, DomainDef, NumaMode, NumaNode, Placement};
use protocol::calls::{DomainGetNumaParameters, DomainSetNumaParameters};
use protocol::consts::{NumaMemMode, param};
use protocol::limits::DOMAIN_NUMA_PARAMETERS_MAX;
use protocol::params::{Params, TypedParam};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use super::{AFFECT, Context, flags};
use crate::error::invalid;
use crate::impact::{Target, asked, change};
use crate::params::{self, Kind, int, reply, room, text, without_string_okay};
use crate::{Lxc, cpumap};

const KNOWN: &[(&str, Kind)] = &[(param::NUMA_MODE, Kind::Int), (param::NUMA_NODESET, Kind::String)];

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(numa_parameters).on(set_numa_parameters);
}

async fn numa_parameters(
    cx: Context,
    call: DomainGetNumaParameters,
) -> Result<(Params<DOMAIN_NUMA_PARAMETERS_MAX>, i32)> {
    let room = room(call.nparams, DOMAIN_NUMA_PARAMETERS_MAX)?;
    let affect = flags(without_string_okay(call.flags), AFFECT, "lxcDomainGetNumaParameters")?;
    let asked = asked(&*cx.driver.domains.find(&call.dom)?, affect)?;
    let memory = asked.def().numatune.memory.as_ref();
    let nodeset = memory.and_then(|memory| memory.nodeset.as_ref()).map(CpuSet::to_string);
    let list = vec![
        TypedParam::new(param::NUMA_MODE, number(memory.map_or(NumaMode::Strict, |memory| memory.mode)).0),
        TypedParam::new(param::NUMA_NODESET, nodeset.unwrap_or_default()),
    ];
    Ok(reply(list, room, call.flags))
}

const fn number(mode: NumaMode) -> NumaMemMode {
    match mode {
        NumaMode::Strict => NumaMemMode::STRICT,
        NumaMode::Preferred => NumaMemMode::PREFERRED,
        NumaMode::Interleave => NumaMemMode::INTERLEAVE,
        NumaMode::Restrictive => NumaMemMode::RESTRICTIVE,
    }
}

async fn set_numa_parameters(cx: Context, call: DomainSetNumaParameters) -> Result<()> {
    let affect = flags(without_string_okay(call.flags), AFFECT, "lxcDomainSetNumaParameters")?;
    params::check(&call.params, KNOWN, "virDomainSetNumaParameters")?;
    let mode = int(&call.params, param::NUMA_MODE).map(mode).transpose()?;
    let nodes = text(&call.params, param::NUMA_NODESET).map(nodeset).transpose()?;
    let edit = |def: &mut DomainDef, target: Target| {
        let present = def.numatune.memory.take();
        let present_mode = present.as_ref().map_or(NumaMode::Strict, |memory| memory.mode);
        let mode = mode.unwrap_or(present_mode);
        if target == Target::Live && mode != present_mode {
            return Err(invalid("can't change numa mode for running domain"));
        }
        let nodeset = nodes.clone().or_else(|| present.and_then(|memory| memory.nodeset));
        let nodeset = nodeset.ok_or_else(|| {
            invalid("nodeset for NUMA memory tuning must be set if 'placement' is 'static'")
        })?;
        def.numatune.memory = Some(NumaNode { mode, placement: Placement::Static, nodeset: Some(nodeset) });
        Ok(())
    };
    let limits = |_: &DomainDef, _: &_| {
        Ok(Limits { cpuset_mems: nodes.as_ref().map(cpumap::list), ..Limits::default() })
    };
    let domain = cx.driver.domains.find(&call.dom)?;
    change(&cx.driver, &domain, affect, edit, limits).await
}

fn mode(number: i32) -> Result<NumaMode> {
    Ok(match NumaMemMode(number) {
        NumaMemMode::STRICT => NumaMode::Strict,
        NumaMemMode::PREFERRED => NumaMode::Preferred,
        NumaMemMode::INTERLEAVE => NumaMode::Interleave,
        NumaMemMode::RESTRICTIVE => NumaMode::Restrictive,
        NumaMemMode(other) => {
            let detail = format!("unsupported numatune mode: '{other}'");
            return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
        }
    })
}

fn nodeset(text: &str) -> Result<CpuSet> {
    let set = CpuSet::parse(text).ok().filter(|set| !set.is_empty());
    set.ok_or_else(|| {
        Error::operation_invalid(ErrorDomain::LXC, &format!("Invalid nodeset of 'numatune': {text}"))
    })
}
