//! What the interfaces of a container are like inside.

use std::collections::BTreeMap;
use std::os::fd::BorrowedFd;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressAttribute;
use netlink_packet_route::link::LinkAttribute;

use super::{message, netlink_in};
use crate::control::InsideInterface;
use crate::failure::{During, Result, step};

/// Name, hardware address and addresses of each interface in the network namespace `net`.
pub fn list(net: BorrowedFd<'_>) -> Result<Vec<InsideInterface>> {
    let mut netlink = netlink_in(net)?;
    let mut found: BTreeMap<u32, InsideInterface> = BTreeMap::new();
    netlink
        .dump(message::links(), |answer| {
            let RouteNetlinkMessage::NewLink(link) = answer else { return };
            let mut seen = InsideInterface::default();
            for attribute in link.attributes {
                match attribute {
                    LinkAttribute::IfName(name) => seen.name = name,
                    LinkAttribute::Address(mac) => seen.mac = <[u8; 6]>::try_from(mac).ok(),
                    _ => {}
                }
            }
            found.insert(link.header.index, seen);
        })
        .during(step::NETWORK, "interfaces inside")?;
    netlink
        .dump(message::addresses(), |answer| {
            let RouteNetlinkMessage::NewAddress(address) = answer else { return };
            let prefix = address.header.prefix_len;
            let (mut local, mut plain) = (None, None);
            for attribute in &address.attributes {
                match attribute {
                    AddressAttribute::Local(address) => local = Some(*address),
                    AddressAttribute::Address(address) => plain = Some(*address),
                    _ => {}
                }
            }
            if let (Some(seen), Some(address)) = (found.get_mut(&address.header.index), local.or(plain)) {
                seen.addresses.push((address, prefix));
            }
        })
        .during(step::NETWORK, "addresses inside")?;
    Ok(found.into_values().collect())
}
