//! What is mounted in a container: detached mounts of sources on the host.

use std::fmt::Display;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::Errno;
use kernel::loopdev::LoopDevice;
use kernel::mount::{self, Attributes};
use rustix::fs::{FileType, Mode, OFlags};

use crate::failure::{During, Result, failed, failure, step};
use crate::plan::{Filesystem, FilesystemSource, IdMap};
use crate::userns::Owner;

mod idmapped;
mod superblock;

/// File systems that store no permissions and take them as options.
const WITHOUT_MODES: &[&str] = &["vfat", "exfat", "ntfs3"];

/// Opens sources for one container.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) idmap: Option<&'a IdMap>,
    pub(crate) owner: Owner,
    /// The container's user namespace, if it has its own.
    pub(crate) userns: Option<BorrowedFd<'a>>,
}

impl Sources<'_> {
    /// The detached mount of a file system, with all that the plan says of it. `None` for one whose source is in
    /// the container.
    pub(crate) fn open(&self, filesystem: &Filesystem) -> Result<Option<OwnedFd>> {
        let readonly = if filesystem.readonly { Attributes::READ_ONLY } else { Attributes::NONE };
        match &filesystem.source {
            FilesystemSource::Host { path } => self.clone_host(path, filesystem).map(Some),
            FilesystemSource::Block { path } | FilesystemSource::File { path } => {
                self.mount_image(path, filesystem, readonly).map(Some)
            }
            FilesystemSource::Ram { bytes } => {
                let bytes = filesystem.space_hard_limit.map_or(*bytes, |limit| limit.min(*bytes));
                let mode = format!("{:o}", filesystem.dir_mode.unwrap_or(0o755));
                let attributes = Attributes::NO_SUID.and(Attributes::NO_DEV).and(readonly);
                let (size, owner) = (bytes.to_string(), self.owner);
                let (uid, gid) = (owner.uid.to_string(), owner.gid.to_string());
                let options = [("size", size.as_str()), ("mode", &mode), ("uid", &uid), ("gid", &gid)];
                let ram =
                    mount::new("tmpfs", &options, attributes).during(step::FILESYSTEM, &filesystem.target)?;
                Ok(Some(ram))
            }
            FilesystemSource::Bind { .. } => Ok(None),
        }
    }

    /// The user namespace that a mount is to be mapped to, if it is.
    fn mapping(
        &self,
        mount: BorrowedFd<'_>,
        filesystem: &Filesystem,
    ) -> kernel::Result<Option<BorrowedFd<'_>>> {
        let (Some(map), Some(userns)) = (self.idmap, self.userns) else { return Ok(None) };
        let mapped = map.idmapped_mounts || filesystem.mapped && !owns(map, rustix::fs::fstat(mount)?.st_uid);
        Ok(mapped.then_some(userns))
    }

    /// A detached copy of a host directory or file with the mounts below it.
    fn clone_host(&self, source: &Path, filesystem: &Filesystem) -> Result<OwnedFd> {
        let what = source.display();
        let opened = open_host(source, OFlags::PATH)?;
        let tree = mount::clone_tree(opened.as_fd(), Path::new(""), true).during(step::FILESYSTEM, &what)?;
        if let Some(userns) = self.mapping(tree.as_fd(), filesystem).during(step::FILESYSTEM, &what)? {
            match mount::idmap(tree.as_fd(), userns, true) {
                Err(Errno::INVAL | Errno::PERM) => return Err(idmapped::explain(source, userns)),
                other => other.during(step::FILESYSTEM, &what)?,
            }
        }
        if filesystem.readonly {
            mount::add_attributes(tree.as_fd(), Attributes::READ_ONLY, true)
                .during(step::FILESYSTEM, &what)?;
        }
        Ok(tree)
    }

    /// A new mount of the file system on a block device or in an image file. The loop device of an image lives as
    /// long as the mount.
    fn mount_image(&self, path: &Path, filesystem: &Filesystem, readonly: Attributes) -> Result<OwnedFd> {
        let what = path.display();
        let image = Image::open(path, filesystem)?;
        let device = image.device(path);
        let (kinds, is_known) = superblock::candidates(image.as_fd());
        let last = kinds.len().saturating_sub(usize::from(is_known));
        for (index, kind) in kinds.into_iter().enumerate() {
            let options = options(&kind, &device, filesystem);
            let options: Vec<(&str, &str)> =
                options.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            // Nodes on it are nobody's business: the container's /dev is made by us.
            let mounted = match mount::new(&kind, &options, Attributes::NO_DEV.and(readonly)) {
                Err(Errno::INVAL | Errno::NODEV) if index < last => continue,
                other => other.during(step::FILESYSTEM, format_args!("{what} ({kind})"))?,
            };
            let Some(userns) = self.mapping(mounted.as_fd(), filesystem).during(step::FILESYSTEM, &what)?
            else {
                return Ok(mounted);
            };
            return match mount::idmap(mounted.as_fd(), userns, false) {
                // Everybody may read a medium that nobody may write.
                Err(Errno::INVAL | Errno::PERM) if filesystem.readonly => Ok(mounted),
                Err(Errno::INVAL | Errno::PERM) => Err(idmapped::cannot(what, &kind)),
                other => other.during(step::FILESYSTEM, &what).map(|()| mounted),
            };
        }
        Err(failure(
            step::FILESYSTEM,
            format_args!(
                "Failed to mount device {what} to {}, unable to detect filesystem",
                filesystem.target
            ),
        ))
    }
}

/// Whether an id of the host is one of the container's.
fn owns(map: &IdMap, uid: u32) -> bool {
    map.uids.iter().any(|range| uid.checked_sub(range.outside).is_some_and(|distance| distance < range.count))
}

/// What holds a file system.
enum Image {
    Block(OwnedFd),
    Loop(LoopDevice),
}

impl Image {
    fn open(path: &Path, filesystem: &Filesystem) -> Result<Self> {
        let what = path.display();
        let wants_block = matches!(filesystem.source, FilesystemSource::Block { .. });
        let access = if wants_block || filesystem.readonly { OFlags::RDONLY } else { OFlags::RDWR };
        let opened = open_host(path, access | OFlags::NONBLOCK | OFlags::NOCTTY)?;
        let stat = rustix::fs::fstat(&opened).during(step::FILESYSTEM, &what)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::BlockDevice if wants_block => Ok(Self::Block(opened)),
            FileType::RegularFile if !wants_block => LoopDevice::attach(opened.as_fd(), filesystem.readonly)
                .during(step::FILESYSTEM, format_args!("cannot make a loop device of {what}"))
                .map(Self::Loop),
            _ if wants_block => Err(failed(step::FILESYSTEM, what, Errno::NOTBLK)),
            _ => Err(failure(step::FILESYSTEM, format_args!("{what} is not a regular file"))),
        }
    }

    /// Path of the block device.
    fn device(&self, path: &Path) -> String {
        match self {
            Self::Block(_) => path.display().to_string(),
            Self::Loop(device) => device.path().display().to_string(),
        }
    }
}

impl AsFd for Image {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Block(fd) => fd.as_fd(),
            Self::Loop(device) => device.as_fd(),
        }
    }
}

/// Options of a new mount.
fn options(kind: &str, device: &str, filesystem: &Filesystem) -> Vec<(String, String)> {
    let mut options = vec![("source".to_owned(), device.to_owned())];
    if filesystem.readonly {
        options.push(("ro".to_owned(), String::new()));
    }
    if WITHOUT_MODES.contains(&kind) {
        for (key, mode) in [("fmask", filesystem.file_mode), ("dmask", filesystem.dir_mode)] {
            options.extend(mode.map(|mode| (key.to_owned(), format!("{:04o}", !mode & 0o777))));
        }
    }
    options
}

/// Opens a path of the host.
pub(crate) fn open_host(path: &Path, flags: OFlags) -> Result<OwnedFd> {
    rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::empty()).during(step::FILESYSTEM, path.display())
}

/// Whether a detached mount is one of a directory.
pub(crate) fn is_directory(mount: BorrowedFd<'_>, what: impl Display) -> Result<bool> {
    let stat = rustix::fs::fstat(mount).during(step::FILESYSTEM, what)?;
    Ok(FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::IdRange;

    #[test]
    fn permissions_become_masks_where_the_file_system_has_none() {
        let source = FilesystemSource::File { path: "/x".into() };
        let mut filesystem = Filesystem::new(source, "/mnt");
        (filesystem.file_mode, filesystem.dir_mode) = (Some(0o640), Some(0o750));
        let text = |kind: &str, filesystem: &Filesystem| {
            let options = options(kind, "/dev/loop7", filesystem);
            options.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
        };
        assert_eq!(text("vfat", &filesystem), "source=/dev/loop7,fmask=0137,dmask=0027");
        filesystem.readonly = true;
        assert_eq!(text("ext4", &filesystem), "source=/dev/loop7,ro=");
    }

    #[test]
    fn who_owns_an_id() {
        let range = IdRange { inside: 0, outside: 5000, count: 10 };
        let map = IdMap { uids: vec![range], gids: vec![range], idmapped_mounts: false };
        assert_eq!([0, 4999, 5000, 5009, 5010].map(|uid| owns(&map, uid)), [false, false, true, true, false]);
    }
}
