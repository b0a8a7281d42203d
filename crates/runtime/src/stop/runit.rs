//! The flag files of runit: it stops when one has its execute bit set, and reboots rather than halts when the other
//! has (runit-init(8), runit(8)).

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;

use kernel::Errno;
use rustix::fs::{CWD, FileType, Mode, OFlags, fstat};

use super::Init;
use crate::control::StopAction;

/// Makes runit look at its flags. Kernel number of x86 and ARM, signal(7).
pub(super) const SIGCONT: i32 = 18;

/// Where the flags `stopit` and `reboot` are: as Debian builds it, and as its author does. Both are there once runit
/// has booted; a distribution that keeps /etc clean has links there.
const FLAGS: [(&str, &str); 2] =
    [("/run/runit.stopit", "/run/runit.reboot"), ("/etc/runit/stopit", "/etc/runit/reboot")];

/// Sets the flags; false if there are none.
pub(super) fn set_flags(init: Init<'_>, action: StopAction) -> kernel::Result<bool> {
    let root = super::root_of(init)?;
    for (stopit, reboot) in FLAGS {
        let (Some(stopit), Some(reboot)) = (open_flag(&root, stopit)?, open_flag(&root, reboot)?) else {
            continue;
        };
        set(&reboot, action == StopAction::Reboot)?;
        set(&stopit, true)?;
        return Ok(true);
    }
    Ok(false)
}

/// A regular file of the container; `None` for anything else.
fn open_flag(root: &OwnedFd, path: &str) -> kernel::Result<Option<OwnedFd>> {
    match kernel::path::open_in_root(root.as_fd(), Path::new(path), OFlags::PATH) {
        Ok(flag) => {
            let regular = FileType::from_raw_mode(fstat(&flag)?.st_mode) == FileType::RegularFile;
            Ok(regular.then_some(flag))
        }
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(errno) => Err(errno),
    }
}

fn set(flag: &OwnedFd, on: bool) -> kernel::Result<()> {
    let mode = Mode::from_raw_mode(if on { 0o100 } else { 0 });
    // fchmod(2) refuses descriptors that only name a file.
    rustix::fs::chmodat(
        CWD,
        format!("/proc/self/fd/{}", flag.as_raw_fd()),
        mode,
        rustix::fs::AtFlags::empty(),
    )
}
