//! Interfaces of a running container.

use std::os::fd::{AsFd, BorrowedFd};

use kernel::Errno;
use kernel::namespace::{self, Kind};
use rustix::net::netdevice::name_to_index;

use super::netlink::Netlink;
use super::{Links, alias_of, bandwidth, check_names, inside, kind, message, netlink_in, number};
use crate::failure::{During, Result, failed, step};
use crate::plan::{Bandwidth, Interface, Link};

/// Gives a running container one more interface, in its network namespace `net`. Returns the names of what was made
/// on the host: first the host's end (empty if there is none). On failure nothing stays.
pub fn attach(uuid: &str, serial: u64, interface: &Interface, net: BorrowedFd<'_>) -> Result<Vec<String>> {
    check_names(interface)?;
    let mut inner = netlink_in(net)?;
    let guest = &interface.guest_name;
    if name_to_index(inner.socket(), guest).is_ok() {
        return Err(failed(
            step::NETWORK,
            format_args!("interface '{guest}' in the container"),
            Errno::EXIST,
        ));
    }
    let mut links = Links::none();
    links.plug_one(interface, &format!("{}{serial}", alias_of(uuid)), net)?;
    match inside::configure_one(&mut inner, interface) {
        Ok(()) => Ok(links.commit()),
        Err(failure) => {
            // Of a pair the other end goes with this one; macvlan has only this.
            let _ = take_out(&mut inner, interface);
            Err(failure)
        }
    }
}

/// Takes an interface out of a running container. `host_name` is the host's end, if there is one.
pub fn detach(interface: &Interface, host_name: &str, net: BorrowedFd<'_>) -> Result<()> {
    match &interface.link {
        Link::Bridge | Link::Ethernet => {
            let mut netlink = Netlink::open().during(step::NETWORK, "netlink")?;
            let Ok(index) = name_to_index(netlink.socket(), host_name) else { return Ok(()) };
            if let Ok(ifb) = name_to_index(netlink.socket(), bandwidth::ifb_of(index).as_str()) {
                let _ = netlink.request(vec![message::delete(ifb)]);
            }
            gone_is_fine(netlink.request(vec![message::delete(index)]))
                .during(step::NETWORK, format_args!("interface '{host_name}'"))
        }
        Link::Direct { .. } | Link::Device { .. } => {
            let mut inner = netlink_in(net)?;
            take_out(&mut inner, interface)
        }
    }
}

/// Removes the inside of an interface, or gives it back to the host.
fn take_out(inner: &mut Netlink, interface: &Interface) -> Result<()> {
    let guest = &interface.guest_name;
    let what = format_args!("interface '{guest}' in the container").to_string();
    let Ok(index) = name_to_index(inner.socket(), guest) else { return Ok(()) };
    if let Link::Device { dev } = &interface.link {
        let own = namespace::own(Kind::Net).during(step::NETWORK, "own network namespace")?;
        inner.request(vec![message::down(index)]).during(step::NETWORK, &what)?;
        let back = message::move_to(index, dev, number(own.as_fd()));
        return inner.request(vec![back]).during(step::NETWORK, what);
    }
    gone_is_fine(inner.request(vec![message::delete(index)])).during(step::NETWORK, what)
}

fn gone_is_fine(result: kernel::Result<()>) -> kernel::Result<()> {
    match result {
        Err(Errno::NODEV) => Ok(()),
        other => other,
    }
}

/// Gives the inside a carrier or takes it away, by the host's end.
pub fn set_carrier(host_name: &str, on: bool) -> Result<()> {
    let mut netlink = Netlink::open().during(step::NETWORK, "netlink")?;
    let what = format!("interface '{host_name}'");
    let index = name_to_index(netlink.socket(), host_name).during(step::NETWORK, &what)?;
    let request = if on { message::up(index) } else { message::down(index) };
    netlink.request(vec![request]).during(step::NETWORK, what)
}

/// Replaces the limits of a running container's interface. Returns the name of what was made on the host for it.
pub fn set_bandwidth(uuid: &str, host_name: &str, old: Bandwidth, new: Bandwidth) -> Result<Option<String>> {
    let mut netlink = Netlink::open().during(step::NETWORK, "netlink")?;
    let what = format!("interface '{host_name}'");
    let index = name_to_index(netlink.socket(), host_name).during(step::NETWORK, &what)?;
    let mut made = None;
    if old.outbound.is_none() && new.outbound.is_some() {
        made = Some(kind::make_ifb(&mut netlink, index, &format!("{}limits", alias_of(uuid)))?);
    }
    bandwidth::apply(host_name, index, old, new)?;
    if old.outbound.is_some()
        && new.outbound.is_none()
        && let Ok(ifb) = name_to_index(netlink.socket(), bandwidth::ifb_of(index).as_str())
    {
        gone_is_fine(netlink.request(vec![message::delete(ifb)])).during(step::NETWORK, what)?;
    }
    Ok(made)
}
