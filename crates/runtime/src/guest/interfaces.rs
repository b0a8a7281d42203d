//! Network interfaces of the container and their addresses.

use std::net::IpAddr;

use kernel::namespace::{self, Kind, Kinds};
use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::sys::socket::SockaddrStorage;
use serde::{Deserialize, Serialize};

use super::{Inside, STEP};
use crate::failure::{During, Result, failed};

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Name inside.
    pub name: String,
    /// Hardware address, if it has one: `52:54:00:00:00:01`.
    pub mac: Option<String>,
    /// Addresses.
    pub addresses: Vec<Address>,
}

/// An address with the length of its network's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// Bits of the network.
    pub prefix: u8,
}

/// The interfaces, in the kernel's order.
pub(super) fn list(inside: &Inside<'_>) -> Result<Vec<Interface>> {
    namespace::enter_of(inside.init, Kinds::from(Kind::Net)).during(STEP, "net")?;
    let found = getifaddrs()
        .map_err(|errno| failed(STEP, "interfaces", kernel::Errno::from_raw_os_error(errno as i32)))?;
    let mut interfaces: Vec<Interface> = Vec::new();
    for entry in found {
        let at = interfaces.iter().position(|known| known.name == entry.interface_name);
        let at = at.unwrap_or_else(|| {
            let name = entry.interface_name.clone();
            interfaces.push(Interface { name, mac: None, addresses: Vec::new() });
            interfaces.len() - 1
        });
        add(&mut interfaces[at], &entry);
    }
    Ok(interfaces)
}

fn add(interface: &mut Interface, entry: &InterfaceAddress) {
    let Some(storage) = &entry.address else { return };
    if let Some(link) = storage.as_link_addr() {
        let bytes = link.addr().filter(|bytes| bytes.iter().any(|byte| *byte != 0));
        let hex = |byte: &u8| format!("{byte:02x}");
        interface.mac = bytes.map(|bytes| bytes.iter().map(hex).collect::<Vec<_>>().join(":"));
    } else if let Some(address) = ip(storage) {
        let prefix = entry.netmask.as_ref().and_then(ip).map_or(0, prefix);
        interface.addresses.push(Address { address, prefix });
    }
}

fn ip(storage: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = storage.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
    v4.or_else(|| storage.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
}

fn prefix(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(mask) => u32::from(mask).count_ones(),
        IpAddr::V6(mask) => u128::from(mask).count_ones(),
    };
    u8::try_from(ones).unwrap_or(0)
}
