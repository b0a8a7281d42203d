//! `<metadata>`: other programs' data, one element per namespace.

use xml::Element;

use crate::{Error, Result};

/// The children of `<metadata>`, verbatim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    pub(crate) element: Option<Element>,
}

impl Metadata {
    /// The element of a namespace, as text (`virDomainGetMetadata`); its own prefix is removed.
    #[must_use]
    pub fn find(&self, uri: &str) -> Option<String> {
        let _ = uri;
        None
    }

    /// Puts `xml` in the place of the namespace's element (`virDomainSetMetadata`).
    ///
    /// The root of `xml` gets the prefix `key` for `uri`. Fails with XML_ERROR or XML_DETAIL when `xml` is not one
    /// well-formed element.
    pub fn set(&mut self, uri: &str, key: &str, xml: &str) -> Result<()> {
        let _ = (uri, key, xml);
        Err(Error::internal("the parser is being written"))
    }

    /// Removes the namespace's element; false when there was none.
    pub fn remove(&mut self, uri: &str) -> bool {
        let _ = uri;
        false
    }
}
