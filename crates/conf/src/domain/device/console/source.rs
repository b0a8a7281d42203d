//! Host ends that a container cannot have: kept.

use xml::Element;

use super::{CharClass, CharKind};
use crate::shape::{Attr, Kind, Shape};
use crate::{Error, Result};

const SECLABEL: Shape = Shape::new(
    "seclabel",
    &[Attr("model", Kind::Text), Attr("labelskip", Kind::YesNo), Attr("relabel", Kind::YesNo)],
    &[&Shape::text("label", &[])],
);
const RECONNECT: Shape =
    Shape::new("reconnect", &[Attr("enabled", Kind::YesNo), Attr("timeout", Kind::Number)], &[]);
const MODES: Kind = Kind::Word(&["connect", "bind"]);

const FILE: Shape =
    Shape::new("source", &[Attr("path", Kind::Text), Attr("append", Kind::OnOff)], &[&SECLABEL]);
const PATH: Shape = Shape::new("source", &[Attr("path", Kind::Text)], &[&SECLABEL]);
const UNIX: Shape =
    Shape::new("source", &[Attr("mode", MODES), Attr("path", Kind::Text)], &[&RECONNECT, &SECLABEL]);
const TCP: Shape = Shape::new(
    "source",
    &[Attr("mode", MODES), Attr("host", Kind::Text), Attr("service", Kind::Text), Attr("tls", Kind::YesNo)],
    &[&RECONNECT],
);
const UDP: Shape =
    Shape::new("source", &[Attr("mode", MODES), Attr("host", Kind::Text), Attr("service", Kind::Text)], &[])
        .many();
const PROTOCOL: Shape =
    Shape::new("protocol", &[Attr("type", Kind::Word(&["raw", "telnet", "telnets", "tls"]))], &[]);
const NMDM: Shape = Shape::new("source", &[Attr("master", Kind::Text), Attr("slave", Kind::Text)], &[]);
const CHANNEL: Shape = Shape::new("source", &[Attr("channel", Kind::Text)], &[]);
const VDAGENT: Shape = Shape::new(
    "source",
    &[],
    &[
        &Shape::new("clipboard", &[Attr("copypaste", Kind::YesNo)], &[]),
        &Shape::new("mouse", &[Attr("mode", Kind::Text)], &[]),
    ],
);

/// `<source>`s and `<protocol>` as they are printed.
pub(super) fn keep(class: CharClass, kind: CharKind, e: &Element) -> Result<Vec<Element>> {
    let (max, word) =
        if kind == CharKind::Udp { (2, "two source elements are") } else { (1, "one source element is") };
    if e.all("source").nth(max).is_some() {
        return Err(Error::xml(format!("only {word} allowed for character device")));
    }
    let shapes: &[&Shape] = match kind {
        CharKind::File => &[&FILE],
        CharKind::Dev | CharKind::Pipe => &[&PATH],
        CharKind::Unix => &[&UNIX],
        CharKind::Tcp => &[&TCP, &PROTOCOL],
        CharKind::Udp => &[&UDP],
        CharKind::Nmdm => &[&NMDM],
        CharKind::SpicePort | CharKind::Dbus => &[&CHANNEL],
        CharKind::QemuVdagent => &[&VDAGENT],
        CharKind::Null | CharKind::Vc | CharKind::Pty | CharKind::Stdio | CharKind::SpiceVmc => &[],
    };
    let mut kept = Shape::keep_all(shapes, e)?;
    for source in &mut kept {
        let mode = matches!(kind, CharKind::Unix | CharKind::Tcp) && source.is("source");
        if mode && source.attr("mode").is_none() {
            source.push_attr("mode", "connect");
            source.attributes.rotate_right(1);
        }
    }
    if kind == CharKind::Tcp && !kept.iter().any(|e| e.is("protocol")) {
        kept.push(Element::new("protocol").with("type", "raw"));
    }
    let has = |name: &str| kept.iter().any(|e| e.attr(name).is_some_and(|value| !value.is_empty()));
    let required: &[(&str, &str)] = match kind {
        CharKind::Dev | CharKind::File | CharKind::Pipe => &[("path", "path")],
        CharKind::Unix if class != CharClass::Channel => &[("path", "path")],
        CharKind::Tcp => &[("host", "host"), ("service", "service")],
        CharKind::Udp => &[("service", "service")],
        CharKind::SpicePort | CharKind::Dbus => &[("channel", "channel")],
        _ => &[],
    };
    for (attr, what) in required {
        if !has(attr) {
            let text = format!("Missing source {what} attribute for char device");
            let late = matches!(kind, CharKind::SpicePort | CharKind::Dbus | CharKind::Nmdm);
            return Err(if late { Error::unsupported(text) } else { Error::internal(text) });
        }
    }
    Ok(kept)
}
