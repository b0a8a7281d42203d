//! Noticing that a client is gone although its socket is open.

use std::time::Duration;

use protocol::header::{Header, KEEPALIVE, MessageType, Status, VERSION};
use tokio::time::Instant;

use crate::frame;

/// Procedure number of a ping.
pub(crate) const PING: i32 = 1;
/// Procedure number of the answer to a ping.
pub(crate) const PONG: i32 = 2;

/// Pings a client after a time of silence and gives it up when it does not answer.
#[derive(Debug)]
pub(crate) struct Keepalive {
    interval: Duration,
    count: u32,
    /// Pings that may still go unanswered.
    left: u32,
    due: Instant,
}

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing before this time.
    Wait(Instant),
    /// Send a ping, and nothing more before this time.
    Ping(Instant),
    /// Give the client up.
    Dead,
}

impl Keepalive {
    /// Starts watching; `None` if the interval is zero, which is never to ping.
    pub(crate) fn start(interval: Duration, count: u32, now: Instant) -> Option<Self> {
        (!interval.is_zero()).then(|| Self { interval, count, left: count, due: now + interval })
    }

    /// Any message from the client shows that it lives.
    pub(crate) fn received(&mut self, now: Instant) {
        self.left = self.count;
        self.due = now + self.interval;
    }

    pub(crate) fn check(&mut self, now: Instant) -> Action {
        if now < self.due {
            return Action::Wait(self.due);
        }
        let Some(left) = self.left.checked_sub(1) else { return Action::Dead };
        self.left = left;
        self.due = now + self.interval;
        Action::Ping(self.due)
    }
}

/// Answers to pings that a client may have at once, and one more each tenth of a second.
const PONGS: u32 = 512;
const PONG_EVERY: Duration = Duration::from_millis(100);

/// How fast pings are answered: a client that sends more than it needs is not worth the work.
#[derive(Debug)]
pub(crate) struct PongRate {
    left: u32,
    since: Instant,
}

impl PongRate {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { left: PONGS, since: now }
    }

    /// Whether one more is answered.
    pub(crate) fn admit(&mut self, now: impl FnOnce() -> Instant) -> bool {
        if self.left == 0 {
            let now = now();
            let earned = now.duration_since(self.since).as_millis() / PONG_EVERY.as_millis();
            self.left = u32::try_from(earned).unwrap_or(PONGS).min(PONGS);
            if self.left > 0 {
                self.since = now;
            }
        }
        let admitted = self.left > 0;
        self.left = self.left.saturating_sub(1);
        admitted
    }
}

/// A whole keepalive message.
pub(crate) fn message(procedure: i32) -> Vec<u8> {
    let header = Header {
        program: KEEPALIVE,
        version: VERSION,
        procedure,
        kind: MessageType::MESSAGE,
        serial: 0,
        status: Status::OK,
    };
    frame::message(&header, &()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Action, Keepalive, PongRate};

    const STEP: Duration = Duration::from_secs(5);

    #[test]
    fn silence_ends_after_count_and_one_intervals() {
        let start = Instant::now();
        let mut keepalive = Keepalive::start(STEP, 2, start).unwrap();
        assert_eq!(keepalive.check(start), Action::Wait(start + STEP));
        assert_eq!(keepalive.check(start + STEP), Action::Ping(start + STEP * 2));
        assert_eq!(keepalive.check(start + STEP), Action::Wait(start + STEP * 2));
        assert_eq!(keepalive.check(start + STEP * 2), Action::Ping(start + STEP * 3));
        assert_eq!(keepalive.check(start + STEP * 3), Action::Dead);
    }

    #[test]
    fn a_message_starts_over() {
        let start = Instant::now();
        let mut keepalive = Keepalive::start(STEP, 1, start).unwrap();
        assert_eq!(keepalive.check(start + STEP), Action::Ping(start + STEP * 2));
        keepalive.received(start + STEP + STEP / 2);
        assert_eq!(keepalive.check(start + STEP * 2), Action::Wait(start + STEP * 2 + STEP / 2));
        assert_eq!(keepalive.check(start + STEP * 3), Action::Ping(start + STEP * 4));
    }

    #[test]
    fn answers_have_a_rate() {
        let start = Instant::now();
        let mut rate = PongRate::new(start);
        let admitted = |rate: &mut PongRate, now| (0..10_000).filter(|_| rate.admit(|| now)).count();
        assert_eq!(admitted(&mut rate, start), 512);
        assert_eq!(admitted(&mut rate, start + Duration::from_secs(1)), 10);
        assert_eq!(admitted(&mut rate, start + Duration::from_millis(1050)), 0);
        assert_eq!(admitted(&mut rate, start + Duration::from_secs(1000)), 512, "they are not saved up");
    }

    #[test]
    fn a_zero_interval_never_pings() {
        assert!(Keepalive::start(Duration::ZERO, 5, Instant::now()).is_none());
    }
}
