//! What a connection makes of the messages that it reads.

use std::{
    collections::VecDeque,
    os::fd::OwnedFd,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use protocol::{
    Error, ErrorDomain, Header, MessageType, ReadOnlyRule,
    header::{KEEPALIVE, VERSION},
};
use tokio::time::Instant;

use crate::{
    Client, Transport,
    builtin::{self, Builtin, Outcome},
    call::RunningCall,
    frame::{Frame, Payload},
    keepalive::{self, Keepalive, PongRate},
    limits::{Budgets, Holding},
    outbox::{Message, Purpose},
    router::{self, Answer, Incoming, Route},
    server::Shared,
    stream::UnexpectedHole,
    table::{Entry, Target},
};

/// Calls that are read although they cannot start yet, so that what comes after them is seen.
const BACKLOG_CALLS: usize = 16;
/// The same in bytes. A single call may be longer.
const BACKLOG_BYTES: usize = 65536;
/// What a descriptor of a waiting call counts in bytes.
const FD_COST: usize = 4096;
/// Arguments that are longer are charged to the budget of all clients until the call is answered, in bytes.
const LONG: usize = 65536;

/// The receiving side of a connection.
pub(crate) struct Session {
    pub client: Client,
    pub keepalive: Option<Keepalive>,
    server: Arc<Shared>,
    budgets: Budgets,
    pongs: PongRate,
    backlog: VecDeque<Waiting>,
    backlog_bytes: usize,
    /// Nothing more is to be read: the client said goodbye.
    goodbye: bool,
}

/// A call that waits for its turn.
struct Waiting {
    header: Header,
    payload: Vec<u8>,
    fds: Vec<OwnedFd>,
    holding: Holding,
    urgent: bool,
}

impl Waiting {
    const fn cost(&self) -> usize {
        self.payload.len() + self.fds.len() * FD_COST
    }
}

impl Session {
    pub(crate) fn new(client: Client, server: Arc<Shared>, budgets: Budgets) -> Self {
        Self {
            client,
            keepalive: None,
            server,
            budgets,
            pongs: PongRate::new(Instant::now()),
            backlog: VecDeque::new(),
            backlog_bytes: 0,
            goodbye: false,
        }
    }

    /// Whether to go on with the input.
    pub(crate) fn takes_input(&self) -> bool {
        !self.goodbye
            && self.backlog.len() < BACKLOG_CALLS
            && self.backlog_bytes < BACKLOG_BYTES
            && self.client.streams().take_more()
    }

    /// Whether no call is at work and none waits.
    pub(crate) fn is_idle(&self) -> bool {
        self.backlog.is_empty() && self.client.running(false) + self.client.running(true) == 0
    }

    /// Forgets the calls that wait and takes no more input.
    pub(crate) fn stop(&mut self) {
        self.goodbye = true;
        self.client.workers().dequeued(self.backlog.len());
        self.backlog.clear();
    }

    /// Works on one message.
    pub(crate) fn handle(&mut self, frame: Frame<'_>) -> Result<(), UnexpectedHole> {
        let header = frame.header;
        match header.kind {
            MessageType::CALL | MessageType::CALL_WITH_FDS => self.call(frame),
            MessageType::STREAM | MessageType::STREAM_HOLE => {
                let Frame { payload, .. } = frame;
                return self.client.streams().deliver(&header, || payload.into_held());
            }
            MessageType::MESSAGE if header.program == KEEPALIVE && header.version == VERSION => {
                // A client that does not read its answers gets one, and nobody gets a flood of them.
                if header.procedure == keepalive::PING
                    && !self.client.outbox().keepalive_waits()
                    && self.pongs.admit(Instant::now)
                {
                    self.send_keepalive(keepalive::PONG);
                }
            }
            _ => tracing::debug!(client = self.client.id(), kind = ?header.kind, "message ignored"),
        }
        Ok(())
    }

    pub(crate) fn send_keepalive(&self, procedure: i32) {
        self.client.outbox().push(Message::new(keepalive::message(procedure), Purpose::Keepalive));
    }

    /// Starts calls that had to wait.
    pub(crate) fn work_off_backlog(&mut self) {
        let mut next = 0;
        while let Some(waiting) = self.backlog.get(next) {
            if self.goodbye || !self.admits(waiting.urgent, waiting.payload.len()) {
                next += 1;
                continue;
            }
            let Some(waiting) = self.backlog.remove(next) else { break };
            self.backlog_bytes -= waiting.cost();
            self.client.workers().dequeued(1);
            let server = Arc::clone(&self.server);
            if let Ok(entry) = server.table.find(&waiting.header) {
                self.start(entry, waiting.header, &waiting.payload, waiting.fds, waiting.holding);
            }
        }
    }

    /// Whether one more call may start. Urgent calls have a limit of their own.
    fn admits(&self, urgent: bool, bytes: usize) -> bool {
        let limits = self.client.limits();
        let busy = self.client.running(urgent) + self.client.outbox().stuck_replies();
        let at_work = self.client.call_bytes();
        let fits = at_work == 0 || at_work + bytes <= limits.max_call_bytes || (urgent && bytes <= LONG);
        busy < limits.max_client_requests && fits && self.client.workers().admits(urgent, &self.client)
    }

    fn call(&mut self, frame: Frame<'_>) {
        let Frame { header, payload, fds, charge } = frame;
        let server = Arc::clone(&self.server);
        let entry = match server.table.find(&header) {
            Ok(entry) => entry,
            Err(error) => return self.refuse(&header, &error),
        };
        if !self.client.is_authenticated() && !entry.info.no_auth {
            return self.refuse(&header, &Error::rpc("authentication required"));
        }
        let length = payload.as_slice().len();
        let mut holding = Holding { bytes: None, fds: charge };
        if length > LONG {
            holding.bytes = self.budgets.bytes.charge(length);
            if holding.bytes.is_none() {
                return self.refuse(&header, &Error::rpc("too much is at work for all clients"));
            }
        }
        let urgent = entry.info.priority_high;
        let overtakes = urgent || self.backlog.is_empty();
        if overtakes && self.admits(urgent, length) {
            self.start(entry, header, payload.as_slice(), fds, holding);
        } else {
            let payload = match payload {
                Payload::Borrowed(bytes) => bytes.to_vec(),
                Payload::Owned(held) => held.as_slice().to_vec(),
            };
            let waiting = Waiting { header, payload, fds, holding, urgent };
            self.backlog_bytes += waiting.cost();
            self.backlog.push_back(waiting);
            self.client.workers().queued();
        }
    }

    fn refuse(&self, header: &Header, error: &Error) {
        tracing::debug!(client = self.client.id(), procedure = header.procedure, %error, "call refused");
        let bytes = router::encode_error(header, error);
        self.client.outbox().push(Message::new(bytes, Purpose::Reply));
    }

    fn start(&mut self, entry: &Entry, header: Header, payload: &[u8], fds: Vec<OwnedFd>, holding: Holding) {
        let client = self.client.clone();
        let incoming = Incoming { client: &client, header, payload, fds };
        let opened = client.name().is_some();
        match &entry.target {
            Target::Builtin(builtin) if opened || builtin.precedes_open() => {
                self.start_builtin(entry, *builtin, &incoming);
            }
            _ if !opened => self.refuse(&header, &builtin::not_open()),
            Target::Unserved if client.is_read_only() && entry.info.read_only == ReadOnlyRule::Deny => {
                self.refuse(&header, &entry.info.read_only_refusal());
            }
            Target::Builtin(_) | Target::Unserved => self.refuse(&header, &entry.info.not_supported()),
            Target::Route(route) => self.start_route(entry, route, incoming, holding),
        }
    }

    fn start_route(&self, entry: &Entry, route: &Route, incoming: Incoming<'_>, holding: Holding) {
        let streams = self.client.streams().len();
        if entry.info.stream.is_some() && streams >= self.client.limits().max_streams {
            let error = Error::internal(ErrorDomain::RPC, "too many open streams");
            return self.refuse(&incoming.header, &error);
        }
        if entry.info.fds_out && self.client.transport() != Transport::Unix {
            let detail = format!("{} needs a UNIX socket, over which descriptors can pass", entry.info.name);
            return self.refuse(&incoming.header, &Error::operation_unsupported(ErrorDomain::RPC, &detail));
        }
        RunningCall::start(&self.client, entry.info, route, entry.holds_events, incoming, holding);
    }

    fn start_builtin(&mut self, entry: &Entry, builtin: Builtin, incoming: &Incoming<'_>) {
        let outcome = catch_unwind(AssertUnwindSafe(|| builtin.run(&self.server, incoming)));
        let outcome = outcome.unwrap_or_else(|_| {
            tracing::error!(call = entry.info.name, "panic while a call was answered");
            Err(Error::internal(ErrorDomain::RPC, "the call failed unexpectedly"))
        });
        match outcome {
            Ok(Outcome::Reply(answer)) => self.reply(answer, Purpose::Reply),
            Ok(Outcome::LastReply(answer)) => {
                self.goodbye = true;
                self.reply(answer, Purpose::LastReply);
            }
            Ok(Outcome::StartKeepalive(answer)) => {
                let limits = self.client.limits();
                let (interval, count) = (limits.keepalive_interval, limits.keepalive_count);
                if self.keepalive.is_none() {
                    self.keepalive = Keepalive::start(interval, count, Instant::now());
                }
                self.reply(answer, Purpose::Reply);
            }
            Ok(Outcome::Later(work)) => RunningCall::resume(&self.client, entry.info, incoming.header, work),
            Err(error) => self.refuse(&incoming.header, &error),
        }
    }

    fn reply(&self, answer: Answer, purpose: Purpose) {
        self.client.outbox().push(Message::with_fds(answer.bytes, answer.fds, purpose));
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.client.workers().dequeued(self.backlog.len());
    }
}
