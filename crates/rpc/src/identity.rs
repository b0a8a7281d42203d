//! Who is at the other end of a socket.

use std::{fs, io};

use tokio::net::UnixStream;

/// The process that connected, as the kernel saw it at that moment (`SO_PEERCRED`, unix(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Process id; -1 if the process is in a pid namespace that this one cannot see.
    pub pid: i32,
    /// Effective user id.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
    /// When the process started, in clock ticks since boot (field 22 of /proc/PID/stat); 0 if it is gone. Together
    /// with the pid it names a process for good, although pids are reused.
    pub start_time: u64,
}

impl Identity {
    pub(crate) fn of(stream: &UnixStream) -> io::Result<Self> {
        let peer = stream.peer_cred()?;
        let pid = peer.pid().filter(|pid| *pid > 0).unwrap_or(-1);
        let start_time = start_time(pid).unwrap_or(0);
        Ok(Self { pid, uid: peer.uid(), gid: peer.gid(), start_time })
    }
}

fn start_time(pid: i32) -> Option<u64> {
    if pid < 0 {
        return None;
    }
    field_22(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in field 2 may hold blanks and parentheses, so fields are counted from its end.
fn field_22(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{field_22, start_time};

    #[test]
    fn a_name_does_not_shift_fields() {
        let stat = "7 (a) b ( 1) S 1 7 7 0 -1 4 1 0 0 0 1 1 0 0 20 0 1 0 4711 8 9";
        assert_eq!(field_22(stat), Some(4711));
        assert_eq!(field_22("7 (cut"), None);
    }

    #[test]
    fn a_process_has_a_start_time() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(start_time(own).unwrap() > 0);
        assert_eq!(start_time(-1), None);
    }
}
