//! `<interface>`.

use xml::Element;

use super::DeviceInfo;
use crate::MacAddr;
use crate::domain::net::{Bandwidth, FilterRef, IpAddress, Route, VirtualPort, Vlan};
use crate::enums::xml_enum;

xml_enum! {
    /// `<link state=>`
    pub enum LinkState {
        Up = "up",
        Down = "down",
    }
}

/// `type=` with `<source>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterfaceSource {
    /// `network`: a virtual network.
    Network {
        /// `network=`
        network: String,
        /// `portgroup=`
        portgroup: Option<String>,
        /// `portid=`: the port's uuid, only while running.
        portid: Option<crate::Uuid>,
        /// `bridge=`: the bridge it got, only while running.
        bridge: Option<String>,
    },
    /// `bridge`: a bridge of the host.
    Bridge {
        /// `bridge=`
        bridge: String,
    },
    /// `ethernet`: a veth pair without a bridge.
    Ethernet,
    /// `direct`: macvlan.
    Direct {
        /// `dev=`
        dev: String,
        /// `mode=`: `vepa private bridge passthrough`.
        mode: String,
    },
    /// `internal`
    Internal {
        /// `name=`
        name: String,
    },
    /// Types a container cannot have (`user`, `hostdev`, `vdpa`, `vhostuser`, ..): kept.
    Other {
        /// `type=`
        kind: String,
        /// `<source>`
        source: Option<Element>,
    },
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Where the host's end is.
    pub source: InterfaceSource,
    /// `<mac address=>`; generated when absent.
    pub mac: MacAddr,
    /// `<mac type=>`/`check=`, kept.
    pub mac_kept: Vec<(String, String)>,
    /// `<script path=>`: refused for containers.
    pub script: Option<String>,
    /// `<downscript path=>`
    pub downscript: Option<String>,
    /// `<source><ip>`: addresses of the host's end (ethernet).
    pub host_ips: Vec<IpAddress>,
    /// `<source><route>`: routes on the host.
    pub host_routes: Vec<Route>,
    /// `<target dev=>`: name of the host's end; a generated one (`vnetN`) only while running.
    pub host_dev: Option<String>,
    /// `<guest dev=>`: name inside.
    pub guest_dev: Option<String>,
    /// `<guest actual=>`: name inside while running.
    pub guest_dev_actual: Option<String>,
    /// `<model type=>`, no effect.
    pub model: Option<String>,
    /// `<link state=>`
    pub link: Option<LinkState>,
    /// `<mtu size=>`
    pub mtu: Option<u32>,
    /// `<port isolated=>`
    pub isolated: Option<bool>,
    /// `<ip>`s inside.
    pub ips: Vec<IpAddress>,
    /// `<route>`s inside.
    pub routes: Vec<Route>,
    /// `<bandwidth>`
    pub bandwidth: Option<Bandwidth>,
    /// `<filterref>`
    pub filter: Option<FilterRef>,
    /// `<vlan>`
    pub vlan: Option<Vlan>,
    /// `<virtualport>`
    pub virtualport: Option<VirtualPort>,
    /// `trustGuestRxFilters=`, kept.
    pub trust_guest_rx_filters: Option<bool>,
    /// Elements without effect (`driver`, `backend`, `coalesce`, `tune`, `teaming`), kept.
    pub kept: Vec<Element>,
    /// Alias and address.
    pub info: DeviceInfo,
}
