//! `<hostdev>`.

use xml::Element;

use super::DeviceInfo;
use crate::domain::net::{IpAddress, Route};

/// `mode=`, `type=` and `<source>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostdevSource {
    /// `mode='capabilities' type='storage'`: a block device.
    Storage {
        /// `<block>`: path of the node on the host, same path inside.
        block: String,
    },
    /// `mode='capabilities' type='misc'`: a character device.
    Misc {
        /// `<char>`: path of the node.
        char: String,
    },
    /// `mode='capabilities' type='net'`: a network interface of the host moves in.
    Net {
        /// `<interface>`
        interface: String,
        /// `<ip>`s
        ips: Vec<IpAddress>,
        /// `<route>`s
        routes: Vec<Route>,
    },
    /// `mode='subsystem' type='usb'`
    Usb {
        /// `<vendor id=>`; 0 = by address.
        vendor: u16,
        /// `<product id=>`
        product: u16,
        /// `<address bus=>`; 0 = by vendor and product.
        bus: u32,
        /// `<address device=>`
        device: u32,
        /// `startupPolicy=`, kept.
        startup_policy: Option<String>,
    },
    /// Other subsystems (`pci`, `scsi`, `mdev`, ..): kept.
    Other {
        /// `type=`
        kind: String,
        /// The element's attributes and `<source>`.
        element: Element,
    },
}

/// A device of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hostdev {
    /// Which.
    pub source: HostdevSource,
    /// `managed=`
    pub managed: bool,
    /// `<readonly/>`, `<shareable/>`, .. kept.
    pub kept: Vec<Element>,
    /// Alias and address.
    pub info: DeviceInfo,
}
