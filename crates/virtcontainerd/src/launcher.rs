//! Starting the launcher of monitors.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use kernel::command::Command;

/// Name of the program.
const PROGRAM: &str = "virtcontainer-monitor";

/// Descriptor that the launcher expects its socket on.
const SOCKET_FD: i32 = 3;

/// The monitor program: given, beside the daemon (a build tree), or in `../libexec` (an installation).
pub(crate) fn find(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = given {
        return path.canonicalize().with_context(|| format!("monitor {}", path.display()));
    }
    let daemon = std::env::current_exe().context("path of the daemon")?;
    let dir = daemon.parent().unwrap_or_else(|| Path::new("/"));
    let places = [dir.join(PROGRAM), dir.join("../libexec").join(PROGRAM)];
    let found = places.iter().find_map(|place| place.canonicalize().ok());
    found.ok_or_else(|| anyhow!("{PROGRAM} is neither in {0} nor in {0}/../libexec", dir.display()))
}

/// Starts the launcher; it ends when the returned socket is closed. To be called while there is one thread.
pub(crate) fn start(monitor: &Path, detached: bool) -> Result<OwnedFd> {
    let (ours, theirs) = kernel::fdpass::seqpacket_pair().context("socket of the launcher")?;
    let mut command = Command::new(monitor);
    command.arg("--launcher").fd(theirs, SOCKET_FD);
    if !detached {
        command.stderr(std::process::Stdio::inherit());
    }
    command.spawn().with_context(|| format!("cannot start {}", monitor.display()))?;
    Ok(ours)
}
