//! Output that nobody has read yet, bounded.

use std::collections::VecDeque;

/// A queue of bytes that forgets its oldest when it is full. Takes no memory while it is empty.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    bytes: VecDeque<u8>,
}

impl Ring {
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes in it.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Appends `data`, and keeps the last `limit` bytes of all.
    pub(crate) fn push(&mut self, data: &[u8], limit: usize) {
        let data = &data[data.len().saturating_sub(limit)..];
        let excess = (self.bytes.len() + data.len()).saturating_sub(limit);
        self.bytes.drain(..excess);
        self.reserve(data.len(), limit);
        self.bytes.extend(data);
    }

    /// Grows by doubling as usual, but never beyond the limit.
    fn reserve(&mut self, more: usize, limit: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let wanted = (self.bytes.capacity() * 2).clamp(needed, limit.max(needed));
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
    }

    /// The oldest bytes, as many as lie together.
    pub(crate) fn front(&self) -> &[u8] {
        self.bytes.as_slices().0
    }

    /// All of it, oldest first.
    pub(crate) fn content(&self) -> Vec<u8> {
        let (front, back) = self.bytes.as_slices();
        [front, back].concat()
    }

    /// Forgets the oldest `count` bytes, and the memory with the last of them.
    pub(crate) fn consume(&mut self, count: usize) {
        self.bytes.drain(..count.min(self.bytes.len()));
        if self.bytes.is_empty() {
            self.bytes = VecDeque::new();
        }
    }

    /// Forgets the oldest beyond `limit` bytes, and gives memory back.
    pub(crate) fn shrink(&mut self, limit: usize) {
        let excess = self.bytes.len().saturating_sub(limit);
        self.bytes.drain(..excess);
        self.bytes.shrink_to(limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(ring: &mut Ring) -> Vec<u8> {
        let mut all = Vec::new();
        while !ring.is_empty() {
            let front = ring.front().to_vec();
            ring.consume(front.len());
            all.extend(front);
        }
        all
    }

    #[test]
    fn keeps_the_newest() {
        let check = |pushes: &[&[u8]], limit: usize, expect: &[u8]| {
            let mut ring = Ring::default();
            pushes.iter().for_each(|data| ring.push(data, limit));
            assert_eq!(content(&mut ring), expect);
        };
        check(&[], 4, b"");
        check(&[b"ab", b"cd"], 4, b"abcd");
        check(&[b"ab", b"cde"], 4, b"bcde");
        check(&[b"abcdefgh"], 4, b"efgh");
        check(&[b"abc", b"", b"d", b"e"], 3, b"cde");
    }

    #[test]
    fn order_survives_wrapping() {
        let mut ring = Ring::default();
        let mut next = 0_u8;
        let mut expect = 0_u8;
        for _ in 0..1000 {
            let data: Vec<u8> = (0..7).map(|i| next.wrapping_add(i)).collect();
            next = next.wrapping_add(7);
            ring.push(&data, 64);
            while ring.bytes.len() > 20 {
                assert_eq!(ring.front()[0], expect);
                ring.consume(1);
                expect = expect.wrapping_add(1);
            }
        }
    }

    #[test]
    fn memory_is_bounded_and_given_back() {
        let mut ring = Ring::default();
        assert_eq!(ring.bytes.capacity(), 0);
        for _ in 0..1000 {
            ring.push(&[7; 1000], 65_536);
        }
        assert_eq!(ring.bytes.len(), 65_536);
        assert!(ring.bytes.capacity() <= 65_536 + 1000, "{}", ring.bytes.capacity());
        ring.shrink(1000);
        assert_eq!(ring.bytes.len(), 1000);
        assert!(ring.bytes.capacity() < 65_536);
        ring.consume(1000);
        assert_eq!(ring.bytes.capacity(), 0);
        ring.push(b"x", 10);
        ring.consume(100);
        assert!(ring.is_empty());
    }
}
