//! Our `<startup>` below `<metadata>`: in which order domains start with the host. libvirt's vocabulary has no words for
//! that; other programs keep it, as they keep everybody's metadata.

use super::Metadata;
use crate::{Error, Result};

/// Namespace of `<startup order= delay=>`.
pub const STARTUP: &str = "https://github.com/virtcontainerd/virtcontainerd/startup/1";

/// When a domain starts among those that start with the host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Startup {
    /// `order=`: smaller first, equal ones together; those without one come last.
    pub order: Option<u32>,
    /// `delay=`, milliseconds that pass after its start before the next order begins.
    pub delay_ms: u32,
}

impl Metadata {
    /// The `<startup>` element. XML_ERROR for what is no number.
    pub fn startup(&self) -> Result<Startup> {
        let Some(element) = self.element(STARTUP) else { return Ok(Startup::default()) };
        let number = |name: &str| {
            let text = element.attr(name);
            text.map(|text| {
                text.parse().map_err(|_| Error::xml(format!("invalid {name} '{text}' of <startup>")))
            })
            .transpose()
        };
        Ok(Startup { order: number("order")?, delay_ms: number("delay")?.unwrap_or(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn startup(attributes: &str) -> Result<Startup> {
        let text =
            format!("<domain><metadata><v:startup xmlns:v='{STARTUP}' {attributes}/></metadata></domain>");
        Metadata::parse(&xml::parse(&text).unwrap()).startup()
    }

    #[test]
    fn orders() {
        assert_eq!(Metadata::default().startup().unwrap(), Startup::default());
        assert_eq!(startup("").unwrap(), Startup::default());
        assert_eq!(startup("order='3' delay='250'").unwrap(), Startup { order: Some(3), delay_ms: 250 });
        for wrong in ["order='x'", "order='-1'", "delay='1s'", "delay=''"] {
            assert_eq!(startup(wrong).unwrap_err().code, 27, "{wrong}");
        }
    }
}
