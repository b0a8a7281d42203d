//! Devices without effect on a container: kept and printed.

use xml::{Element, Node};

use super::{DeviceInfo, Devices};
use crate::domain::{FormatFlags, ParseContext};
use crate::props::Props;
use crate::{Error, Result};

mod graphics;
mod shapes;

/// A device without effect on a container (`<graphics>`, `<controller>`, `<memballoon>`, ..).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDevice {
    /// Name of the element.
    pub name: &'static str,
    /// As printed, without alias and address; passwords included.
    pub(crate) element: Element,
    /// Alias and address.
    pub info: DeviceInfo,
}

impl KeptDevice {
    /// `None` for an unknown element, and for a panic device that says nothing, as in libvirt.
    pub(crate) fn parse(e: &Element, ctx: &ParseContext) -> Result<Option<Self>> {
        let Some(shape) = shapes::SHAPES.iter().find(|shape| shape.name == e.name.local) else {
            return Ok(None);
        };
        let element = shape.keep_completed(e, complete_one)?;
        if shape.name == "panic" && element.is_bare() {
            return Ok(None);
        }
        Ok(Some(Self { name: shape.name, element, info: DeviceInfo::parse(e, ctx)? }))
    }

    pub(crate) fn to_element(&self, flags: FormatFlags) -> Element {
        let mut e = self.element.clone();
        if !flags.contains(FormatFlags::SECURE) {
            e.attributes.retain(|a| !matches!(a.name.local.as_str(), "passwd" | "passwdValidTo"));
        }
        self.info.format(&mut e, flags);
        if matches!(self.name, "redirdev" | "nvram") { e.opened() } else { e }
    }

    /// Value of an attribute of the element.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.element.attr(name)
    }
}

/// What libvirt demands of a device and fills in.
fn complete_one(e: &mut Element) -> Result<()> {
    match e.name.local.as_str() {
        "controller" => {
            default(e, "type", "ide");
            if e.attr("index")
                .is_some_and(|index| index.parse::<u32>().is_ok_and(|i| i > super::implicit::CONTROLLERS_MAX))
            {
                return Err(Error::xml("controller index is too large"));
            }
        }
        "smartcard" => drop(e.required("mode")?),
        "redirdev" if e.attr("bus") != Some("usb") => {
            let bus = e.attr("bus").unwrap_or("");
            return Err(Error::unsupported(format!("unknown redirdev bus '{bus}'")));
        }
        "memballoon" | "sound" | "iommu" => drop(e.required("model")?),
        "watchdog" => {
            if e.attr("model").is_none() {
                return Err(Error::internal("watchdog must contain model name"));
            }
            let model = e.attr("model").unwrap_or("");
            if !["i6300esb", "ib700", "diag288", "itco"].contains(&model) {
                return Err(Error::unsupported(format!("unknown watchdog model '{model}'")));
            }
            default(e, "action", "reset");
        }
        "rng" => check_rng(e)?,
        "graphics" => graphics::fill_in(e)?,
        "video" => graphics::fill_in_video(e)?,
        "hub" if e.attr("type").is_none() => return Err(Error::internal("missing hub device type")),
        "vsock" => fill_in_cid(e),
        "hub" if e.attr("type") != Some("usb") => {
            let kind = e.attr("type").unwrap_or("");
            return Err(Error::unsupported(format!("unknown hub device type '{kind}'")));
        }
        "tpm" if e.child("backend").is_none() => return Err(Error::xml("missing TPM device backend")),
        "tpm" => {
            let passthrough = e.child("backend").is_some_and(|b| b.attr("type") == Some("passthrough"));
            fill_in_tpm(e, passthrough);
        }
        "redirfilter" => {
            for rule in rules(e) {
                hexadecimal(rule);
            }
        }
        _ => {}
    }
    Ok(())
}

fn default(e: &mut Element, name: &str, value: &str) {
    if e.attr(name).is_none() {
        e.push_attr(name, value);
    }
}

fn check_rng(e: &mut Element) -> Result<()> {
    if e.attr("model").is_none() {
        return Err(Error::xml("missing RNG device model"));
    }
    for node in &mut e.children {
        if let Node::Element(backend) = node
            && backend.is("backend")
            && backend.attr("model") == Some("random")
            && backend.children.is_empty()
        {
            backend.children.push(Node::Text("/dev/random".to_owned()));
        }
    }
    Ok(())
}

fn fill_in_cid(e: &mut Element) {
    for node in &mut e.children {
        if let Node::Element(cid) = node
            && cid.attr("auto").is_none()
            && cid.attr("address").is_none()
        {
            cid.push_attr("auto", "yes");
        }
    }
}

fn fill_in_tpm(e: &mut Element, passthrough: bool) {
    for node in &mut e.children {
        if let Node::Element(backend) = node
            && passthrough
            && backend.child("device").is_none()
        {
            backend.push(Element::new("device").with("path", "/dev/tpm0"));
        }
    }
}

fn rules(e: &mut Element) -> impl Iterator<Item = &mut Element> {
    e.children.iter_mut().filter_map(|node| match node {
        Node::Element(rule) => Some(rule),
        _ => None,
    })
}

/// Rules of a redirection filter are printed in their own notation.
fn hexadecimal(rule: &mut Element) {
    for attribute in &mut rule.attributes {
        let value = &mut attribute.value;
        match attribute.name.local.as_str() {
            "class" | "vendor" | "product" => {
                let width = if attribute.name.local == "class" { 2 } else { 4 };
                if let Some(number) = crate::number::any_base(value) {
                    *value = format!("0x{number:0width$X}");
                }
            }
            "version" => {
                if let Some((major, minor)) = value.split_once('.')
                    && minor.len() == 1
                {
                    *value = format!("{major}.{minor}0");
                }
            }
            _ => {}
        }
    }
}

/// What one device gets because of the others.
pub(crate) fn complete(devices: &mut Devices) {
    graphics::choose_primary(
        devices.kept_mut().filter(|kept| kept.name == "video").map(|kept| &mut kept.element),
    );
}

/// Checks of one kept device against the others.
pub(crate) fn check_all(devices: &Devices) -> Result<()> {
    let has = |name: &str| devices.kept().any(|kept| kept.name == name);
    if has("graphics") && !has("video") {
        return Err(Error::internal("missing video model and cannot determine default"));
    }
    let usb = devices.kept().any(|kept| kept.name == "controller" && kept.attr("type") == Some("usb"));
    if has("redirdev") && !usb {
        return Err(Error::unsupported("cannot add redirected USB device: USB is disabled for this domain"));
    }
    Ok(())
}

/// Devices that have no place in a container, with libvirt's words for that.
pub(crate) fn refuse(name: &str) -> Result<()> {
    match name {
        "input" => Err(Error::internal("Input devices are not supported by this virtualization driver.")),
        "memory" => Err(Error::unsupported("memory devices are not supported by this driver")),
        _ => Ok(()),
    }
}
