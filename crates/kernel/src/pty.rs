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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_talk() {
        let pair = open_host().unwrap();
        assert_eq!(rustix::io::read(&pair.master, &mut [0; 8]), Err(crate::Errno::AGAIN));
        rustix::io::write(&pair.terminal, b"hi").unwrap();
        let mut text = [0; 8];
        assert_eq!(rustix::io::read(&pair.master, &mut text).unwrap(), 2);
        assert_eq!(&text[..2], b"hi");
        let path = format!("/dev/pts/{}", number(pair.master.as_fd()).unwrap());
        assert_eq!(
            rustix::fs::stat(path.as_str()).unwrap().st_rdev,
            rustix::fs::fstat(&pair.terminal).unwrap().st_rdev
        );
    }
}
