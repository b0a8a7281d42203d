//! Who is at the other end of a connection.

use std::{
    fs, io,
    net::SocketAddr,
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
};

use nix::sys::socket::{getsockopt, sockopt::PeerPidfd};
use rustix::{
    event::{PollFd, PollFlags, Timespec},
    process::{Pid, PidfdFlags, pidfd_open},
};
use tokio::net::UnixStream;

/// What is known about a client. Which parts there are depends on the transport and on how it authenticated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The process at the other end of a UNIX socket.
    pub process: Option<Process>,
    /// The other end of a TCP connection.
    pub address: Option<SocketAddr>,
    /// The name in the client's certificate, as GnuTLS prints it: `C=GB,O=Example,CN=client`.
    pub x509_dname: Option<String>,
    /// The name that the client proved by SASL.
    pub sasl_user_name: Option<String>,
    /// The client's SELinux context, if a proxy has told it.
    pub selinux_context: Option<String>,
}

/// The process that connected, as the kernel saw it at that moment (`SO_PEERCRED`, unix(7)). Ids are those of the
/// daemon's own namespaces: root of a container's user namespace is not root here.
#[derive(Debug, Clone)]
pub struct Process {
    /// Process id; -1 if the process is in a pid namespace that this one cannot see.
    pub pid: i32,
    /// Effective user id.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
    /// When the process started, in clock ticks since boot (field 22 of /proc/PID/stat); 0 if it is gone. Together
    /// with the pid it names a process for good, although pids are reused.
    pub start_time: u64,
    /// Stands for the process itself; `None` for one that somebody else has told us of.
    handle: Option<Arc<OwnedFd>>,
}

impl Identity {
    pub(crate) fn of_process(process: Process) -> Self {
        Self { process: Some(process), ..Self::default() }
    }

    pub(crate) fn of_address(address: SocketAddr) -> Self {
        Self { address: Some(address), ..Self::default() }
    }

    /// The user of the process, if there is one.
    #[must_use]
    pub fn uid(&self) -> Option<u32> {
        self.process.as_ref().map(|process| process.uid)
    }
}

impl Process {
    /// A process that somebody else vouches for.
    #[must_use]
    pub const fn told(pid: i32, uid: u32, gid: u32, start_time: u64) -> Self {
        Self { pid, uid, gid, start_time, handle: None }
    }

    /// The peer of a socket. The kernel's handle for it is asked for first: as long as it lives, what is read
    /// from `/proc/PID` is about this process and no other.
    pub(crate) fn of(stream: &UnixStream) -> io::Result<Self> {
        let peer = stream.peer_cred()?;
        let pid = peer.pid().filter(|pid| *pid > 0).unwrap_or(-1);
        let handle = getsockopt(stream, PeerPidfd).ok().or_else(|| {
            // Before Linux 6.5.
            pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()
        });
        let start_time = start_time(pid).unwrap_or(0);
        Ok(Self { pid, uid: peer.uid(), gid: peer.gid(), start_time, handle: handle.map(Arc::new) })
    }

    /// Whether the process that connected still runs, so that its pid is not yet that of another.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        match &self.handle {
            Some(handle) => {
                let mut poll = [PollFd::new(handle, PollFlags::IN)];
                matches!(rustix::event::poll(&mut poll, Some(&Timespec::default())), Ok(0))
            }
            None => self.start_time != 0 && start_time(self.pid) == Some(self.start_time),
        }
    }

    /// A handle for the process (pidfd_open(2)) if there is one.
    #[must_use]
    pub fn pidfd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.handle.as_ref().map(|handle| handle.as_fd())
    }
}

impl PartialEq for Process {
    fn eq(&self, other: &Self) -> bool {
        let numbers = |process: &Self| (process.pid, process.uid, process.gid, process.start_time);
        numbers(self) == numbers(other)
    }
}

impl Eq for Process {}

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
    use super::{Process, field_22, start_time};

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

    #[test]
    fn another_process_with_the_same_pid_is_another() {
        let own = i32::try_from(std::process::id()).unwrap();
        let started = start_time(own).unwrap();
        assert!(Process::told(own, 0, 0, started).is_alive());
        assert!(!Process::told(own, 0, 0, started - 1).is_alive());
        assert!(!Process::told(own, 0, 0, 0).is_alive());
    }
}
