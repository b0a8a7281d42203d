//! One call while its handler works on it.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use protocol::{CallInfo, Error, ErrorDomain, Header};

use crate::{
    Client,
    limits::Holding,
    outbox::{Message, Purpose},
    router::{self, Answer, Incoming, Route, Running},
};

/// A call in progress. As a future it ends when the reply is queued.
pub(crate) struct RunningCall {
    client: Client,
    header: Header,
    info: &'static CallInfo,
    /// `None` once it has ended.
    work: Option<Running>,
    holds_events: bool,
    /// The call runs in a task of its own and is counted as such.
    detached: bool,
    /// Bytes of its arguments.
    size: usize,
    /// Kept until the reply is queued.
    _holding: Holding,
}

impl RunningCall {
    /// Calls the handler. What it says at once is the reply; otherwise a task is started that waits for it.
    pub(crate) fn start(
        client: &Client,
        info: &'static CallInfo,
        route: &Route,
        holds_events: bool,
        incoming: Incoming<'_>,
        holding: Holding,
    ) {
        let (header, size) = (incoming.header, incoming.payload.len());
        if holds_events {
            client.outbox().hold();
        }
        let mut call = Self {
            client: client.clone(),
            header,
            info,
            work: None,
            holds_events,
            detached: false,
            size,
            _holding: holding,
        };
        match catch_unwind(AssertUnwindSafe(|| route(incoming))) {
            Ok(Ok(work)) => call.work = Some(work),
            Ok(Err(error)) => return call.finish(Err(error)),
            Err(panic) => return call.finish(Err(panicked(info, panic.as_ref()))),
        }
        call.run();
    }

    /// As [`RunningCall::start`], for work that is under way.
    pub(crate) fn resume(client: &Client, info: &'static CallInfo, header: Header, work: Running) {
        let client = client.clone();
        let call = Self {
            client,
            header,
            info,
            work: Some(work),
            holds_events: false,
            detached: false,
            size: 0,
            _holding: Holding::default(),
        };
        call.run();
    }

    fn run(mut self) {
        // Nobody needs to be woken: a call that is not done is polled once more by its task, right away.
        if Pin::new(&mut self).poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            self.detached = true;
            self.client.call_started(self.info.priority_high, self.size);
            tokio::spawn(self);
        }
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answer, Error>> {
        let Some(work) = &mut self.work else { return Poll::Pending };
        let outcome = match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(polled) => ready!(polled),
            Err(panic) => Err(panicked(self.info, panic.as_ref())),
        };
        Poll::Ready(outcome)
    }

    /// Sends the reply.
    fn finish(&mut self, outcome: Result<Answer, Error>) {
        let answer = outcome.and_then(|answer| match answer.stream {
            Some(io) => {
                let stream = self.client.streams().open(self.header)?;
                Ok((answer.bytes, answer.fds, Some((stream, io))))
            }
            None => Ok((answer.bytes, answer.fds, None)),
        });
        match answer {
            Ok((bytes, fds, stream)) => {
                self.client.outbox().push(Message::with_fds(bytes, fds, Purpose::Reply));
                if let Some((stream, io)) = stream {
                    stream.start(&self.client, io);
                }
            }
            Err(error) => {
                tracing::debug!(
                    client = self.client.id(), call = self.info.name, serial = self.header.serial, %error, "failed"
                );
                let bytes = router::encode_error(&self.header, &error);
                self.client.outbox().push(Message::new(bytes, Purpose::Reply));
            }
        }
        if self.holds_events {
            self.client.outbox().release();
        }
        if self.detached {
            self.client.call_ended(self.info.priority_high, self.size);
        }
    }
}

impl Future for RunningCall {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let outcome = ready!(self.poll_work(cx));
        let work = self.work.take();
        if catch_unwind(AssertUnwindSafe(|| drop(work))).is_err() {
            tracing::error!(call = self.info.name, "panic while a call was cleaned up");
        }
        self.finish(outcome);
        Poll::Ready(())
    }
}

fn panicked(info: &CallInfo, panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text");
    tracing::error!(call = info.name, panic = text, "a handler panicked");
    Error::internal(ErrorDomain::RPC, &format!("the handler of {} failed unexpectedly", info.name))
}
