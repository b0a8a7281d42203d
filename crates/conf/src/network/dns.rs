//! `<dns>`.

use std::net::IpAddr;

use xml::Element;

use super::dhcp::check_host_name;
use super::{of_network, one_line, wrong};
use crate::enums::yes_no;
use crate::props::Props;
use crate::{Error, Result, number};

/// `<dns enable= forwardPlainNames=>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dns {
    /// `enable=`
    pub enable: Option<bool>,
    /// `forwardPlainNames=`
    pub forward_plain_names: Option<bool>,
    /// `<forwarder>`s
    pub forwarders: Vec<DnsForwarder>,
    /// `<txt>`s
    pub txts: Vec<DnsTxt>,
    /// `<srv>`s
    pub srvs: Vec<DnsSrv>,
    /// `<host>`s
    pub hosts: Vec<DnsHost>,
}

/// `<forwarder domain= addr=>`: where queries go; at least one of the two is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsForwarder {
    /// `domain=`: only queries for names in it.
    pub domain: Option<String>,
    /// `addr=`; without it queries for the domain go to the host's own servers.
    pub addr: Option<IpAddr>,
}

/// `<txt name= value=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsTxt {
    /// `name=`
    pub name: String,
    /// `value=`; absent only in the key of an update.
    pub value: Option<String>,
}

/// `<srv service= protocol= domain= target= port= priority= weight=>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DnsSrv {
    /// `service=`; absent only in the key of an update.
    pub service: Option<String>,
    /// `protocol=`; likewise.
    pub protocol: Option<String>,
    /// `domain=`
    pub domain: Option<String>,
    /// `target=`
    pub target: Option<String>,
    /// `port=`
    pub port: Option<u16>,
    /// `priority=`
    pub priority: Option<u16>,
    /// `weight=`
    pub weight: Option<u16>,
}

/// `<host ip=>` with its `<hostname>`s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsHost {
    /// `ip=`; absent only in the key of an update.
    pub ip: Option<IpAddr>,
    /// `<hostname>`s
    pub names: Vec<String>,
}

/// `35`, the text alone.
fn detail(text: impl AsRef<str>) -> Error {
    of_network(Error::xml_detail(text))
}

impl Dns {
    pub(super) fn parse(e: &Element, network: &str) -> Result<Self> {
        let dns = Self {
            enable: e.yes_no("enable")?,
            forward_plain_names: e.yes_no("forwardPlainNames")?,
            forwarders: e.all("forwarder").map(|f| DnsForwarder::parse(f, network)).collect::<Result<_>>()?,
            hosts: e.all("host").map(|h| DnsHost::parse(h, false, network)).collect::<Result<_>>()?,
            srvs: e.all("srv").map(|s| DnsSrv::parse(s, false, network)).collect::<Result<_>>()?,
            txts: e.all("txt").map(|t| DnsTxt::parse(t, false, network)).collect::<Result<_>>()?,
        };
        let empty = dns.forward_plain_names.is_none() && dns.has_no_records() && dns.forwarders.is_empty();
        if dns.enable == Some(false) && !empty {
            return Err(wrong(format!("Extra data in disabled network '{network}'")));
        }
        Ok(dns)
    }

    pub(super) fn has_no_records(&self) -> bool {
        self.txts.is_empty() && self.srvs.is_empty() && self.hosts.is_empty()
    }

    pub(super) fn format(&self) -> Element {
        let mut e = Element::new("dns")
            .with_opt("enable", self.enable.map(yes_no))
            .with_opt("forwardPlainNames", self.forward_plain_names.map(yes_no));
        e.extend(self.forwarders.iter().map(DnsForwarder::format));
        e.extend(self.txts.iter().map(DnsTxt::format));
        e.extend(self.srvs.iter().map(DnsSrv::format));
        e.extend(self.hosts.iter().map(DnsHost::format));
        e
    }
}

impl DnsForwarder {
    fn parse(e: &Element, network: &str) -> Result<Self> {
        let addr = match e.attr("addr") {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                wrong(format!("Invalid forwarder IP address '{text}' in network '{network}'"))
            })?),
        };
        let domain = e.filled("domain");
        if let Some(domain) = &domain {
            check_host_name(&domain.replace('/', ","), network)?;
        }
        if addr.is_none() && domain.is_none() {
            let text = "Invalid forwarder element, must contain at least one of addr or domain";
            return Err(wrong(text));
        }
        Ok(Self { domain, addr })
    }

    fn format(&self) -> Element {
        Element::new("forwarder").with_opt("domain", self.domain.as_ref()).with_opt("addr", self.addr)
    }
}

impl DnsTxt {
    /// `key`: of an update, which may lack the value.
    pub(super) fn parse(e: &Element, key: bool, network: &str) -> Result<Self> {
        let Some(name) = e.attr("name") else {
            return Err(detail(format!(
                "missing required name attribute in DNS TXT record of network {network}"
            )));
        };
        if name.contains(' ') {
            return Err(detail(format!(
                "prohibited character in DNS TXT record name '{name}' of network {network}"
            )));
        }
        one_line("DNS TXT record name", name)?;
        let value = e.attr("value").map(str::to_owned);
        if value.is_none() && !key {
            return Err(detail(format!(
                "missing required value attribute in DNS TXT record named '{name}' of network {network}"
            )));
        }
        if let Some(value) = &value {
            one_line("DNS TXT record value", value)?;
        }
        Ok(Self { name: name.to_owned(), value })
    }

    fn format(&self) -> Element {
        Element::new("txt").with("name", &self.name).with_opt("value", self.value.as_ref())
    }
}

impl DnsSrv {
    /// `key`: of an update, which may lack anything.
    pub(super) fn parse(e: &Element, key: bool, network: &str) -> Result<Self> {
        let service = e.attr("service").map(str::to_owned);
        if service.is_none() && !key {
            return Err(detail(format!(
                "missing required service attribute in DNS SRV record of network '{network}'"
            )));
        }
        check_word("service", service.as_deref(), network)?;
        let protocol = e.attr("protocol").map(str::to_owned);
        let of = service.clone().unwrap_or_else(|| "(null)".to_owned());
        if protocol.is_none() && !key {
            return Err(detail(format!(
                "missing required protocol attribute in DNS SRV record '{of}' of network '{network}'"
            )));
        }
        check_word("protocol", protocol.as_deref(), network)?;
        let (target, domain) = (e.filled("target"), e.filled("domain"));
        for name in [&target, &domain].into_iter().flatten() {
            check_host_name(name, network)?;
        }
        let number = |name: &str, label: &str, min: u32| {
            let Some(text) = e.attr(name) else { return Ok(None) };
            let value = number::unsigned::<u32>(text).filter(|value| *value >= min);
            let value = value.and_then(|value| u16::try_from(value).ok());
            let invalid = || {
                detail(format!("{label} DNS SRV {name} attribute for service '{of}' in network '{network}'"))
            };
            let value = value.ok_or_else(invalid)?;
            if target.is_none() && !key {
                return Err(detail(format!(
                    "DNS SRV {name} attribute not permitted without target for service '{of}' in network \
                     '{network}'"
                )));
            }
            Ok(Some(value).filter(|value| *value != 0))
        };
        let port = number("port", "invalid", 1)?;
        let priority = number("priority", "Invalid", 0)?;
        let weight = number("weight", "invalid", 0)?;
        Ok(Self { service, protocol, domain, target, port, priority, weight })
    }

    fn format(&self) -> Element {
        Element::new("srv")
            .with_opt("service", self.service.as_ref())
            .with_opt("protocol", self.protocol.as_ref())
            .with_opt("domain", self.domain.as_ref())
            .with_opt("target", self.target.as_ref())
            .with_opt("port", self.port)
            .with_opt("priority", self.priority)
            .with_opt("weight", self.weight)
    }

    /// Does it fit the key of an update in everything that the key says?
    pub(super) fn matches(&self, key: &Self) -> bool {
        fn same<T: PartialEq>(key: Option<&T>, own: Option<&T>) -> bool {
            key.is_none() || key == own
        }
        same(key.service.as_ref(), self.service.as_ref())
            && same(key.protocol.as_ref(), self.protocol.as_ref())
            && same(key.domain.as_ref(), self.domain.as_ref())
            && same(key.target.as_ref(), self.target.as_ref())
            && same(key.port.as_ref(), self.port.as_ref())
            && same(key.priority.as_ref(), self.priority.as_ref())
            && same(key.weight.as_ref(), self.weight.as_ref())
    }
}

/// Letters, digits, `_`, `-`, `+`, `/`: anything else could end a field of dnsmasq's line.
fn check_word(name: &str, value: Option<&str>, network: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/');
    match value {
        Some(value) if !value.chars().all(plain) => Err(detail(format!(
            "invalid character in {name} attribute '{value}' in DNS SRV record of network '{network}'"
        ))),
        _ => Ok(()),
    }
}

impl DnsHost {
    /// `key`: of an update, which needs only one of address and name.
    pub(super) fn parse(e: &Element, key: bool, network: &str) -> Result<Self> {
        let ip = match e.attr("ip") {
            None if key => None,
            None => return Err(detail(format!("Missing IP address in network '{network}' DNS HOST record"))),
            Some(text) => {
                Some(text.parse().map_err(|_| {
                    detail(format!("Invalid IP address in network '{network}' DNS HOST record"))
                })?)
            }
        };
        let mut names = Vec::new();
        for hostname in e.all("hostname") {
            let name = hostname.text();
            if name.is_empty() {
                return Err(detail(format!("Missing hostname in network '{network}' DNS HOST record")));
            }
            check_host_name(&name, network)?;
            names.push(name);
        }
        if names.is_empty() && !key {
            return Err(detail(format!("Missing hostname in network '{network}' DNS HOST record")));
        }
        if names.is_empty() && ip.is_none() {
            return Err(detail(format!("Missing ip and hostname in network '{network}' DNS HOST record")));
        }
        Ok(Self { ip, names })
    }

    fn format(&self) -> Element {
        let mut e = Element::new("host").with_opt("ip", self.ip);
        e.extend(self.names.iter().map(|name| Element::with_text("hostname", name)));
        e
    }
}
