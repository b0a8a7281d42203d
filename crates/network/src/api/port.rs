//! Ports.

use conf::domain::{Bandwidth, BandwidthRate};
use conf::network::NetworkPort;
use protocol::calls::{
    NetworkListAllPorts, NetworkPortCreateXml, NetworkPortDelete, NetworkPortGetParameters,
    NetworkPortGetXmlDesc, NetworkPortLookupByUuid, NetworkPortSetParameters,
};
use protocol::consts::{NetworkPortCreateFlags, param};
use protocol::limits::{NETWORK_PORT_LIST_MAX, NETWORK_PORT_PARAMETERS_MAX};
use protocol::params::{ParamValue, Params, TypedParam};
use protocol::types::NetworkPort as OnWire;
use protocol::{Error, ErrorDomain, Result, Uuid};
use rpc::Router;
use xdr::List;

use super::{Context, count, flags, no_flags, signed};
use crate::error::{not_active, of_document};
use crate::{Networks, port};

/// Bit of typed parameter calls: strings are welcome (`VIR_TYPED_PARAM_STRING_OKAY`). There are none here.
const STRING_OKAY: u32 = 4;

pub(super) fn routes(r: &mut Router<Networks>) {
    r.on(list_all_ports).on(lookup_by_uuid).on(create_xml).on(parameters).on(set_parameters);
    r.on(xml_desc).on(delete);
}

async fn list_all_ports(
    cx: Context,
    call: NetworkListAllPorts,
) -> Result<(List<OnWire, NETWORK_PORT_LIST_MAX>, u32)> {
    no_flags(call.flags, "networkListAllPorts")?;
    let network = cx.driver.registry.find(&call.network)?;
    let state = network.read();
    let run = state.run.as_ref().ok_or_else(|| not_active(&network.name))?;
    let port = |uuid: &Uuid| OnWire { net: network.on_wire(), uuid: *uuid };
    let list: Vec<_> = if call.need_results == 0 { Vec::new() } else { run.ports.keys().map(port).collect() };
    Ok((list.into(), count(run.ports.len())))
}

async fn lookup_by_uuid(cx: Context, call: NetworkPortLookupByUuid) -> Result<OnWire> {
    let network = cx.driver.registry.find(&call.network)?;
    find(&cx.driver, &OnWire { net: call.network, uuid: call.uuid })?;
    Ok(OnWire { net: network.on_wire(), uuid: call.uuid })
}

fn find(driver: &Networks, wanted: &OnWire) -> Result<NetworkPort> {
    let network = driver.registry.find(&wanted.net)?;
    let state = network.read();
    let run = state.run.as_ref().ok_or_else(|| not_active(&network.name))?;
    run.ports.get(&wanted.uuid).cloned().ok_or_else(|| port::no_port(wanted.uuid))
}

async fn create_xml(cx: Context, call: NetworkPortCreateXml) -> Result<OnWire> {
    let supported = NetworkPortCreateFlags::RECLAIM | NetworkPortCreateFlags::VALIDATE;
    let flags = flags(call.flags, supported, "networkPortCreateXML")?;
    let network = cx.driver.registry.find(&call.network)?;
    let wanted = NetworkPort::parse(&call.xml, cx.driver.random).map_err(|error| of_document(&error))?;
    let reclaim = flags.contains(NetworkPortCreateFlags::RECLAIM);
    let made = port::create(&cx.driver, &network, wanted, reclaim).await?;
    Ok(OnWire { net: network.on_wire(), uuid: Uuid(made.uuid.0) })
}

async fn xml_desc(cx: Context, call: NetworkPortGetXmlDesc) -> Result<String> {
    no_flags(call.flags, "networkPortGetXMLDesc")?;
    Ok(find(&cx.driver, &call.port)?.format())
}

async fn delete(cx: Context, call: NetworkPortDelete) -> Result<()> {
    no_flags(call.flags, "networkPortDelete")?;
    let network = cx.driver.registry.find(&call.port.net)?;
    port::delete(&cx.driver, &network, call.port.uuid).await
}

async fn parameters(
    cx: Context,
    call: NetworkPortGetParameters,
) -> Result<(Params<NETWORK_PORT_PARAMETERS_MAX>, i32)> {
    no_flags(call.flags & !STRING_OKAY, "networkPortGetParameters")?;
    let bandwidth = find(&cx.driver, &call.port)?.bandwidth.unwrap_or_default();
    let all = list(&bandwidth);
    if call.nparams == 0 {
        return Ok((List::default(), signed(all.len())));
    }
    Ok((all.into(), 0))
}

fn list(bandwidth: &Bandwidth) -> Vec<TypedParam> {
    let inbound = bandwidth.inbound.clone().unwrap_or_default();
    let outbound = bandwidth.outbound.clone().unwrap_or_default();
    let figure = |value: Option<u64>| u32::try_from(value.unwrap_or(0)).unwrap_or(u32::MAX);
    [
        (param::BANDWIDTH_IN_AVERAGE, inbound.average),
        (param::BANDWIDTH_IN_PEAK, inbound.peak),
        (param::BANDWIDTH_IN_FLOOR, inbound.floor),
        (param::BANDWIDTH_IN_BURST, inbound.burst),
        (param::BANDWIDTH_OUT_AVERAGE, outbound.average),
        (param::BANDWIDTH_OUT_PEAK, outbound.peak),
        (param::BANDWIDTH_OUT_BURST, outbound.burst),
    ]
    .into_iter()
    .map(|(name, value)| TypedParam::new(name, figure(value)))
    .collect()
}

async fn set_parameters(cx: Context, call: NetworkPortSetParameters) -> Result<()> {
    no_flags(call.flags, "networkPortSetParameters")?;
    let mut changes = Vec::new();
    for TypedParam { field, value } in call.params.iter() {
        let ParamValue::UInt(value) = value else {
            let text = format!("invalid type for parameter '{field}', expected 'uint'");
            return Err(Error::invalid_arg(ErrorDomain::NONE, &text));
        };
        changes.push((slot(field)?, u64::from(*value)));
    }
    let network = cx.driver.registry.find(&call.port.net)?;
    port::set_bandwidth(&cx.driver, &network, call.port.uuid, |port| {
        let mut bandwidth = port.bandwidth.take().unwrap_or_default();
        for (slot, value) in &changes {
            *slot(&mut bandwidth) = Some(*value).filter(|value| *value != 0);
        }
        let some = |rate: &BandwidthRate| rate.average.is_some() || rate.floor.is_some();
        bandwidth.inbound = bandwidth.inbound.filter(some);
        bandwidth.outbound = bandwidth.outbound.filter(some);
        port.bandwidth = Some(bandwidth).filter(|b| b.inbound.is_some() || b.outbound.is_some());
    })
    .await
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
        param::BANDWIDTH_IN_FLOOR => |b| &mut inbound(b).floor,
        param::BANDWIDTH_IN_BURST => |b| &mut inbound(b).burst,
        param::BANDWIDTH_OUT_AVERAGE => |b| &mut outbound(b).average,
        param::BANDWIDTH_OUT_PEAK => |b| &mut outbound(b).peak,
        param::BANDWIDTH_OUT_BURST => |b| &mut outbound(b).burst,
        other => {
            let text = format!("parameter '{other}' not supported");
            return Err(Error::invalid_arg(ErrorDomain::NONE, &text));
        }
    })
}
