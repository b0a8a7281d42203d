//! Interfaces of a domain: limits and addresses.

use std::net::IpAddr;

use conf::domain::{Bandwidth, BandwidthRate, Device, Interface, InterfaceSource};
use protocol::calls::{DomainGetInterfaceParameters, DomainInterfaceAddresses, DomainSetInterfaceParameters};
use protocol::consts::{AffectFlags, InterfaceAddressesSource, param};
use protocol::limits::{DOMAIN_INTERFACE_MAX, DOMAIN_INTERFACE_PARAMETERS_MAX};
use protocol::params::{ParamValue, Params, TypedParam};
use protocol::types::{DomainInterface, IpAddr as OnWireAddress};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use runtime::control::{Answer, InsideInterface, Request};
use xdr::List;

use super::{Context, flags, no_flags};
use crate::Lxc;
use crate::domain::Run;
use crate::error::{internal, of_request};
use crate::hotplug::{self, Action};
use crate::impact::asked;

/// Bit of typed parameter calls: strings are welcome (`VIR_TYPED_PARAM_STRING_OKAY`). There are none here.
const STRING_OKAY: u32 = 4;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(interface_parameters).on(set_interface_parameters).on(interface_addresses);
}

const AFFECT: AffectFlags = AffectFlags::LIVE.union(AffectFlags::CONFIG);

/// An interface by the name of its host's end or by its hardware address.
fn find<'a>(def: &'a conf::domain::DomainDef, device: &str) -> Result<&'a Interface> {
    let mac = device.parse::<conf::MacAddr>().ok();
    let is_it = |nic: &&Interface| nic.host_dev.as_deref() == Some(device) || mac == Some(nic.mac);
    let missing = || Error::invalid_arg(ErrorDomain::LXC, &format!("cannot find interface '{device}'"));
    def.devices.interfaces().find(is_it).ok_or_else(missing)
}

async fn interface_parameters(
    cx: Context,
    call: DomainGetInterfaceParameters,
) -> Result<(Params<DOMAIN_INTERFACE_PARAMETERS_MAX>, i32)> {
    let affect = flags(call.flags & !STRING_OKAY, AFFECT, "lxcDomainGetInterfaceParameters")?;
    let asked = asked(&*cx.driver.domains.find(&call.dom)?, affect)?;
    let bandwidth = find(asked.def(), &call.device)?.bandwidth.clone().unwrap_or_default();
    let (inbound, outbound) = (bandwidth.inbound.unwrap_or_default(), bandwidth.outbound.unwrap_or_default());
    let figure = |value: Option<u64>| u32::try_from(value.unwrap_or(0)).unwrap_or(u32::MAX);
    let all: Vec<_> = [
        (param::BANDWIDTH_IN_AVERAGE, inbound.average),
        (param::BANDWIDTH_IN_PEAK, inbound.peak),
        (param::BANDWIDTH_IN_BURST, inbound.burst),
        (param::BANDWIDTH_IN_FLOOR, inbound.floor),
        (param::BANDWIDTH_OUT_AVERAGE, outbound.average),
        (param::BANDWIDTH_OUT_PEAK, outbound.peak),
        (param::BANDWIDTH_OUT_BURST, outbound.burst),
    ]
    .into_iter()
    .map(|(name, value)| TypedParam::new(name, figure(value)))
    .collect();
    if call.nparams == 0 {
        return Ok((List::default(), i32::try_from(all.len()).unwrap_or(0)));
    }
    Ok((all.into(), 0))
}

async fn set_interface_parameters(cx: Context, call: DomainSetInterfaceParameters) -> Result<()> {
    let affect = flags(call.flags, AFFECT, "lxcDomainSetInterfaceParameters")?;
    let domain = cx.driver.domains.find(&call.dom)?;
    let mut changes = Vec::new();
    for TypedParam { field, value } in call.params.iter() {
        let ParamValue::UInt(value) = value else {
            let text = format!("invalid type for parameter '{field}', expected 'uint'");
            return Err(Error::invalid_arg(ErrorDomain::NONE, &text));
        };
        changes.push((slot(field)?, u64::from(*value)));
    }
    // The name of a host's end is only known of the running domain.
    let nic = {
        let state = domain.read();
        let def = state.current().ok_or_else(|| internal("the domain is gone"))?;
        find(def, &call.device)?.clone()
    };
    let wanted = Interface { bandwidth: changed(nic.bandwidth.clone(), &changes), ..nic };
    let mut wanted = wanted;
    wanted.info.alias = None;
    hotplug::change(&cx.driver, &domain, &Device::Interface(wanted), Action::Update, affect).await
}

/// A direction is left out when its average is set to 0.
fn changed(bandwidth: Option<Bandwidth>, changes: &[(Slot, u64)]) -> Option<Bandwidth> {
    let mut bandwidth = bandwidth.unwrap_or_default();
    for (slot, value) in changes {
        *slot(&mut bandwidth) = Some(*value).filter(|value| *value != 0);
    }
    let limits = |rate: &BandwidthRate| rate.average.is_some() || rate.floor.is_some();
    bandwidth.inbound = bandwidth.inbound.filter(limits);
    bandwidth.outbound = bandwidth.outbound.filter(limits);
    Some(bandwidth).filter(|b| b.inbound.is_some() || b.outbound.is_some())
}

type Slot = fn(&mut Bandwidth) -> &mut Option<u64>;

/// The figure that a parameter is about.
fn slot(name: &str) -> Result<Slot> {
    fn inbound(bandwidth: &mut Bandwidth) -> &mut BandwidthRate {
        bandwidth.inbound.get_or_insert_default()
    }
    fn outbound(bandwidth: &mut Bandwidth) -> &mut BandwidthRate {
        bandwidth.outbound.get_or_insert_default()
    }
    Ok(match name {
        param::BANDWIDTH_IN_AVERAGE => |b| &mut inbound(b).average,
        param::BANDWIDTH_IN_PEAK => |b| &mut inbound(b).peak,
        param::BANDWIDTH_IN_BURST => |b| &mut inbound(b).burst,
        param::BANDWIDTH_IN_FLOOR => |b| &mut inbound(b).floor,
        param::BANDWIDTH_OUT_AVERAGE => |b| &mut outbound(b).average,
        param::BANDWIDTH_OUT_PEAK => |b| &mut outbound(b).peak,
        param::BANDWIDTH_OUT_BURST => |b| &mut outbound(b).burst,
        other => {
            let text = format!("parameter '{other}' not supported");
            return Err(Error::invalid_arg(ErrorDomain::NONE, &text));
        }
    })
}

async fn interface_addresses(
    cx: Context,
    call: DomainInterfaceAddresses,
) -> Result<List<DomainInterface, DOMAIN_INTERFACE_MAX>> {
    no_flags(call.flags, "lxcDomainInterfaceAddresses")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let list = match InterfaceAddressesSource(call.source) {
        InterfaceAddressesSource::LEASE => by_lease(&cx.driver, &run).await?,
        InterfaceAddressesSource::AGENT => inside(&run).await?.iter().map(as_agent).collect(),
        InterfaceAddressesSource::ARP => by_arp(&run).await?,
        InterfaceAddressesSource(other) => {
            let text = format!("Unknown IP address data source {other}");
            return Err(Error::argument_unsupported(ErrorDomain::LXC, &text));
        }
    };
    Ok(list.into())
}

/// Leases that the network has given.
async fn by_lease(lxc: &Lxc, run: &Run) -> Result<Vec<DomainInterface>> {
    let mut list = Vec::new();
    for nic in run.def.devices.interfaces() {
        let (InterfaceSource::Network { network, .. }, Some(name)) = (&nic.source, &nic.host_dev) else {
            continue;
        };
        let leases = lxc.ports.leases(network, nic.mac).await?;
        if !leases.is_empty() {
            list.push(on_wire(name, Some(nic.mac.to_string()), &leases));
        }
    }
    Ok(list)
}

/// What the container's kernel knows, with the names inside: there is no agent to ask, and none needed.
async fn inside(run: &Run) -> Result<Vec<InsideInterface>> {
    let (answer, _) =
        run.monitor.request(Request::Interfaces).await.map_err(|failure| of_request(&failure))?;
    match answer {
        Answer::Interfaces { list } => Ok(list),
        _ => Err(internal("unexpected answer of a monitor")),
    }
}

fn as_agent(interface: &InsideInterface) -> DomainInterface {
    let mac = interface.mac.map(|mac| conf::MacAddr(mac).to_string());
    on_wire(&interface.name, mac, &interface.addresses)
}

/// What neighbours would find out: addresses of the interfaces that the document names, by the host's ends.
async fn by_arp(run: &Run) -> Result<Vec<DomainInterface>> {
    let inside = inside(run).await?;
    let mut list = Vec::new();
    for nic in run.def.devices.interfaces() {
        let Some(name) = &nic.host_dev else { continue };
        let Some(seen) = inside.iter().find(|seen| seen.mac == Some(nic.mac.0)) else { continue };
        let v4: Vec<_> = seen.addresses.iter().filter(|(address, _)| address.is_ipv4()).copied().collect();
        if !v4.is_empty() {
            // A table of neighbours has no prefixes.
            let plain: Vec<_> = v4.into_iter().map(|(address, _)| (address, 0)).collect();
            list.push(on_wire(name, Some(nic.mac.to_string()), &plain));
        }
    }
    Ok(list)
}

fn on_wire(name: &str, hwaddr: Option<String>, addresses: &[(IpAddr, u8)]) -> DomainInterface {
    let address = |(address, prefix): &(IpAddr, u8)| OnWireAddress {
        r#type: i32::from(address.is_ipv6()),
        addr: address.to_string(),
        prefix: u32::from(*prefix),
    };
    DomainInterface { name: name.to_owned(), hwaddr, addrs: addresses.iter().map(address).collect() }
}
