//! Which function answers which call.
//!
//! A driver registers its handlers with a [`Router`]; the type of the call is that of the handler's argument. The
//! routes of all drivers are merged and given to the [`Server`](crate::Server).

use std::{fmt, future::Future, os::fd::OwnedFd, pin::Pin, sync::Arc};

use protocol::{Call, CallInfo, Error, Header, MessageType, Status};
use tracing::Instrument;
use xdr::Xdr;

use crate::{Client, Context, StreamIo, frame};

/// Longest text in an error reply, in bytes.
const ERROR_TEXT_MAX: usize = 4096;

/// A call as it arrived.
pub(crate) struct Incoming<'a> {
    pub client: &'a Client,
    pub header: Header,
    pub payload: &'a [u8],
    pub fds: Vec<OwnedFd>,
}

/// The encoded answer to a call, and what comes with it.
pub(crate) struct Answer {
    pub bytes: Vec<u8>,
    pub fds: Vec<OwnedFd>,
    pub stream: Option<StreamIo>,
}

/// A handler at work.
pub(crate) type Running = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

/// A handler that has its driver.
pub(crate) type Route = Box<dyn Fn(Incoming<'_>) -> Result<Running, Error> + Send + Sync>;

/// A handler that waits for its driver.
type Unbound<D> = Box<dyn FnOnce(Arc<D>) -> Route + Send>;

/// What a handler's result consists of: the reply, descriptors, and a stream.
type Parts<R> = (R, Vec<OwnedFd>, Option<StreamIo>);

/// Collects the handlers of a driver whose state is `D`.
pub struct Router<D> {
    handlers: Vec<(&'static CallInfo, Unbound<D>)>,
}

/// Handlers of any number of drivers.
#[derive(Default)]
pub struct Routes {
    handlers: Vec<(&'static CallInfo, Route)>,
}

impl<D: Send + Sync + 'static> Router<D> {
    /// A router without handlers.
    #[must_use]
    pub const fn new() -> Self {
        Self { handlers: Vec::new() }
    }

    /// Registers the handler of a call.
    ///
    /// A handler that does not wait for anything is run by the task that reads the client's calls; once it waits it
    /// continues in a task of its own. It is never cancelled, not even when the client disconnects.
    ///
    /// # Panics
    /// The call has a handler already.
    pub fn on<C, F, Fut>(&mut self, handler: F) -> &mut Self
    where
        C: Call,
        F: Fn(Context<D>, C) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<C::Reply, Error>> + Send + 'static,
    {
        self.add(handler, |reply| (reply, Vec::new(), None))
    }

    /// Registers the handler of a call that opens a stream.
    ///
    /// # Panics
    /// The call has a handler already.
    pub fn on_stream<C, F, Fut>(&mut self, handler: F) -> &mut Self
    where
        C: Call,
        F: Fn(Context<D>, C) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(C::Reply, StreamIo), Error>> + Send + 'static,
    {
        self.add(handler, |(reply, stream)| (reply, Vec::new(), Some(stream)))
    }

    /// Registers the handler of a call whose reply carries descriptors, at most 32.
    ///
    /// # Panics
    /// The call has a handler already.
    pub fn on_fds<C, F, Fut>(&mut self, handler: F) -> &mut Self
    where
        C: Call,
        F: Fn(Context<D>, C) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(C::Reply, Vec<OwnedFd>), Error>> + Send + 'static,
    {
        self.add(handler, |(reply, fds)| (reply, fds, None))
    }

    fn add<C, F, Fut, R>(&mut self, handler: F, split: fn(R) -> Parts<C::Reply>) -> &mut Self
    where
        C: Call,
        F: Fn(Context<D>, C) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, Error>> + Send + 'static,
        R: Send + 'static,
    {
        assert_new(self.handlers.iter().map(|(info, _)| *info), C::INFO);
        let unbound: Unbound<D> = Box::new(move |driver| {
            Box::new(move |incoming| {
                let (call, client) = (decode::<C>(&incoming)?, incoming.client.clone());
                let fds = if C::INFO.fds_in { incoming.fds } else { Vec::new() };
                let header = incoming.header;
                let span = tracing::debug_span!(
                    "rpc",
                    call = C::INFO.name,
                    client = client.id(),
                    serial = header.serial
                );
                let work = handler(Context { driver: Arc::clone(&driver), client, fds }, call);
                let answer = async move {
                    let (reply, fds, stream) = split(work.await?);
                    encode(&header, &reply, fds, stream)
                };
                Ok(if span.is_disabled() { Box::pin(answer) } else { Box::pin(answer.instrument(span)) })
            })
        });
        self.handlers.push((C::INFO, unbound));
        self
    }

    /// The calls that have a handler.
    pub fn calls(&self) -> impl Iterator<Item = &'static CallInfo> + '_ {
        self.handlers.iter().map(|(info, _)| *info)
    }

    /// Gives the handlers their driver.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "the routes are what keeps the driver from now on")]
    pub fn finish(self, driver: Arc<D>) -> Routes {
        let bind = |(info, unbound): (_, Unbound<D>)| (info, unbound(Arc::clone(&driver)));
        Routes { handlers: self.handlers.into_iter().map(bind).collect() }
    }
}

impl<D: Send + Sync + 'static> Default for Router<D> {
    fn default() -> Self {
        Self::new()
    }
}

impl<D> fmt::Debug for Router<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.handlers.iter().map(|(info, _)| info.name)).finish()
    }
}

impl Routes {
    /// Adds the handlers of another driver.
    ///
    /// # Panics
    /// A call has a handler in both.
    pub fn merge(&mut self, other: Self) -> &mut Self {
        for (info, route) in other.handlers {
            assert_new(self.handlers.iter().map(|(info, _)| *info), info);
            self.handlers.push((info, route));
        }
        self
    }

    /// The calls that have a handler.
    pub fn calls(&self) -> impl Iterator<Item = &'static CallInfo> + '_ {
        self.handlers.iter().map(|(info, _)| *info)
    }

    pub(crate) fn into_handlers(self) -> Vec<(&'static CallInfo, Route)> {
        self.handlers
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.calls().map(|info| info.name)).finish()
    }
}

fn assert_new(mut calls: impl Iterator<Item = &'static CallInfo>, new: &CallInfo) {
    let number = |info: &CallInfo| (info.program, info.procedure);
    assert!(calls.all(|known| number(known) != number(new)), "{} has two handlers", new.name);
}

/// Decodes the arguments, and refuses what a read-only client must not do.
pub(crate) fn decode<C: Call>(incoming: &Incoming<'_>) -> Result<C, Error> {
    let call: C = xdr::from_bytes(incoming.payload).map_err(|error| {
        tracing::debug!(client = incoming.client.id(), call = C::INFO.name, %error, "arguments");
        Error::undecodable()
    })?;
    if incoming.client.is_read_only() && call.denied_read_only() {
        return Err(C::INFO.read_only_refusal());
    }
    Ok(call)
}

/// Encodes the reply to the call with this header.
pub(crate) fn encode<R: Xdr>(
    header: &Header,
    reply: &R,
    fds: Vec<OwnedFd>,
    stream: Option<StreamIo>,
) -> Result<Answer, Error> {
    let unable = || Error::rpc("Unable to encode message payload");
    let mut header = header.reply(Status::OK);
    let mut bytes;
    if fds.is_empty() {
        bytes = frame::begin(&header, R::MIN_SIZE);
    } else {
        header.kind = MessageType::REPLY_WITH_FDS;
        bytes = frame::begin(&header, R::MIN_SIZE + 4);
        let count = u32::try_from(fds.len()).ok().filter(|count| *count <= protocol::header::FDS_MAX);
        count.ok_or_else(unable)?.encode(&mut bytes).map_err(|_| unable())?;
    }
    reply.encode(&mut bytes).map_err(|error| {
        tracing::error!(procedure = header.procedure, %error, "reply exceeds the protocol's limits");
        unable()
    })?;
    Ok(Answer { bytes: frame::seal(bytes).ok_or_else(unable)?, fds, stream })
}

/// Encodes an error as the reply to the call with this header.
pub(crate) fn encode_error(header: &Header, error: &Error) -> Vec<u8> {
    let mut body = error.to_wire();
    for text in [&mut body.message, &mut body.str1, &mut body.str2, &mut body.str3].into_iter().flatten() {
        if text.len() > ERROR_TEXT_MAX {
            let end = (0..=ERROR_TEXT_MAX).rev().find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or(0));
        }
    }
    frame::message(&header.reply(Status::ERROR), &body).unwrap_or_default()
}
