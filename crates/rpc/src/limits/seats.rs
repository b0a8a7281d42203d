//! How many clients are connected, by user or machine, and how many of them are anonymous.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::listener::Owner;

/// Places that only root may take.
const KEPT_FOR_ROOT: usize = 2;

/// The places of a server.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    taken: Mutex<Taken>,
    /// Told when an anonymous client leaves or authenticates.
    freed: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    clients: usize,
    anonymous: usize,
    owners: HashMap<Owner, Share>,
}

#[derive(Debug, Default)]
struct Share {
    clients: usize,
    anonymous: usize,
}

/// The place of one client, given up when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    owner: Owner,
    anonymous: bool,
}

impl Seats {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a client of this owner, unless all `max` are taken or the owner has its share.
    pub(crate) fn take(self: &Arc<Self>, owner: Owner, max: usize) -> Option<Seat> {
        let mut taken = self.taken();
        let total = taken.clients;
        let share = taken.owners.entry(owner).or_default();
        let free = if owner == Owner::ROOT {
            total < max
        } else {
            total + KEPT_FOR_ROOT < max && share.clients < (max / 2).max(1)
        };
        if !free {
            if share.clients == 0 {
                taken.owners.remove(&owner);
            }
            return None;
        }
        share.clients += 1;
        taken.clients += 1;
        Some(Seat { seats: Arc::clone(self), owner, anonymous: false })
    }

    /// Counts the client as anonymous if `max` allows it; 0 is no limit.
    fn enter(&self, owner: Owner, max: usize) -> bool {
        let mut taken = self.taken();
        let total = taken.anonymous;
        let Some(share) = taken.owners.get_mut(&owner) else { return false };
        if max != 0 {
            let most = if owner == Owner::ROOT { max } else { (max / 4).max(1) };
            let kept = if owner == Owner::ROOT || max <= KEPT_FOR_ROOT { 0 } else { KEPT_FOR_ROOT };
            if total + kept >= max || share.anonymous >= most {
                return false;
            }
        }
        share.anonymous += 1;
        taken.anonymous += 1;
        true
    }

    /// Number of anonymous clients.
    pub(crate) fn anonymous(&self) -> usize {
        self.taken().anonymous
    }

    fn leave(&self, owner: Owner) {
        let mut taken = self.taken();
        taken.anonymous -= 1;
        if let Some(share) = taken.owners.get_mut(&owner) {
            share.anonymous -= 1;
        }
        drop(taken);
        self.freed.notify_waiters();
    }
}

impl Seat {
    /// Waits for one of the `max` places of anonymous clients.
    pub(crate) async fn enter_anonymous(&mut self, max: usize) {
        loop {
            let freed = self.seats.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if self.seats.enter(self.owner, max) {
                self.anonymous = true;
                return;
            }
            freed.await;
        }
    }

    pub(crate) const fn is_anonymous(&self) -> bool {
        self.anonymous
    }

    /// The client is not anonymous any more.
    pub(crate) fn authenticated(&mut self) {
        if std::mem::take(&mut self.anonymous) {
            self.seats.leave(self.owner);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.authenticated();
        let mut taken = self.seats.taken();
        taken.clients -= 1;
        if let Some(share) = taken.owners.get_mut(&self.owner) {
            share.clients -= 1;
            if share.clients == 0 {
                taken.owners.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Seats;
    use crate::listener::Owner::User;

    #[test]
    fn a_user_gets_half_and_root_the_rest() {
        let seats = Arc::new(Seats::default());
        let mut taken: Vec<_> = std::iter::from_fn(|| seats.take(User(1000), 8)).collect();
        assert_eq!(taken.len(), 4);
        taken.extend(std::iter::from_fn(|| seats.take(User(1001), 8)));
        assert_eq!(taken.len(), 6, "two places are kept for root");
        taken.extend(std::iter::from_fn(|| seats.take(User(0), 8)));
        assert_eq!(taken.len(), 8);
        taken.clear();
        assert_eq!(seats.taken().clients, 0);
        assert!(seats.taken().owners.is_empty());
    }

    #[test]
    fn a_user_gets_a_quarter_of_the_anonymous_places() {
        let seats = Arc::new(Seats::default());
        let _clients: Vec<_> = (0..3).filter_map(|i| seats.take(User(1000 + i), 100)).collect();
        let entered =
            |uid| std::iter::repeat_with(|| seats.enter(User(uid), 10)).take_while(|in_| *in_).count();
        assert_eq!(entered(1000), 2);
        assert_eq!(entered(1001), 2);
        seats.leave(User(1000));
        assert_eq!(entered(1000), 1);
        assert_eq!(entered(1002), 2);
    }
}
