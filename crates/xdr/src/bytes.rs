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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{from_bytes, to_bytes};

    #[test]
    fn strings_are_padded() {
        for (text, bytes) in [
            ("", &[0, 0, 0, 0][..]),
            ("a", &[0, 0, 0, 1, b'a', 0, 0, 0]),
            ("abcd", &[0, 0, 0, 4, b'a', b'b', b'c', b'd']),
            ("\u{e9}", &[0, 0, 0, 2, 0xc3, 0xa9, 0, 0]),
        ] {
            assert_eq!(to_bytes(&text.to_owned()).as_deref(), Ok(bytes));
            assert_eq!(from_bytes::<String>(bytes).as_deref(), Ok(text));
        }
    }

    #[test]
    fn strings_are_utf8() {
        assert_eq!(from_bytes::<String>(&[0, 0, 0, 1, 0xff, 0, 0, 0]), Err(Error::NotUtf8));
    }

    #[test]
    fn padding_has_to_be_there() {
        let result = from_bytes::<String>(&[0, 0, 0, 1, b'a', 0, 0]);
        assert_eq!(result, Err(Error::Truncated { needed: 1, remaining: 3 }));
    }

    #[test]
    fn claimed_lengths_are_not_believed() {
        let result = from_bytes::<String>(&[0, 0x40, 0, 0, b'a', 0, 0, 0]);
        assert_eq!(result, Err(Error::Truncated { needed: 4_194_304, remaining: 4 }));
        let result = from_bytes::<String>(&[0, 0x40, 0, 1, b'a', 0, 0, 0]);
        assert_eq!(result, Err(Error::TooLong { length: 4_194_305, max: 4_194_304 }));
        let result = from_bytes::<Opaque<{ u32::MAX }>>(&[0xff, 0xff, 0xff, 0xff, 0]);
        assert_eq!(result, Err(Error::Truncated { needed: 0xffff_ffff, remaining: 1 }));
    }

    #[test]
    fn opaque_is_packed_and_chars_are_not() {
        let packed = [0, 0, 0, 2, 0x7f, 0x80, 0, 0];
        assert_eq!(to_bytes(&Opaque::<2>(vec![0x7f, 0x80])).as_deref(), Ok(&packed[..]));
        assert_eq!(from_bytes(&packed), Ok(Opaque::<2>(vec![0x7f, 0x80])));
        let wide = [0, 0, 0, 2, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0x80];
        assert_eq!(to_bytes(&Chars::<2>(vec![0x7f, 0x80])).as_deref(), Ok(&wide[..]));
        assert_eq!(from_bytes(&wide), Ok(Chars::<2>(vec![0x7f, 0x80])));
    }

    #[test]
    fn bounds_hold_when_encoding() {
        let too_long = Err(Error::TooLong { length: 3, max: 2 });
        assert_eq!(to_bytes(&Opaque::<2>(vec![0; 3])), too_long);
        assert_eq!(to_bytes(&Chars::<2>(vec![0; 3])), too_long);
        let text = "a".repeat(4_194_305);
        assert_eq!(to_bytes(&text), Err(Error::TooLong { length: 4_194_305, max: 4_194_304 }));
    }

    #[test]
    fn fixed_sizes_have_no_count() {
        assert_eq!(to_bytes(&[1u8, 2, 3]).as_deref(), Ok(&[1, 2, 3, 0][..]));
        assert_eq!(from_bytes::<[u8; 3]>(&[1, 2, 3, 0]), Ok([1, 2, 3]));
        let model = Vector::<i8, 4>::from_text("x86_64");
        assert_eq!(model.to_text(), "x86", "a NUL has to fit");
        assert_eq!(to_bytes(&model).map(|bytes| bytes.len()), Ok(16));
        assert_eq!(Vector::<i8, 4>::LAYOUT.to_string(), "vector<char,4>");
    }

    #[test]
    fn content_is_not_shown() {
        assert_eq!(format!("{:?}", Opaque::<9>::from(&b"secret"[..])), "Opaque(6 bytes)");
        assert_eq!(format!("{:?}", Chars::<9>::from_c_text("ab")), "Chars(3 bytes)");
    }
}
