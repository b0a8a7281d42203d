//! Numbers as libvirt reads them: strtoull(3) that must use up the text.

use std::str::FromStr;

/// Leading white space and a plus sign are fine, anything behind the digits is not.
fn digits(text: &str) -> Option<&str> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// A decimal number without sign.
pub(crate) fn unsigned<T: FromStr>(text: &str) -> Option<T> {
    digits(text)?.parse().ok()
}

/// A decimal number.
pub(crate) fn signed(text: &str) -> Option<i64> {
    match text.trim_ascii_start().strip_prefix('-') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            digits(rest).and_then(|d| format!("-{d}").parse().ok())
        }
        Some(_) => None,
        None => unsigned(text),
    }
}

/// A number in C's notation: `0x` is hexadecimal, a leading `0` octal.
pub(crate) fn any_base(text: &str) -> Option<u32> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    let plain = digits.starts_with(|c: char| c.is_digit(radix));
    plain.then(|| u32::from_str_radix(digits, radix).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal() {
        for (text, expect) in [
            ("0", Some(0)),
            (" +17", Some(17)),
            ("4294967295", Some(u32::MAX)),
            ("4294967296", None),
            ("", None),
            ("-1", None),
            ("1 ", None),
            ("0x10", None),
            ("++1", None),
        ] {
            assert_eq!(unsigned::<u32>(text), expect, "{text}");
        }
        for (text, expect) in [("-5", Some(-5)), (" 5", Some(5)), ("--5", None), ("-+5", None), ("-", None)] {
            assert_eq!(signed(text), expect, "{text}");
        }
    }

    #[test]
    fn c_notation() {
        for (text, expect) in [
            ("0x1f", Some(31)),
            ("010", Some(8)),
            ("0", Some(0)),
            ("9", Some(9)),
            ("0x", None),
            ("08", None),
            ("0x+1", None),
        ] {
            assert_eq!(any_base(text), expect, "{text}");
        }
    }
}
