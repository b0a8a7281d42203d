//! Prefixes in scope.

use std::sync::Arc;

use crate::{Attribute, Element, Name};

/// URI of the prefix `xml`, which needs no declaration.
const XML_URI: &str = "http://www.w3.org/XML/1998/namespace";

/// Declarations in scope, innermost last. A URI is shared by all names that use it: a document cannot make us
/// store a long one many times.
#[derive(Debug, Default)]
pub(crate) struct Namespaces {
    declared: Vec<(Option<String>, Arc<str>)>,
}

impl Namespaces {
    /// Number of declarations in scope; [`Self::leave`] wants it back.
    pub(crate) fn depth(&self) -> usize {
        self.declared.len()
    }

    /// Forgets the declarations made since.
    pub(crate) fn leave(&mut self, depth: usize) {
        self.declared.truncate(depth);
    }

    /// An element from its tag, with its declarations entered.
    pub(crate) fn enter(&mut self, name: &str, attributes: Vec<(&str, String)>, line: u32) -> Element {
        let mut element = Element { line, ..Element::default() };
        let mut plain = Vec::with_capacity(attributes.len());
        for (attribute, value) in attributes {
            let declares = match attribute.split_once(':') {
                None if attribute == "xmlns" => Some(None),
                Some(("xmlns", prefix)) => Some(Some(prefix.to_owned())),
                _ => None,
            };
            let Some(prefix) = declares else {
                plain.push((attribute, value));
                continue;
            };
            let uri: Arc<str> = value.into();
            element.declarations.push((prefix.clone(), Arc::clone(&uri)));
            self.declared.push((prefix, uri));
        }
        element.name = self.resolve(name, true);
        let attribute = |(name, value)| Attribute { name: self.resolve(name, false), value };
        element.attributes = plain.into_iter().map(attribute).collect();
        element
    }

    fn resolve(&self, name: &str, default: bool) -> Name {
        let (prefix, local) = match name.split_once(':') {
            Some((prefix, local)) if !prefix.is_empty() && !local.is_empty() => (Some(prefix), local),
            _ => (None, name),
        };
        let uri = if prefix.is_some() || default { self.find(prefix) } else { None };
        Name { prefix: prefix.map(str::to_owned), local: local.to_owned(), uri }
    }

    fn find(&self, prefix: Option<&str>) -> Option<Arc<str>> {
        let declared = self.declared.iter().rev().find(|(p, _)| p.as_deref() == prefix);
        match declared {
            Some((_, uri)) if uri.is_empty() => None,
            Some((_, uri)) => Some(Arc::clone(uri)),
            None if prefix == Some("xml") => Some(XML_URI.into()),
            None => None,
        }
    }
}
