//! `<ip>`.

use std::net::{IpAddr, Ipv4Addr};

use xml::Element;

use super::address::Net;
use super::dhcp::{Bootp, DhcpHost, DhcpRange};
use super::{one_line, unsupported, wrong};
use crate::Result;
use crate::enums::yes_no;
use crate::props::Props;

/// `<ip family= address= netmask= prefix= localPtr=>`: an address of the bridge, and what it serves there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ip {
    /// `family=` was written; it fits the address.
    pub with_family: bool,
    /// `address=`
    pub address: IpAddr,
    /// `netmask=`, as written instead of a prefix.
    pub netmask: Option<Ipv4Addr>,
    /// `prefix=`
    pub prefix: Option<u8>,
    /// `localPtr=`: reverse look-ups for the network are not forwarded.
    pub local_ptr: Option<bool>,
    /// `<tftp root=>`
    pub tftp_root: Option<String>,
    /// `<dhcp><range>`s
    pub ranges: Vec<DhcpRange>,
    /// `<dhcp><host>`s
    pub hosts: Vec<DhcpHost>,
    /// `<dhcp><bootp>`
    pub bootp: Option<Bootp>,
}

impl Ip {
    pub(super) fn parse(e: &Element, network: &str) -> Result<Self> {
        let missing = || wrong(format!("Missing required address attribute in network '{network}'"));
        let text = e.attr("address").ok_or_else(missing)?;
        let prefix = e.uint("prefix")?;
        let local_ptr = e.yes_no("localPtr")?;
        let invalid = |_| wrong(format!("Invalid address '{text}' in network '{network}'"));
        let address: IpAddr = text.parse().map_err(invalid)?;
        check_family(e.attr("family"), address, text, network)?;
        let netmask = parse_netmask(e, address, text, network)?;
        if netmask.is_some() && prefix.is_some() {
            let text = format!("Network '{network}' IP address cannot have both a prefix and a netmask");
            return Err(unsupported(text));
        }
        let (version, max) = if address.is_ipv4() { (4, 32) } else { (6, 128) };
        let too_long =
            |prefix| unsupported(format!("Invalid IPv{version} prefix '{prefix}' in network '{network}'"));
        let prefix = prefix.map(|prefix| {
            u8::try_from(prefix).ok().filter(|prefix| *prefix <= max).ok_or_else(|| too_long(prefix))
        });
        let mut ip = Self {
            with_family: e.attr("family").is_some(),
            address,
            netmask,
            prefix: prefix.transpose()?.filter(|prefix| *prefix != 0),
            local_ptr,
            tftp_root: None,
            ranges: Vec::new(),
            hosts: Vec::new(),
            bootp: None,
        };
        ip.parse_services(e, network)?;
        Ok(ip)
    }

    fn parse_services(&mut self, e: &Element, network: &str) -> Result<()> {
        if let Some(tftp) = e.child("tftp") {
            if self.address.is_ipv6() {
                let text = format!("Unsupported <tftp> element in an IPv6 element in network '{network}'");
                return Err(unsupported(text));
            }
            self.tftp_root = tftp.filled("root");
            if let Some(root) = &self.tftp_root {
                one_line("tftp root", root)?;
            }
        }
        let Some(dhcp) = e.child("dhcp") else { return Ok(()) };
        for child in dhcp.elements() {
            match child.name.local.as_str() {
                "range" => self.ranges.push(DhcpRange::parse(child, self, network)?),
                "host" => self.hosts.push(DhcpHost::parse(child, self.address.is_ipv6(), network)?),
                "bootp" if self.address.is_ipv4() => {
                    self.bootp = Bootp::parse(child)?.or_else(|| self.bootp.take());
                }
                _ => {}
            }
        }
        // libvirt prints it only beside addresses to hand out.
        self.bootp.take_if(|_| !has_dhcp(&self.ranges, &self.hosts));
        Ok(())
    }

    /// Length of the prefix: as written, that of the netmask, or the natural one (RFC 791's classes; 64 for IPv6).
    /// `None` for an IPv4 address of no class.
    #[must_use]
    pub fn prefix_len(&self) -> Option<u8> {
        if self.prefix.is_some() {
            return self.prefix;
        }
        match (self.netmask, self.address) {
            (Some(mask), _) => {
                let mask = u32::from(mask);
                let solid = mask.leading_ones() + mask.trailing_zeros() >= 32;
                solid.then(|| u8::try_from(mask.leading_ones()).unwrap_or(32))
            }
            (None, IpAddr::V6(_)) => Some(64),
            (None, IpAddr::V4(address)) => match address.octets()[0] {
                0..=127 => Some(8),
                128..=191 => Some(16),
                192..=223 => Some(24),
                224..=255 => None,
            },
        }
    }

    pub(super) fn net(&self) -> Option<Net> {
        self.prefix_len().map(|prefix| Net { address: self.address, prefix })
    }

    /// First and last address of the network; `None` as for [`prefix_len`](Self::prefix_len).
    #[must_use]
    pub fn ends(&self) -> Option<(IpAddr, IpAddr)> {
        self.net().map(Net::ends)
    }

    /// Does it hand out addresses?
    #[must_use]
    pub fn has_dhcp(&self) -> bool {
        has_dhcp(&self.ranges, &self.hosts)
    }

    pub(super) fn format(&self) -> Element {
        let family = if self.address.is_ipv4() { "ipv4" } else { "ipv6" };
        let mut e = Element::new("ip")
            .with_opt("family", self.with_family.then_some(family))
            .with("address", self.address)
            .with_opt("netmask", self.netmask)
            .with_opt("prefix", self.prefix)
            .with_opt("localPtr", self.local_ptr.map(yes_no));
        e.extend(self.tftp_root.as_ref().map(|root| Element::new("tftp").with("root", root)));
        if self.has_dhcp() {
            let mut dhcp = Element::new("dhcp");
            dhcp.extend(self.ranges.iter().map(DhcpRange::format));
            dhcp.extend(self.hosts.iter().map(DhcpHost::format));
            dhcp.extend(self.bootp.as_ref().map(Bootp::format));
            e.push(dhcp);
        }
        e.opened()
    }
}

fn has_dhcp(ranges: &[DhcpRange], hosts: &[DhcpHost]) -> bool {
    !ranges.is_empty() || !hosts.is_empty()
}

fn check_family(family: Option<&str>, address: IpAddr, text: &str, network: &str) -> Result<()> {
    let refuse = |what: &str| Err(unsupported(format!("{what} '{text}' in network '{network}'")));
    match family {
        None if address.is_ipv6() => refuse("no family specified for non-IPv4 address"),
        Some("ipv4") if address.is_ipv6() => refuse("ipv4 family specified for non-IPv4 address"),
        Some("ipv6") if address.is_ipv4() => refuse("Family 'ipv6' specified for non-IPv6 address"),
        None | Some("ipv4" | "ipv6") => Ok(()),
        Some(other) => Err(wrong(format!("Unrecognized family '{other}' in network '{network}'"))),
    }
}

fn parse_netmask(e: &Element, address: IpAddr, text: &str, network: &str) -> Result<Option<Ipv4Addr>> {
    let Some(mask) = e.attr("netmask") else { return Ok(None) };
    if address.is_ipv6() {
        let text = format!("netmask not allowed for IPv6 address '{text}' in network '{network}'");
        return Err(unsupported(text));
    }
    match mask.parse() {
        Ok(IpAddr::V4(mask)) => Ok(Some(mask)),
        Ok(IpAddr::V6(_)) => Err(unsupported(format!(
            "Invalid netmask '{mask}' for address '{text}' in network '{network}' (both must be IPv4)"
        ))),
        Err(_) => Err(wrong(format!("Invalid netmask '{mask}' in network '{network}'"))),
    }
}
