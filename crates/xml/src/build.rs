//! Making elements.

use crate::{Attribute, Element, Name, Node};

impl Element {
    /// An empty element without namespace.
    #[must_use]
    pub fn new(local: &str) -> Self {
        Self { name: Name { local: local.to_owned(), ..Name::default() }, ..Self::default() }
    }

    /// An element with that text.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and slices read best by value")]
    pub fn with_text(local: &str, text: impl ToString) -> Self {
        let mut element = Self::new(local);
        element.children.push(Node::Text(text.to_string()));
        element
    }

    /// The element with one more attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.push_attr(name, value);
        self
    }

    /// The element with one more attribute, if there is a value.
    #[must_use]
    pub fn with_opt(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.push_attr(name, value);
        }
        self
    }

    /// The element with one more child.
    #[must_use]
    pub fn with_child(mut self, child: Self) -> Self {
        self.push(child);
        self
    }

    /// Printed with a start and an end tag on two lines even when it has no children.
    #[must_use]
    pub fn opened(mut self) -> Self {
        if self.children.is_empty() {
            self.children.push(Node::Text(String::new()));
        }
        self
    }

    /// Adds an attribute behind the others.
    #[expect(clippy::needless_pass_by_value, reason = "numbers and slices read best by value")]
    pub fn push_attr(&mut self, name: &str, value: impl ToString) {
        let name = Name { local: name.to_owned(), ..Name::default() };
        self.attributes.push(Attribute { name, value: value.to_string() });
    }

    /// Adds a child behind the others.
    pub fn push(&mut self, child: Self) {
        self.children.push(Node::Element(child));
    }

    /// Adds children behind the others.
    pub fn extend(&mut self, children: impl IntoIterator<Item = Self>) {
        self.children.extend(children.into_iter().map(Node::Element));
    }

    /// Adds a child with that text.
    pub fn push_text(&mut self, name: &str, text: impl ToString) {
        self.push(Self::with_text(name, text));
    }

    /// Adds a child with that text, if there is one.
    pub fn push_text_opt(&mut self, name: &str, text: Option<impl ToString>) {
        if let Some(text) = text {
            self.push_text(name, text);
        }
    }

    /// Adds a child unless it has neither attributes nor children.
    pub fn push_unless_bare(&mut self, child: Self) {
        if !child.is_bare() {
            self.push(child);
        }
    }

    /// Has it neither attributes nor children?
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.attributes.is_empty() && self.children.is_empty()
    }
}
