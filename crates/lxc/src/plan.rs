//! From a definition to what the monitor carries out. Pure.

mod capabilities;
pub(crate) mod confinement;
mod consoles;
pub(crate) mod filesystems;
pub(crate) mod interfaces;
pub(crate) mod label;
mod names;
pub(crate) mod nodes;

use conf::domain::{BlkioDevice, CpuSet, DomainDef, IdMap, NumaMode, SharedNamespace};
use conf::{Error, Result};
use runtime::plan::{
    CgroupPlan, Files, IdMap as PlanIdMap, IdRange, Init, Namespace, PLAN_FORMAT, Plan, Root,
};

use crate::config::{Config, Profile};
use crate::cpumap;
use crate::ranges::Range;
use crate::security::Security;

/// Partition of a domain that names none.
pub(crate) const DEFAULT_PARTITION: &str = "/machine";

/// What a plan needs besides the definition.
pub(crate) struct Environment<'a> {
    pub(crate) config: &'a Config,
    /// Files of the run.
    pub(crate) files: Files,
    /// Automatic range of host ids.
    pub(crate) id_range: Range,
    /// The security module of the host.
    pub(crate) security: &'a Security,
    /// Number of the first `vnetN` to try.
    pub(crate) first_vnet: u32,
    /// Whether the kernel can filter system calls.
    pub(crate) kernel_has_seccomp: bool,
    /// The host's name servers, for machines that cannot ask for any.
    pub(crate) resolv_conf: Option<String>,
    /// The host's os-release(5).
    pub(crate) os_release: Option<String>,
    /// Pid of the init of a running domain, by name.
    pub(crate) init_of: &'a dyn Fn(&str) -> Option<i32>,
    /// Finds USB devices of the host.
    pub(crate) usb: nodes::FindUsb<'a>,
    /// Processors of the host that the container gets; all if `None`.
    pub(crate) cpus: Option<CpuSet>,
}

/// Makes the plan. Fails with CONFIG_UNSUPPORTED for what a container cannot have.
pub(crate) fn plan(def: &DomainDef, environment: &Environment<'_>) -> Result<Plan> {
    conf::domain::validate_container(def)?;
    conf::domain::validate_start(def)?;
    let root = filesystems::root(def)?;
    let idmap = idmap(def, &root, environment)?;
    let seccomp = confinement::seccomp(def, idmap.is_some(), environment)?;
    let consoles = u32::try_from(def.devices.consoles().count()).unwrap_or(u32::MAX);
    let network = network(def, environment)?;
    let hostname = hostname(&def.name);
    let names = names::names(def, &root, &network, &hostname, environment);
    Ok(Plan {
        format: PLAN_FORMAT,
        name: def.name.to_string(),
        uuid: def.uuid.to_string(),
        hostname,
        root,
        init: init(def, consoles),
        idmap,
        network,
        ipc: shared(def.namespace.ipc.as_ref(), environment)?,
        uts: shared(def.namespace.uts.as_ref(), environment)?,
        filesystems: filesystems::filesystems(def)?,
        interfaces: interfaces::interfaces(def, environment.first_vnet)?,
        consoles,
        console_logs: consoles::logs(def),
        capabilities: capabilities::bounding_set(def, environment.config.default_profile),
        seccomp,
        label: label::label(def, environment)?,
        nesting: def.metadata.confinement()?.nesting,
        devices: nodes::nodes(def, environment.usb)?,
        names,
        cgroup: CgroupPlan {
            partition: def.partition.clone().unwrap_or_else(|| DEFAULT_PARTITION.to_owned()),
            limits: limits(def, environment.cpus.as_ref())?,
        },
        files: environment.files.clone(),
    })
}

/// The name as far as it can be a host name (RFC 952).
fn hostname(name: &str) -> String {
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(63).collect();
    if name.is_empty() { "container".to_owned() } else { name }
}

fn idmap(def: &DomainDef, root: &Root, environment: &Environment<'_>) -> Result<Option<PlanIdMap>> {
    let config = environment.config;
    if !def.idmap.is_empty() {
        return explicit_idmap(&def.idmap, config);
    }
    let host_root = *root == Root::HostReadOnly;
    if config.default_profile == Profile::Compat && !host_root {
        return Ok(None);
    }
    let Range { uid, gid, count } = environment.id_range;
    let from = |outside| vec![IdRange { inside: 0, outside, count }];
    // The host's own root stays as it is; it is only read.
    Ok(Some(PlanIdMap { uids: from(uid), gids: from(gid), idmapped_mounts: true }))
}

fn explicit_idmap(idmap: &IdMap, config: &Config) -> Result<Option<PlanIdMap>> {
    let ranges = |list: &[conf::domain::IdRange]| -> Vec<IdRange> {
        list.iter().map(|r| IdRange { inside: r.start, outside: r.target, count: r.count }).collect()
    };
    let (uids, gids) = (ranges(&idmap.uids), ranges(&idmap.gids));
    let maps_root = |list: &[IdRange]| list.iter().any(|range| range.outside == 0 && range.count > 0);
    if (maps_root(&uids) || maps_root(&gids)) && !config.allow_privileged {
        return Err(Error::unsupported(
            "the idmap gives the container the host's root; set allow_privileged in lxc.conf to allow that",
        ));
    }
    let identity = |list: &[IdRange]| list.len() == 1 && list[0].inside == 0 && list[0].outside == 0;
    if identity(&uids) && identity(&gids) {
        return Ok(None);
    }
    Ok(Some(PlanIdMap { uids, gids, idmapped_mounts: false }))
}

fn network(def: &DomainDef, environment: &Environment<'_>) -> Result<Namespace> {
    match shared(def.namespace.net.as_ref(), environment)? {
        Namespace::Private => {}
        other => return Ok(other),
    }
    let own = def.features.privnet || def.devices.interfaces().next().is_some();
    if own || environment.config.default_profile == Profile::Guest {
        return Ok(Namespace::Private);
    }
    Ok(Namespace::Host)
}

fn shared(namespace: Option<&SharedNamespace>, environment: &Environment<'_>) -> Result<Namespace> {
    match namespace {
        None => Ok(Namespace::Private),
        Some(SharedNamespace::Name(name)) => {
            let pid = (environment.init_of)(name).ok_or_else(|| {
                Error::internal(format!("Unable to find running domain '{name}' to share a namespace with"))
            })?;
            Ok(Namespace::OfProcess { pid })
        }
        Some(SharedNamespace::Pid(pid)) => {
            let number = pid.parse().ok().filter(|pid| *pid > 0);
            let pid =
                number.ok_or_else(|| Error::xml(format!("invalid pid '{pid}' to share a namespace with")))?;
            Ok(Namespace::OfProcess { pid })
        }
        Some(SharedNamespace::NetNs(name)) => {
            if name.is_empty() || name.starts_with('.') || name.contains('/') {
                return Err(Error::xml(format!("invalid name of a network namespace '{name}'")));
            }
            Ok(Namespace::AtPath { path: format!("/run/netns/{name}").into() })
        }
    }
}

fn init(def: &DomainDef, consoles: u32) -> Init {
    let uuid = def.uuid.to_string();
    let mut env: Vec<(String, String)> = Vec::new();
    let mut set = |key: &str, value: &str| match env.iter_mut().find(|(known, _)| known == key) {
        Some((_, old)) => value.clone_into(old),
        None => env.push((key.to_owned(), value.to_owned())),
    };
    set("PATH", "/bin:/sbin");
    set("TERM", "linux");
    set("container", "lxc-libvirt");
    set("HOME", "/");
    set("container_uuid", &uuid);
    if consoles > 1 {
        let others: Vec<_> = (1..consoles).map(|number| format!("pts/{number}")).collect();
        set("container_ttys", &others.join(" "));
    }
    set("LIBVIRT_LXC_UUID", &uuid);
    set("LIBVIRT_LXC_NAME", &def.name);
    if let Some(cmdline) = &def.os.cmdline {
        set("LIBVIRT_LXC_CMDLINE", cmdline);
    }
    for (key, value) in &def.os.initenv {
        set(key, value);
    }
    Init {
        path: def.os.init.clone(),
        args: def.os.initargs.clone(),
        env,
        dir: def.os.initdir.clone(),
        user: def.os.inituser.clone(),
        group: def.os.initgroup.clone(),
        personality_32bit: cfg!(target_arch = "x86_64") && def.os.arch == "i686",
    }
}

/// What the cgroups allow. The memory limit is `<currentMemory>` unless `<hard_limit>` says otherwise.
fn limits(def: &DomainDef, cpus: Option<&CpuSet>) -> Result<cgroup::Limits> {
    let (memtune, cputune) = (&def.memtune, &def.cputune);
    let hard = memtune.hard_limit.unwrap_or(def.memory.current);
    Ok(cgroup::Limits {
        memory_hard_kib: Some(hard.0),
        memory_soft_kib: memtune.soft_limit.map(|kib| kib.0),
        memory_swap_hard_kib: memtune.swap_hard_limit.map(|kib| kib.0),
        cpu_shares: cputune.shares,
        cpu_period_us: cputune.period,
        cpu_quota_us: cputune.quota,
        cpuset_cpus: cpus.map(cpumap::list),
        monitor_cpus: cputune.emulatorpin.as_ref().map(cpumap::list),
        cpuset_mems: bound_nodes(def).map(cpumap::list),
        blkio_weight: def.blkiotune.weight,
        devices: def.blkiotune.devices.iter().map(device_limit).collect::<Result<_>>()?,
        pids_max: None,
    })
}

/// Nodes that memory may not leave. A preference for some does not bind.
fn bound_nodes(def: &DomainDef) -> Option<&CpuSet> {
    let memory = def.numatune.memory.as_ref();
    let memory = memory.filter(|memory| matches!(memory.mode, NumaMode::Strict | NumaMode::Restrictive));
    memory.and_then(|memory| memory.nodeset.as_ref())
}

fn device_limit(device: &BlkioDevice) -> Result<cgroup::DeviceLimit> {
    let set = |value: u64| (value != 0).then_some(value);
    Ok(cgroup::DeviceLimit {
        device: block_device(&device.path).map_err(Error::unsupported)?,
        weight: (device.weight != 0).then_some(device.weight),
        read_bytes: set(device.read_bytes),
        write_bytes: set(device.write_bytes),
        read_requests: set(device.read_iops.into()),
        write_requests: set(device.write_iops.into()),
    })
}

/// Numbers of the block device at a path of the host, or why there are none.
pub(crate) fn block_device(path: &str) -> std::result::Result<cgroup::Device, String> {
    let stat = rustix::fs::stat(path).map_err(|errno| format!("Path '{path}' is not accessible: {errno}"))?;
    if rustix::fs::FileType::from_raw_mode(stat.st_mode) != rustix::fs::FileType::BlockDevice {
        return Err(format!("Path '{path}' must be a block device"));
    }
    Ok((rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev)))
}

#[cfg(test)]
mod tests;
