//! Devices that libvirt adds: controllers for what is plugged into them.

use xml::Element;

use super::{CharClass, Device, DeviceInfo, Devices, Disk, DiskBus, HostdevSource, KeptDevice};
use crate::{Error, Result};

/// Largest index of a controller. libvirt knows no limit and makes as many controllers as a document claims.
pub(crate) const CONTROLLERS_MAX: u32 = 255;

/// `<address type='drive' ..>`.
pub(crate) fn drive_address(controller: u32, bus: u32, unit: u32) -> Element {
    Element::new("address")
        .with("type", "drive")
        .with("controller", controller)
        .with("bus", bus)
        .with("target", 0)
        .with("unit", unit)
}

/// Gives controllers their index and smart cards their address, then adds the missing controllers.
pub(crate) fn complete(devices: &mut Devices) -> Result<()> {
    number_controllers(devices)?;
    let mut slot = 0;
    for device in devices.iter_mut() {
        if let Device::Kept(kept) = device
            && kept.name == "smartcard"
        {
            let address =
                || Element::new("address").with("type", "ccid").with("controller", 0).with("slot", slot);
            kept.info.address.get_or_insert_with(address);
            slot += 1;
        }
    }
    for (kind, bus) in
        [("scsi", DiskBus::Scsi), ("fdc", DiskBus::Fdc), ("ide", DiskBus::Ide), ("sata", DiskBus::Sata)]
    {
        let on_bus = |disk: &&Disk| disk.bus == bus && disk.info.is_at("drive");
        let last = devices.disks().filter(on_bus).filter_map(|disk| disk.info.controller()).max();
        add_missing(devices, kind, last);
    }
    let serial = devices.chars().filter(|char| {
        char.class == CharClass::Channel && char.target.kind.as_deref() == Some("virtio")
            || char.class == CharClass::Console && char.target.kind.as_deref() == Some("virtio")
    });
    let last = serial.map(|char| char.info.controller().unwrap_or(0)).max();
    add_missing(devices, "virtio-serial", last);
    let cards = devices.kept().filter(|kept| kept.name == "smartcard");
    let last = cards.filter_map(|kept| kept.info.controller()).max();
    add_missing(devices, "ccid", last);
    let scsi = devices
        .hostdevs()
        .filter(|hostdev| matches!(&hostdev.source, HostdevSource::Other { kind, .. } if kind == "scsi"));
    let last = scsi.filter_map(|hostdev| hostdev.info.controller()).max();
    add_missing(devices, "scsi", last);
    Ok(())
}

fn indexes(devices: &Devices, kind: &str) -> Vec<u32> {
    let controllers = devices.kept().filter(|kept| kept.name == "controller");
    controllers
        .filter(|kept| kept.element.attr("type") == Some(kind))
        .filter_map(|kept| kept.element.attr("index")?.parse().ok())
        .collect()
}

fn number_controllers(devices: &mut Devices) -> Result<()> {
    let controllers = || devices.kept().filter(|kept| kept.name == "controller");
    let kind_of = |kept: &KeptDevice| kept.element.attr("type").unwrap_or("ide").to_owned();
    let index_of = |kept: &KeptDevice| kept.element.attr("index").and_then(|index| index.parse::<u32>().ok());
    let mut given: Vec<(String, u32)> = Vec::new();
    for (kind, index) in controllers().filter_map(|kept| Some((kind_of(kept), index_of(kept)?))) {
        if given.iter().any(|(k, i)| *k == kind && *i == index) {
            return Err(Error::unsupported(format!("Multiple '{kind}' controllers with index '{index}'")));
        }
        given.push((kind, index));
    }
    for kept in devices.kept_mut().filter(|kept| kept.name == "controller") {
        if index_of(kept).is_some() {
            continue;
        }
        let kind = kind_of(kept);
        let taken = |index: &u32| given.iter().any(|(k, i)| *k == kind && i == index);
        let free = (0..=CONTROLLERS_MAX).find(|index| !taken(index));
        let free = free.ok_or_else(|| Error::xml(format!("too many controllers of type '{kind}'")))?;
        kept.element.push_attr("index", free);
        // Behind `type=`, where libvirt prints it.
        kept.element.attributes[1..].rotate_right(1);
        given.push((kind, free));
    }
    Ok(())
}

fn add_missing(devices: &mut Devices, kind: &str, last: Option<u32>) {
    let Some(last) = last else { return };
    let present = indexes(devices, kind);
    for index in (0..=last).filter(|index| !present.contains(index)) {
        let element = Element::new("controller").with("type", kind).with("index", index);
        devices.insert(Device::Kept(KeptDevice { name: "controller", element, info: DeviceInfo::default() }));
    }
}
