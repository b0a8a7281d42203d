//! `<vcpu>` and sets of processors.

use std::fmt;

use xml::Element;

use super::Placement;
use crate::error::origin;
use crate::props::Props;
use crate::{Error, Result, number};

/// Most processors a document may claim, and one more than the largest processor number in a set
/// (`VIR_DOMAIN_CPUMASK_LEN`, `REMOTE_VCPUINFO_MAX`).
const CPUS_MAX: u32 = 16384;

/// Longest text of a set: every number by itself, with room to spare. A longer one only says the same again and again.
const TEXT_MAX: usize = 16 * 16_384;

/// `<vcpu placement= cpuset= current=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vcpus {
    /// Largest number of processors, 1..=16384.
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

impl Vcpus {
    pub(crate) fn parse(domain: &Element) -> Result<Self> {
        if domain.child("vcpus").is_some() {
            return Err(Error::unsupported("individual CPU state configuration is not supported"));
        }
        let Some(e) = domain.child("vcpu") else { return Ok(Self::default()) };
        let max = number::unsigned(&e.text())
            .ok_or_else(|| Error::xml("maximum vcpus count must be an integer"))
            .and_then(in_range)?;
        let current = e.uint("current")?.unwrap_or(max);
        if current > max {
            return Err(Error::unsupported("maximum vCPU count must not be less than current vCPU count"));
        }
        let placement = e.word("placement")?;
        let cpuset = e.attr("cpuset").filter(|_| placement != Some(Placement::Auto));
        let cpuset = cpuset.map(CpuSet::parse).transpose()?;
        if cpuset.as_ref().is_some_and(CpuSet::is_empty) {
            return Err(Error::unsupported(format!(
                "Invalid value of 'cpuset': {}",
                e.attr("cpuset").unwrap_or("")
            )));
        }
        Ok(Self { max, current, placement: placement.unwrap_or(Placement::Static), cpuset })
    }

    pub(crate) fn format(&self, out: &mut Element) {
        let e = Element::with_text("vcpu", self.max)
            .with("placement", self.placement)
            .with_opt("cpuset", self.cpuset.as_ref())
            .with_opt("current", Some(self.current).filter(|current| *current != self.max));
        out.push(e);
    }
}

fn in_range(count: u32) -> Result<u32> {
    if (1..=CPUS_MAX).contains(&count) {
        return Ok(count);
    }
    Err(Error::xml(format!("maximum vcpus count must be between 1 and {CPUS_MAX}, not {count}")))
}

/// A set of processor or memory node numbers below 16384, as sorted, separate, inclusive ranges.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CpuSet {
    ranges: Vec<(u32, u32)>,
}

impl CpuSet {
    /// Reads `0-3,^2,7`. Later items win: `^` takes a number out of what stands before it.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::invalid_arg(format!("Failed to parse bitmap '{text}'")).from(origin::NONE);
        if text.len() > TEXT_MAX {
            return Err(wrong());
        }
        let mut bits = Bits::new();
        let mut items = text.split(',').peekable();
        while let Some(item) = items.next() {
            // A comma at the end is accepted, as libvirt does.
            if item.trim_ascii().is_empty() && items.peek().is_none() && text.contains(',') {
                break;
            }
            let number = |digits: &str| {
                let digits = digits.trim_ascii();
                number::unsigned(digits)
                    .filter(|n| *n < CPUS_MAX && !digits.starts_with('+'))
                    .ok_or_else(wrong)
            };
            if let Some(out) = item.trim_ascii_start().strip_prefix('^') {
                let out = number(out)?;
                bits.set(out, out, false);
            } else if let Some((first, last)) = item.split_once('-') {
                let (first, last) = (number(first)?, number(last)?);
                if last < first {
                    return Err(wrong());
                }
                bits.set(first, last, true);
            } else {
                let single = number(item)?;
                bits.set(single, single, true);
            }
        }
        Ok(bits.ranges())
    }

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

    /// The numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.ranges.iter().flat_map(|&(first, last)| first..=last)
    }
}

/// One bit a number: however often a text names them, the work is small.
struct Bits(Vec<u64>);

impl Bits {
    fn new() -> Self {
        Self(vec![0; CPUS_MAX as usize / 64])
    }

    /// Sets or clears a range of numbers below [`CPUS_MAX`].
    fn set(&mut self, first: u32, last: u32, value: bool) {
        let (from, to) = (first as usize / 64, last as usize / 64);
        for word in from..=to {
            let low = if word == from { u64::MAX << (first % 64) } else { u64::MAX };
            let high = if word == to { u64::MAX >> (63 - last % 64) } else { u64::MAX };
            if value {
                self.0[word] |= low & high;
            } else {
                self.0[word] &= !(low & high);
            }
        }
    }

    fn ranges(&self) -> CpuSet {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for number in 0..CPUS_MAX {
            if self.0[number as usize / 64] >> (number % 64) & 1 == 0 {
                continue;
            }
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == number => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        CpuSet { ranges }
    }
}

impl FromIterator<u32> for CpuSet {
    /// Numbers from 16384 on are left out.
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut bits = Bits::new();
        for number in numbers.into_iter().filter(|number| *number < CPUS_MAX) {
            bits.set(number, number, true);
        }
        bits.ranges()
    }
}

impl fmt::Display for CpuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (first, last)) in self.ranges.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            if first == last {
                write!(f, "{comma}{first}")?;
            } else {
                write!(f, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::CpuSet;

    #[test]
    fn sets() {
        for (text, expect) in [
            ("0", Some("0")),
            ("0-3,^2,7", Some("0-1,3,7")),
            ("5,0-1,2", Some("0-2,5")),
            ("^1,0-1", Some("0-1")),
            ("0-1,^0,^1", Some("")),
            (" 1 - 2 , 4,", Some("1-2,4")),
            ("1-3,2-5,9-9", Some("1-5,9")),
            ("16383", Some("16383")),
            ("0-16383,^64,^127,^128", Some("0-63,65-126,129-16383")),
            ("63-64", Some("63-64")),
            ("16384", None),
            ("0-4294967295", None),
            ("3-1", None),
            ("x", None),
            ("", None),
            (",", None),
            ("1,,2", None),
            ("^1-2", None),
            ("+1", None),
            ("-1", None),
        ] {
            assert_eq!(CpuSet::parse(text).ok().map(|s| s.to_string()).as_deref(), expect, "{text}");
        }
        assert_eq!(CpuSet::from_iter([3, 1, 2, 9]).to_string(), "1-3,9");
        assert!(CpuSet::parse("1-3").unwrap().contains(2));
    }
}
