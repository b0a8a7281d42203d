//! Rules of one network as a script for nft(8): one table, replaced whole.

use std::fmt::Write;
use std::net::IpAddr;

use conf::network::{ForwardMode, Ip, NetworkDef, PortForward};
use conf::{Error, Result};

/// Start of the names of our tables.
pub(crate) const TABLE_PREFIX: &str = "virtcontainer_";

/// Ports of outgoing connections unless the network says otherwise: a privileged one stays with the host.
const DEFAULT_PORTS: (u16, u16) = (1024, 65535);

/// Name of the table of a network with this bridge.
pub(crate) fn table(bridge: &str) -> String {
    format!("{TABLE_PREFIX}{bridge}")
}

/// A name that is a word of nft's language wherever it stands. The kernel allows more, but whoever names a bridge
/// `";drop` gets an error instead of rules.
pub(crate) fn check_name(bridge: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if bridge.chars().all(plain) {
        return Ok(());
    }
    Err(Error::unsupported(format!("bridge name '{bridge}' may only have letters, digits, '_', '-' and '.'")))
}

/// Removes the table. That it is not there is no error.
pub(crate) fn removal(bridge: &str) -> String {
    let table = table(bridge);
    format!("table inet {table}\ndelete table inet {table}\n")
}

/// Puts the table in place of whatever it was; `None` for an open network, which has no rules.
pub(crate) fn rules(def: &NetworkDef, forwards: &[PortForward]) -> Option<String> {
    let mode = def.forward.mode;
    if matches!(mode, ForwardMode::Open) || !mode.makes_bridge() {
        return None;
    }
    let bridge = def.bridge.name.as_deref().unwrap_or_default();
    let mut script = removal(bridge);
    let mut chains = Chains::default();
    add_services(&mut chains, bridge);
    add_forwarding(&mut chains, def, bridge);
    if mode == ForwardMode::Nat {
        add_translation(&mut chains, def);
    }
    add_port_forwards(&mut chains, forwards);
    let _ = writeln!(script, "table inet {} {{", table(bridge));
    let _ = writeln!(script, "  comment \"virtcontainerd: network {}\"", def.uuid);
    chains.write(&mut script);
    script.push_str("}\n");
    Some(script)
}

/// Rules by chain.
#[derive(Debug, Default)]
struct Chains {
    input: Vec<String>,
    output: Vec<String>,
    forward: Vec<String>,
    prerouting: Vec<String>,
    nat_output: Vec<String>,
    postrouting: Vec<String>,
}

impl Chains {
    fn write(&self, script: &mut String) {
        let chains: [(&str, &str, &[String]); 6] = [
            ("input", "type filter hook input priority filter", &self.input),
            ("output", "type filter hook output priority filter", &self.output),
            ("forward", "type filter hook forward priority filter", &self.forward),
            ("prerouting", "type nat hook prerouting priority dstnat", &self.prerouting),
            ("nat_output", "type nat hook output priority -100", &self.nat_output),
            ("postrouting", "type nat hook postrouting priority srcnat", &self.postrouting),
        ];
        for (name, hook, rules) in chains.into_iter().filter(|(_, _, rules)| !rules.is_empty()) {
            let _ = writeln!(script, "  chain {name} {{\n    {hook}; policy accept;");
            for rule in rules {
                let _ = writeln!(script, "    {rule}");
            }
            script.push_str("  }\n");
        }
    }
}

/// DNS, DHCP and TFTP of the bridge.
fn add_services(chains: &mut Chains, bridge: &str) {
    chains.input.push(format!("iifname \"{bridge}\" udp dport {{ 53, 67, 69, 547 }} accept"));
    chains.input.push(format!("iifname \"{bridge}\" tcp dport {{ 53, 67 }} accept"));
    chains.output.push(format!("oifname \"{bridge}\" udp dport {{ 53, 68, 546 }} accept"));
    chains.output.push(format!("oifname \"{bridge}\" tcp dport {{ 53, 68 }} accept"));
}

/// What may pass between the network and others.
fn add_forwarding(chains: &mut Chains, def: &NetworkDef, bridge: &str) {
    let forward = &mut chains.forward;
    forward.push(format!("iifname \"{bridge}\" oifname \"{bridge}\" accept"));
    let (out_dev, in_dev) = match def.forward.interfaces.first() {
        Some(first) => (format!(" oifname \"{}\"", first.dev), format!(" iifname \"{}\"", first.dev)),
        None => (String::new(), String::new()),
    };
    for ip in def.ips.iter().filter(|_| def.forward.mode != ForwardMode::None) {
        let Some((family, network)) = network(ip) else { continue };
        let nat = translates(def, ip);
        // Of a translated network the outside sees only what was asked for from the inside, and port forwards.
        let state = if nat { " ct state established,related" } else { "" };
        forward.push(format!("{family} daddr {network}{in_dev} oifname \"{bridge}\"{state} accept"));
        if nat {
            forward.push(format!("{family} daddr {network} oifname \"{bridge}\" ct status dnat accept"));
        }
        forward.push(format!("{family} saddr {network} iifname \"{bridge}\"{out_dev} accept"));
    }
    forward.push(format!("oifname \"{bridge}\" reject"));
    forward.push(format!("iifname \"{bridge}\" reject"));
}

/// Is the source of what leaves this range replaced?
fn translates(def: &NetworkDef, ip: &Ip) -> bool {
    def.forward.mode == ForwardMode::Nat && (ip.address.is_ipv4() || def.forward.nat.ipv6 == Some(true))
}

fn add_translation(chains: &mut Chains, def: &NetworkDef) {
    let nat = &def.forward.nat;
    let ports = nat.port.map_or(DEFAULT_PORTS, |range| (range.start, range.end));
    let out_dev = match def.forward.interfaces.first() {
        Some(first) => format!(" oifname \"{}\"", first.dev),
        None => String::new(),
    };
    for ip in def.ips.iter().filter(|ip| translates(def, ip)) {
        let Some((family, network)) = network(ip) else { continue };
        let rules = &mut chains.postrouting;
        let local: &[&str] = match ip.address {
            IpAddr::V4(_) => &["224.0.0.0/24", "255.255.255.255/32"],
            IpAddr::V6(_) => &["ff02::/16"],
        };
        for local in local {
            rules.push(format!("{family} saddr {network} {family} daddr {local} return"));
        }
        let from = format!("{family} saddr {network} {family} daddr != {network}{out_dev}");
        let range = nat.address.filter(|_| ip.address.is_ipv4());
        let (start, end) = ports;
        let (with_ports, plain) = match range {
            None => (format!("masquerade to :{start}-{end}"), "masquerade".to_owned()),
            Some(range) => {
                let to = if range.start == range.end {
                    range.start.to_string()
                } else {
                    format!("{}-{}", range.start, range.end)
                };
                (format!("snat {family} to {to}:{start}-{end}"), format!("snat {family} to {to}"))
            }
        };
        rules.push(format!("{from} meta l4proto {{ tcp, udp }} {with_ports}"));
        rules.push(format!("{from} {plain}"));
    }
}

/// Ports of the host that lead into the network, for others and for the host itself.
fn add_port_forwards(chains: &mut Chains, forwards: &[PortForward]) {
    for forward in forwards {
        let family = if forward.to.is_ipv4() { "ip" } else { "ip6" };
        let destination = match forward.address {
            Some(address) => format!("{family} daddr {address}"),
            None => {
                format!("meta nfproto {} fib daddr type local", if family == "ip" { "ipv4" } else { "ipv6" })
            }
        };
        let protocol = if forward.udp { "udp" } else { "tcp" };
        let (start, end, to_port) = (forward.ports.start, forward.ports.end, forward.to_port);
        let address = match forward.to {
            IpAddr::V4(to) => to.to_string(),
            IpAddr::V6(to) => format!("[{to}]"),
        };
        if to_port == start {
            let rule = format!("{destination} {protocol} dport {start}-{end} dnat {family} to {address}");
            chains.prerouting.push(rule.clone());
            chains.nat_output.push(rule);
            continue;
        }
        for port in start..=end {
            let rule = format!(
                "{destination} {protocol} dport {port} dnat {family} to {address}:{}",
                to_port.saturating_add(port - start)
            );
            chains.prerouting.push(rule.clone());
            chains.nat_output.push(rule);
        }
    }
}

/// nft's word for the family, and the network with its prefix.
fn network(ip: &Ip) -> Option<(&'static str, String)> {
    let (first, _) = ip.ends()?;
    let family = if first.is_ipv4() { "ip" } else { "ip6" };
    Some((family, format!("{first}/{}", ip.prefix_len()?)))
}

#[cfg(test)]
mod tests;
