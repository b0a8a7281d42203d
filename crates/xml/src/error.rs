//! Why a text is not a document.

/// Longest quoted name or detail, in characters.
const QUOTE_MAX: usize = 60;
/// Lines up to this length are shown whole, longer ones around the place only.
const LINE_MAX: usize = 280;
/// Shown before and behind the place in a long line, in bytes.
const WINDOW: (usize, usize) = (120, 40);

/// A text that is not well-formed, or larger than the limits.
///
/// Texts are those of libxml2 where libvirt's clients could know them. However large the document is,
/// everything here together stays below 1 KiB.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {detail}")]
pub struct Error {
    /// Line, from 1.
    pub line: u32,
    /// What is wrong.
    pub detail: String,
    /// The line, shortened around the place if it is long.
    pub context: String,
    /// Place in `context`, in bytes.
    pub column: usize,
}

impl Error {
    /// The error at byte `position` of `source`.
    pub(crate) fn at(source: &str, position: usize, detail: String) -> Self {
        let bytes = source.as_bytes();
        let position = position.min(bytes.len());
        let newlines = bytes[..position].iter().filter(|b| **b == b'\n').count();
        let is_end = |b: &u8| matches!(b, b'\n' | b'\r');
        let start = bytes[..position].iter().rposition(is_end).map_or(0, |at| at + 1);
        let end = bytes[position..].iter().position(is_end).map_or(bytes.len(), |at| position + at);
        let (from, to) = if end - start <= LINE_MAX {
            (start, end)
        } else {
            let mut from = start.max(position.saturating_sub(WINDOW.0));
            let mut to = end.min(position + WINDOW.1);
            while !source.is_char_boundary(from) {
                from += 1;
            }
            while !source.is_char_boundary(to) {
                to -= 1;
            }
            (from, to)
        };
        Self {
            line: u32::try_from(newlines + 1).unwrap_or(u32::MAX),
            detail,
            context: source[from..to].to_owned(),
            column: position - from,
        }
    }

    /// The text libvirt shows: `NAME:LINE: DETAIL`, the line, and a pointer to the place.
    ///
    /// `name` says which document it is, e.g. `(domain_definition)`.
    #[must_use]
    pub fn describe(&self, name: &str) -> String {
        let Self { line, detail, context, column } = self;
        format!("{name}:{line}: {detail}\n{context}\n{}^", "-".repeat(*column))
    }
}

/// A name as it appears in an error: not longer than a line can hold.
pub(crate) fn quote(name: &str) -> &str {
    name.char_indices().nth(QUOTE_MAX).map_or(name, |(at, _)| &name[..at])
}
