//! Control groups of a container on cgroup v1, v2 and mixed hosts.

mod limits;
mod placement;

pub use limits::Limits;
pub use placement::Placement;
