//! One round of poll(2).

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use kernel::Errno;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// What a round waits for: descriptors, each with a token that tells whose it is.
///
/// The set is made anew for every round from the state as it is, so interests never have to be taken back.
#[derive(Debug)]
pub(crate) struct Round<'a, T> {
    fds: Vec<PollFd<'a>>,
    tokens: Vec<T>,
    timeout: Option<Duration>,
}

impl<'a, T: Copy> Round<'a, T> {
    pub(crate) const fn new() -> Self {
        Self { fds: Vec::new(), tokens: Vec::new(), timeout: None }
    }

    /// Waits for readability.
    pub(crate) fn read(&mut self, token: T, fd: &'a impl AsFd) {
        self.on(token, fd.as_fd(), PollFlags::IN);
    }

    /// Waits for the given events. Without any, still for the other side to hang up.
    pub(crate) fn on(&mut self, token: T, fd: BorrowedFd<'a>, events: PollFlags) {
        self.fds.push(PollFd::from_borrowed_fd(fd, events));
        self.tokens.push(token);
    }

    /// Descriptors with their interest made elsewhere.
    pub(crate) fn extend(&mut self, token: T, fds: impl IntoIterator<Item = PollFd<'a>>) {
        for fd in fds {
            self.fds.push(fd);
            self.tokens.push(token);
        }
    }

    /// Whether there is nothing to wait for.
    pub(crate) const fn is_empty(&self) -> bool {
        self.fds.is_empty()
    }

    /// Ends the round after this time at the latest.
    pub(crate) fn within(&mut self, timeout: Duration) {
        self.timeout = Some(self.timeout.map_or(timeout, |present| present.min(timeout)));
    }

    /// Waits, and tells what is ready. Nothing: the time is over.
    pub(crate) fn wait(mut self) -> kernel::Result<Vec<(T, PollFlags)>> {
        let timeout = self.timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        match poll(&mut self.fds, timeout.as_ref()) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
        let ready = self.fds.iter().zip(self.tokens).filter(|(fd, _)| !fd.revents().is_empty());
        Ok(ready.map(|(fd, token)| (token, fd.revents())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ready_is_told() {
        let (read, write) = kernel::fd::pipe().unwrap();
        let (other, _keep) = kernel::fd::pipe().unwrap();
        rustix::io::write(&write, b"x").unwrap();
        let mut round = Round::new();
        round.read(1, &other);
        round.read(2, &read);
        round.on(3, write.as_fd(), PollFlags::OUT);
        assert_eq!(round.wait().unwrap(), [(2, PollFlags::IN), (3, PollFlags::OUT)]);
        let mut round = Round::new();
        round.read(1, &other);
        round.within(Duration::from_secs(3600));
        round.within(Duration::ZERO);
        assert_eq!(round.wait().unwrap(), []);
    }
}
