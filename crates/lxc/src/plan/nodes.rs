//! Device nodes of a plan: timers, disks and devices of the host.

use conf::domain::{Disk, DiskSource, DomainDef, Hostdev, HostdevSource, UsbSource};
use conf::{Error, Result};
use runtime::plan::{DeviceNode, DeviceSource};
use rustix::fs::FileType;

use super::filesystems::{is_raw, needs_nbd};

/// Permissions of a disk's node.
const DISK_MODE: u32 = 0o600;

/// Finds a USB device of the host: its bus and device number.
pub(crate) type FindUsb<'a> = &'a dyn Fn(&UsbSource) -> Result<Option<(u32, u32)>>;

/// All nodes of a definition.
pub(super) fn nodes(def: &DomainDef, usb: FindUsb<'_>) -> Result<Vec<DeviceNode>> {
    let mut nodes = timers(def);
    for disk in def.devices.disks() {
        nodes.extend(self::disk(disk)?);
    }
    for hostdev in def.devices.hostdevs() {
        nodes.extend(self::hostdev(hostdev, usb)?);
    }
    Ok(nodes)
}

/// Nodes that `<timer>`s ask for. They may be read only: the host's clock is not the container's to set.
fn timers(def: &DomainDef) -> Vec<DeviceNode> {
    let present =
        |name: &str| def.clock.timers.iter().any(|timer| timer.name == name && timer.present != Some(false));
    let nodes = [("rtc", "/dev/rtc0"), ("hpet", "/dev/hpet")];
    let wanted = nodes.into_iter().filter(|(name, _)| present(name));
    wanted.map(|(_, node)| DeviceNode { readonly: true, ..DeviceNode::same(node) }).collect()
}

/// The node of a disk; `None` for a drive without a medium.
pub(crate) fn disk(disk: &Disk) -> Result<Option<DeviceNode>> {
    let source = match &disk.source {
        DiskSource::Block(Some(path)) => {
            let kind = host_kind(path)?;
            if kind != FileType::BlockDevice {
                return Err(Error::unsupported(format!("Disk source {path} must be a block device")));
            }
            DeviceSource::Node { path: path.into() }
        }
        DiskSource::File(Some(path)) => {
            check_image(disk)?;
            DeviceSource::Image { path: path.into() }
        }
        DiskSource::Block(None) | DiskSource::File(None) => return Ok(None),
        DiskSource::Volume { pool, volume } => {
            return Err(Error::unsupported(format!(
                "disk type 'volume' needs a storage driver to find volume '{volume}' of pool '{pool}'; use <disk \
                 type='block'> or 'file' with its path"
            )));
        }
        DiskSource::Dir(_) | DiskSource::Other(_) => {
            return Err(Error::unsupported("Can't setup disk for non-block device"));
        }
    };
    let target = format!("/dev/{}", disk.target).into();
    Ok(Some(DeviceNode { source, target, readonly: disk.readonly, mode: Some(DISK_MODE) }))
}

/// An image is a loop device, which takes it as it is.
fn check_image(disk: &Disk) -> Result<()> {
    let format = disk.format.as_deref().unwrap_or("none");
    match disk.driver_name.as_deref() {
        None | Some("loop") if is_raw(format) => Ok(()),
        Some("loop") => Err(Error::unsupported(format!("disk format {format} is not supported"))),
        None | Some("nbd") => Err(needs_nbd(format)),
        Some(driver) => Err(Error::unsupported(format!("disk driver {driver} is not supported"))),
    }
}

/// The node of a device of the host; `None` for one that has none or need not be there.
pub(crate) fn hostdev(hostdev: &Hostdev, usb: FindUsb<'_>) -> Result<Option<DeviceNode>> {
    match &hostdev.source {
        HostdevSource::Storage { block } => {
            check(block, FileType::BlockDevice, "Storage source", "block")?;
            Ok(Some(DeviceNode::same(block)))
        }
        HostdevSource::Misc { char } => {
            check(char, FileType::CharacterDevice, "Character source", "character")?;
            Ok(Some(DeviceNode::same(char)))
        }
        HostdevSource::Usb(source) => {
            Ok(usb(source)?
                .map(|(bus, device)| DeviceNode::same(&format!("/dev/bus/usb/{bus:03}/{device:03}"))))
        }
        HostdevSource::Net { .. } => Ok(None),
        HostdevSource::Other { kind, .. } => {
            Err(Error::unsupported(format!("Unsupported host device mode {kind}")))
        }
    }
}

fn check(path: &str, kind: FileType, what: &str, word: &str) -> Result<()> {
    if host_kind(path)? == kind {
        return Ok(());
    }
    Err(Error::unsupported(format!("{what} {path} must be a {word} device")))
}

fn host_kind(path: &str) -> Result<FileType> {
    let stat =
        rustix::fs::stat(path).map_err(|errno| Error::system(format!("Unable to access {path}: {errno}")))?;
    Ok(FileType::from_raw_mode(stat.st_mode))
}
