//! Starting a container: the parent's side.

use std::os::fd::OwnedFd;

use crate::control::Failure;
use crate::plan::Plan;

/// A running container.
#[derive(Debug)]
pub struct Container {
    /// Host pid of init.
    pub init_pid: i32,
    /// Pidfd of init, a child of the calling process.
    pub init: OwnedFd,
    /// Controlling sides of the consoles' terminals, nonblocking, in order.
    pub consoles: Vec<OwnedFd>,
    /// Names of the host ends of the interfaces, in the order of the plan.
    pub interfaces: Vec<String>,
    /// What a reboot in place reuses.
    pub kept: Kept,
}

/// Namespaces that survive init, so that a restart in place finds its interfaces and addresses again.
#[derive(Debug, Default)]
pub struct Kept {
    /// User namespace, if the container has its own.
    pub user: Option<OwnedFd>,
    /// Network namespace, if the container has its own.
    pub net: Option<OwnedFd>,
    /// Names of the host ends of the interfaces in it.
    pub interfaces: Vec<String>,
}

/// Builds the container of `plan` in the control group and runs its init.
///
/// Returns when the execution of init has succeeded. On failure everything made here has been undone; the
/// control group stays the caller's. Must run in a single-threaded process, which becomes init's parent: when
/// that process dies, init is killed.
pub fn start(plan: &Plan, cgroup: &cgroup::Group, kept: Option<&Kept>) -> Result<Container, Failure> {
    let _ = (plan, cgroup, kept);
    Err(Failure { step: "start".into(), what: "not built yet".into(), errno: 0 })
}
