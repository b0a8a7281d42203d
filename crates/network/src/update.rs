//! Changing a defined or active network.

use std::sync::Arc;

use conf::network::NetworkDef;
use protocol::consts::AffectFlags;
use protocol::{Error, ErrorDomain, Result};

use crate::error::{internal, invalid, of_file};
use crate::network::Network;
use crate::{Networks, define, dnsmasq, firewall, names, start, status};

/// Which definitions a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Impact {
    pub(crate) live: bool,
    pub(crate) config: bool,
}

/// Neither flag means what is active, else the definition.
pub(crate) fn impact(network: &Network, flags: AffectFlags) -> Result<Impact> {
    let state = network.read();
    let (active, current) = (state.is_active(), !flags.intersects(AffectFlags::LIVE | AffectFlags::CONFIG));
    let impact = Impact {
        live: flags.contains(AffectFlags::LIVE) || current && active,
        config: flags.contains(AffectFlags::CONFIG) || current && !active,
    };
    if impact.live && !active {
        return Err(invalid("network is not running"));
    }
    if impact.config && !state.is_persistent() {
        return Err(invalid("cannot change persistent config of a transient network"));
    }
    Ok(impact)
}

/// Changes the definitions that `flags` mean, and what is active.
///
/// `edit` sees each of them before anything is applied, so that one refusal leaves all as it was.
pub(crate) async fn change(
    driver: &Networks,
    network: &Arc<Network>,
    flags: AffectFlags,
    edit: impl Fn(&mut NetworkDef) -> Result<()>,
) -> Result<()> {
    let _job = network.begin_job().await?;
    let _definitions = driver.definitions.lock().await;
    let edited = |def: &Arc<NetworkDef>| {
        let mut def = NetworkDef::clone(def);
        edit(&mut def).map(|()| Arc::new(def))
    };
    let (live, config) = {
        let impact = impact(network, flags)?;
        let state = network.read();
        let live = state.run.as_ref().filter(|_| impact.live).map(|run| edited(&run.def)).transpose()?;
        let config = state.config.as_ref().filter(|_| impact.config).map(edited).transpose()?;
        (live, config)
    };
    if let Some(def) = live {
        apply(driver, network, def).await?;
    }
    if let Some(config) = config {
        define::save(driver, &config).await?;
        network.write().config = Some(config);
    }
    Ok(())
}

/// Makes a changed definition the active one.
async fn apply(driver: &Networks, network: &Arc<Network>, def: Arc<NetworkDef>) -> Result<()> {
    let Some(run) = network.read().run.clone() else { return Ok(()) };
    if def.makes_bridge() {
        if def.forward != run.def.forward || def.ips != run.def.ips || def.metadata != run.def.metadata {
            firewall::apply(&def).await?;
        }
        refresh_dnsmasq(driver, network, &def).await?;
    }
    if let Some(run) = &mut network.write().run {
        run.def = def;
    }
    status::save(driver, network).await
}

/// Has dnsmasq read its hosts again; for anything else it must be started anew.
async fn refresh_dnsmasq(driver: &Networks, network: &Arc<Network>, def: &Arc<NetworkDef>) -> Result<()> {
    let Some(run) = network.read().run.clone() else { return Ok(()) };
    if !dnsmasq::is_needed(def) {
        return Ok(());
    }
    let conf = driver.paths.dnsmasq_conf(&def.name);
    let before = std::fs::read_to_string(&conf).unwrap_or_default();
    let known = names::known(driver, def, &run.ports);
    let (paths, copy) = (driver.paths.clone(), Arc::clone(def));
    define::blocking(move || {
        dnsmasq::write_files(&paths, &copy, &known).map_err(|error| {
            of_file("couldn't write dnsmasq config file", &paths.dnsmasq_conf(&copy.name), &error)
        })
    })
    .await?;
    let same = std::fs::read_to_string(&conf).is_ok_and(|after| after == before);
    match &run.dnsmasq {
        Some(running) if same => running.reload(),
        Some(running) => {
            running.stop().await;
            let started = dnsmasq::Watcher::start(&driver.paths, &driver.programs, def).await;
            let started = started.map_err(|error| internal(&format!("network '{}': {error}", def.name)))?;
            if let Some(run) = &mut network.write().run {
                run.dnsmasq = Some(started);
            }
        }
        None => {
            let started = start::start_dnsmasq(driver, def).await?;
            if let Some(run) = &mut network.write().run {
                run.dnsmasq = started;
            }
        }
    }
    Ok(())
}

/// The one definition that a question is about.
pub(crate) fn asked(network: &Network, flags: AffectFlags) -> Result<Arc<NetworkDef>> {
    if flags.contains(AffectFlags::LIVE | AffectFlags::CONFIG) {
        let detail = "flags 'VIR_NETWORK_UPDATE_AFFECT_LIVE' and 'VIR_NETWORK_UPDATE_AFFECT_CONFIG' are mutually \
                      exclusive";
        return Err(Error::invalid_arg(ErrorDomain::NETWORK, detail));
    }
    let impact = impact(network, flags)?;
    let state = network.read();
    let def = if impact.live { state.run.as_ref().map(|run| &run.def) } else { state.config.as_ref() };
    def.cloned().ok_or_else(|| invalid("network is not running"))
}
