//! Character devices: `<serial>`, `<parallel>`, `<console>`, `<channel>`.

use xml::Element;

use super::DeviceInfo;
use crate::enums::xml_enum;

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
    /// `type=`: what is at the host's end. A container has `pty` only.
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
    /// `<source path=>` of `pty` (the host's pty, only while running; printed as `tty=` too), `dev`, `file`, `pipe`,
    /// `unix`.
    pub path: Option<String>,
    /// `<log file= append=>`
    pub log: Option<(String, Option<bool>)>,
    /// `<source>`, `<protocol>`, .. of other types, kept.
    pub kept: Vec<Element>,
}

/// The container's end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CharTarget {
    /// `<target type=>`; `lxc` for consoles.
    pub kind: Option<String>,
    /// `<target port=>`: the number among its class.
    pub port: Option<u32>,
    /// Other attributes and children of `<target>`, kept.
    pub kept: Option<Element>,
}
