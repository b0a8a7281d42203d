//! Unix sockets that carry descriptors (unix(7), `SCM_RIGHTS`).

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};

use crate::{Errno, Result};

/// Most descriptors on one message, either way.
pub const FDS_MAX: usize = 32;

/// What [`recv`] got.
#[derive(Debug, Default)]
pub struct Received {
    /// The bytes; on `SOCK_SEQPACKET` one whole packet. Empty: the peer has closed.
    pub data: Vec<u8>,
    /// Descriptors that came along, close-on-exec.
    pub fds: Vec<OwnedFd>,
}

/// A connected pair of `SOCK_SEQPACKET` unix sockets.
pub fn seqpacket_pair() -> Result<(OwnedFd, OwnedFd)> {
    rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
}

/// A connected pair of `SOCK_STREAM` unix sockets.
pub fn stream_pair() -> Result<(OwnedFd, OwnedFd)> {
    rustix::net::socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)
}

/// Connects to the `SOCK_SEQPACKET` unix socket at `path`. `ENAMETOOLONG` above 107 bytes.
pub fn connect_seqpacket(path: &std::path::Path) -> Result<OwnedFd> {
    let address = rustix::net::SocketAddrUnix::new(path)?;
    let socket =
        rustix::net::socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    rustix::net::connect(&socket, &address)?;
    Ok(socket)
}

/// Sends bytes with descriptors; never raises `SIGPIPE`. Returns how many bytes went (all on `SOCK_SEQPACKET`).
///
/// `EPIPE` when the peer has closed, `EAGAIN` when a nonblocking socket is full, `E2BIG` above [`FDS_MAX`].
pub fn send(socket: BorrowedFd<'_>, data: &[u8], fds: &[BorrowedFd<'_>]) -> Result<usize> {
    if fds.len() > FDS_MAX {
        return Err(Errno::TOOBIG);
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FDS_MAX))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(Errno::TOOBIG);
    }
    let iov = [IoSlice::new(data)];
    loop {
        match rustix::net::sendmsg(socket, &iov, &mut control, SendFlags::NOSIGNAL) {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

/// Receives up to `max` bytes with the descriptors that came along.
///
/// `EMSGSIZE` when the packet is longer than `max` or brought more than [`FDS_MAX`] descriptors (those that
/// came are closed); `EAGAIN` when a nonblocking socket has nothing.
pub fn recv(socket: BorrowedFd<'_>, max: usize) -> Result<Received> {
    let mut data = vec![0; max];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FDS_MAX))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut iov = [IoSliceMut::new(&mut data)];
    let message = loop {
        match rustix::net::recvmsg(socket, &mut iov, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Err(Errno::INTR) => {}
            other => break other?,
        }
    };
    let mut fds = Vec::new();
    for ancillary in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = ancillary {
            fds.extend(rights);
        }
    }
    if message.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
        return Err(Errno::MSGSIZE);
    }
    data.truncate(message.bytes);
    Ok(Received { data, fds })
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn packet_with_descriptors() {
        let (a, b) = seqpacket_pair().unwrap();
        let (r, w) = crate::fd::pipe().unwrap();
        assert_eq!(send(a.as_fd(), b"hi", &[w.as_fd()]).unwrap(), 2);
        drop(w);
        let got = recv(b.as_fd(), 100).unwrap();
        assert_eq!(got.data, b"hi");
        assert_eq!(got.fds.len(), 1);
        assert!(rustix::io::fcntl_getfd(&got.fds[0]).unwrap().contains(rustix::io::FdFlags::CLOEXEC));
        rustix::io::write(&got.fds[0], b"x").unwrap();
        let mut byte = [0; 1];
        assert_eq!(rustix::io::read(&r, &mut byte).unwrap(), 1);
        drop(a);
        assert!(recv(b.as_fd(), 100).unwrap().data.is_empty());
        assert_eq!(send(b.as_fd(), b"x", &[]), Err(Errno::PIPE));
    }

    #[test]
    fn too_long_a_packet_is_refused() {
        let (a, b) = seqpacket_pair().unwrap();
        send(a.as_fd(), b"0123456789", &[]).unwrap();
        assert_eq!(recv(b.as_fd(), 9).unwrap_err(), Errno::MSGSIZE);
    }
}
