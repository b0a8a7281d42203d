//! Addresses, ranges of them, and the networks they are in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::{code, origin};
use crate::{Error, Result};

/// Most addresses in one range.
const RANGE_MAX: u128 = 65_535;

/// An address given by number, or libvirt's error of a look-up that finds no such host.
pub(super) fn parse_address(text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| {
        let text = format!("Cannot parse socket address '{text}': Name or service not known");
        Error { code: code::SYSTEM_ERROR, ..Error::xml_detail(text).from(origin::NONE) }
    })
}

/// A network: an address in it, and the length of its prefix.
#[derive(Debug, Clone, Copy)]
pub(super) struct Net {
    pub(super) address: IpAddr,
    pub(super) prefix: u8,
}

impl Net {
    pub(super) fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(address)) => {
                (u32::from(net) ^ u32::from(address)) & mask4(self.prefix) == 0
            }
            (IpAddr::V6(net), IpAddr::V6(address)) => {
                (u128::from(net) ^ u128::from(address)) & mask6(self.prefix) == 0
            }
            _ => false,
        }
    }

    /// First and last address.
    pub(super) fn ends(self) -> (IpAddr, IpAddr) {
        match self.address {
            IpAddr::V4(net) => {
                let first = u32::from(net) & mask4(self.prefix);
                (Ipv4Addr::from(first).into(), Ipv4Addr::from(first | !mask4(self.prefix)).into())
            }
            IpAddr::V6(net) => {
                let first = u128::from(net) & mask6(self.prefix);
                (Ipv6Addr::from(first).into(), Ipv6Addr::from(first | !mask6(self.prefix)).into())
            }
        }
    }
}

fn mask4(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)
}

fn mask6(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0)
}

/// Checks a range, inside `net` if there is one, with libvirt's texts.
pub(super) fn check_range(start: IpAddr, end: IpAddr, net: Option<Net>) -> Result<()> {
    let failed = |text: String| Err(Error::internal(text).from(origin::NONE));
    let range = format!("range {start} - {end}");
    if start.is_ipv4() != end.is_ipv4() {
        return failed(format!("mismatch of address family in {range}"));
    }
    if let Some(net) = net {
        if start.is_ipv4() != net.address.is_ipv4() {
            return failed(format!("mismatch of address family in {range} for network {}", net.address));
        }
        let within = format!("network {}/{}", net.address, net.prefix);
        if !net.contains(start) || !net.contains(end) {
            return failed(format!("{range} is not entirely within {within}"));
        }
        let (first, last) = net.ends();
        if start.is_ipv4() && start == first && net.prefix < 31 {
            return failed(format!("start of {range} in {within} is the network address"));
        }
        if end.is_ipv4() && end == last && net.prefix < 31 {
            return failed(format!("end of {range} in {within} is the broadcast address"));
        }
    }
    match range_size(start, end) {
        None if start.is_ipv4() => failed(format!("{range} is reversed ")),
        None => failed(format!("{range} start larger than end")),
        Some(size) if size > RANGE_MAX => failed(format!("{range} is too large (> {RANGE_MAX})")),
        Some(_) => Ok(()),
    }
}

/// Number of addresses from `start` to `end`; `None` when they are reversed or of two families.
#[must_use]
pub fn range_size(start: IpAddr, end: IpAddr) -> Option<u128> {
    let (start, end) = match (start, end) {
        (IpAddr::V4(start), IpAddr::V4(end)) => (u128::from(u32::from(start)), u128::from(u32::from(end))),
        (IpAddr::V6(start), IpAddr::V6(end)) => (u128::from(start), u128::from(end)),
        _ => return None,
    };
    end.checked_sub(start).map(|difference| difference.saturating_add(1))
}
