//! Checks that concern more than one element.

use super::{ForwardMode, NetworkDef, unsupported, wrong};
use crate::Result;

/// What libvirt checks while it reads.
pub(super) fn check_parsed(def: &NetworkDef) -> Result<()> {
    check_routes(def)?;
    let (name, mode) = (&def.name, def.forward.mode);
    match mode {
        ForwardMode::None => {}
        ForwardMode::Nat | ForwardMode::Route | ForwardMode::Open => check_forwarding(def)?,
        ForwardMode::Private | ForwardMode::Vepa | ForwardMode::Passthrough | ForwardMode::Hostdev => {
            if def.bridge.name.is_some() {
                return Err(wrong(format!("bridge name not allowed in {mode} mode (network '{name}')")));
            }
            if def.bridge.mac_table_manager.is_some() {
                return Err(wrong(format!(
                    "bridge macTableManager setting not allowed in {mode} mode (network '{name}')"
                )));
            }
            check_foreign(def)?;
        }
        ForwardMode::Bridge => check_foreign(def)?,
    }
    if def.mtu.is_some() && !mode.makes_bridge() {
        return Err(wrong(format!(
            "mtu size only allowed in open, route, nat, and isolated mode, not in {mode} (network '{name}')"
        )));
    }
    Ok(())
}

fn check_forwarding(def: &NetworkDef) -> Result<()> {
    let (name, mode) = (&def.name, def.forward.mode);
    if def.ips.is_empty() {
        return Err(wrong(format!(
            "{mode} forwarding requested, but no IP address provided for network '{name}'"
        )));
    }
    if def.forward.interfaces.len() > 1 {
        return Err(wrong(format!(
            "multiple forwarding interfaces specified for network '{name}', only one is supported"
        )));
    }
    if mode == ForwardMode::Open && !def.forward.interfaces.is_empty() {
        let text = format!("forward dev not allowed for network '{name}' with forward mode='{mode}'");
        return Err(wrong(text));
    }
    Ok(())
}

/// For modes whose bridge, if any, is somebody else's.
fn check_foreign(def: &NetworkDef) -> Result<()> {
    let (name, mode, bridge) = (&def.name, def.forward.mode, &def.bridge);
    if bridge.delay.is_some() || bridge.stp.is_some() || bridge.zone.is_some() {
        return Err(wrong(format!(
            "bridge delay/stp/zone options only allowed in route, nat, and isolated mode, not in {mode} \
             (network '{name}')"
        )));
    }
    if bridge.name.is_some() && (!def.forward.interfaces.is_empty() || def.forward.pf.is_some()) {
        return Err(wrong(format!(
            "A network with forward mode='{mode}' can specify a bridge name or a forward dev, but not both \
             (network '{name}')"
        )));
    }
    Ok(())
}

/// A next hop must be in one of the network's own address ranges.
fn check_routes(def: &NetworkDef) -> Result<()> {
    for route in &def.routes {
        let reachable = def.ips.iter().filter_map(|ip| ip.net()).any(|net| net.contains(route.gateway));
        if !reachable {
            return Err(unsupported(format!(
                "unreachable static route gateway '{}' specified for network '{}'",
                route.gateway, def.name
            )));
        }
    }
    Ok(())
}

/// What libvirt checks before it defines or starts a network (`networkValidate`), as far as the document alone
/// tells.
pub fn check_network(def: &NetworkDef) -> Result<()> {
    let (name, mode) = (&def.name, def.forward.mode);
    if !mode.makes_bridge() {
        check_no_own_bridge(def)?;
    }
    if mode == ForwardMode::Hostdev {
        if let Some(interface) = def.forward.interfaces.first() {
            return Err(unsupported(format!(
                "hostdev network '{name}' lists '{}' in the device pool, but hostdev networks require all devices \
                 to be listed by PCI address, not network device name",
                interface.dev
            )));
        }
    } else if !def.forward.addresses.is_empty() {
        // The two blanks are libvirt's.
        return Err(unsupported(format!(
            "network '{name}' has forward mode '{mode}'  but lists a device by PCI address in the device pool. \
             This is only supported for networks with forward mode 'hostdev'"
        )));
    }
    check_dhcp(def)?;
    check_portgroups(def)?;
    let vlan_only = def.vlan.is_some() && !allows_vlan(mode);
    if vlan_only || def.portgroups.iter().any(|group| group.vlan.is_some()) && !allows_vlan(mode) {
        return Err(unsupported(format!(
            "<vlan> element specified for network {name}, whose type doesn't support vlan configuration"
        )));
    }
    Ok(())
}

/// Bridges filter VLANs since libvirt 11.0; macvlan does not.
fn allows_vlan(mode: ForwardMode) -> bool {
    mode.makes_bridge() || matches!(mode, ForwardMode::Bridge | ForwardMode::Hostdev)
}

fn check_no_own_bridge(def: &NetworkDef) -> Result<()> {
    let (name, mode) = (&def.name, def.forward.mode);
    let refuse = |what: &str| {
        Err(unsupported(format!("Unsupported {what} element in network {name} with forward mode='{mode}'")))
    };
    if def.mac.is_some() {
        return refuse("<mac>");
    }
    if !def.ips.is_empty() {
        return refuse("<ip>");
    }
    if !def.dns.has_no_records() {
        return refuse("<dns>");
    }
    if def.domain.is_some() {
        return refuse("<domain>");
    }
    // A host's bridge takes each port's limits from here.
    if def.bandwidth.is_some() && mode != ForwardMode::Bridge {
        return refuse("network-wide <bandwidth>");
    }
    Ok(())
}

fn check_dhcp(def: &NetworkDef) -> Result<()> {
    for (v6, version) in [(false, "IPv4"), (true, "IPv6")] {
        let sections = def.ips.iter().filter(|ip| ip.address.is_ipv6() == v6 && ip.has_dhcp());
        if sections.count() > 1 {
            return Err(unsupported(format!(
                "Multiple {version} dhcp sections found -- dhcp is supported only for a single {version} address \
                 on each network"
            )));
        }
    }
    Ok(())
}

fn check_portgroups(def: &NetworkDef) -> Result<()> {
    let name = &def.name;
    for (number, group) in def.portgroups.iter().enumerate() {
        let before = &def.portgroups[..number];
        if before.iter().any(|other| other.name == group.name) {
            return Err(unsupported(format!(
                "multiple <portgroup> elements with the same name ({}) in network '{name}'",
                group.name
            )));
        }
        if let Some(first) = before.iter().find(|other| other.default && group.default) {
            return Err(unsupported(format!(
                "network '{name}' has multiple default <portgroup> elements ({} and {}), but only one default is \
                 allowed",
                first.name, group.name
            )));
        }
        if group.bandwidth.is_some() && def.forward.mode == ForwardMode::Hostdev {
            return Err(unsupported(format!(
                "Unsupported <bandwidth> element in network '{name}' in portgroup '{}' with forward mode='{}'",
                group.name, def.forward.mode
            )));
        }
    }
    Ok(())
}
