//! Sources and sinks of stream data whose content can be checked.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use protocol::{Error, ErrorDomain};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
};

/// Length of the pattern: a prime, so that misplaced pieces are noticed.
const PERIOD: u64 = 251;

/// `count` bytes of the pattern from `position` on.
pub(crate) fn pattern(position: u64, count: usize) -> Vec<u8> {
    let skip = usize::try_from(position % PERIOD).unwrap();
    let period: Vec<u8> = (0..=250).collect();
    let mut bytes = period.repeat((skip + count).div_ceil(period.len()));
    bytes.truncate(skip + count);
    bytes.split_off(skip)
}

pub(crate) struct PatternReader {
    position: u64,
    length: u64,
    fails: bool,
}

impl PatternReader {
    pub(crate) fn new(length: u64, fails: bool) -> Self {
        Self { position: 0, length, fails }
    }
}

impl AsyncRead for PatternReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.fails && self.position == self.length {
            return Poll::Ready(Err(io::Error::from_raw_os_error(5)));
        }
        let count = usize::try_from(self.length - self.position).unwrap().min(buf.remaining());
        let start = self.position;
        buf.put_slice(&pattern(start, count));
        self.position += count as u64;
        Poll::Ready(Ok(()))
    }
}

pub(crate) struct PatternWriter {
    position: u64,
    length: u64,
    done: mpsc::UnboundedSender<u64>,
}

impl PatternWriter {
    pub(crate) fn new(length: u64, done: mpsc::UnboundedSender<u64>) -> Self {
        Self { position: 0, length, done }
    }
}

impl AsyncWrite for PatternWriter {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let start = self.position;
        let count = usize::try_from(self.length - start).unwrap().min(data.len());
        if count == 0 && !data.is_empty() {
            return Poll::Ready(Err(io::Error::from_raw_os_error(28)));
        }
        assert!(data[..count] == pattern(start, count), "wrong data");
        self.position += count as u64;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.done.send(self.position).unwrap();
        Poll::Ready(Ok(()))
    }
}

/// Takes everything and cannot be closed.
pub(crate) struct FailingWriter;

impl AsyncWrite for FailingWriter {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let error = Error::operation_failed(ErrorDomain::STORAGE, "volume is broken");
        Poll::Ready(Err(io::Error::other(error)))
    }
}
