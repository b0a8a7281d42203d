//! Starting and stopping.

use std::collections::BTreeMap;
use std::sync::Arc;

use conf::network::{ForwardMode, NetworkDef};
use protocol::consts::NetworkLifecycleEvent;
use protocol::{Error, ErrorDomain, Result};

use crate::define::{blocking, discard};
use crate::dnsmasq::{self, Watcher};
use crate::error::{internal, invalid, of_file};
use crate::links::{NewBridge, ifb_of};
use crate::network::{Network, Run};
use crate::{Networks, bandwidth, firewall, names, status, sysctl};

/// Makes a network active. The caller holds its job.
pub(crate) async fn start(driver: &Networks, network: &Arc<Network>, def: &NetworkDef) -> Result<()> {
    if network.read().is_active() {
        return Err(invalid("network is already active"));
    }
    let dnsmasq = if def.makes_bridge() { start_bridge(driver, def).await? } else { None };
    let run = Run { def: Arc::new(def.clone()), ports: BTreeMap::new(), dnsmasq };
    network.write().run = Some(run);
    if let Err(error) = status::save(driver, network).await {
        stop(driver, network).await;
        return Err(error);
    }
    driver.active_changed(1);
    driver.events.lifecycle(&network.on_wire(), NetworkLifecycleEvent::STARTED);
    tracing::info!(network = network.name, "started");
    Ok(())
}

/// Makes the bridge and everything on it; what was made before a failure is removed.
async fn start_bridge(driver: &Networks, def: &NetworkDef) -> Result<Option<Arc<Watcher>>> {
    let bridge = bridge_of(def)?;
    check_collision(driver, def).await?;
    let alias = format!("virtcontainer network {}", def.name);
    let vlans = def.vlan.is_some() || def.portgroups.iter().any(|group| group.vlan.is_some());
    let mac = def.mac.ok_or_else(|| internal("bridge has no address"))?;
    let new = NewBridge {
        name: bridge,
        mac: mac.0,
        mtu: def.mtu,
        stp: def.bridge.stp.unwrap_or(true),
        delay: def.bridge.delay.unwrap_or(0),
        vlan_filtering: vlans,
        alias: &alias,
    };
    let index = driver.links.create_bridge(&new).await?;
    match set_up_bridge(driver, def, bridge, index).await {
        Ok(dnsmasq) => Ok(dnsmasq),
        Err(error) => {
            remove_bridge(driver, def, None).await;
            Err(error)
        }
    }
}

async fn set_up_bridge(
    driver: &Networks,
    def: &NetworkDef,
    bridge: &str,
    index: u32,
) -> Result<Option<Arc<Watcher>>> {
    let (v4, v6) = families(def);
    let sysctl = &driver.paths.sysctl;
    sysctl::set_up_bridge(sysctl, bridge, v6)?;
    // Before anything can use it.
    firewall::apply(def).await?;
    for ip in &def.ips {
        let prefix = ip.prefix_len();
        let prefix = prefix.ok_or_else(|| internal(&format!("bridge '{bridge}' has an invalid prefix")))?;
        driver.links.add_address(index, ip.address, prefix).await?;
    }
    driver.links.up(index, bridge).await?;
    if let Some(bandwidth) = &def.bandwidth {
        let ifb = ifb_of(index);
        if bandwidth.outbound.is_some() {
            driver.links.create_ifb(&ifb).await?;
        }
        bandwidth::apply(def, &ifb).await?;
    }
    for route in &def.routes {
        let metric = route.metric.unwrap_or(1);
        driver.links.add_route(index, route.address, route.prefix_len(), route.gateway, metric).await?;
    }
    if def.forward.mode != ForwardMode::None {
        if v6 {
            sysctl::check_v6_forwarding(sysctl, &driver.links.learned_routes().await?)?;
        }
        sysctl::enable_forwarding(sysctl, v4, v6)?;
    }
    start_dnsmasq(driver, def).await
}

/// Starts dnsmasq, if the network needs one and can have one.
pub(crate) async fn start_dnsmasq(driver: &Networks, def: &NetworkDef) -> Result<Option<Arc<Watcher>>> {
    if !dnsmasq::is_needed(def) {
        return Ok(None);
    }
    if driver.programs.dnsmasq.is_none() && !dnsmasq::is_essential(def) {
        tracing::warn!(
            network = def.name,
            "without dnsmasq, which is not installed, there are no names in the network"
        );
        return Ok(None);
    }
    let (paths, copy, known) =
        (driver.paths.clone(), def.clone(), names::known(driver, def, &BTreeMap::new()));
    blocking(move || {
        dnsmasq::write_files(&paths, &copy, &known).map_err(|error| {
            of_file("couldn't write dnsmasq config file", &paths.dnsmasq_conf(&copy.name), &error)
        })
    })
    .await?;
    let started = Watcher::start(&driver.paths, &driver.programs, def).await;
    started.map(Some).map_err(|error| internal(&format!("network '{}': {error}", def.name)))
}

/// Makes a network inactive. What cannot be removed is named in the log, and the rest is removed. The caller holds
/// the network's job.
pub(crate) async fn stop(driver: &Networks, network: &Network) {
    let Some(run) = network.write().run.take() else { return };
    if run.def.makes_bridge() {
        remove_bridge(driver, &run.def, run.dnsmasq).await;
    }
    discard(&driver.paths.status(&network.name));
    let ports = driver.paths.ports(&network.name);
    if let Err(error) = std::fs::remove_dir_all(driver.paths.state.join(&network.name))
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(path = %ports.display(), %error, "cannot remove");
    }
}

/// Stops a network and tells everybody.
pub(crate) async fn destroy(driver: &Networks, network: &Arc<Network>) {
    stop(driver, network).await;
    driver.active_changed(-1);
    driver.events.lifecycle(&network.on_wire(), NetworkLifecycleEvent::STOPPED);
    tracing::info!(network = network.name, "stopped");
    driver.forget(network);
}

async fn remove_bridge(driver: &Networks, def: &NetworkDef, dnsmasq: Option<Arc<Watcher>>) {
    let Some(bridge) = def.bridge.name.as_deref() else { return };
    match dnsmasq {
        Some(dnsmasq) => dnsmasq.stop().await,
        None => dnsmasq::end_stray(&driver.paths, &def.name).await,
    }
    if def.bandwidth.as_ref().is_some_and(|bandwidth| bandwidth.outbound.is_some())
        && let Ok(Some(index)) = driver.links.index(bridge).await
        && let Err(error) = driver.links.delete(&ifb_of(index)).await
    {
        tracing::error!(network = def.name, %error, "stays behind");
    }
    let (deleted, rules) = (driver.links.delete(bridge).await, remove_rules(def, bridge).await);
    for error in [deleted.err(), rules.err()].into_iter().flatten() {
        tracing::error!(network = def.name, %error, "stays behind");
    }
    let paths = &driver.paths;
    let name = &def.name;
    for path in [
        paths.pid(name),
        paths.dnsmasq_conf(name),
        paths.hostsfile(name),
        paths.addnhosts(name),
        paths.macs(bridge),
    ] {
        discard(&path);
    }
}

/// An open network has no rules, and a host that only has such networks needs no nft.
async fn remove_rules(def: &NetworkDef, bridge: &str) -> Result<()> {
    if def.forward.mode == ForwardMode::Open { Ok(()) } else { firewall::remove(bridge).await }
}

/// Has it IPv4, has it IPv6?
pub(crate) fn families(def: &NetworkDef) -> (bool, bool) {
    let any = |v4: bool| def.ips.iter().any(|ip| ip.address.is_ipv4() == v4);
    (any(true), any(false))
}

pub(crate) fn bridge_of(def: &NetworkDef) -> Result<&str> {
    def.bridge
        .name
        .as_deref()
        .ok_or_else(|| internal(&format!("network '{}' has no bridge name defined", def.name)))
}

/// A network that the host already reaches some other way would cut it off from there.
async fn check_collision(driver: &Networks, def: &NetworkDef) -> Result<()> {
    let routed = driver.links.routed_networks().await?;
    for ip in &def.ips {
        let (Some((first, _)), Some(prefix)) = (ip.ends(), ip.prefix_len()) else { continue };
        let same = routed.iter().find(|(network, length, _)| *network == first && *length == prefix);
        if let Some((.., index)) = same {
            let name = driver.links.name(*index).await?.unwrap_or_else(|| index.to_string());
            let text = format!("Network is already in use by interface {name}");
            return Err(Error::internal(ErrorDomain::NONE, &text));
        }
    }
    Ok(())
}

/// Starts the defined network.
pub(crate) async fn start_defined(driver: &Networks, network: &Arc<Network>) -> Result<()> {
    let _job = network.begin_job().await?;
    let config = network.read().config.clone();
    let config = config.ok_or_else(|| invalid("network is already active"))?;
    let mut def = NetworkDef::clone(&config);
    if def.makes_bridge() && (def.mac.is_none() || def.bridge.name.is_none()) {
        crate::define::complete(driver, &mut def).await?;
    }
    start(driver, network, &def).await
}
