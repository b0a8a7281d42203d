//! Text and byte strings in their four encodings.

use std::{fmt, ops::Deref};

use crate::{Error, Layout, Reader, Result, Xdr};

/// The longest string of the protocol, in bytes.
pub const STRING_MAX: u32 = 4_194_304;

/// Checks a length against its bound and returns it as it goes on the wire.
pub(crate) fn wire_length(length: usize, max: u32) -> Result<u32> {
    match u32::try_from(length) {
        Ok(wire) if wire <= max => Ok(wire),
        _ => Err(Error::TooLong { length, max: usize::try_from(max).unwrap_or(usize::MAX) }),
    }
}

fn encode_padded(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(bytes);
    let padding = bytes.len().next_multiple_of(4) - bytes.len();
    out.extend_from_slice(&[0; 3][..padding]);
}

impl Xdr for String {
    const MIN_SIZE: usize = 4;
    const LAYOUT: &'static Layout = &Layout::String(STRING_MAX);

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        wire_length(self.len(), STRING_MAX)?.encode(out)?;
        encode_padded(self.as_bytes(), out);
        Ok(())
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self> {
        let length = r.count(STRING_MAX, 1)?;
        let text = str::from_utf8(r.padded(length)?).map_err(|_| Error::NotUtf8)?;
        Ok(text.to_owned())
    }
}

/// Exactly `N` bytes, such as a UUID.
impl<const N: usize> Xdr for [u8; N] {
    const MIN_SIZE: usize = N.next_multiple_of(4);
    const LAYOUT: &'static Layout = &Layout::FixedOpaque(N);

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        encode_padded(self, out);
        Ok(())
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(r.padded(N)?);
        Ok(bytes)
    }
}

macro_rules! byte_string {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// `Debug` shows the length only: the content may be a secret.
        #[derive(Clone, Default, PartialEq, Eq)]
        pub struct $name<const MAX: u32>(pub Vec<u8>);

        impl<const MAX: u32> Deref for $name<MAX> {
            type Target = Vec<u8>;

            fn deref(&self) -> &Vec<u8> {
                &self.0
            }
        }

        impl<const MAX: u32> From<Vec<u8>> for $name<MAX> {
            fn from(bytes: Vec<u8>) -> Self {
                Self(bytes)
            }
        }

        impl<const MAX: u32> From<&[u8]> for $name<MAX> {
            fn from(bytes: &[u8]) -> Self {
                Self(bytes.to_owned())
            }
        }

        impl<const MAX: u32> fmt::Debug for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({} bytes)", stringify!($name), self.0.len())
            }
        }
    };
}

byte_string! {
    /// A byte string of at most `MAX` bytes, packed: one byte each and padding at the end.
    Opaque
}

byte_string! {
    /// A list of at most `MAX` C chars: four bytes each, sign-extended.
    ///
    /// Security labels and SASL data are sent this way.
    Chars
}

impl<const MAX: u32> Xdr for Opaque<MAX> {
    const MIN_SIZE: usize = 4;
    const LAYOUT: &'static Layout = &Layout::Opaque(MAX);

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        wire_length(self.len(), MAX)?.encode(out)?;
        encode_padded(self, out);
        Ok(())
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self> {
        let length = r.count(MAX, 1)?;
        Ok(Self(r.padded(length)?.to_owned()))
    }
}

impl<const MAX: u32> Chars<MAX> {
    /// The chars of a C string, terminated by a NUL as libvirt sends security labels.
    #[must_use]
    pub fn from_c_text(text: &str) -> Self {
        let mut bytes = text.as_bytes().to_owned();
        bytes.push(0);
        Self(bytes)
    }
}

impl<const MAX: u32> Xdr for Chars<MAX> {
    const MIN_SIZE: usize = 4;
    const LAYOUT: &'static Layout = &Layout::Array(i8::LAYOUT, MAX);

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        wire_length(self.len(), MAX)?.encode(out)?;
        self.iter().try_for_each(|byte| byte.cast_signed().encode(out))
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self> {
        let length = r.count(MAX, i8::MIN_SIZE)?;
        let bytes = (0..length).map(|_| u8::decode(r)).collect::<Result<_>>()?;
        Ok(Self(bytes))
    }
}

/// Exactly `N` elements without a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vector<T, const N: usize>(pub [T; N]);

impl<const N: usize> Vector<i8, N> {
    /// The chars of `text`, cut so that at least one NUL follows, and NULs to the end.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let mut chars = [0; N];
        let room = N.saturating_sub(1);
        chars.iter_mut().zip(text.bytes().take(room)).for_each(|(to, from)| *to = from.cast_signed());
        Self(chars)
    }

    /// The text before the first NUL, bytes that are not UTF-8 replaced.
    #[must_use]
    pub fn to_text(&self) -> String {
        let bytes: Vec<u8> = self.0.iter().take_while(|c| **c != 0).map(|c| c.cast_unsigned()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl<T: Xdr + Copy + Default, const N: usize> Xdr for Vector<T, N> {
    const MIN_SIZE: usize = N * T::MIN_SIZE;
    const LAYOUT: &'static Layout = &Layout::Vector(T::LAYOUT, N);

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        self.0.iter().try_for_each(|element| element.encode(out))
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self> {
        let mut elements = [T::default(); N];
        for element in &mut elements {
            *element = T::decode(r)?;
        }
        Ok(Self(elements))
    }
}
