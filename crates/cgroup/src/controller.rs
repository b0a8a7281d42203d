//! Where a controller is found.

use std::path::{Path, PathBuf};

use crate::file::read;
use crate::{Error, Group, Result};

/// Name of the group of the monitor.
pub(crate) const MONITOR: &str = "monitor";

/// Name of the group of the container's processes.
pub(crate) const PAYLOAD: &str = "payload";

/// The scope in the hierarchy that has a controller.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Controller<'a> {
    V1(&'a Path),
    V2(&'a Path),
}

impl<'a> Controller<'a> {
    pub(crate) const fn scope(&self) -> &'a Path {
        match self {
            Self::V1(scope) | Self::V2(scope) => scope,
        }
    }

    pub(crate) fn payload(&self) -> PathBuf {
        self.scope().join(PAYLOAD)
    }

    pub(crate) fn monitor(&self) -> PathBuf {
        self.scope().join(MONITOR)
    }
}

impl Group {
    /// The scope's place for a controller: v1 if it is mounted there, else v2 if it is enabled there.
    pub(crate) fn controller(&self, name: &'static str) -> Result<Controller<'_>> {
        if let Some(scope) = self.placement().v1.get(name) {
            return Ok(Controller::V1(scope));
        }
        let scope = self.placement().v2.as_deref().ok_or(Error::NoController(name))?;
        let enabled = read(scope, "cgroup.controllers")?;
        if enabled.split_ascii_whitespace().any(|word| word == name) {
            Ok(Controller::V2(scope))
        } else {
            Err(Error::NoController(name))
        }
    }
}
