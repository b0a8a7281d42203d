//! From the end of init to a restart or to the end of everything.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use cgroup::Watch;
use kernel::Errno;
use runtime::control::{Answer, Cause, ExitRecord, Failure, Report};
use rustix::event::PollFlags;

use crate::console::Console;
use crate::event::Round;
use crate::exit::{self, Next};
use crate::files;
use crate::log;
use crate::monitor::{FAREWELL, describe, failure, own_pid};
use crate::supervisor::{Phase, Supervisor, Waiting};

/// An init that ends sooner than this is in a hurry.
const HASTE: Duration = Duration::from_secs(1);

/// Restarts in a hurry that are allowed in a row; after that each waits.
const HASTY_MAX: u32 = 3;

/// How long a reader of a console gets to take the last words.
const LAST_WORDS: Duration = Duration::from_millis(200);

impl Supervisor {
    /// Ends the container now.
    pub(crate) fn kill(&mut self) {
        self.drain(Next::End(Cause::Killed));
    }

    /// Ends all processes, and starts init again in what is kept of the container.
    pub(crate) fn reset(&mut self, who: Waiting) {
        log::line("info: reset");
        self.resetters.push(who);
        self.drain(Next::Restart);
    }

    /// Tells those who asked for a reset what came of it.
    fn answer_resetters(&mut self, result: &Result<Answer, Failure>) {
        for who in std::mem::take(&mut self.resetters) {
            self.reply(who, result.clone());
        }
    }

    /// Init has ended.
    pub(crate) fn reap(&mut self) {
        let Some(init) = &self.init else { return };
        let exit = match kernel::pidfd::try_wait(init.pidfd.as_fd()) {
            Ok(None) => return,
            Ok(Some(exit)) => exit,
            Err(errno) => {
                log::line(format_args!("error: wait for init: {errno}"));
                kernel::pidfd::Exit::Signal(9)
            }
        };
        self.init = None;
        log::line(format_args!("info: init {} ended: {exit:?}", self.state.init_pid));
        if matches!(self.phase, Phase::Running) {
            self.drain(exit::next(exit, self.asked, self.on_reboot));
        }
        self.consoles.iter_mut().for_each(Console::disconnect);
    }

    /// Kills what is left, for what comes next. A kill overrides a restart that is under way.
    fn drain(&mut self, next: Next) {
        match &self.phase {
            Phase::Running | Phase::Draining(Next::Restart) => self.phase = Phase::Draining(next),
            Phase::Draining(Next::End(_)) | Phase::Over => {}
        }
        self.forget_freezing();
        self.end_workers();
        self.state.frozen = false;
        self.kill_all();
    }

    fn kill_all(&self) {
        let killed = match &self.phase {
            // Mostly the end of init was that of all others.
            Phase::Draining(Next::Restart) => self.group.kill_each(),
            _ => self.group.kill_all(),
        };
        if let Err(error) = killed {
            log::line(format_args!("error: kill: {error}"));
        }
        if let Some(init) = &self.init {
            // Whatever became of the control groups: without its init the rest of its pid namespace dies, too.
            let _ = kernel::pidfd::kill(init.pidfd.as_fd());
        }
    }

    /// Does the next thing if no process is left; otherwise returns what to wait for.
    pub(crate) fn advance(&mut self) -> Option<Watch> {
        loop {
            // Init counts until it is reaped, which its pidfd tells.
            let (Phase::Draining(next), None) = (&self.phase, &self.init) else { return None };
            match self.group.watch_empty() {
                Ok(None) => {}
                Ok(Some(watch)) => {
                    // Who came in after the first kill.
                    self.kill_all();
                    return Some(watch);
                }
                // Lack of memory or descriptors passes. Nobody may think the container ended before it has.
                Err(error) => {
                    if !std::mem::replace(&mut self.complained, true) {
                        log::line(format_args!("error: {error}"));
                    }
                    return Some(Watch::pause());
                }
            }
            if *next == Next::Restart && self.pause().is_some() {
                return None;
            }
            self.go_on();
        }
    }

    /// How long a restart has to wait, so that an init which does nothing but reboot does not use up the host.
    pub(crate) fn pause(&self) -> Option<Duration> {
        let restarting = matches!(self.phase, Phase::Draining(Next::Restart)) && self.init.is_none();
        let since = self.started_at.elapsed();
        (restarting && self.hasty >= HASTY_MAX && since < HASTE).then(|| HASTE - since)
    }

    fn go_on(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Draining(Next::Restart) => {
                self.hasty = if self.started_at.elapsed() < 2 * HASTE { self.hasty + 1 } else { 0 };
                match self.restart() {
                    Ok(()) => {
                        log::line(format_args!("info: restarted, init is {}", self.state.init_pid));
                        self.connections.broadcast(&Report::Rebooted(self.state.clone()));
                        self.answer_resetters(&Ok(Answer::Done));
                    }
                    Err(failure) => {
                        log::line(format_args!("error: restart: {}: {}", failure.step, describe(&failure)));
                        self.answer_resetters(&Err(failure.clone()));
                        self.drain_after_failure(failure);
                    }
                }
            }
            Phase::Draining(Next::End(cause)) => self.end(cause),
            Phase::Running | Phase::Over => {}
        }
    }

    fn drain_after_failure(&mut self, failure: Failure) {
        self.phase = Phase::Draining(Next::End(Cause::RebootFailed(failure)));
    }

    /// Frees everything and says goodbye. A step that fails is logged, and the next one is taken all the same.
    fn end(&mut self, cause: Cause) {
        self.answer_resetters(&Err(failure("the container has ended", Errno::SRCH)));
        self.say_last_words();
        self.consoles.clear();
        let interfaces = std::mem::take(&mut self.kept).interfaces;
        let attempts = [
            runtime::net::unplug(&self.plan.uuid, &interfaces).map_err(|failure| describe(&failure)),
            self.group.remove().map_err(|error| error.to_string()),
            self.write_exit_record(&cause),
        ];
        attempts
            .into_iter()
            .filter_map(Result::err)
            .for_each(|error| log::line(format_args!("error: {error}")));
        // Not before the record is there: a daemon finds one or the other.
        self.names = None;
        log::line(format_args!("info: ended: {cause:?}"));
        self.connections.broadcast(&Report::Ended(cause));
        for who in std::mem::take(&mut self.killers) {
            self.reply(who, Ok(Answer::Done));
        }
        self.connections.flush(FAREWELL);
    }

    fn write_exit_record(&self, cause: &Cause) -> Result<(), String> {
        let record =
            ExitRecord { uuid: self.plan.uuid.clone(), monitor_pid: own_pid(), cause: cause.clone() };
        let content = serde_json::to_vec(&record).map_err(|error| error.to_string())?;
        files::write_atomic(&self.plan.files.exit_record, &content, 0o600)
            .map_err(|failure| describe(&failure))
    }

    /// Gives those attached to a console the output they have not taken yet.
    fn say_last_words(&mut self) {
        let deadline = Instant::now() + LAST_WORDS;
        loop {
            let mut round = Round::new();
            for (index, console) in self.consoles.iter().enumerate() {
                if let (true, Some(reader)) = (console.has_output(), console.reader()) {
                    round.on(index, reader.as_fd(), PollFlags::OUT);
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if round.is_empty() || left.is_zero() {
                return;
            }
            round.within(left);
            let Ok(ready) = round.wait() else { return };
            ready.into_iter().for_each(|(index, flags)| self.consoles[index].on_reader(flags));
        }
    }
}
