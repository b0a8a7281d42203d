//! What libvirt makes of `<graphics>` and `<video>`.

use xml::{Attribute, Element, Name, Node};

use crate::{Error, Result};

/// Listeners, ports and their old and new notation.
pub(super) fn fill_in(e: &mut Element) -> Result<()> {
    let kind = e.attr("type").ok_or_else(|| Error::internal("missing graphics device type"))?.to_owned();
    if !matches!(kind.as_str(), "vnc" | "spice" | "rdp") {
        e.attributes.retain(|a| matches!(a.name.local.as_str(), "type" | "display" | "xauth" | "fullscreen"));
        e.children.retain(|node| matches!(node, Node::Element(child) if child.is("gl")));
        return Ok(());
    }
    fill_in_listen(e, &kind);
    let listen = e.child("listen").and_then(|listen| listen.attr("type")).unwrap_or("address").to_owned();
    let networked = matches!(listen.as_str(), "address" | "network");
    let port = e.attr("port").map(str::to_owned);
    let auto = e.attr("autoport").map(|auto| auto == "yes");
    let automatic = auto == Some(true) || port.as_deref() == Some("-1") || kind == "vnc" && port.is_none();
    let drop_port = !networked || kind == "spice" && automatic;
    let port_value = match (kind.as_str(), automatic) {
        _ if drop_port => None,
        ("vnc", true) => Some("-1".to_owned()),
        ("rdp", true) => Some("0".to_owned()),
        _ => port,
    };
    let auto_value = networked.then_some(automatic).map(|auto| if auto { "yes" } else { "no" });
    let auto_value = auto_value.filter(|_| kind != "spice" || auto.is_some() || automatic);
    let auto_value = auto_value.filter(|value| kind != "rdp" || *value == "yes");
    set(e, "port", port_value.as_deref());
    set(e, "autoport", auto_value);
    if !networked {
        set(e, "tlsPort", None);
    }
    Ok(())
}

/// Every networked server has at least one listener, and its address is repeated in `listen=`.
fn fill_in_listen(e: &mut Element, kind: &str) {
    let given = e.attr("listen").filter(|address| !address.is_empty()).map(str::to_owned);
    let ports = e.attr("port").or_else(|| e.attr("tlsPort")).is_some() || e.attr("autoport").is_some();
    if e.child("listen").is_none() {
        let listen = match &given {
            Some(address) => Element::new("listen").with("type", "address").with("address", address),
            None if kind == "spice" && !ports => Element::new("listen").with("type", "none"),
            None => Element::new("listen").with("type", "address"),
        };
        e.children.insert(0, Node::Element(listen));
    }
    let address = e
        .child("listen")
        .filter(|listen| listen.attr("type") == Some("address"))
        .and_then(|listen| listen.attr("address"))
        .map(str::to_owned);
    set(e, "listen", address.as_deref());
}

fn set(e: &mut Element, name: &str, value: Option<&str>) {
    e.attributes.retain(|a| a.name.local != name);
    if let Some(value) = value {
        let name = Name { local: name.to_owned(), ..Name::default() };
        e.attributes.push(Attribute { name, value: value.to_owned() });
    }
}

/// The first video device is the primary one if none says so.
pub(super) fn choose_primary<'a>(videos: impl Iterator<Item = &'a mut Element>) {
    let mut models: Vec<&mut Element> = videos.filter_map(model_of).collect();
    if models.iter().any(|model| model.attr("primary") == Some("yes")) {
        return;
    }
    if let Some(model) = models.first_mut().filter(|model| model.attr("type") != Some("none")) {
        set(model, "primary", Some("yes"));
    }
}

fn model_of(video: &mut Element) -> Option<&mut Element> {
    video.children.iter_mut().find_map(|node| match node {
        Node::Element(model) if model.is("model") => Some(model),
        _ => None,
    })
}

/// The model with its defaults.
pub(super) fn fill_in_video(e: &mut Element) -> Result<()> {
    let missing = || Error::internal("missing video model and cannot determine default");
    let model = model_of(e).ok_or_else(missing)?;
    let kind = model.attr("type").filter(|kind| *kind != "default").ok_or_else(missing)?.to_owned();
    if kind == "none" {
        model.attributes.retain(|a| a.name.local == "type");
        return Ok(());
    }
    let vram = match kind.as_str() {
        "cirrus" | "vga" | "vmvga" => Some("16384"),
        "qxl" => Some("65536"),
        "xen" => Some("4096"),
        "vbox" => Some("8192"),
        _ => None,
    };
    if let Some(vram) = vram.filter(|_| model.attr("vram").is_none()) {
        model.push_attr("vram", vram);
    }
    if kind == "qxl" {
        for (name, value) in [("ram", "65536"), ("vgamem", "16384")] {
            if model.attr(name).is_none() {
                model.push_attr(name, value);
            }
        }
    }
    if model.attr("heads").is_none() {
        model.push_attr("heads", "1");
    }
    Ok(())
}
