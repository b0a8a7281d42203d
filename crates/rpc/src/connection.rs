//! The task of a connection: reads, lets the session work, sends what could not be sent at once, and keeps time.

mod clock;

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use thiserror::Error;
use tokio::time::{Instant, Sleep};

use self::clock::Clock;
use crate::{
    Client,
    frame::{Filled, FrameReader, Violation},
    limits::{Budgets, Seat},
    outbox::Ended,
    server::Shared,
    session::Session,
    socket::Socket,
};

/// Messages that are worked on before other connections get their turn.
const TURN: usize = 64;
/// The same as a time, for messages that are more work than most.
const TURN_TIME: Duration = Duration::from_millis(1);

/// Why a connection ended.
#[derive(Debug, Error)]
pub(crate) enum End {
    /// The client closed its end.
    #[error("end of file")]
    Eof,
    /// The client said goodbye.
    #[error("closed by the client")]
    Goodbye,
    /// The server has been asked to disconnect the client.
    #[error("closed by the server")]
    Closed,
    /// Reading failed.
    #[error("cannot read: {0}")]
    Read(io::Error),
    /// Writing failed.
    #[error("cannot write")]
    Write,
    /// The client broke the rules of framing.
    #[error("{0}")]
    Violation(#[from] Violation),
    /// The client sent a hole on a stream that has none.
    #[error("unexpected hole in a stream")]
    Hole,
    /// The client does not read.
    #[error("too many messages wait to be sent")]
    Overflow,
    /// The client let a deadline pass.
    #[error("{0}")]
    Timeout(&'static str),
}

impl End {
    /// Whether the end is the client's fault and worth a line in the log.
    pub(crate) const fn is_fault(&self) -> bool {
        matches!(self, Self::Violation(_) | Self::Hole | Self::Overflow | Self::Timeout(_))
    }
}

impl From<Ended> for End {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Finished => Self::Goodbye,
            Ended::Overflow => Self::Overflow,
            Ended::Broken => Self::Write,
            Ended::Closed => Self::Closed,
        }
    }
}

/// One connection.
pub(crate) struct Connection {
    socket: Arc<Socket>,
    reader: FrameReader,
    session: Session,
    seat: Seat,
    clock: Clock,
    sleep: Option<Pin<Box<Sleep>>>,
    /// The session does not take more input for now.
    suspended: bool,
    shutting_down: bool,
}

impl Connection {
    pub(crate) fn new(
        socket: Arc<Socket>,
        client: Client,
        seat: Seat,
        server: Arc<Shared>,
        budgets: Budgets,
        since: Instant,
    ) -> Self {
        let mut reader = FrameReader::new(client.limits().max_anonymous_message, budgets.clone());
        if client.is_authenticated() {
            reader.accept_long();
        }
        let clock = Clock::new(since, client.limits());
        let session = Session::new(client, server, budgets);
        Self { socket, reader, session, seat, clock, sleep: None, suspended: false, shutting_down: false }
    }

    /// Runs the connection until its end.
    pub(crate) async fn run(mut self) -> End {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.session.client.outbox().poll_flush(cx);
        if self.session.client.outbox().is_draining() && !self.shutting_down {
            self.shutting_down = true;
            self.session.stop();
            self.clock.shut_down(Instant::now());
        }
        let input = if self.shutting_down { Ok(()) } else { self.poll_input(cx) };
        self.greet();
        let outbox = self.session.client.outbox();
        if let Some(ended) = outbox.ended() {
            return Poll::Ready(ended.into());
        }
        if let Err(end) = input {
            return Poll::Ready(end);
        }
        if self.shutting_down && self.session.is_idle() && outbox.is_empty() {
            return Poll::Ready(End::Closed);
        }
        match self.poll_clock(cx) {
            Ok(()) => Poll::Pending,
            Err(end) => Poll::Ready(end),
        }
    }

    /// Gives a client that has become known what it is entitled to.
    fn greet(&mut self) {
        if self.seat.is_anonymous() && self.session.client.is_authenticated() {
            self.seat.authenticated();
            self.reader.accept_long();
        }
    }

    /// Works off what arrives until there is no more, or until the session cannot take more.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        self.session.client.outbox().cork();
        let result = self.work(cx);
        self.session.client.outbox().uncork();
        result
    }

    fn work(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        let mut turns = TURN;
        let over = Instant::now() + TURN_TIME;
        self.suspended = false;
        loop {
            self.session.work_off_backlog();
            let mut heard = false;
            while self.session.takes_input() {
                self.greet();
                if turns == 0 || (heard && Instant::now() >= over) {
                    cx.waker().wake_by_ref();
                    self.heard(heard);
                    return Ok(());
                }
                let Some(frame) = self.reader.next()? else { break };
                self.session.handle(frame).map_err(|_| End::Hole)?;
                heard = true;
                turns -= 1;
            }
            self.heard(heard);
            if !self.session.takes_input() {
                return self.suspend(cx);
            }
            self.session.client.outbox().uncork();
            match self.reader.poll_fill(cx, &self.socket) {
                Poll::Ready(Ok(Filled::Some)) => self.session.client.outbox().cork(),
                Poll::Ready(Ok(Filled::Eof)) => return Err(End::Eof),
                Poll::Ready(Err(error)) => return Err(End::Read(error)),
                Poll::Pending => return Ok(()),
            }
        }
    }

    /// Any message shows that the client lives.
    fn heard(&mut self, heard: bool) {
        if heard && let Some(keepalive) = &mut self.session.keepalive {
            keepalive.received(Instant::now());
        }
    }

    /// Reads nothing for now, but notices when the client goes.
    fn suspend(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        self.suspended = true;
        self.reader.disturbed();
        self.reader.settle();
        self.session.client.outbox().uncork();
        // What has been sent may have made room; then there is nothing to wait for.
        self.session.work_off_backlog();
        if self.session.takes_input() {
            cx.waker().wake_by_ref();
            return Ok(());
        }
        match self.socket.poll_hangup(cx) {
            Poll::Ready(()) => Err(End::Eof),
            Poll::Pending => Ok(()),
        }
    }

    fn poll_clock(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        loop {
            let unfinished = if self.suspended { None } else { self.reader.unfinished() };
            let now = Instant::now();
            if self.suspended
                && let Some(keepalive) = &mut self.session.keepalive
            {
                // What the client may have answered is not read.
                keepalive.received(now);
            }
            let Some(due) = self.clock.check(now, &mut self.session, unfinished)? else {
                self.sleep = None;
                return Ok(());
            };
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
            // A timer that fires too early is set anew then; that is cheaper than to move it with each message.
            if sleep.deadline() > due || sleep.is_elapsed() {
                sleep.as_mut().reset(due);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return Ok(());
            }
            sleep.as_mut().reset(due.max(now + Duration::from_millis(1)));
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Here and not at the end of `run`, because the runtime may drop the task before that.
        self.session.client.closed();
    }
}
