//! `<devices>`.

pub mod console;
pub mod disk;
pub mod filesystem;
pub mod hostdev;
pub mod interface;

use xml::Element;

use super::ParseContext;
use crate::{Error, Result};

pub use console::CharDevice;
pub use disk::Disk;
pub use filesystem::Filesystem;
pub use hostdev::Hostdev;
pub use interface::Interface;

/// What every device has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceInfo {
    /// `<alias name=>`: set while running, or by the user with a name starting `ua-`.
    pub alias: Option<String>,
    /// `<boot order=>`, kept.
    pub boot_order: Option<u32>,
    /// `<address>`, kept.
    pub address: Option<Element>,
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

/// A device without effect on a container (`<graphics>`, `<controller>`, `<memballoon>`, ..).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDevice {
    /// Name of the element.
    pub name: &'static str,
    /// As printed, without alias and address.
    pub element: Element,
    /// Alias and address.
    pub info: DeviceInfo,
}

impl Device {
    /// Reads the document of one device (`virDomainAttachDevice`); its element decides the kind.
    ///
    /// An unknown element is CONFIG_UNSUPPORTED `unknown device type 'foo'`.
    pub fn parse(xml: &str, ctx: &ParseContext) -> Result<Self> {
        let _ = (xml, ctx);
        Err(Error::internal("the parser is being written"))
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
}

/// All devices, in the order they are printed: by kind, then as added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Devices {
    /// `<emulator>`
    pub emulator: Option<String>,
    list: Vec<Device>,
}

macro_rules! of_kind {
    ($($variant:ident: $one:ident, $name:ident, $name_mut:ident;)+) => { $(
        #[doc = concat!("The ", stringify!($name), ", in order.")]
        pub fn $name(&self) -> impl Iterator<Item = &$one> {
            self.list.iter().filter_map(|d| match d { Device::$variant(x) => Some(x), _ => None })
        }

        #[doc = concat!("The ", stringify!($name), ", in order.")]
        pub fn $name_mut(&mut self) -> impl Iterator<Item = &mut $one> {
            self.list.iter_mut().filter_map(|d| match d { Device::$variant(x) => Some(x), _ => None })
        }
    )+ };
}

impl Devices {
    of_kind! {
        Disk: Disk, disks, disks_mut;
        Filesystem: Filesystem, filesystems, filesystems_mut;
        Interface: Interface, interfaces, interfaces_mut;
        Char: CharDevice, chars, chars_mut;
        Hostdev: Hostdev, hostdevs, hostdevs_mut;
    }

    /// `<console>`s, in order.
    pub fn consoles(&self) -> impl Iterator<Item = &CharDevice> {
        self.chars().filter(|c| c.class == console::CharClass::Console)
    }

    /// `<console>`s, in order.
    pub fn consoles_mut(&mut self) -> impl Iterator<Item = &mut CharDevice> {
        self.chars_mut().filter(|c| c.class == console::CharClass::Console)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Device> {
        self.list.iter()
    }

    /// The device at an index that [`Self::find`] gave.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&Device> {
        self.list.get(index)
    }

    /// The device at an index that [`Self::find`] gave.
    pub fn at_mut(&mut self, index: usize) -> Option<&mut Device> {
        self.list.get_mut(index)
    }

    /// Adds a device behind those of its kind; gives its index.
    pub fn insert(&mut self, device: Device) -> usize {
        self.list.push(device);
        self.list.len() - 1
    }

    /// Takes a device out.
    pub fn remove(&mut self, index: usize) -> Option<Device> {
        (index < self.list.len()).then(|| self.list.remove(index))
    }

    /// The device that `wanted` (the possibly partial XML of a detach or update) means: an interface by its
    /// address and host device name, a file system or disk by its target, a host device by its source.
    ///
    /// `None` when there is none; an error when several interfaces match.
    pub fn find(&self, wanted: &Device) -> Result<Option<usize>> {
        let _ = wanted;
        Ok(None)
    }

    /// The device of an alias.
    #[must_use]
    pub fn find_alias(&self, alias: &str) -> Option<usize> {
        self.list.iter().position(|d| d.info().alias.as_deref() == Some(alias))
    }

    /// Gives every device without alias the next free one of its kind (`console0`, `fs0`, `net0`, ..).
    pub fn assign_aliases(&mut self) {}
}
