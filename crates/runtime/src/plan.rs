//! What to run: the complete, validated description of one container, as plain data.
//!
//! The daemon makes a [`Plan`] from a domain definition; the monitor carries it out. Nothing in a plan needs a
//! look-up: every path is absolute, every number is final.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::seccomp;

mod link;

pub use link::{Bandwidth, DirectMode, Link, Rate, Vlans};

/// Version of the plan's layout; a monitor refuses any other.
pub const PLAN_FORMAT: u32 = 3;

/// One container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Always [`PLAN_FORMAT`].
    pub format: u32,
    /// Domain name, as in the XML.
    pub name: String,
    /// Domain uuid, canonical lower-case form.
    pub uuid: String,
    /// Host name inside the container (the name filtered to `[A-Za-z0-9-]`).
    pub hostname: String,
    /// Where `/` of the container comes from.
    pub root: Root,
    /// The program that becomes pid 1.
    pub init: Init,
    /// User namespace; `None` shares the host's user namespace.
    pub idmap: Option<IdMap>,
    /// Network namespace.
    pub network: Namespace,
    /// System V IPC and POSIX message queue namespace.
    pub ipc: Namespace,
    /// Host name namespace.
    pub uts: Namespace,
    /// Filesystems besides the root, in the order of the XML.
    pub filesystems: Vec<Filesystem>,
    /// Network interfaces, in the order of the XML.
    pub interfaces: Vec<Interface>,
    /// Number of consoles; the first is `/dev/console` and `/dev/tty1`. At least 1.
    pub consoles: u32,
    /// Files that get the output of the consoles, by their index; those beyond the end have none.
    #[serde(default)]
    pub console_logs: Vec<Option<ConsoleLog>>,
    /// Capabilities that stay in the bounding set, as a bit mask of `1 << CAP_*` (capabilities(7)).
    pub capabilities: u64,
    /// Which system calls it may make.
    pub seccomp: seccomp::Profile,
    /// Label of a security module of the host that its processes get.
    pub label: Option<Label>,
    /// Containers inside it can mount `/proc` and `/sys` of their own. Only with an [`IdMap`].
    pub nesting: bool,
    /// Devices of the host whose nodes also appear in the container's `/dev`.
    pub devices: Vec<DeviceNode>,
    /// What the machine tells its distribution.
    #[serde(default)]
    pub names: Names,
    /// Control groups and limits.
    pub cgroup: CgroupPlan,
    /// Files of the host that belong to this run.
    pub files: Files,
}

/// The container's root file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Root {
    /// A file system of its own; the target is `/`.
    Filesystem(Filesystem),
    /// The host's own root, read-only, with private `/tmp /run /var/tmp /home /root /dev`.
    /// Only with an [`IdMap`], never idmapped, and only for a program that is not an init system.
    HostReadOnly,
}

/// The first process, or another program that is run in the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Init {
    /// Absolute path inside the container; also `argv[0]`. Of another program than init also a name to look up.
    pub path: String,
    /// `argv[1..]`.
    pub args: Vec<String>,
    /// The complete environment, in order.
    pub env: Vec<(String, String)>,
    /// Working directory; `/` if absent.
    pub dir: Option<String>,
    /// `<inituser>`: a name of the container's own `/etc/passwd`, or `+N`/`N`.
    pub user: Option<String>,
    /// `<initgroup>`: a name of the container's own `/etc/group`, or `+N`/`N`.
    pub group: Option<String>,
    /// Runs with the 32-bit personality (`<type arch='i686'>` on x86_64).
    pub personality_32bit: bool,
}

/// User namespace of the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdMap {
    /// uid_map lines (user_namespaces(7)); at least one, the first starting at inside id 0.
    pub uids: Vec<IdRange>,
    /// gid_map lines.
    pub gids: Vec<IdRange>,
    /// True: the root and the mounts are idmapped, so files on disk keep their owners (automatic range).
    /// False: the tree is already owned by the mapped ids (explicit `<idmap>`, libvirt's meaning).
    pub idmapped_mounts: bool,
}

/// `count` ids from `inside` on are the host's ids from `outside` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdRange {
    /// First id inside the container.
    pub inside: u32,
    /// First id on the host.
    pub outside: u32,
    /// Length.
    pub count: u32,
}

/// A label of a security module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Whose.
    pub module: SecurityModule,
    /// As the module writes it: a profile, a context.
    pub text: String,
}

/// A security module of the kernel that labels processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecurityModule {
    /// `AppArmor`: profiles.
    AppArmor,
    /// `SELinux`: contexts.
    SeLinux,
}

/// Where a namespace comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Namespace {
    /// A new one.
    Private,
    /// The host's own.
    Host,
    /// That of a process (`<lxc:sharenet type='pid'>`, or a resolved `type='name'`).
    OfProcess {
        /// Host pid.
        pid: i32,
    },
    /// A bind-mounted one (`/run/netns/NAME`).
    AtPath {
        /// Host path.
        path: PathBuf,
    },
}

/// One file system mounted in the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filesystem {
    /// What is mounted.
    pub source: FilesystemSource,
    /// Absolute path inside the container; made if missing.
    pub target: String,
    /// Mounted read-only.
    pub readonly: bool,
    /// `accessmode='mapped'`: with an [`IdMap`] without idmapped mounts, the file system is mapped all the same
    /// unless its top directory belongs to the container already.
    pub mapped: bool,
    /// `<space_hard_limit>`, bytes.
    pub space_hard_limit: Option<u64>,
    /// `<space_soft_limit>`, bytes.
    pub space_soft_limit: Option<u64>,
    /// `fmode=`: permissions of files, where the file system stores none.
    pub file_mode: Option<u32>,
    /// `dmode=`: permissions of directories, where the file system stores none, and of the top of a tmpfs.
    pub dir_mode: Option<u32>,
}

impl Filesystem {
    /// `source` at `target`, writable and without any limit.
    #[must_use]
    pub fn new(source: FilesystemSource, target: &str) -> Self {
        Self {
            source,
            target: target.to_owned(),
            readonly: false,
            mapped: false,
            space_hard_limit: None,
            space_soft_limit: None,
            file_mode: None,
            dir_mode: None,
        }
    }
}

/// What a [`Filesystem`] mounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FilesystemSource {
    /// Host directory or file (`type='mount'`), with its child mounts.
    Host {
        /// Absolute host path; its absence fails the start.
        path: PathBuf,
    },
    /// Block device of the host with a file system (`type='block'`).
    Block {
        /// Absolute host path.
        path: PathBuf,
    },
    /// Image file with a file system (`type='file'`), by a loop device.
    File {
        /// Absolute host path.
        path: PathBuf,
    },
    /// Container directory (`type='bind'`). Not for the root.
    Bind {
        /// Absolute path inside the container.
        path: String,
    },
    /// tmpfs (`type='ram'`).
    Ram {
        /// Size limit in bytes.
        bytes: u64,
    },
}

/// A file that gets all output of a console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleLog {
    /// Absolute host path.
    pub path: PathBuf,
    /// What is in it stays.
    pub append: bool,
}

/// Files a distribution reads, for an image in which they are there but empty, and of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Content of `/etc/resolv.conf` (resolv.conf(5)).
    pub resolv_conf: Option<String>,
    /// Content of `/etc/hosts` (hosts(5)).
    pub hosts: Option<String>,
    /// The host's os-release(5), shown as `/run/host/os-release` to a systemd.
    pub os_release: Option<String>,
}

/// A node in the container's `/dev` for a device of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceNode {
    /// Which device.
    pub source: DeviceSource,
    /// Absolute path inside the container, below `/dev`.
    pub target: PathBuf,
    /// May only be read.
    pub readonly: bool,
    /// Permissions of the node; those of the host's if absent.
    pub mode: Option<u32>,
}

impl DeviceNode {
    /// The host's device node `path`, the same inside.
    #[must_use]
    pub fn same(path: &str) -> Self {
        Self {
            source: DeviceSource::Node { path: path.into() },
            target: path.into(),
            readonly: false,
            mode: None,
        }
    }

    /// Path on the host.
    #[must_use]
    pub fn host_path(&self) -> &Path {
        let (DeviceSource::Node { path } | DeviceSource::Image { path }) = &self.source;
        path
    }
}

/// The device of a [`DeviceNode`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeviceSource {
    /// A device node.
    Node {
        /// Absolute host path.
        path: PathBuf,
    },
    /// An image file, by a loop device.
    Image {
        /// Absolute host path.
        path: PathBuf,
    },
}

/// A device that comes or goes while the container runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "device", rename_all = "snake_case")]
pub enum Device {
    /// A network interface.
    Interface(Interface),
}

/// One network interface, mostly a veth pair with one end on a host bridge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Host bridge; its absence fails the start.
    pub bridge: String,
    /// Wanted name of the host end, e.g. `vnet3`. When it is taken and `host_name_fixed` is false, the next
    /// free number is used.
    pub host_name: String,
    /// True when the XML named it (`<target dev=>`): then a taken name is an error.
    pub host_name_fixed: bool,
    /// Name inside, e.g. `eth0`.
    pub guest_name: String,
    /// Hardware address of the inside end.
    pub mac: [u8; 6],
    /// Addresses of the inside end.
    pub addresses: Vec<Address>,
    /// Routes of the inside.
    pub routes: Vec<Route>,
    /// Brought up inside (has addresses or `<link state='up'/>`).
    pub up: bool,
    /// MTU of both ends, if given.
    pub mtu: Option<u32>,
    /// `<port isolated='yes'/>`.
    pub isolated: bool,
    /// What the host's end is.
    #[serde(default)]
    pub link: Link,
    /// The inside has no carrier: `<link state='down'/>`.
    #[serde(default)]
    pub no_carrier: bool,
    /// Limits.
    #[serde(default)]
    pub bandwidth: Bandwidth,
    /// VLANs of the bridge port.
    #[serde(default)]
    pub vlans: Option<Vlans>,
    /// The bridge is told the hardware address instead of learning it.
    #[serde(default)]
    pub static_macs: bool,
    /// Addresses of the host's end.
    #[serde(default)]
    pub host_addresses: Vec<Address>,
    /// Routes of the host by the host's end.
    #[serde(default)]
    pub host_routes: Vec<Route>,
}

/// One address, `<ip address= prefix= peer=>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// Prefix length.
    pub prefix: u8,
    /// Point-to-point peer.
    pub peer: Option<IpAddr>,
}

/// One route, `<route address= prefix= gateway= metric=>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Destination network (all zero with prefix 0 is the default route).
    pub destination: IpAddr,
    /// Prefix length of the destination.
    pub prefix: u8,
    /// Next hop.
    pub gateway: IpAddr,
    /// Priority.
    pub metric: Option<u32>,
}

/// Control groups of the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CgroupPlan {
    /// `<resource><partition>`, e.g. `/machine`; absolute.
    pub partition: String,
    /// Limits set before init runs.
    pub limits: cgroup::Limits,
}

/// Host files of one run, all below `/run/libvirt/lxc` and `/var/log/libvirt/lxc`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// Control socket of the monitor (`NAME.sock`).
    pub socket: PathBuf,
    /// Pid of the monitor (`NAME.pid`).
    pub pid: PathBuf,
    /// Where the monitor records how the container ended, for a daemon that was away (`NAME.exit`).
    pub exit_record: PathBuf,
    /// Log (`NAME.log`), appended to.
    pub log: PathBuf,
}
