//! Looking at a container from the inside, and at what the kernel says about it from the outside.

use std::os::unix::fs::MetadataExt;

use crate::domain::Domain;
use crate::host::Host;
use crate::leaks::Snapshot;
use crate::rootfs::{Init, Root};
use crate::wait::{Deadline, PATIENCE, a_moment};

/// What a probe does after its script.
const STAY: &str = "say booted; exec sleep 100000";

/// So many times in a row, [`a_moment`] apart, a settled host looks the same.
const SAME_LOOKS: u32 = 10;

/// A host that has not settled after so many looks is busy with something else.
const LOOKS_MAX: u32 = 250;

impl Host {
    /// Takes stock once nothing changes any more: a monitor or a client's connection may be on its way out when
    /// the call that ended it has returned.
    #[track_caller]
    #[must_use]
    pub fn settled(&self) -> Snapshot {
        let mut last = self.snapshot();
        let mut same = 0;
        for _ in 0..LOOKS_MAX {
            a_moment();
            let now = self.snapshot();
            same = if now == last { same + 1 } else { 0 };
            last = now;
            if same == SAME_LOOKS {
                break;
            }
        }
        last
    }

    /// Boots a container whose init runs `script` and then stays. What the script writes below /state is read
    /// with [`Host::seen`]. `shape` adds to the domain.
    #[track_caller]
    #[must_use]
    pub fn probe(&self, name: &str, script: &str, shape: impl FnOnce(Domain) -> Domain) -> Root {
        let root = self.root(name, &Init::Script(format!("{script}\n{STAY}")));
        self.define(&shape(Domain::new(name).root(&root)));
        self.start_container(name, &root);
        root
    }

    /// Waits for what gives no notice of its own, such as the freeing of a loop device.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Deadline::within(PATIENCE);
        while !holds() {
            assert!(!deadline.has_passed(), "waited in vain: {what}");
            a_moment();
        }
    }

    /// What the script of a probe has written to /state/NAME, without the last line feed.
    #[track_caller]
    #[must_use]
    pub fn seen(&self, root: &Root, name: &str) -> String {
        self.read(&root.file(&format!("/state/{name}"))).trim_end_matches('\n').to_owned()
    }

    /// Owner (user and group id on the host) of a file of this host.
    #[track_caller]
    #[must_use]
    pub fn owner(&self, path: &str) -> (u32, u32) {
        match self.path(path).symlink_metadata() {
            Ok(metadata) => (metadata.uid(), metadata.gid()),
            Err(error) => panic!("stat {path} of the private host: {error}"),
        }
    }

    /// What the namespace of a process is, as the kernel names it: `net:[4026531840]`.
    #[track_caller]
    #[must_use]
    pub fn namespace(&self, pid: u32, kind: &str) -> String {
        self.run(&["readlink", &format!("/proc/{pid}/ns/{kind}")]).ok().trim().to_owned()
    }

    /// The user id map of a process, as (inside, outside, count) in this host's ids.
    #[track_caller]
    #[must_use]
    pub fn uid_map(&self, pid: u32) -> Vec<[u32; 3]> {
        let text = self.read(&format!("/proc/{pid}/uid_map"));
        text.lines()
            .map(|line| {
                let numbers: Vec<_> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
                numbers.try_into().unwrap_or_else(|_| panic!("uid_map of {pid} has the line `{line}`"))
            })
            .collect()
    }

    /// What a control file holds in init's own group and in those above it up to the container's outermost one,
    /// by the file's name on control groups v1 (with the controller) and on v2.
    #[track_caller]
    #[must_use]
    pub fn limits(&self, name: &str, controller: &str, v1: &str, v2: &str) -> Vec<String> {
        let groups = self.run(&["cat", &format!("/proc/{}/cgroup", self.init_pid(name))]);
        let lines = || groups.ok().lines().map(|line| line.splitn(3, ':').collect::<Vec<_>>());
        let is_v1 = |line: &Vec<&str>| line[1].split(',').any(|one| one == controller);
        let (at, group, file) = match (lines().find(is_v1), lines().find(|line| line[0] == "0")) {
            (Some(line), _) => (format!("/sys/fs/cgroup/{}", self.mount_of(controller)), line[2], v1),
            (None, Some(line)) => ("/sys/fs/cgroup".to_owned(), line[2], v2),
            (None, None) => panic!("{name} is in no group: {groups:?}"),
        };
        // The outermost one bears the name of the domain.
        let marker = format!("-{}", name.replace('-', "\\x2d"));
        std::iter::successors(Some(group), |group| group.rsplit_once('/').map(|(above, _)| above))
            .take_while(|group| group.contains(&marker))
            .map(|group| self.read(&format!("{at}{group}/{file}")).trim().to_owned())
            .collect()
    }

    /// The directory in /sys/fs/cgroup at which a v1 controller is mounted.
    #[track_caller]
    fn mount_of(&self, controller: &str) -> String {
        let mounts = self.names_in("/sys/fs/cgroup");
        match mounts.into_iter().find(|name| name.split(',').any(|one| one == controller)) {
            Some(name) => name,
            None => panic!("the controller {controller} is mounted nowhere"),
        }
    }
}
