//! Finding containers by their control groups, when nothing else tells of them.

use std::collections::BTreeMap;

use kernel::Errno;
use rustix::fs::{CWD, Dir, Mode, OFlags};

use crate::file::on;
use crate::hierarchy::Hierarchies;
use crate::name::{parse_scope_name, partition_dir};
use crate::{Placement, Result};

/// A scope that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Pid of the monitor that made it. It may be gone, and the pid another's.
    pub monitor_pid: i32,
    /// Name of the container, with only the characters that a directory name keeps, see
    /// [`scope_name`](crate::scope_name).
    pub name: String,
    /// Where it is.
    pub placement: Placement,
}

/// The scopes in a partition. None if there is no such partition.
pub fn scopes(partition: &str) -> Result<Vec<Scope>> {
    let hierarchies = Hierarchies::discover()?;
    let partition = partition_dir(partition)?;
    let mut found: BTreeMap<String, Placement> = BTreeMap::new();
    let v1 = hierarchies.v1.iter().map(|v1| (v1.controllers.as_slice(), &v1.point));
    for (controllers, point) in v1.chain(hierarchies.v2.iter().map(|point| (&[][..], point))) {
        let dir = point.join(&partition);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = match rustix::fs::openat(CWD, &dir, flags, Mode::empty()) {
            Err(Errno::NOENT) => continue,
            other => other.map_err(on("open", &dir))?,
        };
        for entry in Dir::read_from(&fd).map_err(on("read", &dir))? {
            let entry = entry.map_err(on("read", &dir))?;
            let Some(name) = entry.file_name().to_str().ok().filter(|name| parse_scope_name(name).is_some())
            else {
                continue;
            };
            let placement = found.entry(name.to_owned()).or_default();
            if controllers.is_empty() {
                placement.v2 = Some(dir.join(name));
            }
            placement.v1.extend(controllers.iter().map(|controller| (controller.clone(), dir.join(name))));
        }
    }
    let scope = |(dir, placement): (String, Placement)| {
        let (monitor_pid, name) = parse_scope_name(&dir)?;
        Some(Scope { monitor_pid, name: name.to_owned(), placement })
    };
    Ok(found.into_iter().filter_map(scope).collect())
}
