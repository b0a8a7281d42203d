//! `<networkport>`: what is plugged into a network.

use std::net::IpAddr;

use xml::Element;

use super::forward::PciAddress;
use super::{MacTable, PORT_FORWARDS, wrong};
use crate::domain::{Bandwidth, DirectMode, VirtualPort, Vlan};
use crate::enums::yes_no;
use crate::error::origin;
use crate::props::Props;
use crate::{Error, MacAddr, Random, Result, Uuid};

/// A port of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkPort {
    /// `<uuid>`
    pub uuid: Uuid,
    /// `<owner><name>`: the domain.
    pub owner_name: String,
    /// `<owner><uuid>`
    pub owner_uuid: Uuid,
    /// `<group>`: a portgroup of the network.
    pub group: Option<String>,
    /// `<mac address=>` of the interface.
    pub mac: MacAddr,
    /// `<virtualport>`
    pub virtualport: Option<VirtualPort>,
    /// `<bandwidth>`; once it is plugged, the group's or the network's if it had none.
    pub bandwidth: Option<Bandwidth>,
    /// `<inbound classID=>`: number of its guaranteed share on the network's bridge.
    pub class_id: Option<u32>,
    /// `<vlan>`
    pub vlan: Option<Vlan>,
    /// `<port isolated=>`
    pub isolated: Option<bool>,
    /// `<rxfilters trustGuest=>`
    pub trust_guest_rx_filters: Option<bool>,
    /// Addresses that the owner gives the interface itself: names in the network's DNS; only in the status.
    pub addresses: Vec<IpAddr>,
    /// `<plug>`: what the interface is to be connected with; absent in the document that asks for it.
    pub plug: Option<Plug>,
}

/// `<plug>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plug {
    /// `network`: the network's own bridge.
    Network {
        /// `bridge=`
        bridge: String,
        /// `macTableManager=`
        mac_table_manager: Option<MacTable>,
    },
    /// `bridge`: a bridge of the host.
    Bridge {
        /// `bridge=`
        bridge: String,
        /// `macTableManager=`
        mac_table_manager: Option<MacTable>,
    },
    /// `direct`: macvlan on an interface of the host.
    Direct {
        /// `dev=`
        dev: String,
        /// `mode=`
        mode: DirectMode,
    },
    /// `hostdev-pci`: a PCI function of the host.
    HostdevPci {
        /// `managed=`
        managed: bool,
        /// `<address>`
        address: PciAddress,
    },
}

impl NetworkPort {
    /// Reads a document.
    pub fn parse(xml: &str, random: Random) -> Result<Self> {
        let syntax = |error| Error::syntax("(networkport)", &error).from(origin::NETWORK);
        let e = xml::parse(xml).map_err(syntax)?;
        if !e.is("networkport") {
            let text = format!("expecting root element of 'networkport', not '{}'", e.name.local);
            return Err(Error::xml(text).from(origin::XML));
        }
        Self::from_element(&e, random)
    }

    fn from_element(e: &Element, random: Random) -> Result<Self> {
        let of = |error: Error| error.from(origin::NETWORK);
        let uuid = match e.child_text("uuid") {
            Some(text) => text.parse().map_err(of)?,
            None => Uuid::generate(random),
        };
        let owner = e.child("owner");
        let owner_name = owner.and_then(|owner| owner.child_text("name"));
        let owner_uuid = owner.and_then(|owner| owner.child_text("uuid"));
        let mac = e.child("mac").and_then(|mac| mac.attr("address"));
        let mac = mac.ok_or_else(|| wrong("No mac address provided"))?;
        let unreadable = |_| wrong(format!("Unable to parse MAC '{mac}'"));
        let class = e.child("bandwidth").and_then(|e| e.child("inbound"));
        Ok(Self {
            uuid,
            owner_name: owner_name.ok_or_else(|| wrong("Missing network port owner name"))?,
            owner_uuid: owner_uuid
                .ok_or_else(|| wrong("Missing network port owner UUID"))?
                .parse()
                .map_err(of)?,
            group: e.child_text("group"),
            mac: mac.parse().map_err(unreadable)?,
            virtualport: VirtualPort::parse_of_network(e)?,
            bandwidth: Bandwidth::parse(e, true)?,
            class_id: class.map_or(Ok(None), |inbound| inbound.uint("classID"))?,
            vlan: Vlan::parse(e)?,
            isolated: e.child("port").map_or(Ok(None), |port| port.yes_no("isolated"))?,
            trust_guest_rx_filters: e
                .child("rxfilters")
                .map_or(Ok(None), |filters| filters.yes_no("trustGuest"))?,
            addresses: e
                .elements()
                .filter(|e| e.name.uri.as_deref() == Some(PORT_FORWARDS) && e.name.local == "address")
                .filter_map(|e| e.attr("ip")?.parse().ok())
                .collect(),
            plug: e.child("plug").map(Plug::parse).transpose()?.flatten(),
        })
    }

    /// The document as text, with a newline at the end.
    #[must_use]
    pub fn format(&self) -> String {
        self.to_element().to_xml()
    }

    /// The document with what only the network's own daemon needs.
    #[must_use]
    pub fn format_status(&self) -> String {
        let mut e = self.to_element();
        for address in &self.addresses {
            let mut own = Element::new("address").with("ip", address);
            (own.name.prefix, own.name.uri) = (Some("vc".to_owned()), Some(PORT_FORWARDS.into()));
            own.declarations.push((Some("vc".to_owned()), PORT_FORWARDS.into()));
            e.push(own);
        }
        e.to_xml()
    }

    fn to_element(&self) -> Element {
        let mut e = Element::new("networkport");
        e.push_text("uuid", self.uuid);
        let mut owner = Element::with_text("name", &self.owner_name);
        owner = Element::new("owner").with_child(owner);
        owner.push_text("uuid", self.owner_uuid);
        e.push(owner);
        e.push_text_opt("group", self.group.as_ref());
        e.push(Element::new("mac").with("address", self.mac));
        e.extend(self.virtualport.as_ref().map(VirtualPort::format));
        e.extend(self.bandwidth.as_ref().map(|bandwidth| self.format_bandwidth(bandwidth)));
        e.extend(self.vlan.as_ref().map(Vlan::format));
        e.extend(self.isolated.map(|isolated| Element::new("port").with("isolated", yes_no(isolated))));
        let trust = self.trust_guest_rx_filters.map(yes_no);
        e.extend(trust.map(|trust| Element::new("rxfilters").with("trustGuest", trust)));
        e.extend(self.plug.as_ref().map(Plug::format));
        e
    }

    fn format_bandwidth(&self, bandwidth: &Bandwidth) -> Element {
        let mut e = bandwidth.format();
        if let (Some(id), Some(xml::Node::Element(first))) = (self.class_id, e.children.first_mut())
            && first.is("inbound")
        {
            first.push_attr("classID", id);
        }
        e
    }
}

impl Plug {
    fn parse(e: &Element) -> Result<Option<Self>> {
        let attr = |name: &str, what: &str| {
            e.filled(name).ok_or_else(|| wrong(format!("Missing network port {what}")))
        };
        let manager = || match e.attr("macTableManager") {
            None => Ok(None),
            Some(word) => MacTable::from_word(word)
                .map(Some)
                .ok_or_else(|| wrong(format!("Invalid macTableManager setting '{word}' in network port"))),
        };
        Ok(Some(match e.attr("type") {
            None | Some("none") => return Ok(None),
            Some("network") => {
                Self::Network { bridge: attr("bridge", "bridge name")?, mac_table_manager: manager()? }
            }
            Some("bridge") => {
                Self::Bridge { bridge: attr("bridge", "bridge name")?, mac_table_manager: manager()? }
            }
            Some("direct") => {
                let mode = e.attr("mode").map(|word| {
                    let unknown = || wrong(format!("Invalid mode setting '{word}' in network port"));
                    DirectMode::from_word(word).ok_or_else(unknown)
                });
                let mode = mode.transpose()?.unwrap_or(DirectMode::Vepa);
                Self::Direct { dev: attr("dev", "link device name")?, mode }
            }
            Some("hostdev-pci") => {
                let address = e.child("address").ok_or_else(|| wrong("Missing network port PCI address"))?;
                let number = |name: &str| address.uint_any(name).map(|value| value.unwrap_or(0));
                let small = |name: &str| number(name).map(|value| u8::try_from(value).unwrap_or(u8::MAX));
                Self::HostdevPci {
                    managed: e.attr("managed") == Some("yes"),
                    address: PciAddress {
                        domain: u16::try_from(number("domain")?).unwrap_or(u16::MAX),
                        bus: small("bus")?,
                        slot: small("slot")?,
                        function: small("function")?,
                    },
                }
            }
            Some(other) => return Err(wrong(format!("Invalid network port plug type '{other}'"))),
        }))
    }

    fn format(&self) -> Element {
        let plug = |kind: &str| Element::new("plug").with("type", kind);
        match self {
            Self::Network { bridge, mac_table_manager } => {
                plug("network").with("bridge", bridge).with_opt("macTableManager", *mac_table_manager)
            }
            Self::Bridge { bridge, mac_table_manager } => {
                plug("bridge").with("bridge", bridge).with_opt("macTableManager", *mac_table_manager)
            }
            Self::Direct { dev, mode } => plug("direct").with("dev", dev).with("mode", mode),
            Self::HostdevPci { managed, address } => {
                let address = Element::new("address")
                    .with("domain", format!("{:#06x}", address.domain))
                    .with("bus", format!("{:#04x}", address.bus))
                    .with("slot", format!("{:#04x}", address.slot))
                    .with("function", format!("{:#x}", address.function));
                plug("hostdev-pci").with("managed", yes_no(*managed)).with_child(address)
            }
        }
    }
}
