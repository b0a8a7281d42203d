//! A `SOCK_SEQPACKET` socket of JSON documents and descriptors, as tokio sees it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;

use runtime::control::PACKET_MAX;
use serde::{Serialize, de::DeserializeOwned};
use tokio::io::Interest;
use tokio::net::UnixStream;

/// The daemon's end. tokio has no type for packet sockets; of its stream type only the readiness is used.
#[derive(Debug)]
pub(crate) struct Packets(UnixStream);

impl Packets {
    /// Takes over a connected socket.
    pub(crate) fn new(socket: OwnedFd) -> io::Result<Self> {
        let socket = StdUnixStream::from(socket);
        socket.set_nonblocking(true)?;
        Ok(Self(UnixStream::from_std(socket)?))
    }

    /// Sends one document, waiting while the socket is full.
    pub(crate) async fn send<T: Serialize + Sync>(
        &self,
        message: &T,
        fds: &[BorrowedFd<'_>],
    ) -> io::Result<()> {
        let data = serde_json::to_vec(message)?;
        self.0.async_io(Interest::WRITABLE, || Ok(kernel::fdpass::send(self.0.as_fd(), &data, fds)?)).await?;
        Ok(())
    }

    /// Receives one document with its descriptors; `None` when the peer has closed.
    pub(crate) async fn recv<T: DeserializeOwned>(&self) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
        let received = self
            .0
            .async_io(Interest::READABLE, || Ok(kernel::fdpass::recv(self.0.as_fd(), PACKET_MAX)?))
            .await?;
        if received.data.is_empty() {
            return Ok(None);
        }
        Ok(Some((serde_json::from_slice(&received.data)?, received.fds)))
    }
}
