//! Hardware addresses.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Random};

/// An Ethernet address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacAddr(pub [u8; 6]);

impl MacAddr {
    /// A new address with libvirt's prefix `52:54:00`.
    #[must_use]
    pub fn generate(random: Random) -> Self {
        let mut tail = [0; 3];
        random(&mut tail);
        Self([0x52, 0x54, 0x00, tail[0], tail[1], tail[2]])
    }

    /// Group addresses cannot belong to an interface.
    #[must_use]
    pub fn is_multicast(&self) -> bool {
        self.0[0] & 1 == 1
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl FromStr for MacAddr {
    type Err = Error;

    /// Six groups of one or two hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::xml(format!("unable to parse mac address '{text}'"));
        let mut bytes = [0; 6];
        let mut groups = text.split(':');
        for byte in &mut bytes {
            let group = groups.next().filter(|g| matches!(g.len(), 1 | 2)).ok_or_else(wrong)?;
            if !group.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(wrong());
            }
            *byte = u8::from_str_radix(group, 16).map_err(|_| wrong())?;
        }
        if groups.next().is_some() { Err(wrong()) } else { Ok(Self(bytes)) }
    }
}
