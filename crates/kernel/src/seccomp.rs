//! System call filters (seccomp(2), linux/seccomp.h).

use crate::{Errno, Result};

/// One instruction of the classic Berkeley packet filter, `struct sock_filter` of linux/filter.h.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// What to do.
    pub code: u16,
    /// Instructions to skip if a comparison holds.
    pub if_true: u8,
    /// Instructions to skip if it does not.
    pub if_false: u8,
    /// Operand.
    pub k: u32,
}

/// Most instructions of one filter (`BPF_MAXINSNS`).
pub const INSTRUCTIONS_MAX: usize = 4096;

/// Puts a filter over the calling thread and all that it starts, for ever and on top of those it has.
///
/// Needs `CAP_SYS_ADMIN` in the own user namespace or no_new_privs (`EACCES`). `EINVAL` for a program that is not
/// a valid filter, and on a kernel without filters.
pub fn load(program: &[Instruction]) -> Result<()> {
    let length = u16::try_from(program.len()).map_err(|_| Errno::INVAL)?;
    let filter = libc::sock_fprog { len: length, filter: program.as_ptr().cast_mut().cast() };
    // SAFETY: the instructions have the kernel's layout, and both outlive the call, which only reads them.
    let result =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const filter) };
    crate::process::check(result).map(|_| ())
}

/// Whether the kernel has filters that can answer with an errno.
#[must_use]
pub fn is_available() -> bool {
    let action: u32 = libc::SECCOMP_RET_ERRNO;
    // SAFETY: the action is read and outlives the call.
    let result =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action) };
    result == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_are_none_are_refused() {
        assert!(is_available());
        // Without an end.
        let load_nr = Instruction { code: 0x20, if_true: 0, if_false: 0, k: 0 };
        assert_eq!(load(&[load_nr]), Err(Errno::INVAL));
        assert_eq!(load(&[]), Err(Errno::INVAL));
        assert_eq!(load(&vec![load_nr; INSTRUCTIONS_MAX + 1]), Err(Errno::INVAL));
    }
}
