//! A terminal of the host that shows a console to tools which open the path in
//! `<console><source path='/dev/pts/N'/>`.

use std::os::fd::{AsFd, OwnedFd};

use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// Both sides of the terminal.
#[derive(Debug)]
pub(crate) struct Mirror {
    master: OwnedFd,
    /// Held open: without it the master would count as hung up whenever no tool has the terminal open.
    _terminal: OwnedFd,
    number: u32,
}

impl Mirror {
    pub(crate) fn open() -> kernel::Result<Self> {
        let pair = kernel::pty::open_host()?;
        make_raw(&pair.terminal)?;
        let number = kernel::pty::number(pair.master.as_fd())?;
        Ok(Self { master: pair.master, _terminal: pair.terminal, number })
    }

    /// What a tool opens.
    pub(crate) fn path(&self) -> String {
        format!("/dev/pts/{}", self.number)
    }

    /// Controlling side, nonblocking: what tools type can be read there.
    pub(crate) const fn master(&self) -> &OwnedFd {
        &self.master
    }

    /// Makes it usable again after a vhangup(2).
    pub(crate) fn revive(&mut self) -> kernel::Result<()> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        self._terminal = rustix::pty::ioctl_tiocgptpeer(&self.master, flags)?;
        make_raw(&self._terminal)
    }

    /// Shows output. Dropped when it is full, as nobody may be reading.
    pub(crate) fn show(&self, data: &[u8]) {
        let _ = rustix::io::write(&self.master, data);
    }
}

/// An echo would come back to the container as typed.
fn make_raw(terminal: &OwnedFd) -> kernel::Result<()> {
    let mut mode = tcgetattr(terminal)?;
    mode.make_raw();
    tcsetattr(terminal, OptionalActions::Now, &mode)
}
