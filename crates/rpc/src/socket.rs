//! The system calls of a client connection: non-blocking reads and writes, with descriptors on UNIX sockets, and
//! through a layer that encrypts on others.

mod layer;

use std::{
    io::{self, ErrorKind, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use rustix::{
    cmsg_space,
    event::{PollFd, PollFlags},
    io::Errno,
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
    },
};
use tokio::{
    io::Interest,
    net::{TcpStream, UnixStream},
};

pub(crate) use self::layer::{Layer, Raw};

/// A connected socket of either family.
#[derive(Debug)]
pub(crate) enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

/// A client's socket.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Stream,
    /// Only sockets of the network have one.
    layer: Option<Mutex<Option<Box<dyn Layer>>>>,
}

/// What one read brought.
#[derive(Debug)]
pub(crate) struct Received {
    /// Number of bytes; 0 is the end of the stream.
    pub bytes: usize,
    /// Descriptors that came with the last of these bytes.
    pub fds: Vec<OwnedFd>,
    /// More descriptors came with one byte than any client of the protocol sends; the kernel closed them.
    pub crowded: bool,
}

/// Descriptors for which a read has room. One is all that a peer of the protocol sends at a time.
const ROOM: usize = 4;

impl Stream {
    pub(crate) async fn ready(&self, interest: Interest) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.ready(interest).await.map(drop),
            Self::Tcp(stream) => stream.ready(interest).await.map(drop),
        }
    }

    pub(crate) fn try_io<R>(&self, interest: Interest, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        match self {
            Self::Unix(stream) => stream.try_io(interest, f),
            Self::Tcp(stream) => stream.try_io(interest, f),
        }
    }

    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Unix(stream) => stream.poll_read_ready(cx),
            Self::Tcp(stream) => stream.poll_read_ready(cx),
        }
    }

    fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Unix(stream) => stream.poll_write_ready(cx),
            Self::Tcp(stream) => stream.poll_write_ready(cx),
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Unix(stream) => stream.as_fd(),
            Self::Tcp(stream) => stream.as_fd(),
        }
    }
}

impl Socket {
    pub(crate) fn new(stream: Stream, layer: Option<Box<dyn Layer>>) -> Self {
        let layered = matches!(stream, Stream::Tcp(_));
        Self { stream, layer: layered.then(|| Mutex::new(layer)) }
    }

    /// The layer, if the socket can have one.
    fn layer(&self) -> Option<MutexGuard<'_, Option<Box<dyn Layer>>>> {
        self.layer.as_ref().map(|layer| layer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads what is there. `None`: nothing is there now.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> io::Result<Option<Received>> {
        if let Some(mut layer) = self.layer()
            && let Some(layer) = &mut *layer
        {
            let bytes = layer.receive(&mut Raw::of(&self.stream), buffer)?;
            return Ok(bytes.map(|bytes| Received { bytes, fds: Vec::new(), crowded: false }));
        }
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(ROOM))];
        loop {
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
            match recvmsg(self.stream.as_fd(), &mut [IoSliceMut::new(buffer)], &mut control, flags) {
                Ok(message) => {
                    let mut fds = Vec::new();
                    for item in control.drain() {
                        if let RecvAncillaryMessage::ScmRights(rights) = item {
                            fds.extend(rights);
                        }
                    }
                    let crowded = message.flags.contains(ReturnFlags::CTRUNC);
                    return Ok(Some(Received { bytes: message.bytes, fds, crowded }));
                }
                Err(Errno::AGAIN) => return Ok(None),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits until something can be read, and reads it.
    ///
    /// A read that did not fill the buffer and brought no descriptor has emptied the socket, so the next one waits
    /// for the kernel's word instead of asking in vain. A layer may hold bytes of which the kernel knows nothing.
    pub(crate) fn poll_receive(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Received>> {
        let layered = self.layer().is_some_and(|layer| layer.is_some());
        if layered && let Some(received) = self.receive(buffer)? {
            return Poll::Ready(Ok(received));
        }
        loop {
            ready!(self.stream.poll_read_ready(cx))?;
            let mut outcome = None;
            let result = self.stream.try_io(Interest::READABLE, || {
                let Some(received) = self.receive(buffer)? else { return Err(ErrorKind::WouldBlock.into()) };
                let emptied = !layered
                    && received.bytes != 0
                    && received.bytes < buffer.len()
                    && received.fds.is_empty();
                outcome = Some(received);
                if emptied { Err(ErrorKind::WouldBlock.into()) } else { Ok(()) }
            });
            match (outcome, result) {
                (Some(received), _) => return Poll::Ready(Ok(received)),
                (None, Err(error)) if error.kind() != ErrorKind::WouldBlock => {
                    return Poll::Ready(Err(error));
                }
                _ => {}
            }
        }
    }

    /// Waits until the peer has gone, without reading. Used while reading is suspended.
    pub(crate) fn poll_hangup(&self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if ready!(self.stream.poll_read_ready(cx)).is_err() {
                return Poll::Ready(());
            }
            let mut gone = false;
            let _ = self.stream.try_io(Interest::READABLE, || {
                gone = self.hung_up();
                Err::<(), _>(ErrorKind::WouldBlock.into())
            });
            if gone {
                return Poll::Ready(());
            }
        }
    }

    fn hung_up(&self) -> bool {
        let mut poll = [PollFd::new(&self.stream, PollFlags::RDHUP)];
        let polled = rustix::event::poll(&mut poll, Some(&rustix::event::Timespec::default()));
        polled.is_err() || poll[0].revents().intersects(PollFlags::HUP | PollFlags::RDHUP | PollFlags::ERR)
    }

    /// Writes as much as the socket takes now, with one descriptor if given. `None`: it takes nothing. Whoever got
    /// `None` has to come again with the same bytes first: a layer may have begun with them.
    pub(crate) fn send(
        &self,
        parts: &[IoSlice<'_>],
        fd: Option<BorrowedFd<'_>>,
    ) -> io::Result<Option<usize>> {
        if let Some(mut layer) = self.layer() {
            if fd.is_some() {
                return Err(ErrorKind::Unsupported.into());
            }
            if let Some(layer) = &mut *layer {
                return layer.send(&mut Raw::of(&self.stream), parts);
            }
        }
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let fds = fd.map(|fd| [fd]);
        let mut control = SendAncillaryBuffer::new(&mut space);
        if let Some(fds) = &fds {
            control.push(SendAncillaryMessage::ScmRights(fds));
        }
        loop {
            let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
            match sendmsg(self.stream.as_fd(), parts, &mut control, flags) {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(Errno::AGAIN) => return Ok(None),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Says goodbye in the layer's words, if it has any and the socket takes them.
    pub(crate) fn end(&self) {
        if let Some(mut layer) = self.layer()
            && let Some(layer) = &mut *layer
        {
            layer.end(&mut Raw::of(&self.stream));
        }
    }

    /// Waits until the socket may take bytes, then calls `write`, which returns whether the socket is full again.
    pub(crate) fn poll_write(&self, cx: &mut Context<'_>, mut write: impl FnMut() -> bool) -> Poll<()> {
        loop {
            if ready!(self.stream.poll_write_ready(cx)).is_err() {
                return Poll::Ready(());
            }
            let result = self.stream.try_io(Interest::WRITABLE, || {
                if write() { Err(ErrorKind::WouldBlock.into()) } else { Ok(()) }
            });
            if result.is_ok() {
                return Poll::Ready(());
            }
        }
    }
}
