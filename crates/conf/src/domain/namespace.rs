//! `<lxc:namespace>`: namespaces shared with something else.

use xml::{Element, Name};

use crate::error::origin;
use crate::{Error, Result};

/// URI of the prefix `lxc`.
pub const LXC_URI: &str = "http://libvirt.org/schemas/domain/lxc/1.0";

/// Which namespaces are shared; `None` = own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LxcNamespace {
    /// `<lxc:sharenet>`
    pub net: Option<SharedNamespace>,
    /// `<lxc:shareipc>`
    pub ipc: Option<SharedNamespace>,
    /// `<lxc:shareuts>`
    pub uts: Option<SharedNamespace>,
}

/// `type=` with its `value=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharedNamespace {
    /// `name`: another container.
    Name(String),
    /// `pid`: a process, in decimal.
    Pid(String),
    /// `netns`: a file below `/run/netns`; only for the network.
    NetNs(String),
}

impl LxcNamespace {
    /// Is nothing shared?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.net.is_none() && self.ipc.is_none() && self.uts.is_none()
    }

    pub(crate) fn parse(domain: &Element) -> Result<Self> {
        let mut namespace = Self::default();
        let Some(e) = domain.child_ns(LXC_URI, "namespace") else { return Ok(namespace) };
        for child in e.elements() {
            let place = match child.name.local.as_str() {
                "sharenet" => &mut namespace.net,
                "shareipc" => &mut namespace.ipc,
                "shareuts" => &mut namespace.uts,
                other => {
                    let text = format!("unsupported Namespace feature: {other}");
                    return Err(Error::unsupported(text).from(origin::LXC));
                }
            };
            *place = SharedNamespace::parse(child)?;
        }
        Ok(namespace)
    }

    pub(crate) fn format(&self, out: &mut Element) {
        if self.is_empty() {
            return;
        }
        out.declarations.push((Some("lxc".to_owned()), LXC_URI.into()));
        let mut e = named("namespace");
        for (name, shared) in [("sharenet", &self.net), ("shareipc", &self.ipc), ("shareuts", &self.uts)] {
            if let Some(shared) = shared {
                let (kind, value) = shared.parts();
                e.push(named(name).with("type", kind).with("value", value));
            }
        }
        out.push(e);
    }
}

impl SharedNamespace {
    /// `type='none'` shares nothing.
    fn parse(e: &Element) -> Result<Option<Self>> {
        let lxc = |text: String| Error::internal(text).from(origin::LXC);
        let kind = e.attr("type").unwrap_or("");
        let value =
            e.attr("value").ok_or_else(|| lxc("No lxc environment type specified".to_owned()))?.to_owned();
        match kind {
            "none" => Ok(None),
            "name" => Ok(Some(Self::Name(value))),
            "pid" => Ok(Some(Self::Pid(value))),
            "netns" => Ok(Some(Self::NetNs(value))),
            "" => Err(lxc("No lxc environment type specified".to_owned())),
            other => Err(lxc(format!("Unknown LXC namespace source '{other}'"))),
        }
    }

    fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Name(value) => ("name", value),
            Self::Pid(value) => ("pid", value),
            Self::NetNs(value) => ("netns", value),
        }
    }
}

/// An element with the prefix `lxc`.
fn named(local: &str) -> Element {
    let name = Name { prefix: Some("lxc".to_owned()), local: local.to_owned(), uri: Some(LXC_URI.into()) };
    Element { name, ..Element::default() }
}
