//! Identifiers of objects.

use std::{fmt, str::FromStr};

use xdr::{Layout, Reader, Xdr};

/// A UUID: 16 bytes in the order of the text form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uuid(pub [u8; 16]);

impl Xdr for Uuid {
    const MIN_SIZE: usize = 16;
    const LAYOUT: &'static Layout = <[u8; 16]>::LAYOUT;

    fn encode(&self, out: &mut Vec<u8>) -> xdr::Result<()> {
        self.0.encode(out)
    }

    fn decode(r: &mut Reader<'_>) -> xdr::Result<Self> {
        Xdr::decode(r).map(Self)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAUuid;

impl fmt::Display for NotAUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed uuid")
    }
}

impl std::error::Error for NotAUuid {}

/// Accepts what libvirt accepts: 32 hex digits, dashes between bytes wherever they are, and white space
/// around.
impl FromStr for Uuid {
    type Err = NotAUuid;

    fn from_str(text: &str) -> Result<Self, NotAUuid> {
        let mut uuid = [0; 16];
        let mut rest = text.trim_ascii().as_bytes();
        for byte in &mut uuid {
            while let [b'-', tail @ ..] = rest {
                rest = tail;
            }
            let [high, low, tail @ ..] = rest else { return Err(NotAUuid) };
            *byte = digit(*high)? << 4 | digit(*low)?;
            rest = tail;
        }
        if rest.is_empty() { Ok(Self(uuid)) } else { Err(NotAUuid) }
    }
}

fn digit(ascii: u8) -> Result<u8, NotAUuid> {
    match ascii {
        b'0'..=b'9' => Ok(ascii - b'0'),
        b'a'..=b'f' => Ok(ascii - b'a' + 10),
        b'A'..=b'F' => Ok(ascii - b'A' + 10),
        _ => Err(NotAUuid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form() {
        let text = "6f9e2c1e-1111-4222-8333-444455556666";
        let uuid: Uuid = text.parse().unwrap();
        assert_eq!(uuid.0[..4], [0x6f, 0x9e, 0x2c, 0x1e]);
        assert_eq!(uuid.to_string(), text);
        for same in ["6F9E2C1E111142228333444455556666", " 6f9e-2c1e-1111-4222-8333-4444-5555-6666\n"] {
            assert_eq!(same.parse(), Ok(uuid));
        }
    }

    #[test]
    fn what_is_not_a_uuid() {
        for text in [
            "",
            "nosuch",
            "6f9e2c1e-1111-4222-8333-44445555666",
            "6f9e2c1e-1111-4222-8333-4444555566667",
            "6f9e2c1e-1111-4222-8333-44445555666g",
            "6-f9e2c1e-1111-4222-8333-444455556666",
        ] {
            assert_eq!(text.parse::<Uuid>(), Err(NotAUuid), "{text:?}");
        }
    }
}
