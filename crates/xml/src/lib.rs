//! XML as libvirt reads and writes it: a small tree with namespaces, a strict reader with limits, a writer
//! with libvirt's layout.
//!
//! The tree keeps what `<metadata>` needs to survive a round trip: prefixes, namespace declarations, the
//! order of attributes, mixed content, comments. White space between elements is dropped, as libvirt does.
//!
//! ```
//! let domain = xml::parse("<domain type='lxc'><name>web</name></domain>").expect("well-formed");
//! assert_eq!(domain.attr("type"), Some("lxc"));
//! assert_eq!(domain.child("name").map(|e| e.text()), Some("web".to_owned()));
//! assert_eq!(domain.to_xml(), "<domain type='lxc'>\n  <name>web</name>\n</domain>\n");
//! ```

mod build;
mod chars;
mod declare;
mod element;
mod error;
mod namespaces;
mod reader;
mod scanner;
mod text;
mod verbatim;
mod writer;

pub use element::{Attribute, Element, Name, Node};
pub use error::Error;
pub use reader::{Limits, parse, parse_with};
