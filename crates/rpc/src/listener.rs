//! Listening sockets, and what all clients that come by one have in common.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use rustix::net::sockopt::{
    set_socket_keepalive, set_tcp_keepcnt, set_tcp_keepidle, set_tcp_keepintvl, set_tcp_nodelay,
};
use tokio::net::{TcpListener, TcpStream, UnixListener};

use crate::{Access, Auth, Identity, Tls, identity::Process, socket::Stream};

/// How a client's bytes reach the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// By a UNIX socket: from a process of this machine.
    Unix,
    /// By TCP, readable by whoever is in between unless SASL protects it.
    Tcp,
    /// By TLS.
    Tls,
}

/// A socket on which clients arrive.
#[derive(Debug)]
pub struct Listener {
    socket: Listening,
    door: Arc<Door>,
}

#[derive(Debug)]
enum Listening {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// What all clients that come by one socket have in common.
#[derive(Debug)]
pub(crate) struct Door {
    pub access: Access,
    pub auth: Auth,
    pub transport: Transport,
    pub tls: Option<Arc<Tls>>,
}

impl Listener {
    /// A UNIX socket whose clients may do what `access` says, once they have authenticated.
    #[must_use]
    pub fn unix(socket: UnixListener, access: Access, auth: Auth) -> Self {
        let door = Door { access, auth, transport: Transport::Unix, tls: None };
        Self { socket: Listening::Unix(socket), door: Arc::new(door) }
    }

    /// A TCP socket, without encryption but what SASL brings.
    #[must_use]
    pub fn tcp(socket: TcpListener, auth: Auth) -> Self {
        let door = Door { access: Access::ReadWrite, auth, transport: Transport::Tcp, tls: None };
        Self { socket: Listening::Tcp(socket), door: Arc::new(door) }
    }

    /// A TCP socket whose clients speak TLS.
    #[must_use]
    pub fn tls(socket: TcpListener, tls: Arc<Tls>, auth: Auth) -> Self {
        let door = Door { access: Access::ReadWrite, auth, transport: Transport::Tls, tls: Some(tls) };
        Self { socket: Listening::Tcp(socket), door: Arc::new(door) }
    }

    pub(crate) fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// Sets how many clients may wait in the kernel. A second listen(2) only changes the number.
    pub(crate) fn set_backlog(&self, waiting: i32) -> io::Result<()> {
        match &self.socket {
            Listening::Unix(socket) => rustix::net::listen(socket, waiting)?,
            Listening::Tcp(socket) => rustix::net::listen(socket, waiting)?,
        }
        Ok(())
    }

    /// The next client.
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        match &self.socket {
            Listening::Unix(socket) => socket.accept().await.map(|(stream, _)| Stream::Unix(stream)),
            Listening::Tcp(socket) => {
                let (stream, _) = socket.accept().await?;
                // Replies are small and awaited; a peer that lost its power is noticed.
                let prepared = set_tcp_nodelay(&stream, true).and_then(|()| watch(&stream));
                prepared.map_err(|_| io::Error::from(io::ErrorKind::ConnectionAborted))?;
                Ok(Stream::Tcp(stream))
            }
        }
    }
}

/// Has the kernel find out within a minute that a silent peer is gone (tcp(7)). What it does not acknowledge has its
/// own deadline.
fn watch(stream: &TcpStream) -> rustix::io::Result<()> {
    set_socket_keepalive(stream, true)?;
    set_tcp_keepidle(stream, Duration::from_secs(30))?;
    set_tcp_keepintvl(stream, Duration::from_secs(10))?;
    set_tcp_keepcnt(stream, 3)
}

impl Door {
    /// Whether clients are let in without a word.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.auth, Auth::None)
    }
}

/// Whose share of the places a client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// A user of this machine.
    User(u32),
    /// A machine; of an IPv6 address the first half, which one machine may fill as it likes.
    Machine(IpAddr),
}

impl Owner {
    pub(crate) const ROOT: Self = Self::User(0);

    pub(crate) fn of(identity: &Identity) -> Self {
        match (&identity.process, &identity.address) {
            (Some(Process { uid, .. }), _) => Self::User(*uid),
            (None, Some(address)) => Self::Machine(match address.ip().to_canonical() {
                IpAddr::V6(ip) => {
                    let half = u128::from(ip) >> 64 << 64;
                    IpAddr::V6(half.into())
                }
                v4 @ IpAddr::V4(_) => v4,
            }),
            (None, None) => Self::User(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Owner;
    use crate::Identity;

    #[test]
    fn an_ipv6_network_is_one_machine() {
        let owner = |text: &str| Owner::of(&Identity::of_address(text.parse().unwrap()));
        assert_eq!(owner("[2001:db8::1]:1"), owner("[2001:db8::ffff:2]:9"));
        assert_ne!(owner("[2001:db8::1]:1"), owner("[2001:db8:0:1::1]:1"));
        assert_eq!(owner("[::ffff:10.0.0.1]:1"), owner("10.0.0.1:9"));
        assert_ne!(owner("10.0.0.1:1"), owner("10.0.0.2:1"));
    }
}
