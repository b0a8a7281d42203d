//! The task that moves a stream's data between the client and the endpoints.

use std::{
    io::{self, ErrorKind},
    sync::Arc,
};

use protocol::{Error, ErrorDomain, STREAM_CHUNK, Status};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use xdr::Xdr;

use super::{Packet, Stream, StreamIo};
use crate::{
    Client,
    frame::{self, PREFIX},
    outbox::{ChunkReturn, Message, Purpose},
};

type Reader = Option<Box<dyn AsyncRead + Send + Unpin>>;
type Writer = Option<Box<dyn AsyncWrite + Send + Unpin>>;

/// Smallest piece of memory to read into, in bytes.
const READ_MIN: usize = 4096;

/// Runs a stream to its end and tells the client about it.
pub(super) async fn run(client: Client, stream: Arc<Stream>, io: StreamIo) {
    let StreamIo { reader, writer } = io;
    let outcome = tokio::select! {
        biased;
        () = stream.aborted.notified() => Ok(()),
        outcome = from_client(&client, &stream, writer) => outcome,
        error = to_client(&client, &stream, reader) => Err(error),
    };
    client.streams().remove(&stream);
    client.outbox().wake();
    match outcome {
        Ok(()) => send(&client, &stream, Status::OK, &()),
        Err(error) => {
            tracing::debug!(client = client.id(), serial = stream.header.serial, %error, "stream failed");
            send(&client, &stream, Status::ERROR, &error.to_wire());
        }
    }
}

fn send<B: Xdr>(client: &Client, stream: &Stream, status: Status, body: &B) {
    if let Some(bytes) = frame::message(&stream.header.stream(status), body) {
        client.outbox().push(Message::new(bytes, Purpose::Stream));
    }
}

/// Writes what the client sends until it finishes.
async fn from_client(client: &Client, stream: &Stream, mut writer: Writer) -> Result<(), Error> {
    loop {
        let packet = stream.next().await;
        match &packet {
            Packet::Data(data) => {
                let Some(writer) = &mut writer else {
                    return Err(Error::internal(ErrorDomain::STREAMS, "stream is not writable"));
                };
                let written = writer.write_all(data.as_slice()).await;
                written.map_err(|error| failure(&error, "cannot write to stream"))?;
            }
            Packet::Finish => {
                let Some(writer) = &mut writer else { return Ok(()) };
                return writer.shutdown().await.or_else(|error| {
                    let gone = is_hangup(&error);
                    if gone { Ok(()) } else { Err(failure(&error, "cannot close stream")) }
                });
            }
            Packet::Odd(status) => {
                let detail = format!("stream aborted with unexpected status {}", status.0);
                return Err(Error { domain: ErrorDomain::STREAMS, ..Error::rpc(&detail) });
            }
        }
        if stream.written(packet.cost(), &client.streams().full) {
            client.outbox().wake();
        }
    }
}

/// Sends what the source yields, one piece at a time: the next is read when the last has gone to the socket.
/// Returns only on error; after the end of the data it waits for the client to finish.
async fn to_client(client: &Client, stream: &Stream, reader: Reader) -> Error {
    let Some(mut reader) = reader else { return std::future::pending().await };
    let header = stream.header.stream(Status::CONTINUE);
    let back = Arc::new(ChunkReturn::default());
    let mut memory = Vec::new();
    let mut size = READ_MIN;
    loop {
        if memory.capacity() > PREFIX + size * 4 {
            memory = Vec::new();
        }
        memory.clear();
        memory.reserve_exact(PREFIX + size);
        frame::begin_in(&mut memory, &header);
        let limit = u64::try_from(size).unwrap_or(u64::MAX);
        match (&mut reader).take(limit).read_buf(&mut memory).await {
            Ok(0) => break,
            Ok(count) if count == size => size = (size * 4).min(STREAM_CHUNK),
            Ok(count) if count < size / 8 => size = (size / 4).max(READ_MIN),
            Ok(_) => {}
            Err(error) if is_hangup(&error) => break,
            Err(error) => return failure(&error, "cannot read from stream"),
        }
        let Some(bytes) = frame::seal(memory) else {
            return Error::internal(ErrorDomain::STREAMS, "stream data exceeds a message");
        };
        client.outbox().push(Message::new(bytes, Purpose::Chunk(Arc::clone(&back))));
        memory = back.sent().await;
    }
    drop(reader);
    send(client, stream, Status::CONTINUE, &());
    std::future::pending().await
}

/// Whether the other end of a socket or pipe has gone. For the client that is the end of the data.
fn is_hangup(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let hangup = [Errno::PIPE, Errno::CONNRESET, Errno::NOTCONN];
    error.raw_os_error().is_some_and(|errno| hangup.iter().any(|known| known.raw_os_error() == errno))
}

fn failure(error: &io::Error, what: &str) -> Error {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return error.clone();
    }
    let errno = error.raw_os_error().unwrap_or_else(|| match error.kind() {
        ErrorKind::BrokenPipe | ErrorKind::WriteZero => rustix::io::Errno::PIPE.raw_os_error(),
        _ => rustix::io::Errno::IO.raw_os_error(),
    });
    Error::system(ErrorDomain::STREAMS, errno, what)
}
