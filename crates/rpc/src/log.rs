//! Lines in the log that clients can provoke.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Lines let through in each period.
const LINES: u32 = 10;
const PERIOD: Duration = Duration::from_secs(10);

/// Lets a bounded number of lines through, and tells how many it did not.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<Period>);

#[derive(Debug, Default)]
struct Period {
    began: Option<Instant>,
    lines: u32,
    suppressed: u64,
}

impl Gate {
    /// Logs a warning, unless there have been too many.
    pub(crate) fn warn(&self, text: impl FnOnce() -> String) {
        let Some(suppressed) = self.0.lock().unwrap_or_else(PoisonError::into_inner).admit(Instant::now())
        else {
            return;
        };
        if suppressed > 0 {
            tracing::warn!(suppressed, "messages about clients were not logged");
        }
        tracing::warn!("{}", text());
    }
}

impl Period {
    /// Whether a line may be logged now; if so, how many before it were not.
    fn admit(&mut self, now: Instant) -> Option<u64> {
        if self.began.is_none_or(|began| now.duration_since(began) >= PERIOD) {
            self.began = Some(now);
            self.lines = 0;
        }
        if self.lines == LINES {
            self.suppressed += 1;
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{LINES, PERIOD, Period};

    #[test]
    fn lines_are_bounded_and_the_rest_is_counted() {
        let now = Instant::now();
        let mut period = Period::default();
        let logged = (0..LINES + 7).filter_map(|_| period.admit(now)).count();
        assert_eq!(logged, usize::try_from(LINES).unwrap());
        assert_eq!(period.admit(now + PERIOD), Some(7));
        assert_eq!(period.admit(now + PERIOD), Some(0));
    }
}
