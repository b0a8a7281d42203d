//! `<features>`.

use xml::Element;

use crate::enums::{on_off, xml_enum};
use crate::props::Props;
use crate::shape::{Attr, Kind, Shape};
use crate::{Error, Result};

xml_enum! {
    /// `<capabilities policy=>`
    pub enum CapabilitiesPolicy {
        Default = "default",
        Allow = "allow",
        Deny = "deny",
    }
}

/// Switches of the machine; a container knows two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Features {
    /// `<privnet/>`: an own network namespace even without interfaces.
    pub privnet: bool,
    /// `<capabilities>`
    pub capabilities: Capabilities,
    /// Elements without effect (`acpi`, `pae`, ..), kept.
    pub kept: Vec<Element>,
}

/// `<capabilities policy=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// What holds for capabilities not listed.
    pub policy: CapabilitiesPolicy,
    /// Listed ones by number of capabilities(7), ascending, with their `state=`.
    pub states: Vec<(u8, bool)>,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self { policy: CapabilitiesPolicy::Default, states: Vec::new() }
    }
}

/// Names in the document in the order printed, with their numbers of capabilities(7).
pub const CAPABILITIES: [(&str, u8); 37] = [
    ("audit_control", 30),
    ("audit_write", 29),
    ("block_suspend", 36),
    ("chown", 0),
    ("dac_override", 1),
    ("dac_read_search", 2),
    ("fowner", 3),
    ("fsetid", 4),
    ("ipc_lock", 14),
    ("ipc_owner", 15),
    ("kill", 5),
    ("lease", 28),
    ("linux_immutable", 9),
    ("mac_admin", 33),
    ("mac_override", 32),
    ("mknod", 27),
    ("net_admin", 12),
    ("net_bind_service", 10),
    ("net_broadcast", 11),
    ("net_raw", 13),
    ("setgid", 6),
    ("setfcap", 31),
    ("setpcap", 8),
    ("setuid", 7),
    ("sys_admin", 21),
    ("sys_boot", 22),
    ("sys_chroot", 18),
    ("sys_module", 16),
    ("sys_nice", 23),
    ("sys_pacct", 20),
    ("sys_ptrace", 19),
    ("sys_rawio", 17),
    ("sys_resource", 24),
    ("sys_time", 25),
    ("sys_tty_config", 26),
    ("syslog", 34),
    ("wake_alarm", 35),
];

const STATE: Attr = Attr("state", Kind::OnOff);

const fn state(name: &'static str) -> Shape {
    Shape::new(name, &[STATE], &[])
}

const HYPERV: Shape = Shape::new(
    "hyperv",
    &[Attr("mode", Kind::Word(&["custom", "passthrough"]))],
    &[
        &state("relaxed"),
        &state("vapic"),
        &Shape::new("spinlocks", &[STATE, Attr("retries", Kind::Number)], &[]),
        &state("vpindex"),
        &state("runtime"),
        &state("synic"),
        &Shape::new("stimer", &[STATE], &[&state("direct")]),
        &state("reset"),
        &Shape::new("vendor_id", &[STATE, Attr("value", Kind::Text)], &[]),
        &state("frequencies"),
        &state("reenlightenment"),
        &state("tlbflush"),
        &state("ipi"),
        &state("evmcs"),
        &state("avic"),
    ],
);

const KVM: Shape = Shape::new(
    "kvm",
    &[],
    &[&state("hidden"), &state("hint-dedicated"), &state("poll-control"), &state("pv-ipi")],
);

const XEN: Shape = Shape::new(
    "xen",
    &[],
    &[&state("e820_host"), &Shape::new("passthrough", &[STATE, Attr("mode", Kind::Text)], &[])],
);

const UNIT: &[Attr] = &[Attr("unit", Kind::Text)];
const VALUE: &[Attr] = &[Attr("value", Kind::Text)];

/// Features that are kept, in libvirt's order, before and behind the two of containers.
const KEPT: &[&Shape] = &[
    &Shape::new("acpi", &[], &[]),
    &Shape::new("apic", &[Attr("eoi", Kind::OnOff)], &[]),
    &Shape::new("pae", &[], &[]),
    &state("hap"),
    &Shape::new("viridian", &[], &[]),
    &HYPERV,
    &KVM,
    &state("pvspinlock"),
    &state("pmu"),
    &state("vmport"),
    &Shape::new("gic", &[Attr("version", Kind::Text)], &[]),
    &Shape::new("smm", &[STATE], &[&Shape::text("tseg", UNIT)]),
    &Shape::new("ioapic", &[Attr("driver", Kind::Word(&["kvm", "qemu"]))], &[]),
    &Shape::new(
        "hpt",
        &[Attr("resizing", Kind::Word(&["enabled", "disabled", "required"]))],
        &[&Shape::memory("maxpagesize")],
    ),
    &state("vmcoreinfo"),
    &state("htm"),
    &state("nested-hv"),
    &Shape::new("msrs", &[Attr("unknown", Kind::Word(&["ignore", "fault"]))], &[]),
    &state("ccf-assist"),
    &XEN,
    &Shape::new("cfpc", VALUE, &[]),
    &Shape::new("sbbc", VALUE, &[]),
    &Shape::new("ibs", VALUE, &[]),
    &Shape::new("tcg", &[], &[&Shape::memory("tb-cache")]),
];

/// Features whose missing `state=` means `on`.
const ON_BY_DEFAULT: [&str; 8] =
    ["hap", "pvspinlock", "pmu", "vmport", "smm", "vmcoreinfo", "htm", "nested-hv"];

impl Features {
    pub(crate) fn parse(domain: &Element) -> Result<Self> {
        let mut features = Self::default();
        let Some(e) = domain.child("features") else { return Ok(features) };
        for child in e.elements() {
            let name = child.name.local.as_str();
            match name {
                "privnet" => features.privnet = true,
                "capabilities" => features.capabilities = Capabilities::parse(child)?,
                _ if KEPT.iter().any(|shape| shape.name == name) => {}
                _ => return Err(Error::unsupported(format!("unexpected feature '{name}'"))),
            }
        }
        features.kept = Shape::keep_all(KEPT, e)?;
        features.kept.retain(|e| e.name.local != "ioapic" || !e.attributes.is_empty());
        for kept in &mut features.kept {
            fill_in(kept);
        }
        Ok(features)
    }

    pub(crate) fn format(&self, out: &mut Element) {
        let mut e = Element::new("features");
        let place = |name: &str| KEPT.iter().position(|shape| shape.name == name).unwrap_or(0);
        let kept = |from: &str, before: &str| {
            let range = place(from)..if before.is_empty() { usize::MAX } else { place(before) };
            self.kept.iter().filter(move |e| range.contains(&place(&e.name.local))).cloned()
        };
        e.extend(kept("acpi", "hyperv"));
        if self.privnet {
            e.push(Element::new("privnet"));
        }
        e.extend(kept("hyperv", "pmu"));
        if self.capabilities != Capabilities::default() {
            e.push(self.capabilities.format());
        }
        e.extend(kept("pmu", ""));
        out.push_unless_bare(e);
    }
}

/// What libvirt adds to a feature that is kept.
fn fill_in(e: &mut Element) {
    let name = e.name.local.clone();
    if ON_BY_DEFAULT.contains(&name.as_str()) && e.attr("state").is_none() {
        e.push_attr("state", "on");
    }
    if name == "hyperv" {
        if e.attr("mode").is_none() {
            e.push_attr("mode", "custom");
        }
        *e = std::mem::take(e).opened();
    }
}

impl Capabilities {
    fn parse(e: &Element) -> Result<Self> {
        let policy = e.word("policy")?.unwrap_or(CapabilitiesPolicy::Default);
        let mut states: Vec<(u8, bool)> = Vec::new();
        for child in e.elements() {
            let name = child.name.local.as_str();
            let known = CAPABILITIES.iter().find(|(known, _)| *known == name);
            let unknown = || Error::unsupported(format!("unexpected capability feature '{name}'"));
            let (_, number) = known.ok_or_else(unknown)?;
            let state = child.on_off("state")?.unwrap_or(true);
            states.retain(|(other, _)| other != number);
            states.push((*number, state));
        }
        states.sort_unstable();
        Ok(Self { policy, states })
    }

    /// The state the document gives to a capability, if it names it.
    #[must_use]
    pub fn state(&self, number: u8) -> Option<bool> {
        self.states.iter().find(|(n, _)| *n == number).map(|(_, state)| *state)
    }

    fn format(&self) -> Element {
        let mut e = Element::new("capabilities").with("policy", self.policy);
        for (name, number) in CAPABILITIES {
            e.extend(self.state(number).map(|state| Element::new(name).with("state", on_off(state))));
        }
        e
    }
}
