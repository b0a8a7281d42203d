//! The container's user namespace: id maps and the owner of what we make for the container.

use std::path::Path;

use crate::failure::{During, Result, failure, step};
use crate::plan::{IdMap, IdRange};

/// Host ids of the container's root user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Host id of the container's group `tty`, if it is mapped.
    pub(crate) tty: Option<u32>,
}

/// Group `tty`: 5 on every distribution that follows the Linux Standard Base.
const TTY_GROUP: u32 = 5;

impl Owner {
    /// From the plan's map; without a map the ids are the host's.
    pub(crate) fn of(idmap: Option<&IdMap>) -> Result<Self> {
        let Some(map) = idmap else { return Ok(Self { uid: 0, gid: 0, tty: Some(TTY_GROUP) }) };
        match (outside(&map.uids, 0), outside(&map.gids, 0)) {
            (Some(uid), Some(gid)) => Ok(Self { uid, gid, tty: outside(&map.gids, TTY_GROUP) }),
            _ => Err(failure(step::PLAN, "the id map has no range for the container's root")),
        }
    }
}

/// Host id of an id inside.
pub(crate) fn outside(ranges: &[IdRange], id: u32) -> Option<u32> {
    ranges.iter().find_map(|range| {
        let distance = id.checked_sub(range.inside).filter(|distance| *distance < range.count)?;
        range.outside.checked_add(distance)
    })
}

/// The lines of `uid_map` or `gid_map` (user_namespaces(7)).
pub(crate) fn lines(ranges: &[IdRange]) -> String {
    ranges.iter().map(|range| format!("{} {} {}\n", range.inside, range.outside, range.count)).collect()
}

/// Maps the ids of the new user namespace of a process. Host root writes the map, so setgroups(2) stays allowed.
pub(crate) fn write_maps(pid: i32, map: &IdMap) -> Result<()> {
    for (file, ranges) in [("gid_map", &map.gids), ("uid_map", &map.uids)] {
        let path = format!("/proc/{pid}/{file}");
        let text = lines(ranges);
        kernel::fd::write_existing(Path::new(&path), &text)
            .during(step::NAMESPACE, format_args!("{file} '{}'", text.trim_end().replace('\n', ", ")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(inside: u32, outside: u32, count: u32) -> IdRange {
        IdRange { inside, outside, count }
    }

    #[test]
    fn map_lines() {
        assert_eq!(lines(&[range(0, 100_000, 65536)]), "0 100000 65536\n");
        assert_eq!(lines(&[range(0, 5, 1), range(1, 70, 9)]), "0 5 1\n1 70 9\n");
    }

    #[test]
    fn ids_outside() {
        let ranges = [range(0, 1000, 10), range(10, 5000, 10)];
        assert_eq!(outside(&ranges, 0), Some(1000));
        assert_eq!(outside(&ranges, 9), Some(1009));
        assert_eq!(outside(&ranges, 10), Some(5000));
        assert_eq!(outside(&ranges, 20), None);
        assert_eq!(outside(&[range(0, u32::MAX, 2)], 1), None);
    }

    #[test]
    fn owner_needs_root() {
        let mut map =
            IdMap { uids: vec![range(0, 7, 1)], gids: vec![range(0, 9, 100)], idmapped_mounts: true };
        assert_eq!(Owner::of(Some(&map)), Ok(Owner { uid: 7, gid: 9, tty: Some(14) }));
        map.gids[0].count = 3;
        assert_eq!(Owner::of(Some(&map)).unwrap().tty, None);
        map.uids[0].inside = 1;
        assert!(Owner::of(Some(&map)).is_err());
        assert_eq!(Owner::of(None), Ok(Owner { uid: 0, gid: 0, tty: Some(5) }));
    }
}
