//! Devices of the host in a container: nodes in its `/dev`, made and removed by the descriptor of that tmpfs.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Component, Path};

use kernel::Errno;
use kernel::loopdev::LoopDevice;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};

use crate::failure::{During, Result, failed, failure, step};
use crate::plan::{DeviceNode, DeviceSource, IdMap};
use crate::userns::Owner;

/// Makes an image file a loop device, which `node` then stands for, and returns that: whoever has it keeps the
/// device alive. `None` for a node of the host.
pub fn attach_image(node: &mut DeviceNode) -> Result<Option<LoopDevice>> {
    let DeviceSource::Image { path } = &node.source else { return Ok(None) };
    let what = path.display();
    let access = if node.readonly { OFlags::RDONLY } else { OFlags::RDWR };
    let flags = access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty()).during(step::DEVICE, &what)?;
    let stat = rustix::fs::fstat(&file).during(step::DEVICE, &what)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(failure(step::DEVICE, format_args!("{what} is not a regular file")));
    }
    let device = LoopDevice::attach(file.as_fd(), node.readonly)
        .during(step::DEVICE, format_args!("cannot make a loop device of {what}"))?;
    node.source = DeviceSource::Node { path: device.path() };
    Ok(Some(device))
}

/// A container's `/dev`, and who owns what is made there.
#[derive(Debug)]
pub struct DeviceDirectory<'a> {
    dev: BorrowedFd<'a>,
    owner: Owner,
}

impl<'a> DeviceDirectory<'a> {
    /// `dev` is the container's `/dev` that we made ([`Container::dev`](crate::launch::Container::dev)).
    pub fn new(dev: BorrowedFd<'a>, idmap: Option<&IdMap>) -> Result<Self> {
        Ok(Self { dev, owner: Owner::of(idmap)? })
    }

    /// Makes a node. `EEXIST` if the container has something else at its place.
    pub fn make(&self, node: &DeviceNode) -> Result<()> {
        let umask = rustix::process::umask(Mode::empty());
        let owner = |uid, gid| kernel::process::set_file_owner(uid, gid).during(step::DEVICE, "owner");
        let made = owner(self.owner.uid, self.owner.gid).and_then(|()| make_node(self.dev, node));
        let back = owner(0, 0);
        rustix::process::umask(umask);
        made.and(back)
    }

    /// Removes a node, if it is still there. Something else that the container has put at its place stays.
    pub fn remove(&self, node: &DeviceNode) -> Result<()> {
        let what = node.target.display();
        let (parent, name) = place(&node.target)?;
        let stat = stat(node)?;
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        // An empty path is no place for openat2(2).
        let parent = match kernel::path::open_in_root(self.dev, &Path::new("/").join(parent), flags) {
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(()),
            other => other.during(step::DEVICE, &what)?,
        };
        if !is_node(parent.as_fd(), name, stat.st_rdev) {
            return Ok(());
        }
        rustix::fs::unlinkat(&parent, name, AtFlags::empty()).during(step::DEVICE, what)
    }
}

/// Makes the node of a device of the host, owned by whom the process makes files for. No link leads out of `dev`.
///
/// Needs a umask of 0.
pub(crate) fn make_node(dev: BorrowedFd<'_>, node: &DeviceNode) -> Result<()> {
    let what = node.target.display();
    let (parent, name) = place(&node.target)?;
    let stat = stat(node)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    let parent = kernel::path::make_dirs_in_root(dev, parent, Mode::from_raw_mode(0o755))
        .during(step::DEVICE, &what)?;
    let mode = Mode::from_raw_mode(node.mode.unwrap_or(stat.st_mode) & 0o777);
    match rustix::fs::mknodat(&parent, name, kind, mode, stat.st_rdev) {
        // One of the usual nodes.
        Err(Errno::EXIST) if is_node(parent.as_fd(), name, stat.st_rdev) => Ok(()),
        other => other.during(step::DEVICE, what),
    }
}

/// Parent, relative to `/dev`, and name of a node.
fn place(target: &Path) -> Result<(&Path, &OsStr)> {
    let what = target.display();
    let Ok(inside) = target.strip_prefix("/dev") else {
        return Err(failure(step::DEVICE, format_args!("{what} is not below /dev")));
    };
    if !inside.components().all(|component| matches!(component, Component::Normal(_))) {
        return Err(failed(step::DEVICE, what, Errno::INVAL));
    }
    match (inside.parent(), inside.file_name()) {
        (Some(parent), Some(name)) => Ok((parent, name)),
        _ => Err(failed(step::DEVICE, what, Errno::INVAL)),
    }
}

/// What the host says of a device.
fn stat(node: &DeviceNode) -> Result<rustix::fs::Stat> {
    let path = node.host_path();
    let what = path.display();
    let stat = rustix::fs::statat(CWD, path, AtFlags::empty()).during(step::DEVICE, &what)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::CharacterDevice | FileType::BlockDevice => Ok(stat),
        _ => Err(failure(step::DEVICE, format_args!("{what} is not a device"))),
    }
}

fn is_node(dir: BorrowedFd<'_>, name: &OsStr, number: u64) -> bool {
    rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|stat| stat.st_rdev == number)
}
