//! The server: listening sockets, the clients that came by them, and the end of it all.

mod accept;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use protocol::header::{ADMIN, LXC, QEMU, REMOTE};
use tokio::{sync::watch, time::Instant};

use crate::{
    Client, Identity, Limits, Listener, Peers, Process, Routes,
    connection::{Connection, End},
    limits::{Budgets, Seats},
    listener::{Door, Owner},
    log::Gate,
    outbox::Outbox,
    socket::{Layer, Socket, Stream},
    table::Table,
    workers::{Load, Workers},
};

/// Opens the connection of a client to the driver that the name means, or says why not.
pub type Open = Arc<dyn Fn(&Client, &str) -> protocol::Result<()> + Send + Sync>;

/// How a server behaves.
#[derive(Clone)]
pub struct ServerConfig {
    /// Name of the server in the log.
    pub name: String,
    /// What clients may use.
    pub limits: Limits,
    /// Called for `CONNECT_OPEN` with the client and the name it gave, such as `lxc:///system`. The client's access
    /// is settled by then. Must not block.
    pub open: Open,
    /// Whose connections are accepted.
    pub peers: Peers,
    /// The programs that exist, by number. Calls to others are answered with an error.
    pub programs: Vec<u32>,
}

impl ServerConfig {
    /// A server of drivers.
    #[must_use]
    pub fn new(name: &str, open: Open) -> Self {
        Self {
            name: name.to_owned(),
            limits: Limits::default(),
            open,
            peers: Peers::Any,
            programs: vec![REMOTE, LXC, QEMU],
        }
    }

    /// A server for the administration of the daemon by its own user.
    #[must_use]
    pub fn admin(name: &str) -> Self {
        Self {
            peers: Peers::SameUser,
            programs: vec![ADMIN],
            ..Self::new(name, Arc::new(|_: &Client, _: &str| Ok(())))
        }
    }
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerConfig")
            .field("name", &self.name)
            .field("limits", &self.limits)
            .field("peers", &self.peers)
            .field("programs", &self.programs)
            .finish_non_exhaustive()
    }
}

/// What all connections of a server need.
#[derive(Debug)]
pub(crate) struct Shared {
    pub config: ServerConfig,
    pub table: Table,
}

/// Serves any number of listening sockets.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    limits: Mutex<Arc<Limits>>,
    workers: Arc<Workers>,
    seats: Arc<Seats>,
    budgets: Budgets,
    clients: Mutex<HashMap<u64, Client>>,
    count: watch::Sender<usize>,
    stopping: watch::Sender<bool>,
    last_id: AtomicU64,
    log: Gate,
}

impl Server {
    /// A server that answers calls with `routes`.
    ///
    /// # Panics
    /// A route is for a call that this crate answers itself.
    #[must_use]
    pub fn new(routes: Routes, config: ServerConfig) -> Arc<Self> {
        let limits = config.limits.clone();
        let workers = Arc::new(Workers::default());
        workers.set_limits(&limits);
        Arc::new(Self {
            workers,
            seats: Arc::default(),
            budgets: Budgets::new(&limits),
            limits: Mutex::new(Arc::new(limits)),
            clients: Mutex::default(),
            count: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
            last_id: AtomicU64::new(0),
            log: Gate::default(),
            shared: Arc::new(Shared { table: Table::new(&config.programs, routes), config }),
        })
    }

    /// Accepts clients until [`Server::shutdown`].
    pub async fn serve(self: Arc<Self>, listener: Listener) {
        let mut stopping = self.stopping.subscribe();
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = accept::accept(&self, &listener) => {}
        }
    }

    /// Ends all [`Server::serve`] and all connections. Calls in progress get time to end and to be answered.
    pub fn shutdown(&self) {
        self.stopping.send_replace(true);
        for client in self.clients().values() {
            client.outbox().drain();
        }
    }

    /// Waits until no client is left.
    pub async fn drained(&self) {
        let mut count = self.count.subscribe();
        // The sender lives as long as `self`, so this ends only with the count.
        let _ = count.wait_for(|count| *count == 0).await;
    }

    /// Number of connected clients.
    #[must_use]
    pub fn client_count(&self) -> usize {
        *self.count.borrow()
    }

    /// Follows the number of connected clients.
    #[must_use]
    pub fn watch_client_count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// The connected clients by ascending id.
    #[must_use]
    pub fn connected_clients(&self) -> Vec<Client> {
        let mut clients: Vec<_> = self.clients().values().cloned().collect();
        clients.sort_unstable_by_key(Client::id);
        clients
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> Arc<Limits> {
        Arc::clone(&self.limits.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets limits. Numbers of clients count from now on, the others for clients that come from now on; what is said
    /// about all clients together stays as it was.
    pub fn set_limits(&self, limits: Limits) {
        self.workers.set_limits(&limits);
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(limits);
    }

    /// The name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.config.name
    }

    /// How busy the server is.
    #[must_use]
    pub fn load(&self) -> Load {
        self.workers.load()
    }

    /// Number of connected clients that are not yet authenticated.
    #[must_use]
    pub fn anonymous_count(&self) -> usize {
        self.seats.anonymous()
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<u64, Client>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lives with a client from its arrival to its end.
    async fn attend(self: Arc<Self>, stream: Stream, door: Arc<Door>) {
        let since = Instant::now();
        let Ok(mut identity) = identify(&stream) else { return };
        let limits = self.limits();
        if !self.welcomes(&identity) {
            return;
        }
        let Some(mut seat) = self.seats.take(Owner::of(&identity), door.access, limits.max_clients) else {
            self.log.warn(|| format!("too many clients, refused {}", Shown(&identity)));
            return;
        };
        if !door.is_open() || door.tls.is_some() {
            let entered = seat.enter_anonymous(limits.max_anonymous_clients);
            if tokio::time::timeout_at(since + limits.auth_timeout, entered).await.is_err() {
                return;
            }
        }
        let Some(layer) = self.protect(&stream, &door, &mut identity).await else { return };
        if door.is_open() {
            seat.authenticated();
        }
        let socket = Arc::new(Socket::new(stream, layer));
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let outbox = Outbox::new(Arc::clone(&socket), &limits, Arc::clone(&self.budgets.queued));
        let client = Client::new(id, identity, door, outbox, limits, Arc::clone(&self.workers));
        let present = Present::enter(&self, client.clone());
        let (shared, budgets) = (Arc::clone(&self.shared), self.budgets.clone());
        let end = Connection::new(socket, client, seat, shared, budgets, since).run().await;
        self.report(&present.client, &end);
        drop(present);
    }

    /// Encrypts the connection if the socket is one for TLS. `None`: the client is refused.
    async fn protect(
        &self,
        stream: &Stream,
        door: &Door,
        identity: &mut Identity,
    ) -> Option<Option<Box<dyn Layer>>> {
        let Some(tls) = &door.tls else { return Some(None) };
        let mut stopping = self.stopping.subscribe();
        let handshake = tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return None,
            handshake = tokio::time::timeout(self.limits().handshake_timeout, tls.accept(stream)) => handshake,
        };
        match handshake {
            Ok(Ok((layer, name))) => {
                identity.x509_dname = name;
                Some(Some(Box::new(layer)))
            }
            Ok(Err(refused)) => {
                self.log.warn(|| format!("{} refused: {refused}", Shown(identity)));
                None
            }
            Err(_) => {
                self.log.warn(|| format!("{} refused: no TLS handshake in time", Shown(identity)));
                None
            }
        }
    }

    fn welcomes(&self, identity: &Identity) -> bool {
        match self.shared.config.peers {
            Peers::Any => true,
            Peers::SameUser => identity.uid() == Some(rustix::process::geteuid().as_raw()),
        }
    }

    fn report(&self, client: &Client, end: &End) {
        let (id, peer) = (client.id(), client.peer());
        if end.is_fault() {
            self.log.warn(|| format!("client {id}, {}, disconnected: {end}", Shown(&peer)));
        } else {
            tracing::debug!(client = id, peer = %Shown(&peer), %end, "client disconnected");
        }
    }
}

fn identify(stream: &Stream) -> std::io::Result<Identity> {
    match stream {
        Stream::Unix(stream) => Process::of(stream).map(Identity::of_process),
        Stream::Tcp(stream) => stream.peer_addr().map(Identity::of_address),
    }
}

/// Names a client in the log.
struct Shown<'a>(&'a Identity);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.process, &self.0.address) {
            (Some(Process { uid, pid, .. }), _) => write!(f, "process {pid} of user {uid}"),
            (None, Some(address)) => write!(f, "{address}"),
            (None, None) => f.write_str("nobody"),
        }
    }
}

/// A client's entry in the server's list.
struct Present {
    server: Arc<Server>,
    client: Client,
}

impl Present {
    fn enter(server: &Arc<Server>, client: Client) -> Self {
        server.clients().insert(client.id(), client.clone());
        server.count.send_modify(|count| *count += 1);
        if *server.stopping.borrow() {
            client.outbox().drain();
        }
        Self { server: Arc::clone(server), client }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.server.clients().remove(&self.client.id());
        self.server.count.send_modify(|count| *count -= 1);
    }
}
