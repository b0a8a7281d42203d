//! Cutting the byte stream of a client into messages, and putting messages together.
//!
//! A message is a length word, a header, a payload, and, if its type says so, descriptors, each of which comes
//! with one byte of its own after the message. Those bytes belong to no message.

mod buffer;

use std::{
    io,
    os::fd::OwnedFd,
    sync::Arc,
    task::{Context, Poll},
};

use protocol::{
    HEADER_LEN, Header, MESSAGE_MAX, MessageType,
    header::{FDS_MAX, LENGTH_LEN},
};
use thiserror::Error;
use xdr::Xdr;

use self::buffer::Buffer;
pub(crate) use self::buffer::Held;
use crate::{
    limits::{self, Budget, Charge},
    socket::Socket,
};

/// Bytes before the payload.
pub(crate) const PREFIX: usize = LENGTH_LEN + HEADER_LEN;

/// One received message.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub header: Header,
    pub payload: Payload<'a>,
    pub fds: Vec<OwnedFd>,
    /// What the descriptors take of the budget of all clients.
    pub charge: Option<Charge>,
}

/// The payload of a message, without the count of descriptors.
#[derive(Debug)]
pub(crate) enum Payload<'a> {
    /// Still in the connection's buffer.
    Borrowed(&'a [u8]),
    /// Large stream data, taken over together with the buffer it was read into.
    Owned(Held),
}

impl Payload<'_> {
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Owned(held) => held.as_slice(),
        }
    }

    pub(crate) fn into_held(self) -> Held {
        match self {
            Self::Borrowed(bytes) => Held::copy_of(bytes),
            Self::Owned(held) => held,
        }
    }
}

/// Why a connection cannot go on. There is no answer to any of these: the stream has lost its framing, or the
/// client asks for more than its share.
#[derive(Debug, Error)]
pub(crate) enum Violation {
    /// The length word is outside of what is allowed.
    #[error("message length {0} is out of range")]
    Length(u32),
    /// More descriptors are announced than a message may carry.
    #[error("message with {0} descriptors")]
    FdCount(u32),
    /// The byte for a descriptor came without one, or with several.
    #[error("descriptor missing or surplus")]
    Fds,
    /// All clients together would hold too many bytes or descriptors of unfinished messages.
    #[error("what all clients may hold in unfinished messages is used up")]
    Budget,
}

/// Descriptors of a message, and what they take of the budget.
type Claimed = (Vec<OwnedFd>, Option<Charge>);

/// What reading from the socket came to.
#[derive(Debug)]
pub(crate) enum Filled {
    /// Bytes arrived.
    Some,
    /// The peer closed its end.
    Eof,
}

/// Cuts a client's byte stream into messages.
#[derive(Debug)]
pub(crate) struct FrameReader {
    buffer: Buffer,
    /// Position in the whole stream of the first byte in the buffer.
    origin: u64,
    /// Descriptors not yet claimed by a message, and the positions of the bytes they came with.
    fds: Vec<(u64, OwnedFd, Charge)>,
    fd_budget: Arc<Budget>,
    /// Greatest length word accepted.
    limit: usize,
    /// Bytes that the message at the start of the buffer takes, as far as is known.
    needed: usize,
    /// What has been found wrong while reading.
    violation: Option<Violation>,
    /// Ask the socket before waiting for the kernel's word: it may hold bytes about which there will be none.
    direct: bool,
}

impl FrameReader {
    /// A reader that accepts messages up to `limit` bytes, length word included.
    pub(crate) fn new(limit: usize, budgets: limits::Budgets) -> Self {
        let buffer = Buffer::new(budgets.bytes);
        Self {
            buffer,
            origin: 0,
            fds: Vec::new(),
            fd_budget: budgets.fds,
            limit,
            needed: LENGTH_LEN,
            violation: None,
            direct: true,
        }
    }

    /// Accepts messages up to the protocol's limit from now on.
    pub(crate) fn accept_long(&mut self) {
        self.limit = LENGTH_LEN + MESSAGE_MAX;
    }

    /// Bytes of the unfinished message at hand, `None` if there is none.
    pub(crate) fn unfinished(&self) -> Option<Unfinished> {
        let received = self.buffer.filled().len();
        (received > 0 && received < self.needed).then_some(Unfinished {
            position: self.origin,
            length: if received < PREFIX { None } else { Some(self.needed) },
        })
    }

    /// Somebody else has waited for the socket to become readable.
    pub(crate) fn disturbed(&mut self) {
        self.direct = true;
    }

    /// Reads from the socket.
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>, socket: &Socket) -> Poll<io::Result<Filled>> {
        let Some(space) = self.buffer.space(self.needed) else {
            self.violation = Some(Violation::Budget);
            return Poll::Ready(Ok(Filled::Some));
        };
        let at_once = if self.direct { socket.receive(&mut *space)? } else { None };
        self.direct = at_once.is_some();
        let received = match at_once {
            Some(received) => received,
            None => match socket.poll_receive(cx, space) {
                Poll::Ready(received) => received?,
                Poll::Pending => {
                    self.buffer.settle();
                    return Poll::Pending;
                }
            },
        };
        self.buffer.fill(received.bytes);
        if received.bytes == 0 {
            return Poll::Ready(Ok(Filled::Eof));
        }
        let last = self.origin + self.buffer.filled().len() as u64 - 1;
        if received.crowded || self.fds.len() > 2 * FDS_MAX as usize {
            self.violation = Some(Violation::Fds);
        }
        for fd in received.fds {
            match self.fd_budget.charge(1) {
                Some(charge) => self.fds.push((last, fd, charge)),
                None => self.violation = Some(Violation::Budget),
            }
        }
        Poll::Ready(Ok(Filled::Some))
    }

    /// Lets go of memory that is not needed until the next bytes arrive.
    pub(crate) fn settle(&mut self) {
        self.buffer.settle();
    }

    /// The next complete message, `None` if more bytes are needed.
    pub(crate) fn next(&mut self) -> Result<Option<Frame<'_>>, Violation> {
        if let Some(violation) = self.violation.take() {
            return Err(violation);
        }
        let Some(shape) = self.shape()? else { return Ok(None) };
        let (fds, charge) = self.claim_fds(&shape)?;
        self.needed = LENGTH_LEN;
        self.origin += shape.total as u64;
        let (start, end) = (shape.payload_start, shape.length);
        let payload = if shape.header.kind == MessageType::STREAM {
            match self.buffer.take_whole(shape.total, start..end) {
                Some(held) => Payload::Owned(held),
                None => Payload::Borrowed(&self.buffer.consume(shape.total)[start..end]),
            }
        } else {
            Payload::Borrowed(&self.buffer.consume(shape.total)[start..end])
        };
        Ok(Some(Frame { header: shape.header, payload, fds, charge }))
    }

    /// Finds out how long the first message in the buffer is, `None` unless all of it is there.
    fn shape(&mut self) -> Result<Option<Shape>, Violation> {
        let received = self.buffer.filled();
        let Some((word, rest)) = received.split_first_chunk() else { return Ok(None) };
        let word = u32::from_be_bytes(*word);
        let length = word as usize;
        if length < PREFIX || length > self.limit {
            return Err(Violation::Length(word));
        }
        self.needed = length;
        let Ok(header) = xdr::from_bytes::<Header>(rest) else { return Ok(None) };
        let mut shape = Shape { header, length, total: length, payload_start: PREFIX };
        if matches!(header.kind, MessageType::CALL_WITH_FDS | MessageType::REPLY_WITH_FDS) {
            if length < PREFIX + 4 {
                return Err(Violation::Length(word));
            }
            let Ok(count) = xdr::from_bytes::<u32>(&rest[HEADER_LEN..]) else { return Ok(None) };
            if count > FDS_MAX {
                return Err(Violation::FdCount(count));
            }
            shape.total += count as usize;
            shape.payload_start += 4;
            self.needed = shape.total;
        }
        Ok((received.len() >= shape.total).then_some(shape))
    }

    /// Takes the descriptors of the first message; descriptors that came with its other bytes are closed.
    fn claim_fds(&mut self, shape: &Shape) -> Result<Claimed, Violation> {
        let (first, end) = (self.origin + shape.length as u64, self.origin + shape.total as u64);
        if self.fds.is_empty() {
            return if shape.length == shape.total { Ok((Vec::new(), None)) } else { Err(Violation::Fds) };
        }
        let mut claimed = Vec::with_capacity(shape.total - shape.length);
        let mut sum: Option<Charge> = None;
        let mut later = Vec::new();
        for (position, fd, charge) in std::mem::take(&mut self.fds) {
            if position >= end {
                later.push((position, fd, charge));
            } else if position >= first {
                if position != first + claimed.len() as u64 {
                    return Err(Violation::Fds);
                }
                claimed.push(fd);
                match &mut sum {
                    Some(sum) => sum.absorb(charge),
                    None => sum = Some(charge),
                }
            }
        }
        self.fds = later;
        if claimed.len() == shape.total - shape.length { Ok((claimed, sum)) } else { Err(Violation::Fds) }
    }
}

/// A message of which only a part has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfinished {
    /// Where in the stream it starts.
    pub position: u64,
    /// The length of the whole message, once its header is there.
    pub length: Option<usize>,
}

#[derive(Debug)]
struct Shape {
    header: Header,
    /// Bytes of the message, length word included.
    length: usize,
    /// The same with the bytes that carry descriptors.
    total: usize,
    payload_start: usize,
}

/// Starts a message: the length word, to be completed by [`seal`], and the header.
pub(crate) fn begin(header: &Header, capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PREFIX + capacity);
    begin_in(&mut bytes, header);
    bytes
}

/// As [`begin`], in memory that is there already and empty.
pub(crate) fn begin_in(bytes: &mut Vec<u8>, header: &Header) {
    bytes.extend_from_slice(&[0; LENGTH_LEN]);
    header.encode(bytes).expect("a header has no bounds to exceed");
}

/// Fills in the length word; `None` if the message is too long to be sent.
pub(crate) fn seal(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    if bytes.len() > LENGTH_LEN + MESSAGE_MAX {
        return None;
    }
    let length = u32::try_from(bytes.len()).ok()?;
    bytes[..LENGTH_LEN].copy_from_slice(&length.to_be_bytes());
    Some(bytes)
}

/// A whole message around a body that cannot exceed any bound but the length.
pub(crate) fn message<B: Xdr>(header: &Header, body: &B) -> Option<Vec<u8>> {
    let mut bytes = begin(header, B::MIN_SIZE);
    body.encode(&mut bytes).ok()?;
    seal(bytes)
}
