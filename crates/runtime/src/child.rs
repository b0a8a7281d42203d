//! Init before it is init: from its birth in the container's namespaces to execve(2).

use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::namespace::{self, Kind};
use kernel::seccomp::Instruction;
use kernel::{Errno, process};
use rustix::fs::{CWD, Gid, Mode, OFlags, Uid};

use crate::control::Failure;
use crate::failure::{During, Result, failed, failure, step};
use crate::net;
use crate::passwd::{self, Ids};
use crate::plan::{Init, Namespace, Plan};
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
}

impl Child<'_> {
    /// Descriptors the process needs.
    pub(crate) fn keep(&self) -> Vec<BorrowedFd<'_>> {
        [self.status, self.in_net, self.in_cgroup, self.mounted, self.go].map(AsFd::as_fd).to_vec()
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
        let mounted = self.mounted.as_fd();
        if !status::wait(mounted).during(step::NAMESPACE, "builder")? {
            return Ok(());
        }
        status::wait(mounted).during(step::NAMESPACE, "builder")?;
        // From here on this process is in the container's tree. Its copy of the mounts is locked.
        namespace::unshare(Kind::Mount.into()).during(step::NAMESPACE, "mnt")?;
        self.set_up_process(&filter)?;
        self.execute()
    }

    /// What needs nothing from the other processes.
    fn make_session(&self) -> Result<()> {
        process::reset_signals().during(step::SECURITY, "signals")?;
        rustix::process::setsid().during(step::NAMESPACE, "session")?;
        match process::join_session_keyring() {
            // A kernel without keys.
            Err(Errno::NOSYS) => {}
            other => other.during(step::SECURITY, "session keyring")?,
        }
        if self.plan.uts == Namespace::Private {
            rustix::system::sethostname(self.plan.hostname.as_bytes())
                .during(step::NAMESPACE, format_args!("host name '{}'", self.plan.hostname))?;
        }
        security::set_resource_limits()?;
        rustix::process::umask(Mode::from_raw_mode(0o022));
        if self.plan.init.personality_32bit {
            process::set_personality_32bit().during(step::SECURITY, "personality")?;
        }
        Ok(())
    }

    /// Ids, console, system calls, capabilities, working directory.
    fn set_up_process(&self, filter: &[Instruction]) -> Result<()> {
        let init = &self.plan.init;
        // Root of the container first, so that the files below are the container's to use.
        set_ids(Ids::default())?;
        let root = rustix::fs::open("/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .during(step::FILESYSTEM, "/")?;
        let ids = passwd::resolve(root.as_fd(), init.user.as_deref(), init.group.as_deref())?;
        self.open_console(ids)?;
        kernel::capability::limit_bounding_set(self.plan.capabilities)
            .during(step::SECURITY, "capability bounding set")?;
        // While this process still may: the capabilities that are left may not do.
        if !filter.is_empty() {
            kernel::seccomp::load(filter).during(step::SECURITY, "system call filter")?;
        }
        if ids != Ids::default() {
            set_ids(ids)?;
        }
        let permitted = kernel::capability::permitted().during(step::SECURITY, "capabilities")?;
        kernel::capability::set(permitted & self.plan.capabilities).during(step::SECURITY, "capabilities")?;
        change_dir(root.as_fd(), init.dir.as_deref().unwrap_or("/"))?;
        // Both were reset by the change of ids.
        process::die_with_parent().during(step::SECURITY, "parent death signal")?;
        process::set_dumpable(false).during(step::SECURITY, "dumpable")
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

    fn execute(&self) -> Result<()> {
        let init = &self.plan.init;
        let (path, argv, envp) = command_line(init)?;
        // The parent may have died before its death signal was set up again; then this write ends us.
        status::ready(self.status.as_fd()).during(step::EXEC, &init.path)?;
        kernel::fd::close_on_exec_from(3).during(step::SECURITY, "descriptors")?;
        let errno = process::exec(&path, &argv, &envp);
        Err(exec_failure(init, errno))
    }
}

/// Words for a failed execve(2).
fn exec_failure(init: &Init, errno: Errno) -> Failure {
    let missing = rustix::fs::statat(CWD, init.path.as_str(), rustix::fs::AtFlags::empty()).is_err();
    if missing && matches!(errno, Errno::NOENT | Errno::NOTDIR) {
        let what = format_args!("cannot find init path '{}' relative to container root", init.path);
        return failed(step::EXEC, what, Errno::NOENT);
    }
    if errno == Errno::NOENT {
        return failed(
            step::EXEC,
            format_args!("the interpreter of init path '{}' is missing", init.path),
            errno,
        );
    }
    failed(step::EXEC, format_args!("cannot run init path '{}'", init.path), errno)
}

fn set_ids(ids: Ids) -> Result<()> {
    rustix::thread::set_thread_groups(&[]).during(step::USER, "groups")?;
    let gid = Gid::from_raw(ids.gid);
    rustix::thread::set_thread_res_gid(gid, gid, gid)
        .during(step::USER, format_args!("group id {}", ids.gid))?;
    let uid = Uid::from_raw(ids.uid);
    rustix::thread::set_thread_res_uid(uid, uid, uid).during(step::USER, format_args!("user id {}", ids.uid))
}

/// Goes to a directory of the container, and makes sure that it is one.
fn change_dir(root: BorrowedFd<'_>, dir: &str) -> Result<()> {
    let flags = OFlags::PATH | OFlags::DIRECTORY;
    let opened = kernel::path::open_in_root(root, Path::new(dir), flags).during(step::EXEC, dir)?;
    rustix::process::fchdir(&opened).during(step::EXEC, dir)?;
    let now = rustix::process::getcwd(Vec::new()).during(step::EXEC, dir)?;
    if now.as_bytes().first() == Some(&b'/') {
        return Ok(());
    }
    Err(failed(step::EXEC, format_args!("{dir} is outside the container"), Errno::XDEV))
}

/// Path, arguments and environment as execve(2) wants them.
fn command_line(init: &Init) -> Result<(CString, Vec<CString>, Vec<CString>)> {
    let c_string = |text: &str| {
        CString::new(text)
            .map_err(|_| failed(step::EXEC, format_args!("'{text}' contains a zero byte"), Errno::INVAL))
    };
    let path = c_string(&init.path)?;
    let argv =
        std::iter::once(&init.path).chain(&init.args).map(|arg| c_string(arg)).collect::<Result<_>>()?;
    let envp =
        init.env.iter().map(|(name, value)| c_string(&format!("{name}={value}"))).collect::<Result<_>>()?;
    Ok((path, argv, envp))
}
