//! Keys that may log in by ssh: `~/.ssh/authorized_keys` (sshd(8)).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::Errno;
use rustix::fs::{FileType, Gid, Mode, OFlags, Uid};

use super::files::{self, Owner};
use super::{Inside, KeyChange, STEP};
use crate::failure::{During, Result, failed};

/// Larger files are refused, bytes.
const FILE_MAX: u64 = 1 << 20;

const FILE: &str = "authorized_keys";

/// A user inside.
#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    uid: u32,
    gid: u32,
    home: String,
}

/// The keys of a user; none if there is no file.
pub(super) fn list(inside: &Inside<'_>, user: &str) -> Result<Vec<String>> {
    let root = inside.root()?;
    let user = find(root.as_fd(), user)?;
    let Some(dir) = ssh_dir(root.as_fd(), inside, &user, false)? else { return Ok(Vec::new()) };
    let Some((text, _)) = read(dir.as_fd())? else { return Ok(Vec::new()) };
    Ok(text.lines().filter(|line| is_key(line)).map(str::to_owned).collect())
}

/// Changes the keys of a user; comments stay.
pub(super) fn change(inside: &Inside<'_>, user: &str, keys: &[String], change: KeyChange) -> Result<()> {
    if keys.iter().any(|key| key.contains(['\n', '\0'])) {
        return Err(failed(STEP, "key", Errno::INVAL));
    }
    let root = inside.root()?;
    let user = find(root.as_fd(), user)?;
    inside.own_files()?;
    let make = change != KeyChange::Remove;
    let Some(dir) = ssh_dir(root.as_fd(), inside, &user, make)? else { return Ok(()) };
    let present = read(dir.as_fd())?;
    let (uid, gid) = host_ids(inside, &user)?;
    let owner = present.as_ref().map_or(Owner { uid, gid, mode: 0o600 }, |(_, owner)| *owner);
    let text = changed(present.as_ref().map_or("", |(text, _)| text), keys, change);
    files::replace(dir.as_fd(), FILE, text.as_bytes(), owner).during(STEP, FILE)
}

fn find(root: BorrowedFd<'_>, name: &str) -> Result<User> {
    let passwd = files::read(root, "/etc/passwd", FILE_MAX).during(STEP, "/etc/passwd")?;
    let user = parse(&String::from_utf8_lossy(&passwd), name);
    user.ok_or_else(|| failed(STEP, format_args!("no user '{name}' in /etc/passwd"), Errno::NOENT))
}

fn parse(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [entry, _, uid, gid, _, home, ..] = fields[..] else { return None };
        if entry != name || name.is_empty() {
            return None;
        }
        let home = if home.is_empty() { "/" } else { home };
        Some(User { uid: uid.parse().ok()?, gid: gid.parse().ok()?, home: home.to_owned() })
    })
}

fn host_ids(inside: &Inside<'_>, user: &User) -> Result<(u32, u32)> {
    let ids = inside.uid(user.uid).zip(inside.gid(user.gid));
    ids.ok_or_else(|| {
        failed(STEP, format_args!("user id {} is not in the container's range", user.uid), Errno::RANGE)
    })
}

/// `~/.ssh`. It must be the user's or root's, and no link: what is written there is written as root, and the user
/// decides what is in the home directory.
fn ssh_dir(root: BorrowedFd<'_>, inside: &Inside<'_>, user: &User, make: bool) -> Result<Option<OwnedFd>> {
    let home = files::directory(root, Path::new(&user.home)).during(STEP, &user.home)?;
    let (uid, gid) = host_ids(inside, user)?;
    let path = format!("{}/.ssh", user.home);
    if make {
        match rustix::fs::mkdirat(&home, ".ssh", Mode::from_raw_mode(0o700)) {
            Err(Errno::EXIST) => {}
            other => {
                other.during(STEP, &path)?;
                let (uid, gid) = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
                let flags = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
                rustix::fs::chownat(&home, ".ssh", uid, gid, flags).during(STEP, &path)?;
            }
        }
    }
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let dir = match rustix::fs::openat(&home, ".ssh", flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        other => other.during(STEP, &path)?,
    };
    let stat = rustix::fs::fstat(&dir).during(STEP, &path)?;
    let is_dir = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
    if !is_dir || (stat.st_uid != uid && Some(stat.st_uid) != inside.uid(0)) {
        return Err(failed(STEP, format_args!("{path} is not the user's"), Errno::PERM));
    }
    Ok(Some(dir))
}

fn read(dir: BorrowedFd<'_>) -> Result<Option<(String, Owner)>> {
    let found = files::read_at(dir, FILE, FILE_MAX).during(STEP, FILE)?;
    Ok(found.map(|(content, stat)| (String::from_utf8_lossy(&content).into_owned(), Owner::of(&stat))))
}

fn is_key(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with('#')
}

/// The file with the change made.
fn changed(text: &str, keys: &[String], change: KeyChange) -> String {
    let given = |line: &str| keys.iter().any(|key| key.trim() == line.trim());
    let mut lines: Vec<&str> = match change {
        KeyChange::Replace => text.lines().filter(|line| !is_key(line)).collect(),
        KeyChange::Append => text.lines().collect(),
        KeyChange::Remove => text.lines().filter(|line| !given(line)).collect(),
    };
    if change != KeyChange::Remove {
        for key in keys {
            if !lines.iter().any(|line| line.trim() == key.trim()) {
                lines.push(key);
            }
        }
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbob:x:1000:100::/home/bob:/bin/sh\nbad:x:a:0::/:\nnobody:x:1:1:::\n";
        let user = |uid, gid, home: &str| Some(User { uid, gid, home: home.into() });
        assert_eq!(parse(passwd, "bob"), user(1000, 100, "/home/bob"));
        assert_eq!(parse(passwd, "nobody"), user(1, 1, "/"));
        for name in ["", "bad", "alice", "bo"] {
            assert_eq!(parse(passwd, name), None, "{name}");
        }
    }

    #[test]
    fn changes() {
        let text = "# mine\nssh-rsa A a@x\n\nssh-rsa B b@x\n";
        let keys = |list: &[&str]| list.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let check = |given: &[&str], how, expect: &str| assert_eq!(changed(text, &keys(given), how), expect);
        check(
            &["ssh-rsa C c@x"],
            KeyChange::Append,
            "# mine\nssh-rsa A a@x\n\nssh-rsa B b@x\nssh-rsa C c@x\n",
        );
        check(&["ssh-rsa A a@x"], KeyChange::Append, text);
        check(&["ssh-rsa A a@x", "ssh-rsa Z z"], KeyChange::Remove, "# mine\n\nssh-rsa B b@x\n");
        check(&["ssh-rsa C c@x"], KeyChange::Replace, "# mine\n\nssh-rsa C c@x\n");
        check(&[], KeyChange::Replace, "# mine\n\n");
    }
}
