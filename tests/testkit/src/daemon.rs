//! The daemon under test.

use std::fs::OpenOptions;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::command::ended;
use crate::host::Host;
use crate::wait::{Deadline, PATIENCE, Watch};

/// Joins the private host's control groups, tells its pid and becomes the daemon.
const LAUNCH: &str = "\
if [ -e /sys/fs/cgroup/cgroup.procs ]; then
    echo 0 >/sys/fs/cgroup/host/cgroup.procs
else
    for procs in /sys/fs/cgroup/*/cgroup.procs; do echo 0 >$procs || exit 1; done
fi
echo $$ >/run/test/daemon.pid
exec \"$0\"";

#[derive(Debug)]
pub(crate) struct Daemon {
    pid: u32,
    child: Child,
}

impl Daemon {
    pub(crate) fn start(host: &Host, log: &Path) -> Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let program = host.subject().daemon().canonicalize()?;
        let mut command = host.enter();
        command.args(["sh", "-c", LAUNCH]).arg(&program);
        command.stdout(log.try_clone()?).stderr(log);
        let mut child = command.spawn().context("run nsenter")?;
        wait_until_serving(host, &mut child)?;
        let pid = host.read("/run/test/daemon.pid").trim().parse().context("pid of the daemon")?;
        Ok(Self { pid, child })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Result<()> {
        if ended(&mut self.child, PATIENCE)? { Ok(()) } else { bail!("the daemon does not end") }
    }
}

/// Serving = its socket accepts; what a client sends then waits there for the daemon.
fn wait_until_serving(host: &Host, child: &mut Child) -> Result<()> {
    let socket = host.path(host.subject().socket());
    let mut watch = Watch::new([socket.parent().unwrap_or_else(|| Path::new("/run"))])?;
    let deadline = Deadline::within(PATIENCE);
    while UnixStream::connect(&socket).is_err() {
        if let Some(status) = child.try_wait()? {
            bail!("the daemon ended while starting: {status}");
        }
        if deadline.has_passed() {
            bail!("nobody serves {}", socket.display());
        }
        // bind(2) is visible in the directory, listen(2) is not: hence the short turn.
        watch.change(Deadline::within(Duration::from_millis(20)))?;
    }
    Ok(())
}
