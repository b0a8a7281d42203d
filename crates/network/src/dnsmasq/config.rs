//! dnsmasq's files, as text. The lines and their order are libvirt's, so that what reads them finds them.

use std::fmt::Write;
use std::io;
use std::net::IpAddr;
use std::path::Path;

use conf::network::{DhcpHost, DhcpRange, Dns, ForwardMode, Ip, Lease, LeaseUnit, NetworkDef, range_size};

/// Where the files are that the configuration names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Files<'a> {
    pub(crate) pid: &'a Path,
    pub(crate) hostsfile: &'a Path,
    pub(crate) addnhosts: &'a Path,
}

/// A name for an address or for a client, beyond what the document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    /// Name of an address.
    Address(IpAddr, String),
    /// Name of whoever has the hardware address.
    Mac(conf::MacAddr, String),
}

/// Lines of a file. A value with a line break would make a line of its own: it is refused here, whatever the
/// reader of the document has let through.
#[derive(Debug, Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, line: &str) -> io::Result<()> {
        if line.contains(['\n', '\r', '\0']) {
            let text = format!("a line of dnsmasq's configuration contains a line break: {line:?}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        self.0.push_str(line);
        self.0.push('\n');
        Ok(())
    }
}

/// The configuration file.
pub(crate) fn conf(def: &NetworkDef, files: Files<'_>) -> io::Result<String> {
    let mut lines = Lines::default();
    for comment in [
        "##WARNING:  THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE",
        "##OVERWRITTEN AND LOST.  Changes to this configuration should be made using:",
    ] {
        lines.add(comment)?;
    }
    lines.add(&format!("##    virsh net-edit {}", def.name))?;
    lines.add("## or other application using the libvirt API.")?;
    lines.add("##")?;
    lines.add("## dnsmasq conf file created by virtcontainerd")?;
    lines.add("strict-order")?;
    let dns = def.dns.enable != Some(false);
    if dns {
        add_resolver(&mut lines, def)?;
    } else {
        lines.add("port=0")?;
    }
    lines.add(&format!("pid-file={}", files.pid.display()))?;
    lines.add("except-interface=lo")?;
    lines.add("bind-dynamic")?;
    lines.add(&format!("interface={}", def.bridge.name.as_deref().unwrap_or_default()))?;
    if def.forward.mode == ForwardMode::None {
        add_isolation(&mut lines, def, dns)?;
    }
    if dns {
        add_records(&mut lines, &def.dns)?;
    }
    add_dhcp(&mut lines, def, files)?;
    for option in &def.dnsmasq_options {
        lines.add(option)?;
    }
    Ok(lines.0)
}

fn add_resolver(lines: &mut Lines, def: &NetworkDef) -> io::Result<()> {
    let dns = &def.dns;
    for forwarder in &dns.forwarders {
        let domain = forwarder.domain.as_ref().map(|domain| format!("/{domain}/")).unwrap_or_default();
        let server = forwarder.addr.map_or_else(|| "#".to_owned(), |addr| addr.to_string());
        lines.add(&format!("server={domain}{server}"))?;
    }
    if dns.forwarders.iter().any(|forwarder| forwarder.domain.is_none()) {
        lines.add("no-resolv")?;
    }
    if let Some(domain) = &def.domain {
        if def.domain_local_only == Some(true) {
            lines.add(&format!("local=/{domain}/"))?;
        }
        lines.add(&format!("domain={domain}"))?;
        lines.add("expand-hosts")?;
    }
    for ip in def.ips.iter().filter(|ip| ip.local_ptr == Some(true)) {
        let zone = reverse_zone(ip).ok_or_else(|| {
            let text = format!(
                "PTR domain for {} network with prefix {} cannot be automatically created",
                if ip.address.is_ipv4() { "IPv4" } else { "IPv6" },
                ip.prefix_len().unwrap_or(0)
            );
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?;
        lines.add(&format!("local=/{zone}/"))?;
    }
    if dns.forward_plain_names == Some(false) {
        lines.add("domain-needed")?;
        // Without a domain these are nobody else's business.
        if def.domain.is_none() {
            lines.add("local=//")?;
        }
    }
    // Of several addresses of a name, the one in the asker's network.
    lines.add("localise-queries")
}

/// Zone of reverse look-ups of a network; `None` when the prefix ends within a label.
fn reverse_zone(ip: &Ip) -> Option<String> {
    let prefix = usize::from(ip.prefix_len()?);
    match (ip.ends()?.0, ip.address) {
        (IpAddr::V4(first), _) if prefix % 8 == 0 && prefix > 0 => {
            let labels: Vec<_> = first.octets()[..prefix / 8].iter().rev().map(u8::to_string).collect();
            Some(format!("{}.in-addr.arpa", labels.join(".")))
        }
        (IpAddr::V6(first), _) if prefix % 4 == 0 && prefix > 0 => {
            let digits: Vec<_> = first
                .octets()
                .iter()
                .flat_map(|octet| [octet >> 4, octet & 15])
                .take(prefix / 4)
                .map(|digit| format!("{digit:x}"))
                .collect();
            Some(format!("{}.ip6.arpa", digits.into_iter().rev().collect::<Vec<_>>().join(".")))
        }
        _ => None,
    }
}

/// An isolated network is no way out: no default route, no forwarded queries.
fn add_isolation(lines: &mut Lines, def: &NetworkDef, dns: bool) -> io::Result<()> {
    lines.add("dhcp-option=3")?;
    if dns {
        lines.add("no-resolv")?;
    }
    if def.ips.iter().any(|ip| ip.address.is_ipv6()) {
        lines.add("ra-param=*,0,0")?;
    }
    Ok(())
}

fn add_records(lines: &mut Lines, dns: &Dns) -> io::Result<()> {
    for txt in &dns.txts {
        lines.add(&format!("txt-record={},{}", txt.name, txt.value.as_deref().unwrap_or_default()))?;
    }
    for srv in &dns.srvs {
        let mut record = format!(
            "srv-host=_{}._{}",
            srv.service.as_deref().unwrap_or_default(),
            srv.protocol.as_deref().unwrap_or_default()
        );
        if let Some(domain) = &srv.domain {
            let _ = write!(record, ".{domain}");
        }
        if let Some(target) = &srv.target {
            let _ = write!(record, ",{target}");
            // Without a port dnsmasq takes 1, as libvirt lets it.
            if srv.port.is_some() || srv.priority.is_some() || srv.weight.is_some() {
                let _ = write!(record, ",{}", srv.port.unwrap_or(1));
            }
            if srv.priority.is_some() || srv.weight.is_some() {
                let _ = write!(record, ",{}", srv.priority.unwrap_or(0));
            }
            if let Some(weight) = srv.weight {
                let _ = write!(record, ",{weight}");
            }
        }
        lines.add(&record)?;
    }
    Ok(())
}

fn add_dhcp(lines: &mut Lines, def: &NetworkDef, files: Files<'_>) -> io::Result<()> {
    let serves = |v6: bool| def.ips.iter().find(move |ip| ip.address.is_ipv6() == v6 && ip.has_dhcp());
    let (v4, v6) = (serves(false), serves(true));
    for ip in [v4, v6].into_iter().flatten() {
        add_ranges(lines, ip)?;
    }
    let ranges = || [v4, v6].into_iter().flatten().flat_map(|ip| &ip.ranges);
    let leases: u128 = ranges().filter_map(|range| range_size(range.start, range.end)).sum();
    if leases > 0 {
        lines.add(&format!("dhcp-lease-max={leases}"))?;
    }
    if v4.is_some() || v6.is_some() {
        lines.add(&format!("dhcp-hostsfile={}", files.hostsfile.display()))?;
    }
    lines.add(&format!("addn-hosts={}", files.addnhosts.display()))?;
    let mtu = def.mtu.filter(|_| v4.is_some());
    if let Some(mtu) = mtu {
        lines.add(&format!("dhcp-option=option:mtu,{mtu}"))?;
    }
    if v6.is_some() {
        lines.add("enable-ra")?;
    } else {
        for ip in def.ips.iter().filter(|ip| ip.address.is_ipv6()) {
            lines.add(&format!("dhcp-range={},ra-only", ip.address))?;
        }
    }
    Ok(())
}

fn add_ranges(lines: &mut Lines, ip: &Ip) -> io::Result<()> {
    let prefix = ip.prefix_len().unwrap_or(0);
    for DhcpRange { start, end, lease } in &ip.ranges {
        let network = match ip.address {
            IpAddr::V4(_) => netmask(prefix),
            IpAddr::V6(_) => prefix.to_string(),
        };
        let lease = lease.map(|lease| format!(",{}", lease_time(lease))).unwrap_or_default();
        lines.add(&format!("dhcp-range={start},{end},{network}{lease}"))?;
    }
    if ip.ranges.is_empty() {
        let address =
            ip.ends().map_or(ip.address, |(first, _)| if ip.address.is_ipv4() { ip.address } else { first });
        lines.add(&format!("dhcp-range={address},static"))?;
    }
    if ip.address.is_ipv4() {
        lines.add("dhcp-no-override")?;
        lines.add("dhcp-authoritative")?;
        if let Some(root) = &ip.tftp_root {
            lines.add("enable-tftp")?;
            lines.add(&format!("tftp-root={root}"))?;
        }
        if let Some(bootp) = &ip.bootp {
            let server = bootp.server.map(|server| format!(",,{server}")).unwrap_or_default();
            lines.add(&format!("dhcp-boot={}{server}", bootp.file))?;
        }
    }
    Ok(())
}

fn netmask(prefix: u8) -> String {
    let bits = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
    std::net::Ipv4Addr::from(bits).to_string()
}

fn lease_time(lease: Lease) -> String {
    match lease {
        Lease { expiry: 0, .. } => "infinite".to_owned(),
        Lease { expiry, unit: LeaseUnit::Seconds } => expiry.to_string(),
        Lease { expiry, unit: LeaseUnit::Minutes } => format!("{expiry}m"),
        Lease { expiry, unit: LeaseUnit::Hours } => format!("{expiry}h"),
    }
}

/// The static hosts, then names of clients that the document does not know.
pub(crate) fn hostsfile(def: &NetworkDef, known: &[Known]) -> io::Result<String> {
    let mut lines = Lines::default();
    let hosts = || def.ips.iter().flat_map(|ip| &ip.hosts);
    for host in hosts() {
        lines.add(&host_line(host))?;
    }
    for known in known {
        let Known::Mac(mac, name) = known else { continue };
        let mac = mac.to_string();
        let taken = hosts().any(|host| {
            host.mac.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(&mac))
                || host.name.as_ref() == Some(name)
        });
        if !taken {
            lines.add(&format!("{mac},{name}"))?;
        }
    }
    Ok(lines.0)
}

fn host_line(host: &DhcpHost) -> String {
    let ip = match host.ip {
        Some(IpAddr::V6(ip)) => format!("[{ip}]"),
        Some(IpAddr::V4(ip)) => ip.to_string(),
        None => String::new(),
    };
    let v6 = matches!(host.ip, Some(IpAddr::V6(_)));
    let id = host.id.as_ref().map(|id| format!("id:{id}"));
    let fields: Vec<String> = match (&host.mac, v6) {
        (Some(mac), false) => {
            [Some(mac.clone()), Some(ip), host.name.clone()].into_iter().flatten().collect()
        }
        (_, false) => [host.name.clone(), Some(ip)].into_iter().flatten().collect(),
        (_, true) => [id, host.name.clone(), Some(ip)].into_iter().flatten().collect(),
    };
    let lease = host.lease.map(|lease| format!(",{}", lease_time(lease))).unwrap_or_default();
    format!("{}{lease}", fields.join(","))
}

/// Names of addresses.
pub(crate) fn addnhosts(def: &NetworkDef, known: &[Known]) -> io::Result<String> {
    let mut lines = Lines::default();
    for host in &def.dns.hosts {
        let Some(ip) = host.ip else { continue };
        lines.add(&format!("{ip}\t{}\t", host.names.join("\t")))?;
    }
    for known in known {
        if let Known::Address(ip, name) = known {
            lines.add(&format!("{ip}\t{name}\t"))?;
        }
    }
    Ok(lines.0)
}

#[cfg(test)]
mod tests;
