//! The tree and how it is asked.

use std::fmt;
use std::sync::Arc;

use crate::chars::is_space;

/// Name of an element or attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Name {
    /// Prefix as written, e.g. `lxc`.
    pub prefix: Option<String>,
    /// Local part, e.g. `namespace`.
    pub local: String,
    /// Namespace URI the prefix (or the default namespace, for elements) stands for; `None` also when the
    /// prefix is not declared.
    pub uri: Option<Arc<str>>,
}

/// One attribute; namespace declarations are kept apart in [`Element::declarations`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: Name,
    /// Value with references resolved.
    pub value: String,
}

/// A child of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Character data with references resolved.
    Text(String),
    /// A `<![CDATA[..]]>` section.
    CData(String),
    /// `<!--..-->`
    Comment(String),
    /// `<?..?>`
    Instruction(String),
}

/// An element.
#[derive(Clone, Default)]
pub struct Element {
    /// Its name.
    pub name: Name,
    /// `xmlns` (`None`) and `xmlns:prefix` declarations in the order written.
    pub declarations: Vec<(Option<String>, Arc<str>)>,
    /// Attributes in the order written.
    pub attributes: Vec<Attribute>,
    /// Children in order.
    pub children: Vec<Node>,
    /// Line of the start tag, from 1; 0 for an element made by a program. Not compared.
    pub line: u32,
    /// Printed as it was read, in libxml2's layout (other programs' data), instead of libvirt's.
    pub verbatim: bool,
}

/// As XML on one line.
impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_line())
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.declarations, &self.attributes, &self.children, self.verbatim)
            == (&other.name, &other.declarations, &other.attributes, &other.children, other.verbatim)
    }
}

impl Eq for Element {}

impl Element {
    /// Value of the attribute without prefix.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|a| a.name.prefix.is_none() && a.name.local == name)
            .map(|a| a.value.as_str())
    }

    /// Child elements.
    pub fn elements(&self) -> impl DoubleEndedIterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(e) => Some(e),
            _ => None,
        })
    }

    /// Child elements of that name without namespace.
    pub fn all<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a Self> {
        self.elements().filter(move |e| e.is(name))
    }

    /// First child element of that name without namespace.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|e| e.is(name))
    }

    /// First child element of that name in a namespace, whatever the prefix.
    #[must_use]
    pub fn child_ns(&self, uri: &str, name: &str) -> Option<&Self> {
        self.elements().find(|e| e.name.uri.as_deref() == Some(uri) && e.name.local == name)
    }

    /// Is it called so, without namespace and prefix?
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.uri.is_none() && self.name.prefix.is_none() && self.name.local == name
    }

    /// All character data below, concatenated (XPath's string value).
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.collect_text(&mut out);
        out
    }

    /// Text of the first child element of that name, if it is not empty.
    #[must_use]
    pub fn child_text(&self, name: &str) -> Option<String> {
        self.child(name).map(Self::text).filter(|text| !text.is_empty())
    }

    fn collect_text(&self, out: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(t) | Node::CData(t) => out.push_str(t),
                Node::Element(e) => e.collect_text(out),
                Node::Comment(_) | Node::Instruction(_) => {}
            }
        }
    }

    /// Adds a node the reader found, unless it is white space between elements; `rest` is what follows it.
    ///
    /// The rule is libxml2's without blanks: white space stays where an element has nothing else, and in
    /// content that has text already.
    pub(crate) fn push_read(&mut self, node: Node, rest: &str) {
        if let Node::Text(text) = &node
            && text.chars().all(is_space)
        {
            let alone = self.children.is_empty() && rest.starts_with("</");
            let mixed = [self.children.first(), self.children.last()]
                .into_iter()
                .any(|child| matches!(child, Some(Node::Text(_) | Node::CData(_))));
            if !alone && !mixed {
                return;
            }
        }
        self.children.push(node);
    }
}
