//! The time zone: tzfile(5).

use std::time::{SystemTime, UNIX_EPOCH};

use tz::TimeZone;

/// Abbreviation and distance to UTC in seconds at this moment, of the content of `/etc/localtime`. Without a valid
/// one it is UTC, as for the programs inside.
pub(super) fn now(localtime: Option<&[u8]>) -> (String, i32) {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    at(localtime, i64::try_from(seconds).unwrap_or(0))
}

fn at(localtime: Option<&[u8]>, seconds: i64) -> (String, i32) {
    let zone = localtime.and_then(|bytes| TimeZone::from_tz_data(bytes).ok());
    let local = zone.as_ref().and_then(|zone| zone.find_local_time_type(seconds).ok());
    local.map_or_else(
        || ("UTC".to_owned(), 0),
        |local| (local.time_zone_designation().to_owned(), local.ut_offset()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones() {
        assert_eq!(at(None, 0), ("UTC".to_owned(), 0));
        assert_eq!(at(Some(b"nothing of the kind"), 0), ("UTC".to_owned(), 0));
        let Ok(berlin) = std::fs::read("/usr/share/zoneinfo/Europe/Berlin") else { return };
        assert_eq!(at(Some(&berlin), 1_700_000_000), ("CET".to_owned(), 3600));
        assert_eq!(at(Some(&berlin), 1_690_000_000), ("CEST".to_owned(), 7200));
    }
}
