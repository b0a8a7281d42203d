//! New processes by clone3(2): with a pidfd, in given namespaces, in a given control group.

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::namespace::Kinds;
use crate::{Errno, Result};

/// What the new process is like.
#[derive(Debug, Default)]
pub struct Options<'a> {
    /// Namespaces to make for it.
    pub namespaces: Kinds,
    /// Directory of a cgroup v2 group to be born in (`CLONE_INTO_CGROUP`).
    pub cgroup: Option<BorrowedFd<'a>>,
    /// It becomes a sibling instead of a child (`CLONE_PARENT`).
    pub sibling: bool,
    /// Descriptors that stay open in it besides the standard streams; `None` keeps all.
    pub keep: Option<&'a [BorrowedFd<'a>]>,
}

/// A new process.
#[derive(Debug)]
pub struct Cloned {
    /// Pid in the caller's pid namespace.
    pub pid: i32,
    /// Descriptor of it.
    pub pidfd: OwnedFd,
}

/// `struct clone_args` of linux/sched.h up to `cgroup` (`CLONE_ARGS_SIZE_VER2`).
#[repr(C, align(8))]
#[derive(Default)]
struct Args {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// Makes a process that runs `child` and exits with what it returns, 101 if it panics, 102 if the other
/// descriptors cannot be closed.
///
/// The process gets a copy of the caller's memory and descriptors, as with fork(2). Only a single-threaded
/// process may call this (`EBUSY` otherwise): in the copy of a threaded one, locks could be held for ever.
/// `child` may only use descriptors that [`Options::keep`] keeps.
pub fn spawn(options: &Options<'_>, child: impl FnOnce() -> i32) -> Result<Cloned> {
    if !crate::process::is_single_threaded()? {
        return Err(Errno::BUSY);
    }
    let mut pidfd: libc::c_int = -1;
    let mut flags = options.namespaces.clone_flags() | flag(libc::CLONE_PIDFD);
    let mut args = Args { pidfd: std::ptr::from_mut(&mut pidfd) as u64, ..Args::default() };
    if options.sibling {
        flags |= flag(libc::CLONE_PARENT);
    } else {
        args.exit_signal = flag(libc::SIGCHLD);
    }
    if let Some(group) = options.cgroup {
        flags |= CLONE_INTO_CGROUP;
        args.cgroup = u64::try_from(group.as_raw_fd()).map_err(|_| Errno::BADF)?;
    }
    args.flags = flags;
    // SAFETY: args has the layout and size the kernel expects and lives through the call, pidfd is a valid place
    // for the result. Without CLONE_VM the child has its own copy of everything, and as the process has one
    // thread no lock is held in that copy.
    let result = unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size_of::<Args>()) };
    let pid = crate::process::check(result)?;
    if pid == 0 {
        // SAFETY: in this process nothing but `child` runs any more, and what it uses is in `keep`.
        let closed = options.keep.map_or(Ok(()), |keep| unsafe { crate::fd::close_all_but(keep) });
        let status = match closed {
            Ok(()) => catch_unwind(AssertUnwindSafe(child)).unwrap_or(101),
            // A descriptor too many could keep others waiting for ever.
            Err(_) => 102,
        };
        // SAFETY: ends the process without running the parent's exit handlers and destructors in the copy.
        unsafe { libc::_exit(status) };
    }
    // SAFETY: the call succeeded with CLONE_PIDFD, so the kernel stored a new descriptor that nobody owns yet.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    Ok(Cloned { pid: i32::try_from(pid).map_err(|_| Errno::OVERFLOW)?, pidfd })
}

/// Not in the libc crate for all targets; linux/sched.h.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// A non-negative C constant as the kernel's 64 bits.
fn flag(value: libc::c_int) -> u64 {
    u64::from(value.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test runner has several threads; what [`spawn`] does otherwise is tested with the containers it makes.
    #[test]
    fn threaded_processes_are_refused() {
        let (reader, writer) = crate::fd::pipe().unwrap();
        let blocked = std::thread::spawn(move || rustix::io::read(&reader, &mut [0]).unwrap());
        assert_eq!(spawn(&Options::default(), || 0).unwrap_err(), Errno::BUSY);
        drop(writer);
        assert_eq!(blocked.join().unwrap(), 0);
    }
}
