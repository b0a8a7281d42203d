//! The header of every message, and the programs that share a connection.

use xdr::xdr;

/// Hypervisor calls and events: everything but the programs below.
pub const REMOTE: u32 = 0x2000_8086;
/// Calls that only the QEMU driver of libvirt serves.
pub const QEMU: u32 = 0x2000_8087;
/// Calls for containers.
pub const LXC: u32 = 0x0006_8000;
/// Administration of the daemon, on a socket of its own.
pub const ADMIN: u32 = 0x0690_0690;
/// Pings that detect a dead peer.
pub const KEEPALIVE: u32 = 0x6b65_6570;

/// The version of all programs.
pub const VERSION: u32 = 1;

/// Size of an encoded [`Header`] in bytes, without the length word before it.
pub const HEADER_LEN: usize = 24;
/// Size of the length word before a header; the word counts itself.
pub const LENGTH_LEN: usize = 4;
/// The longest message in bytes, header included, length word excluded.
pub const MESSAGE_MAX: usize = 33_554_432;
/// The largest piece of stream data in bytes that libvirt puts into one message.
pub const STREAM_CHUNK: usize = 262_120;
/// Most descriptors that one message may carry.
pub const FDS_MAX: u32 = 32;

xdr! {
    /// What precedes the payload of a message.
    #[derive(Copy, Eq)]
    pub struct Header {
        /// Program number, such as [`REMOTE`].
        pub program: u32,
        /// Version of the program.
        pub version: u32,
        /// Procedure number in the program.
        pub procedure: i32,
        /// What kind of message it is.
        pub kind: MessageType,
        /// Chosen by the client for each call and repeated by the reply and by the call's stream.
        pub serial: u32,
        /// Outcome of a reply, phase of a stream.
        pub status: Status,
    }
}

xdr_enum! {
    /// The kind of a message. Values that no version of the protocol knows survive decoding.
    pub struct MessageType(u32) {
        /// A call; answered by exactly one reply.
        CALL = 0,
        /// The reply to a call.
        REPLY = 1,
        /// An event or a keepalive ping; never answered by a reply.
        MESSAGE = 2,
        /// Data, finish or abort of a stream.
        STREAM = 3,
        /// A call that carries file descriptors.
        CALL_WITH_FDS = 4,
        /// A reply that carries file descriptors.
        REPLY_WITH_FDS = 5,
        /// A hole in the data of a sparse stream.
        STREAM_HOLE = 6,
    }
}

xdr_enum! {
    /// The outcome of a call or the phase of a stream.
    pub struct Status(u32) {
        /// Success; for a stream: finish.
        OK = 0,
        /// The payload is an error; for a stream from the client: abort.
        ERROR = 1,
        /// More stream data.
        CONTINUE = 2,
    }
}

xdr! {
    /// Payload of a [`MessageType::STREAM_HOLE`] message.
    #[derive(Copy, Eq)]
    pub struct StreamHole {
        /// Bytes that the hole stands for.
        pub length: i64,
        /// Always 0.
        pub flags: u32,
    }
}

impl Header {
    /// The header of the reply to the call with this header.
    #[must_use]
    pub const fn reply(self, status: Status) -> Self {
        Self { kind: MessageType::REPLY, status, ..self }
    }

    /// The header of a message of the stream that the call with this header opened.
    #[must_use]
    pub const fn stream(self, status: Status) -> Self {
        Self { kind: MessageType::STREAM, status, ..self }
    }
}
