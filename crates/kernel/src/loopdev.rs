//! Loop devices: a file as a block device (loop(4)).

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::fs::{Mode, OFlags};

use crate::{Errno, Result};

const LOOP_CTL_GET_FREE: libc::Ioctl = 0x4c82;
const LOOP_CONFIGURE: libc::Ioctl = 0x4c0a;
const LOOP_CLR_FD: libc::Ioctl = 0x4c01;

const LO_FLAGS_READ_ONLY: u32 = 1;
const LO_FLAGS_AUTOCLEAR: u32 = 4;

/// How often somebody else may take the free device first.
const TRIES: u32 = 64;

/// `struct loop_info64` of linux/loop.h.
#[repr(C)]
struct Info {
    numbers: [u64; 5],
    number: u32,
    encryption: [u32; 2],
    flags: u32,
    file_name: [u8; 64],
    crypt_name: [u8; 64],
    encrypt_key: [u8; 32],
    init: [u64; 2],
}

/// `struct loop_config` of linux/loop.h.
#[repr(C)]
struct Config {
    fd: u32,
    block_size: u32,
    info: Info,
    reserved: [u64; 8],
}

/// A loop device. The kernel frees it when nobody has it open or mounted any more, at the latest when the last
/// process that uses it has ended.
#[derive(Debug)]
pub struct LoopDevice {
    fd: OwnedFd,
    number: u32,
}

impl LoopDevice {
    /// Makes a device of a regular file, which stays open in the kernel (Linux 5.8).
    pub fn attach(file: BorrowedFd<'_>, readonly: bool) -> Result<Self> {
        let control = rustix::fs::open("/dev/loop-control", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
        for _ in 0..TRIES {
            // SAFETY: the request takes no argument.
            let number = unsafe { libc::ioctl(control.as_raw_fd(), LOOP_CTL_GET_FREE) };
            let number = u32::try_from(crate::process::check(number.into())?).map_err(|_| Errno::NODEV)?;
            let access = if readonly { OFlags::RDONLY } else { OFlags::RDWR };
            let path = format!("/dev/loop{number}");
            let fd = rustix::fs::open(path.as_str(), access | OFlags::CLOEXEC, Mode::empty())?;
            match configure(fd.as_fd(), file, readonly) {
                Err(Errno::BUSY) => continue,
                other => other?,
            }
            // Kept open for reading only: where the kernel forbids to write to mounted devices, a writer would
            // keep it from being mounted.
            let flags = OFlags::RDONLY | OFlags::CLOEXEC;
            return rustix::fs::open(path.as_str(), flags, Mode::empty()).map(|fd| Self { fd, number });
        }
        Err(Errno::BUSY)
    }

    /// Its node.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        format!("/dev/loop{}", self.number).into()
    }

    /// Frees it as soon as nobody uses it.
    pub fn clear(&self) -> Result<()> {
        // SAFETY: the request takes no argument.
        let result = unsafe { libc::ioctl(self.fd.as_raw_fd(), LOOP_CLR_FD) };
        crate::process::check(result.into()).map(|_| ())
    }
}

impl AsFd for LoopDevice {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn configure(device: BorrowedFd<'_>, file: BorrowedFd<'_>, readonly: bool) -> Result<()> {
    let flags = LO_FLAGS_AUTOCLEAR | if readonly { LO_FLAGS_READ_ONLY } else { 0 };
    let config = Config {
        fd: u32::try_from(file.as_raw_fd()).map_err(|_| Errno::BADF)?,
        block_size: 0,
        info: Info {
            numbers: [0; 5],
            number: 0,
            encryption: [0; 2],
            flags,
            file_name: [0; 64],
            crypt_name: [0; 64],
            encrypt_key: [0; 32],
            init: [0; 2],
        },
        reserved: [0; 8],
    };
    // SAFETY: config has the kernel's layout, which the kernel only reads, and outlives the call.
    let result = unsafe { libc::ioctl(device.as_raw_fd(), LOOP_CONFIGURE, &raw const config) };
    crate::process::check(result.into()).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_is_the_kernels() {
        assert_eq!((size_of::<Info>(), size_of::<Config>()), (232, 304));
    }
}
