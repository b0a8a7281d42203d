//! What an init is and which of its signals it would hear, from `/proc/PID`.

use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::Delivered;
use crate::control::StopAction;

// Kernel numbers of x86 and ARM, signal(7).
pub(super) const SIGINT: i32 = 2;
pub(super) const SIGUSR1: i32 = 10;
pub(super) const SIGUSR2: i32 = 12;
pub(super) const SIGTERM: i32 = 15;
pub(super) const SIGPWR: i32 = 30;

/// What an init is, as far as its signals go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// systemd(1).
    Systemd,
    /// sysvinit, and upstart: inittab(5) `powerfail` and `ctrlaltdel`.
    Sysvinit,
    /// OpenRC's openrc-init(8).
    OpenRc,
    /// busybox, `init/halt.c`.
    Busybox,
    /// runit-init(8): looks at two flag files when it gets `SIGCONT`.
    Runit,
    /// s6-svscan as s6-linux-init-maker(8) sets it up, with a script for each signal.
    S6,
    /// finit, `doc/signals.md`.
    Finit,
    /// Anything else.
    Program,
}

/// What can be seen of an init.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// Last component of its executable.
    pub(super) exe: String,
    /// Its command name.
    pub(super) comm: String,
    /// `SigBlk`: signals it may wait for by signalfd(2) or sigwait(3). Bit 0 is signal 1.
    pub(super) blocked: u64,
    /// `SigCgt`: signals with a handler.
    pub(super) caught: u64,
    /// Signals for which an s6-svscan has a script; without one it does not do what a machine's init would.
    pub(super) scripted: u64,
}

impl Facts {
    pub(super) fn read(pid: i32) -> kernel::Result<Self> {
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
            scripted: if exe.ends_with("s6-svscan") { scripted(pid) } else { 0 },
        })
    }

    const fn blocks(&self, signal: i32) -> bool {
        self.blocked >> (signal - 1) & 1 != 0
    }

    /// Whether the signal reaches it. One that is blocked is taken to be waited for.
    pub(super) const fn handles(&self, signal: i32) -> bool {
        self.blocks(signal) || self.caught >> (signal - 1) & 1 != 0
    }

    /// First real-time signal of its C library: glibc keeps two of the kernel's to itself, musl three.
    const fn sigrtmin(&self) -> i32 {
        if self.blocks(34) { 34 } else { 35 }
    }

    pub(super) fn kind(&self) -> Kind {
        match self.exe.as_str() {
            "systemd" => Kind::Systemd,
            // A shell script as init is also busybox; only its init handles this one.
            "busybox" if self.comm == "init" && self.handles(SIGUSR2) => Kind::Busybox,
            "init" if self.handles(SIGPWR) => Kind::Sysvinit,
            "init" if self.handles(SIGUSR2) && self.handles(SIGTERM) => Kind::Busybox,
            "upstart" => Kind::Sysvinit,
            "openrc-init" => Kind::OpenRc,
            "runit" | "runit-init" => Kind::Runit,
            // One that was started by hand supervises, and ends by SIGTERM like any program.
            "s6-svscan" if self.scripted != 0 => Kind::S6,
            "finit" => Kind::Finit,
            // systemd under another name, or unreadable: it waits for SIGRTMIN+3 and +4 by a signalfd. Programs
            // that pass on every signal (tini, dumb-init) wait for all, also for those that systemd has no use for.
            _ if self.blocks(37) && self.blocks(38) && !self.blocks(43) => Kind::Systemd,
            _ => Kind::Program,
        }
    }

    /// How to ask this init; `None` if it would not hear.
    pub(super) fn choose(&self, action: StopAction) -> Option<Delivered> {
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
            (Kind::Sysvinit | Kind::OpenRc | Kind::S6, Reboot) => &[SIGINT],
            (Kind::Runit, _) => return Some(Delivered::Runit),
            (Kind::Program, _) => return self.handles(SIGTERM).then_some(Delivered::Terminate),
        };
        let hears = |signal| match self.kind() {
            Kind::S6 => self.scripted >> (signal - 1) & 1 != 0,
            _ => self.handles(signal),
        };
        candidates.iter().copied().find(|&signal| hears(signal)).map(Delivered::Signal)
    }
}

/// The signals for which the scan directory of an s6-svscan, which is its working directory, has a script.
fn scripted(pid: i32) -> u64 {
    const SCRIPTS: [(&str, i32); 4] =
        [("SIGINT", SIGINT), ("SIGUSR1", SIGUSR1), ("SIGUSR2", SIGUSR2), ("SIGPWR", SIGPWR)];
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(directory) = rustix::fs::open(format!("/proc/{pid}/cwd"), flags, Mode::empty()) else { return 0 };
    let there = |name: &str| {
        let path = Path::new(".s6-svscan").join(name);
        kernel::path::open_in_root(directory.as_fd(), &path, OFlags::PATH).is_ok()
    };
    SCRIPTS.iter().filter(|(name, _)| there(name)).fold(0, |mask, (_, signal)| mask | 1 << (signal - 1))
}
