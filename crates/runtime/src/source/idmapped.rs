//! Why a tree cannot be mapped to the container's user ids, in words.

use std::ffi::OsString;
use std::fmt::Display;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use kernel::{Errno, mount};
use rustix::fs::CWD;

use crate::control::Failure;
use crate::failure::{failed, step};

/// The ways out that are always there.
const OTHERWISE: &str = "or give the container an explicit <idmap> whose ids own the tree, or an identity <idmap> with \
    allow_privileged in lxc.conf, by which its root is the host's";

/// Finds out which mount below `source` cannot be mapped.
pub(super) fn explain(source: &Path, userns: BorrowedFd<'_>) -> Failure {
    let mounts = kernel::fd::read_to_string(Path::new("/proc/self/mountinfo")).unwrap_or_default();
    let source = std::fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
    let below = mounts.lines().filter_map(parse).filter(|(point, _)| point.starts_with(&source));
    let sub_mount = below.filter(|(point, _)| *point != source).find(|(point, _)| !can(point, userns));
    if let Some((point, kind)) = sub_mount {
        let what = format_args!(
            "{}: its sub-mount {} ({kind}) cannot be mapped to the container's user ids; unmount it, {OTHERWISE}",
            source.display(),
            point.display()
        );
        return failed(step::FILESYSTEM, what, Errno::INVAL);
    }
    let holding = mounts.lines().filter_map(parse).filter(|(point, _)| source.starts_with(point));
    let kind =
        holding.max_by_key(|(point, _)| point.as_os_str().len()).map_or_else(String::new, |(_, kind)| kind);
    cannot(source.display(), &kind)
}

/// A file system that cannot be mapped.
pub(super) fn cannot(source: impl Display, kind: &str) -> Failure {
    let what = format_args!(
        "{source}: its file system ({kind}) cannot be mapped to the container's user ids; put the tree on one that \
         can (ext4, xfs, btrfs, tmpfs), {OTHERWISE}"
    );
    failed(step::FILESYSTEM, what, Errno::INVAL)
}

fn can(point: &Path, userns: BorrowedFd<'_>) -> bool {
    mount::clone_tree(CWD, point, false).and_then(|tree| mount::idmap(tree.as_fd(), userns, false)).is_ok()
}

/// Mount point and file system type of a line of mountinfo (proc_pid_mountinfo(5)).
fn parse(line: &str) -> Option<(PathBuf, String)> {
    let (mount, filesystem) = line.split_once(" - ")?;
    let point = mount.split(' ').nth(4)?;
    let kind = filesystem.split(' ').next()?;
    Some((unescape(point), kind.to_owned()))
}

/// Undoes `\040` and its like.
fn unescape(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail.get(..3).filter(|_| first == b'\\');
        let code = octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &tail[3..] } else { tail };
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mountinfo_lines() {
        let line = r"36 35 98:0 /mnt1 /mnt\040a\134b rw,noatime master:1 - ext3 /dev/root rw,errors=continue";
        assert_eq!(parse(line), Some((PathBuf::from(r"/mnt a\b"), "ext3".to_owned())));
        assert_eq!(parse("36 35 98:0 /mnt1"), None);
        assert_eq!(unescape(r"\04"), PathBuf::from(r"\04"));
    }
}
