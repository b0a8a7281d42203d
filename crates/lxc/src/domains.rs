//! All domains.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use protocol::types::Domain as OnWire;
use protocol::{Error, Result, Uuid};

use crate::domain::Domain;

/// The registry.
#[derive(Debug, Default)]
pub(crate) struct Domains {
    table: RwLock<Table>,
}

#[derive(Debug, Default)]
struct Table {
    by_uuid: HashMap<Uuid, Arc<Domain>>,
    /// Sorted, so that lists keep their order.
    by_name: BTreeMap<String, Arc<Domain>>,
}

impl Domains {
    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The domain that a call means: the uuid decides.
    pub(crate) fn find(&self, wanted: &OnWire) -> Result<Arc<Domain>> {
        self.by_uuid(wanted.uuid).ok_or_else(|| Error::no_domain(wanted))
    }

    pub(crate) fn by_uuid(&self, uuid: Uuid) -> Option<Arc<Domain>> {
        self.read().by_uuid.get(&uuid).cloned()
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<Arc<Domain>> {
        self.read().by_name.get(name).cloned()
    }

    /// The running domain with this id.
    pub(crate) fn by_id(&self, id: i32) -> Option<Arc<Domain>> {
        let is_it = |domain: &&Arc<Domain>| domain.read().run.as_ref().is_some_and(|run| run.id == id);
        self.read().by_name.values().find(is_it).cloned()
    }

    /// How many running containers are given this processor of the host.
    pub(crate) fn load(&self, cpu: u32) -> usize {
        let has = |domain: &&Arc<Domain>| {
            let state = domain.read();
            state.run.as_ref().and_then(|run| run.cpus.as_ref().as_ref()).is_some_and(|set| set.contains(cpu))
        };
        self.read().by_name.values().filter(has).count()
    }

    /// All, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Domain>> {
        self.read().by_name.values().cloned().collect()
    }

    pub(crate) fn insert(&self, domain: &Arc<Domain>) {
        let mut table = self.write();
        table.by_uuid.insert(domain.uuid, Arc::clone(domain));
        table.by_name.insert(domain.name.to_string(), Arc::clone(domain));
    }

    /// Puts a domain with the same uuid and another name in the place of one.
    pub(crate) fn replace(&self, old: &Domain, new: &Arc<Domain>) {
        let mut table = self.write();
        table.by_name.remove(old.name.as_str());
        table.by_uuid.insert(new.uuid, Arc::clone(new));
        table.by_name.insert(new.name.to_string(), Arc::clone(new));
    }

    /// Forgets a domain that neither runs nor has a definition.
    pub(crate) fn remove_if_unused(&self, domain: &Domain) {
        let mut table = self.write();
        let state = domain.read();
        if state.run.is_none() && state.config.is_none() {
            table.by_uuid.remove(&domain.uuid);
            table.by_name.remove(domain.name.as_str());
        }
    }
}
