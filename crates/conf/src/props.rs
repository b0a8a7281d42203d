//! Attributes with libvirt's checks and texts.

use xml::Element;

use crate::enums::Word;
use crate::error::origin;
use crate::{Error, Result, number};

/// Attributes read as what they mean. An absent one is `None`; a wrong one is code 27.
pub(crate) trait Props {
    /// One of a list of words.
    fn word<T: Word>(&self, name: &str) -> Result<Option<T>>;
    /// `yes` or `no`.
    fn yes_no(&self, name: &str) -> Result<Option<bool>>;
    /// `on` or `off`.
    fn on_off(&self, name: &str) -> Result<Option<bool>>;
    /// A decimal number.
    fn uint(&self, name: &str) -> Result<Option<u32>>;
    /// A number in C's notation.
    fn uint_any(&self, name: &str) -> Result<Option<u32>>;
    /// A decimal number other than 0.
    fn positive(&self, name: &str) -> Result<Option<u32>>;
    /// The text; an absent or empty one is an error.
    fn required(&self, name: &str) -> Result<&str>;
    /// The text, if it is not empty.
    fn filled(&self, name: &str) -> Option<String>;
}

impl Props for Element {
    fn word<T: Word>(&self, name: &str) -> Result<Option<T>> {
        let Some(value) = self.attr(name) else { return Ok(None) };
        T::find(value).map(Some).ok_or_else(|| invalid(self, name, value, ""))
    }

    fn yes_no(&self, name: &str) -> Result<Option<bool>> {
        either(self, name, "yes", "no")
    }

    fn on_off(&self, name: &str) -> Result<Option<bool>> {
        either(self, name, "on", "off")
    }

    fn uint(&self, name: &str) -> Result<Option<u32>> {
        let Some(value) = self.attr(name) else { return Ok(None) };
        let expected = " Expected non-negative integer value";
        number::unsigned(value).map(Some).ok_or_else(|| invalid(self, name, value, expected))
    }

    fn uint_any(&self, name: &str) -> Result<Option<u32>> {
        let Some(value) = self.attr(name) else { return Ok(None) };
        let expected = " Expected non-negative integer value";
        number::any_base(value).map(Some).ok_or_else(|| invalid(self, name, value, expected))
    }

    fn positive(&self, name: &str) -> Result<Option<u32>> {
        match self.uint(name)? {
            Some(0) => {
                let element = &self.name.local;
                Err(Error::xml(format!(
                    "Invalid value for attribute '{name}' in element '{element}': Zero is not permitted"
                ))
                .from(origin::XML))
            }
            value => Ok(value),
        }
    }

    fn required(&self, name: &str) -> Result<&str> {
        self.attr(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            let element = &self.name.local;
            Error::xml(format!("Missing required attribute '{name}' in element '{element}'"))
                .from(origin::XML)
        })
    }

    fn filled(&self, name: &str) -> Option<String> {
        self.attr(name).filter(|value| !value.is_empty()).map(str::to_owned)
    }
}

fn either(element: &Element, name: &str, yes: &str, no: &str) -> Result<Option<bool>> {
    match element.attr(name) {
        None => Ok(None),
        Some(value) if value == yes => Ok(Some(true)),
        Some(value) if value == no => Ok(Some(false)),
        Some(value) => Err(invalid(element, name, value, "")),
    }
}

/// `Invalid value for attribute ..`, with what was expected if that is said.
pub(crate) fn invalid(element: &Element, name: &str, value: &str, expected: &str) -> Error {
    let element = &element.name.local;
    Error::xml(format!("Invalid value for attribute '{name}' in element '{element}': '{value}'.{expected}"))
        .from(origin::XML)
}
