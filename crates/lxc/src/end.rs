//! How a run ends, and what its monitor reports on the way.

use std::sync::Arc;
use std::time::Duration;

use cgroup::Group;
use conf::domain::{DomainDef, LifecycleAction};
use protocol::consts::{ShutoffReason, StoppedDetail};
use runtime::control::{Cause, Report, Request};
use tokio::sync::watch;

use crate::Lxc;
use crate::domain::{Domain, Run};
use crate::error;
use crate::events::{Event, Lifecycle};
use crate::files::{self, Durability};
use crate::monitor::Reports;
use crate::{ports, start};

/// Longest wait for the processes of a container whose monitor died.
const LEFTOVERS_WAIT: Duration = Duration::from_secs(10);

/// Follows a run until it has ended. `ended` is set when everybody has been told.
pub(crate) async fn watch(
    lxc: Arc<Lxc>,
    domain: Arc<Domain>,
    mut reports: Reports,
    ended: watch::Sender<bool>,
) {
    let mut cause = None;
    while let Some(report) = reports.recv().await {
        match report {
            Report::Rebooted(container) => rebooted(&lxc, &domain, container),
            Report::OutOfMemory { count } => {
                tracing::warn!(domain = %domain.name, count, "processes were killed for lack of memory");
            }
            Report::Ended(why) => {
                cause = Some(why);
                break;
            }
            Report::Hello { .. } | Report::Frozen { .. } => {}
            other => tracing::warn!(domain = %domain.name, ?other, "unexpected report"),
        }
    }
    let Some(run) = domain.read().run.clone() else { return };
    if cause.is_none() {
        cause = lost_monitor(&lxc, &domain, &run).await;
    }
    ports::unplug_all(&*lxc.ports, &run.def).await;
    finish(&lxc, &domain, &run, cause.as_ref());
    ended.send_replace(true);
    let action = match &cause {
        Some(Cause::Shutdown) => run.def.on_poweroff,
        Some(Cause::Reboot | Cause::Killed) => LifecycleAction::Destroy,
        Some(Cause::Crashed { .. } | Cause::RebootFailed(_)) | None => run.def.on_crash,
    };
    restart_if(&lxc, &domain, &run.def, action);
}

/// The monitor closed its connection without saying that the container has ended: it is dead, and its death
/// killed init. Nothing of the container may live on, and nothing of it may stay.
async fn lost_monitor(lxc: &Lxc, domain: &Domain, run: &Run) -> Option<Cause> {
    let files = lxc.paths.of_monitor(&domain.name);
    if let Some(record) = take_exit_record(&files.exit_record, domain, run.id) {
        return Some(record);
    }
    tracing::error!(domain = %domain.name, id = run.id, "the monitor of the domain has died");
    remove_leftovers(domain, Arc::clone(&run.cgroup)).await;
    for path in [&files.socket, &files.pid] {
        if let Err(error) = files::remove(path, Durability::Memory) {
            tracing::warn!(path = %path.display(), %error, "cannot remove");
        }
    }
    None
}

/// Kills what still runs of a container whose monitor is gone, and removes its control groups.
pub(crate) async fn remove_leftovers(domain: &Domain, cgroup: Arc<Group>) {
    let work = move || cgroup.kill_all().and_then(|()| cgroup.remove(LEFTOVERS_WAIT));
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(domain = %domain.name, %error, "cannot remove its control groups"),
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// How an end is told; without a cause the monitor died.
pub(crate) const fn verdict(cause: Option<&Cause>) -> (ShutoffReason, StoppedDetail) {
    match cause {
        Some(Cause::Shutdown | Cause::Reboot) => (ShutoffReason::SHUTDOWN, StoppedDetail::SHUTDOWN),
        Some(Cause::Killed) => (ShutoffReason::DESTROYED, StoppedDetail::DESTROYED),
        Some(Cause::Crashed { .. }) | None => (ShutoffReason::CRASHED, StoppedDetail::CRASHED),
        Some(Cause::RebootFailed(_)) => (ShutoffReason::FAILED, StoppedDetail::FAILED),
    }
}

/// What a monitor left about the end of its container, if it was this one's; the file is removed.
pub(crate) fn take_exit_record(path: &std::path::Path, domain: &Domain, monitor_pid: i32) -> Option<Cause> {
    let text = std::fs::read_to_string(path).ok()?;
    let _ = files::remove(path, Durability::Memory);
    let record: runtime::control::ExitRecord = serde_json::from_str(&text).ok()?;
    let same = record.uuid == domain.uuid.to_string() && record.monitor_pid == monitor_pid;
    same.then_some(record.cause)
}

/// Marks the domain as shut off, removes what the daemon wrote for the run, and tells everybody.
pub(crate) fn finish(lxc: &Lxc, domain: &Arc<Domain>, run: &Run, cause: Option<&Cause>) {
    let (reason, detail) = verdict(cause);
    if let Some(Cause::RebootFailed(failure)) = cause {
        tracing::error!(
            domain = %domain.name,
            reason = error::text(failure),
            "did not come up after a reboot"
        );
    }
    let paths = [lxc.paths.status(&domain.name), lxc.paths.of_monitor(&domain.name).exit_record];
    for path in paths {
        if let Err(error) = files::remove(&path, Durability::Memory) {
            tracing::warn!(path = %path.display(), %error, "cannot remove");
        }
    }
    let transient = {
        let mut state = domain.write();
        state.run = None;
        state.shutoff = reason;
        !state.is_persistent()
    };
    lxc.perf.end(domain.uuid);
    lxc.running_changed(-1);
    tracing::info!(domain = %domain.name, id = run.id, ?cause, "ended");
    lxc.events.send(&domain.with_id(-1), &Event::AgentLifecycle { connected: false });
    lxc.events.send(&domain.with_id(-1), &Event::Lifecycle(Lifecycle::Stopped(detail)));
    if transient {
        lxc.forget(domain);
    }
}

fn rebooted(lxc: &Lxc, domain: &Domain, container: runtime::control::State) {
    if let Some(run) = &mut domain.write().run {
        run.container = Arc::new(container);
    }
    if let Err(error) = start::save_status(lxc, domain) {
        tracing::error!(domain = %domain.name, %error, "status after a reboot");
    }
    lxc.events.send(&domain.on_wire(), &Event::Reboot);
}

fn restart_if(lxc: &Arc<Lxc>, domain: &Arc<Domain>, def: &Arc<DomainDef>, action: LifecycleAction) {
    if !start::restarts(action) || lxc.is_stopping() {
        return;
    }
    // In a task of its own: the run that this one watched is over.
    let (lxc, domain, def) = (Arc::clone(lxc), Arc::clone(domain), Arc::clone(def));
    tokio::spawn(async move { restart(&lxc, &domain, &def).await });
}

/// Boxed, because a start spawns a watch, which may spawn a restart.
fn restart<'a>(
    lxc: &'a Arc<Lxc>,
    domain: &'a Arc<Domain>,
    def: &'a Arc<DomainDef>,
) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
    Box::pin(async move {
        let Ok(job) = domain.begin_job().await else { return };
        let def = domain.read().config.clone().unwrap_or_else(|| Arc::clone(def));
        let def = match crate::define::inactive(lxc, &def) {
            Ok(def) => def,
            Err(error) => return tracing::error!(domain = %domain.name, %error, "cannot restart"),
        };
        lxc.domains.insert(domain);
        if let Err(error) = start::start(lxc, domain, &job, &def).await {
            tracing::error!(domain = %domain.name, %error, "cannot restart as on_poweroff or on_crash say");
            lxc.forget(domain);
        }
    })
}

/// Ends a running domain at once and waits until everything of it is gone.
pub(crate) async fn kill(domain: &Domain) {
    let Some(run) = domain.read().run.clone() else { return };
    // A failure means that the monitor is gone, which ends the run as well.
    if let Err(failure) = run.monitor.request(Request::Kill).await {
        tracing::debug!(domain = %domain.name, reason = error::text(&failure), "kill");
    }
    let mut ended = run.ended;
    // An error means that the watch is over: ended too.
    let _ = ended.wait_for(|ended| *ended).await;
}
