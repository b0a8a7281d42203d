//! A subject in its private host, with the containers it is measured with.

use std::fs;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result, ensure};
use testkit::{Host, Init, Root, Subject};
use virt::connect::Connect;
use virt::domain::Domain;

/// The containers' init.
const STAMP: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stamp"));
/// Where the init notes the time of its first instruction.
const NOTE: &str = "/state/note";
/// Digits of the nanoseconds since 1970, until the year 2286.
const NOTE_DIGITS: usize = 19;

/// The bridge of the containers.
pub(crate) const BRIDGE: &str = "bench0";

/// A container with, or without, a network interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nic {
    /// Only loopback, in a network namespace of its own.
    None,
    /// One veth on a bridge.
    Veth,
}

/// A connection of the C library, closed when dropped.
#[derive(Debug)]
pub(crate) struct Connection(Connect);

impl Deref for Connection {
    type Target = Connect;

    fn deref(&self) -> &Connect {
        &self.0
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Nothing to be done when the daemon has gone.
        let _ = self.0.close();
    }
}

/// A daemon in its private host, and a root directory for its containers.
#[derive(Debug)]
pub(crate) struct Bed {
    host: Host,
    subject: Subject,
    daemon: u32,
    root: Root,
}

impl Bed {
    /// Starts the daemon. Anything that does not work in the private host panics and says what.
    pub(crate) fn start(subject: Subject) -> Result<Self> {
        let host = Host::without_daemon();
        let daemon = start_daemon(&host, subject)?;
        host.run(&["ip", "link", "add", BRIDGE, "type", "bridge"]).done();
        host.run(&["ip", "link", "set", BRIDGE, "up"]).done();
        let root = host.root("bench", &Init::Plain);
        let stamp = host.path(&root.file("/sbin/stamp"));
        fs::write(&stamp, STAMP).context("write the init")?;
        fs::set_permissions(&stamp, fs::Permissions::from_mode(0o755))?;
        Ok(Self { host, subject, daemon, root })
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn subject(&self) -> Subject {
        self.subject
    }

    /// Pid of the daemon in the private host.
    pub(crate) fn daemon_pid(&self) -> u32 {
        self.daemon
    }

    /// A new connection of the C library to the daemon.
    pub(crate) fn connect(&self) -> Result<Connection> {
        let uri = format!("lxc+unix:///system?socket={}", self.host.path(socket(self.subject)).display());
        Connect::open(Some(&uri)).map(Connection).with_context(|| format!("connect to {uri}"))
    }

    /// Defines a container. All share one root directory: run one at a time.
    pub(crate) fn define(&self, connection: &Connect, nic: Nic) -> Result<Domain> {
        let (name, interface) = match nic {
            Nic::None => ("bench", String::new()),
            Nic::Veth => (
                "bench-veth",
                format!("<interface type='bridge'><source bridge='{BRIDGE}'/><link state='up'/></interface>"),
            ),
        };
        let init = self.root.init();
        let xml = testkit::Domain::new(name)
            .root(&self.root)
            .init("/sbin/stamp")
            .os(&format!("<initarg>{NOTE}</initarg><initarg>{init}</initarg>"))
            .device(&interface)
            .xml();
        Domain::define_xml(connection, &xml).context("define")
    }

    /// Makes the root directory as if no container had ever run in it.
    pub(crate) fn clear(&self) -> Result<()> {
        let note = self.host.path(&self.root.file(NOTE));
        match fs::remove_file(&note) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        fs::write(self.host.path(&self.root.file("/state/log")), "")?;
        Ok(())
    }

    /// Waits until the init can be stopped, and returns when it executed its first instruction, in nanoseconds
    /// since 1970.
    pub(crate) fn first_instruction(&self) -> Result<u128> {
        let note = self.host.wait_for(&self.root.file(NOTE), |text| text.len() == NOTE_DIGITS);
        self.host.wait_log(&self.root, "booted");
        note.parse().context("the note of the init")
    }

    /// The directory of the containers' root, as this process sees it.
    pub(crate) fn root_in_host(&self) -> &str {
        self.root.path()
    }

    /// Direct children of a process of the private host.
    pub(crate) fn children(&self, pid: u32) -> Result<Vec<u32>> {
        let threads = self.host.names_in(&format!("/proc/{pid}/task"));
        let mut children = Vec::new();
        for thread in threads {
            let list = self.host.read(&format!("/proc/{pid}/task/{thread}/children"));
            for child in list.split_ascii_whitespace() {
                children.push(child.parse().context("pid of a child")?);
            }
        }
        Ok(children)
    }

    /// A sum of the `smaps_rollup` of a process of the private host, KiB.
    pub(crate) fn memory(&self, pid: u32, fields: &[&str]) -> Result<u64> {
        let rollup = self.host.read(&format!("/proc/{pid}/smaps_rollup"));
        let mut sum = 0;
        for field in fields {
            let line = rollup.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
            let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
            let kib: u64 = kib.with_context(|| format!("{field} of process {pid}"))?.parse()?;
            sum += kib;
        }
        ensure!(sum > 0, "process {pid} has no memory");
        Ok(sum)
    }

    /// Whether containers can be born in their control group: the memory controller is on cgroup v2.
    pub(crate) fn has_cgroup_v2(&self) -> bool {
        let controllers = fs::read_to_string(self.host.path("/sys/fs/cgroup/cgroup.controllers"));
        controllers.is_ok_and(|list| list.split_ascii_whitespace().any(|name| name == "memory"))
    }
}

/// Joins the private host's control groups, starts the daemon, tells its pid and, some day, its end.
const LAUNCH: &str = "\
for procs in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do
    case $procs in */host/*) ;; /sys/fs/cgroup/cgroup.procs) procs=/sys/fs/cgroup/host/cgroup.procs ;; esac
    [ -e $procs ] && { echo 0 >$procs || exit 1; }
done
\"$0\" >/run/test/bench.log 2>&1 &
echo $! >/run/test/bench.pid
wait $!
echo $? >/run/libvirt/bench.ended";

/// Starts the subject's daemon, whichever subject the environment asks for, and returns its pid once it serves.
fn start_daemon(host: &Host, subject: Subject) -> Result<u32> {
    let program = subject.daemon().canonicalize()?;
    let program = program.to_str().context("path of the daemon")?;
    // It ends with the host.
    drop(host.spawn(&["sh", "-c", LAUNCH, program]));
    let pid = host.wait_for("/run/test/bench.pid", |text| text.ends_with('\n'));
    let path = host.path(socket(subject));
    let serves = || UnixStream::connect(&path).is_ok();
    // Looked at again whenever something appears beside the socket, such as the read-only one made after it.
    host.wait_for("/run/libvirt/bench.ended", |status| serves() || !status.is_empty());
    ensure!(serves(), "{program} does not serve: {}", host.read("/run/test/bench.log"));
    pid.trim().parse().context("pid of the daemon")
}

/// The socket for `lxc:///system`.
fn socket(subject: Subject) -> &'static str {
    subject.expect("/run/libvirt/virtlxcd-sock", "/run/libvirt/libvirt-sock")
}
