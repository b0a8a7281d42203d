//! Counters of events of running containers.
//!
//! The daemon holds them, one descriptor an event and a processor. They begin anew with each daemon.

use std::collections::{BTreeMap, HashMap};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kernel::Errno;
use kernel::perf::{Event, HARDWARE, SOFTWARE};
use protocol::Uuid;
use rustix::fs::{Mode, OFlags};

use crate::domain::Run;
use crate::vcpus::HostCpus;

/// Events in libvirt's words and order, with the kernel's numbers (linux/perf_event.h). Those of cache and memory
/// bandwidth need hardware that counts for a group of processes, which perf does not offer any more.
pub(crate) const EVENTS: [(&str, Option<Event>); 22] = [
    ("cmt", None),
    ("mbmt", None),
    ("mbml", None),
    ("cache_misses", hardware(3)),
    ("cache_references", hardware(2)),
    ("instructions", hardware(1)),
    ("cpu_cycles", hardware(0)),
    ("branch_instructions", hardware(4)),
    ("branch_misses", hardware(5)),
    ("bus_cycles", hardware(6)),
    ("stalled_cycles_frontend", hardware(7)),
    ("stalled_cycles_backend", hardware(8)),
    ("ref_cpu_cycles", hardware(9)),
    ("cpu_clock", software(0)),
    ("task_clock", software(1)),
    ("page_faults", software(2)),
    ("context_switches", software(3)),
    ("cpu_migrations", software(4)),
    ("page_faults_min", software(5)),
    ("page_faults_maj", software(6)),
    ("alignment_faults", software(7)),
    ("emulation_faults", software(8)),
];

const fn hardware(config: u64) -> Option<Event> {
    Some(Event { kind: HARDWARE, config })
}

const fn software(config: u64) -> Option<Event> {
    Some(Event { kind: SOFTWARE, config })
}

/// One descriptor a processor.
type Counter = Vec<OwnedFd>;

/// Counters by domain and event.
#[derive(Debug, Default)]
pub(crate) struct Perf(Mutex<HashMap<Uuid, BTreeMap<&'static str, Counter>>>);

impl Perf {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, BTreeMap<&'static str, Counter>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to count; one that is counted already goes on.
    pub(crate) fn enable(&self, uuid: Uuid, name: &str, run: &Run, cpus: &HostCpus) -> kernel::Result<()> {
        let (name, event) = EVENTS.into_iter().find(|(known, _)| *known == name).ok_or(Errno::INVAL)?;
        let event = event.ok_or(Errno::OPNOTSUPP)?;
        if self.lock().get(&uuid).is_some_and(|counters| counters.contains_key(name)) {
            return Ok(());
        }
        let dir = run.cgroup.perf_dir().map_err(|error| error.errno())?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let group = rustix::fs::open(dir, flags, Mode::empty())?;
        let open = |cpu: &u32| kernel::perf::count(event, group.as_fd(), *cpu);
        let counter = cpus.online.iter().map(open).collect::<kernel::Result<Counter>>()?;
        self.lock().entry(uuid).or_default().insert(name, counter);
        Ok(())
    }

    pub(crate) fn disable(&self, uuid: Uuid, name: &str) {
        if let Some(counters) = self.lock().get_mut(&uuid) {
            counters.remove(name);
        }
    }

    /// Counts what the definition of a domain asks for. What this machine cannot count is named in the log.
    pub(crate) fn begin(&self, uuid: Uuid, run: &Run, cpus: &HostCpus) {
        for (name, _) in run.def.perf_events().filter(|(_, enabled)| *enabled) {
            if let Err(error) = self.enable(uuid, name, run, cpus) {
                tracing::warn!(domain = %run.def.name, event = name, %error, "cannot count");
            }
        }
    }

    /// Forgets the counters of a domain that has ended.
    pub(crate) fn end(&self, uuid: Uuid) {
        self.lock().remove(&uuid);
    }

    /// What is counted, and how many so far.
    pub(crate) fn counts(&self, uuid: Uuid) -> Vec<(&'static str, u64)> {
        let lock = self.lock();
        let Some(counters) = lock.get(&uuid) else { return Vec::new() };
        let sum = |counter: &Counter| -> u64 {
            counter.iter().map(|fd| kernel::perf::read(fd.as_fd()).unwrap_or(0)).sum()
        };
        counters.iter().map(|(name, counter)| (*name, sum(counter))).collect()
    }
}
