//! Passwords: `/etc/shadow`, or `/etc/passwd` where there is none.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use kernel::Errno;
use rustix::fs::{FlockOperation, Mode, OFlags};

use super::files::{self, Owner};
use super::{Inside, STEP};
use crate::failure::{During, Result, failed, failure};

/// Larger files are refused, bytes.
const FILE_MAX: u64 = 1 << 20;

/// Sets the hash of a user's password. `ENOENT` if there is no such user, `EBUSY` while another program changes
/// passwords.
pub(super) fn set(inside: &Inside<'_>, user: &str, hash: &str) -> Result<()> {
    if [user, hash].iter().any(|text| text.contains([':', '\n', '\0'])) {
        return Err(failed(STEP, "user name or password", Errno::INVAL));
    }
    let root = inside.root()?;
    inside.own_files()?;
    let etc = files::directory(root.as_fd(), Path::new("/etc")).during(STEP, "/etc")?;
    let _lock = lock(etc.as_fd()).during(STEP, "/etc/.pwd.lock")?;
    let passwd = open(etc.as_fd(), "passwd")?.ok_or_else(|| failed(STEP, "/etc/passwd", Errno::NOENT))?;
    if field(&passwd.0, user).is_none() {
        return Err(failed(STEP, format_args!("no user '{user}' in /etc/passwd"), Errno::NOENT));
    }
    let (name, text, owner) = match open(etc.as_fd(), "shadow")? {
        Some((shadow, owner)) => {
            let changed = with_hash(&shadow, user, hash).map(|text| with_day(&text, user, today()));
            ("shadow", changed.unwrap_or_else(|| with_entry(&shadow, user, hash, today())), owner)
        }
        None => {
            let changed = with_hash(&passwd.0, user, hash);
            ("passwd", changed.ok_or_else(|| failure(STEP, "entry of the user"))?, passwd.1)
        }
    };
    files::replace(etc.as_fd(), name, text.as_bytes(), owner).during(STEP, format_args!("/etc/{name}"))
}

/// The lock that all programs which change these files take (lckpwdf(3)).
fn lock(etc: BorrowedFd<'_>) -> kernel::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(etc, ".pwd.lock", flags, Mode::from_raw_mode(0o600))?;
    match rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::AGAIN | Errno::ACCESS) => Err(Errno::BUSY),
        other => other.map(|()| file),
    }
}

/// Text and owner of a file in `/etc`. Names and hashes are ASCII; a comment in another encoding would be damaged,
/// so it is refused.
fn open(etc: BorrowedFd<'_>, name: &str) -> Result<Option<(String, Owner)>> {
    let path = format!("/etc/{name}");
    let Some((content, stat)) = files::read_at(etc, name, FILE_MAX).during(STEP, &path)? else {
        return Ok(None);
    };
    let text = String::from_utf8(content).map_err(|_| failed(STEP, &path, Errno::ILSEQ))?;
    Ok(Some((text, Owner::of(&stat))))
}

/// Where the second field of a user's line is.
fn field(text: &str, user: &str) -> Option<std::ops::Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix(user).and_then(|rest| rest.strip_prefix(':')) {
            let begin = at + user.len() + 1;
            let length = rest.find([':', '\n']).unwrap_or(rest.len());
            return (!user.is_empty()).then_some(begin..begin + length);
        }
        at += line.len();
    }
    None
}

fn with_hash(text: &str, user: &str, hash: &str) -> Option<String> {
    let range = field(text, user)?;
    Some(format!("{}{hash}{}", &text[..range.start], &text[range.end..]))
}

/// Sets the day of the last change, the third field, if there is one.
fn with_day(text: &str, user: &str, day: u64) -> String {
    let Some(hash) = field(text, user) else { return text.to_owned() };
    let Some(rest) = text[hash.end..].strip_prefix(':') else { return text.to_owned() };
    let length = rest.find([':', '\n']).unwrap_or(rest.len());
    format!("{}:{day}{}", &text[..hash.end], &rest[length..])
}

fn with_entry(text: &str, user: &str, hash: &str, day: u64) -> String {
    let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{newline}{user}:{hash}:{day}:0:99999:7:::\n")
}

/// Days since 1970.
fn today() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHADOW: &str = "root:*:19000:0:99999:7:::\nbob:!:1:0:99999:7:::\nbobby::2::::::\nlast:x";

    #[test]
    fn the_hash_of_one_user_changes() {
        let check = |user: &str, expect: Option<&str>| {
            let text = with_hash(SHADOW, user, "$6$a$b");
            let line = text.map(|text| {
                assert_eq!(text.lines().count(), 4);
                text.lines().find(|line| line.starts_with(&format!("{user}:"))).unwrap().to_owned()
            });
            assert_eq!(line.as_deref(), expect, "{user}");
        };
        check("root", Some("root:$6$a$b:19000:0:99999:7:::"));
        check("bob", Some("bob:$6$a$b:1:0:99999:7:::"));
        check("bobby", Some("bobby:$6$a$b:2::::::"));
        check("last", Some("last:$6$a$b"));
        check("bo", None);
        check("", None);
        check("oot", None);
    }

    #[test]
    fn the_day_changes_with_it() {
        assert!(with_day(SHADOW, "bob", 20_000).contains("\nbob:!:20000:0:99999:7:::\n"));
        assert_eq!(with_day(SHADOW, "last", 20_000), SHADOW);
        assert!(with_entry(SHADOW, "new", "h", 3).ends_with("last:x\nnew:h:3:0:99999:7:::\n"));
        assert!(with_entry("", "new", "h", 3).starts_with("new:"));
    }
}
