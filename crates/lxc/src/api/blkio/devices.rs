//! Limits by device, as text `PATH,VALUE,PATH,VALUE`.

use cgroup::DeviceLimit;
use conf::domain::BlkioDevice;
use protocol::consts::param;
use protocol::{Error, ErrorDomain, Result};

/// A value for one device; 0 takes the limit away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    path: String,
    value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Weight(u32),
    ReadIops(u32),
    WriteIops(u32),
    ReadBytes(u64),
    WriteBytes(u64),
}

/// Reads the text of the parameter `name`.
pub(super) fn parse(text: &str, name: &str) -> Result<Vec<Change>> {
    let refuse = || {
        let detail = format!("unable to parse blkio device '{name}' '{text}'");
        Error::invalid_arg(ErrorDomain::LXC, &detail)
    };
    let words: Vec<&str> = text.split(',').collect();
    let pairs = words.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(refuse());
    }
    let change = |pair: &[&str]| {
        let [path, number] = pair else { return None };
        let small = || number.parse().ok();
        let large = || number.parse().ok();
        let value = match name {
            param::BLKIO_DEVICE_WEIGHT => {
                Value::Weight(small().filter(|w| *w == 0 || super::WEIGHT.contains(w))?)
            }
            param::BLKIO_DEVICE_READ_IOPS => Value::ReadIops(small()?),
            param::BLKIO_DEVICE_WRITE_IOPS => Value::WriteIops(small()?),
            param::BLKIO_DEVICE_READ_BPS => Value::ReadBytes(large()?),
            _ => Value::WriteBytes(large()?),
        };
        (!path.is_empty()).then(|| Change { path: (*path).to_owned(), value })
    };
    pairs.map(|pair| change(pair).ok_or_else(refuse)).collect()
}

/// The text of the parameter `name`: the devices that have a value.
pub(super) fn format(devices: &[BlkioDevice], name: &str) -> String {
    let value = |device: &BlkioDevice| match name {
        param::BLKIO_DEVICE_WEIGHT => u64::from(device.weight),
        param::BLKIO_DEVICE_READ_IOPS => u64::from(device.read_iops),
        param::BLKIO_DEVICE_WRITE_IOPS => u64::from(device.write_iops),
        param::BLKIO_DEVICE_READ_BPS => device.read_bytes,
        _ => device.write_bytes,
    };
    let pairs = devices.iter().filter(|device| value(device) != 0);
    pairs.map(|device| format!("{},{}", device.path, value(device))).collect::<Vec<_>>().join(",")
}

/// Brings the changes into a definition.
pub(super) fn apply(devices: &mut Vec<BlkioDevice>, changes: &[Change]) {
    for change in changes {
        let at = devices.iter().position(|device| device.path == change.path);
        let at = at.unwrap_or_else(|| {
            devices.push(BlkioDevice { path: change.path.clone(), ..BlkioDevice::default() });
            devices.len() - 1
        });
        let device = &mut devices[at];
        match change.value {
            Value::Weight(value) => device.weight = value,
            Value::ReadIops(value) => device.read_iops = value,
            Value::WriteIops(value) => device.write_iops = value,
            Value::ReadBytes(value) => device.read_bytes = value,
            Value::WriteBytes(value) => device.write_bytes = value,
        }
    }
    let empty =
        |device: &BlkioDevice| *device == BlkioDevice { path: device.path.clone(), ..BlkioDevice::default() };
    devices.retain(|device| !empty(device));
}

/// The change as the kernel gets it.
pub(super) fn limit(change: &Change) -> Result<DeviceLimit> {
    let device = crate::plan::block_device(&change.path)
        .map_err(|detail| Error::invalid_arg(ErrorDomain::LXC, &detail))?;
    let mut limit = DeviceLimit { device, ..DeviceLimit::default() };
    match change.value {
        Value::Weight(value) => limit.weight = Some(value),
        Value::ReadIops(value) => limit.read_requests = Some(value.into()),
        Value::WriteIops(value) => limit.write_requests = Some(value.into()),
        Value::ReadBytes(value) => limit.read_bytes = Some(value),
        Value::WriteBytes(value) => limit.write_bytes = Some(value),
    }
    Ok(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let check = |text: &str, name: &str, expect: Option<usize>| {
            assert_eq!(parse(text, name).ok().map(|list| list.len()), expect, "{text} {name}");
        };
        check("/dev/a,1", param::BLKIO_DEVICE_READ_BPS, Some(1));
        check("/dev/a,1,/dev/b,2", param::BLKIO_DEVICE_READ_IOPS, Some(2));
        check("/dev/a,5", param::BLKIO_DEVICE_WEIGHT, None);
        check("/dev/a,0", param::BLKIO_DEVICE_WEIGHT, Some(1));
        check("/dev/a,4294967296", param::BLKIO_DEVICE_READ_IOPS, None);
        for wrong in ["", "/dev/a", "/dev/a,", ",1", "/dev/a,x", "/dev/a,1,/dev/b", "/dev/a,-1"] {
            check(wrong, param::BLKIO_DEVICE_WRITE_BPS, None);
        }
    }

    #[test]
    fn changes_meet_what_is_there() {
        let mut devices = Vec::new();
        let read = |text: &str| parse(text, param::BLKIO_DEVICE_READ_BPS).unwrap();
        apply(&mut devices, &read("/dev/a,100,/dev/b,200"));
        apply(&mut devices, &parse("/dev/b,7", param::BLKIO_DEVICE_WRITE_IOPS).unwrap());
        assert_eq!(format(&devices, param::BLKIO_DEVICE_READ_BPS), "/dev/a,100,/dev/b,200");
        assert_eq!(format(&devices, param::BLKIO_DEVICE_WRITE_IOPS), "/dev/b,7");
        // 0 takes a limit away, and with the last the device.
        apply(&mut devices, &read("/dev/a,0,/dev/b,0"));
        assert_eq!(devices.len(), 1);
        assert_eq!(format(&devices, param::BLKIO_DEVICE_READ_BPS), "");
    }
}
