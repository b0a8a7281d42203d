//! `<on_poweroff>`, `<on_reboot>`, `<on_crash>` and `<pm>`.

use xml::Element;

use crate::enums::{xml_enum, yes_no};
use crate::props::Props;
use crate::{Error, Result};

xml_enum! {
    /// What happens after an end.
    pub enum LifecycleAction {
        Destroy = "destroy",
        Restart = "restart",
        RenameRestart = "rename-restart",
        Preserve = "preserve",
        CoredumpDestroy = "coredump-destroy",
        CoredumpRestart = "coredump-restart",
    }
}

impl LifecycleAction {
    /// `<on_poweroff>`, `<on_reboot>`, `<on_crash>`.
    pub(crate) fn parse_all(domain: &Element) -> Result<[Self; 3]> {
        Ok([
            Self::parse(domain, "on_poweroff", Self::Destroy)?,
            Self::parse(domain, "on_reboot", Self::Restart)?,
            Self::parse(domain, "on_crash", Self::Destroy)?,
        ])
    }

    /// The text of the child `name` (`on_crash`), `default` if there is none.
    fn parse(domain: &Element, name: &str, default: Self) -> Result<Self> {
        let Some(word) = domain.child_text(name) else { return Ok(default) };
        let action = Self::from_word(&word)
            .ok_or_else(|| Error::unsupported(format!("unknown {name} action: {word}")))?;
        if name != "on_crash" && matches!(action, Self::CoredumpDestroy | Self::CoredumpRestart) {
            let event = name.trim_start_matches("on_");
            return Err(Error::unsupported(format!(
                "Lifecycle event '{event}' doesn't support '{word}' action"
            )));
        }
        Ok(action)
    }
}

/// `<pm>`: kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PowerManagement {
    /// `<suspend-to-mem enabled=>`
    pub suspend_to_mem: Option<bool>,
    /// `<suspend-to-disk enabled=>`
    pub suspend_to_disk: Option<bool>,
}

impl PowerManagement {
    pub(crate) fn parse(domain: &Element) -> Result<Self> {
        let Some(e) = domain.child("pm") else { return Ok(Self::default()) };
        let enabled = |name| e.child(name).map_or(Ok(None), |e| e.yes_no("enabled"));
        Ok(Self { suspend_to_mem: enabled("suspend-to-mem")?, suspend_to_disk: enabled("suspend-to-disk")? })
    }

    pub(crate) fn format(&self, out: &mut Element) {
        let mut e = Element::new("pm");
        let states = [("suspend-to-mem", self.suspend_to_mem), ("suspend-to-disk", self.suspend_to_disk)];
        e.extend(
            states.into_iter().filter_map(|(name, on)| Some(Element::new(name).with("enabled", yes_no(on?)))),
        );
        out.push_unless_bare(e);
    }
}
