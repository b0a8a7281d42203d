//! Counting events of a control group's processes (perf_event_open(2)).

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use crate::{Errno, Result};

/// What is counted: `type` and `config` of `struct perf_event_attr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// `PERF_TYPE_*`.
    pub kind: u32,
    /// Which of that type.
    pub config: u64,
}

/// `PERF_TYPE_HARDWARE`: processor counters, which a virtual machine may not have.
pub const HARDWARE: u32 = 0;
/// `PERF_TYPE_SOFTWARE`: the kernel's own.
pub const SOFTWARE: u32 = 1;

/// `struct perf_event_attr` of linux/perf_event.h as of its first version.
#[repr(C)]
#[derive(Default)]
struct Attr {
    kind: u32,
    size: u32,
    config: u64,
    sample_period: u64,
    sample_type: u64,
    read_format: u64,
    flags: u64,
    wakeup_events: u32,
    bp_type: u32,
    bp_addr: u64,
}

/// Counts an event on one processor while processes of `group` (directory of a control group that has the
/// `perf_event` controller) run there. [`read`] gives the number.
///
/// `ENOENT` or `EOPNOTSUPP`: not to be counted on this machine.
pub fn count(event: Event, group: BorrowedFd<'_>, cpu: u32) -> Result<OwnedFd> {
    let size = u32::try_from(size_of::<Attr>()).map_err(|_| Errno::OVERFLOW)?;
    let attr = Attr { kind: event.kind, size, config: event.config, ..Attr::default() };
    let cpu = i32::try_from(cpu).map_err(|_| Errno::INVAL)?;
    const PERF_FLAG_PID_CGROUP: libc::c_ulong = 1 << 2;
    const PERF_FLAG_FD_CLOEXEC: libc::c_ulong = 1 << 3;
    // SAFETY: attr has the layout and size the kernel expects and outlives the call; the rest are integers.
    let result = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            &raw const attr,
            group.as_raw_fd(),
            cpu,
            -1,
            PERF_FLAG_PID_CGROUP | PERF_FLAG_FD_CLOEXEC,
        )
    };
    let fd = i32::try_from(crate::process::check(result)?).map_err(|_| Errno::OVERFLOW)?;
    // SAFETY: the call succeeded, so this is a new descriptor that nobody owns yet.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// How many so far.
pub fn read(counter: BorrowedFd<'_>) -> Result<u64> {
    let mut bytes = [0; 8];
    match rustix::io::read(counter, &mut bytes)? {
        8 => Ok(u64::from_ne_bytes(bytes)),
        _ => Err(Errno::IO),
    }
}
