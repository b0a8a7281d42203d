//! Starting a domain: plan, launcher, monitor, and what becomes visible when init runs.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use conf::domain::{CpuSet, DomainDef, LifecycleAction};
use protocol::consts::{RunningReason, ShutoffReason, StartedDetail};
use protocol::{Error, ErrorDomain, Result};
use runtime::control::{Failure, Report, State as ContainerState};
use runtime::plan::Plan;
use tokio::sync::watch;

use crate::Lxc;
use crate::domain::{Domain, Job, Run};
use crate::error::{failure, internal, invalid, of_document, of_start};
use crate::events::{Event, Lifecycle};
use crate::monitor::{Monitor, Reports};
use crate::plan::{self, DEFAULT_PARTITION, Environment, plan};
use crate::ports::Plugged;
use crate::vcpus::{self, HostCpus};
use crate::{end, error, nameservers, status, usb};

/// Starts an inactive domain from `def`. The caller holds its job.
pub(crate) async fn start(
    lxc: &Arc<Lxc>,
    domain: &Arc<Domain>,
    _job: &Job<'_>,
    def: &DomainDef,
) -> Result<()> {
    if domain.read().run.is_some() {
        return Err(invalid("Domain is already running"));
    }
    let result = start_inactive(lxc, domain, def).await;
    if result.is_err() {
        domain.write().shutoff = ShutoffReason::FAILED;
    }
    result
}

async fn start_inactive(lxc: &Arc<Lxc>, domain: &Arc<Domain>, def: &DomainDef) -> Result<()> {
    let mut live = def.clone();
    live.partition.get_or_insert_with(|| DEFAULT_PARTITION.to_owned());
    live.assign_aliases();
    let ports = Plugged::all(&lxc.ports, &mut live).await?;
    let (plan, monitor, reports, id, container) = match start_plugged(lxc, domain, &live).await {
        Ok(started) => started,
        Err(error) => {
            ports.release().await;
            return Err(error);
        }
    };
    fill_in(&mut live, &plan, id, &container);
    set_on_reboot(&monitor, &live).await;
    let cpus = plan.cgroup.limits.cpuset_cpus.as_deref();
    adopt(lxc, domain, live, id, monitor, reports, container, cpus);
    if let Err(error) = save_status(lxc, domain) {
        // Without it a restarted daemon would not find the container: a start that cannot be remembered fails.
        end::kill(domain).await;
        return Err(error);
    }
    let detail = Event::Lifecycle(Lifecycle::Started(StartedDetail::BOOTED));
    lxc.events.send(&domain.on_wire(), &detail);
    // Needs no agent: from now on calls that a guest's agent would answer are answered.
    lxc.events.send(&domain.on_wire(), &Event::AgentLifecycle { connected: true });
    tracing::info!(domain = %domain.name, id, "started");
    Ok(())
}

/// Starts a container whose interfaces have their ports.
async fn start_plugged(
    lxc: &Lxc,
    domain: &Domain,
    live: &DomainDef,
) -> Result<(Plan, Arc<Monitor>, Reports, i32, ContainerState)> {
    let plan = make_plan(lxc, domain, live)?;
    let (monitor, mut reports) = launch(lxc, &plan).await.map_err(|failure| of_start(&failure))?;
    let (id, container) = started(&mut reports).await.map_err(|failure| of_start(&failure))?;
    Ok((plan, monitor, reports, id, container))
}

fn make_plan(lxc: &Lxc, domain: &Domain, live: &DomainDef) -> Result<Plan> {
    let id_range = lxc
        .ranges
        .of(domain.uuid)
        .map_err(|error| internal(&format!("cannot assign a range of user ids: {error}")))?;
    let init_of = |name: &str| {
        let other = lxc.domains.by_name(name)?;
        let state = other.read();
        state.run.as_ref().map(|run| run.container.init_pid)
    };
    let environment = Environment {
        config: &lxc.config,
        files: lxc.paths.of_monitor(&domain.name),
        id_range,
        security: &lxc.security,
        first_vnet: lxc.take_vnets(live.devices.interfaces().count()),
        kernel_has_seccomp: kernel::seccomp::is_available(),
        resolv_conf: nameservers::resolv_conf(),
        os_release: std::fs::read_to_string("/etc/os-release").ok(),
        init_of: &init_of,
        usb: &|wanted| usb::find(wanted, &host::usb_devices(&lxc.host)),
        cpus: vcpus::choose(live, &HostCpus::of(&lxc.host), &[], |cpu| lxc.domains.load(cpu)),
    };
    plan(live, &environment).map_err(|error| of_document(&error))
}

/// Hands the plan to a new monitor.
async fn launch(lxc: &Lxc, plan: &Plan) -> Result<(Arc<Monitor>, Reports), Failure> {
    let errno = |step: &'static str| move |error: kernel::Errno| failure(step, "", error.raw_os_error());
    let text = serde_json::to_vec(plan).map_err(|error| failure("plan", error.to_string(), 0))?;
    let document: OwnedFd = kernel::memfd::sealed("plan", &text).map_err(errno("plan"))?;
    let (ours, theirs) = kernel::fdpass::seqpacket_pair().map_err(errno("control socket"))?;
    let (monitor, reports) = Monitor::new(ours)
        .map_err(|error| failure("control socket", error.to_string(), error.raw_os_error().unwrap_or(0)))?;
    let _pidfd = lxc.launcher.launch(&plan.name, &document, theirs).await?;
    Ok((monitor, reports))
}

/// Waits until init runs, or the monitor says why it does not.
async fn started(reports: &mut Reports) -> Result<(i32, ContainerState), Failure> {
    let mut id = None;
    while let Some(report) = reports.recv().await {
        match report {
            Report::Hello { monitor_pid, .. } => id = Some(monitor_pid),
            Report::Started(container) => {
                let id = id.ok_or_else(|| failure("monitor", "started without greeting", 0))?;
                return Ok((id, container));
            }
            Report::Failed(failure) => return Err(failure),
            other => tracing::warn!(?other, "unexpected report of a starting monitor"),
        }
    }
    Err(failure("monitor", "the monitor has ended during the start", 0))
}

/// Puts into the live definition what exists only while running.
fn fill_in(live: &mut DomainDef, plan: &Plan, id: i32, container: &ContainerState) {
    live.id = Some(id);
    if let Err(error) = plan::confinement::show(live, plan) {
        tracing::warn!(%error, "the confinement is not shown");
    }
    plan::label::show(live, plan);
    for (interface, (planned, host_name)) in
        live.devices.interfaces_mut().zip(plan.interfaces.iter().zip(&container.interfaces))
    {
        interface.host_dev = Some(host_name.clone()).filter(|name| !name.is_empty());
        interface.guest_dev = Some(planned.guest_name.clone());
    }
    for (console, tty) in live.devices.consoles_mut().zip(&container.consoles) {
        console.source.path = Some(tty.clone());
    }
}

/// Tells the monitor what `<on_reboot>` says, when it is not what it assumes.
async fn set_on_reboot(monitor: &Monitor, live: &DomainDef) {
    use runtime::control::Request;
    let restart = restarts(live.on_reboot);
    if !restart && let Err(failure) = monitor.request(Request::SetOnReboot { restart }).await {
        tracing::warn!(reason = error::text(&failure), "on_reboot is not in force");
    }
}

/// Whether an action starts the domain again.
pub(crate) const fn restarts(action: LifecycleAction) -> bool {
    matches!(
        action,
        LifecycleAction::Restart | LifecycleAction::RenameRestart | LifecycleAction::CoredumpRestart
    )
}

/// Makes the container visible as the domain's run, and watches over it.
#[expect(clippy::too_many_arguments, reason = "all that a run consists of")]
pub(crate) fn adopt(
    lxc: &Arc<Lxc>,
    domain: &Arc<Domain>,
    live: DomainDef,
    id: i32,
    monitor: Arc<Monitor>,
    reports: Reports,
    container: ContainerState,
    cpus: Option<&str>,
) {
    let (sender, ended) = watch::channel(false);
    let run = Run {
        def: Arc::new(live),
        id,
        monitor,
        cgroup: Arc::new(cgroup::Group::open(container.cgroup.clone())),
        cpus: Arc::new(cpus.and_then(|list| CpuSet::parse(list).ok())),
        paused: None,
        reason: RunningReason::BOOTED,
        container: Arc::new(container),
        ended,
    };
    lxc.perf.begin(domain.uuid, &run, &HostCpus::of(&lxc.host));
    domain.write().run = Some(run);
    lxc.running_changed(1);
    tokio::spawn(end::watch(Arc::clone(lxc), Arc::clone(domain), reports, sender));
}

/// Writes the status file of a running domain.
pub(crate) fn save_status(lxc: &Lxc, domain: &Domain) -> Result<()> {
    let Some(run) = domain.read().run.clone() else { return Ok(()) };
    let path = lxc.paths.status(&domain.name);
    status::save(&path, &run).map_err(|error| error::of_file("cannot write", &path, &error))
}

/// Starts a defined domain.
pub(crate) async fn start_defined(lxc: &Arc<Lxc>, domain: &Arc<Domain>) -> Result<()> {
    let job = domain.begin_job().await?;
    let config = domain.read().config.clone();
    let Some(config) = config else {
        return Err(Error::operation_invalid(ErrorDomain::LXC, "Domain is already running"));
    };
    start(lxc, domain, &job, &config).await
}
