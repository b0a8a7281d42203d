//! The builder: a short-lived process that makes the container's mounts.
//!
//! It belongs to the host's user namespace but is in the container's other namespaces, so that `/proc`, `/sys`,
//! `/dev/mqueue` and the control groups it mounts are the container's, while the mounts as such belong to the
//! host. When init afterwards takes a copy of the mount namespace into its own user namespace, the kernel locks
//! every mount (mount_namespaces(7)): the container's root can neither unmount a mask nor make a read-only mount
//! writable. Init runs nothing of the container before the builder is gone.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use kernel::Errno;
use kernel::mount::{self, Propagation};
use kernel::namespace::{self, Kind, Kinds};
use rustix::fs::{Mode, OFlags};

use crate::dev::{self, Consoles};
use crate::failure::{During, Result, step};
use crate::machine;
use crate::plan::Plan;
use crate::pseudofs;
use crate::rootfs::Tree;
use crate::status;
use crate::userns::Owner;

/// What the builder works with.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) group: &'a cgroup::Group,
    pub(crate) owner: Owner,
    pub(crate) consoles: &'a Consoles,
    /// The tmpfs that becomes `/dev`.
    pub(crate) dev: BorrowedFd<'a>,
    /// Init, whose namespaces are the container's.
    pub(crate) init: BorrowedFd<'a>,
    /// The container's user namespace.
    pub(crate) userns: Option<BorrowedFd<'a>>,
    /// Where failures go.
    pub(crate) status: &'a OwnedFd,
    /// Readable when init is in its network and cgroup namespaces.
    pub(crate) in_cgroup: &'a OwnedFd,
    /// To be notified when the mounts are done.
    pub(crate) mounted: &'a OwnedFd,
}

impl Builder<'_> {
    /// Descriptors the process needs.
    pub(crate) fn keep(&self) -> Vec<BorrowedFd<'_>> {
        let mut keep = vec![
            self.consoles.devpts(),
            self.dev,
            self.init,
            self.status.as_fd(),
            self.in_cgroup.as_fd(),
            self.mounted.as_fd(),
        ];
        keep.extend(self.userns);
        keep
    }

    /// Runs in the new process; returns its exit status.
    pub(crate) fn run(&self) -> i32 {
        match self.build() {
            Ok(true) => 0,
            // Init failed, and reports that itself.
            Ok(false) => 1,
            Err(failure) => {
                status::report(self.status.as_fd(), &failure);
                1
            }
        }
    }

    fn build(&self) -> Result<bool> {
        kernel::process::die_with_parent().during(step::NAMESPACE, "builder")?;
        kernel::process::set_dumpable(false).during(step::NAMESPACE, "builder")?;
        rustix::process::umask(Mode::empty());
        if !self.leave_host()? {
            return Ok(false);
        }
        let tree = Tree::attach(self.plan, self.owner, self.userns)?;
        dev::mount_dev(&tree, self.dev, self.consoles.devpts(), self.consoles.count())?;
        let masks = pseudofs::Masks::new(self.dev)?;
        pseudofs::mount_proc(&tree, &masks)?;
        if !status::wait(self.in_cgroup.as_fd()).during(step::CGROUP, "cgroup namespace")? {
            return Ok(false);
        }
        if !self.enter(Kinds::none().with(Kind::Net).with(Kind::Cgroup))? {
            return Ok(false);
        }
        if self.plan.nesting {
            pseudofs::mount_for_nesting(self.dev)?;
        }
        let sys = pseudofs::mount_sys(&tree, &masks)?;
        pseudofs::mount_cgroups(self.group, sys.as_fd())?;
        machine::mount_run(&tree)?;
        machine::mount_names(&tree, self.dev)?;
        tree.make_targets()?;
        tree.become_root()?;
        status::notify(self.mounted.as_fd()).during(step::FILESYSTEM, "builder")?;
        Ok(true)
    }

    /// Enters namespaces of init; false if init has ended, which whoever ended it explains.
    fn enter(&self, kinds: Kinds) -> Result<bool> {
        match namespace::enter_of(self.init, kinds) {
            Err(Errno::SRCH) => Ok(false),
            other => other.during(step::NAMESPACE, "builder").map(|()| true),
        }
    }

    /// Cuts the mount namespace off the host's and takes the container's IPC namespace and ids; false if init has
    /// ended.
    fn leave_host(&self) -> Result<bool> {
        let root = rustix::fs::open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
            .during(step::FILESYSTEM, "/")?;
        mount::set_propagation(root.as_fd(), Propagation::Private, true).during(step::FILESYSTEM, "/")?;
        if !self.enter(Kinds::none().with(Kind::Ipc).with(Kind::Uts))? {
            return Ok(false);
        }
        if self.owner.uid != 0 || self.owner.gid != 0 {
            kernel::process::set_file_owner(self.owner.uid, self.owner.gid)
                .during(step::NAMESPACE, "builder")?;
        }
        Ok(true)
    }
}
