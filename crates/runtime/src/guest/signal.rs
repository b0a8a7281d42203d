//! Signals to processes of the container, by their pids inside.

use kernel::Errno;
use kernel::clone::{self, Options};
use kernel::namespace::{self, Kind, Kinds};
use kernel::pidfd::{self, Exit};
use std::os::fd::AsFd;

use super::{Inside, STEP};
use crate::failure::{During, Result, failed};

/// Sends a signal to a process, or with a negative pid to a process group. A process in the container's pid
/// namespace does it, so that the number means what it means there, at that moment.
pub(super) fn send(inside: &Inside<'_>, pid: i32, signal: i32) -> Result<()> {
    let what = || format!("signal {signal} to process {pid}");
    namespace::enter_of(inside.init, Kinds::from(Kind::Pid)).during(STEP, "pid")?;
    let sender = clone::spawn(&Options { keep: Some(&[]), ..Options::default() }, || {
        match kernel::process::kill(pid, signal) {
            Ok(()) => 0,
            Err(errno) => errno.raw_os_error().clamp(1, 99),
        }
    });
    let sender = sender.during(STEP, "cannot make a process")?;
    match pidfd::wait(sender.pidfd.as_fd()).during(STEP, what())? {
        Exit::Status(0) => Ok(()),
        Exit::Status(errno) => Err(failed(STEP, what(), Errno::from_raw_os_error(errno))),
        // It was hit itself: a group that it is in, or the end of the container.
        Exit::Signal(_) => Err(failed(STEP, what(), Errno::SRCH)),
    }
}
