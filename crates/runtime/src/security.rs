//! What the container must not see or do: masked paths, capabilities, resource limits.

use kernel::{Errno, process};
use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit};

use crate::failure::{During, Result, step};
use crate::plan::Init;

/// Below `/proc`: replaced by nothing, because they show or steer the host.
pub(crate) const PROC_MASKED: &[&str] = &[
    "acpi",
    "asound",
    "kallsyms",
    "kcore",
    "keys",
    "kmsg",
    "latency_stats",
    "sched_debug",
    "scsi",
    "timer_list",
];

/// Below `/proc`: made read-only, besides `sys`.
pub(crate) const PROC_READ_ONLY: &[&str] = &["bus", "fs", "irq", "sysrq-trigger"];

/// Below `/sys`: replaced by nothing.
pub(crate) const SYS_MASKED: &[&str] =
    &["devices/virtual/powercap", "firmware", "kernel/debug", "kernel/security", "kernel/tracing"];

/// Descriptors a process may have open by default, so that programs using select(2) work.
const NOFILE_SOFT: u64 = 1024;

/// What a process of the container must not have from the monitor: keys, limits, mask; and its personality.
pub(crate) fn isolate(program: &Init) -> Result<()> {
    match process::join_session_keyring() {
        // A kernel without keys.
        Err(Errno::NOSYS) => {}
        other => other.during(step::SECURITY, "session keyring")?,
    }
    set_resource_limits()?;
    rustix::process::umask(Mode::from_raw_mode(0o022));
    if program.personality_32bit {
        process::set_personality_32bit().during(step::SECURITY, "personality")?;
    }
    Ok(())
}

/// No core dumps on the host unless raised, everything else as the host has it.
fn set_resource_limits() -> Result<()> {
    let core = rustix::process::getrlimit(Resource::Core);
    rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), ..core })
        .during(step::SECURITY, "RLIMIT_CORE")?;
    let files = rustix::process::getrlimit(Resource::Nofile);
    let soft = files.maximum.map_or(NOFILE_SOFT, |hard| hard.min(NOFILE_SOFT));
    rustix::process::setrlimit(Resource::Nofile, Rlimit { current: Some(soft), ..files })
        .during(step::SECURITY, "RLIMIT_NOFILE")
}
