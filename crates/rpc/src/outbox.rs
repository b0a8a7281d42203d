//! What waits to be sent to a client.
//!
//! Whoever has a message sends it on the spot if nothing waits; what the socket does not take is queued and sent by
//! the connection's task when the client reads on. The queue is bounded: a client that does not read is closed.

mod message;

use std::{
    collections::VecDeque,
    io::IoSlice,
    os::fd::AsFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Waker},
};

use tokio::time::Instant;

pub(crate) use self::message::{ChunkReturn, Message, Purpose};
use crate::{
    limits::{Budget, Charge, Limits},
    socket::Socket,
};

/// Most messages that one system call sends.
const GATHER: usize = 64;
/// While input is worked off, replies are collected up to this size.
const CORK_MAX: usize = 65536;
/// The budget of all clients is charged for what waits in steps of so many bytes. Less is not worth counting.
const STEP: usize = 65536;

/// The sending side of a connection, shared by all that have something to say to the client.
#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    max_bytes: usize,
    max_messages: usize,
    /// What may wait for all clients together.
    budget: Arc<Budget>,
}

#[derive(Debug)]
struct State {
    /// `None` once the connection is closed.
    socket: Option<Arc<Socket>>,
    queue: VecDeque<Message>,
    /// Unsent bytes in the queue and in `held`.
    bytes: usize,
    /// Their share of the budget.
    charge: Option<Charge>,
    /// Unsent replies in the queue.
    replies: usize,
    /// Unsent keepalive messages in the queue.
    keepalives: usize,
    /// Messages are collected until the connection's task has worked off its input.
    corked: bool,
    /// The socket takes nothing; the connection's task waits until it does.
    blocked: bool,
    /// Calls in progress that register for events.
    holds: usize,
    /// Events that wait for the replies to these calls.
    held: VecDeque<Message>,
    /// Why the connection must end.
    ended: Option<Ended>,
    /// The connection is to end when everything is done and sent.
    draining: bool,
    /// When the client last accepted a byte, if something waits.
    progress: Instant,
    /// The connection's task.
    task: Option<Waker>,
}

/// Why the sending side wants the connection to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The last message has been sent.
    Finished,
    /// The client does not read what it is sent.
    Overflow,
    /// Writing failed: the client has gone.
    Broken,
    /// The server closes the connection.
    Closed,
}

impl Outbox {
    pub(crate) fn new(socket: Arc<Socket>, limits: &Limits, budget: Arc<Budget>) -> Self {
        let state = State {
            socket: Some(socket),
            queue: VecDeque::new(),
            bytes: 0,
            charge: None,
            replies: 0,
            keepalives: 0,
            corked: false,
            blocked: false,
            holds: 0,
            held: VecDeque::new(),
            ended: None,
            draining: false,
            progress: Instant::now(),
            task: None,
        };
        Self {
            state: Mutex::new(state),
            max_bytes: limits.max_queued_bytes,
            max_messages: limits.max_queued_messages,
            budget,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends or queues a message. Never waits; once the connection ends, messages vanish.
    pub(crate) fn push(&self, message: Message) {
        let mut state = self.state();
        if state.socket.is_none() || state.ended.is_some() {
            return;
        }
        let waiting = state.queue.len() + state.held.len();
        if waiting >= self.max_messages || (waiting > 0 && state.bytes + message.len() > self.max_bytes) {
            state.end(Ended::Overflow);
            return;
        }
        state.bytes += message.len();
        if state.holds > 0 && message.purpose == Purpose::Event {
            state.held.push_back(message);
            self.charge(&mut state);
            return;
        }
        if state.queue.is_empty() {
            state.progress = Instant::now();
        }
        state.replies += usize::from(message.purpose.is_reply());
        state.keepalives += usize::from(message.purpose == Purpose::Keepalive);
        state.queue.push_back(message);
        if !state.blocked && (!state.corked || state.bytes > CORK_MAX) {
            state.flush();
        }
        self.charge(&mut state);
    }

    /// Has the budget know of what is queued now. A client is closed when there is too much for all of them: it is
    /// one that does not read.
    fn charge(&self, state: &mut State) {
        let charged = state.charge.as_ref().map_or(0, Charge::size);
        if state.bytes <= charged + STEP {
            return;
        }
        match self.budget.charge(state.bytes - charged) {
            Some(more) => match &mut state.charge {
                Some(charge) => charge.absorb(more),
                None => state.charge = Some(more),
            },
            None => state.end(Ended::Overflow),
        }
    }

    /// Keeps events back until [`Outbox::release`], so that the reply to a registration precedes its events.
    pub(crate) fn hold(&self) {
        self.state().holds += 1;
    }

    /// Undoes one [`Outbox::hold`].
    pub(crate) fn release(&self) {
        let mut state = self.state();
        state.holds -= 1;
        if state.holds == 0 {
            let held = std::mem::take(&mut state.held);
            state.queue.extend(held);
            if !state.blocked && !state.corked {
                state.flush();
            }
        }
    }

    /// Collects messages until [`Outbox::uncork`].
    pub(crate) fn cork(&self) {
        self.state().corked = true;
    }

    /// Sends what was collected.
    pub(crate) fn uncork(&self) {
        let mut state = self.state();
        if std::mem::take(&mut state.corked) && !state.blocked && !state.queue.is_empty() {
            state.flush();
        }
    }

    /// Continues sending once the socket takes bytes again. To be called by the connection's task, which is woken
    /// when there is more to do.
    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>) {
        let mut state = self.state();
        if !state.task.as_ref().is_some_and(|task| task.will_wake(cx.waker())) {
            state.task = Some(cx.waker().clone());
        }
        if state.blocked
            && let Some(socket) = state.socket.clone()
        {
            // Pending leaves the task's waker with the socket.
            let _ = socket.poll_write(cx, || {
                state.blocked = false;
                state.flush();
                state.blocked
            });
        }
    }

    /// Why the connection must end, if it must.
    pub(crate) fn ended(&self) -> Option<Ended> {
        self.state().ended
    }

    /// Asks the connection's task to end the connection when everything is done and sent.
    pub(crate) fn drain(&self) {
        let mut state = self.state();
        state.draining = true;
        if let Some(task) = &state.task {
            task.wake_by_ref();
        }
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.state().draining
    }

    /// Wakes the connection's task.
    pub(crate) fn wake(&self) {
        if let Some(task) = &self.state().task {
            task.wake_by_ref();
        }
    }

    /// Unsent replies that the client keeps waiting.
    pub(crate) fn stuck_replies(&self) -> usize {
        let state = self.state();
        if state.blocked { state.replies } else { 0 }
    }

    /// Whether a keepalive message waits to be sent.
    pub(crate) fn keepalive_waits(&self) -> bool {
        self.state().keepalives > 0
    }

    /// Since when the client has accepted nothing, `None` if nothing waits.
    pub(crate) fn stalled_since(&self) -> Option<Instant> {
        let state = self.state();
        state.blocked.then_some(state.progress)
    }

    /// Whether everything has been sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.state().queue.is_empty()
    }

    /// Makes the connection's task end the connection.
    pub(crate) fn end(&self, why: Ended) {
        self.state().end(why);
    }

    /// Lets go of the socket and of everything that waits.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        let (queue, held) = (std::mem::take(&mut state.queue), std::mem::take(&mut state.held));
        if let Some(socket) = state.socket.take() {
            socket.end();
        }
        state.task = None;
        state.charge = None;
        (state.bytes, state.replies, state.blocked) = (0, 0, false);
        drop(state);
        drop((queue, held));
    }
}

impl State {
    fn end(&mut self, why: Ended) {
        if self.ended.is_none() {
            self.ended = Some(why);
        }
        if let Some(task) = &self.task {
            task.wake_by_ref();
        }
    }

    /// Sends until the queue is empty or the socket is full.
    fn flush(&mut self) {
        let Some(socket) = self.socket.clone() else { return };
        while !self.queue.is_empty() {
            match self.send_some(&socket) {
                Ok(Some(sent)) => self.sent(sent),
                Ok(None) => {
                    self.blocked = true;
                    if let Some(task) = &self.task {
                        task.wake_by_ref();
                    }
                    return;
                }
                Err(_) => return self.end(Ended::Broken),
            }
        }
        if self.queue.capacity() > GATHER {
            self.queue = VecDeque::new();
        }
        if self.held.is_empty() {
            self.charge = None;
        }
    }

    /// One system call. The messages are sent up to the first descriptor; a descriptor goes with a byte of its own.
    fn send_some(&self, socket: &Socket) -> std::io::Result<Option<usize>> {
        if let Some(fd) = self.queue.front().and_then(Message::next_fd) {
            return socket.send(&[IoSlice::new(&[0])], Some(fd.as_fd()));
        }
        let mut parts = [IoSlice::new(&[]); GATHER];
        let mut count = 0;
        for (part, message) in parts.iter_mut().zip(&self.queue) {
            *part = IoSlice::new(message.rest());
            count += 1;
            if message.has_fds() {
                break;
            }
        }
        socket.send(&parts[..count], None)
    }

    /// Records that the socket took `count` bytes.
    fn sent(&mut self, mut count: usize) {
        self.progress = Instant::now();
        self.bytes -= count;
        while let Some(message) = self.queue.front_mut() {
            count = message.advance(count);
            if !message.is_sent() {
                return;
            }
            if let Some(message) = self.queue.pop_front() {
                self.replies -= usize::from(message.purpose.is_reply());
                self.keepalives -= usize::from(message.purpose == Purpose::Keepalive);
                if message.purpose == Purpose::LastReply {
                    self.end(Ended::Finished);
                }
                message.finish();
            }
        }
    }
}
