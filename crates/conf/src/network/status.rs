//! `<networkstatus>`: an active network on disk.

use xml::Element;

use super::NetworkDef;
use crate::{Error, Random, Result};

/// An active network as libvirt's daemons keep it in `/run/libvirt/network`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkStatus {
    /// Sum of the guaranteed shares of its ports, KiB/s.
    pub floor_sum: u64,
    /// `<network>`
    pub def: NetworkDef,
}

impl NetworkStatus {
    /// Reads a status file.
    pub fn parse(xml: &str, random: Random) -> Result<Self> {
        let e = xml::parse(xml).map_err(|error| Error::syntax("(network status)", &error))?;
        let network = e.child("network");
        let network =
            network.ok_or_else(|| Error::internal("Could not find any 'network' element in status file"))?;
        let floor = e.child("floor").and_then(|floor| floor.attr("sum"));
        let floor_sum = floor.and_then(|sum| sum.parse().ok()).unwrap_or(0);
        Ok(Self { floor_sum, def: NetworkDef::from_element(network, random)? })
    }

    /// The file's text.
    #[must_use]
    pub fn format(&self) -> String {
        let mut e = Element::new("networkstatus");
        e.push(Element::new("class_id").with("bitmap", "0-2"));
        e.push(Element::new("floor").with("sum", self.floor_sum));
        e.push(self.def.to_element(true));
        e.to_xml()
    }
}
