//! Ports: what an interface of a domain gets to be connected with.

use std::collections::BTreeMap;
use std::sync::Arc;

use conf::domain::DirectMode;
use conf::network::{ForwardMode, NetworkDef, NetworkPort, Plug};
use protocol::{Error, ErrorCode, ErrorDomain, Result, Uuid};
use store::Durability;

use crate::define::blocking;
use crate::error::{internal, not_active, of_file, unsupported};
use crate::network::{Network, Run};
use crate::{Networks, bandwidth, dnsmasq, names, pool, start, status};

/// Most ports of a bridge (`BR_MAX_PORTS` of the kernel, less the bridge itself).
const BRIDGE_PORTS_MAX: usize = 1023;

/// Plugs something in: gives the port what the network has for it.
///
/// `reclaim`: the port was plugged in before, and the network has forgotten it.
pub(crate) async fn create(
    driver: &Networks,
    network: &Arc<Network>,
    mut port: NetworkPort,
    reclaim: bool,
) -> Result<NetworkPort> {
    let _job = network.begin_job().await?;
    let run = network.read().run.clone().ok_or_else(|| not_active(&network.name))?;
    let uuid = Uuid(port.uuid.0);
    if run.ports.contains_key(&uuid) {
        let detail = format!("Network port with UUID {uuid} already exists");
        return Err(Error::new(ErrorCode::NETWORK_PORT_EXIST, ErrorDomain::NETWORK, &detail));
    }
    match (&port.plug, reclaim) {
        (Some(_), false) => return Err(argument("Port reclaim not requested but plug type is not none")),
        (None, true) => return Err(argument("Port reclaim requested but plug type is none")),
        _ => {}
    }
    inherit(&run.def, &mut port);
    if port.plug.is_none() {
        port.plug = Some(choose(driver, &run)?);
    }
    check_room(&run, &port)?;
    bandwidth::check_floor(&run, &port)?;
    if bandwidth::floor(&port) > 0 {
        port.class_id = Some(bandwidth::free_class(&run));
        bandwidth::add_class(&run.def, &port).await?;
    }
    status::save_port(driver, network, &port).await?;
    if let Some(run) = &mut network.write().run {
        run.ports.insert(uuid, port.clone());
    }
    changed(driver, network).await;
    Ok(port)
}

/// Unplugs a port.
pub(crate) async fn delete(driver: &Networks, network: &Arc<Network>, uuid: Uuid) -> Result<()> {
    let _job = network.begin_job().await?;
    let removed = {
        let mut state = network.write();
        let run = state.run.as_mut().ok_or_else(|| not_active(&network.name))?;
        let port = run.ports.remove(&uuid).ok_or_else(|| no_port(uuid))?;
        (port, Arc::clone(&run.def))
    };
    let (port, def) = removed;
    if port.class_id.is_some()
        && let Err(error) = bandwidth::remove_class(&def, &port).await
    {
        tracing::warn!(network = network.name, %error, "guaranteed share");
    }
    status::remove_port(driver, network, uuid);
    changed(driver, network).await;
    Ok(())
}

/// Changes the limits of a port.
pub(crate) async fn set_bandwidth(
    driver: &Networks,
    network: &Arc<Network>,
    uuid: Uuid,
    edit: impl FnOnce(&mut NetworkPort),
) -> Result<()> {
    let _job = network.begin_job().await?;
    let run = network.read().run.clone().ok_or_else(|| not_active(&network.name))?;
    let mut port = run.ports.get(&uuid).cloned().ok_or_else(|| no_port(uuid))?;
    let before = port.clone();
    edit(&mut port);
    let mut others = run.clone();
    others.ports.remove(&uuid);
    bandwidth::check_floor(&others, &port)?;
    if before.class_id.is_some() {
        bandwidth::remove_class(&run.def, &before).await?;
        port.class_id = None;
    }
    if bandwidth::floor(&port) > 0 {
        port.class_id = Some(bandwidth::free_class(&others));
        bandwidth::add_class(&run.def, &port).await?;
    }
    status::save_port(driver, network, &port).await?;
    if let Some(run) = &mut network.write().run {
        run.ports.insert(uuid, port);
    }
    status::save(driver, network).await
}

/// No port has the uuid.
pub(crate) fn no_port(uuid: Uuid) -> Error {
    let detail = format!("Network port with UUID {uuid} does not exist");
    Error::new(ErrorCode::NO_NETWORK_PORT, ErrorDomain::NETWORK, &detail)
}

fn argument(text: &str) -> Error {
    Error::invalid_arg(ErrorDomain::NETWORK, text)
}

/// What the port does not say itself comes from its group, then from the network.
fn inherit(def: &NetworkDef, port: &mut NetworkPort) {
    let group = def.portgroup(port.group.as_deref());
    let of_network = def.bandwidth.as_ref().filter(|_| !def.makes_bridge());
    let bandwidth = group.and_then(|group| group.bandwidth.as_ref()).or(of_network);
    if port.bandwidth.is_none() {
        port.bandwidth = bandwidth.cloned();
    }
    if port.vlan.is_none() {
        port.vlan = group.and_then(|group| group.vlan.as_ref()).or(def.vlan.as_ref()).cloned();
    }
    if port.virtualport.is_none() {
        let of_group = group.and_then(|group| group.virtualport.as_ref());
        port.virtualport = of_group.or(def.virtualport.as_ref()).cloned();
    }
    let trust = group.and_then(|group| group.trust_guest_rx_filters).or(def.trust_guest_rx_filters);
    port.trust_guest_rx_filters = port.trust_guest_rx_filters.or(trust);
    port.isolated = port.isolated.or(def.isolated);
}

fn choose(driver: &Networks, run: &Run) -> Result<Plug> {
    let def = &run.def;
    let mac_table = def.bridge.mac_table_manager;
    match def.forward.mode {
        ForwardMode::None | ForwardMode::Nat | ForwardMode::Route | ForwardMode::Open => {
            Ok(Plug::Network { bridge: start::bridge_of(def)?.to_owned(), mac_table_manager: mac_table })
        }
        ForwardMode::Bridge if def.bridge.name.is_some() => {
            check_switch(def)?;
            Ok(Plug::Bridge { bridge: start::bridge_of(def)?.to_owned(), mac_table_manager: mac_table })
        }
        ForwardMode::Bridge => pool::direct(driver, run, DirectMode::Bridge),
        ForwardMode::Private => pool::direct(driver, run, DirectMode::Private),
        ForwardMode::Vepa => pool::direct(driver, run, DirectMode::Vepa),
        ForwardMode::Passthrough => pool::direct(driver, run, DirectMode::Passthrough),
        ForwardMode::Hostdev => pool::pci(driver, run),
    }
}

/// Only Linux bridges are known here.
fn check_switch(def: &NetworkDef) -> Result<()> {
    match def.virtualport.as_ref().and_then(|port| port.kind.as_deref()) {
        None => Ok(()),
        Some(kind) => Err(unsupported(&format!(
            "<virtualport type='{kind}'> of network '{}' needs a switch that is not supported; remove it to use a \
             Linux bridge",
            def.name
        ))),
    }
}

fn check_room(run: &Run, port: &NetworkPort) -> Result<()> {
    let bridge = |port: &NetworkPort| match &port.plug {
        Some(Plug::Network { bridge, .. } | Plug::Bridge { bridge, .. }) => Some(bridge.clone()),
        _ => None,
    };
    let Some(wanted) = bridge(port) else {
        return match &port.vlan {
            Some(_) if matches!(port.plug, Some(Plug::Direct { .. })) => Err(unsupported(&format!(
                "an interface connecting to network '{}' is requesting a vlan tag, but that is not supported for \
                 this type of network",
                run.def.name
            ))),
            _ => Ok(()),
        };
    };
    let taken = run.ports.values().filter(|port| bridge(port).as_ref() == Some(&wanted)).count();
    if taken < BRIDGE_PORTS_MAX {
        return Ok(());
    }
    Err(Error::operation_failed(
        ErrorDomain::NETWORK,
        &format!(
            "bridge '{wanted}' of network '{}' is full: a bridge has at most {BRIDGE_PORTS_MAX} ports; use a second \
             network",
            run.def.name
        ),
    ))
}

/// Writes what depends on the ports: names of the domains, and their hardware addresses.
async fn changed(driver: &Networks, network: &Network) {
    if let Err(error) = status::save(driver, network).await {
        tracing::warn!(network = network.name, %error, "status");
    }
    let Some(run) = network.read().run.clone() else { return };
    if !run.def.makes_bridge() {
        return;
    }
    if let Err(error) = write_names(driver, &run.def, &run.ports).await {
        tracing::warn!(network = network.name, %error, "names");
        return;
    }
    if let Some(dnsmasq) = &run.dnsmasq {
        dnsmasq.reload();
    }
}

pub(crate) async fn write_names(
    driver: &Networks,
    def: &Arc<NetworkDef>,
    ports: &BTreeMap<Uuid, NetworkPort>,
) -> Result<()> {
    let known = names::known(driver, def, ports);
    let owners = ports.values().map(|port| (port.owner_name.as_str(), port.mac));
    let macs = dnsmasq::leases::macs(owners).map_err(|error| internal(&error.to_string()))?;
    let path = driver.paths.macs(start::bridge_of(def)?);
    let (paths, def) = (driver.paths.clone(), Arc::clone(def));
    blocking(move || {
        store::replace_with_mode(&path, &macs, Durability::Memory, 0o644)
            .map_err(|error| of_file("cannot write", &path, &error))?;
        if dnsmasq::is_needed(&def) {
            dnsmasq::write_hosts(&paths, &def, &known)
                .map_err(|error| of_file("cannot write", &paths.hostsfile(&def.name), &error))?;
        }
        Ok(())
    })
    .await
}
