//! Text of others on its way to where a character can do harm: a log, an argument, a file of another program.
//!
//! Names, titles, descriptions, paths and what containers print come from whoever may define a domain. A line feed
//! in one of them would begin a line of its own in a log or a configuration file, and other control characters
//! move the cursor, or the order of what is read, on the terminal of whoever looks.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// Whether a character is more than something to be seen: control characters (C0, DEL, C1), separators of lines and
/// paragraphs, and marks that change the direction of text.
#[must_use]
pub fn is_special(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// The text for a log or a message: special characters and bytes that are no UTF-8 are shown as in Rust's literals.
#[must_use]
pub fn escaped(text: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(text)
        && !text.contains(is_special)
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_special(c) {
                shown.extend(c.escape_default());
            } else {
                shown.push(c);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    Cow::Owned(shown)
}

/// A text that would be more than one line, or more than text, where one line is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOneLine(String);

impl fmt::Display for NotOneLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' has a control character and cannot be written there", self.0)
    }
}

impl Error for NotOneLine {}

/// The text for an argument of a program or for a line of a file that another program reads. Refused, not changed,
/// if a special character is in it: what those programs make of an escape is their own affair.
///
/// To be called where the argument or the line is made, whatever was checked before.
pub fn one_line(text: &str) -> Result<&str, NotOneLine> {
    if text.contains(is_special) { Err(NotOneLine(escaped(text.as_bytes()).into_owned())) } else { Ok(text) }
}

/// A writer of lines, each of which comes in one write and leaves as one line, whatever is in it.
#[derive(Debug)]
pub struct Lines<W>(pub W);

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let (text, end) = match line.split_last() {
            Some((b'\n', text)) => (text, "\n"),
            _ => (line, ""),
        };
        match escaped(text) {
            Cow::Borrowed(_) => self.0.write_all(line)?,
            Cow::Owned(shown) => self.0.write_all((shown + end).as_bytes())?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_stays() {
        let text = "web-1 'ünïcode' 名前 \\n %s $(id) \u{e9}";
        assert!(matches!(escaped(text.as_bytes()), Cow::Borrowed(same) if same == text));
        assert_eq!(one_line(text), Ok(text));
    }

    #[test]
    fn what_cannot_is_shown_as_an_escape() {
        for (text, shown) in [
            (&b"a\nb\r\0"[..], "a\\nb\\r\\u{0}"),
            (b"\x1b[31m\x7f", "\\u{1b}[31m\\u{7f}"),
            ("\u{85}\u{9b}\u{202e}\u{2066}\u{2028}".as_bytes(), "\\u{85}\\u{9b}\\u{202e}\\u{2066}\\u{2028}"),
            (b"a\xff\xc3(", "a\\xff\\xc3("),
        ] {
            assert_eq!(escaped(text), shown);
            if let Ok(text) = str::from_utf8(text) {
                assert_eq!(one_line(text), Err(NotOneLine(shown.to_owned())));
            }
        }
    }

    #[test]
    fn no_character_gets_through() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = format!("<{c}>");
            let shown = escaped(text.as_bytes());
            assert!(!shown.contains(is_special), "{c:?}");
            assert_eq!(one_line(&text).is_ok(), shown == text, "{c:?}");
            assert!(!c.is_control() || shown != text, "{c:?}");
        }
    }

    #[test]
    fn a_line_stays_one_line() {
        let mut lines = Lines(Vec::new());
        lines.write_all(b"plain\n").unwrap();
        lines.write_all(b"name=a\nERROR forged\n").unwrap();
        lines.write_all(b"no end").unwrap();
        assert_eq!(lines.0, b"plain\nname=a\\nERROR forged\nno end");
    }
}
