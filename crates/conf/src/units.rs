//! Sizes with units.

use xml::Element;

use crate::error::origin;
use crate::{Error, Result, number};

/// Largest amount of memory, in bytes: libvirt's is a signed number.
const MEMORY_MAX: u64 = i64::MAX as u64;

/// A size in KiB (1024 bytes), libvirt's unit of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct KiB(pub u64);

impl KiB {
    /// In bytes; saturates.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0.saturating_mul(1024)
    }

    /// The size rounded up.
    #[must_use]
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes.div_ceil(1024))
    }
}

impl std::fmt::Display for KiB {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Bytes of `value` in `unit`: `b`, `bytes`, and `k m g t p e` alone or with `iB` (powers of 1024) or `B`
/// (powers of 1000), in any case. Without unit `value` counts `default` bytes. More than `max` bytes are an
/// error.
pub fn scale(value: u64, unit: Option<&str>, default: u64, max: u64) -> Result<u64> {
    let suffix = unit.unwrap_or("");
    let unknown = || Error::invalid_arg(format!("unknown suffix '{suffix}'")).from(origin::NONE);
    let lower = suffix.to_ascii_lowercase();
    let factor = match lower.as_str() {
        "" => default,
        "b" | "byte" | "bytes" => 1,
        _ => {
            let mut chars = lower.chars();
            let power = chars.next().and_then(|c| "kmgtpe".find(c)).ok_or_else(unknown)?;
            let base: u64 = match chars.as_str() {
                "" | "ib" => 1024,
                "b" => 1000,
                _ => return Err(unknown()),
            };
            base.pow(u32::try_from(power + 1).unwrap_or(u32::MAX))
        }
    };
    let overflow = || Error::overflow(format!("value too large: {value}{suffix}")).from(origin::NONE);
    value.checked_mul(factor).filter(|bytes| *bytes <= max).ok_or_else(overflow)
}

/// Bytes of the child element `name` (`<memory unit='MiB'>4</memory>`), `default` bytes a unit without
/// `unit=`.
/// `place` is the XPath that libvirt's error quotes.
pub(crate) fn scaled_child(
    parent: &Element,
    name: &str,
    place: &str,
    default: u64,
    max: u64,
) -> Result<Option<u64>> {
    let Some(element) = parent.child(name) else { return Ok(None) };
    let text = element.text();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || {
        Error::xml(format!("Invalid value '{text}' for element or attribute '{place}{name}[1]'"))
            .from(origin::XML)
    };
    let value = number::unsigned(&text).ok_or_else(wrong)?;
    scale(value, element.attr("unit"), default, max).map(Some)
}

/// The same in KiB.
pub(crate) fn memory_child(parent: &Element, name: &str, place: &str) -> Result<Option<KiB>> {
    Ok(scaled_child(parent, name, place, 1024, MEMORY_MAX)?.map(KiB::from_bytes))
}

/// `<name unit='KiB'>..</name>`
pub(crate) fn memory_element(name: &str, size: KiB) -> Element {
    let mut element = Element::new(name).with("unit", "KiB");
    element.children.push(xml::Node::Text(size.to_string()));
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        for (value, unit, expect) in [
            (3, None, 3072),
            (3, Some(""), 3072),
            (3, Some("b"), 3),
            (3, Some("bytes"), 3),
            (3, Some("KB"), 3000),
            (3, Some("k"), 3072),
            (3, Some("KiB"), 3072),
            (1, Some("m"), 1 << 20),
            (1, Some("GB"), 1_000_000_000),
            (1, Some("TiB"), 1 << 40),
            (15, Some("E"), 15 << 60),
        ] {
            assert_eq!(scale(value, unit, 1024, u64::MAX), Ok(expect), "{value} {unit:?}");
        }
        assert_eq!(
            scale(1, Some("foo"), 1, 9).unwrap_err().message,
            "invalid argument: unknown suffix 'foo'"
        );
        assert_eq!(
            scale(1, Some("KiBx"), 1, 9).unwrap_err().message,
            "invalid argument: unknown suffix 'KiBx'"
        );
        assert_eq!(
            scale(16, Some("E"), 1, u64::MAX).unwrap_err().message,
            "numerical overflow: value too large: 16E"
        );
        assert!(scale(8, Some("E"), 1, MEMORY_MAX).is_err());
        assert_eq!(KiB::from_bytes(1025), KiB(2));
    }
}
