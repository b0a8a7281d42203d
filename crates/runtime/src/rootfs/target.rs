//! Places in the container's tree where something is mounted.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::Errno;
use rustix::fs::{Mode, OFlags};

use crate::failure::{During, Result, failed, failure, step};

/// What a mount point must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Directory,
    File,
}

const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o755);
const FILE_MODE: Mode = Mode::from_raw_mode(0o644);

/// Opens a directory right below the root, made if missing. A symbolic link there is refused: what we mount on
/// it must be at that place and nowhere else.
pub(crate) fn base_directory(root: BorrowedFd<'_>, name: &str) -> Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let what = || format!("/{name} of the container");
    match rustix::fs::openat(root, name, flags, Mode::empty()) {
        Err(Errno::NOENT) => {
            rustix::fs::mkdirat(root, name, DIRECTORY_MODE).during(step::FILESYSTEM, what())?;
            rustix::fs::openat(root, name, flags, Mode::empty()).during(step::FILESYSTEM, what())
        }
        Err(Errno::LOOP | Errno::NOTDIR) => {
            Err(failed(step::FILESYSTEM, format_args!("{} is not a directory", what()), Errno::NOTDIR))
        }
        other => other.during(step::FILESYSTEM, what()),
    }
}

/// Opens the mount point `path`, made with its parents if missing. Links are followed inside the container.
pub(crate) fn make_target(root: BorrowedFd<'_>, path: &str, kind: Kind) -> Result<OwnedFd> {
    let path = Path::new(path);
    let what = path.display();
    if kind == Kind::Directory {
        return kernel::path::make_dirs_in_root(root, path, DIRECTORY_MODE).during(step::FILESYSTEM, what);
    }
    match kernel::path::open_in_root(root, path, OFlags::PATH) {
        Err(Errno::NOENT) => {}
        other => {
            let found = other.during(step::FILESYSTEM, &what)?;
            let stat = rustix::fs::fstat(&found).during(step::FILESYSTEM, &what)?;
            if rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::Directory {
                return Err(failed(step::FILESYSTEM, what, Errno::ISDIR));
            }
            return Ok(found);
        }
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(failed(step::FILESYSTEM, what, Errno::ISDIR));
    };
    let parent =
        kernel::path::make_dirs_in_root(root, parent, DIRECTORY_MODE).during(step::FILESYSTEM, &what)?;
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(&parent, name, flags, FILE_MODE).during(step::FILESYSTEM, &what)?;
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent.as_fd(), name, flags, Mode::empty()).during(step::FILESYSTEM, what)
}

/// File systems on which the plan may not mount anything, wherever links led to (linux/magic.h).
const RESERVED: &[(u64, &str)] = &[
    (0x9fa0, "/proc"),
    (0x6265_6572, "/sys"),
    (0x0027_e0eb, "/sys/fs/cgroup"),
    (0x6367_7270, "/sys/fs/cgroup"),
    (0x1cd1, "/dev/pts"),
];

/// Refuses a target on the kernel's file systems and `/dev` itself, of which `dev` is any descriptor.
pub(crate) fn check(place: BorrowedFd<'_>, dev: BorrowedFd<'_>, target: &str) -> Result<()> {
    let kind = rustix::fs::fstatfs(place).during(step::FILESYSTEM, target)?.f_type;
    let reserved = RESERVED.iter().find(|(magic, _)| i128::from(kind) == i128::from(*magic));
    if let Some((_, name)) = reserved {
        return Err(failure(step::FILESYSTEM, format_args!("{target}: nothing can be mounted in {name}")));
    }
    let here = rustix::fs::fstat(place).during(step::FILESYSTEM, target)?;
    let dev = rustix::fs::fstat(dev).during(step::FILESYSTEM, "/dev")?;
    if (here.st_dev, here.st_ino) == (dev.st_dev, dev.st_ino) {
        return Err(failure(step::FILESYSTEM, format_args!("{target}: nothing can be mounted on /dev")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn base_directories_are_no_links() {
        let dir = tempfile::tempdir().unwrap();
        let root = File::open(dir.path()).unwrap();
        base_directory(root.as_fd(), "dev").unwrap();
        assert!(dir.path().join("dev").is_dir());
        symlink("dev", dir.path().join("proc")).unwrap();
        let error = base_directory(root.as_fd(), "proc").unwrap_err();
        assert_eq!(error.what, "/proc of the container is not a directory");
    }

    #[test]
    fn targets_stay_inside() {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("root");
        std::fs::create_dir(&dir).unwrap();
        let root = File::open(&dir).unwrap();
        symlink("../../..", dir.join("up")).unwrap();
        symlink("/../../canary", dir.join("dangling")).unwrap();
        make_target(root.as_fd(), "/up/a/b", Kind::Directory).unwrap();
        assert!(dir.join("a/b").is_dir());
        make_target(root.as_fd(), "/../../c", Kind::File).unwrap();
        assert!(dir.join("c").is_file());
        assert!(!outer.path().join("c").exists());
        assert_eq!(make_target(root.as_fd(), "/dangling/x", Kind::Directory).unwrap_err().errno, 2);
        assert!(!outer.path().join("canary").exists() && !dir.join("canary").exists());
        assert_eq!(make_target(root.as_fd(), "/a", Kind::File).unwrap_err().errno, 21);
        assert_eq!(make_target(root.as_fd(), "/c", Kind::Directory).unwrap_err().errno, 20);
        // Existing places are used as they are.
        make_target(root.as_fd(), "/c", Kind::File).unwrap();
    }
}
