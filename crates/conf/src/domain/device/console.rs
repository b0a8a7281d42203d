//! Character devices: `<serial>`, `<parallel>`, `<console>`, `<channel>`.

use xml::Element;

use super::DeviceInfo;
use crate::domain::{FormatFlags, ParseContext, ParseFlags};
use crate::enums::{on_off, xml_enum};
use crate::props::Props;
use crate::shape::{Attr, Kind, Shape};
use crate::{Error, Result, number};

mod source;

xml_enum! {
    /// Which element.
    pub enum CharClass {
        Serial = "serial",
        Parallel = "parallel",
        Console = "console",
        Channel = "channel",
    }
}

xml_enum! {
    /// `type=`: what is at the host's end. A container can run with `pty` only.
    pub enum CharKind {
        Null = "null",
        Vc = "vc",
        Pty = "pty",
        Dev = "dev",
        File = "file",
        Pipe = "pipe",
        Stdio = "stdio",
        Udp = "udp",
        Tcp = "tcp",
        Unix = "unix",
        SpiceVmc = "spicevmc",
        SpicePort = "spiceport",
        Nmdm = "nmdm",
        QemuVdagent = "qemu-vdagent",
        Dbus = "dbus",
    }
}

/// A character device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharDevice {
    /// Which element.
    pub class: CharClass,
    /// The host's end.
    pub source: CharSource,
    /// The container's end.
    pub target: CharTarget,
    /// Alias and address.
    pub info: DeviceInfo,
}

/// The host's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharSource {
    /// `type=`
    pub kind: CharKind,
    /// The host's pty of `type='pty'`, only while running: `tty=` and `<source path=>`.
    pub path: Option<String>,
    /// `<log>`: a file that gets all output.
    pub log: Option<CharLog>,
    /// `<source>`s and `<protocol>` of other types, kept.
    pub kept: Vec<Element>,
}

/// `<log file= append=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharLog {
    /// `file=`
    pub file: String,
    /// `append=`; `None` means off.
    pub append: Option<bool>,
}

/// The container's end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CharTarget {
    /// `<target type=>`; `lxc` for consoles.
    pub kind: Option<String>,
    /// `<target port=>`: the number among its class. Consoles are numbered in order.
    pub port: Option<u32>,
    /// Other attributes and children of `<target>`, kept.
    pub kept: Option<Element>,
}

const CONSOLE_TARGETS: [&str; 10] =
    ["none", "serial", "xen", "uml", "virtio", "lxc", "openvz", "sclp", "sclplm", "isa-debug"];
const CHANNEL_TARGETS: [&str; 3] = ["guestfwd", "virtio", "xen"];

const SERIAL: Shape = Shape::new("target", &[], &[&Shape::new("model", &[Attr("name", Kind::Text)], &[])]);
const GUESTFWD: Shape = Shape::new("target", &[Attr("address", Kind::Text), Attr("port", Kind::Text)], &[]);
const NAMED: Shape = Shape::new("target", &[Attr("name", Kind::Text), Attr("state", Kind::Text)], &[]);

impl CharDevice {
    pub(crate) fn parse(class: CharClass, e: &Element, ctx: &ParseContext) -> Result<Self> {
        let word = e.attr("type").unwrap_or("pty");
        let kind = CharKind::from_word(word).ok_or_else(|| {
            Error::unsupported(format!("unknown type presented to host for character device: {word}"))
        })?;
        let target = CharTarget::parse(class, e.child("target"), ctx)?;
        let source = CharSource::parse(class, kind, e, ctx)?;
        Ok(Self { class, source, target, info: DeviceInfo::parse(e, ctx)? })
    }

    pub(crate) fn to_element(&self, flags: FormatFlags) -> Element {
        let path = self.source.path.as_ref().filter(|_| !flags.contains(FormatFlags::INACTIVE));
        let mut e = Element::new(self.class.as_str()).with("type", self.source.kind);
        // Only the first console has the old attribute.
        if self.class == CharClass::Console && self.target.port == Some(0) {
            e = e.with_opt("tty", path);
        }
        e.extend(path.map(|path| Element::new("source").with("path", path)));
        e.extend(self.source.kept.iter().cloned());
        e.extend(self.source.log.as_ref().map(|log| {
            Element::new("log").with("file", &log.file).with_opt("append", log.append.map(on_off))
        }));
        e.push(self.target.to_element());
        self.info.format(&mut e, flags);
        e
    }
}

impl CharSource {
    fn parse(class: CharClass, kind: CharKind, e: &Element, ctx: &ParseContext) -> Result<Self> {
        let pty = kind == CharKind::Pty && ctx.flags.contains(ParseFlags::LIVE);
        let path = || e.child("source").and_then(|s| s.filled("path")).or_else(|| e.filled("tty"));
        if e.all("log").nth(1).is_some() {
            return Err(Error::xml("only one log element is allowed for character device"));
        }
        let log = match e.child("log") {
            None => None,
            Some(log) => log.filled("file").zip(Some(log.on_off("append")?)),
        };
        Ok(Self {
            kind,
            path: if pty { path() } else { None },
            log: log.map(|(file, append)| CharLog { file, append }),
            kept: source::keep(class, kind, e)?,
        })
    }
}

impl CharTarget {
    fn parse(class: CharClass, e: Option<&Element>, ctx: &ParseContext) -> Result<Self> {
        let kind = e.and_then(|e| e.filled("type"));
        let unknown = |kind: &str| {
            Error::unsupported(format!("unknown target type '{kind}' specified for character device"))
        };
        match class {
            CharClass::Console => {
                let kind = kind.filter(|kind| kind != "none").unwrap_or_else(|| "lxc".to_owned());
                if !CONSOLE_TARGETS.contains(&kind.as_str()) {
                    return Err(unknown(&kind));
                }
                Ok(Self { kind: Some(kind), port: parse_port(e)?, kept: None })
            }
            CharClass::Channel => {
                let kind =
                    kind.ok_or_else(|| Error::xml("target type must be specified for channel device"))?;
                if !CHANNEL_TARGETS.contains(&kind.as_str()) {
                    return Err(unknown(&kind));
                }
                let shape = if kind == "guestfwd" { &GUESTFWD } else { &NAMED };
                let mut kept = e.map(|e| shape.keep(e)).transpose()?;
                if let Some(kept) = kept.as_mut().filter(|_| !ctx.flags.contains(ParseFlags::LIVE)) {
                    kept.attributes.retain(|a| a.name.local != "state");
                }
                Ok(Self { kind: Some(kind), port: None, kept })
            }
            CharClass::Serial | CharClass::Parallel => {
                let kept = e.map(|e| SERIAL.keep(e)).transpose()?.filter(|kept| !kept.is_bare());
                Ok(Self { kind, port: parse_port(e)?, kept })
            }
        }
    }

    fn to_element(&self) -> Element {
        let mut e = Element::new("target").with_opt("type", self.kind.as_ref()).with_opt("port", self.port);
        if let Some(kept) = &self.kept {
            e.attributes.extend(kept.attributes.iter().cloned());
            e.children.extend(kept.children.iter().cloned());
        }
        e
    }
}

/// The port of a document; consoles are numbered anew anyway.
fn parse_port(e: Option<&Element>) -> Result<Option<u32>> {
    let Some(text) = e.and_then(|e| e.attr("port")) else { return Ok(None) };
    match number::signed(text) {
        Some(port) => Ok(u32::try_from(port).ok()),
        None => Err(Error::xml(format!("Invalid port number: {text}"))),
    }
}

/// Numbers devices without a port: consoles in order, the others behind the largest of their class.
pub(crate) fn assign_ports<'a>(chars: impl Iterator<Item = &'a mut CharDevice>) -> Result<()> {
    let mut next = [0_u32; CharClass::ALL.len()];
    for char in chars {
        let next = &mut next[char.class as usize];
        match char.class {
            CharClass::Channel => {}
            CharClass::Console => {
                if char.target.kind.as_deref() == Some("serial") && *next > 0 {
                    return Err(Error::unsupported("Only the first console can be a serial port"));
                }
                char.target.port = Some(*next);
                *next += 1;
            }
            CharClass::Serial | CharClass::Parallel => {
                let port = *char.target.port.get_or_insert(*next);
                *next = (*next).max(port.saturating_add(1));
            }
        }
    }
    Ok(())
}
