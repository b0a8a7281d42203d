//! What a change or a question is about: the running domain, the definition, or both.

use std::sync::Arc;

use cgroup::Limits;
use conf::domain::{CpuSet, DomainDef};
use protocol::consts::AffectFlags;
use protocol::{Error, ErrorDomain, Result};
use runtime::control::Request;

use crate::domain::{Domain, Run, State};
use crate::error::{not_running, of_request};
use crate::{Lxc, define, start};

/// Which definitions are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Impact {
    pub(crate) live: bool,
    pub(crate) config: bool,
}

/// One of the two definitions of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// That of the running domain.
    Live,
    /// That for the next start.
    Config,
}

/// The definition that a question is about.
#[derive(Debug)]
pub(crate) enum Asked {
    /// The running domain.
    Live(Run),
    /// The definition for the next start.
    Config(Arc<DomainDef>),
}

/// CURRENT means LIVE of a running domain and CONFIG of another.
pub(crate) fn impact(state: &State, flags: AffectFlags) -> Result<Impact> {
    let active = state.run.is_some();
    let impact = split(active, flags);
    if impact.live && !active {
        return Err(not_running());
    }
    if impact.config && !state.is_persistent() {
        return Err(Error::operation_invalid(
            ErrorDomain::DOMAIN,
            "transient domains do not have any persistent config",
        ));
    }
    Ok(impact)
}

fn split(active: bool, flags: AffectFlags) -> Impact {
    let current = !flags.intersects(AffectFlags::LIVE | AffectFlags::CONFIG);
    Impact {
        live: flags.contains(AffectFlags::LIVE) || current && active,
        config: flags.contains(AffectFlags::CONFIG) || current && !active,
    }
}

/// The one definition that a question is about.
pub(crate) fn asked(domain: &Domain, flags: AffectFlags) -> Result<Asked> {
    if flags.contains(AffectFlags::LIVE | AffectFlags::CONFIG) {
        let detail = "flags 'VIR_DOMAIN_AFFECT_LIVE' and 'VIR_DOMAIN_AFFECT_CONFIG' are mutually exclusive";
        return Err(Error::invalid_arg(ErrorDomain::DOMAIN, detail));
    }
    let state = domain.read();
    let impact = impact(&state, flags)?;
    match (&state.run, &state.config) {
        (Some(run), _) if impact.live => Ok(Asked::Live(run.clone())),
        (_, Some(config)) => Ok(Asked::Config(Arc::clone(config))),
        _ => Err(not_running()),
    }
}

impl Asked {
    pub(crate) fn def(&self) -> &DomainDef {
        match self {
            Self::Live(run) => &run.def,
            Self::Config(def) => def,
        }
    }
}

/// Changes the definitions that `flags` mean, and the running container.
///
/// `edit` sees each of them before anything is applied, so that one refusal leaves all as it was. Then the
/// running container gets the limits that `limits` makes of its new definition (none: nothing to do), its status
/// is saved, and the definition for the next start.
pub(crate) async fn change(
    lxc: &Lxc,
    domain: &Domain,
    flags: AffectFlags,
    edit: impl Fn(&mut DomainDef, Target) -> Result<()>,
    limits: impl Fn(&DomainDef, &Run) -> Result<Limits>,
) -> Result<()> {
    let _job = domain.begin_job().await?;
    let _definitions = lxc.definitions.lock().await;
    let edited = |def: &Arc<DomainDef>, target| {
        let mut def = DomainDef::clone(def);
        edit(&mut def, target).map(|()| Arc::new(def))
    };
    let (live, config) = {
        let state = domain.read();
        let impact = impact(&state, flags)?;
        let live = state.run.as_ref().filter(|_| impact.live);
        let live =
            live.map(|run| edited(&run.def, Target::Live).map(|def| (run.clone(), def))).transpose()?;
        let config = state.config.as_ref().filter(|_| impact.config);
        (live, config.map(|def| edited(def, Target::Config)).transpose()?)
    };
    if let Some((run, def)) = live {
        let limits = limits(&def, &run)?;
        let cpus = limits.cpuset_cpus.as_deref().and_then(|list| CpuSet::parse(list).ok());
        if limits != Limits::default() {
            let request = Request::SetLimits { limits: Box::new(limits) };
            run.monitor.request(request).await.map_err(|failure| of_request(&failure))?;
        }
        if let Some(now) = &mut domain.write().run
            && now.id == run.id
        {
            now.def = def;
            if cpus.is_some() {
                now.cpus = Arc::new(cpus);
            }
        }
        start::save_status(lxc, domain)?;
    }
    if let Some(config) = config {
        define::save(lxc, &config).await?;
        domain.write().config = Some(config);
    }
    Ok(())
}

/// For changes without a limit.
pub(crate) fn no_limits(_: &DomainDef, _: &Run) -> Result<Limits> {
    Ok(Limits::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_definitions() {
        let check = |active, flags, live, config| {
            assert_eq!(split(active, flags), Impact { live, config }, "{active} {flags:?}");
        };
        let both = AffectFlags::LIVE | AffectFlags::CONFIG;
        check(true, AffectFlags::empty(), true, false);
        check(false, AffectFlags::empty(), false, true);
        check(true, AffectFlags::CONFIG, false, true);
        check(false, AffectFlags::LIVE, true, false);
        check(true, both, true, true);
    }

    #[test]
    fn what_is_not_there_cannot_be_meant() {
        let domain = Domain::new(protocol::Uuid([1; 16]), &"a".parse().unwrap(), None, false);
        let message = |flags| asked(&domain, flags).unwrap_err().message;
        let prefix = "Requested operation is not valid: ";
        assert_eq!(message(AffectFlags::LIVE), format!("{prefix}domain is not running"));
        assert_eq!(
            message(AffectFlags::CONFIG),
            format!("{prefix}transient domains do not have any persistent config")
        );
        assert!(message(AffectFlags::LIVE | AffectFlags::CONFIG).contains("mutually exclusive"));
    }
}
