//! One console of the container: always read, never blocking the container, nothing typed lost.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use kernel::Errno;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{SendFlags, SocketFlags, SocketType};
use rustix::pty::OpenptFlags;

use crate::mirror::Mirror;
use crate::ring::Ring;

mod log;

pub(crate) use log::Log;

/// Output kept while nobody is attached, bytes.
const KEPT: usize = 64 * 1024;

/// Output kept for a reader that is slower than the container, bytes. Beyond, the container waits for it.
const KEPT_FOR_READER: usize = 256 * 1024;

/// More than a terminal holds, bytes: what is left in it when the container ends is kept on top.
const TERMINAL_SIZE: usize = 64 * 1024;

/// How long the container waits for a reader that takes nothing. Then the oldest is lost, until it takes some again.
const PATIENCE: Duration = Duration::from_secs(2);

/// Output kept for a picture of the screen, bytes: several screens full of text.
const SHOWN: usize = 16 * 1024;

/// Most bytes that wait to be typed by request.
const TYPED_MAX: usize = 4096;

/// Bytes moved at a time. A terminal gives 4 KiB at most.
const CHUNK: usize = 4096;

/// Most chunks taken from one console before others get their turn.
const TURN: usize = 16;

/// A console and who is attached to it. It outlives the container's terminal, which a reboot replaces.
#[derive(Debug)]
pub(crate) struct Console {
    terminal: Option<Terminal>,
    mirror: Option<Mirror>,
    log: Option<Log>,
    reader: Option<Reader>,
    /// Output that no reader has got.
    kept: Ring,
    /// The last output, whoever has got it: what is on a screen that shows the console.
    shown: Ring,
    /// Typed, but not yet taken by the terminal. While there is some, no more is read from anybody.
    typed: Vec<u8>,
    patience: Duration,
}

/// The container's terminal.
#[derive(Debug)]
struct Terminal {
    /// Controlling side, nonblocking.
    master: OwnedFd,
    /// Held open, or the master would count as hung up whenever no process of the container has it open.
    _peer: Option<OwnedFd>,
    /// Hung up (vhangup(2)) for good.
    dead: bool,
}

/// Who gets the output.
#[derive(Debug)]
struct Reader {
    /// Our end of a pair of stream sockets, nonblocking.
    socket: OwnedFd,
    /// It may still send. A reader that has shut down that side only listens.
    sends: bool,
    /// It has hung up, and what it sent last waits until the terminal takes more.
    gone: bool,
    /// Since when it has taken nothing although there is output for it.
    stuck_since: Option<Instant>,
}

impl Default for Console {
    fn default() -> Self {
        Self {
            terminal: None,
            mirror: None,
            log: None,
            reader: None,
            kept: Ring::default(),
            shown: Ring::default(),
            typed: Vec::new(),
            patience: PATIENCE,
        }
    }
}

/// What to wait for at a console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interest {
    pub(crate) master: PollFlags,
    pub(crate) mirror: PollFlags,
    /// `None`: not even for its hanging up, which is known.
    pub(crate) reader: Option<PollFlags>,
}

impl Console {
    /// A console with a terminal of the host that mirrors it, if the host has one to spare.
    pub(crate) fn new(log: Option<Log>) -> Self {
        let mirror =
            Mirror::open().inspect_err(|errno| crate::log::line(format_args!("no host terminal: {errno}")));
        Self { mirror: mirror.ok(), log, ..Self::default() }
    }

    /// Host path of the mirror; empty without.
    pub(crate) fn path(&self) -> String {
        self.mirror.as_ref().map(Mirror::path).unwrap_or_default()
    }

    /// Connects it to the terminal of a container that has just started.
    pub(crate) fn connect(&mut self, master: OwnedFd) {
        let peer = open_peer(&master);
        self.terminal = Some(Terminal { master, _peer: peer.ok(), dead: false });
    }

    /// Takes what is left in the terminal of a container that has ended, and lets go of it.
    pub(crate) fn disconnect(&mut self) {
        while self.terminal.as_ref().is_some_and(|terminal| !terminal.dead) && self.receive() {}
        self.terminal = None;
    }

    pub(crate) fn master(&self) -> Option<&OwnedFd> {
        self.terminal.as_ref().filter(|terminal| !terminal.dead).map(|terminal| &terminal.master)
    }

    pub(crate) fn mirror(&self) -> Option<&OwnedFd> {
        self.mirror.as_ref().map(Mirror::master)
    }

    pub(crate) fn reader(&self) -> Option<&OwnedFd> {
        self.reader.as_ref().map(|reader| &reader.socket)
    }

    /// Whether there is output that no reader has got.
    pub(crate) fn has_output(&self) -> bool {
        !self.kept.is_empty()
    }

    pub(crate) fn interest(&self) -> Interest {
        let idle = self.typed.is_empty();
        let when = |condition: bool, flags: PollFlags| if condition { flags } else { PollFlags::empty() };
        let reader = self.reader.as_ref().filter(|reader| idle || !reader.gone).map(|reader| {
            when(idle && reader.sends, PollFlags::IN) | when(!self.kept.is_empty(), PollFlags::OUT)
        });
        Interest {
            master: when(self.waits().is_none(), PollFlags::IN) | when(!idle, PollFlags::OUT),
            mirror: when(idle, PollFlags::IN),
            reader,
        }
    }

    /// How much longer the terminal stays unread, so that a reader which is only slow loses nothing.
    pub(crate) fn waits(&self) -> Option<Duration> {
        let since = self.reader.as_ref()?.stuck_since?;
        let left = self.patience.saturating_sub(since.elapsed());
        (self.kept.len() >= KEPT_FOR_READER && !left.is_zero()).then_some(left)
    }

    /// Attaches a reader and returns its end. `EBUSY` if there is one, unless `force` lets it go.
    pub(crate) fn attach(&mut self, force: bool) -> kernel::Result<OwnedFd> {
        if self.reader.as_ref().is_some_and(Reader::is_there) && !force {
            return Err(Errno::BUSY);
        }
        let flags = SocketFlags::CLOEXEC;
        let (ours, theirs) =
            rustix::net::socketpair(rustix::net::AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        kernel::fd::set_nonblocking(ours.as_fd(), true)?;
        self.detach();
        self.reader = Some(Reader { socket: ours, sends: true, gone: false, stuck_since: None });
        self.deliver();
        Ok(theirs)
    }

    fn detach(&mut self) {
        self.reader = None;
        self.kept.shrink(KEPT);
    }

    /// The terminal is ready.
    pub(crate) fn on_master(&mut self, ready: PollFlags) {
        if ready.contains(PollFlags::OUT) {
            self.type_in();
        }
        if ready.contains(PollFlags::IN) {
            for _ in 0..TURN {
                if self.waits().is_some() || !self.receive() {
                    break;
                }
            }
        } else if ready.intersects(PollFlags::HUP | PollFlags::ERR) {
            self.revive();
        }
    }

    /// The mirror is ready: a tool of the host has typed.
    pub(crate) fn on_mirror(&mut self, ready: PollFlags) {
        let Some(mirror) = &mut self.mirror else { return };
        if !ready.contains(PollFlags::IN) {
            // Somebody called vhangup(2) on it.
            if mirror.revive().is_err() {
                self.mirror = None;
            }
            return;
        }
        let mut chunk = [0; CHUNK];
        if let (true, Ok(count)) = (self.typed.is_empty(), rustix::io::read(mirror.master(), &mut chunk)) {
            self.typed.extend_from_slice(&chunk[..count]);
            self.type_in();
        }
    }

    /// The reader is ready.
    pub(crate) fn on_reader(&mut self, ready: PollFlags) {
        if ready.contains(PollFlags::OUT) {
            self.deliver();
        }
        // What it sent before it hung up is read first.
        if ready.contains(PollFlags::IN) {
            self.read_reader();
        } else if ready.intersects(PollFlags::HUP | PollFlags::ERR) {
            match &mut self.reader {
                Some(reader) if reader.sends && !self.typed.is_empty() => reader.gone = true,
                _ => self.detach(),
            }
        }
    }

    fn read_reader(&mut self) {
        let Some(reader) = self.reader.as_mut().filter(|_| self.typed.is_empty()) else { return };
        let mut chunk = [0; CHUNK];
        match rustix::io::read(&reader.socket, &mut chunk) {
            Ok(0) => reader.sends = false,
            Ok(count) => {
                self.typed.extend_from_slice(&chunk[..count]);
                self.type_in();
            }
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => self.detach(),
        }
    }

    /// Types, after what is being typed. What is too much is dropped, as by a keyboard whose buffer is full.
    pub(crate) fn type_also(&mut self, bytes: &[u8]) {
        let room = TYPED_MAX.saturating_sub(self.typed.len());
        self.typed.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.type_in();
    }

    /// The last output.
    pub(crate) fn shown(&self) -> Vec<u8> {
        self.shown.content()
    }

    /// Hands typed bytes to the terminal, as many as it takes.
    fn type_in(&mut self) {
        let Some(master) = self.master() else { return };
        match rustix::io::write(master, &self.typed) {
            Ok(count) => drop(self.typed.drain(..count)),
            Err(Errno::AGAIN | Errno::INTR) => {}
            // A hung-up terminal takes nothing; what was typed waits for the next.
            Err(_) => self.revive(),
        }
        if self.typed.is_empty() {
            self.typed = Vec::new();
        }
    }

    /// Moves one chunk of output; false if there is none.
    fn receive(&mut self) -> bool {
        let Some(master) = self.master() else { return false };
        let mut chunk = [0; CHUNK];
        let count = match rustix::io::read(master, &mut chunk) {
            Ok(0) | Err(Errno::AGAIN) => return false,
            Ok(count) => count,
            Err(Errno::INTR) => return true,
            Err(_) => {
                self.revive();
                return false;
            }
        };
        let data = &chunk[..count];
        self.shown.push(data, SHOWN);
        if let Some(mirror) = &self.mirror {
            mirror.show(data);
        }
        if let Some(log) = &mut self.log {
            log.write(data);
        }
        // Mostly the reader takes it at once.
        let sent = if self.kept.is_empty() { self.send(data) } else { 0 };
        let limit = if self.reader.is_some() { KEPT_FOR_READER + TERMINAL_SIZE } else { KEPT };
        if sent < count {
            self.kept.push(&data[sent..], limit);
            self.note_progress(sent);
        }
        true
    }

    /// Sends kept output to the reader, as much as it takes.
    fn deliver(&mut self) {
        let mut taken = 0;
        while !self.kept.is_empty() {
            let sent = self.send(self.kept.front());
            if sent == 0 {
                break;
            }
            self.kept.consume(sent);
            taken += sent;
        }
        self.note_progress(taken);
    }

    /// The reader has just taken this many bytes.
    fn note_progress(&mut self, taken: usize) {
        let Some(reader) = &mut self.reader else { return };
        if self.kept.is_empty() {
            reader.stuck_since = None;
        } else if taken > 0 || reader.stuck_since.is_none() {
            reader.stuck_since = Some(Instant::now());
        }
    }

    /// How many bytes the reader took; 0 without one.
    fn send(&self, data: &[u8]) -> usize {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        // A reader that is gone shows as hung up in the next round.
        self.reader
            .as_ref()
            .and_then(|reader| rustix::net::send(&reader.socket, data, flags).ok())
            .unwrap_or(0)
    }

    /// After a vhangup(2) inside, opening the terminal again makes the master usable. If that fails it stays
    /// silent until the next start.
    fn revive(&mut self) {
        if let Some(terminal) = &mut self.terminal {
            match open_peer(&terminal.master) {
                Ok(peer) => terminal._peer = Some(peer),
                Err(_) => terminal.dead = true,
            }
        }
    }
}

impl Reader {
    /// Whether the other end is still open.
    fn is_there(&self) -> bool {
        let mut fds = [PollFd::new(&self.socket, PollFlags::empty())];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        !matches!(poll(&mut fds, Some(&now)), Ok(1))
            || !fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR)
    }
}

fn open_peer(master: &OwnedFd) -> kernel::Result<OwnedFd> {
    rustix::pty::ioctl_tiocgptpeer(master, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
}

#[cfg(test)]
mod tests;
