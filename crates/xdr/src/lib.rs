//! XDR (RFC 4506) as libvirt's remote protocol uses it.
//!
//! Every item is big-endian and a multiple of four bytes long. A type that goes over the wire implements
//! [`Xdr`]; plain structs get the implementation from the [`xdr!`] macro.
//!
//! Decoding never trusts a length that the peer claims: before anything is allocated the claimed count is
//! compared with the bytes that are really there, see [`Xdr::MIN_SIZE`].

#![forbid(unsafe_code)]

mod bytes;
mod error;
mod layout;
mod list;
mod macros;
mod primitive;
mod reader;

pub use bytes::{Chars, Opaque, STRING_MAX, Vector};
pub use error::Error;
pub use layout::{Arm, Field, Layout};
pub use list::List;
pub use reader::Reader;

/// The result of encoding or decoding.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A value with an XDR encoding.
pub trait Xdr: Sized {
    /// The fewest bytes that any value of this type takes on the wire.
    ///
    /// A list of `n` elements is refused unless `n * MIN_SIZE` bytes are left in the input.
    const MIN_SIZE: usize;

    /// What the encoding consists of, for tests and generated documentation.
    const LAYOUT: &'static Layout;

    /// Appends the encoding of `self` to `out`.
    ///
    /// # Errors
    /// A string, byte string or list is longer than its type allows.
    fn encode(&self, out: &mut Vec<u8>) -> Result<()>;

    /// Reads one value.
    ///
    /// # Errors
    /// The input ends too early, a length exceeds its bound, a string is not UTF-8, or a union has an unknown
    /// discriminant.
    fn decode(r: &mut Reader<'_>) -> Result<Self>;
}

/// Encodes one value into a new buffer.
///
/// # Errors
/// As [`Xdr::encode`].
pub fn to_bytes<T: Xdr>(value: &T) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(T::MIN_SIZE);
    value.encode(&mut out)?;
    Ok(out)
}

/// Decodes one value from the start of `bytes`. Bytes left over are ignored, as libvirt ignores them.
///
/// # Errors
/// As [`Xdr::decode`].
pub fn from_bytes<T: Xdr>(bytes: &[u8]) -> Result<T> {
    T::decode(&mut Reader::new(bytes))
}
