//! The requests we send, as data.

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::RawFd;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage,
    NetlinkPayload,
};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{
    AfSpecBridge, BridgeVlanInfo, BridgeVlanInfoFlags, InfoBridgePort, InfoData, InfoKind, InfoMacVlan,
    InfoPortData, InfoPortKind, InfoVeth, LinkAttribute, LinkFlags, LinkInfo, LinkMessage, MacVlanMode,
};
use netlink_packet_route::neighbour::{NeighbourAttribute, NeighbourFlags, NeighbourMessage, NeighbourState};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

use crate::plan::{Address, DirectMode, Interface, Route, Vlans};

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

/// Makes both ends: `name` on the bridge with this index if there is one, the other one in the network namespace
/// `namespace`.
pub(super) fn create_veth(
    interface: &Interface,
    name: &str,
    bridge: Option<u32>,
    namespace: RawFd,
) -> Request {
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
    ];
    link.attributes.extend(bridge.map(LinkAttribute::Controller));
    link.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::Kind(InfoKind::Veth),
        LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(peer))),
    ]));
    link.attributes.extend(mtu);
    Request::new(RouteNetlinkMessage::NewLink(link), NLM_F_CREATE | NLM_F_EXCL)
}

/// The host end's address: high, because a bridge without an own address takes the lowest of its ports.
fn host_mac(guest: [u8; 6]) -> [u8; 6] {
    let mut mac = guest;
    mac[0] = if guest[0] == 0xfe { 0xfa } else { 0xfe };
    mac
}

/// Makes a macvlan interface in the network namespace `namespace`, on the interface of ours with the index `parent`.
pub(super) fn create_macvlan(
    interface: &Interface,
    parent: u32,
    mode: DirectMode,
    namespace: RawFd,
) -> Request {
    let mode = match mode {
        DirectMode::Vepa => MacVlanMode::Vepa,
        DirectMode::Private => MacVlanMode::Private,
        DirectMode::Bridge => MacVlanMode::Bridge,
        DirectMode::Passthrough => MacVlanMode::Passthrough,
    };
    let mut link = LinkMessage::default();
    link.attributes = vec![
        LinkAttribute::IfName(interface.guest_name.clone()),
        LinkAttribute::Address(interface.mac.to_vec()),
        LinkAttribute::Link(parent),
        LinkAttribute::NetNsFd(namespace),
        LinkAttribute::LinkInfo(vec![
            LinkInfo::Kind(InfoKind::MacVlan),
            LinkInfo::Data(InfoData::MacVlan(vec![InfoMacVlan::Mode(mode)])),
        ]),
    ];
    link.attributes.extend(interface.mtu.map(LinkAttribute::Mtu));
    Request::new(RouteNetlinkMessage::NewLink(link), NLM_F_CREATE | NLM_F_EXCL)
}

/// Moves an interface to another network namespace, where it has another name.
pub(super) fn move_to(index: u32, name: &str, namespace: RawFd) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    link.attributes = vec![LinkAttribute::NetNsFd(namespace), LinkAttribute::IfName(name.to_owned())];
    Request::new(RouteNetlinkMessage::NewLink(link), 0)
}

/// Sets the hardware address of an interface that is down.
pub(super) fn set_address(index: u32, mac: [u8; 6]) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    link.attributes = vec![LinkAttribute::Address(mac.to_vec())];
    Request::new(RouteNetlinkMessage::NewLink(link), 0)
}

/// Makes an intermediate functional block.
pub(super) fn create_ifb(name: &str) -> Request {
    let mut link = LinkMessage::default();
    link.attributes = vec![
        LinkAttribute::IfName(name.to_owned()),
        LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::Ifb)]),
    ];
    Request::new(RouteNetlinkMessage::NewLink(link), NLM_F_CREATE | NLM_F_EXCL)
}

/// Marks a link of ours with its alias, which the kernel does not take at creation, and brings it up if so wanted.
pub(super) fn start_port(index: u32, alias: &str, up: bool) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    if up {
        link.header.flags = LinkFlags::Up;
        link.header.change_mask = LinkFlags::Up;
    }
    link.attributes.push(LinkAttribute::IfAlias(alias.to_owned()));
    Request::new(RouteNetlinkMessage::NewLink(link), 0)
}

/// What a bridge port is like: isolated from others that are, and without learning of addresses.
pub(super) fn set_port(index: u32, isolated: bool, static_macs: bool) -> Request {
    let mut settings = Vec::new();
    if isolated {
        settings.push(InfoBridgePort::Isolated(true));
    }
    if static_macs {
        settings.push(InfoBridgePort::Learning(false));
        settings.push(InfoBridgePort::UnicastFlood(false));
    }
    let mut link = LinkMessage::default();
    link.header.index = index;
    link.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::PortKind(InfoPortKind::Bridge),
        LinkInfo::PortData(InfoPortData::BridgePort(settings)),
    ]));
    Request::new(RouteNetlinkMessage::NewLink(link), 0)
}

/// Tells the bridge for good that a hardware address is behind a port.
pub(super) fn add_static_mac(port: u32, mac: [u8; 6], vlan: Option<u16>) -> Request {
    let mut entry = NeighbourMessage::default();
    entry.header.family = AddressFamily::Bridge;
    entry.header.ifindex = port;
    entry.header.state = NeighbourState::Permanent;
    entry.header.flags = NeighbourFlags::Controller;
    entry.attributes.push(NeighbourAttribute::LinkLayerAddress(mac.to_vec()));
    entry.attributes.extend(vlan.map(NeighbourAttribute::Vlan));
    Request::new(RouteNetlinkMessage::NewNeighbour(entry), NLM_F_CREATE | NLM_F_EXCL)
}

/// Puts a bridge port into its VLANs.
pub(super) fn add_vlans(port: u32, vlans: &Vlans) -> Request {
    let tagged = vlans.tagged.iter().filter(|vid| Some(**vid) != vlans.native);
    let mut list: Vec<_> = tagged.map(|vid| vlan(*vid, BridgeVlanInfoFlags::empty())).collect();
    list.extend(vlans.native.map(|vid| vlan(vid, BridgeVlanInfoFlags::Pvid | BridgeVlanInfoFlags::Untagged)));
    of_port_vlans(port, list, false)
}

/// Takes a bridge port out of the VLAN that every port begins with.
pub(super) fn leave_default_vlan(port: u32) -> Request {
    of_port_vlans(port, vec![vlan(1, BridgeVlanInfoFlags::empty())], true)
}

fn vlan(vid: u16, flags: BridgeVlanInfoFlags) -> AfSpecBridge {
    AfSpecBridge::VlanInfo(BridgeVlanInfo { vid, flags })
}

fn of_port_vlans(port: u32, list: Vec<AfSpecBridge>, delete: bool) -> Request {
    let mut link = LinkMessage::default();
    link.header.interface_family = AddressFamily::Bridge;
    link.header.index = port;
    link.attributes.push(LinkAttribute::AfSpecBridge(list));
    let message =
        if delete { RouteNetlinkMessage::DelLink(link) } else { RouteNetlinkMessage::SetLink(link) };
    Request::new(message, 0)
}

pub(super) fn up(index: u32) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    link.header.flags = LinkFlags::Up;
    link.header.change_mask = LinkFlags::Up;
    Request::new(RouteNetlinkMessage::NewLink(link), 0)
}

pub(super) fn down(index: u32) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    link.header.change_mask = LinkFlags::Up;
    Request::new(RouteNetlinkMessage::NewLink(link), 0)
}

pub(super) fn delete(index: u32) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    Request::new(RouteNetlinkMessage::DelLink(link), 0)
}

/// Asks for all links.
pub(super) fn links() -> Request {
    let flags = NLM_F_REQUEST | NLM_F_DUMP;
    Request { message: RouteNetlinkMessage::GetLink(LinkMessage::default()), flags }
}

/// Asks for all addresses.
pub(super) fn addresses() -> Request {
    let flags = NLM_F_REQUEST | NLM_F_DUMP;
    Request { message: RouteNetlinkMessage::GetAddress(AddressMessage::default()), flags }
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

#[cfg(test)]
#[cfg(target_endian = "little")]
mod tests {
    use super::*;
    use crate::plan::{Bandwidth, Link};

    /// The wire form, a word of four bytes each, in hexadecimal.
    fn words(request: Request) -> String {
        let mut packet = Vec::new();
        request.emit(7, &mut packet);
        let word = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        packet.chunks(4).map(word).collect::<Vec<String>>().join(" ")
    }

    /// Checks a message without its length; the numbers are those of linux/{rtnetlink,if_link,veth}.h.
    fn check(request: Request, expect: &[&str]) {
        assert_eq!(words(request).split_once(' ').unwrap().1, expect.join(" "));
    }

    /// Sequence number and port of every header.
    const SENDER: &str = "07000000 00000000";

    #[test]
    fn veth_with_peer_elsewhere() {
        let interface = Interface {
            bridge: "br0".into(),
            host_name: "vnet0".into(),
            host_name_fixed: false,
            guest_name: "eth0".into(),
            mac: [0x52, 0x54, 0, 1, 2, 3],
            addresses: vec![],
            routes: vec![],
            up: true,
            mtu: Some(1400),
            isolated: true,
            link: Link::Bridge,
            no_carrier: false,
            bandwidth: Bandwidth::default(),
            vlans: None,
            static_macs: false,
            host_addresses: vec![],
            host_routes: vec![],
        };
        check(
            create_veth(&interface, "vnet3", Some(5), 9),
            &[
                // RTM_NEWLINK; request, acknowledge, create, exclusive; struct ifinfomsg
                "10000506",
                SENDER,
                "00000000 00000000 00000000 00000000",
                // IFLA_IFNAME vnet3, IFLA_ADDRESS, IFLA_MASTER 5
                "0a000300 766e6574 33000000 0a000100 fe540001 02030000 08000a00 05000000",
                // IFLA_LINKINFO { IFLA_INFO_KIND veth, IFLA_INFO_DATA { VETH_INFO_PEER { struct ifinfomsg
                "50001200 09000100 76657468 00000000 40000200 3c000100 00000000 00000000 00000000 00000000",
                // IFLA_IFNAME eth0, IFLA_ADDRESS, IFLA_NET_NS_FD 9, IFLA_MTU 1400 } } }
                "09000300 65746830 00000000 0a000100 52540001 02030000 08001c00 09000000 08000400 78050000",
                // IFLA_MTU 1400
                "08000400 78050000",
            ],
        );
        assert_eq!(host_mac([0xfe, 1, 2, 3, 4, 5]), [0xfa, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn port_settings() {
        let started = ["10000500", SENDER, "00000000 06000000 01000000 01000000 06001400 61000000"];
        // Index 6, IFF_UP and its mask, or neither; IFLA_IFALIAS
        check(start_port(6, "a", true), &started);
        let down = ["10000500", SENDER, "00000000 06000000 00000000 00000000 06001400 61000000"];
        check(start_port(6, "a", false), &down);
        // IFLA_LINKINFO { IFLA_INFO_SLAVE_KIND bridge, IFLA_INFO_SLAVE_DATA { IFLA_BRPORT_ISOLATED 1 } }
        let isolated = [
            "10000500",
            SENDER,
            "00000000 06000000 00000000 00000000",
            "1c001200 0b000400 62726964 67650000 0c000500 05002100 01000000",
        ];
        check(set_port(6, true, false), &isolated);
        check(up(1), &["10000500", SENDER, "00000000 01000000 01000000 01000000"]);
        check(delete(6), &["11000500", SENDER, "00000000 06000000 00000000 00000000"]);
        // RTM_SETLINK of AF_BRIDGE, index 6, IFLA_AF_SPEC { IFLA_BRIDGE_VLAN_INFO: flags, number ... }
        let vlans = Vlans { tagged: vec![10, 20], native: Some(20) };
        let expect = [
            "13000500",
            SENDER,
            "07000000 06000000 00000000 00000000",
            "14001a00 08000200 00000a00 08000200 06001400",
        ];
        check(add_vlans(6, &vlans), &expect);
        check(show(6), &["12000100", SENDER, "00000000 06000000 00000000 00000000"]);
    }

    #[test]
    fn addresses() {
        let mut address = Address { address: [10, 0, 0, 2].into(), prefix: 24, peer: None };
        // RTM_NEWADDR; AF_INET, prefix, index 2; IFA_LOCAL, IFA_ADDRESS, IFA_BROADCAST
        let local = "08000200 0a000002";
        let own = ["14000506", SENDER, "02180000 02000000", local, "08000100 0a000002", "08000400 0a0000ff"];
        check(add_address(2, &address), &own);
        address.peer = Some([10, 0, 0, 9].into());
        check(add_address(2, &address), &[own[0], SENDER, own[2], local, "08000100 0a000009"]);
        (address.prefix, address.peer) = (31, None);
        check(add_address(2, &address), &[own[0], SENDER, "021f0000 02000000", local, "08000100 0a000002"]);
        assert_eq!(broadcast([10, 1, 2, 3].into(), 0), Ipv4Addr::BROADCAST);
        assert_eq!(broadcast([10, 1, 2, 3].into(), 30), Ipv4Addr::new(10, 1, 2, 3));
        assert_eq!(broadcast([10, 1, 2, 3].into(), 12), Ipv4Addr::new(10, 15, 255, 255));
    }

    #[test]
    fn routes() {
        let mut route = Route {
            destination: [10, 1, 0, 0].into(),
            prefix: 16,
            gateway: [10, 0, 0, 1].into(),
            metric: Some(50),
        };
        // RTA_GATEWAY, RTA_OIF
        let via = "08000500 0a000001 08000400 02000000";
        // RTM_NEWROUTE; AF_INET, prefix; table main, boot, universe, unicast; RTA_DST, RTA_PRIORITY
        let message =
            ["18000506", SENDER, "02100000 fe030001 00000000", via, "08000100 0a010000", "08000600 32000000"];
        check(add_route(2, &route), &message);
        (route.destination, route.prefix, route.metric) = ([0, 0, 0, 0].into(), 0, None);
        check(add_route(2, &route), &["18000506", SENDER, "02000000 fe030001 00000000", via]);
    }
}
