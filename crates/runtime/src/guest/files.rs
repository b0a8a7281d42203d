//! Files of the container, from a descriptor of its root.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::{Errno, Result};
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid};

/// A regular file that is opened for reading. Nonblocking, for it may turn out to be a fifo.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Content of a regular file; links are followed inside the root.
pub(super) fn read(root: BorrowedFd<'_>, path: &str, max: u64) -> Result<Vec<u8>> {
    content(kernel::path::open_in_root(root, Path::new(path), READ)?, max)
}

/// Content of a regular file in a directory, no link; `None` if there is none.
pub(super) fn read_at(
    dir: BorrowedFd<'_>,
    name: &str,
    max: u64,
) -> Result<Option<(Vec<u8>, rustix::fs::Stat)>> {
    match rustix::fs::openat(dir, name, READ | OFlags::NOFOLLOW, Mode::empty()) {
        Err(Errno::NOENT) => Ok(None),
        other => {
            let file = other?;
            let stat = rustix::fs::fstat(&file)?;
            content(file, max).map(|content| Some((content, stat)))
        }
    }
}

fn content(file: OwnedFd, max: u64) -> Result<Vec<u8>> {
    if FileType::from_raw_mode(rustix::fs::fstat(&file)?.st_mode) != FileType::RegularFile {
        return Err(Errno::INVAL);
    }
    let mut bytes = Vec::new();
    let read = File::from(file).take(max.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| kernel::fd::errno(&error))?;
    if bytes.len() as u64 > max { Err(Errno::FBIG) } else { Ok(bytes) }
}

/// Target of the link at `path`, whose directory is found inside the root.
pub(super) fn link(root: BorrowedFd<'_>, path: &str) -> Result<String> {
    let path = Path::new(path);
    let name = path.file_name().ok_or(Errno::INVAL)?;
    let dir = directory(root, path.parent().unwrap_or_else(|| Path::new("/")))?;
    let target = rustix::fs::readlinkat(&dir, name, Vec::new())?;
    Ok(target.to_string_lossy().into_owned())
}

/// A directory inside the root, `O_PATH`.
pub(super) fn directory(root: BorrowedFd<'_>, path: &Path) -> Result<OwnedFd> {
    kernel::path::open_in_root(root, path, OFlags::PATH | OFlags::DIRECTORY)
}

/// Owner and mode of a file, ids of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) mode: u32,
}

impl Owner {
    pub(super) const fn of(stat: &rustix::fs::Stat) -> Self {
        Self { uid: stat.st_uid, gid: stat.st_gid, mode: stat.st_mode & 0o7777 }
    }
}

/// Puts `content` at `name` in a directory: whole or not at all. A link there is replaced, not followed.
pub(super) fn replace(dir: BorrowedFd<'_>, name: &str, content: &[u8], owner: Owner) -> Result<()> {
    let temporary = format!(".{name}.virtcontainer-new");
    // Left over from a process that was killed; anything else there is not ours to keep either.
    let _ = rustix::fs::unlinkat(dir, temporary.as_str(), AtFlags::empty());
    let written = write(dir, &temporary, content, owner)
        .and_then(|()| rustix::fs::renameat(dir, temporary.as_str(), dir, name));
    if written.is_err() {
        let _ = rustix::fs::unlinkat(dir, temporary.as_str(), AtFlags::empty());
    }
    written
}

fn write(dir: BorrowedFd<'_>, name: &str, content: &[u8], owner: Owner) -> Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(dir, name, flags, Mode::from_raw_mode(0o600))?;
    rustix::fs::fchown(&file, Some(Uid::from_raw(owner.uid)), Some(Gid::from_raw(owner.gid)))?;
    rustix::fs::fchmod(&file, Mode::from_raw_mode(owner.mode))?;
    let mut file = File::from(file);
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| kernel::fd::errno(&error))
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    fn root(dir: &tempfile::TempDir) -> OwnedFd {
        File::open(dir.path()).unwrap().into()
    }

    #[test]
    fn only_regular_files_inside_are_read() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("etc")).unwrap();
        std::fs::write(dir.path().join("etc/file"), "inside").unwrap();
        symlink("/etc/file", dir.path().join("link")).unwrap();
        symlink("/../../../../etc/passwd", dir.path().join("out")).unwrap();
        assert_eq!(read(root(&dir).as_fd(), "/link", 100).unwrap(), b"inside");
        assert_eq!(read(root(&dir).as_fd(), "/link", 5).unwrap_err(), Errno::FBIG);
        assert_eq!(read(root(&dir).as_fd(), "/out", 100).unwrap_err(), Errno::NOENT);
        assert_eq!(read(root(&dir).as_fd(), "/etc", 100).unwrap_err(), Errno::INVAL);
        assert_eq!(link(root(&dir).as_fd(), "/link").unwrap(), "/etc/file");
        assert_eq!(link(root(&dir).as_fd(), "/etc/file").unwrap_err(), Errno::INVAL);
    }

    #[test]
    fn files_are_replaced_whole_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("target");
        std::fs::write(&target, "precious").unwrap();
        symlink(&target, dir.path().join("name")).unwrap();
        let root = root(&dir);
        assert_eq!(read_at(root.as_fd(), "name", 10).unwrap_err(), Errno::LOOP);
        let own = std::fs::metadata(dir.path()).unwrap();
        let owner = Owner { uid: own.uid(), gid: own.gid(), mode: 0o640 };
        replace(root.as_fd(), "name", b"new", owner).unwrap();
        let (content, stat) = read_at(root.as_fd(), "name", 10).unwrap().unwrap();
        assert_eq!((content.as_slice(), Owner::of(&stat)), (&b"new"[..], owner));
        assert_eq!(std::fs::read(&target).unwrap(), b"precious");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
        assert!(read_at(root.as_fd(), "none", 10).unwrap().is_none());
    }
}
