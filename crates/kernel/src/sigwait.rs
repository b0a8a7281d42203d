//! Which signals a process waits for.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::Result;
use crate::fd::{errno, read_to_string};

/// Signals that the process waits for at this moment in sigtimedwait(2); bit 0 is signal 1, 0 if it does not.
///
/// While it waits the kernel shows them neither as blocked nor as caught in `/proc/PID/status`, although one sent
/// would be taken. Needs the right to trace the process (ptrace(2)).
pub fn waited_signals(pid: i32) -> Result<u64> {
    let line = read_to_string(Path::new(&format!("/proc/{pid}/syscall")))?;
    let Some(address) = set_address(&line) else { return Ok(0) };
    let memory = File::open(format!("/proc/{pid}/mem")).map_err(|error| errno(&error))?;
    let mut set = [0; 8];
    match memory.read_exact_at(&mut set, address) {
        Ok(()) => Ok(u64::from_ne_bytes(set)),
        Err(error) => Err(errno(&error)),
    }
}

/// Address of the set, if the line of `/proc/PID/syscall` (proc_pid_syscall(5)) is of that call.
fn set_address(line: &str) -> Option<u64> {
    let mut words = line.split_ascii_whitespace();
    let number: libc::c_long = words.next()?.parse().ok()?;
    if number != libc::SYS_rt_sigtimedwait {
        return None;
    }
    u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_that_call_has_a_set() {
        let number = libc::SYS_rt_sigtimedwait;
        assert_eq!(set_address(&format!("{number} 0x7ffe10 0x0 0x0 0x8 0x0 0x0 0x1 0x2\n")), Some(0x7f_fe10));
        assert_eq!(set_address("running\n"), None);
        assert_eq!(set_address("-1 0x7ffe10 0x1\n"), None);
        assert_eq!(set_address("35 0x7ffe10 0x1\n"), None);
    }
}
