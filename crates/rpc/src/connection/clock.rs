//! The deadlines of a connection.

use std::time::Duration;

use tokio::time::Instant;

use super::End;
use crate::{Limits, frame::Unfinished, keepalive, keepalive::Action, session::Session};

/// Knows when the client must have done what.
#[derive(Debug)]
pub(super) struct Clock {
    /// The connection must be open by then.
    open_by: Instant,
    /// A call was under way when it should have been.
    postponed: bool,
    auth_timeout: Duration,
    header_timeout: Duration,
    message_timeout: Duration,
    send_timeout: Duration,
    shutdown_timeout: Duration,
    /// The unfinished message being watched, and when it must have arrived.
    message: Option<(Unfinished, Instant)>,
    shutdown: Option<Instant>,
}

impl Clock {
    pub(super) fn new(now: Instant, limits: &Limits) -> Self {
        Self {
            open_by: now + limits.auth_timeout,
            postponed: false,
            auth_timeout: limits.auth_timeout,
            header_timeout: limits.header_timeout,
            message_timeout: limits.message_timeout,
            send_timeout: limits.send_timeout,
            shutdown_timeout: limits.shutdown_timeout,
            message: None,
            shutdown: None,
        }
    }

    pub(super) fn shut_down(&mut self, now: Instant) {
        self.shutdown = Some(now + self.shutdown_timeout);
    }

    /// Sees whether a deadline has passed. Returns the next one.
    pub(super) fn check(
        &mut self,
        now: Instant,
        session: &mut Session,
        unfinished: Option<Unfinished>,
    ) -> Result<Option<Instant>, End> {
        let mut next = Next { now, due: None };
        next.consider(self.shutdown, "calls did not end in time for the shutdown")?;
        next.consider(self.open_by(now, session), "connection not opened in time")?;
        next.consider(self.message_by(now, unfinished), "message not received in time")?;
        let stalled = session.client.outbox().stalled_since();
        next.consider(
            stalled.map(|since| since + self.send_timeout),
            "client does not read what it is sent",
        )?;
        match session.keepalive.as_mut().map(|keepalive| keepalive.check(now)) {
            Some(Action::Wait(due)) => next.consider(Some(due), "")?,
            Some(Action::Ping(due)) => {
                session.send_keepalive(keepalive::PING);
                next.consider(Some(due), "")?;
            }
            Some(Action::Dead) => return Err(End::Timeout("client does not answer keepalive messages")),
            None => {}
        }
        Ok(next.due)
    }

    /// A call under way postpones the deadline: the user may be asked for a password. The client gets the full time
    /// again after such a call.
    fn open_by(&mut self, now: Instant, session: &Session) -> Option<Instant> {
        if session.client.name().is_some() {
            return None;
        }
        let busy = !session.is_idle();
        if (busy && now >= self.open_by) || (!busy && std::mem::take(&mut self.postponed)) {
            self.postponed = busy;
            self.open_by = now + self.auth_timeout;
        }
        Some(self.open_by)
    }

    fn message_by(&mut self, now: Instant, unfinished: Option<Unfinished>) -> Option<Instant> {
        let Some(unfinished) = unfinished else {
            self.message = None;
            return None;
        };
        if let Some((known, due)) = self.message
            && known == unfinished
        {
            return Some(due);
        }
        let allowed = match unfinished.length {
            None => self.header_timeout,
            Some(length) => {
                let mebibytes = u64::try_from(length >> 20).unwrap_or(u64::MAX);
                self.message_timeout + Duration::from_secs(mebibytes)
            }
        };
        self.message = Some((unfinished, now + allowed));
        Some(now + allowed)
    }
}

/// The earliest of several deadlines, none of which may have passed.
struct Next {
    now: Instant,
    due: Option<Instant>,
}

impl Next {
    fn consider(&mut self, due: Option<Instant>, missed: &'static str) -> Result<(), End> {
        let Some(due) = due else { return Ok(()) };
        if due <= self.now {
            return Err(End::Timeout(missed));
        }
        self.due = Some(self.due.map_or(due, |earliest| earliest.min(due)));
        Ok(())
    }
}
