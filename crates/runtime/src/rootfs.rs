//! The container's tree of mounts: the root and the file systems of the plan.
//!
//! All of this runs in the builder (see [`crate::builder`]). Sources are paths of the host and trusted; targets
//! are places in the container's tree and are only ever reached from its root descriptor.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::Errno;
use kernel::mount::{self, Attributes};
use rustix::fs::{FileType, Mode, OFlags};

use crate::control::Failure;
use crate::failure::{During, Result, failed, failure, step};
use crate::plan::{Filesystem, FilesystemSource, IdMap, Plan, Root};
use crate::userns::Owner;

mod idmapped;
mod target;

pub(crate) use target::{Kind, base_directory, make_target};

/// The container's root, attached in the builder's mount namespace.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    /// Root of the tree.
    pub(crate) root: OwnedFd,
    pub(crate) plan: &'a Plan,
    pub(crate) owner: Owner,
    /// The container's user namespace, if its mounts are to be mapped to it.
    mapping: Option<BorrowedFd<'a>>,
}

/// Places of [`Root::HostReadOnly`] that get a file system of their own, with its mode.
const PRIVATE: &[(&str, &str)] =
    &[("/tmp", "1777"), ("/run", "755"), ("/var/tmp", "1777"), ("/home", "755"), ("/root", "700")];

/// Places of [`Root::HostReadOnly`] where the host's mounts would only lie below ours.
const COVERED: &[&str] = &["/proc", "/sys", "/dev"];

impl<'a> Tree<'a> {
    /// Attaches the container's root over the builder's own `/`, where it is not in the way.
    pub(crate) fn attach(plan: &'a Plan, owner: Owner, userns: Option<BorrowedFd<'a>>) -> Result<Self> {
        let mapping = userns.filter(|_| plan.idmap.as_ref().is_some_and(|map: &IdMap| map.idmapped_mounts));
        let host = open_host(Path::new("/"), OFlags::PATH)?;
        let root = match &plan.root {
            Root::Directory { source, readonly } => {
                let root = Self::clone_source(source, mapping, *readonly)?;
                if *readonly {
                    // Not the root itself yet: mount points may be missing.
                    mount::clear_attributes(root.as_fd(), Attributes::READ_ONLY, false)
                        .during(step::FILESYSTEM, source.display())?;
                }
                root
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
        let tree = Self { root, plan, owner, mapping };
        if plan.root == Root::HostReadOnly {
            tree.hide_host()?;
        }
        Ok(tree)
    }

    /// A detached copy of a host directory or file with the mounts below it, mapped if the plan says so.
    fn clone_source(source: &Path, mapping: Option<BorrowedFd<'_>>, readonly: bool) -> Result<OwnedFd> {
        let opened = open_host(source, OFlags::PATH)?;
        let tree = mount::clone_tree(opened.as_fd(), Path::new(""), true)
            .during(step::FILESYSTEM, source.display())?;
        if let Some(userns) = mapping {
            match mount::idmap(tree.as_fd(), userns, true) {
                Err(Errno::INVAL | Errno::PERM) => return Err(idmapped::explain(source, userns)),
                other => other.during(step::FILESYSTEM, source.display())?,
            }
        }
        if readonly {
            mount::add_attributes(tree.as_fd(), Attributes::READ_ONLY, true)
                .during(step::FILESYSTEM, source.display())?;
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

    /// Mounts the file systems of the plan. `dev` is the container's `/dev`, which stays ours.
    pub(crate) fn mount_filesystems(&self, dev: BorrowedFd<'_>) -> Result<()> {
        self.plan.filesystems.iter().try_for_each(|filesystem| self.mount_filesystem(filesystem, dev))
    }

    fn mount_filesystem(&self, filesystem: &Filesystem, dev: BorrowedFd<'_>) -> Result<()> {
        let target = filesystem.target.as_str();
        let source = self.open_source(filesystem)?;
        let kind = match rustix::fs::fstat(&source) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => Kind::Directory,
            Ok(_) => Kind::File,
            Err(errno) => return Err(failed(step::FILESYSTEM, target, errno)),
        };
        let place = make_target(self.root.as_fd(), target, kind)?;
        target::check(place.as_fd(), dev, target)?;
        mount::attach(source.as_fd(), place.as_fd()).during(step::FILESYSTEM, target)
    }

    /// The detached mount of a file system.
    fn open_source(&self, filesystem: &Filesystem) -> Result<OwnedFd> {
        let readonly = if filesystem.readonly { Attributes::READ_ONLY } else { Attributes::NONE };
        match &filesystem.source {
            FilesystemSource::Host { path } => Self::clone_source(path, self.mapping, filesystem.readonly),
            FilesystemSource::Bind { path } => {
                let source = self.open(path, OFlags::PATH).during(step::FILESYSTEM, path)?;
                let tree =
                    mount::clone_tree(source.as_fd(), Path::new(""), false).during(step::FILESYSTEM, path)?;
                mount::add_attributes(tree.as_fd(), readonly, false).during(step::FILESYSTEM, path)?;
                Ok(tree)
            }
            FilesystemSource::Ram { bytes } => {
                let attributes = Attributes::NO_SUID.and(Attributes::NO_DEV).and(readonly);
                mount::new("tmpfs", &[("size", &bytes.to_string()), ("mode", "755")], attributes)
                    .during(step::FILESYSTEM, &filesystem.target)
            }
        }
    }

    /// The last step: a read-only root becomes so, and the tree replaces the host's.
    pub(crate) fn become_root(&self) -> Result<()> {
        if matches!(self.plan.root, Root::Directory { readonly: true, .. }) {
            mount::add_attributes(self.root.as_fd(), Attributes::READ_ONLY, false)
                .during(step::FILESYSTEM, "/")?;
        }
        match mount::change_root(self.root.as_fd()) {
            Err(Errno::INVAL) => Err(root_is_ramfs()),
            other => other.during(step::FILESYSTEM, "pivot_root"),
        }
    }
}

/// Opens a path of the host.
fn open_host(path: &Path, flags: OFlags) -> Result<OwnedFd> {
    rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::empty()).during(step::FILESYSTEM, path.display())
}

fn root_is_ramfs() -> Failure {
    failure(step::FILESYSTEM, "pivot_root: the host's own root is the initial ramfs, which cannot be left")
}
