//! `<network>`: a virtual network, with one file an element.

use xml::Element;

use crate::domain::{Bandwidth, Metadata, Route, VirtualPort, Vlan};
use crate::enums::yes_no;
use crate::error::origin;
use crate::props::Props;
use crate::{Error, MacAddr, Random, Result, Uuid, number};

mod address;
mod bridge;
mod dhcp;
mod dns;
mod forward;
mod ip;
mod port;
mod portforward;
mod portgroup;
mod status;
mod update;
mod validate;

pub use address::range_size;
pub use bridge::{Bridge, MacTable};
pub use dhcp::{Bootp, DhcpHost, DhcpRange, Lease, LeaseUnit};
pub use dns::{Dns, DnsForwarder, DnsHost, DnsSrv, DnsTxt};
pub use forward::{AddressRange, Forward, ForwardInterface, ForwardMode, Nat, PciAddress, PortRange};
pub use ip::Ip;
pub use port::{NetworkPort, Plug};
pub use portforward::{PORT_FORWARDS, PortForward};
pub use portgroup::PortGroup;
pub use status::NetworkStatus;
pub use update::{Command, Section, Update};
pub use validate::check_network;

/// Namespace of `<dnsmasq:options>`.
const DNSMASQ: &str = "http://libvirt.org/schemas/network/dnsmasq/1.0";

/// libvirt's word for the document in syntax errors.
const DOCUMENT: &str = "(network_definition)";

/// A virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkDef {
    /// `<name>`
    pub name: String,
    /// `<uuid>`; generated when the document had none.
    pub uuid: Uuid,
    /// `<title>`, one line.
    pub title: Option<String>,
    /// `<description>`
    pub description: Option<String>,
    /// `<metadata>`, verbatim.
    pub metadata: Metadata,
    /// `ipv6='yes'`: guests may speak IPv6 among themselves even without an address of the bridge.
    pub ipv6: bool,
    /// `trustGuestRxFilters=`, no effect.
    pub trust_guest_rx_filters: Option<bool>,
    /// `connections=`: ports in use; only while running.
    pub connections: usize,
    /// `<forward>`
    pub forward: Forward,
    /// `<bridge>`
    pub bridge: Bridge,
    /// `<mac address=>` of the bridge.
    pub mac: Option<MacAddr>,
    /// `<mtu size=>`
    pub mtu: Option<u32>,
    /// `<domain name=>`
    pub domain: Option<String>,
    /// `<domain localOnly=>`
    pub domain_local_only: Option<bool>,
    /// `<domain register=>`, no effect without systemd-resolved.
    pub domain_register: Option<bool>,
    /// `<dns>`
    pub dns: Dns,
    /// `<vlan>`
    pub vlan: Option<Vlan>,
    /// `<bandwidth>` of all ports together.
    pub bandwidth: Option<Bandwidth>,
    /// `<port isolated=>`
    pub isolated: Option<bool>,
    /// `<ip>`s
    pub ips: Vec<Ip>,
    /// `<route>`s
    pub routes: Vec<Route>,
    /// `<virtualport>`
    pub virtualport: Option<VirtualPort>,
    /// `<portgroup>`s
    pub portgroups: Vec<PortGroup>,
    /// `<dnsmasq:option value=>`s
    pub dnsmasq_options: Vec<String>,
}

impl NetworkDef {
    /// Reads a document; errors carry libvirt's number and text.
    pub fn parse(xml: &str, random: Random) -> Result<Self> {
        let root = xml::parse(xml).map_err(|error| of_network(Error::syntax(DOCUMENT, &error)))?;
        Self::from_element(&root, random)
    }

    /// Reads a `<network>` inside another document (a status file).
    pub fn from_element(e: &Element, random: Random) -> Result<Self> {
        if e.name.local != "network" {
            let text = format!("expecting root element of 'network', not '{}'", e.name.local);
            return Err(Error::xml(text).from(origin::XML));
        }
        let name = e.child_text("name").ok_or_else(|| of_network(Error::no_name()))?;
        check_name(&name)?;
        let uuid = match e.child_text("uuid") {
            Some(text) => text.parse().map_err(of_network)?,
            None => Uuid::generate(random),
        };
        let title = e.child_text("title");
        if title.as_ref().is_some_and(|title| title.contains('\n')) {
            return Err(wrong("Network title can't contain newlines"));
        }
        let domain = e.child("domain");
        let domain_local_only = domain.map_or(Ok(None), |domain| domain.yes_no("localOnly"))?;
        let domain_register = domain.map_or(Ok(None), |domain| domain.yes_no("register"))?;
        let domain = domain.and_then(|domain| domain.filled("name"));
        let mut def = Self {
            uuid,
            title,
            description: e.child_text("description"),
            metadata: Metadata::parse(e),
            ipv6: parse_ipv6(e, &name)?,
            trust_guest_rx_filters: e.yes_no("trustGuestRxFilters")?,
            connections: 0,
            domain_local_only: domain_local_only.filter(|_| domain.is_some()),
            domain_register: domain_register.filter(|_| domain.is_some()),
            domain,
            bandwidth: Bandwidth::parse(e, false)?,
            vlan: Vlan::parse(e)?,
            bridge: Bridge::parse(e, &name)?,
            mac: parse_mac(e, &name)?,
            mtu: parse_mtu(e, &name)?,
            isolated: e.child("port").map_or(Ok(None), |port| port.yes_no("isolated"))?,
            dns: e.child("dns").map_or_else(|| Ok(Dns::default()), |dns| Dns::parse(dns, &name))?,
            virtualport: VirtualPort::parse_of_network(e)?,
            portgroups: PortGroup::parse_all(e)?,
            ips: e.all("ip").map(|ip| Ip::parse(ip, &name)).collect::<Result<_>>()?,
            routes: Route::parse_all(e, &name)?,
            forward: Forward::parse(e, &name)?,
            dnsmasq_options: parse_options(e)?,
            name,
        };
        def.complete();
        validate::check_parsed(&def)?;
        Ok(def)
    }

    /// What a bridge of ours has even if the document does not say so.
    fn complete(&mut self) {
        if self.makes_bridge() {
            self.bridge.stp.get_or_insert(true);
            self.bridge.delay.get_or_insert(0);
        }
    }

    /// Is the bridge the network's own, made when it starts?
    #[must_use]
    pub const fn makes_bridge(&self) -> bool {
        self.forward.mode.makes_bridge()
    }

    /// The document as text, with a newline at the end; `inactive` without what exists only while running.
    #[must_use]
    pub fn format(&self, inactive: bool) -> String {
        self.to_element(inactive).to_xml()
    }

    /// The document as a tree.
    #[must_use]
    pub fn to_element(&self, inactive: bool) -> Element {
        let mut e = Element::new("network");
        if !self.dnsmasq_options.is_empty() {
            e.declarations.push((Some("dnsmasq".to_owned()), DNSMASQ.into()));
        }
        let connections = Some(self.connections).filter(|count| *count > 0 && !inactive);
        let mut e = e
            .with_opt("connections", connections)
            .with_opt("ipv6", self.ipv6.then_some("yes"))
            .with_opt("trustGuestRxFilters", self.trust_guest_rx_filters.map(yes_no));
        e.push_text("name", &self.name);
        e.push_text("uuid", self.uuid);
        e.push_text_opt("title", self.title.as_ref());
        e.push_text_opt("description", self.description.as_ref());
        self.metadata.format(&mut e);
        e.extend(self.forward.format(inactive));
        e.push_unless_bare(self.bridge.format(self.makes_bridge()));
        e.extend(self.mtu.map(|size| Element::new("mtu").with("size", size)));
        e.extend(self.mac.map(|mac| Element::new("mac").with("address", mac)));
        e.extend(self.format_domain());
        e.push_unless_bare(self.dns.format());
        e.extend(self.vlan.as_ref().map(Vlan::format));
        e.extend(self.bandwidth.as_ref().map(Bandwidth::format));
        e.extend(self.isolated.map(|isolated| Element::new("port").with("isolated", yes_no(isolated))));
        e.extend(self.ips.iter().map(Ip::format));
        e.extend(self.routes.iter().map(Route::format));
        e.extend(self.virtualport.as_ref().map(VirtualPort::format));
        e.extend(self.portgroups.iter().map(PortGroup::format));
        if !self.dnsmasq_options.is_empty() {
            let mut options = dnsmasq("options");
            options.extend(self.dnsmasq_options.iter().map(|value| dnsmasq("option").with("value", value)));
            e.push(options);
        }
        e
    }

    fn format_domain(&self) -> Option<Element> {
        let name = self.domain.as_ref()?;
        let domain = Element::new("domain").with("name", name);
        let domain = domain.with_opt("localOnly", self.domain_local_only.map(yes_no));
        Some(domain.with_opt("register", self.domain_register.map(yes_no)))
    }

    /// The portgroup of that name; without a name the default one, if there is one.
    #[must_use]
    pub fn portgroup(&self, name: Option<&str>) -> Option<&PortGroup> {
        match name {
            Some(name) => self.portgroups.iter().find(|group| group.name == name),
            None => self.portgroups.iter().find(|group| group.default),
        }
    }
}

fn dnsmasq(local: &str) -> Element {
    let mut e = Element::new(local);
    e.name.prefix = Some("dnsmasq".to_owned());
    e.name.uri = Some(DNSMASQ.into());
    e
}

fn parse_options(e: &Element) -> Result<Vec<String>> {
    let Some(options) = e.child_ns(DNSMASQ, "options") else { return Ok(Vec::new()) };
    let found =
        options.elements().filter(|e| e.name.uri.as_deref() == Some(DNSMASQ) && e.name.local == "option");
    found
        .map(|option| {
            let missing = || of_network(Error::internal("No dnsmasq options value specified"));
            let value = option.attr("value").ok_or_else(missing)?;
            one_line("dnsmasq option", value).map(str::to_owned)
        })
        .collect()
}

/// `XML error: ..` of a network.
fn wrong(text: impl AsRef<str>) -> Error {
    of_network(Error::xml(text))
}

/// `unsupported configuration: ..` of a network.
fn unsupported(text: impl AsRef<str>) -> Error {
    of_network(Error::unsupported(text))
}

/// The same error, from the network driver.
fn of_network(error: Error) -> Error {
    error.from(origin::NETWORK)
}

/// A value that becomes part of a line of a configuration file: a line break in it would start another line.
fn one_line<'a>(what: &str, value: &'a str) -> Result<&'a str> {
    if value.chars().any(|c| c.is_control()) {
        return Err(wrong(format!("{what} '{}' contains a control character", value.escape_debug())));
    }
    Ok(value)
}

fn check_name(name: &str) -> Result<()> {
    for bad in ['\n', '/'] {
        if name.contains(bad) {
            return Err(Error::xml_detail(format!("invalid char in name: {bad}")).from(origin::XML));
        }
    }
    // It is part of file names.
    if name.len() > 200 || name.chars().any(|c| c.is_ascii_control()) || matches!(name, "." | "..") {
        return Err(wrong(format!("name '{}' is not possible", name.escape_debug())));
    }
    Ok(())
}

fn parse_ipv6(e: &Element, name: &str) -> Result<bool> {
    match e.attr("ipv6") {
        None | Some("no") => Ok(false),
        Some("yes") => Ok(true),
        Some(other) => Err(wrong(format!("Invalid ipv6 setting '{other}' in network '{name}'"))),
    }
}

fn parse_mac(e: &Element, name: &str) -> Result<Option<MacAddr>> {
    let Some(text) = e.child("mac").and_then(|mac| mac.attr("address")) else { return Ok(None) };
    let invalid = |_| wrong(format!("Invalid bridge mac address '{text}' in network '{name}'"));
    let mac: MacAddr = text.parse().map_err(invalid)?;
    if mac.is_multicast() {
        return Err(wrong(format!("Invalid multicast bridge mac address '{text}' in network '{name}'")));
    }
    Ok(Some(mac))
}

fn parse_mtu(e: &Element, name: &str) -> Result<Option<u32>> {
    let Some(text) = e.child("mtu").and_then(|mtu| mtu.attr("size")) else { return Ok(None) };
    let invalid = || wrong(format!("Invalid mtu size '{text}' in network '{name}'"));
    let size: u32 = number::unsigned(text).ok_or_else(invalid)?;
    Ok(Some(size).filter(|size| *size != 0))
}
