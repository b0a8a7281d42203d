//! `<idmap>`.

use xml::Element;

use crate::{Error, Result, number};

/// User namespace. Both lists are sorted by `start`; both empty = none given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdMap {
    /// `<uid>`s
    pub uids: Vec<IdRange>,
    /// `<gid>`s
    pub gids: Vec<IdRange>,
}

/// `<uid start= target= count=>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange {
    /// First id inside the container.
    pub start: u32,
    /// First id on the host.
    pub target: u32,
    /// Length.
    pub count: u32,
}

impl IdMap {
    /// Was none given?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.uids.is_empty() && self.gids.is_empty()
    }

    pub(crate) fn parse(domain: &Element) -> Result<Self> {
        let Some(e) = domain.child("idmap") else { return Ok(Self::default()) };
        let map = Self { uids: ranges(e, "uid")?, gids: ranges(e, "gid")? };
        if map.uids.is_empty() != map.gids.is_empty() {
            return Err(Error::unsupported("uid and gid should be mapped both"));
        }
        let maps_root = |ranges: &[IdRange]| ranges.first().is_none_or(|first| first.start == 0);
        if !maps_root(&map.uids) || !maps_root(&map.gids) {
            return Err(Error::unsupported("You must map the root user of container"));
        }
        Ok(map)
    }

    pub(crate) fn format(&self, out: &mut Element) {
        let mut e = Element::new("idmap");
        for (name, ranges) in [("uid", &self.uids), ("gid", &self.gids)] {
            e.extend(ranges.iter().map(|range| {
                Element::new(name)
                    .with("start", range.start)
                    .with("target", range.target)
                    .with("count", range.count)
            }));
        }
        out.push_unless_bare(e);
    }
}

fn ranges(e: &Element, name: &str) -> Result<Vec<IdRange>> {
    let mut ranges = Vec::new();
    for e in e.all(name) {
        let number = |attr| e.attr(attr).and_then(number::unsigned);
        let range =
            || Some(IdRange { start: number("start")?, target: number("target")?, count: number("count")? });
        ranges.push(range().ok_or_else(|| Error::xml("invalid idmap start/target/count settings"))?);
    }
    ranges.sort_by_key(|range| range.start);
    Ok(ranges)
}
