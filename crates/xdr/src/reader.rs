//! Reading a received message.

use crate::{Error, Result};

/// A position in a received message body.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts reading at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Number of bytes not yet read.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The bytes not yet read.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Takes `N` bytes.
    ///
    /// # Errors
    /// Fewer than `N` bytes are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((head, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(Error::Truncated { needed: N, remaining: self.rest.len() });
        };
        self.rest = rest;
        Ok(*head)
    }

    /// Takes `length` bytes and the zero to three bytes that pad them to a multiple of four.
    ///
    /// # Errors
    /// The bytes or their padding are not all there.
    pub fn padded(&mut self, length: usize) -> Result<&'a [u8]> {
        let truncated = Error::Truncated { needed: length, remaining: self.rest.len() };
        let Some(whole) = length.checked_next_multiple_of(4) else { return Err(truncated) };
        let Some((head, rest)) = self.rest.split_at_checked(whole) else { return Err(truncated) };
        self.rest = rest;
        Ok(&head[..length])
    }

    /// Reads a count of at most `max` items that take at least `min_size` bytes each.
    ///
    /// # Errors
    /// The count exceeds `max`, or the input is too short for that many items.
    pub fn count(&mut self, max: u32, min_size: usize) -> Result<usize> {
        let claimed = u32::from_be_bytes(self.array()?);
        let length = usize::try_from(claimed).unwrap_or(usize::MAX);
        if claimed > max {
            return Err(Error::TooLong { length, max: usize::try_from(max).unwrap_or(usize::MAX) });
        }
        let needed = length.saturating_mul(min_size.max(1));
        if needed > self.rest.len() {
            return Err(Error::Truncated { needed, remaining: self.rest.len() });
        }
        Ok(length)
    }
}
