//! Becoming the monitor of a container: everything before its main loop.

use std::ops::{Deref, DerefMut};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use cgroup::Group;
use runtime::control::{Failure, Report};
use runtime::plan::{PLAN_FORMAT, Plan};

use crate::connection::Connections;
use crate::files::{self, Transient};
use crate::images::Images;
use crate::launcher::{CONTROL, PLAN};
use crate::log;
use crate::signals::Signals;
use crate::supervisor::Supervisor;

/// Longest plan, bytes.
const PLAN_MAX: usize = 16 * 1024 * 1024;

/// How long the last reports may take to a daemon that does not read.
pub(crate) const FAREWELL: Duration = Duration::from_secs(5);

/// How long the control groups may take to become free.
const REMOVAL: Duration = Duration::from_secs(5);

/// Runs a container from its start to its end.
pub(crate) fn run() -> ExitCode {
    let (Ok(plan), Ok(control)) = (kernel::fd::inherited(PLAN), kernel::fd::inherited(CONTROL)) else {
        return ExitCode::from(2);
    };
    let mut connections = Connections::default();
    connections.add(control, own_pid(), None);
    match prepare(plan) {
        Ok(prepared) => match Supervisor::start(prepared, connections) {
            Ok(supervisor) => {
                supervisor.run();
                ExitCode::SUCCESS
            }
            Err((failure, connections)) => fail(failure, connections),
        },
        Err(failure) => fail(failure, connections),
    }
}

/// Tells that the start has failed. What it had made is gone.
fn fail(failure: Failure, mut connections: Connections) -> ExitCode {
    log::line(format_args!("error: start: {}: {}", failure.step, describe(&failure)));
    connections.broadcast(&Report::Failed(failure));
    connections.flush(FAREWELL);
    ExitCode::FAILURE
}

/// "what: strerror" for the log.
pub(crate) fn describe(failure: &Failure) -> String {
    match failure.errno {
        0 => failure.what.clone(),
        errno => format!("{}: {}", failure.what, kernel::Errno::from_raw_os_error(errno)),
    }
}

/// A failure of the monitor itself.
pub(crate) fn failure(what: &str, errno: kernel::Errno) -> Failure {
    Failure { step: "monitor".into(), what: what.into(), errno: errno.raw_os_error() }
}

/// A failure on the control groups.
pub(crate) fn cgroup_failure(error: &cgroup::Error) -> Failure {
    Failure { step: "cgroup".into(), what: error.to_string(), errno: error.errno().raw_os_error() }
}

pub(crate) fn own_pid() -> i32 {
    rustix::process::getpid().as_raw_pid()
}

/// What a container needs before it can start. Dropping it undoes all of it.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    pub(crate) signals: Signals,
    pub(crate) listener: OwnedFd,
    pub(crate) group: GroupGuard,
    pub(crate) images: Images,
    /// Socket and pid file, which others find the monitor by: the last to go.
    pub(crate) names: [Transient; 2],
}

fn prepare(plan: OwnedFd) -> Result<Prepared, Failure> {
    kernel::fd::close_on_exec_from(3).map_err(|errno| failure("descriptors", errno))?;
    let signals = Signals::install().map_err(|errno| failure("signals", errno))?;
    // Whoever signals the launcher's session does not mean the container. It fails for a session leader.
    let _ = rustix::process::setsid();
    // For pgrep(1) and the like; only a name.
    let _ = kernel::process::set_name("libvirt_lxc");
    // Better the container than its monitor. Needs CAP_SYS_RESOURCE.
    let _ = kernel::fd::write_existing(Path::new("/proc/self/oom_score_adj"), "-999");
    let mut plan = read_plan(plan)?;
    log::open(&plan.files.log);
    let (listener, socket) = files::listen(&plan.files.socket)?;
    let pid = files::write_pid(&plan.files.pid, own_pid())?;
    let limits = &plan.cgroup.limits;
    let group = Group::create(&plan.cgroup.partition, &plan.name, own_pid(), limits);
    let mut group = GroupGuard::new(group.map_err(|error| cgroup_failure(&error))?);
    group.restrict_devices::<&Path>(&[]).map_err(|error| cgroup_failure(&error))?;
    let mut images = Images::default();
    for node in &mut plan.devices {
        images.attach(node)?;
        group.allow_device(node.host_path(), node.readonly).map_err(|error| cgroup_failure(&error))?;
    }
    Ok(Prepared { plan, signals, listener, group, images, names: [socket, pid] })
}

fn read_plan(fd: OwnedFd) -> Result<Plan, Failure> {
    let content = kernel::memfd::read_sealed(fd, PLAN_MAX).map_err(|errno| failure("plan", errno))?;
    let invalid = |what: String| Failure { step: "plan".into(), what, errno: 0 };
    let plan: Plan = serde_json::from_slice(&content).map_err(|error| invalid(error.to_string()))?;
    if plan.format != PLAN_FORMAT {
        return Err(invalid(format!("format {} is not {PLAN_FORMAT}", plan.format)));
    }
    Ok(plan)
}

/// The control groups, emptied and removed when dropped.
#[derive(Debug)]
pub(crate) struct GroupGuard {
    group: Group,
    removed: bool,
}

impl GroupGuard {
    const fn new(group: Group) -> Self {
        Self { group, removed: false }
    }

    /// Leaves and removes them. What is in the payload is killed.
    pub(crate) fn remove(&mut self) -> cgroup::Result<()> {
        self.removed = true;
        self.group.leave_monitor()?;
        if !self.group.is_empty()? {
            self.group.kill_all()?;
        }
        self.group.remove(REMOVAL)
    }
}

impl Drop for GroupGuard {
    fn drop(&mut self) {
        if self.removed {
            return;
        }
        if let Err(error) = self.remove() {
            log::line(format_args!("error: control group stays behind: {error}"));
        }
    }
}

impl Deref for GroupGuard {
    type Target = Group;

    fn deref(&self) -> &Group {
        &self.group
    }
}

impl DerefMut for GroupGuard {
    fn deref_mut(&mut self) -> &mut Group {
        &mut self.group
    }
}
