//! State of active networks on disk (`/run/libvirt/network`), in libvirt's form, and finding them again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use conf::network::{NetworkDef, NetworkPort, NetworkStatus};
use protocol::{Result, Uuid};
use store::Durability;

use crate::define::{blocking, discard, header};
use crate::dnsmasq::Watcher;
use crate::error::of_file;
use crate::network::{Network, Run};
use crate::{Networks, firewall, start};

/// Writes the status of an active network.
pub(crate) async fn save(driver: &Networks, network: &Network) -> Result<()> {
    let Some(run) = network.read().run.clone() else { return Ok(()) };
    let floors = run.ports.values().filter_map(|port| port.bandwidth.as_ref()?.inbound.as_ref()?.floor);
    let status = NetworkStatus { floor_sum: floors.sum(), def: NetworkDef::clone(&run.def) };
    let path = driver.paths.status(&network.name);
    let text = format!("{}{}", header(&network.name), status.format());
    blocking(move || {
        store::replace(&path, &text, Durability::Memory)
            .map_err(|error| of_file("cannot write", &path, &error))
    })
    .await
}

fn port_path(driver: &Networks, network: &str, uuid: Uuid) -> PathBuf {
    driver.paths.ports(network).join(format!("{uuid}.xml"))
}

/// Writes a port.
pub(crate) async fn save_port(driver: &Networks, network: &Network, port: &NetworkPort) -> Result<()> {
    let path = port_path(driver, &network.name, Uuid(port.uuid.0));
    let text = port.format_status();
    blocking(move || {
        let dir = path.parent().unwrap_or(&path);
        std::fs::create_dir_all(dir).map_err(|error| of_file("cannot create directory", dir, &error))?;
        store::replace(&path, &text, Durability::Memory)
            .map_err(|error| of_file("cannot write", &path, &error))
    })
    .await
}

/// Removes a port's file.
pub(crate) fn remove_port(driver: &Networks, network: &Network, uuid: Uuid) {
    discard(&port_path(driver, &network.name, uuid));
}

/// Takes over every network that a status file says is active, if its bridge is still there.
pub(crate) async fn find_all(driver: &Networks) {
    for (name, text) in store::documents(&driver.paths.state) {
        match NetworkStatus::parse(&text, driver.random) {
            Ok(status) if status.def.name == name => find(driver, status.def).await,
            Ok(_) => tracing::error!(name, "status of another network, left alone"),
            Err(error) => tracing::error!(name, %error, "status left alone"),
        }
    }
}

async fn find(driver: &Networks, def: NetworkDef) {
    let network = network_of(driver, &def);
    let name = network.name.clone();
    if def.makes_bridge() {
        let bridge = def.bridge.name.as_deref().unwrap_or_default();
        match driver.links.index(bridge).await {
            Ok(Some(_)) => {}
            Ok(None) => return gone(driver, &network, &def).await,
            Err(error) => tracing::error!(network = name, %error, "is its bridge there?"),
        }
        if let Err(error) = firewall::apply(&def).await {
            tracing::error!(network = name, %error, "firewall");
        }
    }
    let ports = ports(driver, &name);
    let dnsmasq = if def.makes_bridge() { find_dnsmasq(driver, &def).await } else { None };
    network.write().run = Some(Run { def: Arc::new(def), ports, dnsmasq });
    driver.active_changed(1);
    tracing::info!(network = name, "still active");
}

/// The network of a status: the defined one, or a transient one.
fn network_of(driver: &Networks, def: &NetworkDef) -> Arc<Network> {
    let uuid = Uuid(def.uuid.0);
    driver.registry.by_uuid(uuid).unwrap_or_else(|| {
        let network = Arc::new(Network::new(uuid, &def.name, None, false));
        driver.registry.insert(&network);
        network
    })
}

/// The bridge went away while no daemon ran: with a reboot, or by somebody's hand.
async fn gone(driver: &Networks, network: &Arc<Network>, def: &NetworkDef) {
    tracing::warn!(network = network.name, "its bridge is gone: no longer active");
    network.write().run = Some(Run { def: Arc::new(def.clone()), ports: BTreeMap::new(), dnsmasq: None });
    start::stop(driver, network).await;
    driver.forget(network);
}

async fn find_dnsmasq(driver: &Networks, def: &NetworkDef) -> Option<Arc<Watcher>> {
    if let Some(running) = Watcher::adopt(&driver.paths, &driver.programs, def) {
        return Some(running);
    }
    match start::start_dnsmasq(driver, def).await {
        Ok(started) => started,
        Err(error) => {
            tracing::error!(network = def.name, %error, "dnsmasq");
            None
        }
    }
}

fn ports(driver: &Networks, name: &str) -> BTreeMap<Uuid, NetworkPort> {
    let dir = driver.paths.ports(name);
    if !dir.exists() {
        return BTreeMap::new();
    }
    let mut ports = BTreeMap::new();
    for (file, text) in store::documents(&dir) {
        match NetworkPort::parse(&text, driver.random) {
            Ok(port) => drop(ports.insert(Uuid(port.uuid.0), port)),
            Err(error) => tracing::error!(network = name, file, %error, "port left alone"),
        }
    }
    ports
}
