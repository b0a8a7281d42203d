//! What an agent inside does for a virtual machine, done for a running container without one: no program of the
//! container is run, nothing in its image is needed.
//!
//! [`answer`] runs in a process of its own that the monitor makes, so that a file system which does not answer
//! holds up nobody. Files are reached from a descriptor of init's root, never by a path of the host, and no link
//! leads out of it.

mod files;
mod filesystems;
mod interfaces;
mod keys;
mod password;
mod signal;

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};

use crate::control::Failure;
use crate::failure::{During, Result};
use crate::plan::{IdMap, IdRange};

pub use filesystems::Filesystem;
pub use interfaces::{Address, Interface};

/// Step of all failures here.
const STEP: &str = "guest";

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Question {
    /// Host name: [`Reply::Text`].
    Hostname,
    /// Content of a regular file, at most `max` bytes of it: [`Reply::Content`].
    Read {
        /// Absolute path inside.
        path: String,
        /// Larger files are refused (`EFBIG`).
        max: u64,
    },
    /// Target of a symbolic link: [`Reply::Text`].
    Link {
        /// Absolute path inside.
        path: String,
    },
    /// What is mounted: [`Reply::Filesystems`].
    Filesystems,
    /// Discards unused blocks of the container's own file systems: [`Reply::Mountpoints`] are those where it did.
    Trim {
        /// Only this one.
        mountpoint: Option<String>,
        /// Shorter runs of blocks are left alone, bytes.
        minimum: u64,
    },
    /// Freezes the container's own file systems, all or none: [`Reply::Mountpoints`] are those that can be frozen.
    Freeze {
        /// Only these; all if empty.
        mountpoints: Vec<String>,
    },
    /// Changes a password: [`Reply::Done`].
    SetPassword {
        /// Name of the user inside.
        user: String,
        /// As crypt(5) writes it.
        hash: String,
    },
    /// Keys that may log in as a user: [`Reply::Lines`].
    SshKeys {
        /// Name of the user inside.
        user: String,
    },
    /// Changes them: [`Reply::Done`].
    SetSshKeys {
        /// Name of the user inside.
        user: String,
        /// One a line.
        keys: Vec<String>,
        /// What to do with them.
        change: KeyChange,
    },
    /// Network interfaces: [`Reply::Interfaces`].
    Interfaces,
    /// Sends a signal: [`Reply::Done`].
    Signal {
        /// Pid inside; a negative one is a process group.
        pid: i32,
        /// Kernel signal number.
        signal: i32,
    },
}

/// What to do with given keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChange {
    /// Only these from now on.
    Replace,
    /// These, too.
    Append,
    /// No more these.
    Remove,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "value", rename_all = "snake_case")]
pub enum Reply {
    /// Done.
    Done,
    /// A word or two.
    Text(String),
    /// Bytes of a file.
    Content(Vec<u8>),
    /// Lines of a file.
    Lines(Vec<String>),
    /// Places of file systems.
    Mountpoints(Vec<String>),
    /// File systems.
    Filesystems(Vec<Filesystem>),
    /// Network interfaces.
    Interfaces(Vec<Interface>),
}

/// The container asked about.
#[derive(Debug, Clone, Copy)]
pub struct Inside<'a> {
    /// Host pid of init.
    pub init_pid: i32,
    /// Pidfd of init.
    pub init: BorrowedFd<'a>,
    /// Its user namespace, if it has its own.
    pub idmap: Option<&'a IdMap>,
}

/// Answers. The calling process must have one thread, belong to the host's namespaces, and end afterwards: its
/// namespaces and file owner are those of the container then.
pub fn answer(inside: Inside<'_>, question: &Question) -> std::result::Result<Reply, Failure> {
    match question {
        Question::Hostname => inside.hostname(),
        Question::Read { path, max } => {
            files::read(inside.root()?.as_fd(), path, *max).during(STEP, path).map(Reply::Content)
        }
        Question::Link { path } => {
            files::link(inside.root()?.as_fd(), path).during(STEP, path).map(Reply::Text)
        }
        Question::Filesystems => filesystems::list(&inside).map(Reply::Filesystems),
        Question::Trim { mountpoint, minimum } => {
            filesystems::trim(&inside, mountpoint.as_deref(), *minimum).map(Reply::Mountpoints)
        }
        Question::Freeze { mountpoints } => filesystems::freeze(&inside, mountpoints).map(Reply::Mountpoints),
        Question::SetPassword { user, hash } => password::set(&inside, user, hash).map(|()| Reply::Done),
        Question::SshKeys { user } => keys::list(&inside, user).map(Reply::Lines),
        Question::SetSshKeys { user, keys, change } => {
            keys::change(&inside, user, keys, *change).map(|()| Reply::Done)
        }
        Question::Interfaces => interfaces::list(&inside).map(Reply::Interfaces),
        Question::Signal { pid, signal } => signal::send(&inside, *pid, *signal).map(|()| Reply::Done),
    }
}

impl Inside<'_> {
    /// Descriptor (`O_PATH`) of the container's root.
    fn root(&self) -> Result<OwnedFd> {
        let path = format!("/proc/{}/root", self.init_pid);
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(path.as_str(), flags, Mode::empty()).during(STEP, "root")?;
        // Alive after the open, so it was init's.
        kernel::pidfd::send_signal(self.init, 0).during(STEP, "init")?;
        Ok(root)
    }

    fn hostname(&self) -> Result<Reply> {
        use kernel::namespace::{Kind, Kinds, enter_of};
        enter_of(self.init, Kinds::from(Kind::Uts)).during(STEP, "uts")?;
        Ok(Reply::Text(rustix::system::uname().nodename().to_string_lossy().into_owned()))
    }

    /// The host's id of a user inside; `None` if it has none there.
    fn uid(&self, inside: u32) -> Option<u32> {
        self.idmap.map_or(Some(inside), |map| outside(&map.uids, inside))
    }

    /// The host's id of a group inside.
    fn gid(&self, inside: u32) -> Option<u32> {
        self.idmap.map_or(Some(inside), |map| outside(&map.gids, inside))
    }

    /// From now on files are made as the container's root would.
    fn own_files(&self) -> Result<()> {
        let (uid, gid) = (self.uid(0).unwrap_or(0), self.gid(0).unwrap_or(0));
        kernel::process::set_file_owner(uid, gid).during(STEP, "file owner")
    }
}

fn outside(ranges: &[IdRange], inside: u32) -> Option<u32> {
    let range =
        ranges.iter().find(|range| inside.checked_sub(range.inside).is_some_and(|at| at < range.count))?;
    range.outside.checked_add(inside - range.inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_outside() {
        let ranges = [
            IdRange { inside: 0, outside: 1000, count: 10 },
            IdRange { inside: 50, outside: 5000, count: 1 },
        ];
        for (inside, expect) in [(0, Some(1000)), (9, Some(1009)), (10, None), (50, Some(5000)), (51, None)] {
            assert_eq!(outside(&ranges, inside), expect, "{inside}");
        }
    }

    #[test]
    fn questions_and_answers_travel() {
        let question = Question::SetSshKeys {
            user: "root".into(),
            keys: vec!["ssh-ed25519 AAAA x".into()],
            change: KeyChange::Append,
        };
        let text = serde_json::to_string(&question).unwrap();
        assert_eq!(serde_json::from_str::<Question>(&text).unwrap(), question);
        for reply in [Reply::Done, Reply::Text("x".into()), Reply::Content(vec![0, 255])] {
            let text = serde_json::to_string(&reply).unwrap();
            assert_eq!(serde_json::from_str::<Reply>(&text).unwrap(), reply);
        }
    }
}
