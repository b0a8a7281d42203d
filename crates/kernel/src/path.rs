//! Paths inside a tree that is not trusted (openat2(2)): no link leads out of it.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

use rustix::fs::{Mode, OFlags, ResolveFlags};

use crate::{Errno, Result};

/// Opens `path` as if `root` were `/`, whatever links are in it.
///
/// `ELOOP` for links of procfs; `EAGAIN` never (retried).
pub fn open_in_root(root: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd> {
    open_in_root_with(root, path, flags, Mode::empty())
}

/// As [`open_in_root`]; a file made by `O_CREAT` gets `mode`.
pub fn open_in_root_with(root: BorrowedFd<'_>, path: &Path, flags: OFlags, mode: Mode) -> Result<OwnedFd> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    loop {
        match rustix::fs::openat2(root, path, flags | OFlags::CLOEXEC, mode, resolve) {
            // A rename or a mount happened meanwhile and the kernel cannot tell whether `..` left the tree.
            Err(Errno::AGAIN | Errno::INTR) => {}
            other => return other,
        }
    }
}

/// Opens the directory `path` in `root` (`O_PATH`), making missing components with `mode`.
///
/// Links are followed inside the tree; a link to a missing place is an error (`ENOENT`), nothing is made there.
pub fn make_dirs_in_root(root: BorrowedFd<'_>, path: &Path, mode: Mode) -> Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY;
    match open_in_root(root, path, flags) {
        Err(Errno::NOENT) => {}
        other => return other,
    }
    let mut walked = std::path::PathBuf::from("/");
    let mut dir = open_in_root(root, &walked, flags)?;
    for component in path.components() {
        let Component::Normal(name) = component else {
            if matches!(component, Component::ParentDir) {
                return Err(Errno::INVAL);
            }
            continue;
        };
        walked.push(name);
        dir = match open_in_root(root, &walked, flags) {
            Err(Errno::NOENT) => make_dir(dir.as_fd(), name, mode)?,
            other => other?,
        };
    }
    Ok(dir)
}

fn make_dir(dir: BorrowedFd<'_>, name: &OsStr, mode: Mode) -> Result<OwnedFd> {
    match rustix::fs::mkdirat(dir, name, mode) {
        // A dangling link is there; making its target is not our business.
        Err(Errno::EXIST) => return Err(Errno::NOENT),
        other => other?,
    }
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(dir, name, flags, Mode::empty())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_leads_out() {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("root");
        std::fs::create_dir_all(dir.join("etc")).unwrap();
        std::fs::write(dir.join("etc/passwd"), "inside").unwrap();
        symlink("/etc", dir.join("absolute")).unwrap();
        symlink("../../../../etc", dir.join("relative")).unwrap();
        symlink("/proc/self/root", dir.join("magic")).unwrap();
        let root = File::open(&dir).unwrap();
        let open = |path: &str| open_in_root(root.as_fd(), Path::new(path), OFlags::RDONLY);
        for path in ["/etc/passwd", "etc/passwd", "/absolute/passwd", "relative/passwd", "/../../etc/passwd"]
        {
            let opened = open(path).unwrap();
            let inside = std::fs::read_link(format!("/proc/self/fd/{}", opened.as_raw_fd())).unwrap();
            assert_eq!(inside, dir.canonicalize().unwrap().join("etc/passwd"), "{path}");
        }
        assert_eq!(open("/magic/etc/passwd").unwrap_err(), Errno::NOENT);
        assert_eq!(open("/etc/shadow").unwrap_err(), Errno::NOENT);
    }

    #[test]
    fn links_of_procfs_are_refused() {
        let root = File::open("/").unwrap();
        for path in ["/proc/self/root", "/proc/self/cwd", "/proc/self/fd/0"] {
            let opened = open_in_root(root.as_fd(), Path::new(path), OFlags::PATH);
            assert_eq!(opened.unwrap_err(), Errno::LOOP, "{path}");
        }
    }

    #[test]
    fn directories_are_made_inside() {
        let dir = tempfile::tempdir().unwrap();
        let root = File::open(dir.path()).unwrap();
        let make = |path: &str| make_dirs_in_root(root.as_fd(), Path::new(path), Mode::from_raw_mode(0o755));
        make("/a/b/c").unwrap();
        make("/a/b/c").unwrap();
        assert!(dir.path().join("a/b/c").is_dir());
        symlink("/missing", dir.path().join("dangling")).unwrap();
        assert_eq!(make("/dangling/x").unwrap_err(), Errno::NOENT);
        assert_eq!(make("/a/../../x").unwrap_err(), Errno::INVAL);
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert_eq!(make("/file/x").unwrap_err(), Errno::NOTDIR);
    }
}
