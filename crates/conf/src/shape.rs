//! Elements that are kept but mean nothing to a container: a table says what stays of them and in which
//! order.
//!
//! libvirt parses everything it knows and prints it back in its own order, dropping the rest. A [`Shape`]
//! does the same for one element without a struct for each.

use xml::{Element, Node};

use crate::props::{Props, invalid};
use crate::units::{memory_element, scale};
use crate::{KiB, Result, number};

/// What is kept of an element.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// In the order printed.
    pub(crate) attrs: &'static [Attr],
    pub(crate) content: Content,
    /// In the order printed; elements of the same name stay in the order written.
    pub(crate) children: &'static [&'static Self],
    /// Only the first of its name is kept.
    pub(crate) single: bool,
}

/// What stands between the tags of a [`Shape`] besides its children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Nothing,
    Text,
    /// A size with `unit=`, printed in KiB.
    Memory,
}

/// An attribute of a [`Shape`].
#[derive(Debug)]
pub(crate) struct Attr(pub(crate) &'static str, pub(crate) Kind);

/// What an attribute may hold.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// One of these.
    Word(&'static [&'static str]),
    /// `yes` or `no`.
    YesNo,
    /// `on` or `off`.
    OnOff,
    /// A decimal number.
    Number,
    /// A decimal number; a negative one is refused in its own words.
    Index,
    /// A number in C's notation, printed in hexadecimal with at least so many digits.
    Hex(usize),
}

impl Shape {
    pub(crate) const fn new(
        name: &'static str,
        attrs: &'static [Attr],
        children: &'static [&'static Self],
    ) -> Self {
        Self { name, attrs, content: Content::Nothing, children, single: true }
    }

    /// With text content.
    pub(crate) const fn text(name: &'static str, attrs: &'static [Attr]) -> Self {
        Self { name, attrs, content: Content::Text, children: &[], single: true }
    }

    /// With a size as content.
    pub(crate) const fn memory(name: &'static str) -> Self {
        Self { name, attrs: &[], content: Content::Memory, children: &[], single: true }
    }

    /// More than one may follow.
    pub(crate) const fn many(self) -> Self {
        Self { single: false, ..self }
    }

    /// What libvirt would print of `element`.
    pub(crate) fn keep(&self, element: &Element) -> Result<Element> {
        let mut kept = Element::new(self.name);
        let plain = element.elements().next().is_none();
        let text = plain.then(|| element.text()).filter(|text| !text.is_empty());
        if self.content == Content::Memory {
            let value = text.as_deref().and_then(number::unsigned).unwrap_or(0);
            let bytes = scale(value, element.attr("unit"), 1024, u64::MAX)?;
            return Ok(memory_element(self.name, KiB::from_bytes(bytes)));
        }
        for Attr(name, kind) in self.attrs {
            if let Some(value) = element.attr(name) {
                kept.push_attr(name, kind.read(element, name, value)?);
            }
        }
        if self.content == Content::Text {
            kept.children.extend(text.map(Node::Text));
        }
        for shape in self.children {
            let count = if shape.single { 1 } else { usize::MAX };
            for child in element.all(shape.name).take(count) {
                kept.push(shape.keep(child)?);
            }
        }
        Ok(kept)
    }

    /// The same, with what `complete` adds to it, at the place where libvirt prints it.
    pub(crate) fn keep_completed(
        &self,
        element: &Element,
        complete: impl FnOnce(&mut Element) -> Result<()>,
    ) -> Result<Element> {
        let mut kept = self.keep(element)?;
        complete(&mut kept)?;
        self.keep(&kept)
    }

    /// The children of `parent` that are described by `shapes`, in their order.
    pub(crate) fn keep_all(shapes: &[&Self], parent: &Element) -> Result<Vec<Element>> {
        let mut kept = Vec::new();
        for shape in shapes {
            let count = if shape.single { 1 } else { usize::MAX };
            for child in parent.all(shape.name).take(count) {
                kept.push(shape.keep(child)?);
            }
        }
        Ok(kept)
    }
}

impl Kind {
    fn read(&self, element: &Element, name: &str, value: &str) -> Result<String> {
        match self {
            Self::Text => {}
            Self::Word(words) if words.contains(&value) => {}
            Self::Word(_) => return Err(invalid(element, name, value, "")),
            Self::YesNo => drop(element.yes_no(name)?),
            Self::OnOff => drop(element.on_off(name)?),
            Self::Number => return Ok(element.uint(name)?.unwrap_or(0).to_string()),
            Self::Index => {
                let expected = match number::signed(value) {
                    None => " Expected integer value",
                    Some(..0) => " Expected non-negative value",
                    Some(number) => return Ok(number.to_string()),
                };
                return Err(invalid(element, name, value, expected));
            }
            Self::Hex(width) => {
                let number = element.uint_any(name)?.unwrap_or(0);
                return Ok(format!("0x{number:0width$x}"));
            }
        }
        Ok(value.to_owned())
    }
}
