//! Freezing and thawing the payload.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;

use crate::controller::PAYLOAD;
use crate::file::{on, read_if_any, value_of_line, write, write_if_any};
use crate::{Error, Group, Result};

impl Group {
    /// Asks the kernel to freeze or thaw every process of the payload, and returns at once.
    ///
    /// When they all are: [`Group::is_frozen`]; on cgroup v2 [`Group::events`] tells of a change. Thawing also
    /// undoes a freeze that somebody else asked for through cgroup v1.
    pub fn set_frozen(&self, frozen: bool) -> Result<()> {
        let value = if frozen { "1" } else { "0" };
        let unified = match self.v2_payload() {
            // Linux 5.2 and later.
            Some(payload) => write_if_any(&payload, "cgroup.freeze", value)?,
            None => false,
        };
        let Some(scope) = self.placement().v1.get("freezer") else {
            return if unified { Ok(()) } else { Err(Error::NoController("freezer")) };
        };
        let payload = scope.join(PAYLOAD);
        match (frozen, unified) {
            (true, true) => Ok(()),
            (true, false) => write(&payload, "freezer.state", "FROZEN"),
            (false, _) => write(&payload, "freezer.state", "THAWED"),
        }
    }

    /// Whether every process of the payload is frozen. One that cannot stop yet (in an uninterruptible system
    /// call) delays that.
    pub fn is_frozen(&self) -> Result<bool> {
        if let Some(payload) = self.v2_payload() {
            let events = read_if_any(&payload, "cgroup.events")?.unwrap_or_default();
            if value_of_line(&events, "frozen") == Some(1) {
                return Ok(true);
            }
        }
        let Some(scope) = self.placement().v1.get("freezer") else { return Ok(false) };
        // Reading the state makes the kernel look again whether FREEZING has become FROZEN.
        let state = read_if_any(&scope.join(PAYLOAD), "freezer.state")?;
        Ok(state.is_some_and(|state| state.trim() == "FROZEN"))
    }

    /// Notifications about the payload; `None` without cgroup v2.
    pub fn events(&self) -> Result<Option<Events>> {
        let Some(payload) = self.v2_payload() else { return Ok(None) };
        let path = payload.join("cgroup.events");
        let file = File::open(&path).map_err(|error| on("open", &path)(kernel::fd::errno(&error)))?;
        Ok(Some(Events { file, path }))
    }
}

/// `cgroup.events` of a payload.
#[derive(Debug)]
pub struct Events {
    file: File,
    path: PathBuf,
}

/// What [`Events`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventState {
    /// A process is in the payload or below.
    pub populated: bool,
    /// All of them are frozen through cgroup v2.
    pub frozen: bool,
}

impl Events {
    /// The state now. Poll for `POLLPRI` to learn of a change after it.
    pub fn state(&mut self) -> Result<EventState> {
        let mut text = String::new();
        let result = self.file.rewind().and_then(|()| self.file.read_to_string(&mut text));
        match result.map_err(|error| kernel::fd::errno(&error)) {
            Ok(_) => {}
            // The group has been removed.
            Err(kernel::Errno::NODEV) => return Ok(EventState { populated: false, frozen: false }),
            Err(errno) => return Err(on("read", &self.path)(errno)),
        }
        let flag = |key| value_of_line(&text, key) == Some(1);
        Ok(EventState { populated: flag("populated"), frozen: flag("frozen") })
    }
}

impl AsFd for Events {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
