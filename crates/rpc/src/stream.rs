//! Streams: bytes that follow a call, in either direction, until one side is done.

mod pump;

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use protocol::{Error, ErrorDomain, Header, MessageType, Status};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::UnixStream,
    sync::Notify,
    task::AbortHandle,
};

use crate::{Client, frame::Held};

/// Bytes of a stream that may wait to be written before the connection stops reading.
const WINDOW: usize = 256 << 10;
/// What a waiting packet costs besides its data, in bytes.
const PACKET_COST: usize = 64;

/// The endpoints of a stream on the server's side.
///
/// `reader` yields what the client receives. Its end, or the end of whatever it is connected to, is reported to
/// the client as the end of the data. `writer` takes what the client sends; when the client finishes, it is shut
/// down, and an error of that is reported as the outcome of the stream. Both are dropped when the stream ends, be it
/// because the client aborts it or disconnects. An [`std::io::Error`] that wraps a [`protocol::Error`] reaches
/// the client as the latter.
pub struct StreamIo {
    /// Source of the data for the client.
    pub reader: Option<Box<dyn AsyncRead + Send + Unpin>>,
    /// Sink for the data from the client.
    pub writer: Option<Box<dyn AsyncWrite + Send + Unpin>>,
}

impl StreamIo {
    /// Both directions of a socket.
    #[must_use]
    pub fn from_socket(socket: UnixStream) -> Self {
        let (reader, writer) = socket.into_split();
        Self { reader: Some(Box::new(reader)), writer: Some(Box::new(writer)) }
    }

    /// Data for the client only.
    #[must_use]
    pub fn from_reader(reader: impl AsyncRead + Send + Unpin + 'static) -> Self {
        Self { reader: Some(Box::new(reader)), writer: None }
    }

    /// Data from the client only.
    #[must_use]
    pub fn from_writer(writer: impl AsyncWrite + Send + Unpin + 'static) -> Self {
        Self { reader: None, writer: Some(Box::new(writer)) }
    }
}

impl fmt::Debug for StreamIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamIo")
            .field("reader", &self.reader.is_some())
            .field("writer", &self.writer.is_some())
            .finish()
    }
}

/// The open streams of a client.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    table: Mutex<Table>,
    /// Streams whose window is used up.
    full: AtomicUsize,
}

#[derive(Debug, Default)]
struct Table {
    open: Vec<Arc<Stream>>,
    /// The client has gone.
    closed: bool,
}

/// One open stream.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The header of the call that opened it.
    header: Header,
    inbound: Mutex<Inbound>,
    /// Told when a packet arrives.
    arrived: Notify,
    /// Told when the client aborts.
    aborted: Notify,
    task: OnceLock<AbortHandle>,
}

#[derive(Debug, Default)]
struct Inbound {
    packets: VecDeque<Packet>,
    /// Cost of what waits to be written.
    waiting: usize,
    /// Whether the stream counts in [`Streams::full`].
    full: bool,
    ended: bool,
}

#[derive(Debug)]
enum Packet {
    Data(Held),
    Finish,
    /// A status that has no meaning.
    Odd(Status),
}

/// The client sent a hole on a stream that cannot have any. There is no way to tell what its data means.
#[derive(Debug)]
pub(crate) struct UnexpectedHole;

impl Streams {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn len(&self) -> usize {
        self.table().open.len()
    }

    /// Whether the connection may go on reading.
    pub(crate) fn take_more(&self) -> bool {
        self.full.load(Ordering::Acquire) == 0
    }

    /// Enters the stream of a call. It is known from now on and comes to life with [`Stream::start`].
    pub(crate) fn open(&self, header: Header) -> Result<Arc<Stream>, Error> {
        let stream = Arc::new(Stream {
            header,
            inbound: Mutex::default(),
            arrived: Notify::new(),
            aborted: Notify::new(),
            task: OnceLock::new(),
        });
        let mut table = self.table();
        if table.closed {
            return Err(Error::internal(ErrorDomain::STREAMS, "the client has disconnected"));
        }
        if table.open.iter().any(|open| open.belongs(&header)) {
            return Err(Error::rpc(&format!("stream with serial {} is already open", header.serial)));
        }
        table.open.push(Arc::clone(&stream));
        Ok(stream)
    }

    /// Hands a packet from the client to its stream; a packet for no stream is dropped.
    pub(crate) fn deliver(
        &self,
        header: &Header,
        payload: impl FnOnce() -> Held,
    ) -> Result<(), UnexpectedHole> {
        let Some(stream) = self.table().open.iter().find(|stream| stream.belongs(header)).cloned() else {
            return Ok(());
        };
        if header.kind == MessageType::STREAM_HOLE {
            return Err(UnexpectedHole);
        }
        match header.status {
            Status::CONTINUE => {
                let data = payload();
                if !data.as_slice().is_empty() {
                    stream.enqueue(Packet::Data(data), &self.full);
                }
            }
            Status::OK => stream.enqueue(Packet::Finish, &self.full),
            Status::ERROR => stream.aborted.notify_one(),
            odd => stream.enqueue(Packet::Odd(odd), &self.full),
        }
        Ok(())
    }

    fn remove(&self, stream: &Arc<Stream>) {
        self.table().open.retain(|open| !Arc::ptr_eq(open, stream));
        stream.inbound().ended = true;
        stream.written(usize::MAX, &self.full);
    }

    /// Drops all streams with their endpoints.
    pub(crate) fn abort_all(&self) {
        let mut table = self.table();
        table.closed = true;
        let streams = std::mem::take(&mut table.open);
        drop(table);
        for stream in streams {
            stream.inbound().ended = true;
            if let Some(task) = stream.task.get() {
                task.abort();
            }
        }
    }
}

impl Stream {
    fn inbound(&self) -> MutexGuard<'_, Inbound> {
        self.inbound.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn belongs(&self, header: &Header) -> bool {
        self.header.serial == header.serial
            && self.header.procedure == header.procedure
            && self.header.program == header.program
            && self.header.version == header.version
    }

    /// Starts moving data. The reply to the call must have been sent or queued.
    pub(crate) fn start(self: &Arc<Self>, client: &Client, io: StreamIo) {
        let task = tokio::spawn(pump::run(client.clone(), Arc::clone(self), io));
        let _ = self.task.set(task.abort_handle());
        if self.inbound().ended {
            // The client has gone, perhaps before there was a task that could be told.
            task.abort();
        }
    }

    fn enqueue(&self, packet: Packet, full: &AtomicUsize) {
        let mut inbound = self.inbound();
        if inbound.ended {
            return;
        }
        inbound.waiting += packet.cost();
        if inbound.waiting > WINDOW && !std::mem::replace(&mut inbound.full, true) {
            full.fetch_add(1, Ordering::AcqRel);
        }
        inbound.packets.push_back(packet);
        drop(inbound);
        self.arrived.notify_one();
    }

    /// Waits for the next packet.
    async fn next(&self) -> Packet {
        loop {
            if let Some(packet) = self.inbound().packets.pop_front() {
                return packet;
            }
            self.arrived.notified().await;
        }
    }

    /// Makes room in the window; returns whether the connection may have waited for it.
    fn written(&self, cost: usize, full: &AtomicUsize) -> bool {
        let mut inbound = self.inbound();
        inbound.waiting = inbound.waiting.saturating_sub(cost);
        let freed = inbound.full && inbound.waiting <= WINDOW;
        if freed {
            inbound.full = false;
            full.fetch_sub(1, Ordering::AcqRel);
        }
        freed
    }
}

impl Packet {
    fn cost(&self) -> usize {
        PACKET_COST
            + match self {
                Self::Data(data) => data.as_slice().len(),
                Self::Finish | Self::Odd(_) => 0,
            }
    }
}
