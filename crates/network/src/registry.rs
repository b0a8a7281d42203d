//! All networks.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use protocol::types::Network as OnWire;
use protocol::{Result, Uuid};

use crate::error::no_network;
use crate::network::Network;

/// The registry.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    table: RwLock<Table>,
}

#[derive(Debug, Default)]
struct Table {
    by_uuid: HashMap<Uuid, Arc<Network>>,
    /// Sorted, so that lists keep their order.
    by_name: BTreeMap<String, Arc<Network>>,
}

impl Registry {
    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The network that a call means: the uuid decides.
    pub(crate) fn find(&self, wanted: &OnWire) -> Result<Arc<Network>> {
        self.by_uuid(wanted.uuid).ok_or_else(|| {
            no_network(&format!("no network with matching uuid '{}' ({})", wanted.uuid, wanted.name))
        })
    }

    pub(crate) fn by_uuid(&self, uuid: Uuid) -> Option<Arc<Network>> {
        self.read().by_uuid.get(&uuid).cloned()
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<Arc<Network>> {
        self.read().by_name.get(name).cloned()
    }

    /// All, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Network>> {
        self.read().by_name.values().cloned().collect()
    }

    pub(crate) fn insert(&self, network: &Arc<Network>) {
        let mut table = self.write();
        table.by_uuid.insert(network.uuid, Arc::clone(network));
        table.by_name.insert(network.name.clone(), Arc::clone(network));
    }

    /// Forgets a network that is neither active nor defined.
    pub(crate) fn remove_if_unused(&self, network: &Network) {
        let mut table = self.write();
        let state = network.read();
        if state.run.is_none() && state.config.is_none() {
            table.by_uuid.remove(&network.uuid);
            table.by_name.remove(&network.name);
        }
    }
}
