//! `<vcpu>` and sets of processors.

use super::Placement;

/// `<vcpu placement= cpuset= current=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vcpus {
    /// Largest number of processors.
    pub max: u32,
    /// `current=`; equal to `max` when absent.
    pub current: u32,
    /// `placement=`
    pub placement: Placement,
    /// `cpuset=`: host processors to run on.
    pub cpuset: Option<CpuSet>,
}

impl Default for Vcpus {
    fn default() -> Self {
        Self { max: 1, current: 1, placement: Placement::Static, cpuset: None }
    }
}

/// A set of processor or memory node numbers, as sorted, disjoint, inclusive ranges.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CpuSet {
    pub(crate) ranges: Vec<(u32, u32)>,
}

impl CpuSet {
    /// The ranges, both ends included.
    #[must_use]
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Is the number in the set?
    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        self.ranges.iter().any(|&(first, last)| (first..=last).contains(&number))
    }

    /// Has it no number?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}
