//! Bridges of a private host.

use crate::host::Host;

/// A bridge of the private host, with an address.
#[derive(Debug)]
pub struct Bridge<'h> {
    host: &'h Host,
    name: String,
}

impl Host {
    /// Makes a bridge whose own address (with prefix length) is `address`.
    #[track_caller]
    #[must_use]
    pub fn bridge(&self, name: &str, address: &str) -> Bridge<'_> {
        self.run(&["ip", "link", "add", name, "type", "bridge"]).done();
        self.run(&["ip", "address", "add", address, "dev", name]).done();
        self.run(&["ip", "link", "set", name, "up"]).done();
        Bridge { host: self, name: name.to_owned() }
    }

    /// Whether an address answers a ping within 5 seconds.
    #[track_caller]
    #[must_use]
    pub fn pings(&self, address: &str) -> bool {
        // -c stops after the answers to so many requests, -w after so many seconds.
        self.run(&["busybox", "ping", "-c", "1", "-w", "5", address]).status == 0
    }

    /// Names of its network interfaces, sorted.
    #[track_caller]
    #[must_use]
    pub fn links(&self) -> Vec<String> {
        self.names_in("/sys/class/net")
    }
}

impl Bridge<'_> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names of the interfaces plugged into it.
    #[track_caller]
    #[must_use]
    pub fn ports(&self) -> Vec<String> {
        self.host.names_in(&format!("/sys/class/net/{}/brif", self.name))
    }
}
