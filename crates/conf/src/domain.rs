//! The `<domain>` document of a container.
//!
//! One file per element: the struct, `parse` and `format` side by side. Order of printing, defaults and error
//! texts are libvirt's, so that its clients and people's scripts see no difference. What a container has no
//! use for is kept and printed too.

pub mod blkiotune;
pub mod clock;
pub mod confinement;
pub mod cputune;
pub mod device;
pub mod features;
pub mod idmap;
mod kept;
pub mod lifecycle;
pub mod memory;
pub mod metadata;
pub mod namespace;
pub mod net;
pub mod numatune;
pub mod os;
mod perf;
pub mod seclabel;
pub mod startup;
pub mod validate;
pub mod vcpu;

use xml::Element;

pub use blkiotune::{BlkioDevice, BlkioTune};
pub use clock::{Clock, ClockOffset, Timer};
pub use confinement::Confinement;
pub use cputune::{CpuTune, Pin};
pub use device::console::{CharClass, CharDevice, CharKind, CharLog, CharSource, CharTarget};
pub use device::disk::{Disk, DiskBus, DiskDeviceKind, DiskKind, DiskSource};
pub use device::filesystem::{AccessMode, Filesystem, FilesystemDriver, FilesystemKind, FilesystemSource};
pub use device::hostdev::{Hostdev, HostdevSource, StartupPolicy, UsbSource};
pub use device::interface::{DirectMode, Interface, InterfaceKind, InterfaceSource, LinkState};
pub use device::{Device, DeviceInfo, Devices, KeptDevice};
pub use features::{CAPABILITIES, Capabilities, CapabilitiesPolicy, Features};
pub use idmap::{IdMap, IdRange};
pub use lifecycle::{LifecycleAction, PowerManagement};
pub use memory::{MemTune, Memory};
pub use metadata::Metadata;
pub use namespace::{LXC_URI, LxcNamespace, SharedNamespace};
pub use net::{
    Bandwidth, BandwidthRate, FilterRef, IpAddress, NativeMode, Route, VirtualPort, Vlan, VlanTag,
};
pub use numatune::{NumaMode, NumaNode, NumaTune, Placement};
pub use os::Os;
pub use seclabel::{SecLabel, SecLabelKind};
pub use startup::Startup;
pub use validate::{check_name, validate_container, validate_start};
pub use vcpu::{CpuSet, Vcpus};

use crate::error::origin;
use crate::{DomainName, Error, Random, Result, Uuid};

/// libvirt's word for the document in the text of a syntax error.
const DOCUMENT: &str = "(domain_definition)";

/// Types of domains libvirt knows; ours is the one of containers.
const KINDS: &[&str] = &[
    "qemu",
    "kqemu",
    "kvm",
    "xen",
    "lxc",
    "uml",
    "openvz",
    "test",
    "vmware",
    "hyperv",
    "vbox",
    "phyp",
    "parallels",
    "bhyve",
    "vz",
    "none",
    "hvf",
];

/// What parsing needs to know besides the document.
#[derive(Debug, Clone)]
pub struct ParseContext {
    /// Architecture of the host in libvirt's word, e.g. `x86_64`; the default of `<type arch=>`.
    pub arch: String,
    /// Architectures that containers may have (the host's and its 32-bit sibling, e.g. `i686`).
    pub arches: Vec<String>,
    /// Emulator path filled in when the document has none.
    pub emulator: String,
    /// First security model of the host, `none` without one; the default of `<seclabel model=>`.
    pub security_model: String,
    /// Source of generated uuids and hardware addresses.
    pub random: Random,
    /// How to read.
    pub flags: ParseFlags,
}

bitflags::bitflags! {
    /// How a document is read.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct ParseFlags: u32 {
        /// A document of a running domain (a status file, a save image): `id`, aliases, `<target
        /// dev='vnetN'/>`, console ttys are taken over. Without it they are dropped.
        const LIVE = 1;
    }
}

bitflags::bitflags! {
    /// What is printed.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct FormatFlags: u32 {
        /// Leaves out what exists only while running: `id`, aliases, generated host device names, ttys.
        const INACTIVE = 1;
        /// Prints passwords (`VIR_DOMAIN_XML_SECURE`).
        const SECURE = 2;
    }
}

impl ParseContext {
    /// A context for documents of clients on a host without a security module.
    #[must_use]
    pub fn new(arch: &str, emulator: &str, random: Random) -> Self {
        let sibling = match arch {
            "x86_64" => Some("i686"),
            "aarch64" => Some("armv7l"),
            "ppc64" => Some("ppc"),
            "s390x" => Some("s390"),
            _ => None,
        };
        Self {
            arch: arch.to_owned(),
            arches: [arch].into_iter().chain(sibling).map(str::to_owned).collect(),
            emulator: emulator.to_owned(),
            security_model: "none".to_owned(),
            random,
            flags: ParseFlags::empty(),
        }
    }

    /// The same for documents of running domains.
    #[must_use]
    pub fn live(&self) -> Self {
        Self { flags: self.flags | ParseFlags::LIVE, ..self.clone() }
    }
}

/// A container's definition; of a running one also its state that libvirt keeps in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainDef {
    /// `id=`, a pid while running; `None` when off.
    pub id: Option<i32>,
    /// `<name>`
    pub name: DomainName,
    /// `<uuid>`; generated when the document had none.
    pub uuid: Uuid,
    /// `<title>`, one line.
    pub title: Option<String>,
    /// `<description>`
    pub description: Option<String>,
    /// `<metadata>`, verbatim.
    pub metadata: Metadata,
    /// `<memory>`, `<currentMemory>`.
    pub memory: Memory,
    /// `<blkiotune>`
    pub blkiotune: BlkioTune,
    /// `<memtune>`
    pub memtune: MemTune,
    /// `<vcpu>`
    pub vcpu: Vcpus,
    /// `<cputune>`
    pub cputune: CpuTune,
    /// `<numatune>`
    pub numatune: NumaTune,
    /// `<resource><partition>`
    pub partition: Option<String>,
    /// `<resource><fibrechannel appid=>`, no effect.
    pub fibrechannel: Option<String>,
    /// `<os>`
    pub os: Os,
    /// `<idmap>`
    pub idmap: IdMap,
    /// `<features>`
    pub features: Features,
    /// `<clock>`
    pub clock: Clock,
    /// `<on_poweroff>`
    pub on_poweroff: LifecycleAction,
    /// `<on_reboot>`
    pub on_reboot: LifecycleAction,
    /// `<on_crash>`
    pub on_crash: LifecycleAction,
    /// `<pm>`
    pub pm: PowerManagement,
    /// `<devices>`
    pub devices: Devices,
    /// `<seclabel>`s
    pub seclabels: Vec<SecLabel>,
    /// `<lxc:namespace>`
    pub namespace: LxcNamespace,
    /// Elements without effect on a container (`<sysinfo>`, `<cpu>`, ..), kept and printed at libvirt's
    /// place.
    pub(crate) kept: Vec<Element>,
}

impl DomainDef {
    /// Reads a document.
    ///
    /// Defaults are filled in as libvirt prints them. Errors carry libvirt's number and text. What only a
    /// container that is to run must fulfil is left to [`validate_container`].
    pub fn parse(xml: &str, ctx: &ParseContext) -> Result<Self> {
        let root = xml::parse(xml).map_err(|error| Error::syntax(DOCUMENT, &error))?;
        Self::from_element(&root, ctx)
    }

    /// Reads a `<domain>` inside another document (a status file, a snapshot).
    pub fn from_element(e: &Element, ctx: &ParseContext) -> Result<Self> {
        if e.name.local != "domain" {
            let text = format!("expecting root element of 'domain', not '{}'", e.name.local);
            return Err(Error::xml(text).from(origin::XML));
        }
        let live = ctx.flags.contains(ParseFlags::LIVE);
        let name = e.child_text("name").ok_or_else(Error::no_name)?;
        let uuid =
            e.child_text("uuid").map_or_else(|| Ok(Uuid::generate(ctx.random)), |text| text.parse())?;
        let kind = parse_kind(e)?;
        let mut os = Os::parse_type(e, ctx)?;
        let title = parse_title(e)?;
        let seclabels = SecLabel::parse_all(e, ctx)?;
        let memory = Memory::parse_sizes(e)?;
        let blkiotune = BlkioTune::parse(e)?;
        let memtune = MemTune::parse(e)?;
        let mut vcpu = Vcpus::parse(e)?;
        let cputune = CpuTune::parse(e, &vcpu)?;
        let numatune = NumaTune::parse(e, &mut vcpu)?;
        let resource = e.child("resource");
        let features = Features::parse(e)?;
        let [on_poweroff, on_reboot, on_crash] = LifecycleAction::parse_all(e)?;
        let pm = PowerManagement::parse(e)?;
        let clock = Clock::parse(e)?;
        os.parse_init(e)?;
        let parts = || os.check(kind, ctx).and_then(|()| memory.check(e));
        let devices = Devices::parse(e, ctx, parts)?;
        cputune.check()?;
        clock.check()?;
        let idmap = IdMap::parse(e)?;
        Ok(Self {
            id: e.attr("id").filter(|_| live).and_then(|id| id.parse().ok()),
            name: DomainName::new(name)?,
            uuid,
            title,
            description: e.child_text("description"),
            metadata: Metadata::parse_as(e, ctx.flags)?,
            memory,
            blkiotune,
            memtune,
            vcpu,
            cputune,
            numatune,
            partition: resource.and_then(|r| r.child_text("partition")),
            fibrechannel: resource.and_then(|r| r.child("fibrechannel")?.attr("appid").map(str::to_owned)),
            os,
            idmap,
            features,
            clock,
            on_poweroff,
            on_reboot,
            on_crash,
            pm,
            devices,
            seclabels,
            namespace: LxcNamespace::parse(e)?,
            kept: kept::parse(e)?,
        })
    }

    /// The document as text, with a newline at the end.
    #[must_use]
    pub fn format(&self, flags: FormatFlags) -> String {
        self.to_element(flags).to_xml()
    }

    /// The document as a tree, for embedding.
    #[must_use]
    pub fn to_element(&self, flags: FormatFlags) -> Element {
        let id = self.id.filter(|_| !flags.contains(FormatFlags::INACTIVE));
        let mut e = Element::new("domain").with("type", "lxc").with_opt("id", id);
        e.push_text("name", &self.name);
        e.push_text("uuid", self.uuid);
        kept::push(&mut e, &self.kept, "genid");
        e.push_text_opt("title", self.title.as_ref());
        e.push_text_opt("description", self.description.as_ref());
        self.metadata.format_as(&mut e, flags);
        self.memory.format(&mut e);
        self.blkiotune.format(&mut e);
        self.memtune.format(&mut e);
        kept::push(&mut e, &self.kept, "memoryBacking");
        self.vcpu.format(&mut e);
        kept::push(&mut e, &self.kept, "iothreads");
        kept::push(&mut e, &self.kept, "iothreadids");
        self.cputune.format(&mut e);
        self.numatune.format(&mut e);
        self.format_resource(&mut e);
        for name in ["sysinfo", "bootloader", "bootloader_args"] {
            kept::push(&mut e, &self.kept, name);
        }
        e.push(self.os.format());
        self.idmap.format(&mut e);
        self.features.format(&mut e);
        kept::push(&mut e, &self.kept, "cpu");
        e.push(self.clock.format());
        e.push_text("on_poweroff", self.on_poweroff);
        e.push_text("on_reboot", self.on_reboot);
        e.push_text("on_crash", self.on_crash);
        kept::push(&mut e, &self.kept, "on_lockfailure");
        self.pm.format(&mut e);
        kept::push(&mut e, &self.kept, "perf");
        e.push(self.devices.format(flags));
        e.extend(self.seclabels.iter().map(|label| label.format(flags)));
        kept::push(&mut e, &self.kept, "keywrap");
        self.namespace.format(&mut e);
        e
    }

    fn format_resource(&self, out: &mut Element) {
        let mut e = Element::new("resource");
        e.push_text_opt("partition", self.partition.as_ref());
        let appid = self.fibrechannel.as_ref();
        e.extend(appid.map(|appid| Element::new("fibrechannel").with("appid", appid)));
        out.push_unless_bare(e);
    }

    /// Changes the title (`virDomainSetMetadata`); `None` and the empty text remove it.
    pub fn set_title(&mut self, title: Option<&str>) -> Result<()> {
        if title.is_some_and(|title| title.contains('\n')) {
            return Err(Error::invalid_arg_text("metadata title can't contain newlines"));
        }
        self.title = title.filter(|title| !title.is_empty()).map(str::to_owned);
        Ok(())
    }

    /// Changes the description; `None` and the empty text remove it.
    pub fn set_description(&mut self, description: Option<&str>) {
        self.description = description.filter(|text| !text.is_empty()).map(str::to_owned);
    }

    /// Gives every device without alias its alias (`console0`, `fs0`, `net0`, ..), as a start does.
    pub fn assign_aliases(&mut self) {
        self.devices.assign_aliases();
    }
}

/// `type=` of the domain.
fn parse_kind(e: &Element) -> Result<&'static str> {
    let kind = e.attr("type").filter(|kind| !kind.is_empty());
    let kind = kind.ok_or_else(|| Error::internal("missing domain type attribute"))?;
    let known = KINDS.iter().find(|known| **known == kind).copied();
    known.ok_or_else(|| Error::unsupported(format!("invalid domain type {kind}")))
}

/// One line.
fn parse_title(e: &Element) -> Result<Option<String>> {
    match e.child_text("title") {
        Some(title) if title.contains('\n') => Err(Error::xml("Domain title can't contain newlines")),
        title => Ok(title),
    }
}
