//! One network: its definition, and what is active.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use conf::network::{NetworkDef, NetworkPort};
use protocol::{Error, ErrorDomain, Result, Uuid};
use tokio::sync::{Mutex, MutexGuard};

use crate::dnsmasq::Watcher;
use crate::error::not_active;

/// How long a call waits for another one that changes the same network.
const JOB_WAIT: Duration = Duration::from_secs(30);

/// A network that is defined, or active, or both.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) uuid: Uuid,
    pub(crate) name: String,
    state: RwLock<State>,
    job: Mutex<()>,
}

/// What may change.
#[derive(Debug)]
pub(crate) struct State {
    /// Definition for the next start; `None` for a transient network.
    pub(crate) config: Option<Arc<NetworkDef>>,
    /// The active network.
    pub(crate) run: Option<Run>,
    /// Starts with the daemon.
    pub(crate) autostart: bool,
}

/// An active network.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) def: Arc<NetworkDef>,
    pub(crate) ports: BTreeMap<Uuid, NetworkPort>,
    /// Keeps its dnsmasq alive.
    pub(crate) dnsmasq: Option<Arc<Watcher>>,
}

impl Network {
    pub(crate) fn new(uuid: Uuid, name: &str, config: Option<Arc<NetworkDef>>, autostart: bool) -> Self {
        let state = State { config, run: None, autostart };
        Self { uuid, name: name.to_owned(), state: RwLock::new(state), job: Mutex::new(()) }
    }

    /// Looks at the state. Never held over an await.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Changes the state. Never held over an await.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Waits for the right to change the network.
    pub(crate) async fn begin_job(&self) -> Result<MutexGuard<'_, ()>> {
        match tokio::time::timeout(JOB_WAIT, self.job.lock()).await {
            Ok(guard) => Ok(guard),
            Err(_) => Err(Error::timeout(ErrorDomain::NETWORK, "cannot acquire state change lock")),
        }
    }

    /// The definition that is active, or "network is not active".
    pub(crate) fn active(&self) -> Result<Arc<NetworkDef>> {
        self.read().run.as_ref().map(|run| Arc::clone(&run.def)).ok_or_else(|| not_active(&self.name))
    }

    pub(crate) fn on_wire(&self) -> protocol::types::Network {
        protocol::types::Network { name: self.name.clone(), uuid: self.uuid }
    }
}

impl State {
    /// The active definition, else the one for the next start.
    pub(crate) fn current(&self) -> Option<&Arc<NetworkDef>> {
        self.run.as_ref().map(|run| &run.def).or(self.config.as_ref())
    }

    pub(crate) const fn is_persistent(&self) -> bool {
        self.config.is_some()
    }

    pub(crate) const fn is_active(&self) -> bool {
        self.run.is_some()
    }
}

impl Run {
    /// The definition with what its ports add to it.
    pub(crate) fn live_def(&self) -> NetworkDef {
        let mut def = NetworkDef::clone(&self.def);
        def.connections = self.ports.len();
        for interface in &mut def.forward.interfaces {
            let on_it = |port: &&NetworkPort| match &port.plug {
                Some(conf::network::Plug::Direct { dev, .. }) => *dev == interface.dev,
                _ => false,
            };
            interface.connections = self.ports.values().filter(on_it).count();
        }
        def
    }
}
