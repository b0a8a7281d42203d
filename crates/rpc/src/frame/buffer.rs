//! The memory that a connection reads into.
//!
//! A connection that waits for its next message holds none: reads go to a buffer that the thread lends, and only
//! what is left over, a message begun, is kept. For a long message the memory grows with the bytes that have
//! arrived, never with the length that the client claims.

use std::{cell::Cell, mem, ops::Range, sync::Arc};

use crate::limits::{Budget, Charge};

/// Size of the buffer that threads lend, in bytes.
const LENT: usize = 65536;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

#[derive(Debug)]
pub(super) struct Buffer {
    /// Initialised memory of which `start..end` holds received bytes.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    budget: Arc<Budget>,
    charge: Option<Charge>,
}

/// A part of a buffer that has left its connection.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: Vec<u8>,
    range: Range<usize>,
    _charge: Option<Charge>,
}

impl Held {
    pub(crate) fn copy_of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), range: 0..bytes.len(), _charge: None }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[self.range.clone()]
    }
}

impl Buffer {
    pub(super) fn new(budget: Arc<Budget>) -> Self {
        Self { bytes: Vec::new(), start: 0, end: 0, budget, charge: None }
    }

    /// What has been received and not consumed.
    pub(super) fn filled(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Memory to read into, if the message at the start takes `needed` bytes; `None` if the budget is used up.
    pub(super) fn space(&mut self, needed: usize) -> Option<&mut [u8]> {
        let filled = self.end - self.start;
        if self.bytes.len() < LENT && filled < LENT {
            self.borrow_scratch();
        } else if self.start > 0 && self.bytes.len() - self.start < needed.max(filled + 1) {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, filled);
        }
        if self.end == self.bytes.len() {
            let size = needed.min(filled * 4 + LENT).max(filled + 1);
            self.charge = Some(self.budget.charge(size)?);
            self.bytes.reserve_exact(size - self.bytes.len());
            self.bytes.resize(size, 0);
        }
        Some(&mut self.bytes[self.end..])
    }

    fn borrow_scratch(&mut self) {
        let mut lent = SCRATCH.take();
        if lent.len() != LENT {
            lent = vec![0; LENT];
        }
        let filled = self.end - self.start;
        lent[..filled].copy_from_slice(self.filled());
        (self.start, self.end) = (0, filled);
        self.bytes = lent;
        self.charge = None;
    }

    /// Records that `count` bytes were read.
    pub(super) fn fill(&mut self, count: usize) {
        self.end += count;
    }

    /// Takes `count` received bytes off the front.
    pub(super) fn consume(&mut self, count: usize) -> &[u8] {
        let start = self.start;
        self.start += count;
        &self.bytes[start..self.start]
    }

    /// Gives the memory away with a part of it, if the message of `count` bytes is all it holds and it is no lent one.
    pub(super) fn take_whole(&mut self, count: usize, part: Range<usize>) -> Option<Held> {
        if self.end - self.start != count || self.bytes.len() <= LENT {
            return None;
        }
        let range = self.start + part.start..self.start + part.end;
        (self.start, self.end) = (0, 0);
        Some(Held { bytes: mem::take(&mut self.bytes), range, _charge: self.charge.take() })
    }

    /// Returns lent memory, keeping what is left over in as little as it takes.
    pub(super) fn settle(&mut self) {
        let left = self.end - self.start;
        if self.bytes.len() < LENT || (left > LENT / 2 && self.bytes.len() != LENT) {
            return;
        }
        let kept = self.filled().to_vec();
        let bytes = mem::replace(&mut self.bytes, kept);
        (self.start, self.end) = (0, left);
        self.charge = None;
        if bytes.len() == LENT {
            SCRATCH.set(bytes);
        }
    }
}
