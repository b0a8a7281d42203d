//! `<disk>`.

use xml::Element;

use super::DeviceInfo;
use super::implicit::drive_address;
use crate::domain::{FormatFlags, ParseContext};
use crate::enums::xml_enum;
use crate::props::{Props, invalid};
use crate::shape::Shape;
use crate::{Error, Result};

mod kept;

xml_enum! {
    /// `type=`
    pub enum DiskKind {
        Block = "block",
        File = "file",
        Dir = "dir",
        Network = "network",
        Volume = "volume",
        Nvme = "nvme",
        VhostUser = "vhostuser",
    }
}

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

/// `type=` with the main attribute of `<source>`; `None` = empty drive.
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
    /// `network`, `nvme`, `vhostuser`.
    Other(DiskKind),
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
    /// `<target dev=>`, e.g. `sda`: letters and digits only.
    pub target: String,
    /// `<target bus=>`
    pub bus: DiskBus,
    /// `<readonly/>`; always for a `cdrom`.
    pub readonly: bool,
    /// `<shareable/>`
    pub shareable: bool,
    /// `<transient/>`
    pub transient: bool,
    /// `<serial>`
    pub serial: Option<String>,
    /// Attributes of `<disk>` without effect.
    pub kept_attrs: Vec<(&'static str, String)>,
    /// Other elements, attributes and children without effect, kept.
    pub kept: Vec<Element>,
    /// Alias and address.
    pub info: DeviceInfo,
}

impl Disk {
    pub(crate) fn parse(e: &Element, ctx: &ParseContext) -> Result<Self> {
        let kind = e.word("type")?.unwrap_or(DiskKind::File);
        let device = e.word("device")?.unwrap_or(DiskDeviceKind::Disk);
        let source = DiskSource::parse(e, kind)?;
        let target = e.child("target");
        let dev = target.and_then(|t| t.filled("dev"));
        let dev = dev.unwrap_or_default();
        let bus = target.map_or(Ok(None), |t| t.word("bus"))?;
        let driver = e.child("driver");
        let attr = |name: &str| driver.and_then(|d| d.filled(name));
        let text = |name: &str| e.child_text(name);
        let mut disk = Self {
            source,
            device,
            driver_name: attr("name"),
            format: attr("type"),
            cache: attr("cache"),
            bus: bus.unwrap_or_else(|| guess_bus(device, &dev)),
            target: dev,
            readonly: e.child("readonly").is_some() || device == DiskDeviceKind::Cdrom,
            shareable: e.child("shareable").is_some(),
            transient: e.child("transient").is_some(),
            serial: text("serial"),
            kept_attrs: kept::attrs(e)?,
            kept: Shape::keep_all(kept::SHAPES, e)?,
            info: DeviceInfo::parse(e, ctx)?,
        };
        disk.forget_foreign_parts(kind);
        // An empty one says nothing, except that there is no backing image.
        disk.kept.retain(|kept| !kept.is_bare() || kept.is("backingStore"));
        disk.check_driver(driver)?;
        Ok(disk)
    }

    /// Attributes of `<source>` that another type of disk has.
    fn forget_foreign_parts(&mut self, kind: DiskKind) {
        let foreign: &[&str] = match kind {
            DiskKind::Nvme => &["protocol", "name", "mode"],
            DiskKind::Network => &["type", "managed", "namespace", "mode"],
            DiskKind::Volume => &["type", "managed", "namespace", "protocol", "name"],
            _ => &["type", "managed", "namespace", "protocol", "name", "mode"],
        };
        for source in self.kept.iter_mut().filter(|kept| kept.is("source")) {
            source.attributes.retain(|a| !foreign.contains(&a.name.local.as_str()));
        }
    }

    /// Gives it its place on the bus.
    pub(crate) fn complete(&mut self) -> Result<()> {
        if self.target.is_empty() {
            return Err(Error::no_target(&self.source.name().unwrap_or_default()));
        }
        self.assign_address()
    }

    /// Checks the disk for itself.
    pub(crate) fn check(&self) -> Result<()> {
        let removable = matches!(self.device, DiskDeviceKind::Cdrom | DiskDeviceKind::Floppy);
        let kept = |name: &str| self.kept.iter().find(|kept| kept.is(name));
        if kept("target").is_some_and(|target| target.attr("tray").is_some()) && !removable {
            return Err(Error::unsupported("tray is only valid for cdrom and floppy"));
        }
        if self.kept_attrs.contains(&("sgio", "unfiltered".to_owned())) {
            return Err(Error::unsupported("unfiltered sgio is no longer supported"));
        }
        self.check_target()?;
        let nothing = match &self.source {
            DiskSource::Other(_) => kept("source").is_none(),
            source => source.name().is_none(),
        };
        if nothing && !removable {
            return Err(Error::no_source(&self.target));
        }
        Ok(())
    }

    fn check_driver(&self, driver: Option<&Element>) -> Result<()> {
        let Some(driver) = driver else { return Ok(()) };
        if let Some(format) = self.format.as_deref().filter(|f| !super::filesystem::FORMATS.contains(f)) {
            return Err(Error::unsupported(format!("unknown driver format value '{format}'")));
        }
        const CACHES: [&str; 6] = ["default", "none", "writethrough", "writeback", "directsync", "unsafe"];
        match self.cache.as_deref() {
            Some(cache) if !CACHES.contains(&cache) => Err(invalid(driver, "cache", cache, "")),
            _ => Ok(()),
        }
    }

    /// Number of the device among its kind (`sdc` is 2), as libvirt counts; `None` for another sort of name.
    fn index(&self) -> Option<u32> {
        let letters = ["fd", "hd", "vd", "sd", "xvd", "ubd"]
            .iter()
            .find_map(|prefix| self.target.strip_prefix(prefix))?;
        let number = letters.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let letters = &letters[..letters.len() - number.len()];
        let leading_zero = number.len() > 1 && number.starts_with('0');
        if letters.is_empty() || leading_zero || !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        letters
            .bytes()
            .try_fold(0_u32, |index, letter| {
                index.checked_mul(26)?.checked_add(u32::from(letter - b'a') + 1)
            })?
            .checked_sub(1)
    }

    fn assign_address(&mut self) -> Result<()> {
        if self.info.address.is_some() {
            return Ok(());
        }
        let unknown = || Error::xml(format!("Unknown disk name '{}' and no address specified", self.target));
        let index = self.index().ok_or_else(unknown)?;
        let (controller, bus, unit) = match self.bus {
            DiskBus::Scsi => (index / 7, 0, index % 7),
            DiskBus::Ide => (index / 4, index % 4 / 2, index % 2),
            DiskBus::Fdc => (index / 2, 0, index % 2),
            DiskBus::Sata => (index / 6, 0, index % 6),
            _ => return Ok(()),
        };
        if controller > super::implicit::CONTROLLERS_MAX {
            return Err(Error::xml(format!("disk name '{}' is too far from the first", self.target)));
        }
        self.info.address = Some(drive_address(controller, bus, unit));
        Ok(())
    }

    fn check_target(&self) -> Result<()> {
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| self.target.starts_with(prefix));
        let (what, fits) = match self.device {
            DiskDeviceKind::Disk | DiskDeviceKind::Lun => {
                ("harddisk", starts(&["hd", "sd", "vd", "xvd", "ubd"]))
            }
            DiskDeviceKind::Floppy => ("floppy", starts(&["fd"])),
            DiskDeviceKind::Cdrom => ("cdrom", true),
        };
        // The name becomes that of a node in the container's /dev.
        if !fits || !self.target.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Error::internal(format!("Invalid {what} device name: {}", self.target)));
        }
        Ok(())
    }

    /// Does it come before `other`? Disks are sorted by name within their bus.
    pub(crate) fn before(&self, other: &Self) -> bool {
        self.bus == other.bus && self.index() < other.index()
    }

    pub(crate) fn to_element(&self, flags: FormatFlags) -> Element {
        let mut e = Element::new("disk").with("type", self.source.kind()).with("device", self.device);
        for (name, value) in &self.kept_attrs {
            e.push_attr(name, value);
        }
        let kept = |name: &'static str| self.kept.iter().filter(move |kept| kept.is(name)).cloned();
        let mut driver = Element::new("driver")
            .with_opt("name", self.driver_name.as_ref())
            .with_opt("type", self.format.as_ref())
            .with_opt("cache", self.cache.as_ref());
        for more in kept("driver") {
            driver.attributes.extend(more.attributes);
            driver.children.extend(more.children);
        }
        e.push_unless_bare(driver);
        e.extend(kept("auth"));
        e.push_unless_bare(self.source_element(kept("source").next()));
        for name in ["backingStore", "backenddomain", "geometry", "blockio"] {
            e.extend(kept(name));
        }
        let mut target = Element::new("target").with("dev", &self.target).with("bus", self.bus);
        target.attributes.extend(kept("target").flat_map(|kept| kept.attributes));
        e.push(target);
        e.extend(kept("iotune"));
        for (name, set) in
            [("readonly", self.readonly), ("shareable", self.shareable), ("transient", self.transient)]
        {
            e.extend(set.then(|| Element::new(name)));
        }
        e.push_text_opt("serial", self.serial.as_ref());
        for name in ["wwn", "vendor", "product", "encryption"] {
            e.extend(kept(name));
        }
        self.info.format(&mut e, flags);
        e
    }

    fn source_element(&self, kept: Option<Element>) -> Element {
        let source = Element::new("source");
        let mut source = match &self.source {
            DiskSource::File(file) => source.with_opt("file", file.as_ref()),
            DiskSource::Block(dev) => source.with_opt("dev", dev.as_ref()),
            DiskSource::Dir(dir) => source.with_opt("dir", dir.as_ref()),
            DiskSource::Volume { pool, volume } => source.with("pool", pool).with("volume", volume),
            DiskSource::Other(_) => source,
        };
        if let Some(kept) = kept {
            source.attributes.extend(kept.attributes);
            source.children.extend(kept.children);
        }
        source
    }
}

impl DiskSource {
    fn parse(e: &Element, kind: DiskKind) -> Result<Self> {
        let source = e.child("source");
        let attr = |name: &str| source.and_then(|s| s.filled(name));
        Ok(match kind {
            DiskKind::File => Self::File(attr("file")),
            DiskKind::Block if attr("dev").is_some() => Self::Block(attr("dev")),
            DiskKind::Dir if attr("dir").is_some() => Self::Dir(attr("dir")),
            DiskKind::Volume => {
                let (pool, volume) = attr("pool").zip(attr("volume")).ok_or_else(|| {
                    Error::xml("'pool' and 'volume' must be specified together for 'pool' type source")
                })?;
                Self::Volume { pool, volume }
            }
            DiskKind::Network | DiskKind::Nvme | DiskKind::VhostUser if source.is_some() => Self::Other(kind),
            // An empty drive.
            _ => Self::File(None),
        })
    }

    /// `type=`
    #[must_use]
    pub fn kind(&self) -> DiskKind {
        match self {
            Self::File(_) => DiskKind::File,
            Self::Block(_) => DiskKind::Block,
            Self::Dir(_) => DiskKind::Dir,
            Self::Volume { .. } => DiskKind::Volume,
            Self::Other(kind) => *kind,
        }
    }

    /// What error texts call it; `None` for an empty drive.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::File(path) | Self::Block(path) | Self::Dir(path) => path.clone(),
            Self::Volume { pool, volume } => Some(format!("{pool}/{volume}")),
            Self::Other(kind) => Some(kind.as_str().to_owned()),
        }
    }
}

/// The bus that fits the name; any bus for a name that is refused later.
fn guess_bus(device: DiskDeviceKind, dev: &str) -> DiskBus {
    const BUSES: [(&str, DiskBus); 6] = [
        ("fd", DiskBus::Fdc),
        ("hd", DiskBus::Ide),
        ("sd", DiskBus::Scsi),
        ("vd", DiskBus::Virtio),
        ("xvd", DiskBus::Xen),
        ("ubd", DiskBus::Uml),
    ];
    if device == DiskDeviceKind::Floppy {
        return DiskBus::Fdc;
    }
    match BUSES.iter().find(|(prefix, _)| dev.starts_with(prefix)) {
        Some((_, DiskBus::Fdc)) => DiskBus::Ide,
        Some((_, bus)) => *bus,
        None => DiskBus::Virtio,
    }
}
