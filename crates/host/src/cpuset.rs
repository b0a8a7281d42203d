//! Sets of CPU (or node) numbers in the kernel's list format.

use std::collections::BTreeSet;
use std::fmt;

/// Highest number a set may hold: what fits a CPU map reply (2048 bytes).
const MAX: u32 = 2048 * 8 - 1;

/// A set of small numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CpuSet(BTreeSet<u32>);

impl CpuSet {
    /// Reads `0-3,8`; the empty text is the empty set. `None` for anything else, and for numbers above 16383.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut set = BTreeSet::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            if first > last || last > MAX {
                return None;
            }
            set.extend(first..=last);
        }
        Some(Self(set))
    }

    /// Whether the number is in the set.
    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        self.0.contains(&number)
    }

    /// Number of members.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// The highest member plus one, 0 of an empty set.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.0.last().map_or(0, |last| last + 1)
    }

    /// Bit N of the map is set when N is a member: byte N / 8, bit N % 8 (virNodeGetCPUMap(3)). The map has room
    /// for the numbers below `end`.
    #[must_use]
    pub fn bitmap(&self, end: u32) -> Vec<u8> {
        let mut map: Vec<u8> = (0..end.div_ceil(8)).map(|_| 0).collect();
        for number in self.iter() {
            if let Some(byte) = usize::try_from(number / 8).ok().and_then(|i| map.get_mut(i)) {
                *byte |= 1 << (number % 8);
            }
        }
        map
    }
}

impl FromIterator<u32> for CpuSet {
    fn from_iter<T: IntoIterator<Item = u32>>(numbers: T) -> Self {
        Self(numbers.into_iter().collect())
    }
}

/// The list format, ranges joined.
impl fmt::Display for CpuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut numbers = self.iter().peekable();
        let mut separator = "";
        while let Some(first) = numbers.next() {
            let mut last = first;
            while numbers.next_if_eq(&(last + 1)).is_some() {
                last += 1;
            }
            write!(f, "{separator}{first}")?;
            if last > first {
                write!(f, "-{last}")?;
            }
            separator = ",";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_and_display() {
        for (text, shown) in
            [("", ""), ("0", "0"), ("0-1", "0-1"), ("0-1,2,5,7-9", "0-2,5,7-9"), ("3,1", "1,3")]
        {
            assert_eq!(CpuSet::parse(text).unwrap().to_string(), shown);
        }
        for wrong in ["x", "1-", "-1", "3-1", "0-16384", "0-4294967295", "1;2"] {
            assert_eq!(CpuSet::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn bitmap_has_room_for_absent_members() {
        let set = CpuSet::parse("0-1,9").unwrap();
        assert_eq!(set.bitmap(set.end()), [0b11, 0b10]);
        assert_eq!(set.bitmap(17), [0b11, 0b10, 0]);
        assert_eq!(CpuSet::default().bitmap(0), [0_u8; 0]);
    }
}
