//! libvirt's configuration files: `key = value`, one a line, `#` begins a comment.
//!
//! A value is a number, a string in double or single quotes (three double quotes begin one of several lines), or
//! a list of strings in brackets, which may go over several lines. There are no escapes.

use std::fmt;

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: Value,
    /// Line of the file, from 1.
    pub line: usize,
}

/// Value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Int(i64),
    /// A string.
    Text(String),
    /// A list of strings.
    List(Vec<String>),
}

/// A file that cannot be read as settings, or a setting with an impossible value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct SettingError {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong, with the key where there is one.
    pub what: String,
}

impl Setting {
    /// An error about this setting.
    #[must_use]
    pub fn error(&self, what: &str) -> SettingError {
        SettingError { line: self.line, what: format!("{}: {what}", self.key) }
    }

    /// The value as a switch, 0 or 1.
    pub fn switch(&self) -> Result<bool, SettingError> {
        match self.value {
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            _ => Err(self.error(&format!("{} is neither 0 nor 1", self.value))),
        }
    }

    /// The value as a number from 0 to `u32::MAX`.
    pub fn number(&self) -> Result<u32, SettingError> {
        let number = if let Value::Int(number) = self.value { u32::try_from(number).ok() } else { None };
        number.ok_or_else(|| self.error(&format!("{} is no number from 0 to {}", self.value, u32::MAX)))
    }

    /// The value as a string.
    pub fn text(&self) -> Result<&str, SettingError> {
        match &self.value {
            Value::Text(text) => Ok(text),
            other => Err(self.error(&format!("{other} is no string; write it in quotes"))),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::List(list) if list.is_empty() => f.write_str("[]"),
            Self::List(list) => {
                let quoted: Vec<_> = list.iter().map(|text| format!("{text:?}")).collect();
                write!(f, "[ {} ]", quoted.join(", "))
            }
        }
    }
}

/// Reads a file's text. A key given twice appears twice; the last one counts, as in libvirt.
pub fn parse(text: &str) -> Result<Vec<Setting>, SettingError> {
    let mut reader = Reader { rest: text, line: 1 };
    let mut settings = Vec::new();
    loop {
        reader.skip(true);
        if reader.rest.is_empty() {
            return Ok(settings);
        }
        settings.push(reader.setting()?);
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, what: impl Into<String>) -> SettingError {
        SettingError { line: self.line, what: what.into() }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    /// Skips blanks, and with `lines` also comments and ends of lines.
    fn skip(&mut self, lines: bool) {
        loop {
            let blank = |c: char| c == ' ' || c == '\t' || c == '\r' || lines && c == '\n';
            let bytes = self.rest.len() - self.rest.trim_start_matches(blank).len();
            self.take(bytes);
            if !(lines && self.rest.starts_with('#')) {
                return;
            }
            self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    fn setting(&mut self) -> Result<Setting, SettingError> {
        let line = self.line;
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/');
        let length = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let key = self.take(length).to_owned();
        if key.is_empty() {
            return Err(self.error("expecting a name"));
        }
        self.skip(false);
        if !self.rest.starts_with('=') {
            return Err(self.error(format!("{key}: expecting an assignment")));
        }
        self.take(1);
        self.skip(false);
        let value =
            self.value().map_err(|error| SettingError { what: format!("{key}: {}", error.what), ..error })?;
        self.skip(false);
        if !self.rest.is_empty() && !self.rest.starts_with(['\n', '#', ';']) {
            return Err(self.error(format!("{key}: expecting the end of the line")));
        }
        if self.rest.starts_with(';') {
            self.take(1);
        }
        Ok(Setting { key, value, line })
    }

    fn value(&mut self) -> Result<Value, SettingError> {
        match self.rest.chars().next() {
            Some('"' | '\'') => Ok(Value::Text(self.string()?)),
            Some('[') => self.list(),
            Some(c) if c == '-' || c.is_ascii_digit() => {
                let number = |c: char| c == '-' || c.is_ascii_digit();
                let length = self.rest.find(|c| !number(c)).unwrap_or(self.rest.len());
                let text = self.take(length);
                text.parse().map(Value::Int).map_err(|_| self.error(format!("'{text}' is no number")))
            }
            _ => Err(self.error("expecting a value: a number, a string in quotes, or a list")),
        }
    }

    fn string(&mut self) -> Result<String, SettingError> {
        let quote = if self.rest.starts_with("\"\"\"") { "\"\"\"" } else { &self.rest[..1] };
        let begun = self.line;
        self.take(quote.len());
        let unterminated = || SettingError { line: begun, what: "unterminated string".to_owned() };
        let length = self.rest.find(quote).ok_or_else(unterminated)?;
        if quote.len() == 1 && self.rest[..length].contains('\n') {
            return Err(unterminated());
        }
        let text = self.take(length).to_owned();
        self.take(quote.len());
        Ok(text)
    }

    fn list(&mut self) -> Result<Value, SettingError> {
        self.take(1);
        let mut list = Vec::new();
        loop {
            self.skip(true);
            match self.rest.chars().next() {
                Some(']') => break,
                Some('"' | '\'') => list.push(self.string()?),
                _ => return Err(self.error("expecting a string or ']' in the list")),
            }
            self.skip(true);
            match self.rest.chars().next() {
                Some(',') => self.take(1),
                Some(']') => break,
                _ => return Err(self.error("expecting a separator in the list")),
            };
        }
        self.take(1);
        Ok(Value::List(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Value {
        let settings = parse(text).unwrap();
        assert_eq!(settings.len(), 1, "{settings:?}");
        settings.into_iter().next().unwrap().value
    }

    #[test]
    fn values_of_every_kind() {
        assert_eq!(one("a = 1"), Value::Int(1));
        assert_eq!(one("a=-5 # five"), Value::Int(-5));
        assert_eq!(one("a = \"x y\"\n"), Value::Text("x y".into()));
        assert_eq!(one("a = '\"'"), Value::Text("\"".into()));
        assert_eq!(one("a = \"\"\"x\ny\"\"\""), Value::Text("x\ny".into()));
        assert_eq!(one("a = [ \"x\", # one\n  'y',\n ]"), Value::List(vec!["x".into(), "y".into()]));
        assert_eq!(one("a = []"), Value::List(Vec::new()));
    }

    #[test]
    fn lines_are_counted() {
        let settings = parse("# comment\n\na = 1\nb = [\n'x'\n]\nc.d = 2\n").unwrap();
        let lines: Vec<_> = settings.iter().map(|s| (s.key.as_str(), s.line)).collect();
        assert_eq!(lines, [("a", 3), ("b", 4), ("c.d", 7)]);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, error) in [
            ("a = 1\nb", "line 2: b: expecting an assignment"),
            ("a = x", "line 1: a: expecting a value: a number, a string in quotes, or a list"),
            ("\na = \"x\nb = 1", "line 2: a: unterminated string"),
            ("a = 1 2", "line 1: a: expecting the end of the line"),
            ("a = [1]", "line 1: a: expecting a string or ']' in the list"),
            ("a = ['x' 'y']", "line 1: a: expecting a separator in the list"),
            ("a = 99999999999999999999", "line 1: a: '99999999999999999999' is no number"),
            ("= 1", "line 1: expecting a name"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), error, "{text}");
        }
    }

    #[test]
    fn values_are_checked_for_their_kind() {
        let setting = |text: &str| parse(text).unwrap().remove(0);
        assert_eq!(setting("a = 1").switch(), Ok(true));
        assert_eq!(setting("a = 2").switch().unwrap_err().to_string(), "line 1: a: 2 is neither 0 nor 1");
        assert_eq!(
            setting("a = -1").number().unwrap_err().to_string(),
            "line 1: a: -1 is no number from 0 to 4294967295"
        );
        assert!(setting("a = 1").text().is_err());
    }
}
