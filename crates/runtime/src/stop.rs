//! Asking init to power off or reboot.
//!
//! Every init has its own signals for that, and a signal without a handler never reaches the first process of a
//! pid namespace (pid_namespaces(7)). So what init is and what it handles is looked up first, and a request that
//! nobody would hear is refused instead of reported as done.

use std::os::fd::{BorrowedFd, OwnedFd};

use kernel::Errno;
use rustix::fs::{Mode, OFlags};

use crate::control::{Failure, StopAction};

mod facts;
mod initctl;
mod runit;

use facts::{Facts, SIGTERM};

/// The first process of a container.
#[derive(Debug, Clone, Copy)]
pub struct Init<'a> {
    /// Host pid.
    pub pid: i32,
    /// Pidfd of it, not reaped by anybody else meanwhile.
    pub pidfd: BorrowedFd<'a>,
}

/// How the request was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Through the fifo of sysvinit, which systemd may also serve.
    Initctl,
    /// By a signal that this init takes for the request.
    Signal(i32),
    /// By the flag files of runit, and `SIGCONT` to make it look at them.
    Runit,
    /// By `SIGTERM` to a program that just ends. For a reboot the caller has to start it again.
    Terminate,
}

/// Asks `init` for `action` in the ways allowed: first the initctl fifo, then a signal.
///
/// Returns when the request was delivered, not when it was carried out. errno of the failure: `EOPNOTSUPP` if
/// this init hears none of the allowed ways, `ESRCH` if it has ended.
pub fn request(
    init: Init<'_>,
    action: StopAction,
    initctl: bool,
    signal: bool,
) -> Result<Delivered, Failure> {
    let failed = |what: &str, errno: Errno| Failure {
        step: step(action).to_owned(),
        what: what.to_owned(),
        errno: errno.raw_os_error(),
    };
    if initctl && initctl::write(init, action).map_err(|errno| failed("initctl", errno))? {
        return Ok(Delivered::Initctl);
    }
    if !signal {
        return Err(failed("init has no initctl fifo", Errno::OPNOTSUPP));
    }
    let mut delivered = None;
    for _ in 0..LOOKS {
        let facts = Facts::read(init.pid).map_err(|errno| failed("state of init", errno))?;
        delivered = facts.choose(action);
        if delivered.is_some() {
            break;
        }
    }
    let Some(delivered) = delivered else {
        return Err(failed("init handles none of the signals", Errno::OPNOTSUPP));
    };
    let signal = match delivered {
        Delivered::Signal(signal) => signal,
        Delivered::Runit => {
            if !runit::set_flags(init, action).map_err(|errno| failed("flag files of runit", errno))? {
                return Err(failed("runit has no flag files to stop by", Errno::OPNOTSUPP));
            }
            runit::SIGCONT
        }
        Delivered::Terminate | Delivered::Initctl => SIGTERM,
    };
    kernel::pidfd::send_signal(init.pidfd, signal).map_err(|errno| failed("signal to init", errno))?;
    Ok(delivered)
}

/// How often to look at an init that seems to handle nothing: it may be between waiting and blocking.
const LOOKS: usize = 3;

const fn step(action: StopAction) -> &'static str {
    match action {
        StopAction::PowerOff => "shutdown",
        StopAction::Reboot => "reboot",
    }
}

/// The container's root, as init sees it now.
fn root_of(init: Init<'_>) -> kernel::Result<OwnedFd> {
    let root = format!("/proc/{}/root", init.pid);
    let root = rustix::fs::open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    // It lives, so /proc/PID was it and not a later process with the same pid.
    kernel::pidfd::send_signal(init.pidfd, 0)?;
    Ok(root)
}

#[cfg(test)]
mod tests;
