//! Starting a container: the parent's side.
//!
//! Three processes work at the same time. Init (module `child`) is born in the container's user, pid, IPC and UTS
//! namespaces and makes that of the network. The builder (module `builder`) makes the mounts. The parent plugs
//! the network interfaces. Nothing is executed in between, and each waits for the others only where it needs
//! their result.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use kernel::namespace::{self, Kind};

use crate::dev::{self, Consoles};
use crate::failure::{During, Result, failure, step};
use crate::net::{self, Links};
use crate::plan::{Filesystem, FilesystemSource, Namespace, PLAN_FORMAT, Plan, Root};
use crate::spawn::{Parent, Processes, Spawn};
use crate::status::{self, Outcome};
use crate::userns::Owner;

/// A running container.
#[derive(Debug)]
pub struct Container {
    /// Host pid of init.
    pub init_pid: i32,
    /// Pidfd of init, a child of the calling process.
    pub init: OwnedFd,
    /// The container's `/dev`, by which devices are added and removed while it runs.
    pub dev: OwnedFd,
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
/// control group stays the caller's, and so does `kept`. Must run in a single-threaded process, which becomes
/// init's parent: when that process dies, init is killed. The working directory of the process becomes `/`.
pub fn start(plan: &Plan, cgroup: &cgroup::Group, kept: Option<&Kept>) -> Result<Container> {
    check(plan)?;
    let owner = Owner::of(plan.idmap.as_ref())?;
    let consoles = Consoles::open(plan.consoles, owner)?;
    let dev = dev::open()?;
    if owner.uid != 0 || owner.gid != 0 {
        cgroup.delegate(owner.uid, owner.gid).during(step::CGROUP, "cannot delegate the control group")?;
    }
    let (processes, parent) =
        Spawn { plan, group: cgroup, owner, consoles: &consoles, dev: dev.as_fd(), kept }.run()?;
    let (net, links) = match take_part(plan, &processes, &parent, kept) {
        Ok(done) => done,
        Err(failure) => return Err(parent.first_cause(failure)),
    };
    // Init that failed does not wait any more; its report tells.
    let _ = status::notify(parent.go.as_fd());
    drop(parent.go);
    match status::outcome(parent.status) {
        Outcome::Executed => {}
        Outcome::Failed(failure) => return Err(failure),
        Outcome::Silent => return Err(processes.died()),
    }
    let (init, user) = processes.commit()?;
    let plugged = links.commit();
    let interfaces = kept.map_or(plugged, |kept| kept.interfaces.clone());
    let kept = Kept { user, net, interfaces: interfaces.clone() };
    Ok(Container {
        init_pid: init.pid,
        init: init.pidfd,
        dev,
        consoles: consoles.into_masters(),
        interfaces,
        kept,
    })
}

/// What the parent does while the others work: plugs the interfaces, unless they are there from an earlier run.
fn take_part(
    plan: &Plan,
    processes: &Processes,
    parent: &Parent,
    kept: Option<&Kept>,
) -> Result<(Option<OwnedFd>, Links)> {
    reset_oom_score(processes.init_pid())?;
    if plan.network != Namespace::Private {
        return Ok((None, Links::none()));
    }
    if !status::wait(parent.in_net.as_fd()).during(step::NETWORK, "network namespace")? {
        return Err(failure(step::NETWORK, "init ended before it had a network namespace"));
    }
    let net = namespace::of_process(processes.init_pid(), processes.init(), Kind::Net)
        .during(step::NETWORK, "network namespace")?;
    let links = if kept.is_some() { Links::none() } else { Links::plug(plan, net.as_fd())? };
    Ok((Some(net), links))
}

/// Refuses what the daemon must never send.
fn check(plan: &Plan) -> Result<()> {
    if plan.format != PLAN_FORMAT {
        return Err(failure(step::PLAN, format_args!("format {} is not {PLAN_FORMAT}", plan.format)));
    }
    if plan.consoles == 0 {
        return Err(failure(step::PLAN, "at least one console is required"));
    }
    if plan.root == Root::HostReadOnly && plan.idmap.is_none() {
        return Err(failure(step::PLAN, "the host's root needs a container with a user namespace"));
    }
    if plan.nesting && plan.idmap.is_none() {
        return Err(failure(step::PLAN, "nesting needs a container with a user namespace"));
    }
    if let Root::Filesystem(Filesystem { source: FilesystemSource::Host { path: source }, .. }) = &plan.root
        && source.canonicalize().is_ok_and(|source| source == Path::new("/"))
    {
        return Err(failure(step::PLAN, "the host's root cannot be the root of a container"));
    }
    if !plan.interfaces.is_empty() && plan.network != Namespace::Private {
        return Err(failure(step::PLAN, "interfaces need a private network namespace"));
    }
    net::check(&plan.interfaces)
}

/// Init is as likely a victim of a lack of memory as any process, whatever the daemon is.
fn reset_oom_score(pid: i32) -> Result<()> {
    let own =
        kernel::fd::read_to_string(Path::new("/proc/self/oom_score_adj")).during(step::SECURITY, "oom")?;
    if own.trim() == "0" {
        return Ok(());
    }
    let path = format!("/proc/{pid}/oom_score_adj");
    match kernel::fd::write_existing(Path::new(&path), "0") {
        // It failed already, and says why.
        Err(kernel::Errno::NOENT | kernel::Errno::SRCH) => Ok(()),
        other => other.during(step::SECURITY, "oom_score_adj"),
    }
}
