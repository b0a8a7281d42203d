//! Users and groups of the container, from its own files; never through the host's name service.

use std::fs::File;
use std::io::Read;
use std::os::fd::BorrowedFd;
use std::path::Path;

use kernel::Errno;
use rustix::fs::{FileType, OFlags};

use crate::failure::{During, Result, failed, failure, step};

/// Larger files are refused, bytes.
const FILE_MAX: u64 = 1 << 20;

/// Who init runs as, ids inside the container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// The ids for `<inituser>` and `<initgroup>`. Without a group it is the user's primary one, or 0 for a number
/// without an entry.
pub(crate) fn resolve(root: BorrowedFd<'_>, user: Option<&str>, group: Option<&str>) -> Result<Ids> {
    let mut ids = Ids::default();
    if let Some(user) = user {
        let number = number(user);
        match read(root, "/etc/passwd") {
            Ok(passwd) => match (find_user(&passwd, user, number), number) {
                (Some(found), _) => ids = found,
                (None, Some(uid)) => ids.uid = uid,
                (None, None) => {
                    return Err(failure(step::USER, format_args!("no user '{user}' in /etc/passwd")));
                }
            },
            // A number needs no file.
            Err(missing) => ids.uid = number.ok_or(missing)?,
        }
    }
    if let Some(group) = group {
        ids.gid = match number(group) {
            Some(gid) => gid,
            None => find_group(&read(root, "/etc/group")?, group)
                .ok_or_else(|| failure(step::USER, format_args!("no group '{group}' in /etc/group")))?,
        };
    }
    Ok(ids)
}

/// `N` or `+N`. Anything else, and the id that means "none", is a name (and no file has such a name).
fn number(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|id| *id != u32::MAX)
}

/// The entry of the user by name, or by number if `number` is given.
fn find_user(passwd: &str, name: &str, number: Option<u32>) -> Option<Ids> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [entry, _, uid, gid, ..] = fields[..] else { return None };
        let (uid, gid) = (id(uid)?, id(gid)?);
        let matches = match number {
            Some(number) => number == uid,
            None => !name.is_empty() && entry == name,
        };
        matches.then_some(Ids { uid, gid })
    })
}

fn find_group(groups: &str, name: &str) -> Option<u32> {
    groups.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [entry, _, gid, ..] = fields[..] else { return None };
        (!name.is_empty() && entry == name).then(|| id(gid)).flatten()
    })
}

/// An id field; no sign, no blanks.
fn id(field: &str) -> Option<u32> {
    if field.starts_with('+') { None } else { number(field) }
}

pub(crate) fn read(root: BorrowedFd<'_>, path: &str) -> Result<String> {
    // Nonblocking: it may be a fifo.
    let fd =
        kernel::path::open_in_root(root, Path::new(path), OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)
            .during(step::USER, path)?;
    let stat = rustix::fs::fstat(&fd).during(step::USER, path)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(failed(step::USER, path, Errno::INVAL));
    }
    let mut bytes = Vec::new();
    File::from(fd)
        .take(FILE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(step::USER, path, kernel::fd::errno(&error)))?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(failed(step::USER, path, Errno::FBIG));
    }
    // Names that matter are ASCII; a comment in another encoding must not make the file useless.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nbroken\n\nbob:x:1000:100::/:/bin/sh\n:x:5:5:::\n\
                          evil:x: 0:0:::\nplus:x:+0:0:::\nhuge:x:4294967295:0:::\n12:x:0:0:::\n";

    fn ids(uid: u32, gid: u32) -> Option<Ids> {
        Some(Ids { uid, gid })
    }

    #[test]
    fn numbers() {
        let check = |text: &str, expect| assert_eq!(number(text), expect, "{text:?}");
        check("0", Some(0));
        check("+0", Some(0));
        check("1000", Some(1000));
        check("4294967294", Some(4_294_967_294));
        for text in ["", "+", "++1", "-1", "4294967295", "4294967296", " 1", "1 ", "0x1", "1:2", "0:0", "bob"]
        {
            check(text, None);
        }
    }

    #[test]
    fn users() {
        let check =
            |name: &str, expect| assert_eq!(find_user(PASSWD, name, number(name)), expect, "{name:?}");
        check("root", ids(0, 0));
        check("bob", ids(1000, 100));
        check("1000", ids(1000, 100));
        // A user with a number for a name is not found by it.
        check("12", None);
        for name in ["", "evil", "plus", "huge", "broken", "bo", "bob:x", "Bob"] {
            check(name, None);
        }
    }

    #[test]
    fn groups() {
        let text = "root:x:0:\nstaff:x:50:bob\nbad:x:-1:\n";
        assert_eq!(find_group(text, "staff"), Some(50));
        assert_eq!(find_group(text, "bad"), None);
        assert_eq!(find_group(text, ""), None);
    }

    #[test]
    fn files_are_the_containers_own() {
        let dir = tempfile::tempdir().unwrap();
        let root = File::open(dir.path()).unwrap();
        let resolve = |user, group| resolve(root.as_fd(), user, group);
        assert_eq!(resolve(None, None).unwrap(), Ids::default());
        assert_eq!(resolve(Some("+7"), Some("8")).unwrap(), Ids { uid: 7, gid: 8 });
        assert_eq!(resolve(Some("bob"), None).unwrap_err().errno, Errno::NOENT.raw_os_error());
        std::fs::create_dir(dir.path().join("etc")).unwrap();
        // A link to the host's file stays inside.
        std::os::unix::fs::symlink("/../../../../etc/passwd", dir.path().join("etc/passwd")).unwrap();
        assert_eq!(resolve(Some("root"), None).unwrap_err().errno, Errno::LOOP.raw_os_error());
        std::fs::remove_file(dir.path().join("etc/passwd")).unwrap();
        std::fs::write(dir.path().join("etc/passwd"), PASSWD).unwrap();
        std::fs::write(dir.path().join("etc/group"), "staff:x:50:\n").unwrap();
        assert_eq!(resolve(Some("bob"), None).unwrap(), Ids { uid: 1000, gid: 100 });
        assert_eq!(resolve(Some("bob"), Some("staff")).unwrap(), Ids { uid: 1000, gid: 50 });
        assert_eq!(resolve(Some("4711"), None).unwrap(), Ids { uid: 4711, gid: 0 });
        assert!(resolve(Some("alice"), None).unwrap_err().what.contains("alice"));
        assert!(resolve(None, Some("wheel")).unwrap_err().what.contains("wheel"));
        std::fs::write(dir.path().join("etc/group"), vec![b'x'; 1 << 21]).unwrap();
        assert_eq!(resolve(None, Some("staff")).unwrap_err().errno, Errno::FBIG.raw_os_error());
    }
}
