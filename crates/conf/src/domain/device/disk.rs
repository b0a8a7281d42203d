//! `<disk>`.

use xml::Element;

use super::DeviceInfo;
use crate::enums::xml_enum;

xml_enum! {
    /// `device=`
    pub enum DiskDeviceKind {
        Disk = "disk",
        Cdrom = "cdrom",
        Floppy = "floppy",
        Lun = "lun",
    }
}

xml_enum! {
    /// `<target bus=>`
    pub enum DiskBus {
        Ide = "ide",
        Fdc = "fdc",
        Scsi = "scsi",
        Virtio = "virtio",
        Xen = "xen",
        Usb = "usb",
        Uml = "uml",
        Sata = "sata",
        Sd = "sd",
    }
}

/// `type=` with `<source>`; `None` = empty drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskSource {
    /// `type='file'`
    File(Option<String>),
    /// `type='block'`
    Block(Option<String>),
    /// `type='dir'`
    Dir(Option<String>),
    /// `type='volume'`
    Volume {
        /// `pool=`
        pool: String,
        /// `volume=`
        volume: String,
    },
    /// `network`, `nvme`, `vhostuser`: kept.
    Other {
        /// `type=`
        kind: String,
        /// `<source>`
        source: Option<Element>,
    },
}

/// A block device; in a container the node `/dev/TARGET`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Where the data is.
    pub source: DiskSource,
    /// `device=`
    pub device: DiskDeviceKind,
    /// `<driver name=>`: `loop`, `nbd`, ..
    pub driver_name: Option<String>,
    /// `<driver type=>`: format.
    pub format: Option<String>,
    /// `<driver cache=>`
    pub cache: Option<String>,
    /// `<target dev=>`, e.g. `sda`.
    pub target: String,
    /// `<target bus=>`
    pub bus: DiskBus,
    /// `<readonly/>`
    pub readonly: bool,
    /// `<shareable/>`
    pub shareable: bool,
    /// `<transient/>`
    pub transient: bool,
    /// `<serial>`
    pub serial: Option<String>,
    /// Other attributes and children without effect, kept.
    pub kept: Vec<Element>,
    /// Alias and address.
    pub info: DeviceInfo,
}
