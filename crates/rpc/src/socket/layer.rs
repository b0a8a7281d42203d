//! What may lie between the messages and a socket of the network: encryption.

use std::{
    fmt,
    io::{self, IoSlice},
    os::fd::{AsFd, BorrowedFd},
};

use rustix::net::{RecvFlags, SendFlags, recv, send};

/// Encrypts and decrypts a connection's bytes. Nothing here waits.
pub(crate) trait Layer: fmt::Debug + Send {
    /// Reads and decrypts; 0 bytes are the end. `None`: nothing is there now, the socket having said so last.
    fn receive(&mut self, raw: &mut Raw<'_>, buffer: &mut [u8]) -> io::Result<Option<usize>>;

    /// Encrypts and writes. `Some` number of bytes once all that they became has gone to the socket; `None` if the
    /// socket is full, whereupon the caller comes again with the same bytes.
    fn send(&mut self, raw: &mut Raw<'_>, parts: &[IoSlice<'_>]) -> io::Result<Option<usize>>;

    /// Says goodbye if the socket takes it.
    fn end(&mut self, raw: &mut Raw<'_>);
}

/// The socket below a layer.
#[derive(Debug)]
pub(crate) struct Raw<'a>(BorrowedFd<'a>);

impl<'a> Raw<'a> {
    pub(crate) fn of(socket: &'a impl AsFd) -> Self {
        Self(socket.as_fd())
    }
}

impl io::Read for Raw<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (received, _) = recv(self.0, buffer, RecvFlags::DONTWAIT)?;
        Ok(received)
    }
}

impl io::Write for Raw<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(send(self.0, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
