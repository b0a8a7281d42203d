//! The list.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// One lease, with libvirt's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Lease {
    /// Identity association of an IPv6 client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iaid: Option<String>,
    ip_address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mac_address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hostname: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// DUID of the server that gave an IPv6 lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server_duid: Option<String>,
    /// Seconds since 1970; 0 is never.
    expiry_time: u64,
}

/// What dnsmasq tells or asks.
#[derive(Debug)]
pub(crate) enum Event {
    /// Leases from before, please.
    Init,
    /// A lease, new or changed.
    Lease(Lease),
    /// No lease of this address any more.
    Gone(String),
}

impl Event {
    /// From the arguments `ACTION MAC-OR-DUID ADDRESS [HOSTNAME]` and the environment; `None` for other actions.
    pub(crate) fn new(arguments: &[String], variable: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let action = arguments.first()?.as_str();
        if action == "init" {
            return Some(Self::Init);
        }
        let (id, address) = (arguments.get(1)?, arguments.get(2)?);
        address.parse::<IpAddr>().ok()?;
        match action {
            "del" => return Some(Self::Gone(address.clone())),
            "add" | "old" => {}
            _ => return None,
        }
        let iaid = variable("DNSMASQ_IAID");
        let (mac_address, client_id) = match &iaid {
            Some(_) => (variable("DNSMASQ_MAC"), Some(id.clone())),
            None => (Some(id.clone()), variable("DNSMASQ_CLIENT_ID")),
        };
        let hostname = arguments.get(3).cloned();
        let hostname = hostname.or_else(|| variable("DNSMASQ_SUPPLIED_HOSTNAME"));
        let expires = variable("DNSMASQ_LEASE_EXPIRES").and_then(|text| text.parse().ok());
        Some(Self::Lease(Lease {
            server_duid: variable("DNSMASQ_SERVER_DUID").filter(|_| iaid.is_some()),
            iaid,
            ip_address: address.clone(),
            mac_address,
            hostname: hostname.or_else(|| variable("DNSMASQ_OLD_HOSTNAME")),
            client_id,
            expiry_time: expires.unwrap_or(0),
        }))
    }
}

/// Leases in force.
#[derive(Debug, Default)]
pub(crate) struct Leases(Vec<Lease>);

impl Leases {
    /// Reads the file; what has expired is dropped.
    pub(crate) fn read(path: &Path, now: u64) -> io::Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let mut list: Vec<Lease> = serde_json::from_str(&text)?;
        list.retain(|lease| lease.expiry_time == 0 || lease.expiry_time > now);
        Ok(Self(list))
    }

    pub(crate) fn note(&mut self, event: Event) {
        match event {
            Event::Init => {}
            Event::Gone(address) => self.0.retain(|lease| lease.ip_address != address),
            Event::Lease(lease) => {
                self.0.retain(|known| known.ip_address != lease.ip_address);
                self.0.push(lease);
            }
        }
    }

    /// Puts the file in its place whole; everybody may read it.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let temporary = path.with_extension("status.new");
        let _ = std::fs::remove_file(&temporary);
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(&temporary)?;
        file.write_all(serde_json::to_string_pretty(&self.0)?.as_bytes())?;
        file.write_all(b"\n")?;
        std::fs::rename(&temporary, path)
    }

    /// In the form of dnsmasq's own lease file: IPv4, then the server's DUID and IPv6.
    pub(crate) fn for_dnsmasq(&self) -> String {
        let mut text = String::new();
        let or_star = |value: &Option<String>| value.clone().unwrap_or_else(|| "*".to_owned());
        let mut line = |lease: &Lease, id: &str| {
            let (name, client) = (or_star(&lease.hostname), or_star(&lease.client_id));
            let _ = writeln!(text, "{} {id} {} {name} {client}", lease.expiry_time, lease.ip_address);
        };
        for lease in self.0.iter().filter(|lease| lease.iaid.is_none()) {
            line(lease, lease.mac_address.as_deref().unwrap_or("*"));
        }
        let duid = self.0.iter().rev().find_map(|lease| lease.server_duid.clone());
        let Some(duid) = duid else { return text };
        let mut v6 = String::new();
        for lease in self.0.iter().filter(|lease| lease.iaid.is_some()) {
            let (name, client) = (or_star(&lease.hostname), or_star(&lease.client_id));
            let iaid = lease.iaid.as_deref().unwrap_or_default();
            let _ = writeln!(v6, "{} {iaid} {} {name} {client}", lease.expiry_time, lease.ip_address);
        }
        let _ = writeln!(text, "duid {duid}");
        text + &v6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(arguments: &[&str], variables: &[(&str, &str)]) -> Option<Event> {
        let arguments: Vec<_> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Event::new(&arguments, &variable)
    }

    #[test]
    fn leases_come_and_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("virbr0.status");
        let mut leases = Leases::read(&path, 10).unwrap();
        let v4 = [("DNSMASQ_LEASE_EXPIRES", "100"), ("DNSMASQ_CLIENT_ID", "01:02")];
        leases.note(event(&["add", "52:54:00:00:00:01", "10.0.0.2", "web"], &v4).unwrap());
        leases.note(
            event(&["add", "52:54:00:00:00:02", "10.0.0.3"], &[("DNSMASQ_LEASE_EXPIRES", "20")]).unwrap(),
        );
        let v6 = [
            ("DNSMASQ_IAID", "7"),
            ("DNSMASQ_MAC", "52:54:00:00:00:01"),
            ("DNSMASQ_SERVER_DUID", "00:01:02"),
            ("DNSMASQ_LEASE_EXPIRES", "100"),
        ];
        leases.note(event(&["add", "00:03", "fd00::2"], &v6).unwrap());
        leases.note(event(&["old", "52:54:00:00:00:01", "10.0.0.2", "web2"], &v4).unwrap());
        leases.write(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        for part in
            ["\"ip-address\": \"10.0.0.2\"", "\"mac-address\"", "\"expiry-time\": 100", "\"server-duid\""]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        let mut later = Leases::read(&path, 50).unwrap();
        let expect = "100 52:54:00:00:00:01 10.0.0.2 web2 01:02\nduid 00:01:02\n100 7 fd00::2 * 00:03\n";
        assert_eq!(later.for_dnsmasq(), expect);
        later.note(event(&["del", "52:54:00:00:00:01", "10.0.0.2"], &[]).unwrap());
        assert!(!later.for_dnsmasq().contains("10.0.0.2"));
    }

    #[test]
    fn other_actions_are_ignored() {
        assert!(event(&["tftp", "100", "10.0.0.2", "file"], &[]).is_none());
        assert!(event(&["add", "x", "no address"], &[]).is_none());
        assert!(event(&[], &[]).is_none());
        assert!(matches!(event(&["init"], &[]), Some(Event::Init)));
    }
}
