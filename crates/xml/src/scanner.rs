//! The cursor: names, white space, attribute values, comments. Knows nothing of trees.

use crate::Error;
use crate::chars::{is_char, is_name_char, is_name_start, is_space};
use crate::error::quote;

/// A place in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scanner<'a> {
    source: &'a str,
    position: usize,
}

/// A start tag as written.
#[derive(Debug)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    /// Names and values, in order; values with references resolved.
    pub(crate) attributes: Vec<(&'a str, String)>,
    /// `<name/>`
    pub(crate) empty: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        let bom = source.starts_with('\u{feff}');
        Self { source, position: if bom { '\u{feff}'.len_utf8() } else { 0 } }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.source[self.position..]
    }

    pub(crate) fn at_end(&self) -> bool {
        self.position == self.source.len()
    }

    pub(crate) fn skip(&mut self, bytes: usize) {
        self.position += bytes;
    }

    /// Skips `text` if it is next.
    pub(crate) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.position += text.len();
        }
        found
    }

    pub(crate) fn error(&self, detail: impl Into<String>) -> Error {
        Error::at(self.source, self.position, detail.into())
    }

    /// Skips white space; was there any?
    pub(crate) fn spaces(&mut self) -> bool {
        let rest = self.rest();
        let tail = rest.trim_start_matches(is_space);
        self.position += rest.len() - tail.len();
        tail.len() < rest.len()
    }

    /// A name, if one is next.
    pub(crate) fn name(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        if !rest.starts_with(is_name_start) {
            return None;
        }
        let name = &rest[..rest.find(|c| !is_name_char(c)).unwrap_or(rest.len())];
        self.position += name.len();
        Some(name)
    }

    /// Everything up to `end`, which is skipped; fails with the position of the first forbidden character.
    fn until(&mut self, end: &str, unterminated: impl FnOnce(&str) -> String) -> Result<&'a str, Error> {
        let rest = self.rest();
        let Some(length) = rest.find(end) else {
            self.position = self.source.len();
            return Err(self.error(unterminated(rest)));
        };
        let content = &rest[..length];
        if let Some(at) = content.find(|c| !is_char(c)) {
            self.position += at;
            return Err(self.invalid_char());
        }
        self.position += length + end.len();
        Ok(content)
    }

    pub(crate) fn invalid_char(&self) -> Error {
        let value = self.rest().chars().next().map_or(0, u32::from);
        if value < 0x20 {
            self.error(format!("PCDATA invalid Char value {value}"))
        } else {
            self.error(format!("Char 0x{value:X} out of allowed range"))
        }
    }

    /// A comment behind its `<!--`.
    pub(crate) fn comment(&mut self) -> Result<&'a str, Error> {
        let start = *self;
        let content = self.until("-->", |_| "Comment not terminated".to_owned())?;
        let double = content.find("--").or_else(|| content.ends_with('-').then(|| content.len() - 1));
        match double {
            None => Ok(content),
            Some(at) => {
                let detail = format!("Double hyphen within comment: <!--{}", quote(&content[..at]));
                Err(Error::at(self.source, start.position + at, detail))
            }
        }
    }

    /// A character data section behind its `<![CDATA[`.
    pub(crate) fn cdata(&mut self) -> Result<&'a str, Error> {
        self.until("]]>", |rest| format!("CData section not finished\n{}", quote(rest)))
    }

    /// A processing instruction behind its `<?`, without the `?>`.
    pub(crate) fn instruction(&mut self) -> Result<&'a str, Error> {
        let start = *self;
        let target = self.name().ok_or_else(|| start.error("xmlParsePI : no target name"))?;
        if target.eq_ignore_ascii_case("xml") {
            return Err(self.error("XML declaration allowed only at the start of the document"));
        }
        if !self.rest().starts_with("?>") && !self.rest().starts_with(is_space) {
            return Err(self.error(format!("ParsePI: PI {} space expected", quote(target))));
        }
        let target_start = start.position;
        let unterminated = |_: &str| format!("ParsePI: PI {} never end ...", quote(target));
        self.until("?>", unterminated)?;
        Ok(&self.source[target_start..self.position - 2])
    }

    /// The XML declaration behind its `<?xml`. The text is Unicode already: what it says about the encoding
    /// is ignored, as libvirt does.
    pub(crate) fn declaration(&mut self) -> Result<(), Error> {
        while self.spaces() {
            let Some(name) = self.name() else { break };
            if !matches!(name, "version" | "encoding" | "standalone") {
                return Err(self.error("parsing XML declaration: '?>' expected"));
            }
            self.equals(name)?;
            self.value()?;
        }
        if self.eat("?>") { Ok(()) } else { Err(self.error("parsing XML declaration: '?>' expected")) }
    }

    /// A start tag behind its `<`, with at most `attributes_max` attributes.
    pub(crate) fn tag(&mut self, attributes_max: usize) -> Result<Tag<'a>, Error> {
        let name = self.name().ok_or_else(|| self.error("StartTag: invalid element name"))?;
        let named = *self;
        let mut attributes: Vec<(&str, String)> = Vec::new();
        loop {
            let spaces = self.spaces();
            if self.at_end() {
                let line = named.error("").line;
                let detail = format!("Couldn't find end of Start Tag {} line {line}", quote(name));
                return Err(self.error(detail));
            }
            let here = *self;
            let empty = self.eat("/>");
            if empty || self.eat(">") {
                here.refuse_repeated(&attributes)?;
                return Ok(Tag { name, attributes, empty });
            }
            let Some(attribute) = self.name().filter(|_| spaces) else {
                return Err(here.error("attributes construct error"));
            };
            self.equals(attribute)?;
            attributes.push((attribute, self.value()?));
            if attributes.len() > attributes_max {
                return Err(self.error(format!("more than {attributes_max} attributes")));
            }
        }
    }

    fn equals(&mut self, attribute: &str) -> Result<(), Error> {
        let here = *self;
        self.spaces();
        if !self.eat("=") {
            let detail = format!("Specification mandates value for attribute {}", quote(attribute));
            return Err(here.error(detail));
        }
        self.spaces();
        Ok(())
    }

    fn refuse_repeated(&self, attributes: &[(&str, String)]) -> Result<(), Error> {
        for (at, (name, _)) in attributes.iter().enumerate() {
            if attributes[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(self.error(format!("Attribute {} redefined", quote(name))));
            }
        }
        Ok(())
    }
}
