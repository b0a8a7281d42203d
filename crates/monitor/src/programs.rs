//! Programs that daemons have run in the container.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use kernel::Errno;
use kernel::pidfd::{self, Exit};
use runtime::control::{Answer, Failure};
use runtime::enter::{self, Entered};
use runtime::plan::Init;

use crate::event::Round;
use crate::log;
use crate::monitor::failure;
use crate::supervisor::{Supervisor, Waiting};

/// Most at a time.
const PROGRAMS_MAX: usize = 32;

/// A program, who waits for its end, and for how long.
#[derive(Debug)]
pub(crate) struct Program {
    waiting: Waiting,
    entered: Entered,
    /// None when it has been killed.
    deadline: Option<Instant>,
}

impl Program {
    /// Waits for its end, or for the time to kill it.
    pub(crate) fn wait_for<'a, T: Copy>(&'a self, round: &mut Round<'a, T>, token: T) {
        round.read(token, &self.entered.pidfd);
        if let Some(deadline) = self.deadline {
            round.within(deadline.saturating_duration_since(Instant::now()));
        }
    }
}

impl Supervisor {
    /// Starts a program; `who` is answered at its end.
    pub(crate) fn run_program(
        &mut self,
        who: Waiting,
        program: &Init,
        timeout: Duration,
        streams: Vec<OwnedFd>,
    ) {
        match self.start_program(who, program, timeout, streams) {
            Ok(program) => self.programs.push(program),
            Err(failure) => self.reply(who, Err(failure)),
        }
    }

    fn start_program(
        &self,
        waiting: Waiting,
        program: &Init,
        timeout: Duration,
        streams: Vec<OwnedFd>,
    ) -> Result<Program, Failure> {
        let refused = |what: &str, errno| Err(failure(&format!("{}: {what}", program.path), errno));
        let Ok(streams) = <[OwnedFd; 3]>::try_from(streams) else {
            return refused("three descriptors expected", Errno::INVAL);
        };
        if self.programs.len() >= PROGRAMS_MAX {
            return refused("too many programs at a time", Errno::AGAIN);
        }
        if self.freezing.is_some() || self.group.is_frozen().unwrap_or(false) {
            return refused("the container is paused", Errno::BUSY);
        }
        let init = self.init()?;
        let container = enter::Running {
            plan: &self.plan,
            group: &self.group,
            init_pid: init.pid,
            init: init.pidfd.as_fd(),
        };
        let entered = enter::run(container, program, &streams)?;
        log::line(format_args!("info: runs {} as {}", program.path, entered.pid));
        Ok(Program { waiting, entered, deadline: Instant::now().checked_add(timeout) })
    }

    /// Kills those whose time is over or that nobody waits for any more, and tells of those that have ended.
    pub(crate) fn continue_programs(&mut self) {
        let mut running = Vec::with_capacity(self.programs.len());
        for mut program in std::mem::take(&mut self.programs) {
            let wanted = self.connections.contains(program.waiting.0);
            if program.deadline.is_some_and(|deadline| !wanted || Instant::now() >= deadline) {
                program.deadline = None;
                let _ = pidfd::kill(program.entered.pidfd.as_fd());
            }
            match pidfd::try_wait(program.entered.pidfd.as_fd()) {
                Ok(None) => running.push(program),
                Ok(Some(exit)) => {
                    let result = program.entered.outcome(exit).map(exited);
                    self.reply(program.waiting, result);
                }
                Err(errno) => self.reply(program.waiting, Err(failure("wait for a program", errno))),
            }
        }
        self.programs = running;
    }
}

const fn exited(exit: Exit) -> Answer {
    match exit {
        Exit::Status(status) => Answer::Exited { status: Some(status), signal: None },
        Exit::Signal(signal) => Answer::Exited { status: None, signal: Some(signal) },
    }
}
