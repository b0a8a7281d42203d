//! Learning that the kernel killed for lack of memory.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::event::{EventfdFlags, PollFlags, eventfd};

use crate::controller::Controller;
use crate::file::{on, value_of_line, write};
use crate::{Group, Result};

/// Tells when the payload ran out of memory.
#[derive(Debug)]
pub struct OomWatch {
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// An eventfd that the kernel adds 1 to, each time the limit could not be kept (memcg notifications of
    /// cgroup v1); and the sum so far.
    V1(OwnedFd, u64),
    /// `memory.events`.
    V2(File, PathBuf),
}

impl Group {
    /// Starts to watch.
    pub fn watch_oom(&self) -> Result<OomWatch> {
        let controller = self.controller("memory")?;
        let payload = controller.payload();
        let open = |name: &str| {
            let path = payload.join(name);
            let file = File::open(&path).map_err(|error| on("open", &path)(kernel::fd::errno(&error)))?;
            Ok((file, path))
        };
        let source = match controller {
            Controller::V1(_) => {
                let (control, path) = open("memory.oom_control")?;
                let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
                    .map_err(on("eventfd for", &path))?;
                let registration = format!("{} {}", event.as_raw_fd(), control.as_raw_fd());
                write(&payload, "cgroup.event_control", &registration)?;
                Source::V1(event, 0)
            }
            Controller::V2(_) => {
                let (mut file, path) = open("memory.events")?;
                // Reading arms the notification.
                kills(&mut file, &path)?;
                Source::V2(file, path)
            }
        };
        Ok(OomWatch { source })
    }
}

impl OomWatch {
    /// What to poll for.
    #[must_use]
    pub const fn interest(&self) -> PollFlags {
        match self.source {
            Source::V1(..) => PollFlags::IN,
            Source::V2(..) => PollFlags::PRI,
        }
    }

    /// How often memory ran out since the watch (v1) or the group (v2) began. Clears the readiness.
    pub fn count(&mut self) -> Result<u64> {
        match &mut self.source {
            Source::V1(event, total) => {
                let mut more = [0; 8];
                // EAGAIN: nothing new.
                if rustix::io::read(&*event, &mut more).is_ok() {
                    *total = total.saturating_add(u64::from_ne_bytes(more));
                }
                Ok(*total)
            }
            Source::V2(file, path) => kills(file, path),
        }
    }
}

impl AsFd for OomWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.source {
            Source::V1(event, _) => event.as_fd(),
            Source::V2(file, _) => file.as_fd(),
        }
    }
}

fn kills(file: &mut File, path: &std::path::Path) -> Result<u64> {
    let mut text = String::new();
    let result = file.rewind().and_then(|()| file.read_to_string(&mut text));
    result.map_err(|error| on("read", path)(kernel::fd::errno(&error)))?;
    Ok(value_of_line(&text, "oom_kill").unwrap_or(0))
}
