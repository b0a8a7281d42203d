//! The requests we send, as data.

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::RawFd;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{
    InfoBridgePort, InfoData, InfoKind, InfoPortData, InfoPortKind, InfoVeth, LinkAttribute, LinkFlags,
    LinkInfo, LinkMessage,
};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

use crate::plan::{Address, Interface, Route};

/// A message with its flags.
#[derive(Debug)]
pub(super) struct Request {
    message: RouteNetlinkMessage,
    flags: u16,
}

impl Request {
    /// Asks for an acknowledgement.
    fn new(message: RouteNetlinkMessage, flags: u16) -> Self {
        Self { message, flags: flags | NLM_F_REQUEST | NLM_F_ACK }
    }

    /// Appends the wire form.
    pub(super) fn emit(self, sequence: u32, packet: &mut Vec<u8>) {
        let mut header = NetlinkHeader::default();
        header.flags = self.flags;
        header.sequence_number = sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(self.message));
        message.finalize();
        let start = packet.len();
        packet.resize(start + message.buffer_len().next_multiple_of(4), 0);
        message.serialize(&mut packet[start..]);
    }
}

/// Makes both ends: `name` on the bridge with this index, the other one in the network namespace `namespace`.
pub(super) fn create_veth(interface: &Interface, name: &str, bridge: u32, namespace: RawFd) -> Request {
    let mtu = interface.mtu.map(LinkAttribute::Mtu);
    let mut peer = LinkMessage::default();
    peer.attributes = vec![
        LinkAttribute::IfName(interface.guest_name.clone()),
        LinkAttribute::Address(interface.mac.to_vec()),
        LinkAttribute::NetNsFd(namespace),
    ];
    peer.attributes.extend(mtu.clone());
    let mut link = LinkMessage::default();
    link.attributes = vec![
        LinkAttribute::IfName(name.to_owned()),
        LinkAttribute::Address(host_mac(interface.mac).to_vec()),
        LinkAttribute::Controller(bridge),
        LinkAttribute::LinkInfo(vec![
            LinkInfo::Kind(InfoKind::Veth),
            LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(peer))),
        ]),
    ];
    link.attributes.extend(mtu);
    Request::new(RouteNetlinkMessage::NewLink(link), NLM_F_CREATE | NLM_F_EXCL)
}

/// The host end's address: high, because a bridge without an own address takes the lowest of its ports.
fn host_mac(guest: [u8; 6]) -> [u8; 6] {
    let mut mac = guest;
    mac[0] = if guest[0] == 0xfe { 0xfa } else { 0xfe };
    mac
}

/// Marks a bridge port with our alias, isolates it if so wanted, and then brings it up.
pub(super) fn start_port(index: u32, alias: &str, isolated: bool) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    link.header.flags = LinkFlags::Up;
    link.header.change_mask = LinkFlags::Up;
    link.attributes.push(LinkAttribute::IfAlias(alias.to_owned()));
    if isolated {
        link.attributes.push(LinkAttribute::LinkInfo(vec![
            LinkInfo::PortKind(InfoPortKind::Bridge),
            LinkInfo::PortData(InfoPortData::BridgePort(vec![InfoBridgePort::Isolated(true)])),
        ]));
    }
    Request::new(RouteNetlinkMessage::NewLink(link), 0)
}

pub(super) fn up(index: u32) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    link.header.flags = LinkFlags::Up;
    link.header.change_mask = LinkFlags::Up;
    Request::new(RouteNetlinkMessage::NewLink(link), 0)
}

pub(super) fn delete(index: u32) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    Request::new(RouteNetlinkMessage::DelLink(link), 0)
}

/// Asks for a link; answered by it, not by an acknowledgement.
pub(super) fn show(index: u32) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    Request { message: RouteNetlinkMessage::GetLink(link), flags: NLM_F_REQUEST }
}

pub(super) fn add_address(index: u32, address: &Address) -> Request {
    let mut message = AddressMessage::default();
    message.header.family = family(address.address);
    message.header.prefix_len = address.prefix;
    message.header.index = index;
    let local = address.address;
    message.attributes =
        vec![AddressAttribute::Local(local), AddressAttribute::Address(address.peer.unwrap_or(local))];
    if let (IpAddr::V4(local), None, ..=30) = (local, address.peer, address.prefix) {
        message.attributes.push(AddressAttribute::Broadcast(broadcast(local, address.prefix)));
    }
    Request::new(RouteNetlinkMessage::NewAddress(message), NLM_F_CREATE | NLM_F_EXCL)
}

fn broadcast(address: Ipv4Addr, prefix: u8) -> Ipv4Addr {
    let hosts = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
    Ipv4Addr::from(u32::from(address) | hosts)
}

pub(super) fn add_route(index: u32, route: &Route) -> Request {
    let mut message = RouteMessage::default();
    message.header = RouteHeader {
        address_family: family(route.destination),
        destination_prefix_length: route.prefix,
        table: RouteHeader::RT_TABLE_MAIN,
        protocol: RouteProtocol::Boot,
        scope: RouteScope::Universe,
        kind: RouteType::Unicast,
        ..RouteHeader::default()
    };
    message.attributes =
        vec![RouteAttribute::Gateway(route_address(route.gateway)), RouteAttribute::Oif(index)];
    if route.prefix > 0 {
        message.attributes.push(RouteAttribute::Destination(route_address(route.destination)));
    }
    message.attributes.extend(route.metric.map(RouteAttribute::Priority));
    Request::new(RouteNetlinkMessage::NewRoute(message), NLM_F_CREATE | NLM_F_EXCL)
}

fn route_address(address: IpAddr) -> RouteAddress {
    match address {
        IpAddr::V4(address) => RouteAddress::Inet(address),
        IpAddr::V6(address) => RouteAddress::Inet6(address),
    }
}

fn family(address: IpAddr) -> AddressFamily {
    if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 }
}
