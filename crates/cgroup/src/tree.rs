//! Walking a group and everything below it.
//!
//! What is below a payload is made by the container and may be of any depth, so the walk holds one descriptor
//! and never builds a path.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::Errno;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};

use crate::Result;
use crate::file::on;

const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// What a walk does.
pub(crate) trait Visitor {
    /// At a group, after all below it.
    fn leave(&mut self, group: BorrowedFd<'_>) -> kernel::Result<()>;

    /// After [`Self::leave`], with its parent and name; not for the top.
    fn left(&mut self, parent: BorrowedFd<'_>, name: &CStr) -> kernel::Result<()> {
        let _ = (parent, name);
        Ok(())
    }
}

/// Visits `top` and all groups below it, deepest first. Nothing happens if `top` does not exist.
pub(crate) fn walk(top: &Path, visitor: &mut impl Visitor) -> Result<()> {
    walk_from(top, visitor).map_err(on("walk", top))
}

fn walk_from(top: &Path, visitor: &mut impl Visitor) -> kernel::Result<()> {
    let mut current = match rustix::fs::openat(CWD, top, DIRECTORY, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(()),
        other => other?,
    };
    let mut names: Vec<CString> = Vec::new();
    let mut pending = vec![children(current.as_fd())?];
    while let Some(todo) = pending.last_mut() {
        if let Some(name) = todo.pop() {
            match rustix::fs::openat(&current, &*name, DIRECTORY, Mode::empty()) {
                Ok(child) => {
                    current = child;
                    names.push(name);
                    pending.push(children(current.as_fd())?);
                }
                // Removed meanwhile by the container.
                Err(Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
            continue;
        }
        pending.pop();
        visitor.leave(current.as_fd())?;
        if let Some(name) = names.pop() {
            let parent = rustix::fs::openat(&current, c"..", DIRECTORY, Mode::empty())?;
            // The group must not be open when the visitor removes it.
            current = parent;
            visitor.left(current.as_fd(), &name)?;
        }
    }
    Ok(())
}

/// Names of the groups in a group.
fn children(group: BorrowedFd<'_>) -> kernel::Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(group)? {
        let entry = match entry {
            // The group was removed meanwhile.
            Err(Errno::NOENT) => break,
            other => other?,
        };
        let name = entry.file_name();
        if entry.file_type() == FileType::Directory && name != c"." && name != c".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Removes `top` and all groups below it. `EBUSY` if a process is in one of them. No error if there is none.
pub(crate) fn remove(top: &Path) -> Result<()> {
    struct Remove;
    impl Visitor for Remove {
        fn leave(&mut self, _: BorrowedFd<'_>) -> kernel::Result<()> {
            Ok(())
        }

        fn left(&mut self, parent: BorrowedFd<'_>, name: &CStr) -> kernel::Result<()> {
            gone(rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR))
        }
    }
    // Mostly nothing is below it, and then one call does.
    match gone(rustix::fs::unlinkat(CWD, top, AtFlags::REMOVEDIR)) {
        Err(Errno::BUSY | Errno::NOTEMPTY) => {}
        other => return other.map_err(on("rmdir", top)),
    }
    walk(top, &mut Remove)?;
    gone(rustix::fs::unlinkat(CWD, top, AtFlags::REMOVEDIR)).map_err(on("rmdir", top))
}

/// A group that is gone is as good as removed.
fn gone(result: kernel::Result<()>) -> kernel::Result<()> {
    match result {
        Err(Errno::NOENT) => Ok(()),
        other => other,
    }
}

/// Pids of all processes in `top` and below it. One that forks or moves meanwhile may be missing.
pub(crate) fn pids(top: &Path) -> Result<Vec<i32>> {
    struct Pids(Vec<i32>);
    impl Visitor for Pids {
        fn leave(&mut self, group: BorrowedFd<'_>) -> kernel::Result<()> {
            match read_at(group, c"cgroup.procs") {
                // 0 is a process of a pid namespace that we do not see.
                Ok(text) => self
                    .0
                    .extend(text.lines().filter_map(|line| line.parse().ok()).filter(|&pid: &i32| pid > 0)),
                // A threaded group; its processes show in the group it belongs to. Or it was removed meanwhile.
                Err(Errno::OPNOTSUPP | Errno::NODEV | Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
            Ok(())
        }
    }
    let mut pids = Pids(Vec::new());
    walk(top, &mut pids)?;
    Ok(pids.0)
}

fn read_at(group: BorrowedFd<'_>, name: &CStr) -> kernel::Result<String> {
    let fd: OwnedFd = rustix::fs::openat(group, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let mut text = String::new();
    File::from(fd).read_to_string(&mut text).map_err(|error| kernel::fd::errno(&error))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_trees_deeper_than_a_path_may_be() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().join("top");
        std::fs::create_dir(&top).unwrap();
        let mut current = rustix::fs::openat(CWD, &top, DIRECTORY, Mode::empty()).unwrap();
        let name = "x".repeat(200);
        for _ in 0..60 {
            rustix::fs::mkdirat(&current, &*name, Mode::from_raw_mode(0o755)).unwrap();
            rustix::fs::mkdirat(&current, c"sibling", Mode::from_raw_mode(0o755)).unwrap();
            current = rustix::fs::openat(&current, &*name, DIRECTORY, Mode::empty()).unwrap();
        }
        remove(&top).unwrap();
        assert!(!top.exists());
        remove(&top).unwrap();
    }

    #[test]
    fn pids_of_all_levels() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
        std::fs::write(dir.path().join("cgroup.procs"), "").unwrap();
        std::fs::write(dir.path().join("a/cgroup.procs"), "0\n12\n").unwrap();
        std::fs::write(dir.path().join("a/b/cgroup.procs"), "7\n9\n").unwrap();
        let mut found = pids(dir.path()).unwrap();
        found.sort_unstable();
        assert_eq!(found, [7, 9, 12]);
        assert!(pids(&dir.path().join("none")).unwrap().is_empty());
    }
}
