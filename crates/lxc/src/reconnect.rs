//! Taking over the containers that ran on while the daemon was away.

use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cgroup::Group;
use conf::domain::{DomainDef, ParseFlags};
use protocol::Uuid;
use protocol::consts::{PausedReason, RunningReason};
use runtime::control::{Report, State as ContainerState};
use tokio::task::JoinSet;

use crate::Lxc;
use crate::domain::Domain;
use crate::events::{Event, Lifecycle};
use crate::files::{self, Durability};
use crate::monitor::{Monitor, Reports};
use crate::status::{self, Record, Status};
use crate::{end, ports, start};

/// How long a monitor may take to answer a new daemon.
const GREETING_WAIT: Duration = Duration::from_secs(5);

/// Takes over every container that a status file names, all at the same time.
pub(crate) async fn all(lxc: &Arc<Lxc>) {
    let mut tasks = JoinSet::new();
    let context = lxc.parse_context(ParseFlags::LIVE);
    for (name, text) in files::documents(&lxc.paths.state) {
        match status::parse(&text, &context) {
            Ok(status) => {
                let lxc = Arc::clone(lxc);
                tasks.spawn(async move { one(&lxc, status).await });
            }
            Err(reason) => {
                let path = lxc.paths.state.join(format!("{name}.xml"));
                tracing::error!(path = %path.display(), reason, "status left alone");
            }
        }
    }
    tasks.join_all().await;
}

async fn one(lxc: &Arc<Lxc>, status: Status) {
    let Status { def, record } = status;
    let domain = domain_of(lxc, &def);
    let socket = lxc.paths.of_monitor(&domain.name).socket;
    if record.boot_id == status::boot_id()
        && let Some((monitor, reports, pid, container)) = greet(&socket).await
    {
        let frozen = container.frozen;
        // The container may have been given its processors by anybody meanwhile: the kernel knows.
        let limits = Group::open(container.cgroup.clone()).limits();
        let cpus = limits.ok().and_then(|limits| limits.cpuset_cpus);
        start::adopt(lxc, &domain, def, pid, monitor, reports, container, cpus.as_deref());
        if let Some(run) = &mut domain.write().run {
            run.reason = RunningReason(record.reason);
            run.paused = frozen.then(|| record.paused().unwrap_or(PausedReason::UNKNOWN));
        }
        if let Err(error) = start::save_status(lxc, &domain) {
            tracing::warn!(domain = %domain.name, %error, "status");
        }
        tracing::info!(domain = %domain.name, id = pid, "still running");
        return;
    }
    ports::unplug_all(&*lxc.ports, &def).await;
    gone(lxc, &domain, record).await;
}

/// The domain of a status: the defined one, or a transient one.
fn domain_of(lxc: &Lxc, def: &DomainDef) -> Arc<Domain> {
    let uuid = Uuid(def.uuid.0);
    if let Some(domain) = lxc.domains.by_uuid(uuid) {
        return domain;
    }
    let domain = Arc::new(Domain::new(uuid, &def.name, None, false));
    lxc.domains.insert(&domain);
    domain
}

/// Connects to a monitor; `None` when there is none, or its container is not (or no longer) up.
async fn greet(socket: &Path) -> Option<(Arc<Monitor>, Reports, i32, ContainerState)> {
    let (monitor, mut reports) = connect(socket)
        .inspect_err(|error| tracing::debug!(path = %socket.display(), %error, "no monitor"))
        .ok()?;
    let hello = async {
        let Report::Hello { monitor_pid, state, .. } = reports.recv().await? else { return None };
        if let Some(state) = state {
            return Some((monitor_pid, state));
        }
        // The daemon went away in the middle of the start, which goes on.
        match reports.recv().await? {
            Report::Started(state) => Some((monitor_pid, state)),
            _ => None,
        }
    };
    let (pid, state) = tokio::time::timeout(GREETING_WAIT, hello).await.ok().flatten()?;
    Some((monitor, reports, pid, state))
}

fn connect(path: &Path) -> std::io::Result<(Arc<Monitor>, Reports)> {
    if !std::fs::symlink_metadata(path)?.file_type().is_socket() {
        return Err(std::io::Error::other("not a socket"));
    }
    let socket: OwnedFd = kernel::fdpass::connect_seqpacket(path)?;
    Monitor::new(socket)
}

/// The container ended while the daemon was away, or its monitor was killed. Frees what is left and says so.
async fn gone(lxc: &Arc<Lxc>, domain: &Arc<Domain>, record: Record) {
    let files = lxc.paths.of_monitor(&domain.name);
    let cause = end::take_exit_record(&files.exit_record, domain, record.monitor_pid);
    if record.boot_id == status::boot_id() && cause.is_none() {
        end::remove_leftovers(domain, Arc::new(Group::open(record.container.cgroup))).await;
    }
    for path in [lxc.paths.status(&domain.name), files.socket, files.pid] {
        if let Err(error) = files::remove(&path, Durability::Memory) {
            tracing::warn!(path = %path.display(), %error, "cannot remove");
        }
    }
    let (reason, detail) = end::verdict(cause.as_ref());
    tracing::warn!(domain = %domain.name, ?cause, "ended while the daemon was away");
    domain.write().shutoff = reason;
    lxc.events.send(&domain.with_id(-1), &Event::Lifecycle(Lifecycle::Stopped(detail)));
    lxc.forget(domain);
}
