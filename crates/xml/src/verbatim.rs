//! Tree to text in libxml2's layout, which `<metadata>` has: double quotes, declarations before attributes,
//! and no line breaks of ours in an element that has text.

use crate::{Element, Node};

impl Element {
    /// Appends the element without a newline; its lines are `level` levels deep.
    pub(crate) fn write_verbatim(&self, out: &mut String, level: usize) {
        self.write_formatted(out, Some(level));
    }

    /// The element as text without line breaks of ours.
    #[must_use]
    pub fn to_line(&self) -> String {
        let mut out = String::new();
        self.write_formatted(&mut out, None);
        out
    }

    /// The element as text in libxml2's layout, without a newline at the end.
    #[must_use]
    pub fn to_verbatim_xml(&self) -> String {
        let mut out = String::new();
        self.write_formatted(&mut out, Some(0));
        out
    }

    /// `level`: where to break lines; `None` inside an element with text.
    fn write_formatted(&self, out: &mut String, level: Option<usize>) {
        out.push('<');
        self.name.write(out);
        for (prefix, uri) in &self.declarations {
            out.push_str(" xmlns");
            if let Some(prefix) = prefix {
                out.push(':');
                out.push_str(prefix);
            }
            write_value(out, uri);
        }
        for attribute in &self.attributes {
            out.push(' ');
            attribute.name.write(out);
            write_value(out, &attribute.value);
        }
        if self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        let has_text = self.children.iter().any(|n| matches!(n, Node::Text(_) | Node::CData(_)));
        let level = level.filter(|_| !has_text);
        for child in &self.children {
            if let Some(level) = level {
                break_line(out, level + 1);
            }
            child.write_formatted(out, level.map(|l| l + 1));
        }
        if let Some(level) = level {
            break_line(out, level);
        }
        out.push_str("</");
        self.name.write(out);
        out.push('>');
    }
}

impl Node {
    fn write_formatted(&self, out: &mut String, level: Option<usize>) {
        match self {
            Self::Element(element) => element.write_formatted(out, level),
            Self::Text(text) => {
                for c in text.chars() {
                    match c {
                        '<' => out.push_str("&lt;"),
                        '>' => out.push_str("&gt;"),
                        '&' => out.push_str("&amp;"),
                        '\r' => out.push_str("&#13;"),
                        _ => out.push(c),
                    }
                }
            }
            Self::CData(text) => {
                out.push_str("<![CDATA[");
                out.push_str(text);
                out.push_str("]]>");
            }
            Self::Comment(text) => {
                out.push_str("<!--");
                out.push_str(text);
                out.push_str("-->");
            }
            Self::Instruction(text) => {
                out.push_str("<?");
                out.push_str(text);
                out.push_str("?>");
            }
        }
    }
}

fn break_line(out: &mut String, level: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', level * 2));
}

fn write_value(out: &mut String, value: &str) {
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            // libxml2 writes what is not ASCII as a reference here, though not in text.
            c if !c.is_ascii() => out.push_str(&format!("&#x{:X};", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
}
