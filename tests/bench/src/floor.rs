//! The least a container costs on this machine: system calls only, no control group, no network interface.

use std::ffi::{CStr, CString};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use kernel::clone::{self, Options as CloneOptions};
use kernel::namespace::{Kind, Kinds};
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};
use rustix::process::{WaitId, WaitIdOptions};

use crate::bed::Bed;
use crate::options::Options;
use crate::report::{self, Report};
use crate::sample::Samples;

const NOTE: &str = "state/floor";

/// Measures in a process of its own, inside the first private host.
pub(crate) fn run(beds: &[Bed], options: &Options, report: &mut Report) -> Result<()> {
    let Some(bed) = beds.first() else { return Ok(()) };
    let program = std::env::current_exe()?;
    let program = program.to_str().context("path of this program")?;
    let output = bed.host().run(&[program, "floor", bed.root_in_host(), &options.iterations.to_string()]);
    let median = output.ok().trim().parse().context("figure of the floor")?;
    report.floor("init's first instruction: clone3, 5 namespaces, mounts, pivot_root, exec", median);
    Ok(())
}

/// Starts containers and prints the median time until the first instruction of their init, milliseconds.
pub(crate) fn measure(root: &Path, starts: u32) -> Result<()> {
    ensure!(root.join("sbin/stamp").exists(), "{} is no root of a container", root.display());
    let mut samples = Samples::default();
    for _ in 0..starts {
        samples.push(once(root)?);
    }
    report::say(&samples.median().to_string());
    Ok(())
}

fn once(root: &Path) -> Result<f64> {
    let kinds = [Kind::Mount, Kind::Pid, Kind::Ipc, Kind::Uts, Kind::Net];
    let namespaces = kinds.into_iter().fold(Kinds::none(), Kinds::with);
    let began = SystemTime::now();
    let cloned = clone::spawn(&CloneOptions { namespaces, ..CloneOptions::default() }, || child(root))?;
    let status = rustix::process::waitid(WaitId::PidFd(cloned.pidfd.as_fd()), WaitIdOptions::EXITED)?;
    let status = status.and_then(|status| status.exit_status());
    ensure!(status == Some(0), "the container's init ended with {status:?}");
    let note: u128 = std::fs::read_to_string(root.join(NOTE))?.parse()?;
    let nanoseconds = note.saturating_sub(began.duration_since(UNIX_EPOCH)?.as_nanos());
    Ok(u32::try_from(nanoseconds / 1000).map_or(f64::NAN, f64::from) / 1000.0)
}

/// Becomes the init of the container; returns only on failure.
fn child(root: &Path) -> i32 {
    match enter(root) {
        Ok(()) => {
            let argv = [c"stamp", c"/state/floor", c"/bin/true"].map(CStr::to_owned);
            let errno = kernel::process::exec(c"/sbin/stamp", &argv, &[] as &[CString]);
            errno.raw_os_error()
        }
        Err(errno) => errno.raw_os_error(),
    }
}

fn enter(root: &Path) -> kernel::Result<()> {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    rustix::mount::mount_change("/", private)?;
    rustix::mount::mount_bind_recursive(root, root)?;
    rustix::process::chdir(root)?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    rustix::mount::mount("proc", "proc", "proc", flags, None)?;
    rustix::mount::mount("sysfs", "sys", "sysfs", flags | MountFlags::RDONLY, None)?;
    rustix::mount::mount("tmpfs", "dev", "tmpfs", MountFlags::NOSUID, Some(c"mode=755,size=64k"))?;
    rustix::process::pivot_root(".", ".")?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)?;
    rustix::process::chdir("/")
}
