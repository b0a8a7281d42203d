//! Becoming a program of the container: the last steps before execve(2), the same for init and for every program
//! that is run in the container later.

use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::seccomp::Instruction;
use kernel::{Errno, process};
use rustix::fs::{CWD, Gid, Mode, OFlags, Uid};

use crate::control::Failure;
use crate::failure::{During, Result, failed, failure, step};
use crate::label::Pending;
use crate::passwd::{self, Ids};
use crate::plan::{Init, Plan};
use crate::status;

/// The container's root, of a process that has become its root user.
#[derive(Debug)]
pub(crate) struct Inside<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) program: &'a Init,
    /// Who the program runs as.
    pub(crate) ids: Ids,
    root: OwnedFd,
}

impl<'a> Inside<'a> {
    /// Becomes the container's root user, so that its files are there to use, and looks up the program's user.
    pub(crate) fn enter(plan: &'a Plan, program: &'a Init) -> Result<Self> {
        set_ids(Ids::default())?;
        let root = rustix::fs::open("/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .during(step::FILESYSTEM, "/")?;
        let ids = passwd::resolve(root.as_fd(), program.user.as_deref(), program.group.as_deref())?;
        Ok(Self { plan, program, ids, root })
    }

    /// Ids, system calls, capabilities, working directory.
    pub(crate) fn confine(&self, filter: &[Instruction]) -> Result<()> {
        kernel::capability::limit_bounding_set(self.plan.capabilities)
            .during(step::SECURITY, "capability bounding set")?;
        // While this process still may: the capabilities that are left may not do.
        if !filter.is_empty() {
            kernel::seccomp::load(filter).during(step::SECURITY, "system call filter")?;
        }
        if self.ids != Ids::default() {
            set_ids(self.ids)?;
        }
        let permitted = kernel::capability::permitted().during(step::SECURITY, "capabilities")?;
        kernel::capability::set(permitted & self.plan.capabilities).during(step::SECURITY, "capabilities")?;
        change_dir(self.root.as_fd(), self.program.dir.as_deref().unwrap_or("/"))?;
        // Both were reset by the change of ids.
        process::die_with_parent().during(step::SECURITY, "parent death signal")?;
        process::set_dumpable(false).during(step::SECURITY, "dumpable")
    }

    /// Executes the program; returns only why not.
    pub(crate) fn execute(&self, label: Option<Pending>, report: BorrowedFd<'_>) -> Result<()> {
        let program = self.program;
        let (argv, envp) = command_line(program)?;
        if let Some(label) = label {
            label.take_effect_at_exec()?;
        }
        // The parent may have died before its death signal was set up again; then this write ends us.
        status::ready(report).during(step::EXEC, &program.path)?;
        kernel::fd::close_on_exec_from(3).during(step::SECURITY, "descriptors")?;
        let mut errno = Errno::NOENT;
        for path in candidates(&program.path)? {
            errno = process::exec(&path, &argv, &envp);
            if errno != Errno::NOENT {
                break;
            }
        }
        Err(exec_failure(program, errno))
    }
}

/// The program's path, or where a name without a slash may be.
fn candidates(path: &str) -> Result<Vec<CString>> {
    if path.contains('/') {
        return Ok(vec![c_string(path)?]);
    }
    kernel::command::PATH.split(':').map(|dir| c_string(&format!("{dir}/{path}"))).collect()
}

/// Words for a failed execve(2).
fn exec_failure(program: &Init, errno: Errno) -> Failure {
    let path = &program.path;
    let missing = rustix::fs::statat(CWD, path.as_str(), rustix::fs::AtFlags::empty()).is_err();
    if missing && matches!(errno, Errno::NOENT | Errno::NOTDIR) {
        let what = format_args!("cannot find init path '{path}' relative to container root");
        return failed(step::EXEC, what, Errno::NOENT);
    }
    if errno == Errno::NOENT {
        return failed(step::EXEC, format_args!("the interpreter of init path '{path}' is missing"), errno);
    }
    failed(step::EXEC, format_args!("cannot run init path '{path}'"), errno)
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

/// Arguments and environment as execve(2) wants them.
fn command_line(program: &Init) -> Result<(Vec<CString>, Vec<CString>)> {
    let argv = std::iter::once(&program.path)
        .chain(&program.args)
        .map(|arg| c_string(arg))
        .collect::<Result<_>>()?;
    let envp = program
        .env
        .iter()
        .map(|(name, value)| c_string(&format!("{name}={value}")))
        .collect::<Result<_>>()?;
    Ok((argv, envp))
}

fn c_string(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| failure(step::EXEC, format_args!("'{text}' contains a zero byte")))
}
