//! `<seclabel>`: the label of a security module that the container's processes get.

use conf::domain::{DomainDef, SecLabel, SecLabelKind};
use conf::{Error, Result};
use runtime::plan::{Label, Plan, SecurityModule};

use super::Environment;

/// Models that label nothing here: none at all, and the owners of files, which stay as they are.
const WITHOUT_LABEL: [&str; 2] = ["none", "dac"];

/// Categories of `SELinux` by which containers are told apart (`c0` to `c1023`), two of them for each.
const CATEGORIES: u32 = 1024;

/// The label to run with, if any. The files of the container keep theirs.
pub(super) fn label(def: &DomainDef, environment: &Environment<'_>) -> Result<Option<Label>> {
    let config = environment.config;
    let module = environment.security.module;
    for asked in &def.seclabels {
        let known = module.is_some_and(|module| model(module) == asked.model);
        if !known && !WITHOUT_LABEL.contains(&asked.model.as_str()) && asked.kind != SecLabelKind::None {
            return Err(Error::unsupported(format!(
                "Unable to find security driver for model {}: this host has {}",
                asked.model,
                module.map_or("none", model)
            )));
        }
    }
    let Some(module) = module else {
        if config.security_require_confined {
            return Err(Error::unsupported(
                "Unconfined guests are not allowed on this host: security_require_confined is set in lxc.conf, and \
                 the host has no security module",
            ));
        }
        return Ok(None);
    };
    let asked = def.seclabels.iter().find(|label| label.model == model(module));
    let text = match asked.map(|label| label.kind) {
        Some(SecLabelKind::Static) => asked.and_then(|label| label.label.clone()),
        Some(SecLabelKind::Dynamic) => Some(dynamic(asked, module, environment)?),
        None if config.security_default_confined => Some(dynamic(None, module, environment)?),
        Some(SecLabelKind::None) | None => None,
    };
    match text {
        None if config.security_require_confined => {
            Err(Error::unsupported("Unconfined guests are not allowed on this host"))
        }
        text => Ok(text.map(|text| Label { module, text })),
    }
}

/// Puts the label in force into the live definition.
pub(crate) fn show(live: &mut DomainDef, plan: &Plan) {
    let Some(label) = &plan.label else { return };
    let model = model(label.module);
    let text = Some(label.text.clone());
    match live.seclabels.iter_mut().find(|shown| shown.model == model) {
        Some(shown) => shown.label = text,
        None => live.seclabels.push(SecLabel {
            kind: SecLabelKind::Dynamic,
            model: model.to_owned(),
            relabel: true,
            label: text,
            imagelabel: None,
            baselabel: None,
        }),
    }
}

/// As `model=` names it.
pub(crate) const fn model(module: SecurityModule) -> &'static str {
    match module {
        SecurityModule::AppArmor => "apparmor",
        SecurityModule::SeLinux => "selinux",
    }
}

/// A label made for this container.
fn dynamic(
    asked: Option<&SecLabel>,
    module: SecurityModule,
    environment: &Environment<'_>,
) -> Result<String> {
    let base = asked.and_then(|label| label.baselabel.clone());
    match module {
        // Profiles are text that is compiled and loaded: the host's matter.
        SecurityModule::AppArmor => base.ok_or_else(|| {
            Error::unsupported(
                "a dynamic label of model apparmor needs a profile that is loaded: name it in <baselabel>, or use \
                 type='static' with <label>",
            )
        }),
        SecurityModule::SeLinux => {
            let base = base.or_else(|| environment.security.base.clone()).ok_or_else(|| {
                Error::unsupported(
                    "the SELinux policy of this host names no context for containers (contexts/lxc_contexts): name \
                     one in <baselabel>",
                )
            })?;
            Ok(with_categories(&base, environment.id_range.uid / environment.id_range.count))
        }
    }
}

/// Puts two categories of its own at the end of a context. Different numbers get different pairs, as long as there
/// are pairs.
fn with_categories(context: &str, number: u32) -> String {
    let pairs = CATEGORIES * (CATEGORIES - 1) / 2;
    let mut left = number % pairs;
    let mut first = 0;
    while left >= CATEGORIES - 1 - first {
        left -= CATEGORIES - 1 - first;
        first += 1;
    }
    let second = first + 1 + left;
    // user:role:type:level, of whose level only the sensitivity is kept.
    let mut parts: Vec<&str> = context.splitn(4, ':').collect();
    let level = if parts.len() == 4 { parts.pop().unwrap_or("s0") } else { "s0" };
    let sensitivity = level.split([':', '-']).next().unwrap_or("s0");
    format!("{}:{sensitivity}:c{first},c{second}", parts.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_pairs_of_their_own() {
        let base = "system_u:system_r:container_t:s0";
        assert_eq!(with_categories(base, 0), "system_u:system_r:container_t:s0:c0,c1");
        assert_eq!(with_categories(base, 1022), "system_u:system_r:container_t:s0:c0,c1023");
        assert_eq!(with_categories(base, 1023), "system_u:system_r:container_t:s0:c1,c2");
        assert_eq!(with_categories("u:r:t:s0-s0:c0.c1023", 523_775), "u:r:t:s0:c1022,c1023");
        assert_eq!(with_categories("u:r:t", 523_776), "u:r:t:s0:c0,c1");
        let all: std::collections::BTreeSet<_> =
            (0..5000).map(|number| with_categories(base, number)).collect();
        assert_eq!(all.len(), 5000);
    }
}
