//! The kernel's own file systems in the container: `/proc`, `/sys` and the control groups.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::Errno;
use kernel::mount::{self, Attributes};
use rustix::fs::{FileType, Mode, OFlags};

use crate::failure::{During, Result, failure, step};
use crate::plan::Namespace;
use crate::rootfs::{Tree, base_directory};
use crate::security::{PROC_MASKED, PROC_READ_ONLY, SYS_MASKED};

const PLAIN: Attributes = Attributes::NO_SUID.and(Attributes::NO_DEV).and(Attributes::NO_EXEC);

/// What covers masked paths.
#[derive(Debug)]
pub(crate) struct Masks {
    /// The container's `/dev/null`.
    file: OwnedFd,
}

/// An empty directory that takes no files. A new one for each place: one that is not mounted anywhere can be
/// cloned only since Linux 6.15.
fn empty_directory() -> kernel::Result<OwnedFd> {
    let options = [("nr_blocks", "1"), ("nr_inodes", "1"), ("mode", "555")];
    mount::new("tmpfs", &options, PLAIN.and(Attributes::READ_ONLY))
}

impl Masks {
    /// `dev` is the container's `/dev`, made by us.
    pub(crate) fn new(dev: BorrowedFd<'_>) -> Result<Self> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file =
            rustix::fs::openat(dev, "null", flags, Mode::empty()).during(step::SECURITY, "/dev/null")?;
        let stat = rustix::fs::fstat(&file).during(step::SECURITY, "/dev/null")?;
        let is_null = FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
            && stat.st_rdev == rustix::fs::makedev(1, 3);
        if !is_null {
            return Err(failure(step::SECURITY, "/dev/null is not the null device"));
        }
        Ok(Self { file })
    }

    /// Covers `path` below `dir`; nothing happens if it does not exist.
    fn cover(&self, dir: BorrowedFd<'_>, path: &str) -> kernel::Result<()> {
        let Some(place) = open_place(dir, path)? else { return Ok(()) };
        let is_dir = FileType::from_raw_mode(rustix::fs::fstat(&place)?.st_mode) == FileType::Directory;
        let cover = if is_dir {
            empty_directory()?
        } else {
            mount::clone_tree(self.file.as_fd(), Path::new(""), false)?
        };
        mount::attach(cover.as_fd(), place.as_fd())
    }
}

/// Mounts `/proc`. The builder is in the container's pid namespace, so it shows that one.
pub(crate) fn mount_proc(tree: &Tree<'_>, masks: &Masks) -> Result<()> {
    let place = base_directory(tree.root.as_fd(), "proc")?;
    let proc = mount::new("proc", &[], PLAIN).during(step::FILESYSTEM, "/proc")?;
    mount::attach(proc.as_fd(), place.as_fd()).during(step::FILESYSTEM, "/proc")?;
    let proc = proc.as_fd();
    let net = clone_of(proc, "sys/net").during(step::FILESYSTEM, "/proc/sys/net")?;
    let sys = read_only(proc, "sys").during(step::SECURITY, "/proc/sys")?;
    if let (Some(sys), Some(net), Namespace::Private) = (&sys, net, &tree.plan.network)
        && let Some(place) = open_place(sys.as_fd(), "net").during(step::FILESYSTEM, "/proc/sys/net")?
    {
        mount::attach(net.as_fd(), place.as_fd()).during(step::FILESYSTEM, "/proc/sys/net")?;
    }
    for path in PROC_READ_ONLY {
        read_only(proc, path).during(step::SECURITY, format_args!("/proc/{path}"))?;
    }
    for path in PROC_MASKED {
        masks.cover(proc, path).during(step::SECURITY, format_args!("/proc/{path}"))?;
    }
    Ok(())
}

/// Mounts `/proc` and `/sys` once more without masks, at the place that LXC uses. The kernel lets a nested container
/// mount its own only where one without masks is in sight (`mount_too_revealing` of fs/namespace.c); which files
/// may be read and written then hangs on the user namespace alone.
pub(crate) fn mount_for_nesting(dev: BorrowedFd<'_>) -> Result<()> {
    let mount = || -> kernel::Result<()> {
        rustix::fs::mkdirat(dev, ".lxc", Mode::from_raw_mode(0o700))?;
        let dir = open_place(dev, ".lxc")?.ok_or(Errno::NOENT)?;
        mount_at(dir.as_fd(), "proc", "proc", &[], PLAIN)?;
        mount_at(dir.as_fd(), "sys", "sysfs", &[], PLAIN)
    };
    mount().during(step::FILESYSTEM, "/dev/.lxc")
}

/// Mounts `/sys`, read-only, showing the container's network devices. Returns it.
pub(crate) fn mount_sys(tree: &Tree<'_>, masks: &Masks) -> Result<OwnedFd> {
    let place = base_directory(tree.root.as_fd(), "sys")?;
    let sys = mount::new("sysfs", &[], PLAIN.and(Attributes::READ_ONLY)).during(step::FILESYSTEM, "/sys")?;
    mount::attach(sys.as_fd(), place.as_fd()).during(step::FILESYSTEM, "/sys")?;
    for path in SYS_MASKED {
        masks.cover(sys.as_fd(), path).during(step::SECURITY, format_args!("/sys/{path}"))?;
    }
    Ok(sys)
}

/// Mounts the container's own part of the control groups. The builder is in its cgroup namespace.
///
/// With cgroup v2 alone that is `/sys/fs/cgroup`; otherwise each hierarchy of v1 has a directory there, and v2 is
/// `unified`. Only v2 and the v1 hierarchy without controllers, which service managers use, are writable.
pub(crate) fn mount_cgroups(group: &cgroup::Group, sys: BorrowedFd<'_>) -> Result<()> {
    let v1 = group.v1_payloads();
    let v2 = group.v2_payload().is_some();
    let Some(place) = open_place(sys, "fs/cgroup").during(step::CGROUP, "/sys/fs/cgroup")? else {
        return Ok(());
    };
    if v1.is_empty() {
        if v2 {
            let mount = mount::new("cgroup2", &[], PLAIN).during(step::CGROUP, "/sys/fs/cgroup")?;
            mount::attach(mount.as_fd(), place.as_fd()).during(step::CGROUP, "/sys/fs/cgroup")?;
        }
        return Ok(());
    }
    let options = [("mode", "755"), ("size", "64k")];
    let top = mount::new("tmpfs", &options, PLAIN).during(step::CGROUP, "/sys/fs/cgroup")?;
    mount::attach(top.as_fd(), place.as_fd()).during(step::CGROUP, "/sys/fs/cgroup")?;
    for (controllers, _) in &v1 {
        mount_hierarchy(top.as_fd(), controllers)
            .during(step::CGROUP, format_args!("/sys/fs/cgroup/{}", controllers.join(",")))?;
    }
    if v2 {
        mount_at(top.as_fd(), "unified", "cgroup2", &[], PLAIN)
            .during(step::CGROUP, "/sys/fs/cgroup/unified")?;
    }
    mount::add_attributes(top.as_fd(), Attributes::READ_ONLY, false).during(step::CGROUP, "/sys/fs/cgroup")
}

fn mount_hierarchy(top: BorrowedFd<'_>, controllers: &[&str]) -> kernel::Result<()> {
    let named = controllers.iter().find_map(|name| name.strip_prefix("name="));
    if let Some(name) = named {
        return mount_at(top, name, "cgroup", &[("none", ""), ("name", name)], PLAIN);
    }
    let options: Vec<(&str, &str)> = controllers.iter().map(|name| (*name, "")).collect();
    let directory = controllers.join(",");
    mount_at(top, &directory, "cgroup", &options, PLAIN.and(Attributes::READ_ONLY))?;
    if controllers.len() > 1 {
        for name in controllers {
            rustix::fs::symlinkat(directory.as_str(), top, *name)?;
        }
    }
    Ok(())
}

fn mount_at(
    top: BorrowedFd<'_>,
    name: &str,
    kind: &str,
    options: &[(&str, &str)],
    attributes: Attributes,
) -> kernel::Result<()> {
    rustix::fs::mkdirat(top, name, Mode::from_raw_mode(0o755))?;
    let mount = mount::new(kind, options, attributes)?;
    let place = open_place(top, name)?.ok_or(Errno::NOENT)?;
    mount::attach(mount.as_fd(), place.as_fd())
}

/// A mount point in one of our own file systems, never through a link; `None` if there is none.
fn open_place(dir: BorrowedFd<'_>, path: &str) -> kernel::Result<Option<OwnedFd>> {
    match rustix::fs::openat(dir, path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()) {
        Err(Errno::NOENT) => Ok(None),
        other => other.map(Some),
    }
}

fn clone_of(dir: BorrowedFd<'_>, path: &str) -> kernel::Result<Option<OwnedFd>> {
    match mount::clone_tree(dir, Path::new(path), false) {
        Err(Errno::NOENT) => Ok(None),
        other => other.map(Some),
    }
}

/// Makes `path` below `dir` a read-only mount of itself; returns it. Nothing happens if it does not exist.
fn read_only(dir: BorrowedFd<'_>, path: &str) -> kernel::Result<Option<OwnedFd>> {
    let (Some(place), Some(mount)) = (open_place(dir, path)?, clone_of(dir, path)?) else { return Ok(None) };
    mount::add_attributes(mount.as_fd(), Attributes::READ_ONLY, false)?;
    mount::attach(mount.as_fd(), place.as_fd())?;
    Ok(Some(mount))
}
