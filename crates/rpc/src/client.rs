//! One connected client, as drivers see it.

use std::{
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use protocol::{Error, ErrorDomain, Event, Header, MessageType, Status, header};

use crate::{
    Access, Identity, Limits, Transport, frame,
    listener::Door,
    outbox::{Ended, Message, Outbox, Purpose},
    stream::Streams,
    workers::Workers,
};

/// What to do when a client has gone.
type OnClose = Box<dyn FnOnce() + Send>;

/// The serial of events. libvirt sends 1, clients ignore it.
const EVENT_SERIAL: u32 = 1;

/// A connected client. Clones stand for the same client and stay valid after it has gone.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    id: u64,
    /// Who connected, as the kernel, TLS and SASL say.
    peer: Mutex<Arc<Identity>>,
    /// On whose behalf the peer says that it calls.
    assumed: OnceLock<Arc<Identity>>,
    door: Arc<Door>,
    connected: SystemTime,
    read_only: AtomicBool,
    authenticated: AtomicBool,
    /// SASL encrypts what is sent.
    protected: AtomicBool,
    opened: OnceLock<String>,
    /// Calls that run in tasks of their own: ordinary and urgent ones.
    running: [AtomicUsize; 2],
    /// Bytes of their arguments.
    call_bytes: AtomicUsize,
    callbacks: AtomicUsize,
    outbox: Outbox,
    streams: Streams,
    on_close: Mutex<Option<Vec<OnClose>>>,
    limits: Arc<Limits>,
    workers: Arc<Workers>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.0.id)
            .field("identity", &self.identity())
            .field("read_only", &self.is_read_only())
            .finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn new(
        id: u64,
        identity: Identity,
        door: Arc<Door>,
        outbox: Outbox,
        limits: Arc<Limits>,
        workers: Arc<Workers>,
    ) -> Self {
        Self(Arc::new(Inner {
            id,
            peer: Mutex::new(Arc::new(identity)),
            assumed: OnceLock::new(),
            connected: SystemTime::now(),
            read_only: AtomicBool::new(door.access == Access::ReadOnly),
            authenticated: AtomicBool::new(door.is_open()),
            door,
            protected: AtomicBool::new(false),
            opened: OnceLock::new(),
            running: Default::default(),
            call_bytes: AtomicUsize::new(0),
            callbacks: AtomicUsize::new(0),
            outbox,
            streams: Streams::default(),
            on_close: Mutex::new(Some(Vec::new())),
            limits,
            workers,
        }))
    }

    /// Number of the client, unique for the server's life and counted from 1.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// On whose behalf the client calls: its own, or that which a proxy has named.
    #[must_use]
    pub fn identity(&self) -> Arc<Identity> {
        self.0.assumed.get().cloned().unwrap_or_else(|| self.peer())
    }

    /// Who connected.
    #[must_use]
    pub fn peer(&self) -> Arc<Identity> {
        Arc::clone(&self.0.peer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets on whose behalf the client calls, as a proxy says it with `CONNECT_SET_IDENTITY`. It is for the caller to
    /// check that this client may say so. Returns whether it was the first time; later ones have no effect.
    pub fn assume_identity(&self, identity: Identity) -> bool {
        self.0.assumed.set(Arc::new(identity)).is_ok()
    }

    /// Whether the client may only look: it came by the read-only socket, or asked for it when it opened.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.0.read_only.load(Ordering::Relaxed)
    }

    /// The kind of socket that the client came by.
    #[must_use]
    pub fn access(&self) -> Access {
        self.0.door.access
    }

    /// How the client's bytes reach the daemon.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.0.door.transport
    }

    /// Whether nobody between the client and the daemon can listen in.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.transport() != Transport::Tcp || self.0.protected.load(Ordering::Relaxed)
    }

    /// The name given to `CONNECT_OPEN`, such as `lxc:///system` or the empty string; `None` before.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.opened.get().map(String::as_str)
    }

    /// When the client connected.
    #[must_use]
    pub fn connected(&self) -> SystemTime {
        self.0.connected
    }

    /// Sends an event. Never waits: the event is queued if the client is busy, and a client whose queue is full is
    /// closed. An event that cannot be encoded is dropped and logged.
    pub fn send_event<E: Event>(&self, event: &E) {
        let header = Header {
            program: E::PROGRAM,
            version: header::VERSION,
            procedure: E::PROCEDURE,
            kind: MessageType::MESSAGE,
            serial: EVENT_SERIAL,
            status: Status::OK,
        };
        match frame::message(&header, event) {
            Some(bytes) => self.0.outbox.push(Message::new(bytes, Purpose::Event)),
            None => tracing::error!(event = E::NAME, "event exceeds the protocol's limits and is not sent"),
        }
    }

    /// Has `action` called once when the client has gone, or now if it already has. The action must not block.
    pub fn on_close(&self, action: Box<dyn FnOnce() + Send>) {
        let mut actions = self.0.on_close.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *actions {
            Some(actions) => actions.push(action),
            None => {
                drop(actions);
                action();
            }
        }
    }

    /// Counts one more event callback of the client, for as long as the value lives.
    ///
    /// # Errors
    /// The client has as many as it may have.
    pub fn callback(&self) -> protocol::Result<Callback> {
        let max = self.0.limits.max_callbacks;
        let callback = Callback(self.clone());
        if self.0.callbacks.fetch_add(1, Ordering::AcqRel) >= max {
            return Err(Error::internal(ErrorDomain::RPC, "too many event callbacks"));
        }
        Ok(callback)
    }

    /// Disconnects the client without further ado.
    pub fn close(&self) {
        self.0.outbox.end(Ended::Closed);
    }
}

/// One event callback of a client, see [`Client::callback`].
#[derive(Debug)]
pub struct Callback(Client);

impl Callback {
    /// Whose it is.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.0
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        self.0.0.callbacks.fetch_sub(1, Ordering::AcqRel);
    }
}

/// For the connection.
impl Client {
    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn door(&self) -> &Door {
        &self.0.door
    }

    pub(crate) fn workers(&self) -> &Workers {
        &self.0.workers
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    pub(crate) fn streams(&self) -> &Streams {
        &self.0.streams
    }

    pub(crate) fn is_authenticated(&self) -> bool {
        self.0.authenticated.load(Ordering::Acquire)
    }

    pub(crate) fn set_authenticated(&self) {
        self.0.authenticated.store(true, Ordering::Release);
    }

    pub(crate) fn set_read_only(&self, read_only: bool) {
        self.0.read_only.store(read_only, Ordering::Relaxed);
    }

    pub(crate) fn set_opened(&self, name: String) {
        let _ = self.0.opened.set(name);
    }

    /// Calls in tasks of their own.
    pub(crate) fn running(&self, urgent: bool) -> usize {
        self.0.running[usize::from(urgent)].load(Ordering::Acquire)
    }

    /// Bytes of the arguments of these calls.
    pub(crate) fn call_bytes(&self) -> usize {
        self.0.call_bytes.load(Ordering::Acquire)
    }

    pub(crate) fn call_started(&self, urgent: bool, bytes: usize) {
        self.0.running[usize::from(urgent)].fetch_add(1, Ordering::AcqRel);
        self.0.call_bytes.fetch_add(bytes, Ordering::AcqRel);
        self.0.workers.started(urgent);
    }

    pub(crate) fn call_ended(&self, urgent: bool, bytes: usize) {
        self.0.call_bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.0.running[usize::from(urgent)].fetch_sub(1, Ordering::AcqRel);
        self.0.outbox.wake();
        self.0.workers.ended(urgent);
    }

    /// Ends streams, forgets what waits to be sent, and tells those who want to know.
    pub(crate) fn closed(&self) {
        self.0.streams.abort_all();
        self.0.outbox.close();
        let actions = self.0.on_close.lock().unwrap_or_else(PoisonError::into_inner).take();
        for action in actions.unwrap_or_default() {
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(action)).is_err() {
                tracing::error!(client = self.0.id, "panic in an action for a client's end");
            }
        }
    }
}
