//! A freeze that is under way.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use cgroup::Events;
use kernel::Errno;
use runtime::control::{Answer, Report};
use rustix::event::PollFlags;

use crate::event::Round;
use crate::monitor::{cgroup_failure, failure};
use crate::supervisor::{Supervisor, Waiting};

/// How long all processes may take to stop. One in an uninterruptible system call can take for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often to look where the kernel tells of nothing (cgroup v1 alone).
const GLANCE: Duration = Duration::from_millis(2);

/// Who waits for it, and for how long.
#[derive(Debug)]
pub(crate) struct Freezing {
    waiting: Vec<Waiting>,
    events: Option<Events>,
    deadline: Instant,
}

impl Freezing {
    pub(crate) fn wait_for<'a, T: Copy>(&'a self, round: &mut Round<'a, T>, token: T) {
        round.within(self.deadline.saturating_duration_since(Instant::now()));
        match &self.events {
            Some(events) => round.on(token, events.as_fd(), PollFlags::PRI),
            None => round.within(GLANCE),
        }
    }
}

impl Supervisor {
    /// Begins to freeze; `who` is answered when everything is frozen, or when that fails.
    pub(crate) fn freeze(&mut self, who: Waiting) {
        if let Some(freezing) = &mut self.freezing {
            freezing.waiting.push(who);
            return;
        }
        if self.state.frozen {
            self.reply(who, Ok(Answer::Done));
            return;
        }
        // Opened before the request, so that no change is missed.
        let begun = self.group.events().and_then(|events| self.group.set_frozen(true).map(|()| events));
        match begun {
            Ok(events) => {
                let deadline = Instant::now() + PATIENCE;
                self.freezing = Some(Freezing { waiting: vec![who], events, deadline });
                self.continue_freezing();
            }
            Err(error) => self.reply(who, Err(cgroup_failure(&error))),
        }
    }

    /// Looks whether a freeze under way is complete or has taken too long.
    pub(crate) fn continue_freezing(&mut self) {
        let Some(freezing) = &mut self.freezing else { return };
        let frozen = match &mut freezing.events {
            Some(events) => events.state().map(|state| state.frozen),
            None => self.group.is_frozen(),
        };
        match frozen {
            Ok(true) => {
                self.set_frozen(true);
                self.end_freezing(|| Ok(Answer::Done));
            }
            Ok(false) if Instant::now() < freezing.deadline => {}
            Ok(false) => {
                // Half frozen is no state to stay in.
                let _ = self.group.set_frozen(false);
                self.end_freezing(|| Err(failure("not all processes could be frozen", Errno::TIMEDOUT)));
            }
            Err(error) => self.end_freezing(|| Err(cgroup_failure(&error))),
        }
    }

    /// Thaws; a freeze under way is given up.
    pub(crate) fn thaw(&mut self) -> Result<(), cgroup::Error> {
        self.group.set_frozen(false)?;
        self.forget_freezing();
        self.set_frozen(false);
        Ok(())
    }

    /// Tells those who wait for a freeze that it will not come.
    pub(crate) fn forget_freezing(&mut self) {
        self.end_freezing(|| Err(failure("thawed meanwhile", Errno::CANCELED)));
    }

    fn end_freezing(&mut self, result: impl Fn() -> Result<Answer, runtime::control::Failure>) {
        for who in self.freezing.take().map(|freezing| freezing.waiting).unwrap_or_default() {
            self.reply(who, result());
        }
    }

    fn set_frozen(&mut self, frozen: bool) {
        if self.state.frozen != frozen {
            self.state.frozen = frozen;
            self.connections.broadcast(&Report::Frozen { frozen });
        }
    }
}
