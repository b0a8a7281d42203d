//! Network interfaces of a container: what each is connected with on the host, and how it is set up inside.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use kernel::Errno;
use kernel::namespace::{self, Kind};
use rustix::net::netdevice::name_to_index;

use crate::failure::{During, Result, failed, failure, step};
use crate::plan::{Interface, Link, Plan};

mod bandwidth;
mod hotplug;
mod inside;
mod kind;
mod list;
mod message;
mod netlink;

pub use hotplug::{attach, detach, set_bandwidth, set_carrier};
pub(crate) use inside::configure;
pub use list::list;

use netlink::Netlink;

/// Longest name of a network interface, bytes (`IFNAMSIZ` less its zero byte).
const NAME_MAX: usize = 15;

/// What is made on the host for the interfaces of a container. Dropping it removes all, unless [`Links::commit`] was
/// called.
#[derive(Debug)]
pub(crate) struct Links {
    netlink: Option<Netlink>,
    made: Vec<Made>,
}

/// What is made on the host for one interface.
#[derive(Debug, Default)]
struct Made {
    /// Name and index of the host's end, if there is one.
    host: Option<(String, u32)>,
    /// Name of the block that holds back what the container sends.
    ifb: Option<String>,
}

impl Links {
    /// Nothing was made.
    pub(crate) const fn none() -> Self {
        Self { netlink: None, made: Vec::new() }
    }

    /// Makes the interfaces of the plan, with their inner ends in `namespace`, down and without addresses.
    pub(crate) fn plug(plan: &Plan, namespace: BorrowedFd<'_>) -> Result<Self> {
        let mut links = Self::none();
        for (number, interface) in plan.interfaces.iter().enumerate() {
            let alias = format!("{}{number}", alias_of(&plan.uuid));
            links.plug_one(interface, &alias, namespace)?;
        }
        Ok(links)
    }

    fn plug_one(&mut self, interface: &Interface, alias: &str, namespace: BorrowedFd<'_>) -> Result<()> {
        let netlink = match &mut self.netlink {
            Some(netlink) => netlink,
            none => none.insert(Netlink::open().during(step::NETWORK, "netlink")?),
        };
        self.made.push(Made::default());
        let made = self.made.last_mut().expect("one was pushed");
        match &interface.link {
            Link::Bridge | Link::Ethernet => kind::veth(netlink, interface, alias, namespace, made),
            Link::Direct { dev, mode } => kind::macvlan(netlink, interface, dev, *mode, namespace),
            Link::Device { dev } => kind::device(netlink, interface, dev, namespace),
        }
    }

    /// Names of what stays from now on: the host ends in the order of the interfaces (empty where there is none),
    /// then the rest.
    pub(crate) fn commit(mut self) -> Vec<String> {
        let made = std::mem::take(&mut self.made);
        let (hosts, ifbs): (Vec<_>, Vec<_>) = made.into_iter().map(|made| (made.host, made.ifb)).unzip();
        let hosts = hosts.into_iter().map(|host| host.map(|(name, _)| name).unwrap_or_default());
        hosts.chain(ifbs.into_iter().flatten()).collect()
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        let Some(netlink) = &mut self.netlink else { return };
        for made in &self.made {
            // Gone already if the namespace of the other end is.
            if let Some((_, index)) = &made.host {
                let _ = netlink.request(vec![message::delete(*index)]);
            }
            if let Some(index) = made.ifb.as_ref().and_then(|ifb| name_to_index(netlink.socket(), ifb).ok()) {
                let _ = netlink.request(vec![message::delete(index)]);
            }
        }
    }
}

/// Deletes host ends of the container `uuid`; others of the same name are left alone. They would go by themselves
/// when their network namespace does, which the kernel does some time after its last user is gone.
pub fn unplug(uuid: &str, names: &[String]) -> Result<()> {
    if names.iter().all(String::is_empty) {
        return Ok(());
    }
    let mut netlink = Netlink::open().during(step::NETWORK, "netlink")?;
    for name in names.iter().filter(|name| !name.is_empty()) {
        let Ok(index) = name_to_index(netlink.socket(), name) else { continue };
        let what = format_args!("interface '{name}'").to_string();
        let alias = netlink.alias(index).during(step::NETWORK, &what)?;
        if alias.is_some_and(|alias| alias.starts_with(&alias_of(uuid))) {
            match netlink.request(vec![message::delete(index)]) {
                Err(Errno::NODEV) => {}
                other => other.during(step::NETWORK, what)?,
            }
        }
    }
    Ok(())
}

/// Refuses what the kernel would misunderstand.
pub(crate) fn check(interfaces: &[Interface]) -> Result<()> {
    for (number, interface) in interfaces.iter().enumerate() {
        check_names(interface)?;
        let guest = &interface.guest_name;
        if guest == "lo" || interfaces[..number].iter().any(|other| other.guest_name == *guest) {
            return Err(failed(
                step::NETWORK,
                format_args!("interface '{guest}' in the container"),
                Errno::EXIST,
            ));
        }
    }
    Ok(())
}

fn check_names(interface: &Interface) -> Result<()> {
    let (host, bridge) = (interface.host_name.as_str(), interface.bridge.as_str());
    let names: [&str; 2] = match &interface.link {
        Link::Bridge => [host, bridge],
        Link::Ethernet => [host, host],
        Link::Direct { dev, .. } | Link::Device { dev } => [dev, dev],
    };
    for name in names.into_iter().chain([interface.guest_name.as_str()]) {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'/' && byte != b':' && byte != b'%';
        let odd = name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(plain);
        if odd || matches!(name, "." | "..") {
            return Err(failure(step::NETWORK, format_args!("'{name}' is no name for a network interface")));
        }
    }
    Ok(())
}

/// Mark of our interfaces on the host, followed by the interface's number.
fn alias_of(uuid: &str) -> String {
    format!("virtcontainer:{uuid}:")
}

/// Opens a netlink socket in another network namespace. The thread is back in its own when this returns; if it
/// cannot go back, the process must not go on as if nothing had happened.
fn netlink_in(target: BorrowedFd<'_>) -> Result<Netlink> {
    let own = namespace::own(Kind::Net).during(step::NETWORK, "own network namespace")?;
    namespace::enter(target, Kind::Net).during(step::NETWORK, "network namespace of the container")?;
    let netlink = Netlink::open();
    if namespace::enter(own.as_fd(), Kind::Net).is_err() {
        std::process::abort();
    }
    netlink.during(step::NETWORK, "netlink")
}

/// A descriptor's number, for a message.
fn number(namespace: BorrowedFd<'_>) -> std::os::fd::RawFd {
    namespace.as_raw_fd()
}

#[cfg(test)]
mod tests;
