//! What a handler gets besides the arguments of the call.

use std::{fmt, os::fd::OwnedFd, sync::Arc};

use crate::Client;

/// The circumstances of a call.
pub struct Context<D> {
    /// The state of the driver.
    pub driver: Arc<D>,
    /// The client that calls.
    pub client: Client,
    /// Descriptors that came with the call, at most 32. Empty unless the call is known to carry some.
    pub fds: Vec<OwnedFd>,
}

impl<D> fmt::Debug for Context<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("client", &self.client)
            .field("fds", &self.fds)
            .finish_non_exhaustive()
    }
}
