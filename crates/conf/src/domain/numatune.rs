//! `<numatune>`.

use super::CpuSet;
use crate::enums::xml_enum;

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

/// Which memory nodes are used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumaTune {
    /// `<memory mode= nodeset= placement=>`
    pub memory: Option<NumaNode>,
    /// `<memnode cellid= mode= nodeset=>`, kept.
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
