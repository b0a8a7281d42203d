//! `<cputune>`.

use super::CpuSet;

/// Processor time. Numbers are those of the cgroup v1 controller: shares, microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CpuTune {
    /// `<shares>`
    pub shares: Option<u64>,
    /// `<period>`, microseconds.
    pub period: Option<u64>,
    /// `<quota>`, microseconds per period; negative = unlimited.
    pub quota: Option<i64>,
    /// `<global_period>`
    pub global_period: Option<u64>,
    /// `<global_quota>`
    pub global_quota: Option<i64>,
    /// `<emulator_period>`
    pub emulator_period: Option<u64>,
    /// `<emulator_quota>`
    pub emulator_quota: Option<i64>,
    /// `<iothread_period>`
    pub iothread_period: Option<u64>,
    /// `<iothread_quota>`
    pub iothread_quota: Option<i64>,
    /// `<vcpupin>`, by vcpu; no effect on a container.
    pub vcpupin: Vec<Pin>,
    /// `<emulatorpin>`
    pub emulatorpin: Option<CpuSet>,
    /// Elements without effect (`iothreadpin`, `vcpusched`, `cachetune`, ..), kept.
    pub kept: Vec<xml::Element>,
}

/// `<vcpupin vcpu= cpuset=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Number of the virtual processor.
    pub vcpu: u32,
    /// Host processors.
    pub cpuset: CpuSet,
}
