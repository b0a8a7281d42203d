//! Control groups of a container on cgroup v1, v2 and mixed hosts.
//!
//! A [`Group`] is the directory `scope` of one container in every mounted hierarchy, with the two groups
//! `monitor` and `payload` below it (see [`Placement`]). Directory names are those of libvirt without systemd:
//! `<partition>/lxc-<pid>-<name>.libvirt-lxc`.
//!
//! Cost, measured on a host with nine v1 hierarchies and the unified one (Linux 6.18, 2 cores): [`Group::create`]
//! 0.9-1.3 ms, [`Group::enter_monitor`] and [`Group::enter_payload`] 0.1-0.3 ms, [`Group::remove`] 0.4-0.7 ms. The
//! 5-20 ms that a first move between v1 groups otherwise takes are avoided altogether, see
//! [`Group::enter_payload`].
//!
//! **Architecture Invariant:** only scopes made here are ever removed, and only processes inside them are ever
//! signalled.

mod apply;
mod blkio;
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
mod psi;
mod stat;
mod tree;
mod units;

pub use end::Watch;
pub use error::{Error, Result};
pub use find::{Scope, scopes};
pub use freeze::{EventState, Events};
pub use group::{DEFAULT_PIDS_MAX, Group};
pub use limits::{DeviceLimit, Limits};
pub use name::{parse_scope_name, scope_name};
pub use oom::OomWatch;
pub use placement::Placement;
pub use psi::{Resource, Stall, StallTime};
pub use stat::{BlockIo, CpuUsage, Device, MemoryStat};
