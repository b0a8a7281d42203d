//! `<filesystem>`.

use super::DeviceInfo;
use crate::KiB;
use crate::enums::xml_enum;

xml_enum! {
    /// `accessmode=`: whose ids files get.
    pub enum AccessMode {
        Passthrough = "passthrough",
        Mapped = "mapped",
        Squash = "squash",
    }
}

xml_enum! {
    /// `<driver type=>`
    pub enum FilesystemDriver {
        Path = "path",
        Handle = "handle",
        Loop = "loop",
        Nbd = "nbd",
        Ploop = "ploop",
        Mtp = "mtp",
        Virtiofs = "virtiofs",
    }
}

/// `type=` with `<source>`. Host paths are as written: whether they are absolute and exist is known at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesystemSource {
    /// `mount`: a directory (or file) of the host.
    Mount {
        /// `dir=`
        dir: String,
    },
    /// `template`: refused at start.
    Template {
        /// `name=`
        name: String,
    },
    /// `block`: a block device of the host, its file system found out at start.
    Block {
        /// `dev=`
        dev: String,
    },
    /// `file`: an image, through a loop or nbd device.
    File {
        /// `file=`
        file: String,
    },
    /// `ram`: a tmpfs.
    Ram {
        /// `usage=`
        usage: KiB,
    },
    /// `bind`: a directory of the container itself.
    Bind {
        /// `dir=`
        dir: String,
    },
    /// `volume`: a storage volume.
    Volume {
        /// `pool=`
        pool: String,
        /// `volume=`
        volume: String,
    },
}

/// Something mounted in the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filesystem {
    /// What is mounted.
    pub source: FilesystemSource,
    /// `accessmode=`
    pub accessmode: AccessMode,
    /// `model=`, kept (`virtio`, ..).
    pub model: Option<String>,
    /// `multidevs=`, kept.
    pub multidevs: Option<String>,
    /// `fmode=`, kept.
    pub fmode: Option<u32>,
    /// `dmode=`, kept.
    pub dmode: Option<u32>,
    /// `<driver type=>`; `None` = by format.
    pub driver: Option<FilesystemDriver>,
    /// `<driver format=>`: `raw`, `qcow2`, ..
    pub format: Option<String>,
    /// `<driver wrpolicy='immediate'>`
    pub wrpolicy_immediate: bool,
    /// `<target dir=>`: absolute path inside the container.
    pub target: String,
    /// `<readonly/>`
    pub readonly: bool,
    /// `<space_hard_limit>`, bytes; 0 = none.
    pub space_hard_limit: u64,
    /// `<space_soft_limit>`, bytes; 0 = none.
    pub space_soft_limit: u64,
    /// Alias and address.
    pub info: DeviceInfo,
}
