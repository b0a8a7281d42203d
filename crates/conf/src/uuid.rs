//! Identifiers of objects.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Random};

/// A uuid (RFC 9562).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// A new random one (version 4).
    #[must_use]
    pub fn generate(random: Random) -> Self {
        let mut bytes = [0; 16];
        random(&mut bytes);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(bytes)
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

impl FromStr for Uuid {
    type Err = Error;

    /// 32 hexadecimal digits; dashes and spaces between bytes are skipped, as libvirt does.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::internal("malformed uuid element");
        let mut bytes = [0; 16];
        let mut rest = text.trim_ascii().as_bytes();
        for byte in &mut bytes {
            while let [b'-' | b' ', tail @ ..] = rest {
                rest = tail;
            }
            let [high, low, tail @ ..] = rest else { return Err(wrong()) };
            let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
            *byte = digit(*high).zip(digit(*low)).map(|(h, l)| h << 4 | l).ok_or_else(wrong)?;
            rest = tail;
        }
        if rest.is_empty() { Ok(Self(bytes)) } else { Err(wrong()) }
    }
}
