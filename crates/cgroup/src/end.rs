//! Ending a payload: killing what is in it, waiting until it is empty, removing the groups.

use std::collections::BTreeSet;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kernel::Errno;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::controller::{MONITOR, PAYLOAD};
use crate::file::{read_if_any, value_of_line, write_if_any};
use crate::freeze::Events;
use crate::{Group, Result, tree};

/// Most processes whose end is watched at the same time.
const WATCHED_MAX: usize = 64;

/// How long to wait before looking again where the kernel gives no event: a process that has ended leaves its
/// group a moment later.
const MOMENT: Duration = Duration::from_millis(1);

impl Group {
    /// Sends `SIGKILL` to every process of the payload, frozen or not. Their end is not waited for.
    ///
    /// The payload must not be used again, see [`Group::kill_each`].
    pub fn kill_all(&self) -> Result<()> {
        let killed = match self.v2_payload() {
            // Linux 5.14 and later: all at once, also those that fork meanwhile.
            Some(payload) => write_if_any(&payload, "cgroup.kill", "1")?,
            None => false,
        };
        if !killed {
            return self.kill_each();
        }
        // A process frozen through v1 does not even die. No freezer: nothing to thaw.
        let _ = self.set_frozen(false);
        Ok(())
    }

    /// As [`Group::kill_all`], one after the other: a process that forks at the wrong moment is missed, so this
    /// is to be repeated until [`Group::is_empty`].
    ///
    /// Linux 6.14 to 6.18 at least kill whatever is cloned into a group (`CLONE_INTO_CGROUP`) on which
    /// `cgroup.kill` was ever used: `cgroup_css_set_fork` notes the kill sequence of the parent's group instead of
    /// the new one. So this is the way to empty a payload for a restart.
    pub fn kill_each(&self) -> Result<()> {
        // While it is frozen nothing forks. Where it cannot be frozen, repeating the kill does.
        let _ = self.set_frozen(true);
        let killed = self.kill_listed();
        let _ = self.set_frozen(false);
        killed
    }

    fn kill_listed(&self) -> Result<()> {
        match self.any_payload() {
            Some(payload) => kill_in(&payload),
            None => Ok(()),
        }
    }

    /// Pids of all processes in the payload and below.
    pub fn pids(&self) -> Result<Vec<i32>> {
        match self.any_payload() {
            Some(payload) => tree::pids(&payload),
            None => Ok(Vec::new()),
        }
    }

    /// The payload in one hierarchy: all have the same processes. The container may leave none of those chosen
    /// here, as it can only manage cgroup v2 and named ones, and there only below its payload.
    fn any_payload(&self) -> Option<PathBuf> {
        let v1 = ["freezer", "pids", "memory"].iter().find_map(|&name| self.placement().v1.get(name));
        let scope = self.placement().v2.as_ref().or(v1).or_else(|| self.placement().v1.values().next());
        scope.map(|scope| scope.join(PAYLOAD))
    }

    /// What to poll until the payload may be empty; `None` if it is.
    pub fn watch_empty(&self) -> Result<Option<Watch>> {
        if let Some(mut events) = self.events_if_any()? {
            return Ok(events.state()?.populated.then(|| Watch::changes(events)));
        }
        let pids = self.pids()?;
        if pids.is_empty() {
            return Ok(None);
        }
        let fds =
            pids.into_iter().filter_map(|pid| kernel::pidfd::open(pid).ok()).take(WATCHED_MAX).collect();
        Ok(Some(Watch { fds: WatchFds::Processes(fds) }))
    }

    /// None without cgroup v2 and when the group is gone.
    fn events_if_any(&self) -> Result<Option<Events>> {
        match self.events() {
            Err(error) if error.errno() == Errno::NOENT => Ok(None),
            other => other,
        }
    }

    /// Waits until the payload is empty; false if it is not after `timeout`.
    pub fn wait_empty(&self, timeout: Duration) -> Result<bool> {
        let deadline = Instant::now() + timeout;
        loop {
            let Some(watch) = self.watch_empty()? else { return Ok(true) };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            watch.wait(left);
        }
    }

    /// Removes the directories, and whatever the container made below its payload. Waits up to `timeout` for the
    /// last process to leave; `EBUSY` after that.
    ///
    /// Who else is in `monitor` is killed: virDomainLxcEnterCGroup() of libvirt's library moves its caller to
    /// where the process with the domain's id is, which is the monitor.
    pub fn remove(&self, timeout: Duration) -> Result<()> {
        let deadline = Instant::now() + timeout;
        loop {
            let error = match self.remove_now() {
                Err(error) if matches!(error.errno(), Errno::BUSY | Errno::NOTEMPTY) => error,
                other => return other,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(error);
            }
            for scope in self.placement().v1.values().chain(&self.placement().v2) {
                kill_in(&scope.join(MONITOR))?;
            }
            match self.watch_empty()? {
                Some(watch) => watch.wait(left.min(50 * MOMENT)),
                None => Watch::pause().wait(MOMENT),
            }
        }
    }

    /// Whether there is no process in the payload.
    pub fn is_empty(&self) -> Result<bool> {
        if let Some(payload) = self.v2_payload() {
            let events = read_if_any(&payload, "cgroup.events")?;
            return Ok(events.is_none_or(|events| value_of_line(&events, "populated") != Some(1)));
        }
        Ok(self.pids()?.is_empty())
    }
}

/// Something to poll until the payload may be empty; then look again.
#[derive(Debug)]
pub struct Watch {
    fds: WatchFds,
}

#[derive(Debug)]
enum WatchFds {
    /// cgroup v2 tells.
    Events(Events),
    /// cgroup v1 does not: the ends of processes do.
    Processes(Vec<OwnedFd>),
}

impl Watch {
    pub(crate) const fn changes(events: Events) -> Self {
        Self { fds: WatchFds::Events(events) }
    }

    /// Nothing to poll: look again after [`Watch::MOMENT`].
    #[must_use]
    pub const fn pause() -> Self {
        Self { fds: WatchFds::Processes(Vec::new()) }
    }

    /// What to poll. Empty: nothing to wait for but [`Watch::MOMENT`].
    #[must_use]
    pub fn poll_fds(&self) -> Vec<PollFd<'_>> {
        match &self.fds {
            WatchFds::Events(events) => vec![PollFd::new(events, PollFlags::PRI)],
            WatchFds::Processes(fds) => fds.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect(),
        }
    }

    /// When there is nothing to poll: how long until looking again makes sense.
    pub const MOMENT: Duration = MOMENT;

    fn wait(&self, timeout: Duration) {
        let mut fds = self.poll_fds();
        let timeout = if fds.is_empty() { timeout.min(MOMENT) } else { timeout };
        // Whatever comes of it, the caller looks again.
        let _ = poll(&mut fds, Timespec::try_from(timeout).ok().as_ref());
    }
}

/// Kills every process in a group and below it, but not the caller.
fn kill_in(group: &Path) -> Result<()> {
    let own = rustix::process::getpid().as_raw_pid();
    let others = tree::pids(group)?.into_iter().filter(|&pid| pid != own);
    let opened: Vec<_> = others.filter_map(|pid| Some((pid, kernel::pidfd::open(pid).ok()?))).collect();
    if opened.is_empty() {
        return Ok(());
    }
    // A pid that was reused before it was opened is not listed any more.
    let listed: BTreeSet<i32> = tree::pids(group)?.into_iter().collect();
    for (pid, pidfd) in opened {
        if listed.contains(&pid) {
            // Ended meanwhile is as good.
            let _ = kernel::pidfd::kill(pidfd.as_fd());
        }
    }
    Ok(())
}
