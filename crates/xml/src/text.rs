//! Character data: references, line ends.

use crate::Error;
use crate::chars::is_char;
use crate::error::quote;
use crate::scanner::Scanner;

impl Scanner<'_> {
    /// Character data up to the next `<` or the end, with references resolved and line ends as `\n`.
    pub(crate) fn characters(&mut self) -> Result<String, Error> {
        let mut out = String::new();
        let start = *self;
        while !self.at_end() && !self.rest().starts_with('<') {
            let rest = self.rest();
            let plain =
                rest.find(|c| matches!(c, '<' | '&' | '\r' | ']') || !is_char(c)).unwrap_or(rest.len());
            out.push_str(&rest[..plain]);
            self.skip(plain);
            match self.rest().chars().next() {
                Some('&') => out.push(self.reference()?),
                Some('\r') => {
                    self.skip(1);
                    if !self.rest().starts_with('\n') {
                        out.push('\n');
                    }
                }
                Some(']') => {
                    if self.rest().starts_with("]]>") {
                        return Err(start.error("Sequence ']]>' not allowed in content"));
                    }
                    self.skip(1);
                    out.push(']');
                }
                Some('<') | None => {}
                Some(_) => return Err(self.invalid_char()),
            }
        }
        Ok(out)
    }

    /// A quoted attribute value; white space becomes blanks (XML 1.0, 3.3.3).
    pub(crate) fn value(&mut self) -> Result<String, Error> {
        let Some(quote @ ('"' | '\'')) = self.rest().chars().next() else {
            return Err(self.error("AttValue: \" or ' expected"));
        };
        self.skip(1);
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let special = |c| c == quote || matches!(c, '&' | '<' | '\t' | '\n' | '\r') || !is_char(c);
            let plain = rest.find(special).unwrap_or(rest.len());
            out.push_str(&rest[..plain]);
            self.skip(plain);
            match self.rest().chars().next() {
                None => return Err(self.error("AttValue: ' expected")),
                Some('&') => out.push(self.reference()?),
                Some('<') => return Err(self.error("Unescaped '<' not allowed in attributes values")),
                Some('\r') if self.rest().starts_with("\r\n") => self.skip(1),
                Some('\t' | '\n' | '\r') => {
                    self.skip(1);
                    out.push(' ');
                }
                Some(c) if c == quote => {
                    self.skip(1);
                    return Ok(out);
                }
                Some(c) => {
                    let value = u32::from(c);
                    return Err(self.error(format!("invalid character in attribute value {value}")));
                }
            }
        }
    }

    /// `&..;`: the five predefined entities and character references. Nothing else exists without a DOCTYPE.
    fn reference(&mut self) -> Result<char, Error> {
        self.skip(1);
        if self.eat("#") {
            return self.character_reference();
        }
        let name = self.name().ok_or_else(|| self.error("xmlParseEntityRef: no name"))?;
        if !self.eat(";") {
            return Err(self.error("EntityRef: expecting ';'"));
        }
        match name {
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "amp" => Ok('&'),
            "quot" => Ok('"'),
            "apos" => Ok('\''),
            _ => Err(self.error(format!("Entity '{}' not defined", quote(name)))),
        }
    }

    fn character_reference(&mut self) -> Result<char, Error> {
        let radix = if self.eat("x") { 16 } else { 10 };
        let mut value: u32 = 0;
        let mut digits = 0;
        while let Some(digit) = self.rest().chars().next().and_then(|c| c.to_digit(radix)) {
            value = value.saturating_mul(radix).saturating_add(digit).min(0x0011_0000);
            digits += 1;
            self.skip(1);
        }
        if digits == 0 || !self.eat(";") {
            let what = if radix == 16 {
                "xmlParseCharRef: invalid hexadecimal value"
            } else {
                "xmlParseCharRef: invalid decimal value"
            };
            return Err(self.error(what));
        }
        if value >= 0x0011_0000 {
            return Err(self.error("xmlParseCharRef: character reference out of bounds"));
        }
        let invalid = || self.error(format!("xmlParseCharRef: invalid xmlChar value {value}"));
        char::from_u32(value).filter(|c| is_char(*c)).ok_or_else(invalid)
    }
}
