//! The administration of the daemon: the calls of virt-admin, on a socket of their own.

mod client;
mod daemon;
mod server;

use std::sync::{Arc, OnceLock};

use protocol::types::AdminServer;
use protocol::{Error, ErrorDomain, Result};
use rpc::{Client, Router, Server};
use tokio::sync::{Notify, watch};

use crate::log::Logger;

/// Reads the daemon's certificates and keys anew; an error leaves the old ones in force.
pub(crate) type UpdateTls = Box<dyn Fn() -> Result<()> + Send + Sync>;

/// What can be administered.
pub(crate) struct Admin {
    /// By name.
    servers: OnceLock<Vec<Arc<Server>>>,
    logger: Arc<Logger>,
    /// Seconds without a client and a running domain after which the daemon exits; 0 is never.
    timeout: watch::Sender<u64>,
    shutdown: Notify,
    /// Set if the daemon listens for TLS connections.
    update_tls: OnceLock<UpdateTls>,
}

impl Admin {
    pub(crate) fn new(logger: Arc<Logger>, timeout: u64) -> Arc<Self> {
        Arc::new(Self {
            servers: OnceLock::new(),
            logger,
            timeout: watch::Sender::new(timeout),
            shutdown: Notify::new(),
            update_tls: OnceLock::new(),
        })
    }

    /// Says which servers there are, among them the one that answers these calls.
    pub(crate) fn set_servers(&self, mut servers: Vec<Arc<Server>>) {
        servers.sort_by(|a, b| a.name().cmp(b.name()));
        let _ = self.servers.set(servers);
    }

    /// Says how certificates are read anew.
    #[expect(dead_code, reason = "for the TLS listener")]
    pub(crate) fn set_update_tls(&self, update: UpdateTls) {
        let _ = self.update_tls.set(update);
    }

    /// Reads certificates anew, if there are any.
    pub(crate) fn update_tls(&self) -> Option<Result<()>> {
        self.update_tls.get().map(|update| update())
    }

    /// Follows the idle time after which the daemon exits.
    pub(crate) fn timeout(&self) -> watch::Receiver<u64> {
        self.timeout.subscribe()
    }

    /// Waits until somebody asks the daemon to exit.
    pub(crate) async fn shutdown_requested(&self) {
        self.shutdown.notified().await;
    }

    fn servers(&self) -> &[Arc<Server>] {
        self.servers.get().map_or(&[], Vec::as_slice)
    }

    fn server(&self, server: &AdminServer) -> Result<&Arc<Server>> {
        let found = self.servers().iter().find(|known| known.name() == server.name);
        found.ok_or_else(|| Error::no_server(&server.name))
    }

    fn client(&self, client: &protocol::types::AdminClient) -> Result<Client> {
        let clients = self.server(&client.srv)?.connected_clients();
        clients.into_iter().find(|known| known.id() == client.id).ok_or_else(|| Error::no_client(client.id))
    }
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admin").field("timeout", &*self.timeout.borrow()).finish_non_exhaustive()
    }
}

/// The handlers.
pub(crate) fn routes(router: &mut Router<Admin>) {
    daemon::routes(router);
    server::routes(router);
    client::routes(router);
}

/// No flags exist.
fn no_flags(flags: u32, function: &str) -> Result<()> {
    allowed_flags(flags, 0, function)
}

fn allowed_flags(flags: u32, allowed: u32, function: &str) -> Result<()> {
    match flags & !allowed {
        0 => Ok(()),
        bad => Err(Error::unsupported_flags(ErrorDomain::ADMIN, function, bad.into())),
    }
}
