//! Text to tree.

use crate::error::quote;
use crate::namespaces::Namespaces;
use crate::scanner::Scanner;
use crate::{Element, Error, Node};

/// How large a document may be. What is beyond is refused, never cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Length of the text.
    pub bytes: usize,
    /// Elements open at the same time.
    pub depth: usize,
    /// Elements, attributes, texts, comments and instructions together.
    pub nodes: usize,
    /// Attributes of one element, and namespace declarations in scope.
    pub attributes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 4 << 20, depth: 256, nodes: 200_000, attributes: 256 }
    }
}

/// Reads a document with the default limits.
pub fn parse(text: &str) -> Result<Element, Error> {
    parse_with(text, Limits::default())
}

/// Reads a document.
///
/// Strict: well-formed XML 1.0 with namespaces, but no DOCTYPE, and so no entities besides the five
/// predefined ones. A prefix that is not declared stays part of the name, as with libxml2.
pub fn parse_with(text: &str, limits: Limits) -> Result<Element, Error> {
    if text.len() > limits.bytes {
        return Err(Error::at(text, 0, format!("document is larger than {} bytes", limits.bytes)));
    }
    let mut reader = Reader {
        scanner: Scanner::new(text),
        limits,
        nodes: 0,
        line: 1,
        counted: 0,
        text,
        open: Vec::new(),
        namespaces: Namespaces::default(),
    };
    reader.document()
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    limits: Limits,
    nodes: usize,
    /// Line of byte `counted`.
    line: u32,
    counted: usize,
    text: &'a str,
    open: Vec<Open<'a>>,
    namespaces: Namespaces,
}

/// An element whose end tag is still to come.
struct Open<'a> {
    element: Element,
    name: &'a str,
    /// Of [`Namespaces`], before its own declarations.
    depth: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Element, Error> {
        if self.scanner.at_end() {
            return Err(self.scanner.error("Document is empty"));
        }
        let rest = self.scanner.rest();
        if rest.strip_prefix("<?xml").is_some_and(|r| r.starts_with([' ', '\t', '\n', '\r'])) {
            self.scanner.skip("<?xml".len());
            self.scanner.declaration()?;
        }
        self.outside()?;
        if !self.scanner.rest().starts_with('<') {
            return Err(self.scanner.error("Start tag expected, '<' not found"));
        }
        let root = loop {
            if let Some(root) = self.step()? {
                break root;
            }
        };
        self.outside()?;
        if self.scanner.at_end() {
            Ok(root)
        } else {
            Err(self.scanner.error("Extra content at the end of the document"))
        }
    }

    /// White space, comments and instructions before and behind the root; they are not kept.
    fn outside(&mut self) -> Result<(), Error> {
        loop {
            self.scanner.spaces();
            let rest = self.scanner.rest();
            if rest.starts_with("<!DOCTYPE") {
                return Err(self.scanner.error("DOCTYPE is not allowed"));
            } else if self.scanner.eat("<!--") {
                self.scanner.comment()?;
            } else if self.scanner.eat("<?") {
                self.scanner.instruction()?;
            } else {
                return Ok(());
            }
        }
    }

    /// Reads one tag, text, comment..; gives the root when it is complete.
    fn step(&mut self) -> Result<Option<Element>, Error> {
        if self.scanner.eat("</") {
            return self.end_tag();
        }
        let node = if self.scanner.eat("<!--") {
            Node::Comment(self.scanner.comment()?.to_owned())
        } else if self.scanner.eat("<![CDATA[") {
            Node::CData(self.scanner.cdata()?.replace("\r\n", "\n").replace('\r', "\n"))
        } else if self.scanner.eat("<?") {
            Node::Instruction(self.scanner.instruction()?.to_owned())
        } else if self.scanner.eat("<") {
            return self.start_tag();
        } else if self.scanner.at_end() {
            return Err(self.premature_end());
        } else {
            Node::Text(self.scanner.characters()?)
        };
        self.count(1)?;
        if let Some(parent) = self.open.last_mut() {
            parent.element.push_read(node, self.scanner.rest());
        }
        Ok(None)
    }

    fn start_tag(&mut self) -> Result<Option<Element>, Error> {
        let line = self.line();
        let tag = self.scanner.tag(self.limits.attributes)?;
        self.count(1 + tag.attributes.len())?;
        if self.open.len() >= self.limits.depth {
            let detail =
                format!("Excessive depth in document: {} use XML_PARSE_HUGE option", self.limits.depth);
            return Err(self.scanner.error(detail));
        }
        let depth = self.namespaces.depth();
        let element = self.namespaces.enter(tag.name, tag.attributes, line);
        if self.namespaces.depth() > self.limits.attributes {
            return Err(self.scanner.error("too many namespace declarations"));
        }
        if tag.empty {
            self.namespaces.leave(depth);
            return Ok(self.close(element));
        }
        self.open.push(Open { element, name: tag.name, depth });
        Ok(None)
    }

    fn end_tag(&mut self) -> Result<Option<Element>, Error> {
        let name = self.scanner.name();
        self.scanner.spaces();
        if !self.scanner.eat(">") {
            return Err(self.scanner.error("expected '>'"));
        }
        let Some(open) = self.open.pop() else {
            return Err(self.scanner.error("Start tag expected, '<' not found"));
        };
        if name != Some(open.name) {
            let detail = format!(
                "Opening and ending tag mismatch: {} line {} and {}",
                quote(open.name),
                open.element.line,
                name.map_or("unparsable", quote)
            );
            return Err(self.scanner.error(detail));
        }
        self.namespaces.leave(open.depth);
        Ok(self.close(open.element))
    }

    /// Puts a complete element into its parent, or gives it back when it is the root.
    fn close(&mut self, element: Element) -> Option<Element> {
        match self.open.last_mut() {
            Some(parent) => {
                parent.element.children.push(Node::Element(element));
                None
            }
            None => Some(element),
        }
    }

    fn premature_end(&self) -> Error {
        let detail = self.open.last().map_or_else(String::new, |open| {
            format!("Premature end of data in tag {} line {}", quote(open.name), open.element.line)
        });
        self.scanner.error(detail)
    }

    fn count(&mut self, nodes: usize) -> Result<(), Error> {
        self.nodes += nodes;
        if self.nodes > self.limits.nodes {
            return Err(self.scanner.error(format!("document has more than {} nodes", self.limits.nodes)));
        }
        Ok(())
    }

    /// Line of the cursor; counts only what is new since the last call.
    fn line(&mut self) -> u32 {
        let position = self.scanner.position();
        let new = self.text.as_bytes()[self.counted..position].iter().filter(|b| **b == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(new).unwrap_or(u32::MAX));
        self.counted = position;
        self.line
    }
}
