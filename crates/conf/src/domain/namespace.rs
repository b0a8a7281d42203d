//! `<lxc:namespace>`: namespaces shared with something else.

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

impl LxcNamespace {
    /// Is nothing shared?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.net.is_none() && self.ipc.is_none() && self.uts.is_none()
    }
}

/// `type=` with its `value=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharedNamespace {
    /// `none`
    None,
    /// `name`: another container.
    Name(String),
    /// `pid`: a process, in decimal.
    Pid(String),
    /// `netns`: a file below `/run/netns`; only for the network.
    NetNs(String),
}
