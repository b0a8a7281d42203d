//! `<memory>`, `<currentMemory>`, `<maxMemory>` and `<memtune>`.

use crate::KiB;

/// How much memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// `<memory>`: the limit at start.
    pub total: KiB,
    /// `<currentMemory>`: the balloon; at most `total`.
    pub current: KiB,
    /// `<maxMemory>` with its `slots=`; no effect on a container.
    pub max: Option<(KiB, u32)>,
    /// `<memory dumpCore=>`
    pub dump_core: Option<bool>,
}

/// `<memtune>`; `None` = unlimited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemTune {
    /// `<hard_limit>`
    pub hard_limit: Option<KiB>,
    /// `<soft_limit>`
    pub soft_limit: Option<KiB>,
    /// `<min_guarantee>`
    pub min_guarantee: Option<KiB>,
    /// `<swap_hard_limit>`: memory plus swap.
    pub swap_hard_limit: Option<KiB>,
}
