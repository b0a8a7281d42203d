//! The container's log: a line for each thing that an administrator may want to know later.

use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use runtime::escape::Lines;

/// One per process, so that a panic gets there too.
static LOG: OnceLock<File> = OnceLock::new();

/// Opens the log for appending. Without one the lines are lost, which is no reason not to run.
pub(crate) fn open(path: &Path) {
    // Not through a link that somebody has put in its place.
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    if let Ok(file) =
        OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(no_follow).open(path)
    {
        let _ = LOG.set(file);
    }
    std::panic::set_hook(Box::new(|panic| line(format_args!("error: {panic}"))));
}

/// Writes a line.
pub(crate) fn line(text: impl Display) {
    if let Some(mut file) = LOG.get() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // One write, so that lines of several processes do not mix. A full disk must not end the container.
        let line = format!("{}: {}: {text}\n", timestamp(now), std::process::id());
        let _ = Lines(&mut file).write_all(line.as_bytes());
    }
}

/// `2026-11-24 03:48:12.345+0000`, as libvirt's logs have it.
fn timestamp(since_epoch: Duration) -> String {
    let seconds = since_epoch.as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let milli = since_epoch.subsec_millis();
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}+0000")
}

/// Year, month and day of the Gregorian calendar from days since 1970-01-01. Years are counted from March, so
/// that the leap day is the last of a year.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps() {
        let check = |millis: u64, expect: &str| assert_eq!(timestamp(Duration::from_millis(millis)), expect);
        check(0, "1970-01-01 00:00:00.000+0000");
        check(951_782_399_999, "2000-02-28 23:59:59.999+0000");
        check(951_782_400_000, "2000-02-29 00:00:00.000+0000");
        check(1_709_251_199_000, "2024-02-29 23:59:59.000+0000");
        check(1_709_251_200_000, "2024-03-01 00:00:00.000+0000");
        check(4_102_444_800_000, "2100-01-01 00:00:00.000+0000");
    }
}
