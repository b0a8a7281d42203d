//! `<range>`, `<host>` and `<bootp>` of `<dhcp>`.

use std::net::IpAddr;

use xml::Element;

use super::address::{check_range, parse_address};
use super::{Ip, one_line, unsupported, wrong};
use crate::enums::xml_enum;
use crate::props::Props;
use crate::{MacAddr, Result};

xml_enum! {
    /// Unit of a lease time.
    pub enum LeaseUnit {
        Seconds = "seconds",
        Minutes = "minutes",
        Hours = "hours",
    }
}

/// `<lease expiry= unit=>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// `expiry=`; 0 is for ever.
    pub expiry: u32,
    /// `unit=`
    pub unit: LeaseUnit,
}

/// `<range start= end=>`: addresses to hand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DhcpRange {
    /// `start=`
    pub start: IpAddr,
    /// `end=`
    pub end: IpAddr,
    /// `<lease>`
    pub lease: Option<Lease>,
}

/// `<host mac= id= name= ip=>`: an address for one client.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DhcpHost {
    /// `mac=`, as written (IPv4).
    pub mac: Option<String>,
    /// `id=`, the client's DUID (IPv6).
    pub id: Option<String>,
    /// `name=`
    pub name: Option<String>,
    /// `ip=`; only the key of an update may lack it.
    pub ip: Option<IpAddr>,
    /// `<lease>`
    pub lease: Option<Lease>,
}

/// `<bootp file= server=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootp {
    /// `file=`
    pub file: String,
    /// `server=`
    pub server: Option<IpAddr>,
}

impl Lease {
    fn parse(parent: &Element) -> Result<Option<Self>> {
        let Some(e) = parent.child("lease") else { return Ok(None) };
        let unit = e.word("unit")?.unwrap_or(LeaseUnit::Minutes);
        let Some(expiry) = e.uint("expiry")? else { return Ok(None) };
        // dnsmasq takes less than two minutes for two minutes.
        let short = match unit {
            LeaseUnit::Seconds => expiry < 120,
            LeaseUnit::Minutes => expiry < 2,
            LeaseUnit::Hours => false,
        };
        if expiry != 0 && short {
            return Err(unsupported("The minimum lease time should be greater than 2 minutes"));
        }
        Ok(Some(Self { expiry, unit }))
    }

    fn format(self) -> Element {
        let unit = (self.expiry != 0).then_some(self.unit);
        Element::new("lease").with("expiry", self.expiry).with_opt("unit", unit)
    }
}

impl DhcpRange {
    pub(super) fn parse(e: &Element, ip: &Ip, network: &str) -> Result<Self> {
        let attr = |name: &str| {
            let missing =
                || wrong(format!("Missing '{name}' attribute in dhcp range for network '{network}'"));
            e.attr(name).ok_or_else(missing)
        };
        let (start, end) = (attr("start")?, attr("end")?);
        let range = Self { start: parse_address(start)?, end: parse_address(end)?, lease: Lease::parse(e)? };
        check_range(range.start, range.end, ip.net())?;
        Ok(range)
    }

    pub(super) fn format(&self) -> Element {
        let mut e = Element::new("range").with("start", self.start).with("end", self.end);
        e.extend(self.lease.map(Lease::format));
        e
    }
}

impl DhcpHost {
    /// A whole definition: `v6` is the family of the `<ip>` it is in.
    pub(super) fn parse(e: &Element, v6: bool, network: &str) -> Result<Self> {
        let host = Self::parse_some(e, network)?;
        match (&host, v6) {
            (Self { mac: Some(mac), .. }, true) => {
                return Err(wrong(format!(
                    "Invalid to specify MAC address '{mac}' in network '{network}' IPv6 static host definition"
                )));
            }
            (Self { id: None, name: None, .. }, true) => {
                return Err(wrong(format!(
                    "Static host definition in IPv6 network '{network}' must have id or name attribute"
                )));
            }
            (Self { mac: None, name: None, .. }, false) => {
                return Err(wrong(format!(
                    "Static host definition in IPv4 network '{network}' must have mac or name attribute"
                )));
            }
            _ => {}
        }
        if host.ip.is_none() {
            let text = format!("Missing IP address in static host definition for network '{network}'");
            return Err(wrong(text));
        }
        Ok(host)
    }

    /// The key of an update: any part of a definition.
    pub(super) fn parse_key(e: &Element, network: &str) -> Result<Self> {
        let host = Self::parse_some(e, network)?;
        if host.mac.is_none() && host.name.is_none() && host.ip.is_none() {
            return Err(wrong(format!(
                "At least one of name, mac, or ip attribute must be specified for static host definition in \
                 network '{network}' "
            )));
        }
        Ok(host)
    }

    fn parse_some(e: &Element, network: &str) -> Result<Self> {
        let mac = e.attr("mac").map(str::to_owned);
        if let Some(mac) = &mac {
            let unreadable = |_| wrong(format!("Cannot parse MAC address '{mac}' in network '{network}'"));
            let read: MacAddr = mac.parse().map_err(unreadable)?;
            if read.is_multicast() {
                return Err(wrong(format!(
                    "expected unicast mac address, found multicast '{mac}' in network '{network}'"
                )));
            }
        }
        let id = e.attr("id").map(str::to_owned);
        if let Some(id) = &id
            && let Some(odd) = id.chars().find(|c| !c.is_ascii_hexdigit() && *c != ':')
        {
            return Err(wrong(format!("Invalid character '{odd}' in id '{id}' of network '{network}'")));
        }
        let name = e.attr("name").map(str::to_owned);
        if let Some(name) = &name {
            if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                return Err(wrong(format!("Cannot use host name '{name}' in network '{network}'")));
            }
            check_host_name(name, network)?;
        }
        let ip = match e.attr("ip") {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                wrong(format!("Invalid IP address in static host definition for network '{network}'"))
            })?),
        };
        Ok(Self { mac, id, name, ip, lease: Lease::parse(e)? })
    }

    pub(super) fn format(&self) -> Element {
        let mut e = Element::new("host")
            .with_opt("mac", self.mac.as_ref())
            .with_opt("id", self.id.as_ref())
            .with_opt("name", self.name.as_ref())
            .with_opt("ip", self.ip);
        e.extend(self.lease.map(Lease::format));
        e
    }
}

/// A name becomes a field of a line in dnsmasq's files, where a comma or a blank would start another field.
pub(super) fn check_host_name(name: &str, network: &str) -> Result<()> {
    if name.chars().any(|c| c == ',' || c == '#' || c.is_whitespace() || c.is_control()) {
        return Err(wrong(format!("Cannot use host name '{}' in network '{network}'", name.escape_debug())));
    }
    Ok(())
}

impl Bootp {
    pub(super) fn parse(e: &Element) -> Result<Option<Self>> {
        let Some(file) = e.attr("file") else { return Ok(None) };
        one_line("bootp file", file)?;
        let server = e.attr("server").map(parse_address).transpose()?;
        Ok(Some(Self { file: file.to_owned(), server }))
    }

    pub(super) fn format(&self) -> Element {
        Element::new("bootp").with("file", &self.file).with_opt("server", self.server)
    }
}
