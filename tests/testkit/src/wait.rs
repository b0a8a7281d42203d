//! Waiting for events of the kernel with a deadline, instead of sleeping.

use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;
use rustix::io::Errno;

/// How long the kit waits for anything before it gives up. Generous: it is only ever spent by a failure.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A moment at which waiting ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn within(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    pub(crate) fn has_passed(self) -> bool {
        Instant::now() >= self.0
    }

    fn left(self) -> Timespec {
        let left = self.0.saturating_duration_since(Instant::now());
        Timespec::try_from(left).unwrap_or(Timespec { tv_sec: i64::MAX, tv_nsec: 0 })
    }
}

/// Waits until `fd` is readable or hung up; false when the deadline came first.
pub(crate) fn readable(fd: impl AsFd, deadline: Deadline) -> Result<bool> {
    loop {
        let mut fds = [PollFd::new(&fd, PollFlags::IN)];
        match poll(&mut fds, Some(&deadline.left())) {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("poll"),
        }
    }
}

/// Lets a little time pass. Only for what gives no notice of its own, such as the freeing of control groups
/// and links after the last process has gone.
pub(crate) fn a_moment() {
    let time = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
    // With nothing to wait for, only the time-out (or a signal) ends this.
    let _ = poll(&mut [], Some(&time));
}

/// Watches directories for changes of their entries, and of the contents of their files.
#[derive(Debug)]
pub(crate) struct Watch(OwnedFd);

impl Watch {
    pub(crate) fn new<P: AsRef<OsStr>>(directories: impl IntoIterator<Item = P>) -> Result<Self> {
        let fd = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        let what = inotify::WatchFlags::CREATE
            | inotify::WatchFlags::MOVED_TO
            | inotify::WatchFlags::DELETE
            | inotify::WatchFlags::MODIFY
            | inotify::WatchFlags::ATTRIB
            | inotify::WatchFlags::CLOSE_WRITE;
        for directory in directories {
            let directory = Path::new(directory.as_ref());
            inotify::add_watch(&fd, directory, what)
                .with_context(|| format!("watch {}", directory.display()))?;
        }
        Ok(Self(fd))
    }

    /// Waits for the next change; false when the deadline came first.
    pub(crate) fn change(&mut self, deadline: Deadline) -> Result<bool> {
        if !readable(&self.0, deadline)? {
            return Ok(false);
        }
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.0, &mut buffer);
        loop {
            match events.next() {
                Ok(_) => {}
                Err(Errno::AGAIN) => return Ok(true),
                Err(error) => return Err(error).context("inotify"),
            }
        }
    }
}

/// Looks at once and after every change in `directory`, until `look` finds what it looks for; `None` when
/// `patience` ran out.
pub(crate) fn until<T>(
    directory: &Path,
    patience: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> Result<Option<T>> {
    let deadline = Deadline::within(patience);
    let mut watch = Watch::new([directory])?;
    loop {
        if let Some(found) = look() {
            return Ok(Some(found));
        }
        if !watch.change(deadline)? {
            return Ok(look());
        }
    }
}
