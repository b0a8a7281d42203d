//! How many clients are connected, by user or machine and by kind of socket, and how many of them are anonymous.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::{Access, listener::Owner};

/// Places that only root may take.
const KEPT_FOR_ROOT: usize = 2;

/// The places of a server.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    taken: Mutex<Taken>,
    /// Told when an anonymous client leaves or authenticates.
    freed: Notify,
}

/// Numbers are by kind of socket.
#[derive(Debug, Default)]
struct Taken {
    clients: [usize; 2],
    /// Those that needed a place for it.
    anonymous: [usize; 2],
    owners: HashMap<Owner, Share>,
}

#[derive(Debug, Default)]
struct Share {
    clients: [usize; 2],
    anonymous: [usize; 2],
}

/// The place of one client, given up when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    owner: Owner,
    kind: usize,
    anonymous: bool,
}

/// Index of the numbers for a kind of socket.
const fn kind_of(access: Access) -> usize {
    match access {
        Access::ReadWrite => 0,
        Access::ReadOnly => 1,
    }
}

impl Seats {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a client of this owner, unless all `max` are taken or the owner has its share.
    ///
    /// Who may only look gets half of the places, so that a crowd there keeps nobody from changing things.
    pub(crate) fn take(self: &Arc<Self>, owner: Owner, access: Access, max: usize) -> Option<Seat> {
        let kind = kind_of(access);
        let most = if access == Access::ReadOnly { (max / 2).max(1) } else { max };
        let mut taken = self.taken();
        let (total, of_kind) = (taken.clients.iter().sum::<usize>(), taken.clients[kind]);
        let share = taken.owners.entry(owner).or_default();
        let free = if owner == Owner::ROOT {
            total < max && of_kind < most
        } else {
            total + KEPT_FOR_ROOT < max && of_kind < most && share.clients[kind] < (most / 2).max(1)
        };
        if !free {
            if share.clients == [0; 2] {
                taken.owners.remove(&owner);
            }
            return None;
        }
        share.clients[kind] += 1;
        taken.clients[kind] += 1;
        Some(Seat { seats: Arc::clone(self), owner, kind, anonymous: false })
    }

    /// Counts the client as anonymous if `max` allows it; 0 is no limit. Root does not have to wait: it can do worse.
    fn enter(&self, owner: Owner, kind: usize, max: usize) -> bool {
        let mut taken = self.taken();
        let total = taken.anonymous[kind];
        let Some(share) = taken.owners.get_mut(&owner) else { return false };
        if max != 0 && owner != Owner::ROOT && (total >= max || share.anonymous[kind] >= (max / 4).max(1)) {
            return false;
        }
        share.anonymous[kind] += 1;
        if owner != Owner::ROOT {
            taken.anonymous[kind] += 1;
        }
        true
    }

    /// Number of anonymous clients.
    pub(crate) fn anonymous(&self) -> usize {
        self.taken().owners.values().flat_map(|share| share.anonymous).sum()
    }

    fn leave(&self, owner: Owner, kind: usize) {
        let mut taken = self.taken();
        if owner != Owner::ROOT {
            taken.anonymous[kind] -= 1;
        }
        if let Some(share) = taken.owners.get_mut(&owner) {
            share.anonymous[kind] -= 1;
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
            if self.seats.enter(self.owner, self.kind, max) {
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
            self.seats.leave(self.owner, self.kind);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.authenticated();
        let mut taken = self.seats.taken();
        taken.clients[self.kind] -= 1;
        if let Some(share) = taken.owners.get_mut(&self.owner) {
            share.clients[self.kind] -= 1;
            if share.clients == [0; 2] {
                taken.owners.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Seats;
    use crate::{Access, listener::Owner::User};

    #[test]
    fn a_user_gets_half_and_root_the_rest() {
        let seats = Arc::new(Seats::default());
        let take =
            |uid| std::iter::from_fn(|| seats.take(User(uid), Access::ReadWrite, 8)).collect::<Vec<_>>();
        let mut taken = take(1000);
        assert_eq!(taken.len(), 4);
        taken.extend(take(1001));
        assert_eq!(taken.len(), 6, "two places are kept for root");
        taken.extend(take(0));
        assert_eq!(taken.len(), 8);
        taken.clear();
        assert_eq!(seats.taken().clients, [0, 0]);
        assert!(seats.taken().owners.is_empty());
    }

    #[test]
    fn who_may_only_look_leaves_places_for_others() {
        let seats = Arc::new(Seats::default());
        let take = |uid, access| std::iter::from_fn(|| seats.take(User(uid), access, 16)).collect::<Vec<_>>();
        let first = take(1000, Access::ReadOnly);
        assert_eq!(first.len(), 4);
        let root = take(0, Access::ReadOnly);
        assert_eq!(root.len(), 4, "half of all");
        assert!(take(1001, Access::ReadOnly).is_empty());
        assert_eq!(take(1001, Access::ReadWrite).len(), 6);
    }

    #[test]
    fn a_user_gets_a_quarter_of_the_anonymous_places() {
        let seats = Arc::new(Seats::default());
        let clients = (0..3).filter_map(|i| seats.take(User(1000 + i), Access::ReadWrite, 100));
        let _clients: Vec<_> = clients.chain(seats.take(User(0), Access::ReadWrite, 100)).collect();
        let entered = |uid| {
            std::iter::repeat_with(|| seats.enter(User(uid), 0, 10)).take(50).take_while(|in_| *in_).count()
        };
        assert_eq!(entered(1000), 2);
        assert_eq!(entered(1001), 2);
        seats.leave(User(1000), 0);
        assert_eq!(entered(1000), 1);
        assert_eq!(entered(0), 50, "root waits for nobody, and takes nobody's place");
        assert_eq!(entered(1002), 2);
        assert_eq!(seats.anonymous(), 56);
    }
}
