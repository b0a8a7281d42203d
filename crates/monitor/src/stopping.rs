//! Requests to power off or reboot.

use std::os::fd::AsFd;
use std::time::Duration;

use kernel::Errno;
use runtime::control::{Answer, Failure, StopAction};
use runtime::stop;

use crate::log;
use crate::supervisor::{Phase, Supervisor, Waiting};

/// How long after its start an init may still be about to set up its signals.
const BOOTING: Duration = Duration::from_secs(2);

/// How often to look whether it has: nothing tells of it.
const GLANCE: Duration = Duration::from_millis(20);

/// A request that init did not hear yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopping {
    who: Waiting,
    action: StopAction,
    initctl: bool,
    signal: bool,
}

impl Supervisor {
    /// Asks init, and answers when it was asked. One that has just started is given time to learn to listen.
    pub(crate) fn stop(&mut self, who: Waiting, action: StopAction, initctl: bool, signal: bool) {
        self.try_stop(Stopping { who, action, initctl, signal });
    }

    /// When to look again.
    pub(crate) fn stop_glance(&self) -> Option<Duration> {
        (!self.stopping.is_empty()).then_some(GLANCE)
    }

    /// Looks again.
    pub(crate) fn continue_stopping(&mut self) {
        for stopping in std::mem::take(&mut self.stopping) {
            self.try_stop(stopping);
        }
    }

    fn try_stop(&mut self, stopping: Stopping) {
        let Stopping { who, action, initctl, signal } = stopping;
        match self.ask_init(action, initctl, signal) {
            Ok(()) => self.reply(who, Ok(Answer::Done)),
            Err(failure) => {
                let deaf = failure.errno == Errno::OPNOTSUPP.raw_os_error();
                if deaf && matches!(self.phase, Phase::Running) && self.started_at.elapsed() < BOOTING {
                    self.stopping.push(stopping);
                } else {
                    self.reply(who, Err(failure));
                }
            }
        }
    }

    fn ask_init(&mut self, action: StopAction, initctl: bool, signal: bool) -> Result<(), Failure> {
        let init = self.init()?;
        let init = stop::Init { pid: init.pid, pidfd: init.pidfd.as_fd() };
        let delivered = stop::request(init, action, initctl, signal)?;
        log::line(format_args!("info: {action:?} requested, {delivered:?}"));
        self.asked.remember(action, delivered);
        Ok(())
    }
}
