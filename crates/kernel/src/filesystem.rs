//! Whole file systems, by a descriptor of any directory in them: freezing (ioctl_fs.h, `FIFREEZE`) and discarding
//! unused blocks (`FITRIM`).

use std::os::fd::{AsRawFd, BorrowedFd};

use crate::Result;

const FIFREEZE: libc::Ioctl = 0xc004_5877_u32 as libc::Ioctl;
const FITHAW: libc::Ioctl = 0xc004_5878_u32 as libc::Ioctl;
const FITRIM: libc::Ioctl = 0xc018_5879_u32 as libc::Ioctl;

/// `struct fstrim_range` of linux/fs.h, bytes.
#[repr(C)]
struct Range {
    start: u64,
    len: u64,
    minlen: u64,
}

/// Writes out what is dirty and holds every further write until [`thaw`]. `EOPNOTSUPP` if the file system cannot
/// do that, `EBUSY` if it is frozen already. Survives the process.
pub fn freeze(dir: BorrowedFd<'_>) -> Result<()> {
    // SAFETY: the request ignores its argument.
    let result = unsafe { libc::ioctl(dir.as_raw_fd(), FIFREEZE, 0) };
    crate::process::check(result.into()).map(|_| ())
}

/// Lets writes go on. `EINVAL` if it is not frozen.
pub fn thaw(dir: BorrowedFd<'_>) -> Result<()> {
    // SAFETY: the request ignores its argument.
    let result = unsafe { libc::ioctl(dir.as_raw_fd(), FITHAW, 0) };
    crate::process::check(result.into()).map(|_| ())
}

/// Tells the device which blocks are unused, in runs of at least `minimum` bytes. Returns how many bytes they are.
/// `EOPNOTSUPP` or `ENOTTY` if the file system or the device cannot do that.
pub fn trim(dir: BorrowedFd<'_>, minimum: u64) -> Result<u64> {
    let mut range = Range { start: 0, len: u64::MAX, minlen: minimum };
    // SAFETY: range has the layout the kernel expects and outlives the call.
    let result = unsafe { libc::ioctl(dir.as_raw_fd(), FITRIM, &raw mut range) };
    crate::process::check(result.into()).map(|_| range.len)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::AsFd;

    use super::*;
    use crate::Errno;

    #[test]
    fn a_tmpfs_can_do_neither() {
        let shm = File::open("/dev/shm").unwrap();
        assert_eq!(freeze(shm.as_fd()).unwrap_err(), Errno::OPNOTSUPP);
        assert!(thaw(shm.as_fd()).is_err());
        assert!(matches!(trim(shm.as_fd(), 0).unwrap_err(), Errno::OPNOTSUPP | Errno::NOTTY));
    }
}
