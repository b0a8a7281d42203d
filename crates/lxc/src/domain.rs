//! One domain: its definition, and what runs.

use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use cgroup::Group;
use conf::DomainName;
use conf::domain::{CpuSet, DomainDef};
use protocol::consts::{DomainState, PausedReason, RunningReason, ShutoffReason};
use protocol::{Error, ErrorDomain, Result, Uuid};
use tokio::sync::{Mutex, MutexGuard, watch};

use crate::error::not_running;
use crate::monitor::Monitor;

/// How long a call waits for another one that changes the same domain, as libvirt does.
const JOB_WAIT: Duration = Duration::from_secs(30);

/// A domain that is defined, or runs, or both.
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) uuid: Uuid,
    pub(crate) name: DomainName,
    state: RwLock<State>,
    job: Mutex<()>,
}

/// What may change.
#[derive(Debug)]
pub(crate) struct State {
    /// Definition for the next start; `None` for a transient domain.
    pub(crate) config: Option<Arc<DomainDef>>,
    /// The running container.
    pub(crate) run: Option<Run>,
    /// Starts when the host boots.
    pub(crate) autostart: bool,
    /// Starts when the host boots the next time, and only then.
    pub(crate) autostart_once: bool,
    /// Why nothing runs.
    pub(crate) shutoff: ShutoffReason,
}

/// A running container.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Definition it runs with, runtime values filled in.
    pub(crate) def: Arc<DomainDef>,
    /// Pid of the monitor, which is the domain's id.
    pub(crate) id: i32,
    pub(crate) monitor: Arc<Monitor>,
    /// As the monitor told last.
    pub(crate) container: Arc<runtime::control::State>,
    pub(crate) cgroup: Arc<Group>,
    /// Processors of the host that it may use; all if `None`.
    pub(crate) cpus: Arc<Option<CpuSet>>,
    /// Frozen, and why.
    pub(crate) paused: Option<PausedReason>,
    pub(crate) reason: RunningReason,
    /// Turns true when the run has ended and everybody has been told.
    pub(crate) ended: watch::Receiver<bool>,
}

/// The right to change a domain; one at a time.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    _guard: MutexGuard<'a, ()>,
}

impl Domain {
    pub(crate) fn new(
        uuid: Uuid,
        name: &DomainName,
        config: Option<Arc<DomainDef>>,
        autostart: bool,
    ) -> Self {
        let state =
            State { config, run: None, autostart, autostart_once: false, shutoff: ShutoffReason::UNKNOWN };
        Self { uuid, name: name.clone(), state: RwLock::new(state), job: Mutex::new(()) }
    }

    /// Looks at the state. Never held over an await.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Changes the state. Never held over an await.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Waits for the right to change the domain.
    pub(crate) async fn begin_job(&self) -> Result<Job<'_>> {
        match tokio::time::timeout(JOB_WAIT, self.job.lock()).await {
            Ok(guard) => Ok(Job { _guard: guard }),
            Err(_) => Err(Error::timeout(ErrorDomain::LXC, "cannot acquire state change lock")),
        }
    }

    /// The running container, or "domain is not running".
    pub(crate) fn run(&self) -> Result<Run> {
        self.read().run.clone().ok_or_else(not_running)
    }

    /// As the protocol names it.
    pub(crate) fn on_wire(&self) -> protocol::types::Domain {
        let id = self.read().run.as_ref().map_or(-1, |run| run.id);
        self.with_id(id)
    }

    /// As the protocol names it, with an id that may be over.
    pub(crate) fn with_id(&self, id: i32) -> protocol::types::Domain {
        protocol::types::Domain { name: self.name.to_string(), uuid: self.uuid, id }
    }
}

impl State {
    /// State and reason as clients see them.
    pub(crate) fn numbers(&self) -> (DomainState, i32) {
        match &self.run {
            None => (DomainState::SHUTOFF, self.shutoff.0),
            Some(Run { paused: Some(reason), .. }) => (DomainState::PAUSED, reason.0),
            Some(run) => (DomainState::RUNNING, run.reason.0),
        }
    }

    /// The definition that runs, else the one for the next start.
    pub(crate) fn current(&self) -> Option<&Arc<DomainDef>> {
        self.run.as_ref().map(|run| &run.def).or(self.config.as_ref())
    }

    /// The definition for the next start; of a transient domain the one that runs.
    pub(crate) fn next(&self) -> Option<&Arc<DomainDef>> {
        self.config.as_ref().or_else(|| self.run.as_ref().map(|run| &run.def))
    }

    pub(crate) const fn is_persistent(&self) -> bool {
        self.config.is_some()
    }
}
