//! Running a program in a container that runs: with the container's namespaces, control groups, capabilities,
//! system calls and label, just as its init.
//!
//! The process is a child of the monitor. It takes nothing along: it is not dumpable until it executes, so that no
//! process of the container can look into it or reach the monitor's descriptors or program through `/proc`, it
//! opens what it needs of the host's `/proc` before it enters, and only the three given streams stay open.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::clone::{self, Cloned, Options};
use kernel::namespace::{self, Kind, Kinds};
use kernel::pidfd::Exit;
use kernel::process;

use crate::failure::{During, Result, failure, step};
use crate::label::Pending;
use crate::plan::{Init, Namespace, Plan};
use crate::program::Inside;
use crate::status::{self, Outcome};
use crate::{seccomp, security};

/// A container that runs.
#[derive(Debug, Clone, Copy)]
pub struct Running<'a> {
    /// What it was started from.
    pub plan: &'a Plan,
    /// Its control groups.
    pub group: &'a cgroup::Group,
    /// Host pid of its init.
    pub init_pid: i32,
    /// Pidfd of its init.
    pub init: BorrowedFd<'a>,
}

/// A program that was started in a container, a child of the calling process.
#[derive(Debug)]
pub struct Entered {
    /// Host pid.
    pub pid: i32,
    /// Pidfd; readable when it has ended.
    pub pidfd: OwnedFd,
    status: OwnedFd,
}

/// Starts a program with the given standard input, output and error.
///
/// Does not wait for its execution; whether that succeeded is known at its end, from [`Entered::outcome`]. A name
/// without a slash is looked up in [`kernel::command::PATH`] of the container. Must be called in a
/// single-threaded process, the parent of init.
pub fn run(container: Running<'_>, program: &Init, streams: &[OwnedFd; 3]) -> Result<Entered> {
    let (status, report) = kernel::fd::pipe().during(step::NAMESPACE, "pipe")?;
    let visitor = Visitor { container, program, streams, report: &report };
    let keep = visitor.keep();
    let own = namespace::own(Kind::Pid).during(step::NAMESPACE, "pid")?;
    namespace::enter_of(container.init, Kind::Pid.into()).during(step::NAMESPACE, "pid")?;
    let spawned = clone::spawn(&Options { keep: Some(&keep), ..Options::default() }, || visitor.run());
    let back = namespace::enter(own.as_fd(), Kind::Pid).during(step::NAMESPACE, "return to the host's pid");
    let Cloned { pid, pidfd } = spawned.during(step::NAMESPACE, "cannot make a process")?;
    let entered = Entered { pid, pidfd, status };
    match back {
        Ok(()) => Ok(entered),
        Err(failure) => {
            let _ = kernel::pidfd::kill(entered.pidfd.as_fd())
                .and_then(|()| kernel::pidfd::wait(entered.pidfd.as_fd()));
            Err(failure)
        }
    }
}

impl Entered {
    /// What came of a program that has ended so: its exit, or why it could not be executed.
    pub fn outcome(self, exit: Exit) -> Result<Exit> {
        match status::outcome(self.status) {
            Outcome::Executed => Ok(exit),
            Outcome::Failed(failure) => Err(failure),
            Outcome::Silent => match exit {
                // Killed so early, perhaps by the caller.
                Exit::Signal(_) => Ok(exit),
                Exit::Status(_) => {
                    Err(failure(step::EXEC, format_args!("the process ended before its execution: {exit:?}")))
                }
            },
        }
    }
}

/// The new process until it executes the program.
#[derive(Debug)]
struct Visitor<'a> {
    container: Running<'a>,
    program: &'a Init,
    streams: &'a [OwnedFd; 3],
    report: &'a OwnedFd,
}

impl Visitor<'_> {
    fn keep(&self) -> Vec<BorrowedFd<'_>> {
        let mut keep = vec![self.container.init, self.report.as_fd()];
        keep.extend(self.streams.iter().map(AsFd::as_fd));
        keep
    }

    fn run(&self) -> i32 {
        if let Err(failure) = self.become_program() {
            status::report(self.report.as_fd(), &failure);
        }
        1
    }

    fn become_program(&self) -> Result<()> {
        let plan = self.container.plan;
        process::set_dumpable(false).during(step::SECURITY, "dumpable")?;
        process::reset_signals().during(step::SECURITY, "signals")?;
        rustix::process::setsid().during(step::NAMESPACE, "session")?;
        let filter = seccomp::program(plan.seccomp);
        let label = Pending::open(plan.label.as_ref())?;
        // As init. It fails only for a process that has ended.
        kernel::fd::write_existing(Path::new("/proc/self/oom_score_adj"), "0")
            .during(step::SECURITY, "oom_score_adj")?;
        self.container
            .group
            .enter_beside(self.container.init_pid)
            .during(step::CGROUP, "cannot enter the control group")?;
        namespace::enter_of(self.container.init, namespaces(plan)).during(step::NAMESPACE, "container")?;
        security::isolate(self.program)?;
        let inside = Inside::enter(plan, self.program)?;
        kernel::fd::set_standard_streams(self.streams).during(step::EXEC, "standard streams")?;
        inside.confine(&filter)?;
        inside.execute(label, self.report.as_fd())
    }
}

/// What init has of its own. A namespace that is also the monitor's need not be entered, and that of users cannot.
fn namespaces(plan: &Plan) -> Kinds {
    let mut kinds = Kinds::none().with(Kind::Mount).with(Kind::Cgroup);
    let maybe = [
        (Kind::User, plan.idmap.is_some()),
        (Kind::Net, plan.network != Namespace::Host),
        (Kind::Ipc, plan.ipc != Namespace::Host),
        (Kind::Uts, plan.uts != Namespace::Host),
    ];
    for (kind, own) in maybe {
        if own {
            kinds = kinds.with(kind);
        }
    }
    kinds
}
