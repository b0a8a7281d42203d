//! `<memory>`, `<currentMemory>`, `<maxMemory>` and `<memtune>`.

use xml::Element;

use crate::enums::on_off;
use crate::props::Props;
use crate::units::{memory_child, memory_element};
use crate::{Error, KiB, Result};

/// From here on a limit means no limit, in KiB (`VIR_DOMAIN_MEMORY_PARAM_UNLIMITED`).
const UNLIMITED: KiB = KiB(9_007_199_254_740_991);

/// How much memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// `<memory>`: the limit at start.
    pub total: KiB,
    /// `<currentMemory>`: the balloon; at most `total`.
    pub current: KiB,
    /// `<memory dumpCore=>`, no effect.
    pub dump_core: Option<bool>,
}

impl Memory {
    /// Reads the sizes; [`Self::check`] follows later, as in libvirt.
    pub(crate) fn parse_sizes(domain: &Element) -> Result<Self> {
        let total = memory_child(domain, "memory", "./")?.unwrap_or_default();
        let current = memory_child(domain, "currentMemory", "./")?.unwrap_or_default();
        let dump_core = domain.child("memory").map_or(Ok(None), |e| e.on_off("dumpCore"))?;
        let current = if current == KiB(0) { total } else { current.min(total) };
        Ok(Self { total, current, dump_core })
    }

    pub(crate) fn check(&self, domain: &Element) -> Result<()> {
        if self.total == KiB(0) {
            return Err(Error::xml(
                "Memory size must be specified via <memory> or in the <numa> configuration",
            ));
        }
        Self::refuse_hotplug(domain)
    }

    /// `<maxMemory>` announces memory devices, which a container does not have.
    fn refuse_hotplug(domain: &Element) -> Result<()> {
        let Some(max) = domain.child("maxMemory") else { return Ok(()) };
        let size = memory_child(domain, "maxMemory", "./")?.unwrap_or_default();
        let slots = max.uint("slots")?.unwrap_or(0);
        match (size, slots) {
            (KiB(0), 0) => Ok(()),
            (KiB(0), _) | (_, 0) => {
                Err(Error::xml("both maximum memory size and memory slot count must be specified"))
            }
            _ => Err(Error::unsupported(
                "memory hotplug tunables <maxMemory> are not supported by this hypervisor driver",
            )),
        }
    }

    pub(crate) fn format(&self, out: &mut Element) {
        let mut memory = memory_element("memory", self.total);
        if let Some(dump_core) = self.dump_core {
            memory.push_attr("dumpCore", on_off(dump_core));
            memory.attributes.swap(0, 1);
        }
        out.push(memory);
        out.push(memory_element("currentMemory", self.current));
    }
}

/// `<memtune>`; `None` = unlimited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemTune {
    /// `<hard_limit>`
    pub hard_limit: Option<KiB>,
    /// `<soft_limit>`
    pub soft_limit: Option<KiB>,
    /// `<min_guarantee>`; no effect.
    pub min_guarantee: Option<KiB>,
    /// `<swap_hard_limit>`: memory plus swap.
    pub swap_hard_limit: Option<KiB>,
}

impl MemTune {
    pub(crate) fn parse(domain: &Element) -> Result<Self> {
        let Some(e) = domain.child("memtune") else { return Ok(Self::default()) };
        let limit = |name| {
            let size = memory_child(e, name, "./memtune/")?;
            Ok(size.filter(|size| *size < UNLIMITED))
        };
        Ok(Self {
            hard_limit: limit("hard_limit")?,
            soft_limit: limit("soft_limit")?,
            min_guarantee: limit("min_guarantee")?.filter(|size| *size != KiB(0)),
            swap_hard_limit: limit("swap_hard_limit")?,
        })
    }

    pub(crate) fn format(&self, out: &mut Element) {
        let mut e = Element::new("memtune");
        let limits = [
            ("hard_limit", self.hard_limit),
            ("soft_limit", self.soft_limit),
            ("min_guarantee", self.min_guarantee),
            ("swap_hard_limit", self.swap_hard_limit),
        ];
        e.extend(limits.into_iter().filter_map(|(name, size)| Some(memory_element(name, size?))));
        out.push_unless_bare(e);
    }
}
