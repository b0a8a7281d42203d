//! Init before it is init: from its birth in the container's namespaces to execve(2).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use kernel::namespace::{self, Kind};
use kernel::process;
use rustix::fs::{Mode, OFlags, Uid};

use crate::failure::{During, Result, failure, step};
use crate::label::Pending;
use crate::mounter;
use crate::net;
use crate::passwd::Ids;
use crate::plan::{Namespace, Plan};
use crate::program::Inside;
use crate::seccomp;
use crate::security;
use crate::status;

/// What init works with.
#[derive(Debug)]
pub(crate) struct Child<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) group: &'a cgroup::Group,
    /// The network namespace is one of an earlier run, with its interfaces.
    pub(crate) network_kept: bool,
    /// Device number of the first console's terminal.
    pub(crate) console: u64,
    /// Where failures go.
    pub(crate) status: &'a OwnedFd,
    /// To be notified when in the own network namespace.
    pub(crate) in_net: &'a OwnedFd,
    /// To be notified when in the own cgroup namespace.
    pub(crate) in_cgroup: &'a OwnedFd,
    /// Readable when the mounts are done, and at its end when the builder is gone.
    pub(crate) mounted: &'a OwnedFd,
    /// Readable when the parent has done its part.
    pub(crate) go: &'a OwnedFd,
    /// To the process that mounts the file systems of the plan, if there are any.
    pub(crate) mounter: Option<&'a OwnedFd>,
}

impl Child<'_> {
    /// Descriptors the process needs.
    pub(crate) fn keep(&self) -> Vec<BorrowedFd<'_>> {
        let always = [self.status, self.in_net, self.in_cgroup, self.mounted, self.go];
        always.into_iter().chain(self.mounter).map(AsFd::as_fd).collect()
    }

    /// Runs in the new process; returns its exit status if init could not be executed.
    pub(crate) fn run(&self) -> i32 {
        // Success does not return. Otherwise either another process failed, and reports that, or this one did.
        if let Err(failure) = self.become_init() {
            status::report(self.status.as_fd(), &failure);
        }
        1
    }

    /// `Ok` when there is nothing left to do because another process of the start failed.
    fn become_init(&self) -> Result<()> {
        process::die_with_parent().during(step::SECURITY, "parent death signal")?;
        process::set_dumpable(false).during(step::SECURITY, "dumpable")?;
        let new_network = self.plan.network == Namespace::Private && !self.network_kept;
        if new_network {
            namespace::unshare(Kind::Net.into()).during(step::NAMESPACE, "net")?;
        }
        status::notify(self.in_net.as_fd()).during(step::NAMESPACE, "net")?;
        self.group.enter_payload().during(step::CGROUP, "cannot enter the control group")?;
        namespace::unshare(Kind::Cgroup.into()).during(step::NAMESPACE, "cgroup")?;
        status::notify(self.in_cgroup.as_fd()).during(step::CGROUP, "cgroup namespace")?;
        self.make_session()?;
        if !status::wait(self.go.as_fd()).during(step::NAMESPACE, "parent")? {
            return Ok(());
        }
        if new_network {
            net::configure(&self.plan.interfaces)?;
        }
        // Made while the builder works. One note when the mounts are done, then the end of the pipe when the builder has ended.
        let filter = seccomp::program(self.plan.seccomp);
        let label = Pending::open(self.plan.label.as_ref())?;
        let mounted = self.mounted.as_fd();
        if !status::wait(mounted).during(step::NAMESPACE, "builder")? {
            return Ok(());
        }
        status::wait(mounted).during(step::NAMESPACE, "builder")?;
        // From here on this process is in the container's tree. Its copy of the mounts is locked.
        namespace::unshare(Kind::Mount.into()).during(step::NAMESPACE, "mnt")?;
        if let Some(mounter) = self.mounter
            && !mounter::await_mounts(mounter.as_fd())?
        {
            return Ok(());
        }
        let inside = Inside::enter(self.plan, &self.plan.init)?;
        self.open_console(inside.ids)?;
        inside.confine(&filter)?;
        inside.execute(label, self.status.as_fd())
    }

    /// What needs nothing from the other processes.
    fn make_session(&self) -> Result<()> {
        process::reset_signals().during(step::SECURITY, "signals")?;
        rustix::process::setsid().during(step::NAMESPACE, "session")?;
        if self.plan.uts == Namespace::Private {
            rustix::system::sethostname(self.plan.hostname.as_bytes())
                .during(step::NAMESPACE, format_args!("host name '{}'", self.plan.hostname))?;
        }
        security::isolate(&self.plan.init)
    }

    /// The first console becomes the standard streams and the controlling terminal.
    fn open_console(&self, ids: Ids) -> Result<()> {
        let path = "/dev/console";
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let console = rustix::fs::open(path, flags, Mode::empty()).during(step::CONSOLE, path)?;
        let stat = rustix::fs::fstat(&console).during(step::CONSOLE, path)?;
        if stat.st_rdev != self.console {
            return Err(failure(step::CONSOLE, format_args!("{path} is not the container's terminal")));
        }
        if ids.uid != 0 {
            // Fails for an id that the container does not have.
            let uid = Uid::from_raw(ids.uid);
            rustix::fs::fchown(&console, Some(uid), None)
                .during(step::USER, format_args!("user id {}", ids.uid))?;
        }
        rustix::process::ioctl_tiocsctty(&console).during(step::CONSOLE, path)?;
        kernel::fd::replace_standard_streams(console.as_fd()).during(step::CONSOLE, path)
    }
}
