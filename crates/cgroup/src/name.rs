//! Directory names, the same as libvirt's on a host without systemd (libvirt's "Control Groups" page).

use crate::{Error, Result};

/// Most bytes of the domain name in the scope's name.
const NAME_MAX: usize = 64;

/// Directory of a container below its partition: `lxc-<monitor pid>-<name>.libvirt-lxc`.
///
/// Of the domain name only letters, digits, and single `-` and `.` between them are kept, as machine names are.
#[must_use]
pub fn scope_name(name: &str, monitor_pid: i32) -> String {
    format!("lxc-{monitor_pid}-{}.libvirt-lxc", machine_name(name))
}

/// Pid and name in a directory name made by [`scope_name`].
#[must_use]
pub fn parse_scope_name(dir: &str) -> Option<(i32, &str)> {
    let (pid, name) = dir.strip_prefix("lxc-")?.strip_suffix(".libvirt-lxc")?.split_once('-')?;
    let number: i32 = pid.parse().ok()?;
    (number > 0 && !pid.starts_with('+')).then_some((number, name))
}

fn machine_name(name: &str) -> String {
    let mut kept = String::new();
    // Neither a separator at the start nor two in a row.
    let mut separator_allowed = false;
    for c in name.chars() {
        if kept.len() >= NAME_MAX {
            break;
        }
        match c {
            '.' | '-' if separator_allowed => {
                kept.push(c);
                separator_allowed = false;
            }
            '.' | '-' => {}
            _ => {
                separator_allowed = true;
                if c.is_ascii_alphanumeric() {
                    kept.push(c);
                }
            }
        }
    }
    kept.truncate(kept.trim_end_matches(['.', '-']).len());
    kept
}

/// Directory of a partition relative to the mount point: `/machine/web` becomes `machine/web.partition`.
///
/// Every component without a dot gets the suffix `.partition`, except `machine`, `user` and `system` at the top,
/// and names that the kernel uses for its own files get a leading `_`.
pub(crate) fn partition_dir(partition: &str) -> Result<String> {
    let invalid = || Error::Partition(partition.to_owned());
    let path = partition.strip_prefix('/').ok_or_else(invalid)?;
    let mut components = Vec::new();
    for component in path.split('/').filter(|component| !component.is_empty()) {
        if matches!(component, "." | "..") || component.contains(['\0', '\n']) {
            return Err(invalid());
        }
        let top = components.is_empty() && matches!(component, "machine" | "user" | "system");
        let mut name = String::new();
        if needs_escape(component) {
            name.push('_');
        }
        name.push_str(component);
        if !top && !component.contains('.') {
            name.push_str(".partition");
        }
        components.push(name);
    }
    Ok(components.join("/"))
}

/// Names that could be those of control files.
fn needs_escape(component: &str) -> bool {
    const PREFIXES: [&str; 12] = [
        "_",
        ".",
        "cgroup.",
        "cpu.",
        "cpuacct.",
        "cpuset.",
        "memory.",
        "devices.",
        "freezer.",
        "blkio.",
        "net_cls.",
        "perf_event.",
    ];
    matches!(component, "tasks" | "notify_on_release" | "release_agent")
        || PREFIXES.iter().any(|prefix| component.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes() {
        let check = |name: &str, expect: &str| assert_eq!(scope_name(name, 42), expect, "{name:?}");
        check("web", "lxc-42-web.libvirt-lxc");
        check("web.example-1", "lxc-42-web.example-1.libvirt-lxc");
        check("-.a--b..c-.", "lxc-42-a-b.c.libvirt-lxc");
        check("a b/c_é", "lxc-42-abc.libvirt-lxc");
        check("..", "lxc-42-.libvirt-lxc");
        check(&"x".repeat(200), &format!("lxc-42-{}.libvirt-lxc", "x".repeat(64)));
    }

    #[test]
    fn scopes_are_recognized() {
        assert_eq!(parse_scope_name("lxc-42-a-b.libvirt-lxc"), Some((42, "a-b")));
        for other in
            ["lxc-42.libvirt-lxc", "lxc-x-a.libvirt-lxc", "lxc--1-a.libvirt-lxc", "qemu-1-a.libvirt-qemu"]
        {
            assert_eq!(parse_scope_name(other), None, "{other}");
        }
    }

    #[test]
    fn partitions() {
        let check = |partition: &str, expect: &str| assert_eq!(partition_dir(partition).unwrap(), expect);
        check("/machine", "machine");
        check("/machine/", "machine");
        check("/", "");
        check("/machine/prod", "machine/prod.partition");
        check("/prod/machine", "prod.partition/machine.partition");
        check("/machine.slice/web", "machine.slice/web.partition");
        check("/_x/tasks/cpu.a", "__x.partition/_tasks.partition/_cpu.a");
        for bad in ["", "machine", "/a/../b", "/./a", "/a\nb"] {
            assert_eq!(partition_dir(bad), Err(Error::Partition(bad.to_owned())), "{bad:?}");
        }
    }
}
