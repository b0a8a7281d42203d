//! Our own elements below `<metadata>`: what libvirt's vocabulary has no words for. Other programs keep them, as
//! they keep everybody's metadata.

use xml::Element;

use super::Metadata;
use crate::{Error, Result};

/// Namespace of `<confinement>`, what a domain wishes: `<seccomp state='on|off'/>`, `<nesting state='on|off'/>`.
pub const CONFINEMENT: &str = "https://github.com/virtcontainerd/virtcontainerd/confinement/1";

/// Namespace of `<running>`, what is in force while the domain runs. A definition never contains it.
pub const RUNNING: &str = "https://github.com/virtcontainerd/virtcontainerd/running/1";

/// What a domain wishes beyond libvirt's vocabulary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Confinement {
    /// `<seccomp state=>`: system calls are filtered; as lxc.conf says if absent.
    pub seccomp: Option<bool>,
    /// `<nesting state='on'/>`: containers inside it can mount `/proc` and `/sys` of their own.
    pub nesting: bool,
}

impl Metadata {
    /// The `<confinement>` element. XML_ERROR for what is not in it.
    pub fn confinement(&self) -> Result<Confinement> {
        let mut wishes = Confinement::default();
        let Some(element) = self.element(CONFINEMENT) else { return Ok(wishes) };
        for wish in element.elements() {
            let state = state(wish)?;
            match &*wish.name.local {
                "seccomp" => wishes.seccomp = Some(state),
                "nesting" => wishes.nesting = state,
                other => return Err(Error::xml(format!("unknown element '{other}' in <confinement>"))),
            }
        }
        Ok(wishes)
    }
}

fn state(wish: &Element) -> Result<bool> {
    match wish.attr("state") {
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        other => Err(Error::xml(format!(
            "invalid state '{}' of '{}' in <confinement>: it is on or off",
            other.unwrap_or(""),
            wish.name.local
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confinement(inner: &str) -> Result<Confinement> {
        let text = format!(
            "<domain><metadata><v:confinement xmlns:v='{CONFINEMENT}'>{inner}</v:confinement></metadata></domain>"
        );
        Metadata::parse(&xml::parse(&text).unwrap()).confinement()
    }

    #[test]
    fn wishes() {
        assert_eq!(Metadata::default().confinement().unwrap(), Confinement::default());
        assert_eq!(confinement("").unwrap(), Confinement::default());
        let both = confinement("<v:seccomp state='off'/><v:nesting state='on'/>").unwrap();
        assert_eq!(both, Confinement { seccomp: Some(false), nesting: true });
        for wrong in ["<v:seccomp/>", "<v:seccomp state='maybe'/>", "<v:seccmp state='off'/>"] {
            assert_eq!(confinement(wrong).unwrap_err().code, 27, "{wrong}");
        }
    }
}
