//! `type=` and `<source>`.

use xml::Element;

use crate::Uuid;
use crate::domain::device::info::pci_address;
use crate::enums::xml_enum;
use crate::network::MacTable;
use crate::props::Props;
use crate::shape::{Attr, Kind, Shape};
use crate::{Error, Result};

xml_enum! {
    /// `type=`
    pub enum InterfaceKind {
        User = "user",
        Ethernet = "ethernet",
        VhostUser = "vhostuser",
        Server = "server",
        Client = "client",
        Mcast = "mcast",
        Network = "network",
        Bridge = "bridge",
        Internal = "internal",
        Direct = "direct",
        Hostdev = "hostdev",
        Udp = "udp",
        Vdpa = "vdpa",
        Null = "null",
        Vds = "vds",
    }
}

xml_enum! {
    /// `<source mode=>` of `direct` (ip-link(8), macvlan).
    pub enum DirectMode {
        Vepa = "vepa",
        Private = "private",
        Bridge = "bridge",
        Passthrough = "passthrough",
    }
}

/// `type=` with `<source>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterfaceSource {
    /// `network`: a virtual network.
    Network {
        /// `network=`
        network: String,
        /// `portgroup=`
        portgroup: Option<String>,
        /// `portid=`: the port's uuid, only while running.
        portid: Option<Uuid>,
        /// `bridge=`: the bridge it got, only while running.
        bridge: Option<String>,
        /// `macTableManager=` of that bridge, only while running.
        mac_table: Option<MacTable>,
        /// `dev=`, `mode=`: the host's interface it got instead, only while running.
        direct: Option<(String, DirectMode)>,
    },
    /// `bridge`: a bridge of the host.
    Bridge {
        /// `bridge=`
        bridge: String,
    },
    /// `ethernet`: a veth pair without a bridge.
    Ethernet,
    /// `direct`: macvlan.
    Direct {
        /// `dev=`
        dev: String,
        /// `mode=`
        mode: DirectMode,
    },
    /// Types a container cannot have (`user`, `hostdev`, `vdpa`, `vhostuser`, ..): kept.
    Other {
        /// `type=`
        kind: InterfaceKind,
        /// `<source>`
        source: Option<Element>,
    },
}

const SOCKET: Shape = Shape::new(
    "source",
    &[Attr("address", Kind::Text), Attr("port", Kind::Text)],
    &[&Shape::new("local", &[Attr("address", Kind::Text), Attr("port", Kind::Text)], &[])],
);
const INTERNAL: Shape = Shape::new("source", &[Attr("name", Kind::Text)], &[]);
const VDPA: Shape = Shape::new("source", &[Attr("dev", Kind::Text)], &[]);
const VHOSTUSER: Shape = Shape::new(
    "source",
    &[Attr("type", Kind::Word(&["unix"])), Attr("path", Kind::Text), Attr("mode", Kind::Text)],
    &[],
);

impl InterfaceSource {
    pub(crate) fn parse(e: &Element, kind: InterfaceKind, live: bool) -> Result<Self> {
        let source = e.child("source");
        let missing = || Error::xml(format!("interface type='{kind}' requires a 'source' element"));
        let required = || source.ok_or_else(missing);
        Ok(match kind {
            InterfaceKind::Network => {
                let source = required()?;
                let live_only = |name: &str| source.filled(name).filter(|_| live);
                Self::Network {
                    network: source.required("network")?.to_owned(),
                    portgroup: source.filled("portgroup"),
                    portid: live_only("portid").map(|id| id.parse()).transpose()?,
                    bridge: live_only("bridge"),
                    mac_table: live_only("macTableManager").and_then(|word| MacTable::from_word(&word)),
                    direct: live_only("dev")
                        .zip(live_only("mode").and_then(|word| DirectMode::from_word(&word))),
                }
            }
            InterfaceKind::Bridge => Self::Bridge { bridge: required()?.required("bridge")?.to_owned() },
            InterfaceKind::Direct => {
                let source = required()?;
                let dev = source.required("dev")?.to_owned();
                Self::Direct { dev, mode: source.word("mode")?.unwrap_or(DirectMode::Vepa) }
            }
            InterfaceKind::Ethernet => Self::Ethernet,
            InterfaceKind::User | InterfaceKind::Null => Self::Other { kind, source: None },
            _ => {
                let kept = keep(kind, required()?)?;
                if kept.is_bare() {
                    return Err(missing());
                }
                Self::Other { kind, source: Some(kept) }
            }
        })
    }

    /// `type=`
    #[must_use]
    pub fn kind(&self) -> InterfaceKind {
        match self {
            Self::Network { .. } => InterfaceKind::Network,
            Self::Bridge { .. } => InterfaceKind::Bridge,
            Self::Ethernet => InterfaceKind::Ethernet,
            Self::Direct { .. } => InterfaceKind::Direct,
            Self::Other { kind, .. } => *kind,
        }
    }

    pub(crate) fn to_element(&self, inactive: bool) -> Element {
        let e = Element::new("source");
        match self {
            Self::Network { network, portgroup, portid, bridge, mac_table, direct } => {
                let direct = direct.as_ref().filter(|_| !inactive);
                e.with("network", network)
                    .with_opt("portgroup", portgroup.as_ref())
                    .with_opt("portid", portid.filter(|_| !inactive))
                    .with_opt("bridge", bridge.as_ref().filter(|_| !inactive))
                    .with_opt("macTableManager", mac_table.filter(|_| !inactive))
                    .with_opt("dev", direct.map(|(dev, _)| dev))
                    .with_opt("mode", direct.map(|(_, mode)| *mode))
            }
            Self::Bridge { bridge } => e.with("bridge", bridge),
            Self::Ethernet => e,
            Self::Direct { dev, mode } => e.with("dev", dev).with("mode", mode),
            Self::Other { source, .. } => source.clone().unwrap_or(e),
        }
    }
}

fn keep(kind: InterfaceKind, source: &Element) -> Result<Element> {
    Ok(match kind {
        InterfaceKind::Udp if source.child("local").is_none() => {
            return Err(Error::xml("'<local>' element missing for 'udp' socket interface"));
        }
        InterfaceKind::Server | InterfaceKind::Client | InterfaceKind::Mcast | InterfaceKind::Udp => {
            SOCKET.keep(source)?
        }
        InterfaceKind::Internal => INTERNAL.keep(source)?,
        InterfaceKind::Vdpa => VDPA.keep(source)?,
        InterfaceKind::VhostUser => {
            source.required("type")?;
            VHOSTUSER.keep(source)?
        }
        InterfaceKind::Hostdev => {
            let mut kept = Element::new("source");
            if let Some(address) = source.child("address") {
                kept.push(pci_address(address, "type")?);
            }
            kept
        }
        _ => Element::new("source"),
    })
}
