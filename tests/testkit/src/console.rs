//! `virsh console` at a terminal.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::Child;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::command::ended;
use crate::host::Host;
use crate::wait::{Deadline, PATIENCE, readable};

/// A person at a terminal in which `virsh console` runs.
#[derive(Debug)]
pub struct Console {
    terminal: File,
    child: Child,
    unread: String,
}

impl Host {
    /// Opens the console of a domain, with further arguments of `virsh console`.
    #[track_caller]
    #[must_use]
    pub fn console(&self, name: &str, arguments: &[&str]) -> Console {
        match Console::open(self, name, arguments) {
            Ok(console) => console,
            Err(error) => panic!("{error:#}"),
        }
    }
}

impl Console {
    fn open(host: &Host, name: &str, arguments: &[&str]) -> Result<Self> {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&terminal)?;
        unlockpt(&terminal)?;
        let slave = ptsname(&terminal, Vec::new())?.into_string()?;
        let slave = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(i32::try_from(rustix::fs::OFlags::NOCTTY.bits())?)
            .open(slave)?;
        let mut command = host.enter();
        command.args(["virsh", "--connect", "lxc:///system", "console", name]).args(arguments);
        command.env("TERM", "dumb");
        command.stdin(slave.try_clone()?).stdout(slave.try_clone()?).stderr(slave);
        let child = command.spawn().context("run nsenter")?;
        Ok(Self { terminal: File::from(terminal), child, unread: String::new() })
    }

    /// Waits for a text, and returns everything up to its end. What came before is not looked at again.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> String {
        match self.look_for(text, PATIENCE) {
            Some(found) => found,
            None => panic!("no `{text}` on the console; there is `{}`", self.unread),
        }
    }

    /// Like [`Console::expect`], but gives up after `patience`.
    pub fn look_for(&mut self, text: &str, patience: Duration) -> Option<String> {
        let deadline = Deadline::within(patience);
        loop {
            if let Some(at) = self.unread.find(text) {
                return Some(self.unread.drain(..at + text.len()).collect());
            }
            if !self.read_some(deadline) {
                return None;
            }
        }
    }

    /// Types a line.
    #[track_caller]
    pub fn type_line(&mut self, line: &str) {
        self.type_keys(&format!("{line}\r"));
    }

    /// Types keys.
    #[track_caller]
    pub fn type_keys(&mut self, keys: &str) {
        if let Err(error) = self.terminal.write_all(keys.as_bytes()) {
            panic!("type: {error}");
        }
    }

    /// Leaves with Ctrl-] and waits until virsh has ended.
    #[track_caller]
    pub fn leave(mut self) {
        self.type_keys("\x1d");
        let _ = self.rest();
    }

    /// Waits until virsh has ended by itself; returns what else it has written.
    #[track_caller]
    pub fn rest(&mut self) -> String {
        let deadline = Deadline::within(PATIENCE);
        while self.read_some(deadline) {}
        match ended(&mut self.child, PATIENCE) {
            Ok(true) => std::mem::take(&mut self.unread),
            _ => panic!("virsh console does not end; it has written `{}`", self.unread),
        }
    }

    /// False at the end of file and at the deadline.
    fn read_some(&mut self, deadline: Deadline) -> bool {
        if !matches!(readable(&self.terminal, deadline), Ok(true)) {
            return false;
        }
        let mut buffer = [0; 4096];
        // A terminal whose last user has gone answers EIO.
        match self.terminal.read(&mut buffer) {
            Ok(0) | Err(_) => false,
            Ok(read) => {
                self.unread.push_str(&String::from_utf8_lossy(&buffer[..read]));
                true
            }
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
