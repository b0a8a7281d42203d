//! `<forward>`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use xml::Element;

use super::address::check_range;
use super::{of_network, unsupported, wrong};
use crate::enums::{xml_enum, yes_no};
use crate::props::Props;
use crate::{Error, Result, number};

xml_enum! {
    /// `<forward mode=>`: how the network reaches others.
    pub enum ForwardMode {
        None = "none",
        Nat = "nat",
        Route = "route",
        Open = "open",
        Bridge = "bridge",
        Private = "private",
        Vepa = "vepa",
        Passthrough = "passthrough",
        Hostdev = "hostdev",
    }
}

impl ForwardMode {
    /// Has the network a bridge of its own?
    #[must_use]
    pub const fn makes_bridge(self) -> bool {
        matches!(self, Self::None | Self::Nat | Self::Route | Self::Open)
    }
}

/// `<forward>`; mode [`ForwardMode::None`] without the element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// `mode=`
    pub mode: ForwardMode,
    /// `managed=` (hostdev).
    pub managed: bool,
    /// `<driver name=>` (hostdev).
    pub driver: Option<String>,
    /// `<nat>`
    pub nat: Nat,
    /// `<pf dev=>`: a device whose virtual functions are taken.
    pub pf: Option<String>,
    /// `<interface dev=>`s; the first is also printed as `dev=`.
    pub interfaces: Vec<ForwardInterface>,
    /// `<address type='pci'>`s (hostdev).
    pub addresses: Vec<PciAddress>,
}

/// `<interface dev= connections=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardInterface {
    /// `dev=`
    pub dev: String,
    /// `connections=`: ports on it; only while running.
    pub connections: usize,
}

/// `<nat ipv6=>` with its address and port range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Nat {
    /// `ipv6=`: IPv6 is translated too.
    pub ipv6: Option<bool>,
    /// `<address start= end=>`: sources to use instead of the outgoing interface's address.
    pub address: Option<AddressRange>,
    /// `<port start= end=>`: source ports of TCP and UDP.
    pub port: Option<PortRange>,
}

/// First and last address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    /// First.
    pub start: Ipv4Addr,
    /// Last.
    pub end: Ipv4Addr,
}

/// First and last port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    /// First.
    pub start: u16,
    /// Last.
    pub end: u16,
}

/// A PCI function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PciAddress {
    /// Domain.
    pub domain: u16,
    /// Bus.
    pub bus: u8,
    /// Slot.
    pub slot: u8,
    /// Function.
    pub function: u8,
}

impl fmt::Display for PciAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:02x}:{:02x}.{:x}", self.domain, self.bus, self.slot, self.function)
    }
}

impl Default for Forward {
    fn default() -> Self {
        Self {
            mode: ForwardMode::None,
            managed: false,
            driver: None,
            nat: Nat::default(),
            pf: None,
            interfaces: Vec::new(),
            addresses: Vec::new(),
        }
    }
}

impl Forward {
    pub(super) fn parse(parent: &Element, network: &str) -> Result<Self> {
        let Some(e) = parent.child("forward") else { return Ok(Self::default()) };
        let mode = match e.attr("mode") {
            None => ForwardMode::Nat,
            Some(word) => ForwardMode::from_word(word)
                .ok_or_else(|| unsupported(format!("unknown forwarding type '{word}'")))?,
        };
        let driver = e.child("driver").and_then(|driver| driver.filled("name"));
        if let Some(name) = driver.as_deref().filter(|name| !matches!(*name, "vfio" | "kvm" | "xen")) {
            let text = format!("Unknown forward <driver name='{name}'/> in network {network}");
            return Err(unsupported(text));
        }
        let mut forward = Self {
            mode,
            managed: e.attr("managed") == Some("yes"),
            driver,
            nat: parse_nat(e, mode, network)?,
            pf: parse_pf(e, network)?,
            interfaces: parse_interfaces(e, network)?,
            addresses: parse_addresses(e, network)?,
        };
        forward.add_dev(e.filled("dev"), network)?;
        if !forward.interfaces.is_empty() {
            forward.pf = None;
        }
        Ok(forward)
    }

    /// `dev=` is a short form of one `<interface>`.
    fn add_dev(&mut self, dev: Option<String>, network: &str) -> Result<()> {
        match (dev, self.interfaces.first()) {
            (Some(dev), Some(first)) if dev != first.dev => Err(wrong(format!(
                "<forward dev='{dev}'> must match first <interface dev='{}'/> in network {network}",
                first.dev
            ))),
            (Some(dev), None) => {
                self.interfaces.push(ForwardInterface { dev, connections: 0 });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn format(&self, inactive: bool) -> Option<Element> {
        if self.mode == ForwardMode::None {
            return None;
        }
        let managed = (self.mode == ForwardMode::Hostdev).then(|| yes_no(self.managed));
        let mut e = Element::new("forward")
            .with_opt("dev", self.interfaces.first().map(|interface| &interface.dev))
            .with("mode", self.mode)
            .with_opt("managed", managed);
        e.extend(self.driver.as_ref().map(|name| Element::new("driver").with("name", name)));
        e.push_unless_bare(self.nat.format());
        e.extend(self.pf.as_ref().map(|dev| Element::new("pf").with("dev", dev)));
        e.extend(self.interfaces.iter().map(|interface| {
            let connections = Some(interface.connections).filter(|count| *count > 0 && !inactive);
            Element::new("interface").with("dev", &interface.dev).with_opt("connections", connections)
        }));
        e.extend(self.addresses.iter().map(|address| {
            Element::new("address")
                .with("type", "pci")
                .with("domain", format!("{:#06x}", address.domain))
                .with("bus", format!("{:#04x}", address.bus))
                .with("slot", format!("{:#04x}", address.slot))
                .with("function", format!("{:#x}", address.function))
        }));
        Some(e)
    }
}

/// The only child of that name.
fn only<'a>(e: &'a Element, name: &'a str, more: impl FnOnce() -> String) -> Result<Option<&'a Element>> {
    let mut found = e.all(name);
    let first = found.next();
    if found.next().is_some() { Err(wrong(more())) } else { Ok(first) }
}

fn parse_pf(e: &Element, network: &str) -> Result<Option<String>> {
    let more = || format!("Only one <pf> element is allowed in <forward> of network {network}");
    let Some(pf) = only(e, "pf", more)? else { return Ok(None) };
    let missing = || wrong(format!("Missing required dev attribute in <pf> element of network '{network}'"));
    pf.filled("dev").map(Some).ok_or_else(missing)
}

fn parse_interfaces(e: &Element, network: &str) -> Result<Vec<ForwardInterface>> {
    let mut list: Vec<ForwardInterface> = Vec::new();
    for interface in e.all("interface") {
        let missing = || {
            wrong(format!(
                "Missing required dev attribute in <forward> <interface> element of network {network}"
            ))
        };
        let dev = interface.filled("dev").ok_or_else(missing)?;
        if list.iter().any(|known| known.dev == dev) {
            return Err(wrong(format!("interface '{dev}' can only be listed once in network {network}")));
        }
        list.push(ForwardInterface { dev, connections: 0 });
    }
    Ok(list)
}

fn parse_addresses(e: &Element, network: &str) -> Result<Vec<PciAddress>> {
    let mut list: Vec<PciAddress> = Vec::new();
    for e in e.all("address") {
        let kind = e.attr("type").unwrap_or_default();
        if kind != "pci" {
            return Err(unsupported(format!("unknown address type '{kind}' in network {network}")));
        }
        let number = |name: &str, max: u32| {
            let value = e.uint_any(name)?.unwrap_or(0);
            let large = || wrong(format!("PCI {name} {value:#x} is too large in network {network}"));
            if value > max { Err(large()) } else { Ok(value) }
        };
        let small =
            |name: &str, max: u32| number(name, max).map(|value| u8::try_from(value).unwrap_or(u8::MAX));
        let domain = u16::try_from(number("domain", 0xffff)?).unwrap_or(u16::MAX);
        let (bus, slot, function) = (small("bus", 0xff)?, small("slot", 0x1f)?, small("function", 7)?);
        let address = PciAddress { domain, bus, slot, function };
        if list.contains(&address) {
            let text = format!("PCI device '{address}' can only be listed once in network {network}");
            return Err(wrong(text));
        }
        list.push(address);
    }
    Ok(list)
}

fn parse_nat(e: &Element, mode: ForwardMode, network: &str) -> Result<Nat> {
    let more = || format!("Only one <nat> element is allowed in <forward> of network {network}");
    let Some(nat) = only(e, "nat", more)? else { return Ok(Nat::default()) };
    if mode != ForwardMode::Nat {
        return Err(wrong(format!(
            "The <nat> element can only be used when <forward> 'mode' is 'nat' in network {network}"
        )));
    }
    let once = |what: &'static str| {
        move || format!("Only one <{what}> element is allowed in <nat> in <forward> in network {network}")
    };
    let address = only(nat, "address", once("address"))?;
    let port = only(nat, "port", once("port"))?;
    Ok(Nat {
        ipv6: nat.yes_no("ipv6")?,
        address: address.map(|e| parse_address_range(e, network)).transpose()?,
        port: port.map(|e| parse_port_range(e, network)).transpose()?,
    })
}

fn parse_address_range(e: &Element, network: &str) -> Result<AddressRange> {
    let attr = |name: &str| {
        let missing = || {
            wrong(format!(
                "missing '{name}' attribute in <address> element in <nat> in <forward> in network {network}"
            ))
        };
        e.attr(name).ok_or_else(missing)
    };
    let (start, end) = (attr("start")?, attr("end")?);
    let read = |name: &str, text: &str| {
        // inet_aton(3) takes fewer than four numbers too; the last one fills the rest.
        let address = text.parse::<Ipv4Addr>().ok().or_else(|| classful(text));
        address.ok_or_else(|| {
            wrong(format!("Bad ipv4 {name} address '{text}' in <nat> in <forward> in network '{network}'"))
        })
    };
    let range = AddressRange { start: read("start", start)?, end: read("end", end)? };
    check_range(IpAddr::V4(range.start), IpAddr::V4(range.end), None)?;
    Ok(range)
}

fn classful(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<u32> = text.split('.').map(number::unsigned).collect::<Option<_>>()?;
    let (last, first) = parts.split_last()?;
    let bits = 32 - 8 * u32::try_from(first.len()).ok().filter(|count| *count < 3)?;
    if u64::from(*last) >= 1 << bits || first.iter().any(|part| *part > 255) {
        return None;
    }
    let high = first.iter().zip([24, 16]).fold(0, |sum, (part, shift)| sum | part << shift);
    Some(Ipv4Addr::from(high | last))
}

fn parse_port_range(e: &Element, network: &str) -> Result<PortRange> {
    let port = |name: &str, min: u16| {
        let value = e.attr(name).and_then(number::unsigned::<u16>).filter(|port| *port >= min);
        value.ok_or_else(|| {
            of_network(Error::xml_detail(format!(
                "Missing or invalid '{name}' attribute in <port> in <nat> in <forward> in network {network}"
            )))
        })
    };
    let start = port("start", 0)?;
    Ok(PortRange { start, end: port("end", start)? })
}

impl Nat {
    fn format(self) -> Element {
        let mut e = Element::new("nat").with_opt("ipv6", self.ipv6.map(yes_no));
        let range =
            |name: &str, start: String, end: String| Element::new(name).with("start", start).with("end", end);
        e.extend(self.address.map(|r| range("address", r.start.to_string(), r.end.to_string())));
        e.extend(self.port.map(|r| range("port", r.start.to_string(), r.end.to_string())));
        e
    }
}
