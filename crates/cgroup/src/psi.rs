//! Time that a payload's processes waited for what they lack (PSI, Documentation/accounting/psi.rst).

use crate::file::read_if_any;
use crate::{Group, Result};

/// Waiting for one resource.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stall {
    /// At least one process waited.
    pub some: StallTime,
    /// All that were not idle waited. Absent for processors on kernels before 5.13.
    pub full: StallTime,
}

/// How much of the time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StallTime {
    /// Per cent of the last 10 seconds.
    pub avg10: f64,
    /// Per cent of the last 60 seconds.
    pub avg60: f64,
    /// Per cent of the last 300 seconds.
    pub avg300: f64,
    /// Microseconds since the group began.
    pub total: u64,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A processor.
    Cpu,
    /// Memory: reclaim, refaults, swapping.
    Memory,
    /// Block devices.
    Io,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cpu, Self::Memory, Self::Io];

    /// `cpu`, `memory` or `io`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Io => "io",
        }
    }
}

impl Group {
    /// How long the payload waited. Every group of cgroup v2 tells it, with or without controllers; `None` without
    /// v2, or on a kernel without PSI.
    pub fn stall(&self, resource: Resource) -> Result<Option<Stall>> {
        let Some(payload) = self.v2_payload() else { return Ok(None) };
        let text = match read_if_any(&payload, &format!("{}.pressure", resource.name())) {
            // The file is there when PSI is off (`psi=0`), and cannot be read.
            Err(crate::Error::Io { errno: kernel::Errno::OPNOTSUPP, .. }) => return Ok(None),
            other => other?,
        };
        Ok(text.map(|text| parse(&text)))
    }
}

/// Lines "some avg10=0.00 avg60=0.00 avg300=0.00 total=0".
fn parse(text: &str) -> Stall {
    let mut stall = Stall::default();
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let time = match words.next() {
            Some("some") => &mut stall.some,
            Some("full") => &mut stall.full,
            _ => continue,
        };
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            match key {
                "avg10" => time.avg10 = value.parse().unwrap_or(0.0),
                "avg60" => time.avg60 = value.parse().unwrap_or(0.0),
                "avg300" => time.avg300 = value.parse().unwrap_or(0.0),
                "total" => time.total = value.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
    stall
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let stall = parse(
            "some avg10=1.50 avg60=0.25 avg300=0.00 total=374772528\n\
             full avg10=0.00 avg60=0.00 avg300=0.10 total=7\nlater avg10=9.0 total=1\n",
        );
        assert_eq!((stall.some.avg10, stall.some.avg60, stall.some.total), (1.5, 0.25, 374_772_528));
        assert_eq!((stall.full.avg300, stall.full.total), (0.1, 7));
        assert_eq!(parse(""), Stall::default());
    }
}
