//! Short words for what most tests do with a container.

use crate::domain::Domain;
use crate::host::Host;
use crate::rootfs::{Init, Root};

impl Host {
    /// Makes a root with the init and defines a domain of the same name on it.
    #[track_caller]
    pub fn container(&self, name: &str, init: &Init) -> Root {
        let root = self.root(name, init);
        self.define(&Domain::new(name).root(&root));
        root
    }

    /// [`Host::container`], started and waited for until its init has said `booted`.
    #[track_caller]
    pub fn boot(&self, name: &str, init: &Init) -> Root {
        let root = self.container(name, init);
        self.start_container(name, &root);
        root
    }

    /// Starts a domain and waits until its init has said `booted` once more.
    #[track_caller]
    pub fn start_container(&self, name: &str, root: &Root) {
        let before = self.read(&root.file("/state/log")).lines().filter(|line| *line == "booted").count();
        self.virsh(&["start", name]).done();
        self.wait_log_times(root, "booted", before + 1);
    }

    /// State and reason as virsh words them, such as `running (booted)`.
    #[track_caller]
    #[must_use]
    pub fn state(&self, name: &str) -> String {
        self.virsh(&["domstate", "--reason", name]).ok().trim().to_owned()
    }

    /// Domain id; `None` when the domain is off.
    #[track_caller]
    #[must_use]
    pub fn id(&self, name: &str) -> Option<u32> {
        self.virsh(&["domid", name]).ok().trim().parse().ok()
    }

    /// The document that `virsh dumpxml` prints.
    #[track_caller]
    #[must_use]
    pub fn dumpxml(&self, name: &str, arguments: &[&str]) -> String {
        self.virsh(&[&["dumpxml", name], arguments].concat()).ok().trim_end().to_owned()
    }

    /// Pid of the process that supervises the container, from the file that clients read it from.
    #[track_caller]
    #[must_use]
    pub fn monitor_pid(&self, name: &str) -> u32 {
        let text = self.read(&format!("/run/libvirt/lxc/{name}.pid"));
        match text.trim().parse() {
            Ok(pid) => pid,
            Err(error) => panic!("{name}.pid holds `{text}`: {error}"),
        }
    }

    /// Pid of the container's init, found as clients find it: the first child of the supervisor.
    #[track_caller]
    #[must_use]
    pub fn init_pid(&self, name: &str) -> u32 {
        let monitor = self.monitor_pid(name);
        let children = self.read(&format!("/proc/{monitor}/task/{monitor}/children"));
        match children.split_whitespace().next().and_then(|pid| pid.parse().ok()) {
            Some(pid) => pid,
            None => panic!("the supervisor {monitor} of {name} has no child"),
        }
    }

    /// Runs a program inside a running container through `virsh lxc-enter-namespace` and returns its standard
    /// output.
    #[track_caller]
    #[must_use]
    pub fn inside(&self, name: &str, argv: &[&str]) -> String {
        let output = self.virsh(&[&["lxc-enter-namespace", name, "--noseclabel"], argv].concat());
        output.ok().to_owned()
    }
}
