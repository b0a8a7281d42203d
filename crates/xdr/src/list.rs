//! Lists with a bound.

use std::ops::{Deref, DerefMut};

use crate::{Layout, Reader, Result, Xdr, bytes::wire_length};

/// A list of at most `MAX` elements.
///
/// The bound is checked when the list is encoded, because a client refuses the whole reply otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T, const MAX: u32>(pub Vec<T>);

impl<T: Xdr, const MAX: u32> Xdr for List<T, MAX> {
    const MIN_SIZE: usize = 4;
    const LAYOUT: &'static Layout = &Layout::Array(T::LAYOUT, MAX);

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        wire_length(self.0.len(), MAX)?.encode(out)?;
        self.0.iter().try_for_each(|element| element.encode(out))
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self> {
        let count = r.count(MAX, T::MIN_SIZE)?;
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(T::decode(r)?);
        }
        Ok(Self(elements))
    }
}

impl<T, const MAX: u32> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: u32> Deref for List<T, MAX> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T, const MAX: u32> DerefMut for List<T, MAX> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T, const MAX: u32> From<Vec<T>> for List<T, MAX> {
    fn from(elements: Vec<T>) -> Self {
        Self(elements)
    }
}

impl<T, const MAX: u32> FromIterator<T> for List<T, MAX> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl<T, const MAX: u32> IntoIterator for List<T, MAX> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T, const MAX: u32> IntoIterator for &'a List<T, MAX> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, from_bytes, to_bytes};

    #[test]
    fn lists_are_counted() {
        let bytes = [0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
        assert_eq!(to_bytes(&List::<u32, 2>(vec![1, 2])).as_deref(), Ok(&bytes[..]));
        assert_eq!(from_bytes(&bytes), Ok(List::<u32, 2>(vec![1, 2])));
    }

    #[test]
    fn claimed_counts_are_not_believed() {
        let claims_two = [0, 0, 0, 2, 0, 0, 0, 1];
        assert_eq!(
            from_bytes::<List<u32, 2>>(&claims_two),
            Err(Error::Truncated { needed: 8, remaining: 4 })
        );
        assert_eq!(from_bytes::<List<u32, 1>>(&claims_two), Err(Error::TooLong { length: 2, max: 1 }));
        let claims_all = [0xff; 8];
        assert!(matches!(
            from_bytes::<List<String, { u32::MAX }>>(&claims_all),
            Err(Error::Truncated { .. })
        ));
        assert!(
            from_bytes::<List<(), { u32::MAX }>>(&claims_all).is_err(),
            "not even of elements without bytes"
        );
    }

    #[test]
    fn bounds_hold_when_encoding() {
        assert_eq!(to_bytes(&List::<u32, 1>(vec![1, 2])), Err(Error::TooLong { length: 2, max: 1 }));
    }
}
