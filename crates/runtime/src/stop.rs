//! Asking init to power off or reboot.
//!
//! Every init has its own signals for that, and a signal without a handler never reaches the first process of a
//! pid namespace (pid_namespaces(7)). So what init is and what it handles is looked up first, and a request that
//! nobody would hear is refused instead of reported as done.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::Errno;
use rustix::fs::{FileType, Mode, OFlags, fstat, stat};

use crate::control::{Failure, StopAction};

/// The first process of a container.
#[derive(Debug, Clone, Copy)]
pub struct Init<'a> {
    /// Host pid.
    pub pid: i32,
    /// Pidfd of it, not reaped by anybody else meanwhile.
    pub pidfd: BorrowedFd<'a>,
}

/// How the request was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Through the fifo of sysvinit, which systemd may also serve.
    Initctl,
    /// By a signal that this init takes for the request.
    Signal(i32),
    /// By `SIGTERM` to a program that just ends. For a reboot the caller has to start it again.
    Terminate,
}

/// Asks `init` for `action` in the ways allowed: first the initctl fifo, then a signal.
///
/// Returns when the request was delivered, not when it was carried out. errno of the failure: `EOPNOTSUPP` if
/// this init hears none of the allowed ways, `ESRCH` if it has ended.
pub fn request(
    init: Init<'_>,
    action: StopAction,
    initctl: bool,
    signal: bool,
) -> Result<Delivered, Failure> {
    let failed = |what: &str, errno: Errno| Failure {
        step: step(action).to_owned(),
        what: what.to_owned(),
        errno: errno.raw_os_error(),
    };
    if initctl && write_initctl(init, action).map_err(|errno| failed("initctl", errno))? {
        return Ok(Delivered::Initctl);
    }
    if !signal {
        return Err(failed("init has no initctl fifo", Errno::OPNOTSUPP));
    }
    let mut delivered = None;
    for _ in 0..LOOKS {
        let facts = Facts::read(init.pid).map_err(|errno| failed("state of init", errno))?;
        delivered = facts.choose(action);
        if delivered.is_some() {
            break;
        }
    }
    let Some(delivered) = delivered else {
        return Err(failed("init handles none of the signals", Errno::OPNOTSUPP));
    };
    let signal = match delivered {
        Delivered::Signal(signal) => signal,
        Delivered::Terminate | Delivered::Initctl => SIGTERM,
    };
    kernel::pidfd::send_signal(init.pidfd, signal).map_err(|errno| failed("signal to init", errno))?;
    Ok(delivered)
}

const fn step(action: StopAction) -> &'static str {
    match action {
        StopAction::PowerOff => "shutdown",
        StopAction::Reboot => "reboot",
    }
}

// Kernel numbers of x86 and ARM, signal(7).
const SIGINT: i32 = 2;
const SIGUSR1: i32 = 10;
const SIGUSR2: i32 = 12;
const SIGTERM: i32 = 15;
const SIGPWR: i32 = 30;

/// What an init is, as far as its signals go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// systemd(1).
    Systemd,
    /// sysvinit, and upstart: inittab(5) `powerfail` and `ctrlaltdel`.
    Sysvinit,
    /// OpenRC's openrc-init(8).
    OpenRc,
    /// busybox, `init/halt.c`.
    Busybox,
    /// runit-init(8): only its ctrl-alt-del script can be asked for by a signal.
    Runit,
    /// s6-linux-init-maker(8).
    S6,
    /// finit, `doc/signals.md`.
    Finit,
    /// Anything else.
    Program,
}

/// What can be seen of an init.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Facts {
    /// Last component of its executable.
    exe: String,
    /// Its command name.
    comm: String,
    /// `SigBlk`: signals it may wait for by signalfd(2) or sigwait(3). Bit 0 is signal 1.
    blocked: u64,
    /// `SigCgt`: signals with a handler.
    caught: u64,
}

/// How often to look at an init that seems to handle nothing: it may be between waiting and blocking.
const LOOKS: usize = 3;

impl Facts {
    fn read(pid: i32) -> kernel::Result<Self> {
        let read = |name: &str| kernel::fd::read_to_string(Path::new(&format!("/proc/{pid}/{name}")));
        let status = read("status")?;
        let mask = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
        };
        let exe = rustix::fs::readlink(format!("/proc/{pid}/exe"), Vec::new())?;
        let exe = exe.to_string_lossy();
        let exe = exe.strip_suffix(" (deleted)").unwrap_or(&exe);
        Ok(Self {
            exe: exe.rsplit('/').next().unwrap_or_default().to_owned(),
            comm: read("comm")?.trim_end().to_owned(),
            // busybox's init sits in sigtimedwait(2), whose signals are missing from the mask meanwhile.
            blocked: mask("SigBlk") | kernel::sigwait::waited_signals(pid).unwrap_or(0),
            caught: mask("SigCgt"),
        })
    }

    const fn blocks(&self, signal: i32) -> bool {
        self.blocked >> (signal - 1) & 1 != 0
    }

    /// Whether the signal reaches it. One that is blocked is taken to be waited for.
    const fn handles(&self, signal: i32) -> bool {
        self.blocks(signal) || self.caught >> (signal - 1) & 1 != 0
    }

    /// First real-time signal of its C library: glibc keeps two of the kernel's to itself, musl three.
    const fn sigrtmin(&self) -> i32 {
        if self.blocks(34) { 34 } else { 35 }
    }

    fn kind(&self) -> Kind {
        match self.exe.as_str() {
            "systemd" => Kind::Systemd,
            // A shell script as init is also busybox; only its init handles this one.
            "busybox" if self.comm == "init" && self.handles(SIGUSR2) => Kind::Busybox,
            "init" if self.handles(SIGPWR) => Kind::Sysvinit,
            "init" if self.handles(SIGUSR2) && self.handles(SIGTERM) => Kind::Busybox,
            "upstart" => Kind::Sysvinit,
            "openrc-init" => Kind::OpenRc,
            "runit" | "runit-init" => Kind::Runit,
            "s6-svscan" => Kind::S6,
            "finit" => Kind::Finit,
            // systemd under another name, or unreadable: it waits for SIGRTMIN+3 and +4 by a signalfd.
            _ if self.blocks(37) && self.blocks(38) => Kind::Systemd,
            _ => Kind::Program,
        }
    }

    /// How to ask this init; `None` if it would not hear.
    fn choose(&self, action: StopAction) -> Option<Delivered> {
        use StopAction::{PowerOff, Reboot};
        let rtmin = self.sigrtmin();
        let candidates: &[i32] = match (self.kind(), action) {
            (Kind::Systemd, PowerOff) => &[rtmin + 4],
            (Kind::Systemd, Reboot) => &[rtmin + 5],
            (Kind::Sysvinit, PowerOff) => &[SIGPWR],
            (Kind::OpenRc, PowerOff) => &[SIGPWR, SIGTERM],
            (Kind::Busybox, PowerOff) => &[SIGUSR2],
            (Kind::Busybox, Reboot) => &[SIGTERM],
            (Kind::S6, PowerOff) => &[SIGUSR1, SIGPWR],
            (Kind::Finit, PowerOff) => &[SIGUSR2, SIGPWR],
            (Kind::Finit, Reboot) => &[SIGTERM, SIGINT],
            (Kind::Runit, PowerOff) => &[],
            (Kind::Sysvinit | Kind::OpenRc | Kind::Runit | Kind::S6, Reboot) => &[SIGINT],
            (Kind::Program, _) => return self.handles(SIGTERM).then_some(Delivered::Terminate),
        };
        candidates.iter().copied().find(|&signal| self.handles(signal)).map(Delivered::Signal)
    }
}

/// Where inits have their fifo, inside the container.
const FIFOS: [&str; 3] = ["/run/initctl", "/dev/initctl", "/etc/.initctl"];

/// Writes the request to the first fifo that somebody reads; false if there is none.
fn write_initctl(init: Init<'_>, action: StopAction) -> kernel::Result<bool> {
    let root = format!("/proc/{}/root", init.pid);
    let root = rustix::fs::open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    // It lives, so /proc/PID was it and not a later process with the same pid.
    kernel::pidfd::send_signal(init.pidfd, 0)?;
    for path in FIFOS {
        let Some(fifo) = open_fifo(&root, path) else { continue };
        let message = initctl_message(action);
        // Shorter than PIPE_BUF: all or nothing.
        if rustix::io::write(&fifo, &message).is_ok_and(|written| written == message.len()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Opens a fifo for writing. The container may have put anything at that path, so it is looked at before it is
/// opened, links do not lead out of the root, and a fifo of the host's own init (bound into the container) is
/// left alone. `None` also if nobody reads it.
fn open_fifo(root: &OwnedFd, path: &str) -> Option<OwnedFd> {
    use std::os::fd::AsFd;
    let found = kernel::path::open_in_root(root.as_fd(), Path::new(path), OFlags::PATH).ok()?;
    let status = fstat(&found).ok()?;
    if FileType::from_raw_mode(status.st_mode) != FileType::Fifo {
        return None;
    }
    let is_hosts = |path: &str| {
        stat(path).is_ok_and(|host| (host.st_dev, host.st_ino) == (status.st_dev, status.st_ino))
    };
    if FIFOS.into_iter().any(is_hosts) {
        return None;
    }
    let again = format!("/proc/self/fd/{}", found.as_raw_fd());
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::open(again, flags, Mode::empty()).ok()
}

/// `struct init_request` of sysvinit's initreq.h: change to runlevel 0 or 6.
fn initctl_message(action: StopAction) -> [u8; 384] {
    const MAGIC: u32 = 0x0309_1969;
    const RUNLEVEL: u32 = 1;
    let level = match action {
        StopAction::PowerOff => b'0',
        StopAction::Reboot => b'6',
    };
    let mut message = [0; 384];
    for (place, word) in message.chunks_exact_mut(4).zip([MAGIC, RUNLEVEL, u32::from(level)]) {
        place.copy_from_slice(&word.to_ne_bytes());
    }
    message
}

#[cfg(test)]
mod tests;
