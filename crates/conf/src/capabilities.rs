//! The `<capabilities>` document: what the host is and which guests it can have
//! (`virConnectGetCapabilities`).

use xml::Element;

use crate::domain::CpuSet;
use crate::{KiB, Uuid};

/// The whole document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The host.
    pub host: Host,
    /// What it can run.
    pub guests: Vec<Guest>,
}

/// `<host>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// `<uuid>` of the machine.
    pub uuid: Uuid,
    /// `<cpu>`
    pub cpu: HostCpu,
    /// `<power_management>`: `suspend_mem`, `suspend_disk`, `suspend_hybrid`.
    pub power_management: Vec<String>,
    /// `<iommu support=>`
    pub iommu: bool,
    /// `<topology>`: memory nodes; empty = not printed.
    pub cells: Vec<Cell>,
    /// `<cache>`
    pub caches: Vec<CacheBank>,
    /// `<secmodel>`s, the first being the default.
    pub security_models: Vec<SecurityModel>,
}

/// `<cpu>`. What is not known is not printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostCpu {
    /// `<arch>`
    pub arch: String,
    /// `<model>`
    pub model: Option<String>,
    /// `<vendor>`
    pub vendor: Option<String>,
    /// `<topology>`
    pub topology: Option<CpuTopology>,
    /// `<feature name=>`s
    pub features: Vec<String>,
    /// `<pages>`: sizes of memory pages.
    pub pages: Vec<KiB>,
}

/// `<topology sockets= dies= cores= threads=>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuTopology {
    /// Sockets.
    pub sockets: u32,
    /// Dies of a socket.
    pub dies: u32,
    /// Cores of a die.
    pub cores: u32,
    /// Threads of a core.
    pub threads: u32,
}

/// `<cell id=>`: a memory node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// `id=`
    pub id: u32,
    /// `<memory>`
    pub memory: KiB,
    /// `<pages>`: size of a page and how many there are.
    pub pages: Vec<(KiB, u64)>,
    /// `<distances>`: other node and distance; empty = not printed.
    pub distances: Vec<(u32, u32)>,
    /// `<cpus>`
    pub cpus: Vec<Cpu>,
}

/// `<cpu id= socket_id= die_id= core_id= siblings=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cpu {
    /// `id=`
    pub id: u32,
    /// Where it is; `None` if the host does not say.
    pub place: Option<CpuPlace>,
}

/// Place of a processor, and the threads of its core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpuPlace {
    /// `socket_id=`
    pub socket: u32,
    /// `die_id=`
    pub die: u32,
    /// `core_id=`
    pub core: u32,
    /// `siblings=`
    pub siblings: CpuSet,
}

/// `<bank id= level= type= size= unit= cpus=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheBank {
    /// `id=`
    pub id: u32,
    /// `level=`
    pub level: u32,
    /// `type=`: `both`, `code` or `data`.
    pub kind: String,
    /// Size.
    pub size: KiB,
    /// Processors that share it.
    pub cpus: CpuSet,
}

/// `<secmodel>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityModel {
    /// `<model>`: `none`, `selinux`, `apparmor`, `dac`.
    pub model: String,
    /// `<doi>`
    pub doi: String,
    /// `<baselabel type=>`s: type of domain and label.
    pub base_labels: Vec<(String, String)>,
}

/// `<guest>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// `<os_type>`: `exe`.
    pub os_type: String,
    /// `<arch name=>`
    pub arch: String,
    /// `<wordsize>`: 32 or 64.
    pub word_size: u32,
    /// `<emulator>`
    pub emulator: String,
    /// `<domain type=>`s
    pub domain_types: Vec<String>,
    /// `<features>`: names, e.g. `externalSnapshot`.
    pub features: Vec<String>,
}

impl Default for SecurityModel {
    /// That of a host without a security module.
    fn default() -> Self {
        Self { model: "none".to_owned(), doi: "0".to_owned(), base_labels: Vec::new() }
    }
}

impl Capabilities {
    /// The document, with libvirt's empty lines.
    #[must_use]
    pub fn format(&self) -> String {
        let mut out = String::from("<capabilities>\n\n");
        let parts = std::iter::once(self.host.format()).chain(self.guests.iter().map(Guest::format));
        for part in parts {
            part.write(&mut out, 1);
            out.push('\n');
        }
        out.push_str("</capabilities>\n");
        out
    }
}

impl Host {
    fn format(&self) -> Element {
        let mut e = Element::new("host");
        e.push_text("uuid", self.uuid);
        e.push(self.cpu.format());
        let mut power = Element::new("power_management");
        power.extend(self.power_management.iter().map(|name| Element::new(name)));
        e.push(power);
        e.push(Element::new("iommu").with("support", if self.iommu { "yes" } else { "no" }));
        if !self.cells.is_empty() {
            let mut cells = Element::new("cells").with("num", self.cells.len());
            cells.extend(self.cells.iter().map(Cell::format));
            e.push(Element::new("topology").with_child(cells));
        }
        let mut cache = Element::new("cache");
        cache.extend(self.caches.iter().map(CacheBank::format));
        e.push_unless_bare(cache);
        e.extend(self.security_models.iter().map(SecurityModel::format));
        e
    }
}

impl HostCpu {
    fn format(&self) -> Element {
        let mut e = Element::new("cpu");
        e.push_text("arch", &self.arch);
        e.push_text_opt("model", self.model.as_ref());
        e.push_text_opt("vendor", self.vendor.as_ref());
        e.extend(self.topology.map(|topology| {
            Element::new("topology")
                .with("sockets", topology.sockets)
                .with("dies", topology.dies)
                .with("cores", topology.cores)
                .with("threads", topology.threads)
        }));
        e.extend(self.features.iter().map(|name| Element::new("feature").with("name", name)));
        e.extend(self.pages.iter().map(|size| Element::new("pages").with("unit", "KiB").with("size", size)));
        e
    }
}

impl Cell {
    fn format(&self) -> Element {
        let mut e = Element::new("cell").with("id", self.id);
        let mut memory = Element::with_text("memory", self.memory);
        memory.push_attr("unit", "KiB");
        e.push(memory);
        for (size, count) in &self.pages {
            let mut pages = Element::with_text("pages", count);
            pages.push_attr("unit", "KiB");
            pages.push_attr("size", size);
            e.push(pages);
        }
        let mut distances = Element::new("distances");
        distances.extend(
            self.distances
                .iter()
                .map(|(id, value)| Element::new("sibling").with("id", id).with("value", value)),
        );
        e.push_unless_bare(distances);
        let mut cpus = Element::new("cpus").with("num", self.cpus.len());
        cpus.extend(self.cpus.iter().map(Cpu::format));
        e.push(cpus);
        e
    }
}

impl Cpu {
    fn format(&self) -> Element {
        let e = Element::new("cpu").with("id", self.id);
        match &self.place {
            None => e,
            Some(place) => e
                .with("socket_id", place.socket)
                .with("die_id", place.die)
                .with("core_id", place.core)
                .with("siblings", &place.siblings),
        }
    }
}

impl CacheBank {
    /// A size that is a whole number of MiB is printed so.
    fn format(&self) -> Element {
        let (size, unit) =
            if self.size.0.is_multiple_of(1024) { (self.size.0 / 1024, "MiB") } else { (self.size.0, "KiB") };
        Element::new("bank")
            .with("id", self.id)
            .with("level", self.level)
            .with("type", &self.kind)
            .with("size", size)
            .with("unit", unit)
            .with("cpus", &self.cpus)
    }
}

impl SecurityModel {
    fn format(&self) -> Element {
        let mut e = Element::new("secmodel");
        e.push_text("model", &self.model);
        e.push_text("doi", &self.doi);
        for (kind, label) in &self.base_labels {
            let mut base = Element::with_text("baselabel", label);
            base.push_attr("type", kind);
            e.push(base);
        }
        e
    }
}

impl Guest {
    fn format(&self) -> Element {
        let mut e = Element::new("guest");
        e.push_text("os_type", &self.os_type);
        let mut arch = Element::new("arch").with("name", &self.arch);
        arch.push_text("wordsize", self.word_size);
        arch.push_text("emulator", &self.emulator);
        arch.extend(self.domain_types.iter().map(|kind| Element::new("domain").with("type", kind)));
        e.push(arch);
        let mut features = Element::new("features");
        features.extend(self.features.iter().map(|name| Element::new(name)));
        e.push_unless_bare(features);
        e
    }
}
