//! Control connections.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use kernel::Errno;
use runtime::control::{CONTROL_VERSION, Command, PACKET_MAX, Report, State};
use rustix::event::PollFlags;
use rustix::net::SocketFlags;

use crate::event::Round;
use crate::log;

/// Most packets that wait for a daemon which does not read. It is cut off then, and asks anew when it is back.
const QUEUE_MAX: usize = 256;

/// Most connections at the same time.
const CONNECTIONS_MAX: usize = 16;

/// Names a connection for as long as the monitor lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConnectionId(u64);

/// One daemon's connection.
#[derive(Debug)]
struct Connection {
    id: ConnectionId,
    socket: OwnedFd,
    waiting: VecDeque<(Vec<u8>, Vec<OwnedFd>)>,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    list: Vec<Connection>,
    last: u64,
}

impl Connections {
    /// Adds a connected socket and greets.
    pub(crate) fn add(&mut self, socket: OwnedFd, monitor_pid: i32, state: Option<State>) {
        if let Err(errno) = kernel::fd::set_nonblocking(socket.as_fd(), true) {
            log::line(format_args!("warning: control connection: {errno}"));
            return;
        }
        self.last += 1;
        let id = ConnectionId(self.last);
        self.list.push(Connection { id, socket, waiting: VecDeque::new() });
        self.send(id, &Report::Hello { version: CONTROL_VERSION, monitor_pid, state }, Vec::new());
    }

    /// Accepts those who wait. Only root, and who the monitor runs as, may come in.
    pub(crate) fn accept(&mut self, listener: &OwnedFd, monitor_pid: i32, state: Option<&State>) {
        while let Ok(socket) = rustix::net::accept_with(listener, SocketFlags::CLOEXEC) {
            let allowed = rustix::net::sockopt::socket_peercred(&socket)
                .is_ok_and(|peer| peer.uid.is_root() || peer.uid == rustix::process::geteuid());
            if !allowed || self.list.len() >= CONNECTIONS_MAX {
                log::line("warning: control connection refused");
                continue;
            }
            self.add(socket, monitor_pid, state.cloned());
        }
    }

    /// Adds their interests to a round.
    pub(crate) fn wait_for<'a, T: Copy>(
        &'a self,
        round: &mut Round<'a, T>,
        token: impl Fn(ConnectionId) -> T,
    ) {
        for connection in &self.list {
            let more = if connection.waiting.is_empty() { PollFlags::empty() } else { PollFlags::OUT };
            round.on(token(connection.id), connection.socket.as_fd(), PollFlags::IN | more);
        }
    }

    /// A connection is ready: sends what waits, and returns one command with its descriptors, if there is one.
    pub(crate) fn on_ready(&mut self, id: ConnectionId, ready: PollFlags) -> Option<(Command, Vec<OwnedFd>)> {
        let connection = self.list.iter_mut().find(|connection| connection.id == id)?;
        if ready.contains(PollFlags::OUT) && connection.flush().is_err() {
            self.close(id);
            return None;
        }
        if !ready.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR) {
            return None;
        }
        match connection.receive() {
            Ok(command) => command,
            Err(errno) => {
                if errno != Errno::PIPE {
                    log::line(format_args!("warning: control connection closed: {errno}"));
                }
                self.close(id);
                None
            }
        }
    }

    /// Whether it is still there.
    pub(crate) fn contains(&self, id: ConnectionId) -> bool {
        self.list.iter().any(|connection| connection.id == id)
    }

    fn close(&mut self, id: ConnectionId) {
        self.list.retain(|connection| connection.id != id);
    }

    /// Sends a report to one. Never waits; no error if it is gone.
    pub(crate) fn send(&mut self, id: ConnectionId, report: &Report, fds: Vec<OwnedFd>) {
        let packet = serde_json::to_vec(report).expect("a report has string keys only");
        let Some(connection) = self.list.iter_mut().find(|connection| connection.id == id) else { return };
        connection.waiting.push_back((packet, fds));
        if connection.flush().is_err() || connection.waiting.len() > QUEUE_MAX {
            self.close(id);
        }
    }

    /// Sends a report to all.
    pub(crate) fn broadcast(&mut self, report: &Report) {
        let ids: Vec<_> = self.list.iter().map(|connection| connection.id).collect();
        ids.into_iter().for_each(|id| self.send(id, report, Vec::new()));
    }

    /// The connection made first, if it is still there: that of the daemon that started us.
    pub(crate) fn first(&self) -> Option<ConnectionId> {
        self.list.first().map(|connection| connection.id).filter(|&id| id == ConnectionId(1))
    }

    /// Waits until everything is sent, but not longer than `timeout` for a daemon that does not read.
    pub(crate) fn flush(&mut self, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        loop {
            self.list.retain_mut(|connection| connection.flush().is_ok() && !connection.waiting.is_empty());
            let left = deadline.saturating_duration_since(Instant::now());
            if self.list.is_empty() || left.is_zero() {
                return;
            }
            let mut round = Round::new();
            for connection in &self.list {
                round.on((), connection.socket.as_fd(), PollFlags::OUT);
            }
            round.within(left);
            if round.wait().is_err() {
                return;
            }
        }
    }
}

impl Connection {
    fn flush(&mut self) -> kernel::Result<()> {
        while let Some((packet, fds)) = self.waiting.front() {
            let fds: Vec<BorrowedFd<'_>> = fds.iter().map(AsFd::as_fd).collect();
            match kernel::fdpass::send(self.socket.as_fd(), packet, &fds) {
                Ok(_) => drop(self.waiting.pop_front()),
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// `EPIPE` at the end of the connection, `EPROTO` if it does not speak our language.
    fn receive(&self) -> kernel::Result<Option<(Command, Vec<OwnedFd>)>> {
        // Mostly much shorter than the longest there may be, whose memory would stay with us.
        let queued = rustix::io::ioctl_fionread(&self.socket)?;
        let size = usize::try_from(queued).unwrap_or(PACKET_MAX).clamp(1, PACKET_MAX);
        let packet = match kernel::fdpass::recv(self.socket.as_fd(), size) {
            Err(Errno::AGAIN) => return Ok(None),
            other => other?,
        };
        if packet.data.is_empty() {
            return Err(Errno::PIPE);
        }
        match serde_json::from_slice(&packet.data) {
            Ok(command) => Ok(Some((command, packet.fds))),
            Err(error) => {
                log::line(format_args!("warning: bad command: {error}"));
                Err(Errno::PROTO)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use runtime::control::{Cause, Request};

    use super::*;

    fn pair() -> (Connections, OwnedFd) {
        let (ours, theirs) = kernel::fdpass::seqpacket_pair().unwrap();
        let mut connections = Connections::default();
        connections.add(ours, 42, None);
        (connections, theirs)
    }

    fn receive(socket: &OwnedFd) -> Report {
        serde_json::from_slice(&kernel::fdpass::recv(socket.as_fd(), PACKET_MAX).unwrap().data).unwrap()
    }

    fn ready(connections: &Connections) -> Option<(ConnectionId, PollFlags)> {
        let mut round = Round::new();
        connections.wait_for(&mut round, |id| id);
        round.within(Duration::ZERO);
        round.wait().unwrap().pop()
    }

    #[test]
    fn greets_and_takes_commands() {
        let (mut connections, daemon) = pair();
        assert_eq!(receive(&daemon), Report::Hello { version: 1, monitor_pid: 42, state: None });
        let command = Command { id: 7, request: Request::Signal { signal: 1 } };
        kernel::fdpass::send(daemon.as_fd(), &serde_json::to_vec(&command).unwrap(), &[]).unwrap();
        let (id, flags) = ready(&connections).unwrap();
        assert_eq!(connections.on_ready(id, flags).unwrap().0, command);
        assert_eq!(connections.first(), Some(id));
        kernel::fdpass::send(daemon.as_fd(), b"{}", &[]).unwrap();
        assert!(connections.on_ready(id, PollFlags::IN).is_none());
        assert_eq!(connections.first(), None);
        assert!(kernel::fdpass::recv(daemon.as_fd(), 10).unwrap().data.is_empty());
    }

    #[test]
    fn closing_is_noticed() {
        let (mut connections, daemon) = pair();
        drop(daemon);
        let (id, flags) = ready(&connections).unwrap();
        assert!(connections.on_ready(id, flags).is_none());
        assert!(connections.list.is_empty());
        connections.send(id, &Report::Ended(Cause::Killed), Vec::new());
    }

    #[test]
    fn one_that_does_not_read_is_cut_off_and_nobody_waits_for_it() {
        let (mut connections, daemon) = pair();
        let report = Report::Failed(runtime::control::Failure {
            step: "x".repeat(10_000),
            what: String::new(),
            errno: 0,
        });
        for _ in 0..QUEUE_MAX {
            connections.broadcast(&report);
        }
        assert_eq!(connections.list.len(), 1);
        connections.flush(Duration::from_millis(20));
        for _ in 0..QUEUE_MAX {
            connections.broadcast(&report);
        }
        assert!(connections.list.is_empty());
        drop(daemon);
    }

    #[test]
    fn what_waits_arrives_in_order_with_its_descriptors() {
        let (mut connections, daemon) = pair();
        let id = connections.first().unwrap();
        for count in 0..200 {
            let fds = if count == 150 { vec![kernel::fd::pipe().unwrap().0] } else { Vec::new() };
            connections.send(id, &Report::OutOfMemory { count }, fds);
        }
        receive(&daemon);
        for count in 0..200 {
            if let Some((id, flags)) = ready(&connections) {
                connections.on_ready(id, flags);
            }
            let packet = kernel::fdpass::recv(daemon.as_fd(), PACKET_MAX).unwrap();
            assert_eq!(
                serde_json::from_slice::<Report>(&packet.data).unwrap(),
                Report::OutOfMemory { count }
            );
            assert_eq!(packet.fds.len(), usize::from(count == 150));
        }
    }
}
