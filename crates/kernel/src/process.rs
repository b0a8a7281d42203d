//! What a process sets on itself (prctl(2), personality(2), keyctl(2), execve(2)).

use std::ffi::{CStr, CString, c_long};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::process::{DumpableBehavior, Signal};

use crate::{Errno, Result};

/// Turns the return value of `libc::syscall` into a result.
pub(crate) fn check(result: c_long) -> Result<c_long> {
    if result == -1 {
        let error = std::io::Error::last_os_error();
        return Err(Errno::from_io_error(&error).unwrap_or(Errno::IO));
    }
    Ok(result)
}

/// True if this process has one thread.
pub fn is_single_threaded() -> Result<bool> {
    // Links of a proc directory are 2 and one for each sub-directory, here a thread.
    Ok(rustix::fs::stat("/proc/self/task")?.st_nlink == 3)
}

/// This process gets `SIGKILL` when the thread that made it ends (`PR_SET_PDEATHSIG`). Cleared by a change of
/// ids and by the execution of a set-user-id program, so set it after the former.
///
/// The parent may be dead already: compare [`rustix::process::getppid`] or read from a pipe it holds afterwards.
pub fn die_with_parent() -> Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
}

/// `PR_SET_DUMPABLE`: false also makes `/proc/self` belong to the user namespace's creator's root, so that no
/// process of the container can look into this one. execve(2) resets it.
pub fn set_dumpable(on: bool) -> Result<()> {
    rustix::process::set_dumpable_behavior(if on {
        DumpableBehavior::Dumpable
    } else {
        DumpableBehavior::NotDumpable
    })
}

/// Name of the calling thread, at most 15 bytes, longer ones are cut (`PR_SET_NAME`).
pub fn set_name(name: &str) -> Result<()> {
    let name = CString::new(name).map_err(|_| Errno::INVAL)?;
    rustix::thread::set_name(&name)
}

/// `PER_LINUX32` of linux/personality.h.
const PER_LINUX32: libc::c_ulong = 8;

/// 32-bit personality (`PER_LINUX32`): uname(2) says `i686`.
pub fn set_personality_32bit() -> Result<()> {
    // SAFETY: plain integer.
    check(unsafe { libc::personality(PER_LINUX32) }.into()).map(|_| ())
}

/// New, empty session keyring (`KEYCTL_JOIN_SESSION_KEYRING`). `ENOSYS` on a kernel without keys.
pub fn join_session_keyring() -> Result<()> {
    // SAFETY: a null name asks for an anonymous keyring.
    let result = unsafe {
        libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>())
    };
    check(result).map(|_| ())
}

/// Every signal gets its default action and none is blocked, as a program expects at its start.
pub fn reset_signals() -> Result<()> {
    // The kernel's struct sigaction, at most four words on all machines: SIG_DFL, no flags, empty mask. libc's
    // function would spare the two signals that it uses itself.
    let default = [0_u64; 4];
    for signal in 1..=64 {
        // SAFETY: SIG_DFL installs no handler, and the array outlives the call. KILL and STOP are refused.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                default.as_ptr(),
                std::ptr::null_mut::<u64>(),
                size_of::<u64>(),
            )
        };
    }
    // SAFETY: a zeroed sigset_t is a valid one, and sigemptyset initialises it.
    let result = unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut())
    };
    check(result.into()).map(|_| ())
}

/// Files this process makes from now on belong to `uid` and `gid` (setfsuid(2)), with all its capabilities kept.
///
/// `EPERM` if the ids may not be taken.
pub fn set_file_owner(uid: u32, gid: u32) -> Result<()> {
    let permitted = crate::capability::permitted()?;
    // SAFETY: plain integers. -1 is never valid, so it only returns the present value.
    let (now_uid, now_gid) = unsafe {
        libc::setfsgid(gid);
        libc::setfsuid(uid);
        (libc::setfsuid(u32::MAX), libc::setfsgid(u32::MAX))
    };
    if now_uid.cast_unsigned() != uid || now_gid.cast_unsigned() != gid {
        return Err(Errno::PERM);
    }
    // Leaving fsuid 0 took the file capabilities out of the effective set.
    crate::capability::set(permitted)
}

/// Sends a signal by pid, or to a process group by the negative of its id (kill(2)). Where a pidfd can be had, it
/// is the better name of a process: see [`crate::pidfd::send_signal`].
pub fn kill(pid: i32, signal: i32) -> Result<()> {
    // SAFETY: plain integers.
    check(unsafe { libc::kill(pid, signal) }.into()).map(|_| ())
}

/// Replaces the process image. Returns only on failure.
#[must_use]
pub fn exec(path: &CStr, argv: &[CString], envp: &[CString]) -> Errno {
    let pointers = |list: &[CString]| -> Vec<*const libc::c_char> {
        list.iter().map(|item| item.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let (argv, envp) = (pointers(argv), pointers(envp));
    // SAFETY: both arrays end with a null pointer and their strings outlive the call.
    unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}

/// A path as a C string; `EINVAL` if it contains a zero byte.
pub fn c_path(path: &Path) -> Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| Errno::INVAL)
}
