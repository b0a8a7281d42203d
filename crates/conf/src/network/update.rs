//! Changing one section (`virNetworkUpdate`).

use xml::Element;

use super::{
    DhcpHost, DhcpRange, DnsHost, DnsSrv, DnsTxt, ForwardInterface, ForwardMode, Ip, NetworkDef, PortGroup,
    of_network, wrong,
};
use crate::props::Props;
use crate::{Error, Result};

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Replace the entry that matches.
    Modify,
    /// Delete it.
    Delete,
    /// Add behind the others.
    AddLast,
    /// Add before the others.
    AddFirst,
}

/// Where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// `<dhcp><host>`
    DhcpHost,
    /// `<dhcp><range>`
    DhcpRange,
    /// `<forward><interface>`
    ForwardInterface,
    /// `<portgroup>`
    PortGroup,
    /// `<dns><host>`
    DnsHost,
    /// `<dns><txt>`
    DnsTxt,
    /// `<dns><srv>`
    DnsSrv,
    /// One that cannot be changed so, by libvirt's name.
    Fixed(&'static str),
}

/// One change.
#[derive(Debug, Clone)]
pub struct Update<'a> {
    /// What to do.
    pub command: Command,
    /// Where.
    pub section: Section,
    /// Which `<ip>` of several; `None` is the first that fits.
    pub index: Option<usize>,
    /// The entry, as a document.
    pub xml: &'a str,
}

/// The object is in the wrong state for the change.
fn invalid(text: impl AsRef<str>) -> Error {
    of_network(Error::operation_invalid(text))
}

fn not_modified(text: &str) -> Error {
    of_network(Error::operation_unsupported(text))
}

impl NetworkDef {
    /// Makes the change, or says in libvirt's words why it cannot be made.
    pub fn update(&mut self, update: &Update<'_>) -> Result<()> {
        let name = self.name.clone();
        let e = xml::parse(update.xml)
            .map_err(|error| of_network(Error::syntax("network_update_xml", &error)))?;
        let expect = |wanted: &str| {
            let found = &e.name.local;
            let text = format!(
                "unexpected element <{found}>, expecting <{wanted}>, while updating network '{name}'"
            );
            if e.is(wanted) { Ok(()) } else { Err(wrong(text)) }
        };
        match update.section {
            Section::DhcpHost => {
                expect("host")?;
                self.update_dhcp_host(update, &e)
            }
            Section::DhcpRange => {
                expect("range")?;
                self.update_dhcp_range(update, &e)
            }
            Section::ForwardInterface => {
                expect("interface")?;
                self.update_interface(update.command, &e)
            }
            Section::PortGroup => {
                expect("portgroup")?;
                self.update_portgroup(update.command, &e)
            }
            Section::DnsHost => {
                expect("host")?;
                self.update_dns_host(update.command, &e)
            }
            Section::DnsTxt => {
                expect("txt")?;
                self.update_dns_txt(update.command, &e)
            }
            Section::DnsSrv => {
                expect("srv")?;
                self.update_dns_srv(update.command, &e)
            }
            Section::Fixed(section) => {
                Err(not_modified(&format!("can't update '{section}' section of network '{name}'")))
            }
        }
    }

    /// The `<ip>` meant: by number, or the first with DHCP, or the first.
    fn ip_of(&mut self, index: Option<usize>) -> Result<&mut Ip> {
        let name = &self.name;
        let missing = match index {
            Some(index) => {
                format!(
                    "couldn't update dhcp host entry - no <ip> element found at index {index} in network '{name}'"
                )
            }
            None => format!("couldn't update dhcp host entry - no <ip> element found in network '{name}'"),
        };
        let index = index.or_else(|| self.ips.iter().position(Ip::has_dhcp)).unwrap_or(0);
        self.ips.get_mut(index).ok_or_else(|| invalid(missing))
    }

    fn update_dhcp_host(&mut self, update: &Update<'_>, e: &Element) -> Result<()> {
        let name = self.name.clone();
        let ip = self.ip_of(update.index)?;
        let adding = matches!(update.command, Command::AddFirst | Command::AddLast);
        let host = if adding || update.command == Command::Modify {
            DhcpHost::parse(e, ip.address.is_ipv6(), &name)?
        } else {
            DhcpHost::parse_key(e, &name)?
        };
        let same_mac = |known: &DhcpHost| match (&known.mac, &host.mac) {
            (Some(known), Some(wanted)) => known.eq_ignore_ascii_case(wanted),
            _ => false,
        };
        let same_name = |known: &DhcpHost| host.name.is_some() && known.name == host.name;
        match update.command {
            Command::Modify => {
                let by_address = |known: &DhcpHost| host.ip.is_some() && known.ip == host.ip;
                let found = ip
                    .hosts
                    .iter()
                    .position(|known| same_mac(known) || same_name(known) || by_address(known));
                let shown = |value: Option<&String>| value.cloned().unwrap_or_default();
                let address = host.ip.map(|ip| ip.to_string()).unwrap_or_default();
                let missing = format!(
                    "couldn't locate an existing dhcp host entry with \"mac='{}'\" \"name='{}'\" \"ip='{address}'\" \
                     in network '{name}'",
                    shown(host.mac.as_ref()),
                    shown(host.name.as_ref()),
                );
                let found = found.ok_or_else(|| invalid(missing))?;
                ip.hosts[found] = host;
            }
            Command::AddFirst | Command::AddLast => {
                let taken = |known: &&DhcpHost| {
                    same_mac(known) || same_name(known) || known.ip.is_some() && known.ip == host.ip
                };
                if ip.hosts.iter().find(taken).is_some() {
                    let shown = |value: Option<&String>| value.cloned().unwrap_or_else(|| "(null)".into());
                    return Err(invalid(format!(
                        "there is an existing dhcp host entry in network '{name}' that matches \"<host mac='{}' \
                         name='{}' ip='{}'/>\"",
                        shown(host.mac.as_ref()),
                        shown(host.name.as_ref()),
                        host.ip.map(|ip| ip.to_string()).unwrap_or_default(),
                    )));
                }
                add(&mut ip.hosts, host, update.command);
            }
            Command::Delete => {
                let fits = |known: &DhcpHost| {
                    (host.mac.is_none() || same_mac(known))
                        && (host.name.is_none() || same_name(known))
                        && (host.ip.is_none() || known.ip == host.ip)
                };
                let found = ip.hosts.iter().position(fits);
                let missing = format!("couldn't locate a matching dhcp host entry in network '{name}'");
                ip.hosts.remove(found.ok_or_else(|| invalid(missing))?);
            }
        }
        Ok(())
    }

    fn update_dhcp_range(&mut self, update: &Update<'_>, e: &Element) -> Result<()> {
        let name = self.name.clone();
        let ip = self.ip_of(update.index)?;
        let range = DhcpRange::parse(e, ip, &name)?;
        if update.command == Command::Modify {
            return Err(not_modified("dhcp ranges cannot be modified, only added or deleted"));
        }
        let found = ip.ranges.iter().position(|known| known.start == range.start && known.end == range.end);
        match (update.command, found) {
            (Command::Delete, Some(found)) => drop(ip.ranges.remove(found)),
            (Command::Delete, None) => {
                let text = format!("couldn't locate a matching dhcp range entry in network '{name}'");
                return Err(invalid(text));
            }
            (_, Some(_)) => {
                return Err(invalid(format!(
                    "there is an existing dhcp range entry in network '{name}' that matches \"<range start='{}' \
                     end='{}'/>\"",
                    range.start, range.end
                )));
            }
            (_, None) => add(&mut ip.ranges, range, update.command),
        }
        super::check_network(self)
    }

    fn update_interface(&mut self, command: Command, e: &Element) -> Result<()> {
        if command == Command::Modify {
            return Err(not_modified("forward interface entries cannot be modified, only added or deleted"));
        }
        let dev = e.filled("dev").ok_or_else(|| wrong("missing dev attribute in <interface> element"))?;
        let (name, list) = (&self.name, &mut self.forward.interfaces);
        let found = list.iter().position(|known| known.dev == dev);
        match (command, found) {
            (Command::Delete, Some(found)) => {
                if list[found].connections > 0 {
                    return Err(invalid(format!(
                        "unable to delete interface '{dev}' in network '{name}'. It is currently being used  by \
                         {} domains.",
                        list[found].connections
                    )));
                }
                list.remove(found);
            }
            (Command::Delete, None) => {
                return Err(invalid(format!(
                    "couldn't find an interface entry in network '{name}' matching <interface dev='{dev}'>"
                )));
            }
            (_, Some(_)) => {
                return Err(invalid(format!(
                    "there is an existing interface entry in network '{name}' that matches \"<interface \
                     dev='{dev}'>\""
                )));
            }
            (_, None) => add(list, ForwardInterface { dev, connections: 0 }, command),
        }
        if self.forward.mode == ForwardMode::None {
            return Err(invalid(format!("network '{name}' has no <forward> element")));
        }
        Ok(())
    }

    fn update_portgroup(&mut self, command: Command, e: &Element) -> Result<()> {
        let group = PortGroup::parse(e)?;
        let (name, list) = (&self.name, &mut self.portgroups);
        let found = list.iter().position(|known| known.name == group.name);
        let adding = matches!(command, Command::AddFirst | Command::AddLast);
        match found {
            None if !adding => {
                return Err(invalid(format!(
                    "couldn't find a portgroup entry in network '{name}' matching <portgroup name='{}'>",
                    group.name
                )));
            }
            Some(_) if adding => {
                return Err(invalid(format!(
                    "there is an existing portgroup entry in network '{name}' that matches \"<portgroup name='{}'>\"",
                    group.name
                )));
            }
            _ => {}
        }
        let other_default = list.iter().any(|known| known.default && known.name != group.name);
        if group.default && other_default && command != Command::Delete {
            return Err(invalid(format!(
                "a different portgroup entry in network '{name}' is already set as the default. Only one default is \
                 allowed."
            )));
        }
        match (command, found) {
            (Command::Modify, Some(found)) => list[found] = group,
            (Command::Delete, Some(found)) => drop(list.remove(found)),
            _ => add(list, group, command),
        }
        super::check_network(self)
    }

    fn update_dns_host(&mut self, command: Command, e: &Element) -> Result<()> {
        if command == Command::Modify {
            return Err(not_modified("DNS HOST records cannot be modified, only added or deleted"));
        }
        let host = DnsHost::parse(e, command == Command::Delete, &self.name)?;
        let fits = |known: &DnsHost| {
            host.ip.is_some() && known.ip == host.ip
                || host.names.iter().any(|name| known.names.contains(name))
        };
        let texts = Texts { kind: "DNS HOST", several: "multiple matching", taken: None };
        change(&mut self.dns.hosts, host.clone(), fits, command, &texts, &self.name)
    }

    fn update_dns_txt(&mut self, command: Command, e: &Element) -> Result<()> {
        if command == Command::Modify {
            return Err(not_modified("DNS TXT records cannot be modified, only added or deleted"));
        }
        let txt = DnsTxt::parse(e, command == Command::Delete, &self.name)?;
        let fits = |known: &DnsTxt| known.name == txt.name;
        let taken =
            format!("there is already a DNS TXT record with name '{}' in network {}", txt.name, self.name);
        let texts = Texts { kind: "DNS TXT", several: "multiple matching", taken: Some(taken) };
        change(&mut self.dns.txts, txt.clone(), fits, command, &texts, &self.name)
    }

    fn update_dns_srv(&mut self, command: Command, e: &Element) -> Result<()> {
        if command == Command::Modify {
            return Err(not_modified("DNS SRV records cannot be modified, only added or deleted"));
        }
        let srv = DnsSrv::parse(e, command == Command::Delete, &self.name)?;
        let fits = |known: &DnsSrv| known.matches(&srv);
        let taken = format!(
            "there is already at least one DNS SRV record matching all specified fields in network {}",
            self.name
        );
        let several = "multiple DNS SRV records matching all specified fields were found in network";
        let texts = Texts { kind: "DNS SRV", several, taken: Some(taken) };
        change(&mut self.dns.srvs, srv.clone(), fits, command, &texts, &self.name)
    }
}

fn add<T>(list: &mut Vec<T>, entry: T, command: Command) {
    let at = if command == Command::AddFirst { 0 } else { list.len() };
    list.insert(at, entry);
}

/// How the refusals of a kind of DNS record are worded.
struct Texts {
    kind: &'static str,
    several: &'static str,
    taken: Option<String>,
}

fn change<T>(
    list: &mut Vec<T>,
    entry: T,
    fits: impl Fn(&T) -> bool,
    command: Command,
    texts: &Texts,
    network: &str,
) -> Result<()> {
    let kind = texts.kind;
    let found: Vec<_> = list.iter().enumerate().filter(|(_, known)| fits(known)).map(|(at, _)| at).collect();
    match (command, found.as_slice()) {
        (Command::Delete, []) => {
            Err(invalid(format!("couldn't locate a matching {kind} record in network {network}")))
        }
        (Command::Delete, [at]) => {
            list.remove(*at);
            Ok(())
        }
        (Command::Delete, _) if texts.several.ends_with("network") => {
            Err(invalid(format!("{} {network}", texts.several)))
        }
        (Command::Delete, _) => {
            Err(invalid(format!("multiple matching {kind} records were found in network {network}")))
        }
        (_, []) => {
            add(list, entry, command);
            Ok(())
        }
        _ => Err(invalid(texts.taken.clone().unwrap_or_else(|| {
            format!("there is already at least one {kind} record with a matching field in network {network}")
        }))),
    }
}
