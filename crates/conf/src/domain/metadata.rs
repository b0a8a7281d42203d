//! `<metadata>`: other programs' data, one element per namespace.

use std::collections::HashSet;
use std::sync::Arc;

use xml::{Element, Node};

use super::confinement::RUNNING;
use super::{FormatFlags, ParseFlags};
use crate::error::origin;
use crate::{Error, Result};

/// The children of `<metadata>`, verbatim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    element: Option<Element>,
}

impl Metadata {
    /// Children without a namespace, and later ones of a namespace that was there already, are dropped.
    pub(crate) fn parse(domain: &Element) -> Self {
        let Some(found) = domain.child("metadata") else { return Self::default() };
        let mut element = found.clone();
        let mut seen: HashSet<Arc<str>> = HashSet::new();
        element.children.retain(|node| {
            let Node::Element(Element { name, .. }) = node else { return false };
            name.uri.as_ref().is_some_and(|uri| seen.insert(Arc::clone(uri)))
        });
        element.declare_used();
        element.verbatim = true;
        Self { element: Some(element) }
    }

    /// As [`Self::parse`], without what is only true of a running domain, and with our own element checked.
    pub(crate) fn parse_as(domain: &Element, flags: ParseFlags) -> Result<Self> {
        let mut metadata = Self::parse(domain);
        if !flags.contains(ParseFlags::LIVE) && metadata.remove(RUNNING) && metadata.is_empty() {
            metadata.element = None;
        }
        metadata.confinement()?;
        metadata.startup()?;
        Ok(metadata)
    }

    pub(crate) fn format(&self, out: &mut Element) {
        out.extend(self.element.clone());
    }

    /// As [`Self::format`], without what is only true of a running domain where it does not belong.
    pub(crate) fn format_as(&self, out: &mut Element, flags: FormatFlags) {
        let mut metadata = self.clone();
        if flags.contains(FormatFlags::INACTIVE) && metadata.remove(RUNNING) && metadata.is_empty() {
            return;
        }
        out.extend(metadata.element);
    }

    /// The element of a namespace.
    pub(crate) fn element(&self, uri: &str) -> Option<&Element> {
        self.element.as_ref()?.elements().find(|e| e.name.uri.as_deref() == Some(uri))
    }

    /// Is nothing there?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.element.as_ref().is_none_or(|e| e.children.is_empty())
    }

    /// The element of a namespace as it is.
    #[must_use]
    pub fn element_of(&self, uri: &str) -> Option<&Element> {
        self.element.as_ref()?.elements().find(|e| e.name.uri.as_deref() == Some(uri))
    }

    /// The element of a namespace as text, without that namespace (`virDomainGetMetadata`).
    #[must_use]
    pub fn find(&self, uri: &str) -> Option<String> {
        let mut element = self.element(uri)?.clone();
        leave_namespace(&mut element, uri);
        element.declare_used();
        Some(element.to_verbatim_xml())
    }

    /// Puts `xml` in the place of the namespace's element (`virDomainSetMetadata`).
    ///
    /// `xml` is one element; it and its descendants without a namespace get the prefix `key`, which stands
    /// for
    /// `uri`. Fails with XML_DETAIL when it is not well-formed, with INTERNAL_ERROR for an impossible prefix.
    pub fn set(&mut self, uri: &str, key: &str, xml: &str) -> Result<()> {
        let mut element = xml::parse(xml).map_err(|error| Error::syntax("(metadata_xml)", &error))?;
        let namespace = |text: &str| Error::internal(text).from(origin::XML);
        if !is_prefix(key) {
            return Err(namespace("failed to validate prefix for a new XML namespace"));
        }
        let other = |(prefix, declared): &(Option<String>, Arc<str>)| {
            prefix.as_deref() == Some(key) && **declared != *uri
        };
        if uri.is_empty() || element.declarations.iter().any(other) {
            return Err(namespace("failed to create a new XML namespace"));
        }
        let uri: Arc<str> = uri.into();
        enter_namespace(&mut element, key, &uri)?;
        if element.name.uri.as_ref() != Some(&uri) {
            let found = element.name.uri.as_deref().unwrap_or("");
            return Err(Error::xml(format!("metadata element is in namespace '{found}', not in '{uri}'")));
        }
        if !element.declarations.iter().any(|(prefix, _)| prefix.as_deref() == Some(key)) {
            element.declarations.push((Some(key.to_owned()), Arc::clone(&uri)));
        }
        self.remove(&uri);
        let metadata = self.element.get_or_insert_with(|| {
            let mut empty = Element::new("metadata");
            empty.verbatim = true;
            empty
        });
        metadata.push(element);
        Ok(())
    }

    /// Removes the namespace's element; false when there was none.
    pub fn remove(&mut self, uri: &str) -> bool {
        let Some(metadata) = &mut self.element else { return false };
        let before = metadata.children.len();
        metadata
            .children
            .retain(|node| !matches!(node, Node::Element(e) if e.name.uri.as_deref() == Some(uri)));
        metadata.children.len() < before
    }
}

/// An NCName that is not reserved.
fn is_prefix(key: &str) -> bool {
    !key.contains(':')
        && !key.to_ascii_lowercase().starts_with("xml")
        && xml::parse(&format!("<{key}/>")).is_ok_and(|e| e.name.local == key)
}

/// Elements without a namespace, or with the undeclared prefix `key`, come into `uri`.
fn enter_namespace(element: &mut Element, key: &str, uri: &Arc<str>) -> Result<()> {
    if element.name.uri.is_none() {
        if let Some(prefix) = element.name.prefix.as_deref().filter(|prefix| *prefix != key) {
            return Err(Error::xml(format!("prefix '{prefix}' of a metadata element is not declared")));
        }
        element.name.prefix = Some(key.to_owned());
        element.name.uri = Some(Arc::clone(uri));
    }
    for node in &mut element.children {
        if let Node::Element(child) = node {
            enter_namespace(child, key, uri)?;
        }
    }
    Ok(())
}

fn leave_namespace(element: &mut Element, uri: &str) {
    element.declarations.retain(|(_, declared)| **declared != *uri);
    let names = element.attributes.iter_mut().map(|a| &mut a.name);
    for name in names.chain([&mut element.name]) {
        if name.uri.as_deref() == Some(uri) {
            (name.prefix, name.uri) = (None, None);
        }
    }
    for node in &mut element.children {
        if let Node::Element(child) = node {
            leave_namespace(child, uri);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FormatFlags, Metadata, ParseFlags, RUNNING};

    fn metadata(xml: &str) -> Metadata {
        Metadata::parse(
            &xml::parse(&format!("<domain xmlns:d='urn:d'><metadata>{xml}</metadata></domain>")).unwrap(),
        )
    }

    fn shown(metadata: &Metadata) -> String {
        let mut out = xml::Element::new("domain");
        metadata.format(&mut out);
        out.to_xml()
    }

    #[test]
    fn set_find_remove() {
        let mut m = Metadata::default();
        assert!(m.is_empty());
        assert_eq!(m.find("urn:k"), None);
        m.set("urn:k", "k", "<a y='1'><b>t</b><c/></a>").unwrap();
        m.set("urn:l", "l", "<p:x xmlns:p='urn:l'/>").unwrap();
        m.set("urn:k", "k2", "<a z='2'><k2:b/><q xmlns='urn:other'/></a>").unwrap();
        assert_eq!(
            shown(&m),
            "<domain>\n  <metadata>\n    <p:x xmlns:p=\"urn:l\" xmlns:l=\"urn:l\"/>\n    <k2:a xmlns:k2=\"urn:k\" z=\"2\">\n      <k2:b/>\n      <q xmlns=\"urn:other\"/>\n    </k2:a>\n  </metadata>\n</domain>\n"
        );
        assert_eq!(m.find("urn:k").unwrap(), "<a z=\"2\">\n  <b/>\n  <q xmlns=\"urn:other\"/>\n</a>");
        assert!(m.remove("urn:k") && !m.remove("urn:k"));
        assert_eq!(m.find("urn:k"), None);
    }

    #[test]
    fn inherited_declarations_travel_along() {
        let m = metadata("<d:a d:x='1'><d:b/></d:a><plain/><d:again/>text<!-- c -->");
        assert_eq!(
            shown(&m),
            "<domain>\n  <metadata xmlns:d=\"urn:d\">\n    <d:a d:x=\"1\">\n      <d:b/>\n    </d:a>\n  </metadata>\n</domain>\n"
        );
        assert_eq!(m.find("urn:d").unwrap(), "<a x=\"1\">\n  <b/>\n</a>");
        let m = metadata("<e:a xmlns:e='urn:e'><d:b/></e:a>");
        assert_eq!(m.find("urn:e").unwrap(), "<a xmlns:d=\"urn:d\">\n  <d:b/>\n</a>");
    }

    #[test]
    fn what_is_true_while_running_is_in_no_definition() {
        let running = format!("<r:running xmlns:r='{RUNNING}' profile='guest'/>");
        let domain =
            |inner: &str| xml::parse(&format!("<domain><metadata>{inner}</metadata></domain>")).unwrap();
        let only = domain(&running);
        let both = domain(&format!("{running}<k:a xmlns:k='urn:k'/>"));
        let format = |metadata: &Metadata, flags| {
            let mut out = xml::Element::new("domain");
            metadata.format_as(&mut out, flags);
            out.to_xml()
        };
        for (document, kept) in [(&only, ""), (&both, "urn:k")] {
            let live = Metadata::parse_as(document, ParseFlags::LIVE).unwrap();
            assert!(format(&live, FormatFlags::empty()).contains("profile"));
            for text in [
                format(&live, FormatFlags::INACTIVE),
                format(&Metadata::parse_as(document, ParseFlags::empty()).unwrap(), FormatFlags::empty()),
            ] {
                assert!(!text.contains("running") && text.contains(kept), "{text}");
                assert_eq!(text.contains("metadata"), !kept.is_empty(), "{text}");
            }
        }
    }

    #[test]
    fn what_cannot_be_set() {
        let mut m = Metadata::default();
        for (uri, key, xml, code) in [
            ("urn:k", "k", "<a", 35),
            ("urn:k", "k", "<a/><b/>", 35),
            ("urn:k", "k", "", 35),
            ("urn:k", "bad key", "<a/>", 1),
            ("urn:k", "1", "<a/>", 1),
            ("urn:k", "", "<a/>", 1),
            ("urn:k", "a:b", "<a/>", 1),
            ("urn:k", "xml", "<a/>", 1),
            ("", "k", "<a/>", 1),
            ("urn:k", "k", "<a xmlns:k='urn:z'/>", 1),
            ("urn:k", "k", "<a xmlns='urn:z'/>", 27),
            ("urn:k", "k", "<q:a/>", 27),
        ] {
            assert_eq!(m.set(uri, key, xml).unwrap_err().code, code, "{key} {xml}");
        }
        assert!(m.is_empty());
    }
}
