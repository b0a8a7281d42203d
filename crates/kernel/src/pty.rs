//! Pseudoterminals of a given devpts instance (pts(4)).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;

use crate::Result;

/// Both ends of a pseudoterminal.
#[derive(Debug)]
pub struct Pair {
    /// The controlling side, nonblocking.
    pub master: OwnedFd,
    /// The terminal.
    pub terminal: OwnedFd,
}

/// Allocates a pseudoterminal in the devpts instance mounted (or detached) at `devpts`.
///
/// The terminal is opened through the master (`TIOCGPTPEER`), never by a path of the container.
pub fn open(devpts: BorrowedFd<'_>) -> Result<Pair> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let master = rustix::fs::openat(devpts, "ptmx", flags, Mode::empty())?;
    rustix::pty::unlockpt(&master)?;
    let terminal = rustix::pty::ioctl_tiocgptpeer(
        &master,
        OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC,
    )?;
    Ok(Pair { master, terminal })
}

/// Number of the terminal within its devpts instance.
pub fn number(master: BorrowedFd<'_>) -> Result<u32> {
    let name = rustix::pty::ptsname(master, Vec::new())?;
    name.to_str().ok().and_then(|name| name.rsplit('/').next()?.parse().ok()).ok_or(crate::Errno::IO)
}

/// Opens a pseudoterminal of the host's own devpts.
pub fn open_host() -> Result<Pair> {
    let dir = rustix::fs::open(
        Path::new("/dev/pts"),
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    open(dir.as_fd())
}
