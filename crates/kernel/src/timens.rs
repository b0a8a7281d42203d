//! Clocks that begin anew (time_namespaces(7), Linux 5.6).

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::namespace::{self, Kind};
use crate::{Errno, Result};

/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

/// From now on children of this process are born into a new time namespace, whose `CLOCK_MONOTONIC` and
/// `CLOCK_BOOTTIME` begin at zero now. Returns what [`namespace::enter`] takes to end that; `None` if the kernel has
/// no such namespaces.
///
/// The process must have one thread, or it could not go back (`EUSERS`).
pub fn restart_clocks_of_children() -> Result<Option<OwnedFd>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let own = match rustix::fs::open("/proc/self/ns/time_for_children", flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        other => other?,
    };
    namespace::unshare(Kind::Time.into())?;
    let offsets = [("monotonic", ClockId::Monotonic), ("boottime", ClockId::Boottime)]
        .map(|(name, clock)| offset_line(name, clock_gettime(clock)));
    match crate::fd::write_existing(Path::new("/proc/self/timens_offsets"), &offsets.concat()) {
        Ok(()) => Ok(Some(own)),
        Err(errno) => {
            use std::os::fd::AsFd;
            namespace::enter(own.as_fd(), Kind::Time)?;
            Err(errno)
        }
    }
}

/// The line that makes a clock which shows `now` show zero. The nanoseconds must not be negative, and the sum must not
/// either: by the time it is written, it is a little more than zero.
fn offset_line(name: &str, now: Timespec) -> String {
    let nanoseconds = (SECOND - now.tv_nsec) % SECOND;
    let seconds = -now.tv_sec - i64::from(nanoseconds != 0);
    format!("{name} {seconds} {nanoseconds}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_add_up_to_zero() {
        let line = |tv_sec, tv_nsec| offset_line("monotonic", Timespec { tv_sec, tv_nsec });
        assert_eq!(line(100, 0), "monotonic -100 0\n");
        assert_eq!(line(100, 1), "monotonic -101 999999999\n");
        assert_eq!(line(0, 999_999_999), "monotonic -1 1\n");
    }
}
