//! Which hierarchies are mounted where (cgroups(7), proc_pid_mountinfo(5), proc_pid_cgroup(5)).

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use kernel::Errno;
use rustix::fs::{AtFlags, CWD, StatxFlags};

use crate::file::on;
use crate::{Error, Result};

/// The writable hierarchies of this process' cgroup namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hierarchies {
    /// cgroup v1: each with the controllers mounted together there.
    pub(crate) v1: Vec<V1>,
    /// Mount point of cgroup v2.
    pub(crate) v2: Option<PathBuf>,
}

/// One v1 hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct V1 {
    /// Controllers as in `/proc/PID/cgroup`: `memory`, or `name=systemd`. Sorted.
    pub(crate) controllers: Vec<String>,
    /// Mount point.
    pub(crate) point: PathBuf,
}

impl Hierarchies {
    /// Those of the running system.
    pub(crate) fn discover() -> Result<Self> {
        let read =
            |path: &str| kernel::fd::read_to_string(Path::new(path)).map_err(on("read", Path::new(path)));
        let mounts =
            parse_mountinfo(&read("/proc/self/mountinfo")?, &parse_controllers(&read("/proc/self/cgroup")?));
        let found = Self::choose(&mounts, is_visible);
        if found.v1.is_empty() && found.v2.is_none() {
            return Err(Error::NoHierarchy);
        }
        Ok(found)
    }

    /// Chooses one mount of each hierarchy: the last one that `visible` confirms, whole ones before parts.
    fn choose(mounts: &[Mount], visible: impl Fn(&Mount) -> bool) -> Self {
        let mut found = Self::default();
        let usable = |whole: bool| mounts.iter().rev().filter(move |mount| (mount.root == "/") == whole);
        for mount in usable(true).chain(usable(false)) {
            let known = match &mount.controllers {
                Some(controllers) => found.v1.iter().any(|v1| v1.controllers == *controllers),
                None => found.v2.is_some(),
            };
            if known || !visible(mount) {
                continue;
            }
            match &mount.controllers {
                Some(controllers) => {
                    found.v1.push(V1 { controllers: controllers.clone(), point: mount.point.clone() });
                }
                None => found.v2 = Some(mount.point.clone()),
            }
        }
        found.v1.sort_by(|a, b| a.controllers.cmp(&b.controllers));
        found
    }
}

/// A usable line of mountinfo.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mount {
    id: u64,
    /// What of the hierarchy is mounted, relative to the cgroup namespace's root.
    root: String,
    point: PathBuf,
    /// `None` for cgroup v2.
    controllers: Option<Vec<String>>,
}

/// Controllers and names that `/proc/self/cgroup` lists for the v1 hierarchies.
fn parse_controllers(text: &str) -> BTreeSet<&str> {
    let lists = text.lines().filter_map(|line| line.split(':').nth(1));
    lists.flat_map(|list| list.split(',')).filter(|name| !name.is_empty()).collect()
}

/// The cgroup mounts of a mountinfo text that are writable and inside our cgroup namespace.
fn parse_mountinfo(text: &str, controllers: &BTreeSet<&str>) -> Vec<Mount> {
    text.lines().filter_map(|line| parse_mount(line, controllers)).collect()
}

fn parse_mount(line: &str, known: &BTreeSet<&str>) -> Option<Mount> {
    let (mount, filesystem) = line.split_once(" - ")?;
    let mut fields = mount.split(' ');
    let id = fields.next()?.parse().ok()?;
    let root = fields.nth(2)?;
    let point = fields.next()?;
    let options = fields.next()?;
    let mut fields = filesystem.split(' ');
    let kind = fields.next()?;
    let super_options = fields.nth(1)?;
    let read_only = |options: &str| options.split(',').any(|option| option == "ro");
    // A root that starts with /.. belongs to a cgroup namespace above ours.
    if root.starts_with("/..") || read_only(options) || read_only(super_options) {
        return None;
    }
    let controllers = match kind {
        "cgroup2" => None,
        "cgroup" => {
            let mut list: Vec<String> =
                super_options.split(',').filter(|word| known.contains(word)).map(str::to_owned).collect();
            list.sort_unstable();
            if list.is_empty() {
                return None;
            }
            Some(list)
        }
        _ => return None,
    };
    Some(Mount { id, root: root.to_owned(), point: unescape(point), controllers })
}

/// Undoes the kernel's `\040` for blank, tab, newline and backslash.
fn unescape(field: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail.get(..3).filter(|digits| first == b'\\' && digits.iter().all(u8::is_ascii_digit));
        let code = octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &tail[3..] } else { tail };
    }
    OsString::from_vec(bytes).into()
}

/// Whether the mount point still leads to that mount and not to one on top of it.
fn is_visible(mount: &Mount) -> bool {
    match rustix::fs::statx(CWD, &mount.point, AtFlags::NO_AUTOMOUNT, StatxFlags::MNT_ID) {
        // Kernels before 5.8 do not tell; assume the best there.
        Ok(stat) => stat.stx_mask & StatxFlags::MNT_ID.bits() == 0 || stat.stx_mnt_id == mount.id,
        Err(Errno::NOSYS) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CGROUP_V1: &str = "9:name=systemd:/\n4:memory:/a:b\n2:cpu,cpuacct:/\n0::/\n";

    fn v1(list: &[(&[&str], &str)]) -> Vec<V1> {
        let controllers = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        list.iter()
            .map(|&(names, point)| V1 { controllers: controllers(names), point: point.into() })
            .collect()
    }

    fn chosen(mountinfo: &str, cgroup: &str) -> Hierarchies {
        Hierarchies::choose(&parse_mountinfo(mountinfo, &parse_controllers(cgroup)), |_| true)
    }

    #[test]
    fn mixed_host() {
        let text = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpuacct,cpu\n\
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n\
            40 31 0:37 / /sys/fs/cgroup/sys\\040temd rw - cgroup cgroup rw,xattr,release_agent=/x,name=systemd\n\
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n";
        let found = chosen(text, CGROUP_V1);
        let expect = v1(&[
            (&["cpu", "cpuacct"], "/sys/fs/cgroup/cpu,cpuacct"),
            (&["memory"], "/sys/fs/cgroup/memory"),
            (&["name=systemd"], "/sys/fs/cgroup/sys temd"),
        ]);
        assert_eq!(found, Hierarchies { v1: expect, v2: Some("/sys/fs/cgroup/unified".into()) });
    }

    #[test]
    fn unified_host() {
        let text = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
        assert_eq!(chosen(text, "0::/init.scope\n").v2, Some("/sys/fs/cgroup".into()));
        assert!(chosen(text, "0::/\n").v1.is_empty());
    }

    #[test]
    fn mounts_of_other_namespaces_and_read_only_ones_do_not_count() {
        let text = "32 31 0:29 /../.. /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
            33 31 0:29 / /ro1 ro,relatime - cgroup cgroup rw,memory\n\
            34 31 0:29 / /ro2 rw - cgroup cgroup ro,memory\n\
            35 31 0:30 / /foreign rw - cgroup cgroup rw,hugetlb\n";
        assert_eq!(chosen(text, CGROUP_V1), Hierarchies::default());
    }

    #[test]
    fn whole_and_later_mounts_are_preferred() {
        let text = "32 31 0:29 / /first rw - cgroup cgroup rw,memory\n\
            33 31 0:29 / /second rw - cgroup cgroup rw,memory\n\
            34 31 0:29 /part /third rw - cgroup cgroup rw,memory\n";
        assert_eq!(chosen(text, CGROUP_V1).v1, v1(&[(&["memory"], "/second")]));
        let part = text.lines().last().unwrap();
        assert_eq!(chosen(part, CGROUP_V1).v1, v1(&[(&["memory"], "/third")]));
        let hidden =
            Hierarchies::choose(&parse_mountinfo(text, &parse_controllers(CGROUP_V1)), |m| m.id == 32);
        assert_eq!(hidden.v1, v1(&[(&["memory"], "/first")]));
    }

    #[test]
    fn escapes() {
        let check = |field: &str, path: &str| assert_eq!(unescape(field), Path::new(path));
        check("/a\\040b\\134c", "/a b\\c");
        check("/a\\", "/a\\");
        check("/a\\04", "/a\\04");
        check("/a\\999", "/a\\999");
    }

    #[test]
    fn running_system() {
        let found = Hierarchies::discover().unwrap();
        for point in found.v1.iter().map(|v1| &v1.point).chain(&found.v2) {
            assert!(point.join("cgroup.procs").exists(), "{}", point.display());
        }
    }
}
