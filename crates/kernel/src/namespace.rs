//! Namespaces (namespaces(7), setns(2), unshare(2)).

use std::ops::BitOr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::thread::{ThreadNameSpaceType, UnshareFlags};

use crate::{Errno, Result};

/// A kind of namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Mount points.
    Mount,
    /// Process ids.
    Pid,
    /// System V IPC and POSIX message queues.
    Ipc,
    /// Host name.
    Uts,
    /// Network.
    Net,
    /// Root of the control groups.
    Cgroup,
    /// User ids and capabilities.
    User,
    /// Offsets of the monotonic clocks; see [`crate::timens`].
    Time,
}

impl Kind {
    /// Name in `/proc/PID/ns`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mount => "mnt",
            Self::Pid => "pid",
            Self::Ipc => "ipc",
            Self::Uts => "uts",
            Self::Net => "net",
            Self::Cgroup => "cgroup",
            Self::User => "user",
            Self::Time => "time",
        }
    }

    const fn flag(self) -> u32 {
        match self {
            Self::Time => 0x0000_0080,
            Self::Mount => 0x0002_0000,
            Self::Cgroup => 0x0200_0000,
            Self::Uts => 0x0400_0000,
            Self::Ipc => 0x0800_0000,
            Self::User => 0x1000_0000,
            Self::Pid => 0x2000_0000,
            Self::Net => 0x4000_0000,
        }
    }
}

/// A set of [`Kind`]s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u32);

impl Kinds {
    /// No namespace.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// This set and `kind`.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | kind.flag())
    }

    /// This set but `kind`.
    #[must_use]
    pub const fn without(self, kind: Kind) -> Self {
        Self(self.0 & !kind.flag())
    }

    /// Whether `kind` is in the set.
    #[must_use]
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & kind.flag() != 0
    }

    pub(crate) fn clone_flags(self) -> u64 {
        u64::from(self.0)
    }
}

impl From<Kind> for Kinds {
    fn from(kind: Kind) -> Self {
        Self(kind.flag())
    }
}

impl BitOr for Kinds {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Enters a namespace by its descriptor. `EINVAL` if it is of another kind.
///
/// Mount, user, time: the process must have one thread. Pid: counts for children only.
pub fn enter(namespace: BorrowedFd<'_>, kind: Kind) -> Result<()> {
    let kind = match kind {
        Kind::Mount => rustix::thread::LinkNameSpaceType::Mount,
        Kind::Pid => rustix::thread::LinkNameSpaceType::ProcessID,
        Kind::Ipc => rustix::thread::LinkNameSpaceType::InterProcessCommunication,
        Kind::Uts => rustix::thread::LinkNameSpaceType::HostNameAndNISDomainName,
        Kind::Net => rustix::thread::LinkNameSpaceType::Network,
        Kind::Cgroup => rustix::thread::LinkNameSpaceType::ControlGroup,
        Kind::User => rustix::thread::LinkNameSpaceType::User,
        Kind::Time => rustix::thread::LinkNameSpaceType::Time,
    };
    rustix::thread::move_into_link_name_space(namespace, Some(kind))
}

/// Enters several namespaces of a process at once, by its pidfd (Linux 5.8).
pub fn enter_of(pidfd: BorrowedFd<'_>, kinds: Kinds) -> Result<()> {
    rustix::thread::move_into_thread_name_spaces(pidfd, ThreadNameSpaceType::from_bits_retain(kinds.0))
}

/// Leaves the given namespaces for new ones.
pub fn unshare(kinds: Kinds) -> Result<()> {
    // SAFETY: UnshareFlags may contain FILES, which would break the assumption that descriptors are the same in
    // all threads; Kinds cannot hold it.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::from_bits_retain(kinds.0)) }
}

/// Opens the namespace of a process. The pidfd makes sure that `pid` is still the process meant: `ESRCH` if it
/// has ended.
pub fn of_process(pid: i32, pidfd: BorrowedFd<'_>, kind: Kind) -> Result<OwnedFd> {
    let path = format!("/proc/{pid}/ns/{}", kind.name());
    let fd = rustix::fs::open(path.as_str(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
    // Alive after the open, so /proc/PID was that process at the time.
    crate::pidfd::send_signal(pidfd, 0)?;
    fd
}

/// Opens a bind-mounted namespace (`/run/netns/NAME`) and checks its kind: `EINVAL` if it is no namespace of
/// that kind.
pub fn at_path(path: &Path, kind: Kind) -> Result<OwnedFd> {
    let fd = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK, Mode::empty())?;
    if kind_of(fd.as_fd())? != kind.flag() {
        return Err(Errno::INVAL);
    }
    Ok(fd)
}

/// Opens a namespace of the calling process.
pub fn own(kind: Kind) -> Result<OwnedFd> {
    let path = format!("/proc/self/ns/{}", kind.name());
    rustix::fs::open(path.as_str(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
}

/// Inode of a namespace: its identity, shown by readlink of `/proc/PID/ns/KIND`.
pub fn inode(namespace: BorrowedFd<'_>) -> Result<u64> {
    Ok(rustix::fs::fstat(namespace)?.st_ino)
}

/// `CLONE_NEW*` of a namespace descriptor (ioctl_nsfs(2), `NS_GET_NSTYPE`). Other files: `EINVAL`.
fn kind_of(namespace: BorrowedFd<'_>) -> Result<u32> {
    use std::os::fd::AsRawFd;
    if rustix::fs::fstatfs(namespace)?.f_type != libc::NSFS_MAGIC {
        return Err(Errno::INVAL);
    }
    const NS_GET_NSTYPE: libc::Ioctl = 0xb703;
    // SAFETY: the request takes no argument, and the descriptor is of nsfs.
    let result = unsafe { libc::ioctl(namespace.as_raw_fd(), NS_GET_NSTYPE) };
    u32::try_from(crate::process::check(result.into())?).map_err(|_| Errno::INVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_own_namespaces() {
        assert!(at_path(Path::new("/proc/self/ns/net"), Kind::Net).is_ok());
        assert_eq!(at_path(Path::new("/proc/self/ns/net"), Kind::Pid).unwrap_err(), Errno::INVAL);
        assert_eq!(at_path(Path::new("/proc/self/status"), Kind::Net).unwrap_err(), Errno::INVAL);
        let own = own(Kind::Pid).unwrap();
        let link = std::fs::read_link("/proc/self/ns/pid").unwrap();
        assert_eq!(link.to_str().unwrap(), format!("pid:[{}]", inode(own.as_fd()).unwrap()));
    }
}
