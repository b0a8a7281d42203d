//! File systems of the container.

use std::collections::{HashMap, HashSet};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::{Errno, filesystem};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::{Inside, STEP};
use crate::failure::{During, Result, failed};

/// A mounted file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filesystem {
    /// Where, inside.
    pub mountpoint: String,
    /// Device or name.
    pub source: String,
    /// Type, e.g. `ext4`.
    pub fstype: String,
    /// Size, bytes.
    pub total: u64,
    /// Used, bytes.
    pub used: u64,
}

/// A line of mountinfo (proc_pid_mountinfo(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mount {
    id: u64,
    parent: u64,
    device: String,
    /// Directory of the file system that is mounted.
    root: String,
    mountpoint: String,
    readonly: bool,
    fstype: String,
    source: String,
}

/// The kernel's own file systems, which hold no data.
const PSEUDO: &[&str] = &[
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "securityfs",
    "selinuxfs",
    "sysfs",
    "tracefs",
];

/// Places that are the kernel's, or made by us.
const HIDDEN: &[&str] = &["/proc", "/sys", "/dev"];

/// What the host itself lives on, and must never stop for a container.
const HOST: &[&str] = &[
    "/",
    "/etc",
    "/usr",
    "/var",
    "/run",
    "/tmp",
    "/home",
    "/root",
    "/var/lib",
    "/var/lib/libvirt",
    "/var/log",
];

/// What is mounted and holds data.
pub(super) fn list(inside: &Inside<'_>) -> Result<Vec<Filesystem>> {
    let root = inside.root()?;
    let mut list = Vec::new();
    for mount in mounts(inside)? {
        let place = kernel::path::open_in_root(root.as_fd(), Path::new(&mount.mountpoint), OFlags::PATH);
        // Without figures it is still there.
        let stat = place.and_then(|place| rustix::fs::fstatfs(&place)).ok();
        let bytes = |blocks: u64, size: i64| blocks.saturating_mul(u64::try_from(size).unwrap_or(0));
        let (total, free) =
            stat.map_or((0, 0), |s| (bytes(s.f_blocks, s.f_bsize), bytes(s.f_bfree, s.f_bsize)));
        let Mount { mountpoint, source, fstype, .. } = mount;
        list.push(Filesystem { mountpoint, source, fstype, total, used: total.saturating_sub(free) });
    }
    Ok(list)
}

/// Discards unused blocks; returns where. What cannot do that is passed over, unless it was asked for by name.
pub(super) fn trim(inside: &Inside<'_>, only: Option<&str>, minimum: u64) -> Result<Vec<String>> {
    let mut done = Vec::new();
    let wanted: Vec<String> = only.map(str::to_owned).into_iter().collect();
    for (mountpoint, dir) in own(inside, &wanted)? {
        match filesystem::trim(dir.as_fd(), minimum) {
            Ok(_) => done.push(mountpoint),
            Err(Errno::OPNOTSUPP | Errno::NOTTY | Errno::INVAL) if only.is_none() => {}
            Err(errno) => return Err(failed(STEP, mountpoint, errno)),
        }
    }
    Ok(done)
}

/// Freezes, and returns what is frozen. After a failure nothing is.
pub(super) fn freeze(inside: &Inside<'_>, wanted: &[String]) -> Result<Vec<String>> {
    let mut frozen: Vec<(String, OwnedFd)> = Vec::new();
    for (mountpoint, dir) in own(inside, wanted)? {
        match filesystem::freeze(dir.as_fd()) {
            Ok(()) => frozen.push((mountpoint, dir)),
            Err(Errno::OPNOTSUPP | Errno::NOTTY) if wanted.is_empty() => {}
            // The same file system once more at another place.
            Err(Errno::BUSY) if !frozen.is_empty() => {}
            Err(errno) => {
                for (_, dir) in &frozen {
                    let _ = filesystem::thaw(dir.as_fd());
                }
                return Err(failed(STEP, mountpoint, errno));
            }
        }
    }
    Ok(frozen.into_iter().map(|(mountpoint, _)| mountpoint).collect())
}

/// The container's own file systems, opened: those that it has as a whole, writable, and that the host does not
/// live on. Of a directory of the host it has only a part, and others write there, too.
fn own(inside: &Inside<'_>, wanted: &[String]) -> Result<Vec<(String, OwnedFd)>> {
    let root = inside.root()?;
    let host = host_devices()?;
    let is_own = |mount: &Mount| mount.root == "/" && !mount.readonly && !host.contains(&mount.device);
    let all = mounts(inside)?;
    for name in wanted {
        let mount = all.iter().find(|mount| mount.mountpoint == *name);
        let mount =
            mount.ok_or_else(|| failed(STEP, format_args!("{name} is no mount point"), Errno::INVAL))?;
        if !is_own(mount) {
            let what = format_args!("{name} is not a file system of the container's own");
            return Err(failed(STEP, what, Errno::OPNOTSUPP));
        }
    }
    let chosen = all.into_iter().filter(|mount| is_own(mount));
    let chosen = chosen.filter(|mount| wanted.is_empty() || wanted.contains(&mount.mountpoint));
    chosen
        .map(|mount| {
            let dir = open(root.as_fd(), &mount.mountpoint).during(STEP, &mount.mountpoint)?;
            Ok((mount.mountpoint, dir))
        })
        .collect()
}

fn open(root: BorrowedFd<'_>, mountpoint: &str) -> kernel::Result<OwnedFd> {
    kernel::path::open_in_root(
        root,
        Path::new(mountpoint),
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK,
    )
}

fn mounts(inside: &Inside<'_>) -> Result<Vec<Mount>> {
    Ok(visible(read_mountinfo(&inside.init_pid.to_string())?))
}

fn read_mountinfo(process: &str) -> Result<Vec<Mount>> {
    let path = format!("/proc/{process}/mountinfo");
    let text = kernel::fd::read_to_string(Path::new(&path)).during(STEP, &path)?;
    Ok(text.lines().filter_map(parse).collect())
}

/// Devices of the file systems that the host lives on.
fn host_devices() -> Result<Vec<String>> {
    let mounts = read_mountinfo("self")?;
    let holding = |path: &&str| {
        let above = mounts.iter().filter(|mount| Path::new(path).starts_with(&mount.mountpoint));
        above.max_by_key(|mount| mount.mountpoint.len()).map(|mount| mount.device.clone())
    };
    Ok(HOST.iter().filter_map(holding).collect())
}

fn parse(line: &str) -> Option<Mount> {
    let (front, back) = line.split_once(" - ")?;
    let front: Vec<&str> = front.split(' ').collect();
    let [id, parent, device, root, mountpoint, options, ..] = front[..] else { return None };
    let mut back = back.split(' ');
    Some(Mount {
        id: id.parse().ok()?,
        parent: parent.parse().ok()?,
        device: device.to_owned(),
        root: unescape(root),
        mountpoint: unescape(mountpoint),
        readonly: options.split(',').any(|option| option == "ro"),
        fstype: back.next()?.to_owned(),
        source: unescape(back.next()?),
    })
}

/// What can be seen, by mount point: no pseudo file systems, and of several at one place the one on top. The order
/// of mountinfo says neither: a mount that is moved keeps its number.
fn visible(mut mounts: Vec<Mount>) -> Vec<Mount> {
    let hidden = |mount: &Mount| {
        PSEUDO.contains(&mount.fstype.as_str())
            || HIDDEN.iter().any(|place| Path::new(&mount.mountpoint).starts_with(place))
    };
    let places: HashMap<u64, &str> =
        mounts.iter().map(|mount| (mount.id, mount.mountpoint.as_str())).collect();
    let below = |mount: &&Mount| places.get(&mount.parent) == Some(&mount.mountpoint.as_str());
    let covered: HashSet<u64> = mounts.iter().filter(below).map(|mount| mount.parent).collect();
    mounts.retain(|mount| !hidden(mount) && !covered.contains(&mount.id));
    mounts.sort_by(|one, other| Path::new(&one.mountpoint).cmp(Path::new(&other.mountpoint)));
    mounts
}

/// Octal escapes of space, tab, newline and backslash.
fn unescape(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let [first, rest @ ..] = bytes {
        bytes = rest;
        match (first, rest) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                bytes = after;
            }
            _ => out.push(*first),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_mountinfo() {
        let line = "36 35 98:0 /mnt1 /a\\040b rw,noatime master:1 - ext3 /dev/root\\134x rw,errors=continue";
        let mount = parse(line).unwrap();
        assert_eq!(
            (mount.device.as_str(), mount.root.as_str(), mount.mountpoint.as_str()),
            ("98:0", "/mnt1", "/a b")
        );
        assert_eq!(
            (mount.fstype.as_str(), mount.source.as_str(), mount.readonly),
            ("ext3", "/dev/root\\x", false)
        );
        assert_eq!(parse("36 35 98:0 /"), None);
        assert!(parse("1 2 0:5 / / ro - tmpfs none ro").unwrap().readonly);
        assert_eq!(unescape("a\\04"), "a\\04");
    }

    #[test]
    fn only_what_holds_data_and_is_on_top() {
        let mount = |ids: &str, mountpoint: &str, fstype: &str, source: &str| {
            parse(&format!("{ids} 0:5 / {mountpoint} rw - {fstype} {source} rw")).unwrap()
        };
        let all = vec![
            mount("7 11", "/data", "xfs", "/dev/x"),
            mount("10 1", "/", "ext4", "first"),
            mount("3 11", "/proc", "proc", "proc"),
            mount("12 3", "/proc/meminfo", "fuse", "x"),
            mount("11 10", "/", "btrfs", "second"),
            mount("13 11", "/dev/shm", "tmpfs", "shm"),
            mount("14 11", "/procedures", "tmpfs", "y"),
            mount("6 7", "/data/sub", "tmpfs", "z"),
            // On top of what has a higher number.
            mount("5 14", "/procedures", "tmpfs", "top"),
        ];
        let sources: Vec<_> = visible(all).into_iter().map(|mount| mount.source).collect();
        assert_eq!(sources, ["second", "/dev/x", "z", "top"]);
    }

    #[test]
    fn the_hosts_root_is_never_a_containers() {
        assert!(!host_devices().unwrap().is_empty());
    }
}
