//! The devices of a domain, in order.

use std::collections::{HashMap, HashSet};

use xml::Element;

use super::{
    CharClass, CharDevice, Device, Disk, Filesystem, Hostdev, HostdevSource, Interface, KeptDevice, console,
    implicit, kept,
};
use crate::domain::{FormatFlags, ParseContext};
use crate::{Error, Result};

/// Most devices of one domain.
const DEVICES_MAX: usize = 4096;

/// All devices, in the order they are printed: by kind, then as added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Devices {
    /// `<emulator>`
    pub emulator: Option<String>,
    list: Vec<Device>,
}

macro_rules! of_kind {
    ($($variant:ident: $one:ident, $name:ident, $name_mut:ident;)+) => { $(
        #[doc = concat!("The ", stringify!($name), ", in order.")]
        pub fn $name(&self) -> impl Iterator<Item = &$one> {
            self.list.iter().filter_map(|d| match d { Device::$variant(x) => Some(x), _ => None })
        }

        #[doc = concat!("The ", stringify!($name), ", in order.")]
        pub fn $name_mut(&mut self) -> impl Iterator<Item = &mut $one> {
            self.list.iter_mut().filter_map(|d| match d { Device::$variant(x) => Some(x), _ => None })
        }
    )+ };
}

impl Devices {
    of_kind! {
        Disk: Disk, disks, disks_mut;
        Filesystem: Filesystem, filesystems, filesystems_mut;
        Interface: Interface, interfaces, interfaces_mut;
        Char: CharDevice, chars, chars_mut;
        Hostdev: Hostdev, hostdevs, hostdevs_mut;
    }

    /// Devices without effect on a container, in order.
    pub fn kept(&self) -> impl Iterator<Item = &KeptDevice> {
        self.list.iter().filter_map(|d| match d {
            Device::Kept(kept) => Some(kept),
            _ => None,
        })
    }

    pub(crate) fn kept_mut(&mut self) -> impl Iterator<Item = &mut KeptDevice> {
        self.list.iter_mut().filter_map(|d| match d {
            Device::Kept(kept) => Some(kept),
            _ => None,
        })
    }

    /// `<console>`s, in order.
    pub fn consoles(&self) -> impl Iterator<Item = &CharDevice> {
        self.chars().filter(|c| c.class == CharClass::Console)
    }

    /// `<console>`s, in order.
    pub fn consoles_mut(&mut self) -> impl Iterator<Item = &mut CharDevice> {
        self.chars_mut().filter(|c| c.class == CharClass::Console)
    }

    /// The file system mounted at `/`.
    #[must_use]
    pub fn root(&self) -> Option<&Filesystem> {
        self.filesystems().find(|fs| fs.target == "/")
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Device> {
        self.list.iter()
    }

    /// All of them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Device> {
        self.list.iter_mut()
    }

    /// The device at an index that [`Self::find`] gave.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&Device> {
        self.list.get(index)
    }

    /// The device at an index that [`Self::find`] gave.
    pub fn at_mut(&mut self, index: usize) -> Option<&mut Device> {
        self.list.get_mut(index)
    }

    /// Adds a device behind those of its kind (a disk: sorted by name within its bus); gives its index.
    pub fn insert(&mut self, device: Device) -> usize {
        let rank = device.rank();
        let end = self.list.iter().rposition(|other| other.rank() <= rank).map_or(0, |at| at + 1);
        let mut index = end;
        if let Device::Disk(disk) = &device {
            let same_bus = |other: &&Device| matches!(other, Device::Disk(other) if other.bus == disk.bus);
            if let Some(last) = self.list.iter().rposition(|other| same_bus(&other)) {
                index = last + 1;
            }
            let later = |other: &Device| matches!(other, Device::Disk(other) if disk.before(other));
            index = self.list.iter().position(later).unwrap_or(index);
        }
        self.list.insert(index, device);
        index
    }

    /// Takes a device out.
    pub fn remove(&mut self, index: usize) -> Option<Device> {
        (index < self.list.len()).then(|| self.list.remove(index))
    }

    /// The device that `wanted` (the possibly partial XML of a detach or update) means.
    ///
    /// An alias decides if there is one. Otherwise an interface is found by its hardware address, a file
    /// system or disk by its target, a host device by its source, a console by its port, anything else by
    /// being equal. Several matching interfaces are an error.
    pub fn find(&self, wanted: &Device) -> Result<Option<usize>> {
        if let Some(alias) = &wanted.info().alias {
            return Ok(self.find_alias(alias).filter(|index| self.list[*index].kind() == wanted.kind()));
        }
        let mut matches = self.list.iter().enumerate().filter(|(_, device)| is_meant(device, wanted));
        let first = matches.next().map(|(index, _)| index);
        if let (Device::Interface(nic), Some(_)) = (wanted, matches.next()) {
            let text = format!("multiple devices matching MAC address {} found", nic.mac);
            return Err(Error::operation_failed(text));
        }
        Ok(first)
    }

    /// The device of an alias.
    #[must_use]
    pub fn find_alias(&self, alias: &str) -> Option<usize> {
        self.list.iter().position(|d| d.info().alias.as_deref() == Some(alias))
    }

    /// Gives every device without alias the next free one of its kind (`console0`, `fs0`, `net0`, ..).
    pub fn assign_aliases(&mut self) {
        let mut taken: HashSet<String> = self.list.iter().filter_map(|d| d.info().alias.clone()).collect();
        let mut next: HashMap<String, u32> = HashMap::new();
        for device in self.list.iter_mut().filter(|device| device.info().alias.is_none()) {
            let prefix = device.alias_prefix();
            let number = next.entry(prefix.clone()).or_default();
            let alias = loop {
                let alias = format!("{prefix}{number}");
                *number += 1;
                if taken.insert(alias.clone()) {
                    break alias;
                }
            };
            device.info_mut().alias = Some(alias);
        }
    }

    /// Forgets all aliases.
    pub fn clear_aliases(&mut self) {
        for device in &mut self.list {
            device.info_mut().alias = None;
        }
    }

    /// Reads them kind by kind. `checked` is called between reading and the checks of the whole, which is the order
    /// of libvirt's complaints.
    pub(crate) fn parse(
        domain: &Element,
        ctx: &ParseContext,
        checked: impl FnOnce() -> Result<()>,
    ) -> Result<Self> {
        let mut devices = Self::default();
        if let Some(e) = domain.child("devices") {
            devices.emulator = e.child_text("emulator");
            if e.elements().count() > DEVICES_MAX {
                return Err(Error::xml(format!("a domain has at most {DEVICES_MAX} devices")));
            }
            let mut elements: Vec<&Element> = e.elements().filter(|e| e.is(&e.name.local)).collect();
            elements.sort_by_key(|e| super::rank(&e.name.local));
            for e in elements {
                if let Some(device) = Device::from_element(e, ctx)? {
                    devices.insert(device);
                }
            }
        }
        devices.emulator.get_or_insert_with(|| ctx.emulator.clone());
        checked()?;
        devices.complete()?;
        Ok(devices)
    }

    /// What follows from the whole: ports, controllers, checks of devices against each other. To be called
    /// after a device was inserted or removed.
    pub fn complete(&mut self) -> Result<()> {
        console::assign_ports(self.chars_mut())?;
        for device in &mut self.list {
            device.complete()?;
        }
        implicit::complete(self)?;
        kept::complete(self);
        kept::check_all(self)?;
        self.check_disks()?;
        self.list.iter().try_for_each(Device::check)
    }

    fn check_disks(&self) -> Result<()> {
        let disks: Vec<&Disk> = self.disks().collect();
        for (at, disk) in disks.iter().enumerate() {
            for other in &disks[..at] {
                if other.target == disk.target {
                    let name = |disk: &Disk| disk.source.name().unwrap_or_default();
                    return Err(Error::xml(format!(
                        "target '{}' duplicated for disk sources '{}' and '{}'",
                        disk.target,
                        name(other),
                        name(disk)
                    )));
                }
                let drive = disk.info.is_at("drive") && other.bus == disk.bus;
                if let Some(address) = other.info.address.as_ref().filter(|_| drive)
                    && other.info.address == disk.info.address
                {
                    let part = |name: &str| address.attr(name).unwrap_or("0").to_owned();
                    return Err(Error::unsupported(format!(
                        "Found duplicate drive address for disk with target name '{}' controller='{}' bus='{}' \
                         target='{}' unit='{}'",
                        other.target,
                        part("controller"),
                        part("bus"),
                        part("target"),
                        part("unit")
                    )));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn format(&self, flags: FormatFlags) -> Element {
        let mut e = Element::new("devices");
        e.push_text_opt("emulator", self.emulator.as_ref());
        e.extend(self.list.iter().map(|device| device.to_element(flags)));
        e
    }
}

/// Could the XML of `wanted` mean `device`?
fn is_meant(device: &Device, wanted: &Device) -> bool {
    match (device, wanted) {
        (Device::Interface(device), Device::Interface(wanted)) => {
            let same_name = wanted.guest_dev.is_none() || wanted.guest_dev == device.guest_dev;
            device.mac == wanted.mac && same_name
        }
        (Device::Filesystem(device), Device::Filesystem(wanted)) => device.target == wanted.target,
        (Device::Disk(device), Device::Disk(wanted)) => device.target == wanted.target,
        (Device::Hostdev(device), Device::Hostdev(wanted)) => same_source(&device.source, &wanted.source),
        (Device::Char(device), Device::Char(wanted)) => {
            let same_port = wanted.target.port.is_none() || wanted.target.port == device.target.port;
            device.class == wanted.class && device.target.kind == wanted.target.kind && same_port
        }
        (Device::Kept(device), Device::Kept(wanted)) => {
            device.name == wanted.name && device.element == wanted.element
        }
        _ => false,
    }
}

/// A USB device is found by what the XML says of it.
fn same_source(device: &HostdevSource, wanted: &HostdevSource) -> bool {
    match (device, wanted) {
        (HostdevSource::Usb(device), HostdevSource::Usb(wanted)) => {
            (wanted.product.is_none() || wanted.product == device.product)
                && (wanted.address.is_none() || wanted.address == device.address)
        }
        (HostdevSource::Net { interface: device, .. }, HostdevSource::Net { interface: wanted, .. }) => {
            device == wanted
        }
        _ => device == wanted,
    }
}
