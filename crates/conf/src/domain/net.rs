//! Parts of `<interface>` that networks have too.

use std::net::IpAddr;

use xml::Element;

/// `<ip address= family= prefix= peer=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpAddress {
    /// `address=`
    pub address: IpAddr,
    /// `family=`, kept as written (`ipv4`, `ipv6`).
    pub family: Option<String>,
    /// `prefix=`; `None` when absent or 0.
    pub prefix: Option<u8>,
    /// `peer=`
    pub peer: Option<IpAddr>,
}

/// `<route family= address= netmask= prefix= gateway= metric=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `family=`, as written.
    pub family: Option<String>,
    /// Destination network.
    pub address: IpAddr,
    /// `netmask=`, as written instead of a prefix.
    pub netmask: Option<IpAddr>,
    /// `prefix=`
    pub prefix: Option<u8>,
    /// Next hop.
    pub gateway: IpAddr,
    /// `metric=`, never 0.
    pub metric: Option<u32>,
}

impl Route {
    /// Prefix length: `prefix=`, that of `netmask=`, or the whole address (0 for the unspecified address).
    #[must_use]
    pub fn prefix_len(&self) -> u8 {
        let of_mask = |mask: IpAddr| match mask {
            IpAddr::V4(m) => u32::from(m).leading_ones(),
            IpAddr::V6(m) => u128::from(m).leading_ones(),
        };
        if let Some(prefix) = self.prefix {
            return prefix;
        }
        if let Some(mask) = self.netmask {
            return u8::try_from(of_mask(mask)).unwrap_or(0);
        }
        match self.address {
            a if a.is_unspecified() => 0,
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        }
    }
}

/// `<bandwidth>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bandwidth {
    /// `classID=`, set while running on a network with guaranteed bandwidth.
    pub class_id: Option<u32>,
    /// `<inbound>`
    pub inbound: Option<BandwidthRate>,
    /// `<outbound>`
    pub outbound: Option<BandwidthRate>,
}

/// One direction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BandwidthRate {
    /// `average=`, KiB/s; 0 only when `floor` is given.
    pub average: u64,
    /// `peak=`, KiB/s.
    pub peak: Option<u64>,
    /// `floor=`, KiB/s.
    pub floor: Option<u64>,
    /// `burst=`, KiB.
    pub burst: Option<u64>,
}

/// `<filterref filter=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterRef {
    /// Name of the filter.
    pub filter: String,
    /// `<parameter name= value=>`, in libvirt's order (by name, repeated names are lists).
    pub parameters: Vec<(String, String)>,
}

/// `<vlan>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Vlan {
    /// `trunk=`
    pub trunk: bool,
    /// `<tag>`s
    pub tags: Vec<VlanTag>,
}

/// `<tag id= nativeMode=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VlanTag {
    /// 0..=4095
    pub id: u16,
    /// `nativeMode=`: `tagged` or `untagged`.
    pub native_mode: Option<String>,
}

/// `<virtualport type=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualPort {
    /// `type=`: `802.1Qbg 802.1Qbh openvswitch midonet`; `None` when only parameters are given.
    pub kind: Option<String>,
    /// `<parameters>`: names and values, in libvirt's order.
    pub parameters: Vec<(String, String)>,
}

/// An element kept as it is printed.
pub type Kept = Element;
