//! Clients written with libvirt-python.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::ended;
use crate::host::Host;
use crate::wait::{Deadline, PATIENCE, readable};

const PRELUDE: &str = include_str!("python/prelude.py");
/// For scripts that are no clients.
const BARE_PRELUDE: &str = "import json, os, sys\ndef say(value): print(json.dumps(value), flush=True)\n";
/// Debian's own interpreter: the one that python3-libvirt belongs to.
const INTERPRETER: &str = "/usr/bin/python3";

impl Host {
    /// Runs a script to its end and returns the one value that it says. The script starts with an open
    /// connection `conn`, an event loop, and the functions of python/prelude.py.
    ///
    /// # Panics
    /// When the script fails or says nothing.
    #[track_caller]
    #[must_use = "call `python_do` for a script that says nothing"]
    pub fn python(&self, script: &str) -> Value {
        let output = self.run(&[INTERPRETER, "-c", &format!("{PRELUDE}\n{script}")]);
        match serde_json::from_str(output.ok()) {
            Ok(value) => value,
            Err(error) => panic!("the script said `{}`: {error}", output.stdout),
        }
    }

    /// Runs a script that says nothing to its end.
    #[track_caller]
    pub fn python_do(&self, script: &str) {
        self.run(&[INTERPRETER, "-c", &format!("{PRELUDE}\n{script}")]).done();
    }

    /// Starts a script that stays, to be talked with.
    #[track_caller]
    #[must_use]
    pub fn python_start(&self, script: &str) -> Python {
        match Python::start(self, PRELUDE, script) {
            Ok(python) => python,
            Err(error) => panic!("{error:#}"),
        }
    }

    /// As [`Host::python_start`], without a connection: the script has `say` and needs no daemon.
    #[track_caller]
    #[must_use]
    pub fn python_raw(&self, script: &str) -> Python {
        match Python::start(self, BARE_PRELUDE, script) {
            Ok(python) => python,
            Err(error) => panic!("{error:#}"),
        }
    }

    /// Waits until the domain is off (or gone).
    #[track_caller]
    pub fn wait_off(&self, name: &str) {
        self.python_do(&format!("wait_off({name:?})"));
    }
}

/// A running script. It ends with the value.
#[derive(Debug)]
pub struct Python {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    stderr: File,
    unread: Vec<u8>,
    pid: u32,
}

impl Python {
    fn start(host: &Host, prelude: &str, script: &str) -> Result<Self> {
        let stderr = tempfile::tempfile()?;
        let mut command = host.enter();
        command.args([INTERPRETER, "-c", &format!("{prelude}\nsay(os.getpid())\n{script}")]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr.try_clone()?);
        let mut child = command.spawn().context("run nsenter")?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().context("standard output")?;
        let mut python = Self { child, stdin, stdout, stderr, unread: Vec::new(), pid: 0 };
        let pid = python.next(PATIENCE)?.as_u64().context("its pid")?;
        python.pid = u32::try_from(pid)?;
        Ok(python)
    }

    /// Its pid in the private host.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The next value that it says.
    #[track_caller]
    pub fn hear(&mut self) -> Value {
        match self.next(PATIENCE) {
            Ok(value) => value,
            Err(error) => panic!("{error:#}"),
        }
    }

    /// A line for its standard input.
    #[track_caller]
    pub fn tell(&mut self, line: &str) {
        let Some(stdin) = &mut self.stdin else { panic!("its standard input is closed") };
        if let Err(error) = stdin.write_all(format!("{line}\n").as_bytes()) {
            panic!("{error}");
        }
    }

    /// Closes its standard input and waits for its end.
    #[track_caller]
    pub fn end(mut self) {
        drop(self.stdin.take());
        assert!(matches!(ended(&mut self.child, PATIENCE), Ok(true)), "the script does not end");
    }

    fn next(&mut self, patience: Duration) -> Result<Value> {
        let deadline = Deadline::within(patience);
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return serde_json::from_slice(&line).context("not JSON");
            }
            if !readable(&self.stdout, deadline)? {
                bail!("the script has said nothing for {patience:?}\n{}", self.complaints()?);
            }
            let mut buffer = [0; 4096];
            let read = self.stdout.read(&mut buffer)?;
            if read == 0 {
                bail!("the script has ended\n{}", self.complaints()?);
            }
            self.unread.extend_from_slice(&buffer[..read]);
        }
    }

    fn complaints(&mut self) -> Result<String> {
        let mut text = String::new();
        self.stderr.seek(SeekFrom::Start(0))?;
        self.stderr.read_to_string(&mut text)?;
        Ok(text)
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = ended(&mut self.child, Duration::from_secs(5));
    }
}
