//! Weights and limits of block devices.

mod devices;

use cgroup::{DeviceLimit, Limits};
use conf::domain::DomainDef;
use protocol::calls::{DomainGetBlkioParameters, DomainSetBlkioParameters};
use protocol::consts::param;
use protocol::limits::DOMAIN_BLKIO_PARAMETERS_MAX;
use protocol::params::{Params, TypedParam};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use super::{AFFECT, Context, flags};
use crate::Lxc;
use crate::domain::Run;
use crate::error::internal;
use crate::impact::{Asked, Target, asked, change};
use crate::params::{self, Kind, reply, room, uint, without_string_okay};

const KNOWN: &[(&str, Kind)] = &[
    (param::BLKIO_WEIGHT, Kind::UInt),
    (param::BLKIO_DEVICE_WEIGHT, Kind::String),
    (param::BLKIO_DEVICE_READ_IOPS, Kind::String),
    (param::BLKIO_DEVICE_WRITE_IOPS, Kind::String),
    (param::BLKIO_DEVICE_READ_BPS, Kind::String),
    (param::BLKIO_DEVICE_WRITE_BPS, Kind::String),
];

/// What the kernel takes.
const WEIGHT: std::ops::RangeInclusive<u32> = 10..=1000;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(blkio_parameters).on(set_blkio_parameters);
}

async fn blkio_parameters(
    cx: Context,
    call: DomainGetBlkioParameters,
) -> Result<(Params<DOMAIN_BLKIO_PARAMETERS_MAX>, i32)> {
    let room = room(call.nparams, DOMAIN_BLKIO_PARAMETERS_MAX)?;
    let affect = flags(without_string_okay(call.flags), AFFECT, "lxcDomainGetBlkioParameters")?;
    let asked = asked(&*cx.driver.domains.find(&call.dom)?, affect)?;
    let weight = match &asked {
        // 0 where the host's scheduler of block devices knows no weights.
        Asked::Live(run) => run.cgroup.limits().map_err(|error| internal(&error.to_string()))?.blkio_weight,
        Asked::Config(def) => def.blkiotune.weight,
    };
    let mut list = vec![TypedParam::new(param::BLKIO_WEIGHT, weight.unwrap_or(0))];
    for (name, _) in &KNOWN[1..] {
        list.push(TypedParam::new(*name, devices::format(&asked.def().blkiotune.devices, name)));
    }
    Ok(reply(list, room, call.flags))
}

async fn set_blkio_parameters(cx: Context, call: DomainSetBlkioParameters) -> Result<()> {
    let affect = flags(without_string_okay(call.flags), AFFECT, "lxcDomainSetBlkioParameters")?;
    params::check(&call.params, KNOWN, "virDomainSetBlkioParameters")?;
    let weight = uint(&call.params, param::BLKIO_WEIGHT);
    if let Some(weight) = weight
        && !WEIGHT.contains(&weight)
    {
        let detail = format!("weight must be in range [{}, {}]", WEIGHT.start(), WEIGHT.end());
        return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    }
    let mut changes = Vec::new();
    for (name, _) in &KNOWN[1..] {
        if let Some(text) = params::text(&call.params, name) {
            changes.extend(devices::parse(text, name)?);
        }
    }
    let edit = |def: &mut DomainDef, _: Target| {
        def.blkiotune.weight = weight.or(def.blkiotune.weight);
        devices::apply(&mut def.blkiotune.devices, &changes);
        Ok(())
    };
    let limits = |_: &DomainDef, _: &Run| {
        let devices: Result<Vec<DeviceLimit>> = changes.iter().map(devices::limit).collect();
        Ok(Limits { blkio_weight: weight, devices: devices?, ..Limits::default() })
    };
    let domain = cx.driver.domains.find(&call.dom)?;
    change(&cx.driver, &domain, affect, edit, limits).await
}
