//! `<hostdev>`.

use xml::Element;

use super::DeviceInfo;
use super::info::pci_address;
use crate::domain::net::{IpAddress, Route};
use crate::domain::{FormatFlags, ParseContext};
use crate::enums::{xml_enum, yes_no};
use crate::props::Props;
use crate::shape::{Attr, Kind, Shape};
use crate::{Error, Result};

xml_enum! {
    /// What happens when the device is not there.
    pub enum StartupPolicy {
        Mandatory = "mandatory",
        Requisite = "requisite",
        Optional = "optional",
    }
}

/// `mode=`, `type=` and `<source>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostdevSource {
    /// `mode='capabilities' type='storage'`: a block device.
    Storage {
        /// `<block>`: path of the node on the host, same path inside.
        block: String,
    },
    /// `mode='capabilities' type='misc'`: a character device.
    Misc {
        /// `<char>`: path of the node.
        char: String,
    },
    /// `mode='capabilities' type='net'`: a network interface of the host moves in.
    Net {
        /// `<interface>`
        interface: String,
        /// `<ip>`s
        ips: Vec<IpAddress>,
        /// `<route>`s
        routes: Vec<Route>,
    },
    /// `mode='subsystem' type='usb'`
    Usb(UsbSource),
    /// Other subsystems (`pci`, `scsi`, `mdev`, ..): kept.
    Other {
        /// `type=`
        kind: String,
        /// `model=`, `sgio=`, ..
        attrs: Vec<(&'static str, String)>,
        /// `<source>`
        source: Element,
    },
}

/// Which USB device: by vendor and product, by bus and device number, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbSource {
    /// `<vendor id=>`, `<product id=>`
    pub product: Option<(u16, u16)>,
    /// `<address bus= device=>`
    pub address: Option<(u32, u32)>,
    /// `startupPolicy=`, no effect.
    pub startup_policy: Option<StartupPolicy>,
}

/// A device of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hostdev {
    /// Which.
    pub source: HostdevSource,
    /// `managed=` of subsystem devices.
    pub managed: bool,
    /// `<readonly/>`, `<shareable/>`, `<driver>`, `<rom>`: no effect.
    pub kept: Vec<Element>,
    /// Alias and address.
    pub info: DeviceInfo,
}

const SCSI: Shape = Shape::new(
    "source",
    &[Attr("protocol", Kind::Text), Attr("name", Kind::Text), Attr("wwpn", Kind::Text)],
    &[
        &Shape::new("adapter", &[Attr("name", Kind::Text)], &[]),
        &Shape::new(
            "address",
            &[Attr("bus", Kind::Number), Attr("target", Kind::Number), Attr("unit", Kind::Number)],
            &[],
        ),
        &Shape::new("host", &[Attr("name", Kind::Text), Attr("port", Kind::Text)], &[]).many(),
        &Shape::new("initiator", &[], &[&Shape::new("iqn", &[Attr("name", Kind::Text)], &[])]),
    ],
);
const MDEV: Shape = Shape::new("source", &[], &[&Shape::new("address", &[Attr("uuid", Kind::Text)], &[])]);

const KEPT: &[&Shape] = &[
    &Shape::new("driver", &[Attr("name", Kind::Word(&["kvm", "vfio", "xen"]))], &[]),
    &Shape::new("teaming", &[Attr("type", Kind::Text), Attr("persistent", Kind::Text)], &[]),
    &Shape::new("readonly", &[], &[]),
    &Shape::new("shareable", &[], &[]),
];

impl Hostdev {
    pub(crate) fn parse(e: &Element, ctx: &ParseContext) -> Result<Self> {
        let source = match e.attr("mode") {
            None | Some("subsystem") => HostdevSource::parse_subsystem(e)?,
            Some("capabilities") => HostdevSource::parse_capabilities(e)?,
            Some(mode) => return Err(Error::unsupported(format!("unknown hostdev mode '{mode}'"))),
        };
        let mut info = DeviceInfo::parse(e, ctx)?;
        if matches!(&source, HostdevSource::Other { kind, .. } if kind == "scsi") && info.address.is_none() {
            info.address = Some(super::implicit::drive_address(0, 0, 0));
        }
        let mut kept = Shape::keep_all(KEPT, e)?;
        let scsi = matches!(&source, HostdevSource::Other { kind, .. } if kind == "scsi");
        kept.retain(|kept| scsi || !matches!(kept.name.local.as_str(), "readonly" | "shareable"));
        let managed = source.mode_and_type().0 == "subsystem" && e.attr("managed") == Some("yes");
        Ok(Self { source, managed, kept, info })
    }

    pub(crate) fn to_element(&self, flags: FormatFlags) -> Element {
        let (mode, kind) = self.source.mode_and_type();
        let mut e = Element::new("hostdev").with("mode", mode).with("type", kind);
        if mode == "subsystem" {
            e.push_attr("managed", yes_no(self.managed));
        }
        if let HostdevSource::Other { attrs, .. } = &self.source {
            for (name, value) in attrs {
                e.push_attr(name, value);
            }
        }
        let kept = |names: [&'static str; 2]| {
            self.kept.iter().filter(move |kept| names.contains(&kept.name.local.as_str())).cloned()
        };
        e.extend(kept(["driver", "teaming"]));
        e.push(self.source.to_element());
        if let HostdevSource::Net { ips, routes, .. } = &self.source {
            e.extend(ips.iter().map(IpAddress::format));
            e.extend(routes.iter().map(Route::format));
        }
        e.extend(kept(["readonly", "shareable"]));
        self.info.format(&mut e, flags);
        e
    }
}

impl HostdevSource {
    fn parse_capabilities(e: &Element) -> Result<Self> {
        let kind = kind(e, &["storage", "misc", "net"])?;
        let source =
            e.child("source").ok_or_else(|| Error::xml("Missing <source> element in hostdev device"))?;
        let text = |name: &str, what: &str| {
            let missing = || Error::xml(format!("Missing <{name}> element in hostdev {what} device"));
            source.child_text(name).ok_or_else(missing)
        };
        match kind {
            "storage" => Ok(Self::Storage { block: text("block", "storage")? }),
            "misc" => Ok(Self::Misc { char: text("char", "character")? }),
            _ => Ok(Self::Net {
                interface: text("interface", "net")?,
                ips: IpAddress::parse_all(e)?,
                routes: Route::parse_all(e, "Domain hostdev device")?,
            }),
        }
    }

    fn parse_subsystem(e: &Element) -> Result<Self> {
        let kind = kind(e, &["usb", "pci", "scsi", "scsi_host", "mdev"])?;
        let source =
            e.child("source").ok_or_else(|| Error::xml("Missing <source> element in hostdev device"))?;
        let (attrs, kept): (&[&'static str], Element) = match kind {
            "usb" => return Ok(Self::Usb(UsbSource::parse(source)?)),
            "pci" => {
                let mut kept = Element::new("source");
                let mut full = source.child("address").cloned().unwrap_or_else(|| Element::new("address"));
                if full.attr("domain").is_none() {
                    full.push_attr("domain", 0);
                }
                kept.push(pci_address(&full, "domain")?);
                (&[], kept)
            }
            "scsi" => {
                let adapter = source.child("adapter").and_then(|adapter| adapter.filled("name"));
                if adapter.is_none() && source.attr("protocol").is_none() {
                    return Err(Error::xml("'adapter' name must be specified for scsi hostdev source"));
                }
                (&["sgio", "rawio"], SCSI.keep(source)?)
            }
            "scsi_host" => (&["model"], SCSI.keep(source)?),
            _ => (&["model", "display", "ramfb"], MDEV.keep(source)?),
        };
        let attrs = attrs.iter().filter_map(|name| Some((*name, e.filled(name)?))).collect();
        Ok(Self::Other { kind: kind.to_owned(), attrs, source: kept })
    }

    /// `mode=` and `type=`.
    #[must_use]
    pub fn mode_and_type(&self) -> (&'static str, &str) {
        match self {
            Self::Storage { .. } => ("capabilities", "storage"),
            Self::Misc { .. } => ("capabilities", "misc"),
            Self::Net { .. } => ("capabilities", "net"),
            Self::Usb(_) => ("subsystem", "usb"),
            Self::Other { kind, .. } => ("subsystem", kind),
        }
    }

    fn to_element(&self) -> Element {
        let mut e = Element::new("source");
        match self {
            Self::Storage { block } => e.push_text("block", block),
            Self::Misc { char } => e.push_text("char", char),
            Self::Net { interface, .. } => e.push_text("interface", interface),
            Self::Usb(usb) => return usb.to_element(),
            Self::Other { source, .. } => return source.clone(),
        }
        e
    }
}

/// `type=`, one of those that the mode has.
fn kind<'a>(e: &'a Element, known: &[&str]) -> Result<&'a str> {
    let kind = e.attr("type").ok_or_else(|| Error::xml("missing source address type"))?;
    if known.contains(&kind) {
        return Ok(kind);
    }
    Err(Error::unsupported(format!("unknown host device source address type '{kind}'")))
}

impl UsbSource {
    fn parse(e: &Element) -> Result<Self> {
        let id = |element: &Element| -> Result<u16> {
            element.required("id")?;
            let id = element.uint_any("id")?.unwrap_or(0);
            let zero = || {
                let element = &element.name.local;
                Error::xml(format!(
                    "Invalid value for attribute 'id' in element '{element}': Zero is not permitted"
                ))
                .from(crate::origin::XML)
            };
            if id == 0 {
                return Err(zero());
            }
            u16::try_from(id).map_err(|_| Error::xml(format!("{} id {id} is too large", element.name.local)))
        };
        let product = match (e.child("vendor"), e.child("product")) {
            (None, None) => None,
            (Some(vendor), Some(product)) => Some((id(vendor)?, id(product)?)),
            (None, Some(_)) => return Err(Error::internal("missing vendor")),
            (Some(_), None) => return Err(Error::internal("missing product")),
        };
        let address = match e.child("address") {
            None => None,
            Some(address) => {
                let number = |name: &str| {
                    address.required(name)?;
                    Ok::<u32, Error>(address.uint_any(name)?.unwrap_or(0))
                };
                Some((number("bus")?, number("device")?)).filter(|address| *address != (0, 0))
            }
        };
        if product.is_none() && address.is_none() {
            return Err(Error::xml("a USB device needs <vendor> and <product>, or <address>"));
        }
        Ok(Self { product, address, startup_policy: e.word("startupPolicy")? })
    }

    fn to_element(&self) -> Element {
        let mut e = Element::new("source").with_opt("startupPolicy", self.startup_policy);
        if let Some((vendor, product)) = self.product {
            e.push(Element::new("vendor").with("id", format!("0x{vendor:04x}")));
            e.push(Element::new("product").with("id", format!("0x{product:04x}")));
        }
        if let Some((bus, device)) = self.address {
            e.push(Element::new("address").with("bus", bus).with("device", device));
        }
        e
    }
}
