//! How tightly a container is held, from its definition and the settings.

use std::fmt::Write;

use conf::domain::DomainDef;
use conf::domain::confinement::RUNNING;
use conf::{Error, Result};
use runtime::plan::Plan;
use runtime::seccomp::Profile;

use super::Environment;

/// The filter for system calls: by whether root inside is somebody on the host.
pub(super) fn seccomp(def: &DomainDef, has_userns: bool, environment: &Environment<'_>) -> Result<Profile> {
    let setting = environment.config.seccomp_sandbox;
    let by_default = setting != 0;
    if !def.metadata.confinement()?.seccomp.unwrap_or(by_default) {
        return Ok(Profile::None);
    }
    match (environment.kernel_has_seccomp, has_userns) {
        (true, true) => Ok(Profile::Guest),
        (true, false) => Ok(Profile::Compat),
        (false, _) if setting == 1 => Err(Error::unsupported(
            "seccomp_sandbox = 1 in lxc.conf, but this kernel cannot filter system calls",
        )),
        (false, _) => Ok(Profile::None),
    }
}

/// Puts into the live definition what holds the container: `<running>` below `<metadata>`, with the profile of
/// system calls and the automatic range of ids. Not as `<idmap>`: defined again, that would mean a tree whose
/// files are shifted already.
pub(crate) fn show(live: &mut DomainDef, plan: &Plan) -> Result<()> {
    let seccomp = match plan.seccomp {
        Profile::None => "none",
        Profile::Guest => "guest",
        Profile::Compat => "compat",
    };
    let mut xml = format!("<running><seccomp profile='{seccomp}'/>");
    if let Some(map) = plan.idmap.as_ref().filter(|_| live.idmap.is_empty()) {
        xml.push_str("<idmap>");
        for (name, ranges) in [("uid", &map.uids), ("gid", &map.gids)] {
            for range in ranges {
                let (start, target, count) = (range.inside, range.outside, range.count);
                let _ = write!(xml, "<{name} start='{start}' target='{target}' count='{count}'/>");
            }
        }
        xml.push_str("</idmap>");
    }
    xml.push_str("</running>");
    live.metadata.set(RUNNING, "virtcontainer", &xml)
}
