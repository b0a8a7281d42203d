//! A client that speaks the protocol byte by byte, and may lie.

use std::{
    io::{ErrorKind, IoSlice, Read, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::Path,
    time::Duration,
};

use protocol::{
    Call, Error, Header, MessageType, Status, calls,
    error::ErrorBody,
    header::{KEEPALIVE, VERSION},
};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags,
};
use xdr::Xdr;

/// No answer takes longer than this, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Raw {
    pub(crate) socket: UnixStream,
    serial: u32,
}

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) header: Header,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// The outcome of a call.
    pub(crate) fn reply<R: Xdr>(&self) -> Result<R, Error> {
        match self.header.status {
            Status::OK => Ok(xdr::from_bytes(&self.body).unwrap()),
            _ => Err(self.error()),
        }
    }

    pub(crate) fn error(&self) -> Error {
        assert_eq!(self.header.status, Status::ERROR, "{self:?}");
        Error::from_wire(xdr::from_bytes::<ErrorBody>(&self.body).unwrap())
    }
}

/// The header of a call.
pub(crate) fn call_header(program: u32, procedure: i32, serial: u32) -> Header {
    let kind = MessageType::CALL;
    Header { program, version: VERSION, procedure, kind, serial, status: Status::OK }
}

/// The bytes of a message with a correct length word.
pub(crate) fn frame(header: &Header, payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(28 + payload.len()).unwrap().to_be_bytes().to_vec();
    header.encode(&mut bytes).unwrap();
    bytes.extend_from_slice(payload);
    bytes
}

impl Raw {
    pub(crate) fn connect(path: &Path) -> Self {
        let socket = UnixStream::connect(path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { socket, serial: 0 }
    }

    /// Connects and opens.
    pub(crate) fn open(path: &Path) -> Self {
        let mut raw = Self::connect(path);
        raw.call(&calls::AuthList {}).unwrap();
        raw.call(&open_call(0)).unwrap();
        raw
    }

    pub(crate) fn next_serial(&mut self) -> u32 {
        self.serial += 1;
        self.serial
    }

    /// Sends a call and returns its serial.
    pub(crate) fn send<C: Call>(&mut self, call: &C) -> u32 {
        let serial = self.next_serial();
        let header = call_header(C::INFO.program, C::INFO.procedure, serial);
        self.write(&frame(&header, &xdr::to_bytes(call).unwrap()));
        serial
    }

    /// Sends a call and waits for its reply, which must be the next message.
    pub(crate) fn call<C: Call>(&mut self, call: &C) -> Result<C::Reply, Error> {
        let serial = self.send(call);
        let reply = self.receive();
        assert_eq!(reply.header.serial, serial, "{reply:?}");
        assert_eq!(reply.header.procedure, C::INFO.procedure);
        assert_eq!(reply.header.program, C::INFO.program);
        assert_eq!(reply.header.kind, MessageType::REPLY);
        reply.reply()
    }

    /// Sends a call with arbitrary header and payload, and waits for the reply.
    pub(crate) fn call_raw(&mut self, program: u32, procedure: i32, payload: &[u8]) -> Message {
        let serial = self.next_serial();
        self.exchange(&call_header(program, procedure, serial), payload)
    }

    /// Sends a message and returns the next one that is no event; it must have the same serial and procedure.
    pub(crate) fn exchange(&mut self, header: &Header, payload: &[u8]) -> Message {
        self.write(&frame(header, payload));
        let mut reply = self.receive();
        while reply.header.kind == MessageType::MESSAGE {
            reply = self.receive();
        }
        assert_eq!(reply.header.serial, header.serial, "{reply:?}");
        assert_eq!(reply.header.procedure, header.procedure);
        assert_eq!((reply.header.program, reply.header.version), (header.program, header.version));
        reply
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).unwrap();
    }

    pub(crate) fn write_fd(&mut self, fd: BorrowedFd<'_>) {
        self.write_fds(&[fd]);
    }

    /// One byte with several descriptors.
    pub(crate) fn write_fds(&mut self, fds: &[BorrowedFd<'_>]) {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(64))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        assert!(control.push(SendAncillaryMessage::ScmRights(fds)));
        let parts = [IoSlice::new(&[0])];
        rustix::net::sendmsg(self.socket.as_fd(), &parts, &mut control, SendFlags::empty()).unwrap();
    }

    /// As libvirt's client does it: a descriptor comes with exactly one byte.
    pub(crate) fn read_fd(&mut self) -> OwnedFd {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [1];
        let mut parts = [std::io::IoSliceMut::new(&mut byte)];
        let flags = RecvFlags::CMSG_CLOEXEC;
        rustix::net::recvmsg(self.socket.as_fd(), &mut parts, &mut control, flags).unwrap();
        assert_eq!(byte, [0]);
        let mut fds = control.drain().flat_map(|item| match item {
            RecvAncillaryMessage::ScmRights(fds) => fds.collect::<Vec<_>>(),
            _ => Vec::new(),
        });
        fds.next().expect("the byte comes with a descriptor")
    }

    pub(crate) fn receive(&mut self) -> Message {
        self.try_receive().expect("a message instead of the end")
    }

    /// The next message, `None` at the end of the connection.
    pub(crate) fn try_receive(&mut self) -> Option<Message> {
        let mut word = [0; 4];
        match self.socket.read_exact(&mut word) {
            Ok(()) => {}
            Err(error) if is_end(&error) => return None,
            Err(error) => panic!("{error}"),
        }
        let length = u32::from_be_bytes(word) as usize;
        assert!((28..=4 + 33_554_432).contains(&length), "length {length}");
        let mut message = vec![0; length - 4];
        self.socket.read_exact(&mut message).unwrap();
        let header = xdr::from_bytes(&message).unwrap();
        Some(Message { header, body: message.split_off(24) })
    }

    /// The server must close without sending anything.
    pub(crate) fn expect_end(&mut self) {
        if let Some(message) = self.try_receive() {
            panic!("{message:?} instead of the end");
        }
    }

    pub(crate) fn ping(&mut self) {
        self.write(&frame(&keepalive_header(1), &[]));
    }

    /// Whatever was sent before must not have been answered: the answer to a ping comes first.
    pub(crate) fn expect_silence(&mut self) {
        self.ping();
        let message = self.receive();
        assert_eq!(message.header, keepalive_header(2), "{message:?}");
        assert!(message.body.is_empty());
    }

    /// The next message of the stream opened by call `C` with this serial.
    pub(crate) fn receive_stream<C: Call>(&mut self, serial: u32) -> (Status, Vec<u8>) {
        let message = self.receive();
        assert_eq!(message.header, stream_header::<C>(serial, message.header.status), "{message:?}");
        (message.header.status, message.body)
    }

    pub(crate) fn send_stream<C: Call>(&mut self, serial: u32, status: Status, data: &[u8]) {
        self.write(&frame(&stream_header::<C>(serial, status), data));
    }
}

fn is_end(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

pub(crate) fn stream_header<C: Call>(serial: u32, status: Status) -> Header {
    call_header(C::INFO.program, C::INFO.procedure, serial).stream(status)
}

pub(crate) fn keepalive_header(procedure: i32) -> Header {
    Header { kind: MessageType::MESSAGE, ..call_header(KEEPALIVE, procedure, 0) }
}

pub(crate) fn open_call(flags: u32) -> calls::ConnectOpen {
    calls::ConnectOpen { name: Some("lxc:///system".to_owned()), flags }
}
