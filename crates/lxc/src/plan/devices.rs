//! Interfaces of a plan.

use conf::domain::{DomainDef, Interface, InterfaceSource, LinkState};
use conf::{Error, Result};
use runtime::plan;

/// Start of generated names of host ends.
pub(crate) const VNET_PREFIX: &str = "vnet";

/// Interfaces; host ends without a name get `vnetN` from `first_vnet` on.
pub(super) fn interfaces(def: &DomainDef, first_vnet: u32) -> Result<Vec<plan::Interface>> {
    let mut vnet = first_vnet;
    let mut list = Vec::new();
    for (index, interface) in def.devices.interfaces().enumerate() {
        let (host_name, host_name_fixed) = match &interface.host_dev {
            Some(name) => (name.clone(), true),
            None => {
                vnet += 1;
                (format!("{VNET_PREFIX}{}", vnet - 1), false)
            }
        };
        list.push(plan::Interface {
            bridge: bridge(interface)?,
            host_name,
            host_name_fixed,
            guest_name: interface.guest_dev.clone().unwrap_or_else(|| format!("eth{index}")),
            mac: interface.mac.0,
            addresses: interface.ips.iter().map(address).collect(),
            routes: interface.routes.iter().map(route).collect(),
            up: !interface.ips.is_empty() || interface.link == Some(LinkState::Up),
            mtu: interface.mtu,
            isolated: interface.isolated.unwrap_or(false),
        });
    }
    Ok(list)
}

fn bridge(interface: &Interface) -> Result<String> {
    match &interface.source {
        InterfaceSource::Bridge { bridge } => Ok(bridge.clone()),
        InterfaceSource::Network { bridge: Some(bridge), .. } => Ok(bridge.clone()),
        InterfaceSource::Network { network, bridge: None, .. } => {
            Err(Error::internal(format!("the interface of network '{network}' has no port")))
        }
        InterfaceSource::Other { kind, .. } => {
            Err(Error::unsupported(format!("Unsupported network type {kind}")))
        }
        InterfaceSource::Ethernet => {
            Err(Error::unsupported("interface type 'ethernet' is not supported yet"))
        }
        InterfaceSource::Direct { .. } => {
            Err(Error::unsupported("interface type 'direct' is not supported yet"))
        }
    }
}

fn address(ip: &conf::domain::IpAddress) -> plan::Address {
    let whole = if ip.address.is_ipv4() { 24 } else { 64 };
    plan::Address { address: ip.address, prefix: ip.prefix.unwrap_or(whole), peer: ip.peer }
}

fn route(route: &conf::domain::Route) -> plan::Route {
    plan::Route {
        destination: route.address,
        prefix: route.prefix_len(),
        gateway: route.gateway,
        metric: route.metric,
    }
}

/// `<log>` of each console.
pub(super) fn console_logs(def: &DomainDef) -> Vec<Option<plan::ConsoleLog>> {
    let log = |console: &conf::domain::CharDevice| {
        let log = console.source.log.as_ref()?;
        Some(plan::ConsoleLog { path: log.file.clone().into(), append: log.append.unwrap_or(false) })
    };
    def.devices.consoles().map(log).collect()
}
