//! What is spent on messages: those that have not arrived as a whole, are worked on, or wait to be sent.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::Limits;

/// What all clients together may hold.
#[derive(Debug, Clone)]
pub(crate) struct Budgets {
    /// Bytes of long messages that came in.
    pub bytes: Arc<Budget>,
    /// Descriptors that came in.
    pub fds: Arc<Budget>,
    /// Bytes that wait to be sent.
    pub queued: Arc<Budget>,
}

impl Budgets {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            bytes: Budget::new(limits.max_unfinished_bytes),
            fds: Budget::new(limits.max_unfinished_fds),
            queued: Budget::new(limits.max_queued_bytes_total),
        }
    }
}

/// What a call holds of the budgets while it waits and while it is worked on.
#[derive(Debug, Default)]
#[expect(dead_code, reason = "held until it is dropped")]
pub(crate) struct Holding {
    pub bytes: Option<Charge>,
    pub fds: Option<Charge>,
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

impl Charge {
    /// Takes over another charge of the same budget.
    pub(crate) fn absorb(&mut self, mut other: Self) {
        self.size += std::mem::take(&mut other.size);
    }

    pub(crate) const fn size(&self) -> usize {
        self.size
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

    #[test]
    fn charges_are_put_together() {
        let budget = Budget::new(10);
        let mut sum = budget.charge(4).unwrap();
        sum.absorb(budget.charge(5).unwrap());
        assert_eq!(sum.size(), 9);
        assert!(budget.charge(2).is_none());
        drop(sum);
        assert!(budget.charge(10).is_some());
    }
}
