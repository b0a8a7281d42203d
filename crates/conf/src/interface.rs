//! `<interface>` of a host: what a network interface of the host is, as a document.

use std::fmt;

use xml::Element;

use crate::enums::on_off;

/// A network interface of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceDef {
    /// `name=`
    pub name: String,
    /// `<mac address=>`
    pub mac: Option<String>,
    /// `<mtu size=>`
    pub mtu: Option<u32>,
    /// `<link state=>`, the kernel's operational state.
    pub state: Option<String>,
    /// `<link speed=>`, Mbit/s.
    pub speed: Option<u32>,
    /// `type=` and what belongs to it.
    pub kind: InterfaceKind,
}

/// `type=`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterfaceKind {
    /// `ethernet`: any other.
    Ethernet,
    /// `bridge`
    Bridge {
        /// `stp=`
        stp: bool,
        /// `delay=`, as the kernel's file says it (hundredths of a second).
        delay: String,
        /// Its ports.
        ports: Vec<InterfaceDef>,
    },
    /// `bond`
    Bond {
        /// `mode=`
        mode: String,
        /// `<miimon>`: freq, downdelay, updelay, carrier.
        miimon: Option<[String; 4]>,
        /// `<arpmon>`: interval, target, validate.
        arpmon: Option<[String; 3]>,
        /// Its interfaces.
        slaves: Vec<InterfaceDef>,
    },
    /// `vlan`
    Vlan {
        /// `tag=`
        tag: u16,
        /// The interface it is on.
        on: String,
    },
}

impl InterfaceKind {
    const fn name(&self) -> &'static str {
        match self {
            Self::Ethernet => "ethernet",
            Self::Bridge { .. } => "bridge",
            Self::Bond { .. } => "bond",
            Self::Vlan { .. } => "vlan",
        }
    }
}

impl fmt::Display for InterfaceDef {
    /// As a document in libvirt's layout.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_element().to_xml())
    }
}

impl InterfaceDef {
    fn to_element(&self) -> Element {
        let mut e = Element::new("interface").with("type", self.kind.name()).with("name", &self.name);
        e.extend(self.mtu.map(|size| Element::new("mtu").with("size", size)));
        match &self.kind {
            InterfaceKind::Ethernet => {}
            InterfaceKind::Bridge { stp, delay, ports } => {
                let mut bridge = Element::new("bridge").with("stp", on_off(*stp)).with("delay", delay);
                bridge.extend(ports.iter().map(Self::to_port));
                e.push(bridge);
            }
            InterfaceKind::Bond { mode, miimon, arpmon, slaves } => {
                e.push(bond(mode, miimon.as_ref(), arpmon.as_ref(), slaves));
            }
            InterfaceKind::Vlan { tag, on } => {
                let on = Element::new("interface").with("name", on);
                e.push(Element::new("vlan").with("tag", tag).with_child(on));
            }
        }
        if !matches!(self.kind, InterfaceKind::Bridge { .. }) {
            self.push_link(&mut e);
        }
        e
    }

    /// As a member of another one.
    fn to_port(&self) -> Element {
        let mut e = Element::new("interface").with("type", "ethernet").with("name", &self.name);
        self.push_link(&mut e);
        e
    }

    fn push_link(&self, e: &mut Element) {
        e.push_unless_bare(
            Element::new("link").with_opt("speed", self.speed).with_opt("state", self.state.as_ref()),
        );
        e.extend(self.mac.as_ref().map(|mac| Element::new("mac").with("address", mac)));
    }
}

fn bond(
    mode: &str,
    miimon: Option<&[String; 4]>,
    arpmon: Option<&[String; 3]>,
    slaves: &[InterfaceDef],
) -> Element {
    let mut bond = Element::new("bond").with("mode", mode);
    if let Some([freq, down, up, carrier]) = miimon {
        bond.push(
            Element::new("miimon")
                .with("freq", freq)
                .with("downdelay", down)
                .with("updelay", up)
                .with("carrier", carrier),
        );
    } else if let Some([interval, target, validate]) = arpmon {
        bond.push(
            Element::new("arpmon")
                .with("interval", interval)
                .with("target", target)
                .with("validate", validate),
        );
    }
    bond.extend(slaves.iter().map(InterfaceDef::to_port));
    bond
}
