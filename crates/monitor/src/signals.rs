//! Signals as events.

use std::os::fd::{AsFd, BorrowedFd};

use kernel::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// Receives the signals that would otherwise end the monitor. All but `SIGTERM` are dropped.
#[derive(Debug)]
pub(crate) struct Signals {
    fd: SignalFd,
}

impl Signals {
    /// Default actions, and from now on the usual signals of a session's end only arrive here. They are
    /// inherited as blocked; whoever starts a program resets them.
    pub(crate) fn install() -> kernel::Result<Self> {
        kernel::process::reset_signals()?;
        let mut set = SigSet::empty();
        for signal in [
            Signal::SIGTERM,
            Signal::SIGHUP,
            Signal::SIGINT,
            Signal::SIGQUIT,
            Signal::SIGPIPE,
            Signal::SIGUSR1,
            Signal::SIGUSR2,
            Signal::SIGALRM,
            Signal::SIGTSTP,
            Signal::SIGTTIN,
            Signal::SIGTTOU,
        ] {
            set.add(signal);
        }
        set.thread_block().map_err(errno)?;
        let fd = SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).map_err(errno)?;
        Ok(Self { fd })
    }

    /// Whether `SIGTERM` came since the last call.
    pub(crate) fn terminate(&self) -> bool {
        let mut terminate = false;
        while let Ok(Some(info)) = self.fd.read_signal() {
            terminate |= i32::try_from(info.ssi_signo) == Ok(Signal::SIGTERM as i32);
        }
        terminate
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn errno(error: nix::Error) -> Errno {
    Errno::from_raw_os_error(error as i32)
}
