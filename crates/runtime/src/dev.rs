//! The container's `/dev`: an own tmpfs with the few nodes every system needs, an own devpts, the consoles.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::mount::{self, Attributes};
use kernel::pty;
use rustix::fs::{FileType, Gid, Mode, OFlags, Uid, makedev};

use crate::devices;
use crate::failure::{During, Result, step};
use crate::rootfs::{Tree, base_directory};
use crate::userns::Owner;

/// Character devices, all of major number 1 or 5 (devices.txt of the kernel).
const NODES: &[(&str, u32, u32)] =
    &[("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

const LINKS: &[(&str, &str)] = &[
    ("ptmx", "pts/ptmx"),
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
];

/// The container's devpts instance with its consoles, made before anything else of the container exists.
#[derive(Debug)]
pub(crate) struct Consoles {
    devpts: OwnedFd,
    pairs: Vec<pty::Pair>,
}

impl Consoles {
    /// A new instance with `count` terminals, owned by the container's root.
    pub(crate) fn open(count: u32, owner: Owner) -> Result<Self> {
        let tty = owner.tty.map(|gid| gid.to_string());
        let mut options = vec![("mode", "0620"), ("ptmxmode", "0666"), ("max", "1024")];
        if let Some(gid) = &tty {
            options.push(("gid", gid));
        }
        let attributes = Attributes::NO_SUID.and(Attributes::NO_EXEC);
        let devpts = mount::new("devpts", &options, attributes).during(step::CONSOLE, "devpts")?;
        let mut pairs = Vec::new();
        for number in 0..count {
            let pair = pty::open(devpts.as_fd()).during(step::CONSOLE, format_args!("terminal {number}"))?;
            if owner.uid != 0 {
                chown(pair.terminal.as_fd(), owner.uid, owner.tty.unwrap_or(owner.gid))
                    .during(step::CONSOLE, format_args!("terminal {number}"))?;
            }
            pairs.push(pair);
        }
        Ok(Self { devpts, pairs })
    }

    /// What the builder needs of it.
    pub(crate) fn devpts(&self) -> BorrowedFd<'_> {
        self.devpts.as_fd()
    }

    /// Number of consoles.
    pub(crate) fn count(&self) -> usize {
        self.pairs.len()
    }

    /// The first console's terminal, by which init checks what it opens.
    pub(crate) fn first(&self) -> Option<BorrowedFd<'_>> {
        self.pairs.first().map(|pair| pair.terminal.as_fd())
    }

    /// The controlling sides.
    pub(crate) fn into_masters(self) -> Vec<OwnedFd> {
        self.pairs.into_iter().map(|pair| pair.master).collect()
    }
}

/// The tmpfs that becomes the container's `/dev`. Whoever holds it reaches the container's devices whatever the
/// container does to its mounts and links.
pub(crate) fn open() -> Result<OwnedFd> {
    let options = [("mode", "755"), ("size", "64k"), ("nr_inodes", "4096")];
    mount::new("tmpfs", &options, Attributes::NO_SUID).during(step::DEVICE, "/dev")
}

/// Mounts `/dev` with everything in it.
pub(crate) fn mount_dev(
    tree: &Tree<'_>,
    dev: BorrowedFd<'_>,
    devpts: BorrowedFd<'_>,
    consoles: usize,
) -> Result<()> {
    let place = base_directory(tree.root.as_fd(), "dev")?;
    mount::attach(dev, place.as_fd()).during(step::DEVICE, "/dev")?;
    if tree.owner.uid != 0 {
        chown(dev, tree.owner.uid, tree.owner.gid).during(step::DEVICE, "/dev")?;
    }
    for (name, major, minor) in NODES {
        make_node(dev, name, 0o666, makedev(*major, *minor))
            .during(step::DEVICE, format_args!("/dev/{name}"))?;
    }
    for (name, target) in LINKS {
        rustix::fs::symlinkat(*target, dev, *name).during(step::DEVICE, format_args!("/dev/{name}"))?;
    }
    for node in &tree.plan.devices {
        devices::make_node(dev, node)?;
    }
    let plain = Attributes::NO_SUID.and(Attributes::NO_DEV);
    let shm = mount::new("tmpfs", &[("mode", "1777")], plain).during(step::DEVICE, "/dev/shm")?;
    attach_at(&shm, dev, "shm")?;
    let mqueue =
        mount::new("mqueue", &[], plain.and(Attributes::NO_EXEC)).during(step::DEVICE, "/dev/mqueue")?;
    if tree.owner.uid != 0 {
        // Made by the kernel with the IPC namespace, for its creator.
        chown(mqueue.as_fd(), tree.owner.uid, tree.owner.gid).during(step::DEVICE, "/dev/mqueue")?;
    }
    attach_at(&mqueue, dev, "mqueue")?;
    mount_terminals(dev, devpts, consoles, tree.owner)
}

fn mount_terminals(dev: BorrowedFd<'_>, devpts: BorrowedFd<'_>, consoles: usize, owner: Owner) -> Result<()> {
    if owner.uid != 0 {
        chown(devpts, owner.uid, owner.gid).during(step::CONSOLE, "/dev/pts")?;
        let flags = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
        let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
        rustix::fs::chownat(devpts, "ptmx", Some(uid), Some(gid), flags)
            .during(step::CONSOLE, "/dev/pts/ptmx")?;
    }
    rustix::fs::mkdirat(dev, "pts", Mode::from_raw_mode(0o755)).during(step::CONSOLE, "/dev/pts")?;
    let place = open_place(dev, "pts").during(step::CONSOLE, "/dev/pts")?;
    mount::attach(devpts, place.as_fd()).during(step::CONSOLE, "/dev/pts")?;
    for number in 0..consoles {
        let terminal = number.to_string();
        if number == 0 {
            bind_terminal(dev, devpts, &terminal, "console")?;
        }
        bind_terminal(dev, devpts, &terminal, &format!("tty{}", number + 1))?;
    }
    Ok(())
}

fn bind_terminal(dev: BorrowedFd<'_>, devpts: BorrowedFd<'_>, terminal: &str, name: &str) -> Result<()> {
    let bind = || -> kernel::Result<()> {
        rustix::fs::mknodat(dev, name, FileType::RegularFile, Mode::from_raw_mode(0o600), 0)?;
        let place = open_place(dev, name)?;
        let bound = mount::clone_tree(devpts, Path::new(terminal), false)?;
        mount::attach(bound.as_fd(), place.as_fd())
    };
    bind().during(step::CONSOLE, format_args!("/dev/{name}"))
}

/// The builder has no umask, so the mode is exactly this one.
fn make_node(dir: BorrowedFd<'_>, name: &str, mode: u32, number: u64) -> kernel::Result<()> {
    let mode = Mode::from_raw_mode(mode);
    rustix::fs::mknodat(dir, name, FileType::CharacterDevice, mode, number)
}

fn attach_at(mount: &OwnedFd, dev: BorrowedFd<'_>, name: &str) -> Result<()> {
    let attach = || -> kernel::Result<()> {
        rustix::fs::mkdirat(dev, name, Mode::from_raw_mode(0o755))?;
        let place = open_place(dev, name)?;
        mount::attach(mount.as_fd(), place.as_fd())
    };
    attach().during(step::DEVICE, format_args!("/dev/{name}"))
}

fn open_place(dir: BorrowedFd<'_>, name: &str) -> kernel::Result<OwnedFd> {
    rustix::fs::openat(dir, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

fn chown(fd: BorrowedFd<'_>, uid: u32, gid: u32) -> kernel::Result<()> {
    let flags = rustix::fs::AtFlags::EMPTY_PATH;
    rustix::fs::chownat(fd, "", Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)), flags)
}
