//! Names that a network's DNS knows beyond its document: the host's, and those of the domains on it.

use std::collections::BTreeMap;

use conf::network::{NetworkDef, NetworkPort};
use protocol::Uuid;

use crate::Networks;
use crate::dnsmasq::config::Known;

/// What dnsmasq is told.
pub(crate) fn known(driver: &Networks, def: &NetworkDef, ports: &BTreeMap<Uuid, NetworkPort>) -> Vec<Known> {
    let mut known = Vec::new();
    if let Some(host) = label(&driver.hostname) {
        known.extend(def.ips.iter().map(|ip| Known::Address(ip.address, host.to_owned())));
    }
    for port in ports.values() {
        let Some(name) = label(&port.owner_name) else { continue };
        known.push(Known::Mac(port.mac, name.to_owned()));
        known.extend(port.addresses.iter().map(|address| Known::Address(*address, name.to_owned())));
    }
    known
}

/// The name, if it can be one of a host (RFC 1123).
fn label(name: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let fits = (1..=63).contains(&name.len()) && name.chars().all(plain);
    Some(name).filter(|name| fits && !name.starts_with('-') && !name.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn names_of_hosts() {
        for (name, good) in
            [("web1", true), ("a-b", true), ("", false), ("a.b", false), ("a_b", false), ("-a", false)]
        {
            assert_eq!(label(name).is_some(), good, "{name}");
        }
        assert!(label(&"a".repeat(64)).is_none());
    }
}
