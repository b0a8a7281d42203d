//! Tree to text in libvirt's layout: two blanks a level, single quotes, text on the line of its tags.

use crate::{Element, Node};

/// Blanks a level.
const INDENT: usize = 2;

impl Element {
    /// The element as text in libvirt's layout, with a newline at the end.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    /// Appends the element, `level` levels deep in another one.
    pub fn write(&self, out: &mut String, level: usize) {
        indent(out, level);
        if self.verbatim {
            self.write_verbatim(out, level);
            out.push('\n');
            return;
        }
        self.write_start(out);
        match self.children.as_slice() {
            [] => out.push_str("/>\n"),
            [Node::Text(text) | Node::CData(text)] if !text.is_empty() => {
                out.push('>');
                escape(out, text, false);
                self.write_end(out);
            }
            children => {
                out.push_str(">\n");
                for child in children {
                    child.write(out, level + 1);
                }
                indent(out, level);
                self.write_end(out);
            }
        }
    }

    fn write_start(&self, out: &mut String) {
        out.push('<');
        self.name.write(out);
        for attribute in &self.attributes {
            out.push(' ');
            attribute.name.write(out);
            out.push_str("='");
            escape(out, &attribute.value, true);
            out.push('\'');
        }
        for (prefix, uri) in &self.declarations {
            out.push_str(" xmlns");
            if let Some(prefix) = prefix {
                out.push(':');
                out.push_str(prefix);
            }
            out.push_str("='");
            escape(out, uri, true);
            out.push('\'');
        }
    }

    fn write_end(&self, out: &mut String) {
        out.push_str("</");
        self.name.write(out);
        out.push_str(">\n");
    }
}

impl Node {
    fn write(&self, out: &mut String, level: usize) {
        match self {
            Self::Element(element) => element.write(out, level),
            Self::Text(text) | Self::CData(text) if text.is_empty() => {}
            Self::Text(text) | Self::CData(text) => {
                indent(out, level);
                escape(out, text, false);
                out.push('\n');
            }
            Self::Comment(text) => {
                indent(out, level);
                out.push_str("<!--");
                out.push_str(text);
                out.push_str("-->\n");
            }
            Self::Instruction(text) => {
                indent(out, level);
                out.push_str("<?");
                out.push_str(text);
                out.push_str("?>\n");
            }
        }
    }
}

impl crate::Name {
    pub(crate) fn write(&self, out: &mut String) {
        if let Some(prefix) = &self.prefix {
            out.push_str(prefix);
            out.push(':');
        }
        out.push_str(&self.local);
    }
}

fn indent(out: &mut String, level: usize) {
    out.extend(std::iter::repeat_n(' ', level * INDENT));
}

/// Escapes as libvirt does, and what would not come back as it was: a carriage return anywhere, white space
/// other than blanks in an attribute. Characters that no document may have are left out.
fn escape(out: &mut String, text: &str, attribute: bool) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#13;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            c if crate::chars::is_char(c) => out.push(c),
            _ => {}
        }
    }
}
