//! Network interfaces of a container: veth pairs with one end on a host bridge.

use std::os::fd::{AsRawFd, BorrowedFd};

use kernel::Errno;
use rustix::net::netdevice::name_to_index;

use crate::failure::{During, Result, failed, failure, step};
use crate::plan::{Interface, Plan};

mod message;
mod netlink;

use netlink::Netlink;

/// Longest name of a network interface, bytes (`IFNAMSIZ` less its zero byte).
const NAME_MAX: usize = 15;

/// Host ends made for a start. Dropping it deletes them, unless [`Links::commit`] was called.
#[derive(Debug)]
pub(crate) struct Links {
    netlink: Option<Netlink>,
    made: Vec<(String, u32)>,
}

impl Links {
    /// Nothing was made.
    pub(crate) const fn none() -> Self {
        Self { netlink: None, made: Vec::new() }
    }

    /// Makes the interfaces of the plan, with their inner ends in `namespace`, down and without addresses.
    pub(crate) fn plug(plan: &Plan, namespace: BorrowedFd<'_>) -> Result<Self> {
        let mut links = Self::none();
        if !plan.interfaces.is_empty() {
            links.netlink = Some(Netlink::open().during(step::NETWORK, "netlink")?);
        }
        for (number, interface) in plan.interfaces.iter().enumerate() {
            let alias = format!("{}{number}", alias_of(&plan.uuid));
            links.plug_one(interface, &alias, namespace)?;
        }
        Ok(links)
    }

    fn plug_one(&mut self, interface: &Interface, alias: &str, namespace: BorrowedFd<'_>) -> Result<()> {
        let Some(netlink) = &mut self.netlink else { return Ok(()) };
        let bridge = name_to_index(netlink.socket(), &interface.bridge)
            .during(step::NETWORK, format_args!("bridge '{}'", interface.bridge))?;
        let mut name = interface.host_name.clone();
        loop {
            let create = message::create_veth(interface, &name, bridge, namespace.as_raw_fd());
            match netlink.request(vec![create]) {
                Ok(()) => break,
                Err(Errno::EXIST) if !interface.host_name_fixed => name = next_name(&name)?,
                Err(errno) => return Err(explain(interface, &name, errno)),
            }
        }
        let what = format_args!("interface '{name}'").to_string();
        let index = name_to_index(netlink.socket(), &name).during(step::NETWORK, &what)?;
        self.made.push((name, index));
        netlink
            .request(vec![message::start_port(index, alias, interface.isolated)])
            .during(step::NETWORK, what)
    }

    /// Names of the host ends, which stay from now on.
    pub(crate) fn commit(mut self) -> Vec<String> {
        std::mem::take(&mut self.made).into_iter().map(|(name, _)| name).collect()
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        let Some(netlink) = &mut self.netlink else { return };
        for (_, index) in &self.made {
            // Gone already if the namespace of the other end is.
            let _ = netlink.request(vec![message::delete(*index)]);
        }
    }
}

/// Sets the interfaces up inside: to be called in the container's network namespace.
pub(crate) fn configure(interfaces: &[Interface]) -> Result<()> {
    let mut netlink = Netlink::open().during(step::NETWORK, "netlink")?;
    let loopback = name_to_index(netlink.socket(), "lo").during(step::NETWORK, "lo")?;
    netlink.request(vec![message::up(loopback)]).during(step::NETWORK, "lo")?;
    for interface in interfaces {
        let name = &interface.guest_name;
        let index = name_to_index(netlink.socket(), name)
            .during(step::NETWORK, format_args!("interface '{name}'"))?;
        for address in &interface.addresses {
            let what = format_args!("address {}/{} of '{name}'", address.address, address.prefix).to_string();
            netlink.request(vec![message::add_address(index, address)]).during(step::NETWORK, what)?;
        }
        if interface.up {
            let what = format_args!("cannot bring up '{name}'").to_string();
            netlink.request(vec![message::up(index)]).during(step::NETWORK, what)?;
        }
        for route in &interface.routes {
            let what =
                format!("route {}/{} via {} of '{name}'", route.destination, route.prefix, route.gateway);
            netlink.request(vec![message::add_route(index, route)]).during(step::NETWORK, what)?;
        }
    }
    Ok(())
}

/// Deletes host ends of the container `uuid`; others of the same name are left alone. They would go by themselves
/// when their network namespace does, which the kernel does some time after its last user is gone.
pub fn unplug(uuid: &str, names: &[String]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let mut netlink = Netlink::open().during(step::NETWORK, "netlink")?;
    for name in names {
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
        for name in [&interface.host_name, &interface.guest_name, &interface.bridge] {
            let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'/' && byte != b':' && byte != b'%';
            let odd = name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(plain);
            if odd || matches!(name.as_str(), "." | "..") {
                return Err(failure(
                    step::NETWORK,
                    format_args!("'{name}' is no name for a network interface"),
                ));
            }
        }
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

/// Mark of our interfaces on the host, followed by the interface's number.
fn alias_of(uuid: &str) -> String {
    format!("virtcontainer:{uuid}:")
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

fn explain(interface: &Interface, name: &str, errno: Errno) -> crate::control::Failure {
    if errno == Errno::OPNOTSUPP {
        return failed(step::NETWORK, format_args!("'{}' is not a bridge", interface.bridge), errno);
    }
    failed(step::NETWORK, format_args!("interface '{name}' on bridge '{}'", interface.bridge), errno)
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

    #[test]
    fn names_are_checked() {
        let interface = |host: &str, guest: &str| Interface {
            bridge: "br0".into(),
            host_name: host.into(),
            host_name_fixed: false,
            guest_name: guest.into(),
            mac: [0; 6],
            addresses: vec![],
            routes: vec![],
            up: true,
            mtu: None,
            isolated: false,
        };
        assert!(check(&[interface("vnet0", "eth0"), interface("vnet0", "eth1")]).is_ok());
        assert_eq!(check(&[interface("a", "eth0"), interface("b", "eth0")]).unwrap_err().errno, 17);
        for bad in ["", "..", "a/b", "a b", "vnet%d", "abcdefghijklmnop", "lo"] {
            assert!(check(&[interface("vnet0", bad)]).is_err(), "{bad:?}");
        }
    }
}
