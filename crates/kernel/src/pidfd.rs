//! Processes by descriptor, immune to reuse of pids (pidfd_open(2)).

use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};

use crate::{Errno, Result};

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It exited with this status.
    Status(i32),
    /// A signal killed it.
    Signal(i32),
}

/// Opens a process. `ESRCH` if there is none.
pub fn open(pid: i32) -> Result<OwnedFd> {
    rustix::process::pidfd_open(Pid::from_raw(pid).ok_or(Errno::SRCH)?, PidfdFlags::empty())
}

/// Sends a signal by its kernel number; real-time signals included. 0 only asks whether the process lives.
pub fn send_signal(pidfd: BorrowedFd<'_>, signal: i32) -> Result<()> {
    use std::os::fd::AsRawFd;
    // SAFETY: pidfd is borrowed for the call; a null siginfo is allowed (pidfd_send_signal(2)).
    let result = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    };
    crate::process::check(result).map(|_| ())
}

/// `SIGKILL`; no error if the process is gone already.
pub fn kill(pidfd: BorrowedFd<'_>) -> Result<()> {
    match rustix::process::pidfd_send_signal(pidfd, Signal::KILL) {
        Err(Errno::SRCH) => Ok(()),
        other => other,
    }
}

/// Waits until the child has ended, and reaps it.
pub fn wait(pidfd: BorrowedFd<'_>) -> Result<Exit> {
    loop {
        match wait_with(pidfd, WaitIdOptions::EXITED) {
            Ok(Some(exit)) => return Ok(exit),
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reaps the child if it has ended. A pidfd is readable in poll(2) when it has.
pub fn try_wait(pidfd: BorrowedFd<'_>) -> Result<Option<Exit>> {
    wait_with(pidfd, WaitIdOptions::EXITED | WaitIdOptions::NOHANG)
}

fn wait_with(pidfd: BorrowedFd<'_>, options: WaitIdOptions) -> Result<Option<Exit>> {
    let Some(status) = rustix::process::waitid(WaitId::PidFd(pidfd), options)? else { return Ok(None) };
    if let Some(code) = status.exit_status() {
        return Ok(Some(Exit::Status(code)));
    }
    Ok(status.terminating_signal().map(Exit::Signal))
}

/// Start time of a process in clock ticks since boot: field 22 of `/proc/PID/stat` (proc_pid_stat(5)).
pub fn start_time(pid: i32) -> Result<u64> {
    let stat = crate::fd::read_to_string(Path::new(&format!("/proc/{pid}/stat")))?;
    parse_start_time(&stat).ok_or(Errno::IO)
}

/// The command name (field 2) may contain anything, so fields are counted from the last `)`.
fn parse_start_time(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_time_survives_odd_names() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 10 20";
        assert_eq!(parse_start_time(stat), Some(4711));
        assert_eq!(parse_start_time("7 (a"), None);
    }

    #[test]
    fn own_start_time() {
        let pid = i32::try_from(std::process::id()).unwrap();
        assert!(start_time(pid).unwrap() > 0);
        assert_eq!(start_time(i32::MAX), Err(Errno::NOENT));
    }
}
