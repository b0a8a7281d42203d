//! Control groups of a container on cgroup v1, v2 and mixed hosts.
//!
//! A [`Group`] is the directory `scope` of one container in every mounted hierarchy, with the two groups
//! `monitor` and `payload` below it (see [`Placement`]). Directory names are those of libvirt without systemd:
//! `<partition>/lxc-<pid>-<name>.libvirt-lxc`.
//!
//! **Architecture Invariant:** only scopes made here are ever removed, and only processes inside a payload are
//! ever signalled.

mod apply;
mod controller;
mod devices;
mod end;
mod error;
mod file;
mod find;
mod freeze;
mod group;
mod hierarchy;
mod limits;
mod name;
mod oom;
mod placement;
mod stat;
mod tree;
mod units;

pub use end::Watch;
pub use error::{Error, Result};
pub use find::{Scope, scopes};
pub use freeze::{EventState, Events};
pub use group::{DEFAULT_PIDS_MAX, Group};
pub use limits::Limits;
pub use name::{parse_scope_name, scope_name};
pub use oom::OomWatch;
pub use placement::Placement;
pub use stat::{BlockIo, CpuUsage, MemoryStat};
