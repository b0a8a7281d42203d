//! Which of the host's USB devices a definition means.

use conf::domain::{StartupPolicy, UsbSource};
use conf::{Error, Result};
use host::UsbDevice;

/// Bus and number of the device; `None` for one that is not there and need not be.
pub(crate) fn find(wanted: &UsbSource, devices: &[UsbDevice]) -> Result<Option<(u32, u32)>> {
    let matches = |device: &&UsbDevice| {
        wanted.product.is_none_or(|product| product == (device.vendor, device.product))
            && wanted.address.is_none_or(|address| address == (device.bus, device.device))
    };
    let mut found = devices.iter().filter(matches);
    let first = found.next().map(|device| (device.bus, device.device));
    match (first, wanted.product) {
        (Some(_), Some((vendor, product))) if found.next().is_some() => Err(Error::operation_failed(
            format!("multiple USB devices for {vendor:x}:{product:x}, use <address> to specify one"),
        )),
        (None, _) if wanted.startup_policy != Some(StartupPolicy::Optional) => {
            Err(Error::internal(format!("Did not find USB device {}", describe(wanted))))
        }
        _ => Ok(first),
    }
}

fn describe(wanted: &UsbSource) -> String {
    let product = wanted.product.map(|(vendor, product)| format!("{vendor:04x}:{product:04x}"));
    let address = wanted.address.map(|(bus, device)| format!("bus:{bus} device:{device}"));
    [product, address].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_product_and_by_place() {
        let device = |bus, device, product| UsbDevice { bus, device, vendor: 0x781, product };
        let devices = [device(1, 2, 1), device(1, 3, 2), device(2, 2, 2)];
        let found = |product, address, startup_policy| {
            let wanted = UsbSource { product, address, startup_policy };
            find(&wanted, &devices).map_err(|error| error.message)
        };
        assert_eq!(found(Some((0x781, 1)), None, None), Ok(Some((1, 2))));
        assert_eq!(found(Some((0x781, 2)), Some((2, 2)), None), Ok(Some((2, 2))));
        assert_eq!(found(None, Some((1, 3)), None), Ok(Some((1, 3))));
        assert!(found(Some((0x781, 2)), None, None).unwrap_err().contains("multiple USB devices for 781:2"));
        let missing = found(Some((0x781, 9)), Some((1, 2)), None).unwrap_err();
        assert_eq!(missing, "internal error: Did not find USB device 0781:0009 bus:1 device:2");
        assert_eq!(found(None, Some((9, 9)), Some(StartupPolicy::Optional)), Ok(None));
        found(None, Some((9, 9)), Some(StartupPolicy::Requisite)).unwrap_err();
    }
}
