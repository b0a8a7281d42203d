//! Which device nodes the payload may open or make.

mod program;

use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, major, minor, stat};

use crate::controller::PAYLOAD;
use crate::file::{on, write};
use crate::{Group, Result};

/// Kinds of device nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Block,
    Char,
}

/// Devices that may be opened, read, made and, mostly, written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    kind: Kind,
    major: u32,
    /// All if absent.
    minor: Option<u32>,
    readonly: bool,
}

impl Rule {
    /// Whether both are about the same devices.
    fn means(&self, other: &Self) -> bool {
        (self.kind, self.major, self.minor) == (other.kind, other.major, other.minor)
    }
}

/// As the v1 controller reads it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.kind == Kind::Block { 'b' } else { 'c' };
        let access = if self.readonly { "rm" } else { "rwm" };
        match self.minor {
            Some(minor) => write!(f, "{kind} {}:{minor} {access}", self.major),
            None => write!(f, "{kind} {}:* {access}", self.major),
        }
    }
}

/// What every container has: null, zero, full, random, urandom, tty, console, ptmx, and its terminals.
fn always() -> Vec<Rule> {
    let node = |major, minor| Rule { kind: Kind::Char, major, minor: Some(minor), readonly: false };
    let mut rules: Vec<_> = [3, 5, 7, 8, 9].map(|minor| node(1, minor)).into();
    rules.extend([0, 1, 2].map(|minor| node(5, minor)));
    rules.push(Rule { kind: Kind::Char, major: 136, minor: None, readonly: false });
    rules
}

/// The program that holds the payload on cgroup v2, and the rules in it.
#[derive(Debug)]
pub(crate) struct Filter {
    rules: Vec<Rule>,
    program: OwnedFd,
}

impl Group {
    /// Forbids the payload all devices but the usual ones and the nodes given by their host paths. To be called
    /// before a process is in it.
    ///
    /// Where the v1 `devices` controller is mounted, by it; else by a program on cgroup v2 (`BPF_CGROUP_DEVICE`).
    pub fn restrict_devices<P: AsRef<Path>>(&mut self, extra: &[P]) -> Result<()> {
        let mut rules = always();
        for path in extra {
            rules.push(rule_of(path.as_ref(), false)?);
        }
        match self.placement().v1.get("devices").map(|scope| scope.join(PAYLOAD)) {
            Some(payload) => {
                write(&payload, "devices.deny", "a")?;
                rules.iter().try_for_each(|rule| write(&payload, "devices.allow", &rule.to_string()))
            }
            None => self.attach(rules),
        }
    }

    /// Allows one more device node, given by its host path, to a payload that [`Self::restrict_devices`] holds.
    pub fn allow_device(&mut self, path: &Path, readonly: bool) -> Result<()> {
        let rule = rule_of(path, readonly)?;
        if let Some(scope) = self.placement().v1.get("devices") {
            return write(&scope.join(PAYLOAD), "devices.allow", &rule.to_string());
        }
        let Some(filter) = &self.devices else { return Ok(()) };
        let mut rules = filter.rules.clone();
        rules.push(rule);
        self.attach(rules)
    }

    /// Takes back what [`Self::allow_device`] allowed. What every container has stays allowed, and a device that a
    /// process has open stays open.
    pub fn deny_device(&mut self, path: &Path) -> Result<()> {
        let rule = rule_of(path, false)?;
        if always().iter().any(|usual| usual.means(&rule)) {
            return Ok(());
        }
        if let Some(scope) = self.placement().v1.get("devices") {
            return write(&scope.join(PAYLOAD), "devices.deny", &rule.to_string());
        }
        let Some(filter) = &self.devices else { return Ok(()) };
        let mut rules = filter.rules.clone();
        rules.retain(|allowed| !allowed.means(&rule));
        self.attach(rules)
    }

    /// Puts a program with these rules in the place of the present one. No error without cgroup v2.
    fn attach(&mut self, rules: Vec<Rule>) -> Result<()> {
        let Some(payload) = self.v2_payload() else { return Ok(()) };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let group = rustix::fs::open(&payload, flags, Mode::empty()).map_err(on("open", &payload))?;
        let program = kernel::bpf::load_device_program(&program::assemble(&rules))
            .map_err(on("load a device program (CONFIG_CGROUP_BPF) for", &payload))?;
        let replaced = self.devices.as_ref().map(|filter| filter.program.as_fd());
        kernel::bpf::attach_device_program(group.as_fd(), program.as_fd(), replaced)
            .map_err(on("attach a device program to", &payload))?;
        self.devices = Some(Filter { rules, program });
        Ok(())
    }
}

/// `ENODEV` for what is no device node.
fn rule_of(path: &Path, readonly: bool) -> Result<Rule> {
    let status = stat(path).map_err(on("stat", path))?;
    let kind = match FileType::from_raw_mode(status.st_mode) {
        FileType::CharacterDevice => Kind::Char,
        FileType::BlockDevice => Kind::Block,
        _ => return Err(on("no device node:", path)(kernel::Errno::NODEV)),
    };
    let (major, minor) = (major(status.st_rdev), Some(minor(status.st_rdev)));
    Ok(Rule { kind, major, minor, readonly })
}
