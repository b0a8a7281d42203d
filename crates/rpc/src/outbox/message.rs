//! One message on its way out.

use std::{
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;

/// A message, of which some may have been sent.
#[derive(Debug)]
pub(crate) struct Message {
    bytes: Vec<u8>,
    fds: Vec<OwnedFd>,
    /// Bytes sent.
    sent: usize,
    /// Descriptors sent.
    fds_sent: usize,
    pub(super) purpose: Purpose,
}

/// What a message is for.
#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    /// The reply to a call.
    Reply,
    /// The reply after which the connection is closed.
    LastReply,
    /// An event.
    Event,
    /// A keepalive message.
    Keepalive,
    /// Stream data; the memory goes back to the stream.
    Chunk(Arc<ChunkReturn>),
    /// Anything else about a stream.
    Stream,
}

impl PartialEq for Purpose {
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Purpose {
    pub(super) const fn is_reply(&self) -> bool {
        matches!(self, Self::Reply | Self::LastReply)
    }
}

/// Where a stream waits until its data has been sent.
#[derive(Debug, Default)]
pub(crate) struct ChunkReturn {
    memory: Mutex<Option<Vec<u8>>>,
    sent: Notify,
}

impl ChunkReturn {
    /// Waits until the data is sent and returns the memory it was in.
    pub(crate) async fn sent(&self) -> Vec<u8> {
        loop {
            if let Some(memory) = self.memory.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return memory;
            }
            self.sent.notified().await;
        }
    }
}

impl Message {
    pub(crate) const fn new(bytes: Vec<u8>, purpose: Purpose) -> Self {
        Self { bytes, fds: Vec::new(), sent: 0, fds_sent: 0, purpose }
    }

    pub(crate) const fn with_fds(bytes: Vec<u8>, fds: Vec<OwnedFd>, purpose: Purpose) -> Self {
        Self { bytes, fds, sent: 0, fds_sent: 0, purpose }
    }

    /// Unsent bytes, those that carry descriptors included.
    pub(super) const fn len(&self) -> usize {
        self.bytes.len() + self.fds.len() - self.sent - self.fds_sent
    }

    pub(super) const fn is_sent(&self) -> bool {
        self.len() == 0
    }

    /// Unsent bytes of the message proper.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    pub(super) const fn has_fds(&self) -> bool {
        !self.fds.is_empty()
    }

    /// The descriptor that is to be sent next, once the message proper is out.
    pub(super) fn next_fd(&self) -> Option<&OwnedFd> {
        if self.sent == self.bytes.len() { self.fds.get(self.fds_sent) } else { None }
    }

    /// Records that up to `count` bytes of this message were sent; returns how many belong to the next.
    pub(super) fn advance(&mut self, count: usize) -> usize {
        let bytes = count.min(self.bytes.len() - self.sent);
        self.sent += bytes;
        // Bytes are counted for descriptors only when one was sent, by itself.
        if bytes == 0 && count > 0 && self.fds_sent < self.fds.len() {
            self.fds_sent += 1;
            return count - 1;
        }
        count - bytes
    }

    /// The message is out.
    pub(super) fn finish(self) {
        if let Purpose::Chunk(back) = self.purpose {
            *back.memory.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.bytes);
            back.sent.notify_one();
        }
    }
}
