//! `<bridge>`.

use xml::Element;

use super::wrong;
use crate::enums::{on_off, xml_enum};
use crate::props::Props;
use crate::{Result, number};

xml_enum! {
    /// Who keeps the bridge's table of hardware addresses.
    pub enum MacTable {
        Kernel = "kernel",
        Libvirt = "libvirt",
    }
}

/// `<bridge name= zone= stp= delay= macTableManager=>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bridge {
    /// `name=`; chosen by the driver when absent and the network makes its bridge.
    pub name: Option<String>,
    /// `zone=` of firewalld.
    pub zone: Option<String>,
    /// `stp=`, the spanning tree protocol; filled in for a bridge of the network's own.
    pub stp: Option<bool>,
    /// `delay=`, the forward delay in seconds; filled in likewise.
    pub delay: Option<u32>,
    /// `macTableManager=`
    pub mac_table_manager: Option<MacTable>,
}

impl Bridge {
    pub(super) fn parse(network: &Element, name: &str) -> Result<Self> {
        let Some(e) = network.child("bridge") else { return Ok(Self::default()) };
        let delay = match e.attr("delay") {
            None => None,
            Some(text) => Some(
                number::unsigned(text)
                    .ok_or_else(|| wrong(format!("Invalid delay value in network '{name}'")))?,
            ),
        };
        let mac_table_manager = match e.attr("macTableManager") {
            None => None,
            Some(text) => Some(MacTable::from_word(text).ok_or_else(|| {
                wrong(format!("Invalid macTableManager setting '{text}' in network '{name}'"))
            })?),
        };
        Ok(Self {
            name: e.filled("name"),
            zone: e.filled("zone"),
            // Anything but "off" is on, as libvirt takes it.
            stp: e.attr("stp").map(|stp| stp != "off"),
            delay,
            mac_table_manager,
        })
    }

    /// `own`: the network makes this bridge.
    pub(super) fn format(&self, own: bool) -> Element {
        Element::new("bridge")
            .with_opt("name", self.name.as_ref())
            .with_opt("zone", self.zone.as_ref())
            .with_opt("stp", self.stp.filter(|_| own).map(on_off))
            .with_opt("delay", self.delay.filter(|_| own))
            .with_opt("macTableManager", self.mac_table_manager)
    }
}
