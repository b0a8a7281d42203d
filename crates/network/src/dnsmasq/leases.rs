//! Leases and hardware addresses on disk, in the form that libvirt's name service modules read.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use conf::MacAddr;
use conf::network::NetworkDef;
use protocol::Result;
use protocol::types::DhcpLease;
use serde::{Deserialize, Serialize};

use crate::Networks;
use crate::define::blocking;
use crate::error::of_file;
use crate::network::Network;

/// One lease in `BRIDGE.status`, as libvirt's `leaseshelper` writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    ip_address: IpAddr,
    #[serde(default)]
    mac_address: Option<String>,
    #[serde(default)]
    hostname: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    iaid: Option<String>,
    #[serde(default)]
    expiry_time: i64,
}

/// The leases in force of a network; one without a bridge of its own has none.
pub(crate) async fn of_network(driver: &Networks, network: &Network) -> Result<Vec<DhcpLease>> {
    let def = network.read().current().cloned();
    let Some((def, bridge)) = def.and_then(|def| def.bridge.name.clone().map(|bridge| (def, bridge))) else {
        return Ok(Vec::new());
    };
    let path = driver.paths.leases(&bridge);
    blocking(move || read(&path, &def).map_err(|error| of_file("Unable to read leases file:", &path, &error)))
        .await
}

/// The leases in force.
pub(crate) fn read(path: &Path, def: &NetworkDef) -> std::io::Result<Vec<DhcpLease>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() => return Ok(Vec::new()),
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let entries: Vec<Entry> = serde_json::from_str(&text)?;
    let in_force =
        |entry: &Entry| u64::try_from(entry.expiry_time).is_ok_and(|expiry| expiry == 0 || expiry > now);
    Ok(entries.into_iter().filter(in_force).map(|entry| lease(entry, def)).collect())
}

fn lease(entry: Entry, def: &NetworkDef) -> DhcpLease {
    let same_family = |ip: &&conf::network::Ip| ip.address.is_ipv4() == entry.ip_address.is_ipv4();
    let serving = def.ips.iter().filter(same_family).find(|ip| ip.has_dhcp());
    let prefix = serving.and_then(conf::network::Ip::prefix_len).unwrap_or(0);
    DhcpLease {
        iface: def.bridge.name.clone().unwrap_or_default(),
        expirytime: entry.expiry_time,
        r#type: i32::from(entry.ip_address.is_ipv6()),
        mac: entry.mac_address,
        iaid: entry.iaid,
        ipaddr: entry.ip_address.to_string(),
        prefix: prefix.into(),
        hostname: entry.hostname,
        clientid: entry.client_id,
    }
}

/// One domain in `BRIDGE.macs`.
#[derive(Debug, Serialize)]
struct Macs<'a> {
    domain: &'a str,
    macs: Vec<String>,
}

/// Text of `BRIDGE.macs`.
pub(crate) fn macs<'a>(owners: impl Iterator<Item = (&'a str, MacAddr)>) -> serde_json::Result<String> {
    let mut by_domain: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (domain, mac) in owners {
        by_domain.entry(domain).or_default().push(mac.to_string());
    }
    let list: Vec<_> = by_domain.into_iter().map(|(domain, macs)| Macs { domain, macs }).collect();
    serde_json::to_string_pretty(&list).map(|text| text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_in_force() {
        let xml = "<network><name>n</name><bridge name='virbr0'/><ip address='10.0.0.1' prefix='24'><dhcp>\
                   <range start='10.0.0.2' end='10.0.0.9'/></dhcp></ip></network>";
        let def = NetworkDef::parse(xml, |bytes| bytes.fill(1)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("virbr0.status");
        assert_eq!(read(&path, &def).unwrap(), []);
        std::fs::write(&path, "").unwrap();
        assert_eq!(read(&path, &def).unwrap(), []);
        let text = r#"[
            {"ip-address": "10.0.0.2", "mac-address": "52:54:00:00:00:01", "hostname": "a", "expiry-time": 32503680000},
            {"ip-address": "10.0.0.3", "mac-address": "52:54:00:00:00:02", "expiry-time": 1},
            {"iaid": "7", "ip-address": "fd00::2", "client-id": "00:01", "expiry-time": 0}]"#;
        std::fs::write(&path, text).unwrap();
        let leases = read(&path, &def).unwrap();
        let short: Vec<_> = leases.iter().map(|l| (l.ipaddr.as_str(), l.r#type, l.prefix)).collect();
        assert_eq!(short, [("10.0.0.2", 0, 24), ("fd00::2", 1, 0)]);
        assert_eq!((leases[0].hostname.as_deref(), leases[1].iaid.as_deref()), (Some("a"), Some("7")));
        std::fs::write(&path, "{").unwrap();
        assert!(read(&path, &def).is_err());
    }

    #[test]
    fn macs_by_domain() {
        let mac = |n| MacAddr([0x52, 0x54, 0, 0, 0, n]);
        let text = macs([("b", mac(1)), ("a", mac(2)), ("b", mac(3))].into_iter()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value[0]["domain"], "a");
        assert_eq!(value[1]["macs"][1], "52:54:00:00:00:03");
    }
}
