//! `<devices>`.

pub mod console;
pub mod disk;
pub mod filesystem;
pub mod hostdev;
mod implicit;
mod info;
pub mod interface;
mod kept;
mod list;

use xml::Element;

use super::{FormatFlags, ParseContext};
use crate::{Error, Result};

pub use console::{CharClass, CharDevice};
pub use disk::{Disk, DiskBus};
pub use filesystem::Filesystem;
pub use hostdev::{Hostdev, HostdevSource};
pub use info::DeviceInfo;
pub use interface::Interface;
pub use kept::KeptDevice;
pub use list::Devices;

/// Names of the elements in the order printed.
const ORDER: &[&str] = &[
    "disk",
    "controller",
    "lease",
    "filesystem",
    "interface",
    "smartcard",
    "serial",
    "parallel",
    "console",
    "channel",
    "input",
    "tpm",
    "graphics",
    "sound",
    "audio",
    "video",
    "hostdev",
    "redirdev",
    "redirfilter",
    "hub",
    "watchdog",
    "memballoon",
    "rng",
    "nvram",
    "panic",
    "shmem",
    "memory",
    "iommu",
    "vsock",
];

/// Place of an element among [`ORDER`].
fn rank(name: &str) -> usize {
    ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len())
}

/// One device.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a domain has few devices and they live in one vector")]
pub enum Device {
    /// `<disk>`
    Disk(Disk),
    /// `<filesystem>`
    Filesystem(Filesystem),
    /// `<interface>`
    Interface(Interface),
    /// `<serial>`, `<parallel>`, `<console>`, `<channel>`
    Char(CharDevice),
    /// `<hostdev>`
    Hostdev(Hostdev),
    /// A device without effect on a container.
    Kept(KeptDevice),
}

impl Device {
    /// Reads the document of one device (`virDomainAttachDevice`); its element decides the kind.
    ///
    /// An unknown element is CONFIG_UNSUPPORTED `unknown device type 'foo'`.
    pub fn parse(xml: &str, ctx: &ParseContext) -> Result<Self> {
        let element = xml::parse(xml).map_err(|error| Error::syntax("(device_definition)", &error))?;
        let name = &element.name.local;
        let device = if element.is(name) { Self::from_element(&element, ctx)? } else { None };
        let unknown = || Error::unsupported(format!("unknown device type '{name}'"));
        let mut device = device.ok_or_else(unknown)?;
        device.complete()?;
        device.check()?;
        Ok(device)
    }

    /// Fills in what follows from the device alone.
    fn complete(&mut self) -> Result<()> {
        match self {
            Self::Disk(disk) => disk.complete(),
            _ => Ok(()),
        }
    }

    /// Checks the device for itself.
    fn check(&self) -> Result<()> {
        match self {
            Self::Disk(disk) => disk.check(),
            Self::Filesystem(filesystem) => filesystem.check(),
            Self::Interface(interface) => interface.check(),
            _ => Ok(()),
        }
    }

    /// Reads an element of `<devices>`; `None` if it is not a device.
    fn from_element(e: &Element, ctx: &ParseContext) -> Result<Option<Self>> {
        let name = e.name.local.as_str();
        Ok(Some(match name {
            "disk" => Self::Disk(Disk::parse(e, ctx)?),
            "filesystem" => Self::Filesystem(Filesystem::parse(e, ctx)?),
            "interface" => Self::Interface(Interface::parse(e, ctx)?),
            "hostdev" => Self::Hostdev(Hostdev::parse(e, ctx)?),
            _ => match CharClass::from_word(name) {
                Some(class) => Self::Char(CharDevice::parse(class, e, ctx)?),
                None => {
                    kept::refuse(name)?;
                    return Ok(KeptDevice::parse(e, ctx)?.map(Self::Kept));
                }
            },
        }))
    }

    /// The device as text, for events and messages.
    #[must_use]
    pub fn format(&self, flags: FormatFlags) -> String {
        self.to_element(flags).to_xml()
    }

    /// The device as it stands in `<devices>`.
    #[must_use]
    pub fn to_element(&self, flags: FormatFlags) -> Element {
        match self {
            Self::Disk(d) => d.to_element(flags),
            Self::Filesystem(d) => d.to_element(flags),
            Self::Interface(d) => d.to_element(flags),
            Self::Char(d) => d.to_element(flags),
            Self::Hostdev(d) => d.to_element(flags),
            Self::Kept(d) => d.to_element(flags),
        }
    }

    /// Name of its element (`filesystem`), which error texts call the device type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Disk(_) => "disk",
            Self::Filesystem(_) => "filesystem",
            Self::Interface(_) => "interface",
            Self::Char(c) => c.class.as_str(),
            Self::Hostdev(_) => "hostdev",
            Self::Kept(k) => k.name,
        }
    }

    /// Alias and address.
    #[must_use]
    pub fn info(&self) -> &DeviceInfo {
        match self {
            Self::Disk(d) => &d.info,
            Self::Filesystem(d) => &d.info,
            Self::Interface(d) => &d.info,
            Self::Char(d) => &d.info,
            Self::Hostdev(d) => &d.info,
            Self::Kept(d) => &d.info,
        }
    }

    /// Alias and address.
    pub fn info_mut(&mut self) -> &mut DeviceInfo {
        match self {
            Self::Disk(d) => &mut d.info,
            Self::Filesystem(d) => &mut d.info,
            Self::Interface(d) => &mut d.info,
            Self::Char(d) => &mut d.info,
            Self::Hostdev(d) => &mut d.info,
            Self::Kept(d) => &mut d.info,
        }
    }

    /// Place of its kind in a document.
    fn rank(&self) -> usize {
        rank(self.kind())
    }

    /// First part of its alias; the number follows.
    fn alias_prefix(&self) -> String {
        match self {
            Self::Disk(disk) => format!("{}-disk", disk.bus),
            Self::Filesystem(_) => "fs".to_owned(),
            Self::Interface(_) => "net".to_owned(),
            Self::Char(char) => char.class.as_str().to_owned(),
            Self::Hostdev(_) => "hostdev".to_owned(),
            Self::Kept(kept) => match kept.name {
                "controller" => kept.attr("type").unwrap_or("controller").to_owned(),
                "memballoon" => "balloon".to_owned(),
                "redirdev" => "redir".to_owned(),
                name => name.to_owned(),
            },
        }
    }
}
