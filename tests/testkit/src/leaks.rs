//! What is there, counted, so that a test can see what stayed behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::host::Host;
use crate::wait::{Deadline, a_moment};

/// How long the kernel may take to free what it frees without telling anybody.
const SETTLING: Duration = Duration::from_secs(5);
/// Directories whose files belong to the daemon or to its containers.
const DIRECTORIES: &[&str] = &[
    "/etc/libvirt",
    "/run/libvirt",
    "/var/cache/libvirt",
    "/var/lib/libvirt",
    "/var/log/libvirt",
    "/dev/pts",
];

/// Everything a private host holds: processes, network links, control groups, mounts, files, and the daemon's
/// open descriptors. Each thing is a line with a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<String, usize>);

impl Host {
    /// Takes stock.
    #[track_caller]
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut things = Snapshot(BTreeMap::new());
        things.processes(self);
        for link in self.links() {
            things.add(format!("link {link}"));
        }
        for line in self.read("/proc/1/mountinfo").lines() {
            let mut fields = line.split(' ').skip(4);
            things.add(format!("mount {}", fields.next().unwrap_or("?")));
        }
        things.tree("control group", &self.path("/sys/fs/cgroup"), "", &|path| path.is_dir());
        for directory in DIRECTORIES {
            things.tree("file", &self.path(directory), directory, &|_| true);
        }
        things.descriptors(self);
        things
    }

    /// Checks that there is nothing more and nothing less than `before`, apart from things that contain one of
    /// the texts in `except`.
    ///
    /// # Panics
    /// With the differences, if there are any.
    #[track_caller]
    pub fn assert_same(&self, before: &Snapshot, except: &[&str]) {
        let deadline = Deadline::within(SETTLING);
        loop {
            let mut differences = before.diff(&self.snapshot());
            differences.retain(|line| !except.iter().any(|text| line.contains(text)));
            if differences.is_empty() {
                return;
            }
            assert!(!deadline.has_passed(), "something has changed:\n{}", differences.join("\n"));
            a_moment();
        }
    }
}

impl Snapshot {
    /// What there is more (`+`) or less (`-`) of in `later`.
    #[must_use]
    pub fn diff(&self, later: &Self) -> Vec<String> {
        let count = |of: &Self, thing: &str| of.0.get(thing).copied().unwrap_or(0);
        let mut all: Vec<_> = self.0.keys().chain(later.0.keys()).collect();
        all.sort();
        all.dedup();
        all.into_iter()
            .filter_map(|thing| {
                let (before, after) = (count(self, thing), count(later, thing));
                let sign = if after > before { '+' } else { '-' };
                (before != after).then(|| format!("{sign} {thing} ({before} -> {after})"))
            })
            .collect()
    }

    fn add(&mut self, thing: String) {
        *self.0.entry(thing).or_default() += 1;
    }

    fn processes(&mut self, host: &Host) {
        for pid in host.names_in("/proc").iter().filter(|name| name.parse::<u32>().is_ok()) {
            // One that ends while it is looked at is none.
            let Ok(stat) = fs::read_to_string(host.path(&format!("/proc/{pid}/stat"))) else { continue };
            let name = stat.split(['(', ')']).nth(1).unwrap_or("?");
            self.add(format!("process {pid} {name}"));
        }
    }

    fn tree(&mut self, kind: &str, directory: &Path, shown_as: &str, wanted: &dyn Fn(&Path) -> bool) {
        let Ok(entries) = fs::read_dir(directory) else { return };
        for entry in entries.flatten() {
            let shown_as = format!("{shown_as}/{}", entry.file_name().to_string_lossy());
            // A container's own root is no file of the daemon's.
            if !wanted(&entry.path()) || shown_as.starts_with("/var/lib/libvirt/filesystems/") {
                continue;
            }
            self.add(format!("{kind} {shown_as}"));
            if entry.file_type().is_ok_and(|file_type| file_type.is_dir()) {
                self.tree(kind, &entry.path(), &shown_as, wanted);
            }
        }
    }

    fn descriptors(&mut self, host: &Host) {
        let directory = host.path(&format!("/proc/{}/fd", host.daemon_pid()));
        let Ok(entries) = fs::read_dir(directory) else { return };
        for entry in entries.flatten() {
            let Ok(target) = fs::read_link(entry.path()) else { continue };
            // Inode numbers say nothing: `socket:[123]`.
            let target = target.to_string_lossy();
            self.add(format!("descriptor {}", target.split(":[").next().unwrap_or("?")));
        }
    }
}
