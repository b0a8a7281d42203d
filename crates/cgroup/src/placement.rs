//! Where a container's control groups are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Directories of one container. `scope` carries the limits; below it `monitor` holds the monitor and
/// `payload` the container's processes, which is the root of the container's cgroup namespace.
///
/// Memory is limited on `payload`, and on `scope` to 32 MiB more, so that the container's pressure never hits the
/// monitor. On a mixed host (v1 controllers and the unified hierarchy) the latter has no `monitor`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// cgroup v1: controller name (`memory`, `cpu`, `name=systemd`...) to the scope's absolute directory.
    pub v1: BTreeMap<String, PathBuf>,
    /// cgroup v2: the scope's absolute directory, if the unified hierarchy is mounted.
    pub v2: Option<PathBuf>,
}
