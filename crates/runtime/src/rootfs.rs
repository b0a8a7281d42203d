//! The container's root.
//!
//! All of this runs in the builder (see [`crate::builder`]). Places in the container's tree are only ever reached
//! from its root descriptor.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::Errno;
use kernel::mount::{self, Attributes};
use rustix::fs::OFlags;

use crate::control::Failure;
use crate::failure::{During, Result, failure, step};
use crate::plan::{Filesystem, FilesystemSource, Plan, Root};
use crate::source::{Sources, is_directory, open_host};
use crate::userns::Owner;

mod target;

pub(crate) use target::{Kind, base_directory, check, make_target};

/// The container's root, attached in the builder's mount namespace.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    /// Root of the tree.
    pub(crate) root: OwnedFd,
    pub(crate) plan: &'a Plan,
    pub(crate) owner: Owner,
}

/// Places of [`Root::HostReadOnly`] that get a file system of their own, with its mode.
const PRIVATE: &[(&str, &str)] =
    &[("/tmp", "1777"), ("/run", "755"), ("/var/tmp", "1777"), ("/home", "755"), ("/root", "700")];

/// Places of [`Root::HostReadOnly`] where the host's mounts would only lie below ours.
const COVERED: &[&str] = &["/proc", "/sys", "/dev"];

impl<'a> Tree<'a> {
    /// Attaches the container's root over the builder's own `/`, where it is not in the way.
    pub(crate) fn attach(plan: &'a Plan, owner: Owner, userns: Option<BorrowedFd<'a>>) -> Result<Self> {
        let host = open_host(Path::new("/"), OFlags::PATH)?;
        let root = match &plan.root {
            Root::Filesystem(filesystem) => {
                open_root(filesystem, Sources { idmap: plan.idmap.as_ref(), owner, userns })?
            }
            Root::HostReadOnly => {
                let root =
                    mount::clone_tree(host.as_fd(), Path::new(""), true).during(step::FILESYSTEM, "/")?;
                let attributes = Attributes::READ_ONLY.and(Attributes::NO_DEV).and(Attributes::NO_SUID);
                mount::add_attributes(root.as_fd(), attributes, true).during(step::FILESYSTEM, "/")?;
                root
            }
        };
        mount::attach(root.as_fd(), host.as_fd()).during(step::FILESYSTEM, "/")?;
        let tree = Self { root, plan, owner };
        if plan.root == Root::HostReadOnly {
            tree.hide_host()?;
        }
        Ok(tree)
    }

    /// Covers the writable and the private places of the host's root.
    fn hide_host(&self) -> Result<()> {
        let root_mount = mount::identity(self.root.as_fd()).during(step::FILESYSTEM, "/")?.0;
        for path in COVERED.iter().copied().chain(PRIVATE.iter().map(|(path, _)| *path)) {
            while let Ok(place) = self.open(path, OFlags::PATH | OFlags::DIRECTORY) {
                let (id, is_root) = mount::identity(place.as_fd()).during(step::FILESYSTEM, path)?;
                if !is_root || id == root_mount {
                    break;
                }
                mount::detach_at(place.as_fd()).during(step::FILESYSTEM, path)?;
            }
        }
        for (path, mode) in PRIVATE {
            let place = match self.open(path, OFlags::PATH | OFlags::DIRECTORY) {
                // A host without it needs no cover for it.
                Err(Errno::NOENT) => continue,
                other => other.during(step::FILESYSTEM, path)?,
            };
            let private = mount::new("tmpfs", &[("mode", mode)], Attributes::NO_SUID.and(Attributes::NO_DEV))
                .during(step::FILESYSTEM, path)?;
            mount::attach(private.as_fd(), place.as_fd()).during(step::FILESYSTEM, path)?;
        }
        Ok(())
    }

    /// Opens a path of the container.
    pub(crate) fn open(&self, path: &str, flags: OFlags) -> kernel::Result<OwnedFd> {
        kernel::path::open_in_root(self.root.as_fd(), Path::new(path), flags)
    }

    /// Makes the mount points that are missing in a root that will be read-only. Those in what is mounted before are
    /// not the root's.
    pub(crate) fn make_targets(&self) -> Result<()> {
        if !matches!(&self.plan.root, Root::Filesystem(root) if root.readonly) {
            return Ok(());
        }
        let filesystems = &self.plan.filesystems;
        for (index, filesystem) in filesystems.iter().enumerate() {
            let target = Path::new(&filesystem.target);
            if filesystems[..index].iter().any(|earlier| target.starts_with(&earlier.target)) {
                continue;
            }
            let source = match &filesystem.source {
                FilesystemSource::Host { path } => open_host(path, OFlags::PATH).ok(),
                FilesystemSource::Bind { path } => self.open(path, OFlags::PATH).ok(),
                _ => None,
            };
            let is_directory =
                source.map(|source| is_directory(source.as_fd(), &filesystem.target)).transpose()?;
            let kind = if is_directory == Some(false) { Kind::File } else { Kind::Directory };
            // What is in the way now is in the way when it is mounted, and explained then.
            let _ = make_target(self.root.as_fd(), &filesystem.target, kind);
        }
        Ok(())
    }

    /// The last step: a read-only root becomes so, and the tree replaces the host's.
    pub(crate) fn become_root(&self) -> Result<()> {
        if matches!(&self.plan.root, Root::Filesystem(root) if root.readonly) {
            mount::add_attributes(self.root.as_fd(), Attributes::READ_ONLY, false)
                .during(step::FILESYSTEM, "/")?;
        }
        match mount::change_root(self.root.as_fd()) {
            Err(Errno::INVAL) => Err(root_is_ramfs()),
            other => other.during(step::FILESYSTEM, "pivot_root"),
        }
    }
}

/// The detached mount of a container's own root. Read-only it becomes at the end: mount points may be missing.
fn open_root(filesystem: &Filesystem, sources: Sources<'_>) -> Result<OwnedFd> {
    let root = sources.open(filesystem)?.ok_or_else(|| {
        failure(step::PLAN, "a directory of the container itself (type='bind') cannot be its root")
    })?;
    if !is_directory(root.as_fd(), "/")? {
        let what = match &filesystem.source {
            FilesystemSource::Host { path } => path.display().to_string(),
            _ => "/".to_owned(),
        };
        return Err(crate::failure::failed(step::FILESYSTEM, what, Errno::NOTDIR));
    }
    if filesystem.readonly {
        mount::clear_attributes(root.as_fd(), Attributes::READ_ONLY, false).during(step::FILESYSTEM, "/")?;
    }
    Ok(root)
}

/// Why pivot_root(2) is not possible.
pub(crate) fn root_is_ramfs() -> Failure {
    failure(step::FILESYSTEM, "pivot_root: the host's own root is the initial ramfs, which cannot be left")
}
