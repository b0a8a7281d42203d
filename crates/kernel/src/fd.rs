//! Descriptors as such.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::{Errno, Result};

/// Takes over a descriptor that this process inherited under a known number, e.g. 3, and makes it
/// close-on-exec.
///
/// `EBADF` if nothing is open there. Call it once for a number, early in `main`: the descriptor is owned by the
/// result from then on.
pub fn inherited(number: RawFd) -> Result<OwnedFd> {
    if number < 3 {
        return Err(Errno::BADF);
    }
    // SAFETY: the number is only borrowed for one fcntl call, which fails with EBADF if it is not open.
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    rustix::io::fcntl_setfd(borrowed, rustix::io::FdFlags::CLOEXEC)?;
    // SAFETY: the descriptor is open (fcntl succeeded) and nobody else in the program owns an inherited number.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Marks every open descriptor from `first` on close-on-exec (close_range(2), Linux 5.11).
pub fn close_on_exec_from(first: RawFd) -> Result<()> {
    close_range(first, libc::CLOSE_RANGE_CLOEXEC)
}

/// Closes every descriptor but the standard streams and `keep`.
///
/// # Safety
/// The owners of the others must never use or drop them afterwards.
pub(crate) unsafe fn close_all_but(keep: &[BorrowedFd<'_>]) -> Result<()> {
    let mut kept: Vec<libc::c_uint> =
        keep.iter().filter_map(|fd| libc::c_uint::try_from(fd.as_raw_fd()).ok()).collect();
    kept.sort_unstable();
    let mut first: libc::c_uint = 3;
    for number in kept {
        if number > first {
            // SAFETY: the caller vouches for the descriptors in between.
            crate::process::check(unsafe { libc::syscall(libc::SYS_close_range, first, number - 1, 0) })?;
        }
        first = first.max(number + 1);
    }
    // SAFETY: the caller vouches for the descriptors above.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) };
    crate::process::check(result).map(|_| ())
}

/// Makes `fd` the standard input, output and error.
pub fn replace_standard_streams(fd: BorrowedFd<'_>) -> Result<()> {
    for number in 0..3 {
        // SAFETY: the standard streams are owned by nobody in particular, they are only replaced.
        crate::process::check(unsafe { libc::dup2(fd.as_raw_fd(), number) }.into())?;
    }
    Ok(())
}

/// Makes the descriptors the standard input, output and error, in this order.
pub fn set_standard_streams(streams: &[OwnedFd; 3]) -> Result<()> {
    for (number, stream) in (0..).zip(streams) {
        // SAFETY: as above; an `OwnedFd` is never one of the standard streams.
        crate::process::check(unsafe { libc::dup2(stream.as_raw_fd(), number) }.into())?;
    }
    Ok(())
}

fn close_range(first: RawFd, flags: libc::c_uint) -> Result<()> {
    let first = libc::c_uint::try_from(first).map_err(|_| Errno::INVAL)?;
    // SAFETY: CLOSE_RANGE_CLOEXEC only sets a flag; no descriptor is closed behind an owner's back.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, flags) };
    crate::process::check(result).map(|_| ())
}

/// Makes a pipe; both ends are close-on-exec. First the reading end.
pub fn pipe() -> Result<(OwnedFd, OwnedFd)> {
    rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
}

/// Makes a descriptor (non)blocking.
pub fn set_nonblocking(fd: BorrowedFd<'_>, on: bool) -> Result<()> {
    let mut flags = rustix::fs::fcntl_getfl(fd)?;
    flags.set(OFlags::NONBLOCK, on);
    rustix::fs::fcntl_setfl(fd, flags)
}

/// Reads a small file of procfs, sysfs or cgroupfs whole. `EILSEQ` if it is not UTF-8.
pub fn read_to_string(path: &Path) -> Result<String> {
    let fd = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    // Not by the standard library, which asks for a size first that these files do not have.
    let mut content = Vec::with_capacity(1024);
    loop {
        match rustix::io::read(&fd, rustix::buffer::spare_capacity(&mut content)) {
            Ok(0) => return String::from_utf8(content).map_err(|_| Errno::ILSEQ),
            Ok(_) => content.reserve(512),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Writes `text` to an existing file in a single write, as procfs and cgroupfs want it. An ordinary file holds only
/// `text` afterwards.
pub fn write_existing(path: &Path, text: &str) -> Result<()> {
    let fd = rustix::fs::open(path, OFlags::WRONLY | OFlags::TRUNC | OFlags::CLOEXEC, Mode::empty())?;
    File::from(fd).write_all(text.as_bytes()).map_err(|error| errno(&error))
}

/// The path of an open file, as the calling process sees it (`/proc/self/fd`, proc(5)).
pub fn path_of(fd: BorrowedFd<'_>) -> Result<PathBuf> {
    let link = rustix::fs::readlink(format!("/proc/self/fd/{}", fd.as_raw_fd()), Vec::new())?;
    Ok(PathBuf::from(OsString::from_vec(link.into_bytes())))
}

/// The errno in a standard library error; `EIO` if it has none.
#[must_use]
pub fn errno(error: &std::io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}
