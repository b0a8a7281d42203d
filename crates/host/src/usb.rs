//! USB devices, as sysfs lists them (Documentation/ABI/testing/sysfs-bus-usb).

use std::path::Path;

use crate::Host;

/// One device on a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsbDevice {
    /// Number of its bus.
    pub bus: u32,
    /// Its number there.
    pub device: u32,
    /// Who made it.
    pub vendor: u16,
    /// What it is.
    pub product: u16,
}

/// All devices, hubs included, by bus and number. None on a host without USB.
#[must_use]
pub fn usb_devices(host: &Host) -> Vec<UsbDevice> {
    let entries = std::fs::read_dir(host.files.path("sys/bus/usb/devices")).into_iter().flatten().flatten();
    // Interfaces of devices are listed as well, and have none of these files.
    let mut devices: Vec<_> = entries.filter_map(|entry| read(&entry.path())).collect();
    devices.sort_unstable();
    devices
}

fn read(dir: &Path) -> Option<UsbDevice> {
    let text = |name: &str| std::fs::read_to_string(dir.join(name)).ok();
    let number = |name: &str| text(name)?.trim().parse().ok();
    let id = |name: &str| u16::from_str_radix(text(name)?.trim(), 16).ok();
    Some(UsbDevice {
        bus: number("busnum")?,
        device: number("devnum")?,
        vendor: id("idVendor")?,
        product: id("idProduct")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_those_with_numbers() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, files: &[(&str, &str)]| {
            let device = dir.path().join("sys/bus/usb/devices").join(name);
            std::fs::create_dir_all(&device).unwrap();
            files.iter().for_each(|(file, text)| std::fs::write(device.join(file), text).unwrap());
        };
        assert_eq!(usb_devices(&Host::at(dir.path(), "x86_64", "/e")), []);
        let stick = [("busnum", "2\n"), ("devnum", "7\n"), ("idVendor", "0781\n"), ("idProduct", "5567\n")];
        write("2-1", &stick);
        write("2-1:1.0", &[("bInterfaceNumber", "00\n")]);
        write("usb1", &[("busnum", "1"), ("devnum", "1"), ("idVendor", "1d6b"), ("idProduct", "0002")]);
        let found = usb_devices(&Host::at(dir.path(), "x86_64", "/e"));
        let hub = UsbDevice { bus: 1, device: 1, vendor: 0x1d6b, product: 2 };
        assert_eq!(found, [hub, UsbDevice { bus: 2, device: 7, vendor: 0x781, product: 0x5567 }]);
    }
}
