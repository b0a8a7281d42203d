//! Mounts by descriptor (fsopen(2), open_tree(2), move_mount(2), mount_setattr(2)).

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, StatxAttributes, StatxFlags};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags};

use crate::Result;

/// Attributes of a mount, as for mount_setattr(2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attributes(u64);

impl Attributes {
    /// None.
    pub const NONE: Self = Self(0);
    /// Read-only.
    pub const READ_ONLY: Self = Self(0x1);
    /// Set-user-id bits have no effect.
    pub const NO_SUID: Self = Self(0x2);
    /// Device nodes cannot be opened.
    pub const NO_DEV: Self = Self(0x4);
    /// Programs cannot be run.
    pub const NO_EXEC: Self = Self(0x8);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn mount_flags(self) -> MountAttrFlags {
        MountAttrFlags::from_bits_retain(u32::try_from(self.0).expect("all constants are below 16"))
    }
}

/// `struct mount_attr` of linux/mount.h.
#[repr(C, align(8))]
#[derive(Default)]
struct MountAttr {
    attr_set: u64,
    attr_clr: u64,
    propagation: u64,
    userns_fd: u64,
}

const MOUNT_ATTR_IDMAP: u64 = 0x0010_0000;

/// A new file system instance, not attached anywhere. Options with an empty value are flags.
pub fn new(kind: &str, options: &[(&str, &str)], attributes: Attributes) -> Result<OwnedFd> {
    let context = rustix::mount::fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
    for (key, value) in options {
        if value.is_empty() {
            rustix::mount::fsconfig_set_flag(&context, *key)?;
        } else {
            rustix::mount::fsconfig_set_string(&context, *key, *value)?;
        }
    }
    rustix::mount::fsconfig_create(&context)?;
    rustix::mount::fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes.mount_flags())
}

/// A detached copy of the mount at the path and, if `recursive`, of those below it. An empty path means `dir`
/// itself.
pub fn clone_tree(dir: BorrowedFd<'_>, path: &Path, recursive: bool) -> Result<OwnedFd> {
    let mut flags =
        OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
    flags.set(OpenTreeFlags::AT_RECURSIVE, recursive);
    rustix::mount::open_tree(dir, path, flags)
}

/// Attaches a detached mount on `target` (any file descriptor of the mount point, `O_PATH` suffices).
pub fn attach(mount: BorrowedFd<'_>, target: BorrowedFd<'_>) -> Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    rustix::mount::move_mount(mount, "", target, "", flags)
}

/// Adds attributes to a mount and, if `recursive`, to those below it (all or none).
pub fn add_attributes(mount: BorrowedFd<'_>, attributes: Attributes, recursive: bool) -> Result<()> {
    set_attr(mount, &MountAttr { attr_set: attributes.0, ..MountAttr::default() }, recursive)
}

/// Takes attributes away from a mount.
pub fn clear_attributes(mount: BorrowedFd<'_>, attributes: Attributes, recursive: bool) -> Result<()> {
    set_attr(mount, &MountAttr { attr_clr: attributes.0, ..MountAttr::default() }, recursive)
}

/// Makes the owners of files on a detached mount (and, if `recursive`, on those below) appear shifted by the map
/// of a user namespace. `EINVAL` if the file system cannot do that or the mount is mapped already.
pub fn idmap(mount: BorrowedFd<'_>, user_namespace: BorrowedFd<'_>, recursive: bool) -> Result<()> {
    let userns_fd = u64::try_from(user_namespace.as_raw_fd()).map_err(|_| crate::Errno::BADF)?;
    set_attr(mount, &MountAttr { attr_set: MOUNT_ATTR_IDMAP, userns_fd, ..MountAttr::default() }, recursive)
}

/// What happens to mounts that appear on one side of a shared mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagation {
    /// Nothing.
    Private,
    /// They appear here too, but not the other way.
    Slave,
    /// Both ways.
    Shared,
}

/// Sets the propagation of a mount and, if `recursive`, of those below it.
pub fn set_propagation(mount: BorrowedFd<'_>, propagation: Propagation, recursive: bool) -> Result<()> {
    let propagation = match propagation {
        Propagation::Private => libc::MS_PRIVATE,
        Propagation::Slave => libc::MS_SLAVE,
        Propagation::Shared => libc::MS_SHARED,
    };
    set_attr(mount, &MountAttr { propagation, ..MountAttr::default() }, recursive)
}

/// Detaches the mount whose root `mount` is, lazily. Changes the working directory to it.
pub fn detach_at(mount: BorrowedFd<'_>) -> Result<()> {
    rustix::process::fchdir(mount)?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)
}

/// Detaches the mount at a path of the calling process's own mount namespace, lazily.
pub fn detach_path(path: &Path) -> Result<()> {
    rustix::mount::unmount(path, UnmountFlags::DETACH)
}

/// Makes the attached mount `root` the root of the mount namespace and of every process in it, and detaches the
/// old root with all below it. Changes the working directory to the new root.
///
/// `EINVAL` if the old root is a ramfs of the boot (pivot_root(2)).
pub fn change_root(root: BorrowedFd<'_>) -> Result<()> {
    rustix::process::fchdir(root)?;
    // Old and new root then lie on top of each other, and `.` is the old one (pivot_root(2), notes).
    rustix::process::pivot_root(".", ".")?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)?;
    rustix::process::chdir("/")
}

/// Identity of the mount a descriptor is on, and whether the descriptor is that mount's root.
pub fn identity(fd: BorrowedFd<'_>) -> Result<(u64, bool)> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::SYMLINK_NOFOLLOW;
    let found = rustix::fs::statx(fd, "", flags, StatxFlags::MNT_ID)?;
    Ok((found.stx_mnt_id, found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)))
}

fn set_attr(mount: BorrowedFd<'_>, attr: &MountAttr, recursive: bool) -> Result<()> {
    let mut flags = libc::AT_EMPTY_PATH;
    if recursive {
        flags |= libc::AT_RECURSIVE;
    }
    // SAFETY: the path is an empty C string, attr has the kernel's layout and outlives the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            std::ptr::from_ref(attr),
            size_of::<MountAttr>(),
        )
    };
    crate::process::check(result).map(|_| ())
}
