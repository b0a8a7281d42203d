//! The kinds of interfaces: veth pairs, macvlan, interfaces of the host itself.

use std::os::fd::BorrowedFd;

use kernel::Errno;
use rustix::net::netdevice::name_to_index;

use super::netlink::Netlink;
use super::{Made, NAME_MAX, bandwidth, message, number};
use crate::control::Failure;
use crate::failure::{During, Result, failed, failure, step};
use crate::plan::{Bandwidth, DirectMode, Interface, Link};

/// Most ports of a bridge (`BR_MAX_PORTS` of the kernel, less the bridge itself).
const BRIDGE_PORTS_MAX: u32 = 1023;

/// A veth pair, with its host's end on the bridge or on nothing.
pub(super) fn veth(
    netlink: &mut Netlink,
    interface: &Interface,
    alias: &str,
    namespace: BorrowedFd<'_>,
    made: &mut Made,
) -> Result<()> {
    let bridge = match &interface.link {
        Link::Bridge => Some(
            name_to_index(netlink.socket(), &interface.bridge)
                .during(step::NETWORK, format_args!("bridge '{}'", interface.bridge))?,
        ),
        _ => None,
    };
    let mut name = interface.host_name.clone();
    loop {
        let create = message::create_veth(interface, &name, bridge, number(namespace));
        match netlink.request(vec![create]) {
            Ok(()) => break,
            Err(Errno::EXIST) if !interface.host_name_fixed => name = next_name(&name)?,
            Err(errno) => return Err(explain(interface, &name, errno)),
        }
    }
    let what = format_args!("interface '{name}'").to_string();
    let index = name_to_index(netlink.socket(), &name).during(step::NETWORK, &what)?;
    made.host = Some((name.clone(), index));
    set_up_port(netlink, interface, index).during(step::NETWORK, &what)?;
    set_up_host(netlink, interface, index, &what)?;
    limit(netlink, interface, &name, index, alias, made)?;
    let start = message::start_port(index, alias, !interface.no_carrier);
    netlink.request(vec![start]).during(step::NETWORK, what)
}

/// Settings of a bridge port, before anything can pass.
fn set_up_port(netlink: &mut Netlink, interface: &Interface, index: u32) -> kernel::Result<()> {
    if interface.link != Link::Bridge {
        return Ok(());
    }
    if interface.isolated || interface.static_macs {
        netlink.request(vec![message::set_port(index, interface.isolated, interface.static_macs)])?;
    }
    if let Some(vlans) = &interface.vlans {
        netlink.request(vec![message::leave_default_vlan(index), message::add_vlans(index, vlans)])?;
    }
    if interface.static_macs {
        let vlan = interface.vlans.as_ref().and_then(|vlans| vlans.native);
        netlink.request(vec![message::add_static_mac(index, interface.mac, vlan)])?;
    }
    Ok(())
}

/// Addresses and routes of the host's end. Routes need it up.
fn set_up_host(netlink: &mut Netlink, interface: &Interface, index: u32, what: &str) -> Result<()> {
    for address in &interface.host_addresses {
        netlink.request(vec![message::add_address(index, address)]).during(step::NETWORK, what)?;
    }
    if !interface.host_routes.is_empty() {
        netlink.request(vec![message::up(index)]).during(step::NETWORK, what)?;
    }
    for route in &interface.host_routes {
        netlink.request(vec![message::add_route(index, route)]).during(step::NETWORK, what)?;
    }
    Ok(())
}

fn limit(
    netlink: &mut Netlink,
    interface: &Interface,
    name: &str,
    index: u32,
    alias: &str,
    made: &mut Made,
) -> Result<()> {
    let limits = interface.bandwidth;
    if limits == Bandwidth::default() {
        return Ok(());
    }
    if limits.outbound.is_some() {
        made.ifb = Some(make_ifb(netlink, index, alias)?);
    }
    bandwidth::apply(name, index, Bandwidth::default(), limits)
}

/// Makes the block that holds back what arrives at a host's end; one that is left over from another is replaced.
pub(super) fn make_ifb(netlink: &mut Netlink, index: u32, alias: &str) -> Result<String> {
    let name = bandwidth::ifb_of(index);
    let what = format!("interface '{name}'");
    let make = |netlink: &mut Netlink| netlink.request(vec![message::create_ifb(&name)]);
    match make(netlink) {
        Err(Errno::EXIST) => {
            let old = name_to_index(netlink.socket(), &name).during(step::NETWORK, &what)?;
            netlink.request(vec![message::delete(old)]).during(step::NETWORK, &what)?;
            make(netlink).during(step::NETWORK, &what)?;
        }
        other => other.during(step::NETWORK, &what)?,
    }
    let index = name_to_index(netlink.socket(), &name).during(step::NETWORK, &what)?;
    let start = netlink.request(vec![message::start_port(index, alias, true)]);
    if start.is_err() {
        let _ = netlink.request(vec![message::delete(index)]);
    }
    start.during(step::NETWORK, &what)?;
    Ok(name)
}

/// A macvlan interface on one of the host's; all of it is in the container.
pub(super) fn macvlan(
    netlink: &mut Netlink,
    interface: &Interface,
    dev: &str,
    mode: DirectMode,
    namespace: BorrowedFd<'_>,
) -> Result<()> {
    let parent =
        name_to_index(netlink.socket(), dev).during(step::NETWORK, format_args!("interface '{dev}'"))?;
    // Nothing passes as long as it is down.
    netlink
        .request(vec![message::up(parent)])
        .during(step::NETWORK, format_args!("cannot bring up '{dev}'"))?;
    let create = message::create_macvlan(interface, parent, mode, number(namespace));
    let what = format_args!("interface '{}' on '{dev}'", interface.guest_name).to_string();
    netlink.request(vec![create]).during(step::NETWORK, what)
}

/// An interface of the host. A physical one returns by itself when the container's namespace ends; a virtual one
/// would be deleted with it.
pub(super) fn device(
    netlink: &mut Netlink,
    interface: &Interface,
    dev: &str,
    namespace: BorrowedFd<'_>,
) -> Result<()> {
    let what = format_args!("interface '{dev}'").to_string();
    let index = name_to_index(netlink.socket(), dev).during(step::NETWORK, &what)?;
    netlink.request(vec![message::down(index)]).during(step::NETWORK, &what)?;
    if interface.mac != [0; 6] {
        netlink.request(vec![message::set_address(index, interface.mac)]).during(step::NETWORK, &what)?;
    }
    let give = message::move_to(index, &interface.guest_name, number(namespace));
    netlink.request(vec![give]).during(step::NETWORK, what)
}

/// The name with its number one higher: `vnet9` becomes `vnet10`.
fn next_name(name: &str) -> Result<String> {
    let stem = name.trim_end_matches(|digit: char| digit.is_ascii_digit());
    let digits = &name[stem.len()..];
    let next =
        if digits.is_empty() { Some(0) } else { digits.parse::<u32>().ok().and_then(|n| n.checked_add(1)) };
    next.map(|number| format!("{stem}{number}"))
        .filter(|name| name.len() <= NAME_MAX)
        .ok_or_else(|| failed(step::NETWORK, format_args!("no free name after '{name}'"), Errno::EXIST))
}

fn explain(interface: &Interface, name: &str, errno: Errno) -> Failure {
    let bridge = &interface.bridge;
    match (&interface.link, errno) {
        (Link::Bridge, Errno::OPNOTSUPP) => {
            failed(step::NETWORK, format_args!("'{bridge}' is not a bridge"), errno)
        }
        (Link::Bridge, Errno::XFULL) => failure(
            step::NETWORK,
            format_args!("bridge '{bridge}' is full: a bridge has at most {BRIDGE_PORTS_MAX} ports"),
        ),
        (Link::Bridge, _) => {
            failed(step::NETWORK, format_args!("interface '{name}' on bridge '{bridge}'"), errno)
        }
        _ => failed(step::NETWORK, format_args!("interface '{name}'"), errno),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_up() {
        let check = |name: &str, expect: Option<&str>| assert_eq!(next_name(name).ok().as_deref(), expect);
        check("vnet0", Some("vnet1"));
        check("vnet9", Some("vnet10"));
        check("veth", Some("veth0"));
        check("a12b34", Some("a12b35"));
        check("abcdefghijklmn9", None);
        check("v4294967295", None);
    }
}
