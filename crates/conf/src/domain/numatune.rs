//! `<numatune>`.

use xml::Element;

use super::{CpuSet, Vcpus};
use crate::enums::xml_enum;
use crate::props::Props;
use crate::{Error, Result, number};

xml_enum! {
    /// `<memory mode=>`
    pub enum NumaMode {
        Strict = "strict",
        Preferred = "preferred",
        Interleave = "interleave",
        Restrictive = "restrictive",
    }
}

xml_enum! {
    /// Who chooses processors or memory nodes.
    pub enum Placement {
        Static = "static",
        Auto = "auto",
    }
}

/// Most `<memnode>`s of one domain.
const MEMNODES_MAX: usize = 1024;

/// Which memory nodes are used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumaTune {
    /// `<memory mode= nodeset= placement=>`
    pub memory: Option<NumaNode>,
    /// `<memnode cellid= mode= nodeset=>`, by cell; no effect.
    pub memnodes: Vec<(u32, NumaNode)>,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumaNode {
    /// `mode=`
    pub mode: NumaMode,
    /// `placement=`
    pub placement: Placement,
    /// `nodeset=`; present when `placement` is static.
    pub nodeset: Option<CpuSet>,
}

impl NumaTune {
    /// Automatic placement of processors brings that of memory along, and the other way round.
    pub(crate) fn parse(domain: &Element, vcpus: &mut Vcpus) -> Result<Self> {
        let mut tune = Self::default();
        if let Some(e) = domain.child("numatune") {
            if let Some(memory) = e.child("memory").filter(|memory| !memory.attributes.is_empty()) {
                tune.memory = Some(NumaNode::parse_memory(memory, vcpus)?);
            }
            let cells = domain.child("cpu").and_then(|cpu| cpu.child("numa")).is_some();
            if e.child("memnode").is_some() && !cells {
                return Err(Error::xml("Element 'memnode' is invalid without any guest NUMA cells"));
            }
            if e.all("memnode").count() > MEMNODES_MAX {
                return Err(Error::xml(format!("a domain has at most {MEMNODES_MAX} memory nodes")));
            }
            for e in e.all("memnode") {
                tune.add_memnode(e)?;
            }
        }
        tune.memnodes.sort_by_key(|(cell, _)| *cell);
        if tune.memory.is_none() && vcpus.placement == Placement::Auto {
            tune.memory =
                Some(NumaNode { mode: NumaMode::Strict, placement: Placement::Auto, nodeset: None });
        }
        if vcpus.cpuset.is_none() && tune.memory.as_ref().is_some_and(|m| m.placement == Placement::Auto) {
            vcpus.placement = Placement::Auto;
        }
        Ok(tune)
    }

    fn add_memnode(&mut self, e: &Element) -> Result<()> {
        let wrong = || Error::xml("Missing required cellid attribute in numatune memnode element");
        let cell = e.attr("cellid").and_then(number::unsigned).ok_or_else(wrong)?;
        if self.memnodes.iter().any(|(other, _)| *other == cell) {
            return Err(Error::xml(format!("Multiple numatune memnode elements with cellid {cell}")));
        }
        let mode = mode(e)?;
        if self.memory.as_ref().is_some_and(|memory| memory.mode == NumaMode::Restrictive)
            && mode != NumaMode::Restrictive
        {
            return Err(Error::xml(
                "'restrictive' mode is required in memnode element when mode is 'restrictive' in memory element",
            ));
        }
        let nodeset = CpuSet::parse(e.required("nodeset")?)?;
        self.memnodes.push((cell, NumaNode { mode, placement: Placement::Static, nodeset: Some(nodeset) }));
        Ok(())
    }

    pub(crate) fn format(&self, out: &mut Element) {
        let mut e = Element::new("numatune");
        if let Some(memory) = &self.memory {
            let element = Element::new("memory").with("mode", memory.mode);
            e.push(match &memory.nodeset {
                Some(set) => element.with("nodeset", set),
                None => element.with("placement", memory.placement),
            });
        }
        for (cell, node) in &self.memnodes {
            let element = Element::new("memnode").with("cellid", cell).with("mode", node.mode);
            e.push(element.with_opt("nodeset", node.nodeset.as_ref()));
        }
        out.push_unless_bare(e);
    }
}

impl NumaNode {
    fn parse_memory(e: &Element, vcpus: &Vcpus) -> Result<Self> {
        let mode = mode(e)?;
        let nodeset = e.filled("nodeset").map(|text| CpuSet::parse(&text)).transpose()?;
        if nodeset.as_ref().is_some_and(CpuSet::is_empty) {
            return Err(Error::unsupported(format!(
                "Invalid value of 'nodeset': {}",
                e.attr("nodeset").unwrap_or("")
            )));
        }
        let word = e.attr("placement").map(|word| {
            let unknown = || Error::unsupported(format!("Unsupported NUMA memory placement mode '{word}'"));
            Placement::from_word(word).ok_or_else(unknown)
        });
        let placement = match (word.transpose()?, &nodeset) {
            (Some(placement), _) => placement,
            (None, Some(_)) => Placement::Static,
            (None, None) => vcpus.placement,
        };
        if placement == Placement::Static && nodeset.is_none() {
            return Err(Error::unsupported(
                "nodeset for NUMA memory tuning must be set if 'placement' is 'static'",
            ));
        }
        let nodeset = nodeset.filter(|_| placement == Placement::Static);
        Ok(Self { mode, placement, nodeset })
    }
}

fn mode(e: &Element) -> Result<NumaMode> {
    let Some(word) = e.attr("mode") else { return Ok(NumaMode::Strict) };
    NumaMode::from_word(word)
        .ok_or_else(|| Error::unsupported(format!("Unsupported NUMA memory tuning mode '{word}'")))
}
