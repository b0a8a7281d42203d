//! What is spent on messages that have not arrived as a whole.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What all clients together may hold in unfinished messages.
#[derive(Debug, Clone)]
pub(crate) struct Budgets {
    pub bytes: Arc<Budget>,
    pub fds: Arc<Budget>,
}

/// A number of things, bytes or descriptors, that all clients together may hold.
#[derive(Debug)]
pub(crate) struct Budget {
    max: usize,
    used: AtomicUsize,
}

/// A part of the budget, returned when dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    budget: Arc<Budget>,
    size: usize,
}

impl Budget {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, used: AtomicUsize::new(0) })
    }

    /// Takes `size` of them, `None` if fewer are left.
    pub(crate) fn charge(self: &Arc<Self>, size: usize) -> Option<Charge> {
        let charge = Charge { budget: Arc::clone(self), size };
        let before = self.used.fetch_add(size, Ordering::Relaxed);
        (before.saturating_add(size) <= self.max).then_some(charge)
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.size, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn a_charge_is_returned() {
        let budget = Budget::new(10);
        let first = budget.charge(6);
        assert!(first.is_some());
        assert!(budget.charge(5).is_none());
        drop(first);
        assert!(budget.charge(10).is_some());
    }
}
