//! `<portgroup>`.

use xml::Element;

use super::wrong;
use crate::Result;
use crate::domain::{Bandwidth, VirtualPort, Vlan};
use crate::enums::yes_no;
use crate::props::Props;

/// `<portgroup name= default= trustGuestRxFilters=>`: settings that an interface chooses by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortGroup {
    /// `name=`
    pub name: String,
    /// `default=`: for interfaces that name no group.
    pub default: bool,
    /// `trustGuestRxFilters=`, no effect.
    pub trust_guest_rx_filters: Option<bool>,
    /// `<vlan>`
    pub vlan: Option<Vlan>,
    /// `<virtualport>`
    pub virtualport: Option<VirtualPort>,
    /// `<bandwidth>` of each interface.
    pub bandwidth: Option<Bandwidth>,
}

impl PortGroup {
    pub(super) fn parse_all(network: &Element) -> Result<Vec<Self>> {
        network.all("portgroup").map(Self::parse).collect()
    }

    pub(super) fn parse(e: &Element) -> Result<Self> {
        let missing = || wrong("Missing required name attribute in portgroup");
        Ok(Self {
            name: e.filled("name").ok_or_else(missing)?,
            default: e.attr("default") == Some("yes"),
            trust_guest_rx_filters: e.yes_no("trustGuestRxFilters")?,
            vlan: Vlan::parse(e)?,
            virtualport: VirtualPort::parse_of_network(e)?,
            bandwidth: Bandwidth::parse(e, false)?,
        })
    }

    pub(super) fn format(&self) -> Element {
        let mut e = Element::new("portgroup")
            .with("name", &self.name)
            .with_opt("default", self.default.then_some("yes"))
            .with_opt("trustGuestRxFilters", self.trust_guest_rx_filters.map(yes_no));
        e.extend(self.vlan.as_ref().map(Vlan::format));
        e.extend(self.virtualport.as_ref().map(VirtualPort::format));
        e.extend(self.bandwidth.as_ref().map(Bandwidth::format));
        e.opened()
    }
}
