//! Definitions: on disk and in the registry, and the name of the bridge.

use std::path::Path;
use std::sync::Arc;

use conf::MacAddr;
use conf::network::{NetworkDef, check_network};
use protocol::{Error, ErrorDomain, Result, Uuid};
use store::Durability;

use crate::Networks;
use crate::error::{internal, invalid, of_document, of_file};
use crate::firewall;
use crate::network::Network;

/// Highest number of a bridge whose name is made up.
const BRIDGE_MAX: u32 = 256;

/// Name of such a bridge.
const BRIDGE_PATTERN: &str = "virbr%d";

/// Longest name of a network interface, bytes (`IFNAMSIZ` less its zero byte).
const NAME_MAX: usize = 15;

/// Reads all definitions. A bad one is named in the log, and costs nobody else anything.
pub(crate) fn load_all(driver: &Networks) {
    for (stem, text) in store::documents(&driver.paths.config) {
        let path = driver.paths.definition(&stem);
        let def = match NetworkDef::parse(&text, driver.random) {
            Ok(def) => def,
            Err(error) => {
                tracing::error!(path = %path.display(), %error, "definition ignored");
                continue;
            }
        };
        if def.name != stem {
            tracing::error!(
                path = %path.display(),
                name = def.name,
                "Network config filename does not match network name, ignored"
            );
            continue;
        }
        let uuid = Uuid(def.uuid.0);
        if driver.registry.by_uuid(uuid).is_some() {
            tracing::error!(path = %path.display(), %uuid, "another network has the uuid, ignored");
            continue;
        }
        let link = driver.paths.autostart_link(&stem);
        let autostart = std::fs::read_link(&link).is_ok_and(|target| target == path);
        driver.registry.insert(&Arc::new(Network::new(uuid, &stem, Some(Arc::new(def)), autostart)));
    }
}

/// Reads a client's document, checks it, and gives its bridge a name and an address.
pub(crate) async fn read(driver: &Networks, xml: &str) -> Result<NetworkDef> {
    let mut def = NetworkDef::parse(xml, driver.random).map_err(|error| of_document(&error))?;
    check_network(&def).map_err(|error| of_document(&error))?;
    def.port_forwards().map_err(|error| of_document(&error))?;
    complete(driver, &mut def).await?;
    Ok(def)
}

/// Gives a bridge of the network's own its name and its address.
pub(crate) async fn complete(driver: &Networks, def: &mut NetworkDef) -> Result<()> {
    if def.makes_bridge() {
        name_bridge(driver, def).await?;
        def.mac.get_or_insert_with(|| MacAddr::generate(driver.random));
    }
    Ok(())
}

async fn name_bridge(driver: &Networks, def: &mut NetworkDef) -> Result<()> {
    let in_use = |name: &str| {
        driver.registry.all().iter().filter(|other| other.name != def.name).any(|other| {
            let state = other.read();
            let active = state.run.as_ref().map(|run| &run.def);
            [active, state.config.as_ref()]
                .into_iter()
                .flatten()
                .any(|def| def.bridge.name.as_deref() == Some(name))
        })
    };
    match def.bridge.name.clone() {
        Some(name) if !name.contains("%d") => {
            if in_use(&name) {
                return Err(internal(&format!("bridge name '{name}' already in use.")));
            }
            firewall::check_name(&name).map_err(|error| of_document(&error.from(conf::origin::NETWORK)))
        }
        pattern => {
            let pattern = pattern.unwrap_or_else(|| BRIDGE_PATTERN.to_owned());
            for number in 0..=BRIDGE_MAX {
                let name = pattern.replacen("%d", &number.to_string(), 1);
                if name.len() <= NAME_MAX && !in_use(&name) && driver.links.index(&name).await?.is_none() {
                    def.bridge.name = Some(name);
                    return Ok(());
                }
            }
            Err(internal(&format!("Bridge generation exceeded max id {BRIDGE_MAX}")))
        }
    }
}

/// The existing network that a document is for: same name and same uuid. One of them alone is an error.
pub(crate) fn existing(driver: &Networks, def: &NetworkDef) -> Result<Option<Arc<Network>>> {
    let uuid = Uuid(def.uuid.0);
    if let Some(network) = driver.registry.by_uuid(uuid) {
        if network.name == def.name {
            return Ok(Some(network));
        }
        let detail = format!("network '{}' is already defined with uuid {uuid}", network.name);
        return Err(Error::operation_failed(ErrorDomain::NETWORK, &detail));
    }
    if let Some(network) = driver.registry.by_name(&def.name) {
        let detail = format!("network '{}' already exists with uuid {}", network.name, network.uuid);
        return Err(Error::operation_failed(ErrorDomain::NETWORK, &detail));
    }
    Ok(None)
}

/// The warning at the head of libvirt's files.
pub(crate) fn header(name: &str) -> String {
    // Two dashes would end the comment.
    let name = name.replace("--", "- -");
    format!(
        "<!-- Written by virtcontainerd; a change by hand gets lost. Use \"virsh net-edit {name}\" instead. -->\n\n"
    )
}

/// Writes a definition to disk.
pub(crate) async fn save(driver: &Networks, def: &Arc<NetworkDef>) -> Result<()> {
    let path = driver.paths.definition(&def.name);
    let def = Arc::clone(def);
    blocking(move || {
        let text = format!("{}{}", header(&def.name), def.format(true));
        store::replace(&path, &text, Durability::Disk).map_err(|error| of_file("cannot write", &path, &error))
    })
    .await
}

/// Removes a definition and its autostart link from disk.
pub(crate) async fn remove(driver: &Networks, name: &str) -> Result<()> {
    let (path, link) = (driver.paths.definition(name), driver.paths.autostart_link(name));
    blocking(move || {
        for path in [&link, &path] {
            store::remove(path, Durability::Disk).map_err(|error| of_file("cannot remove", path, &error))?;
        }
        Ok(())
    })
    .await
}

/// Makes or removes the autostart link of a persistent network.
pub(crate) async fn set_autostart(driver: &Networks, network: &Network, autostart: bool) -> Result<()> {
    {
        let state = network.read();
        if !state.is_persistent() {
            return Err(invalid("cannot set autostart for transient network"));
        }
        if state.autostart == autostart {
            return Ok(());
        }
    }
    let (path, link) = (driver.paths.definition(&network.name), driver.paths.autostart_link(&network.name));
    blocking(move || {
        let done = if autostart {
            store::replace_link(&path, &link)
        } else {
            store::remove(&link, Durability::Disk)
        };
        done.map_err(|error| of_file("cannot change", &link, &error))
    })
    .await?;
    network.write().autostart = autostart;
    Ok(())
}

/// Runs what waits for a disk where it holds up no other client.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// Removes a file, and says so in the log when that fails.
pub(crate) fn discard(path: &Path) {
    if let Err(error) = store::remove(path, Durability::Memory) {
        tracing::warn!(path = %path.display(), %error, "cannot remove");
    }
}
