//! The fifo by which sysvinit is asked for a runlevel.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, fstat, stat};

use super::Init;
use crate::control::StopAction;

/// Where inits have their fifo, inside the container.
const FIFOS: [&str; 3] = ["/run/initctl", "/dev/initctl", "/etc/.initctl"];

/// Writes the request to the first fifo that somebody reads; false if there is none.
pub(super) fn write(init: Init<'_>, action: StopAction) -> kernel::Result<bool> {
    let root = super::root_of(init)?;
    for path in FIFOS {
        let Some(fifo) = open_fifo(&root, path) else { continue };
        let message = message(action);
        // Shorter than PIPE_BUF: all or nothing.
        if rustix::io::write(&fifo, &message).is_ok_and(|written| written == message.len()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Opens a fifo for writing. The container may have put anything at that path, so it is looked at before it is
/// opened, links do not lead out of the root, and a fifo of the host's own init (bound into the container) is
/// left alone. `None` also if nobody reads it.
fn open_fifo(root: &OwnedFd, path: &str) -> Option<OwnedFd> {
    let found = kernel::path::open_in_root(root.as_fd(), Path::new(path), OFlags::PATH).ok()?;
    let status = fstat(&found).ok()?;
    if FileType::from_raw_mode(status.st_mode) != FileType::Fifo {
        return None;
    }
    let is_hosts = |path: &str| {
        stat(path).is_ok_and(|host| (host.st_dev, host.st_ino) == (status.st_dev, status.st_ino))
    };
    if FIFOS.into_iter().any(is_hosts) {
        return None;
    }
    let again = format!("/proc/self/fd/{}", found.as_raw_fd());
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::open(again, flags, Mode::empty()).ok()
}

/// `struct init_request` of sysvinit's initreq.h: change to runlevel 0 or 6.
pub(super) fn message(action: StopAction) -> [u8; 384] {
    const MAGIC: u32 = 0x0309_1969;
    const RUNLEVEL: u32 = 1;
    let level = match action {
        StopAction::PowerOff => b'0',
        StopAction::Reboot => b'6',
    };
    let mut message = [0; 384];
    for (place, word) in message.chunks_exact_mut(4).zip([MAGIC, RUNLEVEL, u32::from(level)]) {
        place.copy_from_slice(&word.to_ne_bytes());
    }
    message
}
