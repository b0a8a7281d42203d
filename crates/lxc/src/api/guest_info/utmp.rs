//! Who is logged in: utmp(5).

/// A user who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    /// Since when, milliseconds since 1970.
    pub(super) login_ms: u64,
}

/// Size of a record, and where the time is in it: 32-bit times where 32-bit programs run on the same machine.
const LAYOUT: (usize, usize, usize) =
    if cfg!(any(target_arch = "x86_64", target_arch = "powerpc64", target_arch = "s390x")) {
        (384, 340, 4)
    } else {
        (400, 344, 8)
    };

/// `ut_user`.
const NAME: std::ops::Range<usize> = 44..76;

/// `ut_type` of a login.
const USER_PROCESS: u16 = 7;

/// The users in the file, once each, with their last login.
pub(super) fn users(records: &[u8]) -> Vec<User> {
    let mut users: Vec<User> = Vec::new();
    for user in records.chunks_exact(LAYOUT.0).filter_map(parse) {
        match users.iter_mut().find(|known| known.name == user.name) {
            Some(known) => known.login_ms = known.login_ms.max(user.login_ms),
            None => users.push(user),
        }
    }
    users
}

fn parse(record: &[u8]) -> Option<User> {
    let (_, time, width) = LAYOUT;
    let kind = u16::from_ne_bytes(record.get(..2)?.try_into().ok()?);
    let seconds = match width {
        4 => u64::from(u32::from_ne_bytes(record.get(time..time + 4)?.try_into().ok()?)),
        _ => u64::from_ne_bytes(record.get(time..time + 8)?.try_into().ok()?),
    };
    let micros = record.get(time + width..time + width + 4)?.try_into().ok()?;
    let name = record.get(NAME)?.split(|byte| *byte == 0).next()?;
    if kind != USER_PROCESS || name.is_empty() {
        return None;
    }
    let login_ms = seconds.saturating_mul(1000).saturating_add(u64::from(u32::from_ne_bytes(micros)) / 1000);
    Some(User { name: String::from_utf8_lossy(name).into_owned(), login_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, name: &str, seconds: u64) -> Vec<u8> {
        let (size, time, width) = LAYOUT;
        let mut record = vec![0; size];
        record[..2].copy_from_slice(&kind.to_ne_bytes());
        record[44..44 + name.len()].copy_from_slice(name.as_bytes());
        record[time..time + width].copy_from_slice(&seconds.to_ne_bytes()[..width]);
        record[time + width..time + width + 4].copy_from_slice(&500_000_u32.to_ne_bytes());
        record
    }

    #[test]
    fn logins_are_found() {
        let all =
            [record(2, "reboot", 1), record(7, "root", 1000), record(8, "bob", 5), record(7, "root", 2000)];
        let mut bytes = all.concat();
        bytes.extend([1; 17]);
        assert_eq!(users(&bytes), [User { name: "root".into(), login_ms: 2_000_500 }]);
        assert_eq!(users(&[]), []);
    }
}
