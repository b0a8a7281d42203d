//! Interfaces of a plan.

use conf::domain::{
    Bandwidth, BandwidthRate, DomainDef, HostdevSource, Interface, InterfaceSource, LinkState, NativeMode,
    Vlan,
};
use conf::network::MacTable;
use conf::{Error, Result};
use runtime::plan;

/// Start of generated names of host ends.
pub(crate) const VNET_PREFIX: &str = "vnet";

/// Interfaces in the order of the document, then host interfaces that move in. Host ends without a name get `vnetN`
/// from `first_vnet` on, insides `ethN`.
pub(super) fn interfaces(def: &DomainDef, first_vnet: u32) -> Result<Vec<plan::Interface>> {
    let mut list = Vec::new();
    let mut vnet = first_vnet;
    for (index, interface) in def.devices.interfaces().enumerate() {
        let guest = interface.guest_dev.clone().unwrap_or_else(|| format!("eth{index}"));
        list.push(self::interface(interface, guest, vnet)?);
        vnet += u32::from(interface.host_dev.is_none());
    }
    for hostdev in def.devices.hostdevs() {
        if let HostdevSource::Net { interface, ips, routes } = &hostdev.source {
            list.push(moved(interface, ips, routes));
        }
    }
    Ok(list)
}

/// One interface, with its name inside and the number of a host's end that has no name.
pub(crate) fn interface(interface: &Interface, guest_name: String, vnet: u32) -> Result<plan::Interface> {
    let (bridge, link) = connection(interface)?;
    check(interface, &link)?;
    let (host_name, host_name_fixed) = match &interface.host_dev {
        Some(name) => (name.clone(), true),
        None => (format!("{VNET_PREFIX}{vnet}"), false),
    };
    let static_macs =
        matches!(&interface.source, InterfaceSource::Network { mac_table: Some(MacTable::Libvirt), .. });
    Ok(plan::Interface {
        bridge,
        host_name,
        host_name_fixed,
        guest_name,
        mac: interface.mac.0,
        addresses: interface.ips.iter().map(address).collect(),
        routes: interface.routes.iter().map(route).collect(),
        up: !interface.ips.is_empty() || interface.link == Some(LinkState::Up),
        mtu: interface.mtu,
        isolated: interface.isolated.unwrap_or(false),
        link,
        no_carrier: interface.link == Some(LinkState::Down),
        bandwidth: limits(interface.bandwidth.as_ref()),
        vlans: interface.vlan.as_ref().map(vlans),
        static_macs,
        host_addresses: interface.host_ips.iter().map(address).collect(),
        host_routes: interface.host_routes.iter().map(route).collect(),
    })
}

/// The bridge, if it is one, and the kind of connection.
fn connection(interface: &Interface) -> Result<(String, plan::Link)> {
    let on_bridge = |bridge: &String| Ok((bridge.clone(), plan::Link::Bridge));
    let direct = |dev: &String, mode: conf::domain::DirectMode| {
        let link = plan::Link::Direct { dev: dev.clone(), mode: direct_mode(mode) };
        Ok((String::new(), link))
    };
    match &interface.source {
        InterfaceSource::Bridge { bridge } => on_bridge(bridge),
        InterfaceSource::Network { bridge: Some(bridge), .. } => on_bridge(bridge),
        InterfaceSource::Network { direct: Some((dev, mode)), .. } => direct(dev, *mode),
        InterfaceSource::Network { network, .. } => {
            Err(Error::internal(format!("the interface of network '{network}' has no port")))
        }
        InterfaceSource::Direct { dev, mode } => direct(dev, *mode),
        InterfaceSource::Ethernet => Ok((String::new(), plan::Link::Ethernet)),
        InterfaceSource::Other { kind, .. } => {
            Err(Error::unsupported(format!("Unsupported network type {kind}")))
        }
    }
}

const fn direct_mode(mode: conf::domain::DirectMode) -> plan::DirectMode {
    match mode {
        conf::domain::DirectMode::Vepa => plan::DirectMode::Vepa,
        conf::domain::DirectMode::Private => plan::DirectMode::Private,
        conf::domain::DirectMode::Bridge => plan::DirectMode::Bridge,
        conf::domain::DirectMode::Passthrough => plan::DirectMode::Passthrough,
    }
}

/// Refuses what the kind of connection cannot do, rather than leaving it out.
fn check(interface: &Interface, link: &plan::Link) -> Result<()> {
    let refuse = |what: &str| Err(Error::unsupported(what));
    if let Some(kind) = interface.virtualport.as_ref().and_then(|port| port.kind.as_deref()) {
        return refuse(&format!("<virtualport type='{kind}'> needs a switch that is not supported"));
    }
    let has_host_end = matches!(link, plan::Link::Bridge | plan::Link::Ethernet);
    if interface.bandwidth.is_some() && !has_host_end {
        return refuse("<bandwidth> is not supported for interfaces of type 'direct'");
    }
    if interface.vlan.is_some() && *link != plan::Link::Bridge {
        return refuse(&format!(
            "interface {} - vlan tag not supported for this connection type",
            interface.mac
        ));
    }
    if interface.filter.is_some() && !has_host_end {
        return refuse("filterref is not supported for network interfaces of type direct");
    }
    Ok(())
}

/// Limits as the monitor wants them.
pub(crate) fn limits(bandwidth: Option<&Bandwidth>) -> plan::Bandwidth {
    let rate = |rate: &BandwidthRate| {
        rate.average.map(|average| plan::Rate { average, peak: rate.peak, burst: rate.burst })
    };
    let Some(bandwidth) = bandwidth else { return plan::Bandwidth::default() };
    plan::Bandwidth {
        inbound: bandwidth.inbound.as_ref().and_then(rate),
        outbound: bandwidth.outbound.as_ref().and_then(rate),
    }
}

/// Without a trunk the one tag is the native VLAN; in a trunk one may be, and may nevertheless be tagged.
fn vlans(vlan: &Vlan) -> plan::Vlans {
    if !vlan.trunk {
        return plan::Vlans { tagged: Vec::new(), native: vlan.tags.first().map(|tag| tag.id) };
    }
    let native = vlan.tags.iter().find(|tag| tag.native_mode == Some(NativeMode::Untagged)).map(|tag| tag.id);
    plan::Vlans {
        tagged: vlan.tags.iter().map(|tag| tag.id).filter(|id| Some(*id) != native).collect(),
        native,
    }
}

/// An interface of the host that moves in, with its name and its hardware address.
fn moved(dev: &str, ips: &[conf::domain::IpAddress], routes: &[conf::domain::Route]) -> plan::Interface {
    plan::Interface {
        bridge: String::new(),
        host_name: String::new(),
        host_name_fixed: true,
        guest_name: dev.to_owned(),
        mac: [0; 6],
        addresses: ips.iter().map(address).collect(),
        routes: routes.iter().map(route).collect(),
        up: !ips.is_empty(),
        mtu: None,
        isolated: false,
        link: plan::Link::Device { dev: dev.to_owned() },
        no_carrier: false,
        bandwidth: plan::Bandwidth::default(),
        vlans: None,
        static_macs: false,
        host_addresses: Vec::new(),
        host_routes: Vec::new(),
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
