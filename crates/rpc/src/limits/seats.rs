//! How many clients are connected, by user, and how many of them are anonymous.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

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
    users: HashMap<u32, User>,
}

#[derive(Debug, Default)]
struct User {
    clients: usize,
    anonymous: usize,
}

/// The place of one client, given up when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    uid: u32,
    anonymous: bool,
}

impl Seats {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a client of user `uid`, unless all `max` are taken or the user has his share.
    pub(crate) fn take(self: &Arc<Self>, uid: u32, max: usize) -> Option<Seat> {
        let mut taken = self.taken();
        let total = taken.clients;
        let user = taken.users.entry(uid).or_default();
        let free = if uid == 0 {
            total < max
        } else {
            total + KEPT_FOR_ROOT < max && user.clients < (max / 2).max(1)
        };
        if !free {
            if user.clients == 0 {
                taken.users.remove(&uid);
            }
            return None;
        }
        user.clients += 1;
        taken.clients += 1;
        Some(Seat { seats: Arc::clone(self), uid, anonymous: false })
    }

    /// Counts the client as anonymous if `max` allows it; 0 is no limit.
    fn enter(&self, uid: u32, max: usize) -> bool {
        let mut taken = self.taken();
        let total = taken.anonymous;
        let Some(user) = taken.users.get_mut(&uid) else { return false };
        if max != 0 {
            let share = if uid == 0 { max } else { (max / 4).max(1) };
            let kept = if uid == 0 || max <= KEPT_FOR_ROOT { 0 } else { KEPT_FOR_ROOT };
            if total + kept >= max || user.anonymous >= share {
                return false;
            }
        }
        user.anonymous += 1;
        taken.anonymous += 1;
        true
    }

    /// Number of anonymous clients.
    pub(crate) fn anonymous(&self) -> usize {
        self.taken().anonymous
    }

    fn leave(&self, uid: u32) {
        let mut taken = self.taken();
        taken.anonymous -= 1;
        if let Some(user) = taken.users.get_mut(&uid) {
            user.anonymous -= 1;
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
            if self.seats.enter(self.uid, max) {
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
            self.seats.leave(self.uid);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.authenticated();
        let mut taken = self.seats.taken();
        taken.clients -= 1;
        if let Some(user) = taken.users.get_mut(&self.uid) {
            user.clients -= 1;
            if user.clients == 0 {
                taken.users.remove(&self.uid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Seats;

    #[test]
    fn a_user_gets_half_and_root_the_rest() {
        let seats = Arc::new(Seats::default());
        let mut taken: Vec<_> = std::iter::from_fn(|| seats.take(1000, 8)).collect();
        assert_eq!(taken.len(), 4);
        taken.extend(std::iter::from_fn(|| seats.take(1001, 8)));
        assert_eq!(taken.len(), 6, "two places are kept for root");
        taken.extend(std::iter::from_fn(|| seats.take(0, 8)));
        assert_eq!(taken.len(), 8);
        taken.clear();
        assert_eq!(seats.taken().clients, 0);
        assert!(seats.taken().users.is_empty());
    }

    #[test]
    fn a_user_gets_a_quarter_of_the_anonymous_places() {
        let seats = Arc::new(Seats::default());
        let _clients: Vec<_> = (0..3).filter_map(|i| seats.take(1000 + i, 100)).collect();
        let entered = |uid| std::iter::repeat_with(|| seats.enter(uid, 10)).take_while(|in_| *in_).count();
        assert_eq!(entered(1000), 2);
        assert_eq!(entered(1001), 2);
        seats.leave(1000);
        assert_eq!(entered(1000), 1);
        assert_eq!(entered(1002), 2);
    }
}
