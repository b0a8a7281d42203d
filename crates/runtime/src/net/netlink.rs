//! A synchronous route netlink socket (rtnetlink(7)).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use kernel::Errno;
use netlink_packet_core::{ErrorMessage, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::LinkAttribute;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

use super::message::{self, Request};

/// Larger than any answer to what we ask, bytes.
const ANSWER_MAX: usize = 32 * 1024;

/// An open socket. It stays in the network namespace it was opened in.
#[derive(Debug)]
pub(super) struct Netlink {
    socket: OwnedFd,
    sequence: u32,
}

impl Netlink {
    pub(super) fn open() -> kernel::Result<Self> {
        // Protocol 0 is NETLINK_ROUTE.
        let flags = SocketFlags::CLOEXEC;
        let socket = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
        // Connected to the kernel: nobody else's packets are received.
        rustix::net::connect(&socket, &SocketAddrNetlink::new(0, 0))?;
        Ok(Self { socket, sequence: 0 })
    }

    /// Any socket of the namespace, for ioctls by name.
    pub(super) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Sends the requests in one packet and waits until all are answered; the first error counts.
    pub(super) fn request(&mut self, requests: Vec<Request>) -> kernel::Result<()> {
        let first = self.sequence.wrapping_add(1);
        let mut packet = Vec::new();
        for request in requests {
            self.sequence = self.sequence.wrapping_add(1);
            request.emit(self.sequence, &mut packet);
        }
        rustix::net::send(&self.socket, &packet, SendFlags::empty())?;
        let mut expected = first;
        let mut outcome = Ok(());
        while expected != self.sequence.wrapping_add(1) {
            self.receive(|number, payload| {
                if let NetlinkPayload::Error(answer) = payload
                    && number == expected
                {
                    expected = expected.wrapping_add(1);
                    outcome = outcome.and_then(|()| result(&answer));
                }
            })?;
        }
        outcome
    }

    /// Alias of a link.
    pub(super) fn alias(&mut self, index: u32) -> kernel::Result<Option<String>> {
        self.sequence = self.sequence.wrapping_add(1);
        let sequence = self.sequence;
        let mut packet = Vec::new();
        message::show(index).emit(sequence, &mut packet);
        rustix::net::send(&self.socket, &packet, SendFlags::empty())?;
        let mut found = None;
        while found.is_none() {
            self.receive(|number, payload| match payload {
                _ if number != sequence => {}
                NetlinkPayload::Error(answer) => {
                    found = Some(result(&answer).map(|()| None));
                }
                NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewLink(link)) => {
                    found = Some(Ok(link.attributes.into_iter().find_map(|attribute| match attribute {
                        LinkAttribute::IfAlias(alias) => Some(alias),
                        _ => None,
                    })));
                }
                _ => {}
            })?;
        }
        found.unwrap_or(Ok(None))
    }

    /// Asks for all there is of something, and shows each answer.
    pub(super) fn dump(
        &mut self,
        request: Request,
        mut show: impl FnMut(RouteNetlinkMessage),
    ) -> kernel::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let sequence = self.sequence;
        let mut packet = Vec::new();
        request.emit(sequence, &mut packet);
        rustix::net::send(&self.socket, &packet, SendFlags::empty())?;
        let mut done = None;
        while done.is_none() {
            self.receive(|number, payload| match payload {
                _ if number != sequence => {}
                NetlinkPayload::Done(_) => done = Some(Ok(())),
                NetlinkPayload::Error(answer) => done = Some(result(&answer)),
                NetlinkPayload::InnerMessage(message) => show(message),
                _ => {}
            })?;
        }
        done.unwrap_or(Ok(()))
    }

    /// Receives one packet and shows each message in it, with its sequence number.
    fn receive(&self, mut show: impl FnMut(u32, NetlinkPayload<RouteNetlinkMessage>)) -> kernel::Result<()> {
        let mut buffer = vec![0; ANSWER_MAX];
        let length = loop {
            match rustix::net::recv(&self.socket, &mut buffer, RecvFlags::empty()) {
                Err(Errno::INTR) => {}
                other => break other?.0,
            }
        };
        let mut rest = buffer.get(..length).ok_or(Errno::MSGSIZE)?;
        while !rest.is_empty() {
            let message =
                NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest).map_err(|_| Errno::BADMSG)?;
            // Messages are padded to four bytes.
            let length =
                usize::try_from(message.header.length).map_err(|_| Errno::BADMSG)?.next_multiple_of(4);
            if length == 0 {
                return Err(Errno::BADMSG);
            }
            show(message.header.sequence_number, message.payload);
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(())
    }
}

/// An acknowledgement is an error message with code 0; others are negative.
fn result(answer: &ErrorMessage) -> kernel::Result<()> {
    answer.code.map_or(Ok(()), |code| Err(Errno::from_raw_os_error(code.get().wrapping_neg())))
}
