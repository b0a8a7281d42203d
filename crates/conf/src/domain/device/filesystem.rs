//! `<filesystem>`.

use xml::Element;

use super::DeviceInfo;
use crate::domain::{FormatFlags, ParseContext};
use crate::enums::xml_enum;
use crate::error::origin;
use crate::props::{Props, invalid};
use crate::shape::{Attr, Kind, Shape};
use crate::units::{scale, scaled_child};
use crate::{Error, KiB, Result, number};

xml_enum! {
    /// `type=`
    pub enum FilesystemKind {
        Mount = "mount",
        Block = "block",
        File = "file",
        Template = "template",
        Ram = "ram",
        Bind = "bind",
        Volume = "volume",
    }
}

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
    /// `model=`, `multidevs=`: no effect.
    pub kept_attrs: Vec<(&'static str, String)>,
    /// `fmode=`, no effect.
    pub fmode: Option<u32>,
    /// `dmode=`, no effect.
    pub dmode: Option<u32>,
    /// `<driver type=>`; `None` = by format.
    pub driver: Option<FilesystemDriver>,
    /// `<driver format=>`: `raw`, `qcow2`, ..
    pub format: Option<String>,
    /// `<driver wrpolicy='immediate'>`
    pub wrpolicy_immediate: bool,
    /// `<driver queue=>` and `<binary>` of virtiofs: no effect.
    pub kept: Vec<Element>,
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

/// Formats of images that libvirt knows.
pub(crate) const FORMATS: [&str; 20] = [
    "none", "raw", "dir", "bochs", "cloop", "dmg", "iso", "vpc", "vdi", "fat", "vhd", "ploop", "cow", "qcow",
    "qcow2", "qed", "vmdk", "luks", "auto", "best",
];

const BINARY: Shape = Shape::new(
    "binary",
    &[Attr("path", Kind::Text), Attr("xattr", Kind::OnOff)],
    &[
        &Shape::new("cache", &[Attr("mode", Kind::Text)], &[]),
        &Shape::new("sandbox", &[Attr("mode", Kind::Text)], &[]),
        &Shape::new("lock", &[Attr("posix", Kind::OnOff), Attr("flock", Kind::OnOff)], &[]),
    ],
);

impl Filesystem {
    pub(crate) fn parse(e: &Element, ctx: &ParseContext) -> Result<Self> {
        let kind = e.word("type")?.unwrap_or(FilesystemKind::Mount);
        let accessmode = e.word("accessmode")?.unwrap_or(AccessMode::Passthrough);
        let mut kept_attrs = Vec::new();
        for (name, words) in [
            ("model", &["virtio", "virtio-transitional", "virtio-non-transitional"][..]),
            ("multidevs", &["remap", "forbid", "warn"]),
        ] {
            if let Some(value) = e.attr(name).filter(|value| (name, *value) != ("multidevs", "default")) {
                if !words.contains(&value) {
                    return Err(invalid(e, name, value, ""));
                }
                kept_attrs.push((name, value.to_owned()));
            }
        }
        let target = e.child("target").and_then(|t| t.filled("dir"));
        let limit = |name| scaled_child(e, name, "./", 1, u64::MAX);
        let driver = Driver::parse(e)?;
        let (fmode, dmode) = (octal(e, "fmode")?, octal(e, "dmode")?);
        let (space_hard_limit, space_soft_limit) = (limit("space_hard_limit")?, limit("space_soft_limit")?);
        let source = FilesystemSource::parse(e, kind, target.as_deref().unwrap_or(""))?;
        let target = target.ok_or_else(|| Error::no_target(source.path()))?;
        Ok(Self {
            source,
            accessmode,
            kept_attrs,
            fmode,
            dmode,
            driver: driver.kind,
            format: driver.format,
            wrpolicy_immediate: driver.wrpolicy_immediate,
            kept: driver.kept,
            target,
            readonly: e.child("readonly").is_some(),
            space_hard_limit: space_hard_limit.unwrap_or(0),
            space_soft_limit: space_soft_limit.unwrap_or(0),
            info: DeviceInfo::parse(e, ctx)?,
        })
    }

    /// Checks the file system for itself.
    pub(crate) fn check(&self) -> Result<()> {
        if self.info.boot_order.is_some() && self.driver != Some(FilesystemDriver::Virtiofs) {
            return Err(Error::unsupported("boot order is only supported for virtiofs"));
        }
        Ok(())
    }

    pub(crate) fn to_element(&self, flags: FormatFlags) -> Element {
        let mut e =
            Element::new("filesystem").with("type", self.source.kind()).with("accessmode", self.accessmode);
        for (name, value) in &self.kept_attrs {
            e.push_attr(name, value);
        }
        for (name, mode) in [("fmode", self.fmode), ("dmode", self.dmode)] {
            if let Some(mode) = mode {
                e.push_attr(name, format!("{mode:04o}"));
            }
        }
        e.push_unless_bare(self.driver_element());
        e.extend(self.kept.iter().filter(|kept| kept.is("binary")).cloned());
        e.push(self.source.to_element());
        e.push(Element::new("target").with("dir", &self.target));
        if self.readonly {
            e.push(Element::new("readonly"));
        }
        for (name, limit) in
            [("space_hard_limit", self.space_hard_limit), ("space_soft_limit", self.space_soft_limit)]
        {
            if limit != 0 {
                let mut element = Element::with_text(name, limit);
                element.push_attr("unit", "bytes");
                e.push(element);
            }
        }
        self.info.format(&mut e, flags);
        e
    }

    fn driver_element(&self) -> Element {
        let mut driver = Element::new("driver")
            .with_opt("type", self.driver)
            .with_opt("format", self.format.as_ref())
            .with_opt("wrpolicy", self.wrpolicy_immediate.then_some("immediate"));
        let queue = self.kept.iter().find(|kept| kept.is("driver"));
        driver.attributes.extend(queue.into_iter().flat_map(|kept| kept.attributes.iter().cloned()));
        driver
    }
}

/// `<driver>` and what belongs to it.
#[derive(Default)]
struct Driver {
    kind: Option<FilesystemDriver>,
    format: Option<String>,
    wrpolicy_immediate: bool,
    kept: Vec<Element>,
}

impl Driver {
    fn parse(e: &Element) -> Result<Self> {
        let Some(driver) = e.child("driver") else { return Ok(Self::default()) };
        let mut parsed =
            Self { kind: driver.word("type")?, format: driver.filled("format"), ..Self::default() };
        if let Some(format) = parsed.format.as_deref().filter(|format| !FORMATS.contains(format)) {
            return Err(Error::unsupported(format!("unknown driver format value '{format}'")));
        }
        parsed.wrpolicy_immediate = match driver.attr("wrpolicy") {
            None => false,
            Some("immediate") => true,
            Some(other) => return Err(invalid(driver, "wrpolicy", other, "")),
        };
        if parsed.kind == Some(FilesystemDriver::Virtiofs) {
            let queue = Shape::new("driver", &[Attr("queue", Kind::Number)], &[]);
            parsed.kept.push(queue.keep(driver)?);
            parsed.kept.extend(e.child("binary").map(|binary| BINARY.keep(binary)).transpose()?);
        }
        Ok(parsed)
    }
}

impl FilesystemSource {
    fn parse(e: &Element, kind: FilesystemKind, target: &str) -> Result<Self> {
        let source = e.child("source");
        let text = |name: &str| source.and_then(|s| s.attr(name)).map(str::to_owned);
        let required = |name: &str| text(name).ok_or_else(|| Error::no_source(target));
        Ok(match kind {
            FilesystemKind::Mount => Self::Mount { dir: required("dir")? },
            FilesystemKind::Bind => Self::Bind { dir: required("dir")? },
            FilesystemKind::Template => Self::Template { name: required("name")? },
            FilesystemKind::Block => Self::Block { dev: required("dev")? },
            FilesystemKind::File => Self::File { file: required("file")? },
            FilesystemKind::Ram => {
                let missing = || Error::xml("missing 'usage' attribute for RAM filesystem");
                let usage = text("usage").ok_or_else(missing)?;
                let wrong = || Error::xml(format!("cannot parse usage '{usage}' for RAM filesystem"));
                let value = number::unsigned(&usage).ok_or_else(wrong)?;
                let bytes = scale(value, text("units").as_deref(), 1024, u64::MAX)?;
                Self::Ram { usage: KiB(bytes / 1024) }
            }
            FilesystemKind::Volume => volume(e, target)?,
        })
    }

    /// `type=`
    #[must_use]
    pub fn kind(&self) -> FilesystemKind {
        match self {
            Self::Mount { .. } => FilesystemKind::Mount,
            Self::Template { .. } => FilesystemKind::Template,
            Self::Block { .. } => FilesystemKind::Block,
            Self::File { .. } => FilesystemKind::File,
            Self::Ram { .. } => FilesystemKind::Ram,
            Self::Bind { .. } => FilesystemKind::Bind,
            Self::Volume { .. } => FilesystemKind::Volume,
        }
    }

    /// Path or name on the host, for error texts; empty if it has none.
    fn path(&self) -> &str {
        match self {
            Self::Mount { dir: path } | Self::Bind { dir: path } => path,
            Self::Template { name: path } | Self::Block { dev: path } | Self::File { file: path } => path,
            Self::Ram { .. } | Self::Volume { .. } => "",
        }
    }

    fn to_element(&self) -> Element {
        let e = Element::new("source");
        match self {
            Self::Mount { dir } | Self::Bind { dir } => e.with("dir", dir),
            Self::Template { name } => e.with("name", name),
            Self::Block { dev } => e.with("dev", dev),
            Self::File { file } => e.with("file", file),
            Self::Ram { usage } => e.with("usage", usage).with("units", "KiB"),
            Self::Volume { pool, volume } => e.with("pool", pool).with("volume", volume),
        }
    }
}

fn volume(e: &Element, target: &str) -> Result<FilesystemSource> {
    let source = e.child("source").ok_or_else(|| Error::no_source(target))?;
    let (pool, volume) = source
        .filled("pool")
        .zip(source.filled("volume"))
        .ok_or_else(|| Error::xml("'pool' and 'volume' must be specified together for 'pool' type source"))?;
    Ok(FilesystemSource::Volume { pool, volume })
}

/// A mode of files, three or four octal digits.
fn octal(e: &Element, name: &str) -> Result<Option<u32>> {
    let Some(text) = e.attr(name) else { return Ok(None) };
    let plain = !text.is_empty() && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
    let mode = plain.then(|| u32::from_str_radix(text, 8).ok()).flatten();
    let mode = mode.ok_or_else(|| invalid(e, name, text, " Expected non-negative integer value"))?;
    if mode > 0o777 {
        return Err(Error::xml(format!("invalid {name}: '0{mode:o}'")).from(origin::DOMAIN));
    }
    Ok(Some(mode))
}
