//! Setting interfaces up inside.

use rustix::net::netdevice::name_to_index;

use super::message;
use super::netlink::Netlink;
use crate::failure::{During, Result, step};
use crate::plan::Interface;

/// Sets the interfaces up inside: to be called in the container's network namespace.
pub(crate) fn configure(interfaces: &[Interface]) -> Result<()> {
    let mut netlink = Netlink::open().during(step::NETWORK, "netlink")?;
    let loopback = name_to_index(netlink.socket(), "lo").during(step::NETWORK, "lo")?;
    netlink.request(vec![message::up(loopback)]).during(step::NETWORK, "lo")?;
    interfaces.iter().try_for_each(|interface| configure_one(&mut netlink, interface))
}

/// Sets one up, by a socket of the container's network namespace.
pub(super) fn configure_one(netlink: &mut Netlink, interface: &Interface) -> Result<()> {
    let name = &interface.guest_name;
    let index =
        name_to_index(netlink.socket(), name).during(step::NETWORK, format_args!("interface '{name}'"))?;
    for address in &interface.addresses {
        let what = format_args!("address {}/{} of '{name}'", address.address, address.prefix).to_string();
        netlink.request(vec![message::add_address(index, address)]).during(step::NETWORK, what)?;
    }
    if interface.up {
        let what = format_args!("cannot bring up '{name}'").to_string();
        netlink.request(vec![message::up(index)]).during(step::NETWORK, what)?;
    }
    for route in &interface.routes {
        let what = format!("route {}/{} via {} of '{name}'", route.destination, route.prefix, route.gateway);
        netlink.request(vec![message::add_route(index, route)]).during(step::NETWORK, what)?;
    }
    Ok(())
}
