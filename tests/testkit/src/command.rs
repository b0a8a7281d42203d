//! Running programs with a deadline and collecting what they say.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::wait::{Deadline, readable};

/// A command with nothing of the caller's environment but a usual `PATH`, and English messages.
pub(crate) fn command(program: &str) -> Command {
    #[expect(clippy::disallowed_methods, reason = "this is where the kit makes its commands")]
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", "/run/test")
        .stdin(Stdio::null());
    command
}

/// What a finished program said.
#[derive(Debug, Clone)]
pub struct Output {
    /// The command line, for messages.
    pub command: String,
    /// Exit status; 128 + signal if a signal ended it.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Its standard output.
    ///
    /// # Panics
    /// Unless the program succeeded.
    #[track_caller]
    #[must_use = "call `done` to ignore the output"]
    pub fn ok(&self) -> &str {
        self.done();
        &self.stdout
    }

    /// Checks that it succeeded.
    ///
    /// # Panics
    /// Unless the program succeeded.
    #[track_caller]
    pub fn done(&self) {
        assert!(self.status == 0, "`{}` failed: {self:#?}", self.command);
    }

    /// Its standard error.
    ///
    /// # Panics
    /// When the program succeeded.
    #[track_caller]
    pub fn err(&self) -> &str {
        assert!(self.status != 0, "`{}` succeeded and should not: {self:#?}", self.command);
        &self.stderr
    }
}

/// A program that is still running.
#[derive(Debug)]
pub struct Running {
    command: String,
    child: Child,
    exited: OwnedFd,
    stdout: File,
    stderr: File,
}

impl Running {
    /// Starts `command`. Its output goes to files, so it never blocks on us.
    pub(crate) fn spawn(mut command: Command, shown_as: String) -> Result<Self> {
        let stdout = tempfile::tempfile().context("temporary file")?;
        let stderr = tempfile::tempfile().context("temporary file")?;
        command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
        let child = command.spawn().with_context(|| format!("run {shown_as}"))?;
        let exited = pidfd(&child)?;
        Ok(Self { command: shown_as, child, exited, stdout, stderr })
    }

    /// Waits for the end of the program.
    ///
    /// # Panics
    /// When it does not end within `patience`; it is killed then.
    #[track_caller]
    pub fn finish(self, patience: Duration) -> Output {
        match self.try_finish(patience) {
            Ok(output) => output,
            Err(error) => panic!("{error:#}"),
        }
    }

    fn try_finish(mut self, patience: Duration) -> Result<Output> {
        let in_time = readable(&self.exited, Deadline::within(patience))?;
        if !in_time {
            self.child.kill()?;
        }
        let status = self.child.wait()?;
        let output = Output {
            command: self.command.clone(),
            status: exit_code(status),
            stdout: text(&mut self.stdout)?,
            stderr: text(&mut self.stderr)?,
        };
        if !in_time {
            bail!("`{}` did not end within {patience:?}: {output:#?}", output.command);
        }
        Ok(output)
    }
}

/// Waits for the end of `child`; false when it did not end within `patience`.
pub(crate) fn ended(child: &mut Child, patience: Duration) -> Result<bool> {
    let exited = pidfd(child)?;
    let in_time = readable(&exited, Deadline::within(patience))?;
    if in_time {
        child.wait()?;
    }
    Ok(in_time)
}

fn pidfd(child: &Child) -> Result<OwnedFd> {
    pidfd_open(Pid::from_child(child), PidfdFlags::empty()).context("pidfd_open")
}

fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

fn text(file: &mut File) -> Result<String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
