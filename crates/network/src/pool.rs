//! Networks without a bridge: which of the host's interfaces a port gets.

use std::path::Path;

use conf::domain::DirectMode;
use conf::network::{NetworkPort, PciAddress, Plug};
use protocol::Result;

use crate::Networks;
use crate::error::internal;
use crate::network::Run;

/// The interface with the fewest ports on it; for passthrough one without any.
pub(crate) fn direct(_driver: &Networks, run: &Run, mode: DirectMode) -> Result<Plug> {
    let def = &run.def;
    let devices: Vec<String> = match &def.forward.pf {
        Some(pf) => virtual_functions(pf)?.into_iter().map(|(_, name)| name).collect(),
        None => def.forward.interfaces.iter().map(|interface| interface.dev.clone()).collect(),
    };
    if devices.is_empty() {
        return Err(internal(&format!(
            "network '{}' uses a direct mode, but has no forward dev and no interface pool",
            def.name
        )));
    }
    let ports_on = |dev: &String| {
        let on_it =
            |port: &&NetworkPort| matches!(&port.plug, Some(Plug::Direct { dev: other, .. }) if other == dev);
        run.ports.values().filter(on_it).count()
    };
    let free = devices.iter().filter(|dev| mode != DirectMode::Passthrough || ports_on(dev) == 0);
    let chosen = free.min_by_key(|dev| ports_on(dev)).ok_or_else(|| exclusive(&def.name))?;
    Ok(Plug::Direct { dev: chosen.clone(), mode })
}

/// A PCI function that no other port has.
pub(crate) fn pci(_driver: &Networks, run: &Run) -> Result<Plug> {
    let def = &run.def;
    let addresses = match &def.forward.pf {
        Some(pf) => virtual_functions(pf)?.into_iter().map(|(address, _)| address).collect(),
        None => def.forward.addresses.clone(),
    };
    if addresses.is_empty() {
        return Err(internal(&format!(
            "network '{}' uses a hostdev mode, but has no forward dev and no interface pool",
            def.name
        )));
    }
    let taken = |wanted: &PciAddress| {
        let has = |port: &NetworkPort| matches!(&port.plug, Some(Plug::HostdevPci { address, .. }) if address == wanted);
        run.ports.values().any(has)
    };
    let free = addresses.into_iter().find(|address| !taken(address));
    let address = free.ok_or_else(|| exclusive(&def.name))?;
    Ok(Plug::HostdevPci { managed: def.forward.managed, address })
}

fn exclusive(network: &str) -> protocol::Error {
    internal(&format!("network '{network}' requires exclusive access to interfaces, but none are available"))
}

/// Virtual functions of a network device, with the names of their own devices (sysfs, `virtfnN`).
fn virtual_functions(pf: &str) -> Result<Vec<(PciAddress, String)>> {
    let failed =
        |error: std::io::Error| internal(&format!("Could not get Virtual functions on {pf}: {error}"));
    let device = Path::new("/sys/class/net").join(pf).join("device");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&device).map_err(failed)?.flatten() {
        if !entry.file_name().to_string_lossy().starts_with("virtfn") {
            continue;
        }
        let target = entry.path().canonicalize().map_err(failed)?;
        let address = target.file_name().and_then(|name| name.to_str()).and_then(parse_pci);
        let name = std::fs::read_dir(target.join("net")).ok().and_then(|mut list| list.next()?.ok());
        if let (Some(address), Some(name)) = (address, name) {
            found.push((address, name.file_name().to_string_lossy().into_owned()));
        }
    }
    if found.is_empty() {
        return Err(internal(&format!("No usable Vf's present on SRIOV PF {pf}")));
    }
    found.sort_by_key(|(address, _)| (address.bus, address.slot, address.function));
    Ok(found)
}

/// `0000:04:00.1`
fn parse_pci(text: &str) -> Option<PciAddress> {
    let (rest, function) = text.rsplit_once('.')?;
    let mut parts = rest.split(':');
    Some(PciAddress {
        domain: u16::from_str_radix(parts.next()?, 16).ok()?,
        bus: u8::from_str_radix(parts.next()?, 16).ok()?,
        slot: u8::from_str_radix(parts.next()?, 16).ok()?,
        function: u8::from_str_radix(function, 16).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pci_names() {
        let address = parse_pci("0000:af:1f.7").unwrap();
        assert_eq!((address.bus, address.slot, address.function), (0xaf, 0x1f, 7));
        assert_eq!(address.to_string(), "0000:af:1f.7");
        assert!(parse_pci("0000:af").is_none());
    }
}
