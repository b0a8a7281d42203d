//! How many calls a server works on at a time, over all clients.
//!
//! A call that needs no waiting is answered at once and counts for nothing. What counts are calls that wait for
//! something: libvirt's workers are threads, ours are tasks, and the limit is there so that a flood of slow calls
//! does not swamp the host.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use crate::{Client, Limits};

/// The calls of a server.
#[derive(Debug, Default)]
pub(crate) struct Workers {
    max: AtomicUsize,
    prio: AtomicUsize,
    state: Mutex<State>,
    queued: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    /// Ordinary and urgent calls at work.
    running: [usize; 2],
    /// Clients whose calls wait because others are at work.
    waiting: Vec<Client>,
}

/// How busy a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Calls at work that wait for something.
    pub running: usize,
    /// Calls that wait for their turn.
    pub waiting: usize,
}

impl Workers {
    pub(crate) fn set_limits(&self, limits: &Limits) {
        self.max.store(limits.max_workers, Ordering::Relaxed);
        self.prio.store(limits.prio_workers, Ordering::Relaxed);
        self.wake();
    }

    /// Whether one more call may start. If not, the client is woken when one has ended.
    pub(crate) fn admits(&self, urgent: bool, client: &Client) -> bool {
        let mut state = self.state();
        let max = self.max.load(Ordering::Relaxed);
        let [ordinary, high] = state.running;
        let admits = if urgent {
            ordinary + high < max.saturating_add(self.prio.load(Ordering::Relaxed))
        } else {
            ordinary < max
        };
        if !admits && !state.waiting.iter().any(|waiting| waiting.id() == client.id()) {
            state.waiting.push(client.clone());
        }
        admits
    }

    pub(crate) fn started(&self, urgent: bool) {
        self.state().running[usize::from(urgent)] += 1;
    }

    pub(crate) fn ended(&self, urgent: bool) {
        self.state().running[usize::from(urgent)] -= 1;
        self.wake();
    }

    /// Counts calls that wait for their turn.
    pub(crate) fn queued(&self) {
        self.queued.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn dequeued(&self, count: usize) {
        self.queued.fetch_sub(count, Ordering::Relaxed);
    }

    pub(crate) fn load(&self) -> Load {
        Load { running: self.state().running.iter().sum(), waiting: self.queued.load(Ordering::Relaxed) }
    }

    fn wake(&self) {
        let waiting = std::mem::take(&mut self.state().waiting);
        for client in waiting {
            client.outbox().wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
