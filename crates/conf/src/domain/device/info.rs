//! What every device has: alias, boot order, address.

use xml::Element;

use crate::domain::{FormatFlags, ParseContext, ParseFlags};
use crate::error::origin;
use crate::props::Props;
use crate::shape::{Attr, Kind, Shape};
use crate::{Error, Result};

/// What every device has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceInfo {
    /// `<alias name=>`: only while running.
    pub alias: Option<String>,
    /// `<boot order=>`, no effect.
    pub boot_order: Option<u32>,
    /// `<address>`, no effect.
    pub address: Option<Element>,
}

const PCI: Shape = Shape::new(
    "address",
    &[
        Attr("type", Kind::Text),
        Attr("domain", Kind::Hex(4)),
        Attr("bus", Kind::Hex(2)),
        Attr("slot", Kind::Hex(2)),
        Attr("function", Kind::Hex(1)),
        Attr("multifunction", Kind::OnOff),
    ],
    &[],
);

const DRIVE: Shape = Shape::new(
    "address",
    &[
        Attr("type", Kind::Text),
        Attr("controller", Kind::Number),
        Attr("bus", Kind::Number),
        Attr("target", Kind::Number),
        Attr("unit", Kind::Number),
    ],
    &[],
);

const VIRTIO_SERIAL: Shape = Shape::new(
    "address",
    &[
        Attr("type", Kind::Text),
        Attr("controller", Kind::Number),
        Attr("bus", Kind::Number),
        Attr("port", Kind::Number),
    ],
    &[],
);

const CCID: Shape = Shape::new(
    "address",
    &[Attr("type", Kind::Text), Attr("controller", Kind::Number), Attr("slot", Kind::Number)],
    &[],
);

/// Everything else is printed as it was written.
const OTHER: Shape = Shape::new(
    "address",
    &[
        Attr("type", Kind::Text),
        Attr("bus", Kind::Text),
        Attr("port", Kind::Text),
        Attr("reg", Kind::Hex(8)),
        Attr("cssid", Kind::Hex(1)),
        Attr("ssid", Kind::Hex(1)),
        Attr("devno", Kind::Hex(4)),
        Attr("iobase", Kind::Hex(1)),
        Attr("irq", Kind::Hex(1)),
        Attr("slot", Kind::Text),
        Attr("base", Kind::Text),
    ],
    &[],
);

const KINDS: [&str; 12] = [
    "pci",
    "drive",
    "virtio-serial",
    "ccid",
    "usb",
    "spapr-vio",
    "virtio-s390",
    "ccw",
    "virtio-mmio",
    "isa",
    "dimm",
    "unassigned",
];

impl DeviceInfo {
    pub(crate) fn parse(e: &Element, ctx: &ParseContext) -> Result<Self> {
        let alias = if ctx.flags.contains(ParseFlags::LIVE) {
            e.child("alias").and_then(|alias| alias.filled("name"))
        } else {
            None
        };
        let boot_order = match e.child("boot") {
            Some(boot) => {
                boot.required("order")?;
                boot.positive("order")?
            }
            None => None,
        };
        Ok(Self { alias, boot_order, address: e.child("address").map(parse_address).transpose()? })
    }

    /// Adds `<boot>`, `<alias>`, `<address>`.
    pub(crate) fn format(&self, out: &mut Element, flags: FormatFlags) {
        out.extend(self.boot_order.map(|order| Element::new("boot").with("order", order)));
        self.format_without_boot(out, flags);
    }

    /// Adds `<alias>`, `<address>`.
    pub(crate) fn format_without_boot(&self, out: &mut Element, flags: FormatFlags) {
        if !flags.contains(FormatFlags::INACTIVE) {
            out.extend(self.alias.as_ref().map(|alias| Element::new("alias").with("name", alias)));
        }
        out.extend(self.address.clone());
    }

    /// The controller an address belongs to.
    pub(crate) fn controller(&self) -> Option<u32> {
        self.address.as_ref()?.attr("controller")?.parse().ok()
    }

    /// Is there an address of that type?
    pub(crate) fn is_at(&self, kind: &str) -> bool {
        self.address.as_ref().is_some_and(|address| address.attr("type") == Some(kind))
    }
}

fn parse_address(e: &Element) -> Result<Element> {
    let Some(kind) = e.attr("type") else {
        return Err(Error::internal("No type specified for device address"));
    };
    if !KINDS.contains(&kind) {
        return Err(Error::unsupported(format!("unknown address type '{kind}'")));
    }
    match kind {
        "pci" => pci_address(e, "type"),
        "drive" => numbered(&DRIVE, e),
        "virtio-serial" => numbered(&VIRTIO_SERIAL, e),
        "ccid" => numbered(&CCID, e),
        _ => OTHER.keep(e),
    }
}

/// A PCI address, all four parts present; `first` is an attribute that stays in front.
pub(crate) fn pci_address(e: &Element, first: &str) -> Result<Element> {
    let mut full = Element::new("address").with_opt("type", e.attr("type").filter(|_| first == "type"));
    let parts = ["domain", "bus", "slot", "function"];
    let given = parts.iter().any(|name| e.attr(name).is_some());
    for name in parts.into_iter().filter(|_| given) {
        full.push_attr(name, e.attr(name).unwrap_or("0"));
    }
    full.attributes.extend(e.attributes.iter().filter(|a| a.name.local == "multifunction").cloned());
    full.name = e.name.clone();
    PCI.keep(&full)
}

/// The numbers of an address; a missing one is 0.
fn numbered(shape: &Shape, e: &Element) -> Result<Element> {
    let mut address = Element::new("address");
    for Attr(name, kind) in shape.attrs {
        match kind {
            Kind::Number => {
                let number = e.uint(name)?.unwrap_or(0);
                if *name == "controller" && number > super::implicit::CONTROLLERS_MAX {
                    let text = format!("controller index {number} of an address is too large");
                    return Err(Error::xml(text).from(origin::XML));
                }
                address.push_attr(name, number);
            }
            _ => address.push_attr(name, e.attr(name).unwrap_or("")),
        }
    }
    Ok(address)
}
