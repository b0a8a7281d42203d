//! `--daemon`: the daemon in a process of its own, detached from the terminal.
//!
//! The daemon never forks. The process that was started runs the program once more, waits until that one serves,
//! and exits.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};
use kernel::command::Command;

/// Descriptor on which the detached daemon says that it serves.
const READY_FD: i32 = 3;

/// Starts the detached daemon and waits until it serves; its errors until then are on our standard error.
pub(crate) fn launch() -> Result<ExitCode> {
    let (mut ready, theirs) = std::io::pipe().context("pipe")?;
    let mut command = Command::new(std::env::current_exe().context("path of the daemon")?);
    command.args(std::env::args_os().skip(1)).arg("--ready-fd").arg(READY_FD.to_string());
    command.stderr(Stdio::inherit()).fd(OwnedFd::from(theirs), READY_FD);
    command.spawn().context("cannot start the daemon")?;
    let mut word = Vec::new();
    ready.read_to_end(&mut word).context("pipe")?;
    Ok(if word.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The detached daemon's side.
#[derive(Debug)]
pub(crate) struct Detached(OwnedFd);

impl Detached {
    /// Leaves the session of the terminal. To be called first of all.
    pub(crate) fn enter(fd: i32) -> Result<Self> {
        let ready = kernel::fd::inherited(fd).context("--ready-fd")?;
        rustix::process::setsid().context("setsid")?;
        Ok(Self(ready))
    }

    /// Says that the daemon serves, and lets go of the terminal.
    pub(crate) fn ready(self) -> Result<()> {
        let null = OpenOptions::new().read(true).write(true).open("/dev/null").context("/dev/null")?;
        rustix::stdio::dup2_stderr(null.as_fd()).context("standard error")?;
        let mut ready = std::fs::File::from(self.0);
        ready.write_all(b"1").context("pipe")
    }
}
