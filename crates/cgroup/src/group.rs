//! One container's control groups: making them, moving processes into them.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use kernel::Errno;
use rustix::fs::{CWD, Gid, Mode, OFlags, Uid};

use crate::controller::{MONITOR, PAYLOAD};
use crate::devices::Filter;
use crate::file::{on, read, read_if_any, write};
use crate::hierarchy::Hierarchies;
use crate::name::{partition_dir, scope_name};
use crate::{Limits, Placement, Result, tree};

/// `pids.max` of a container whose limits say nothing about it.
pub const DEFAULT_PIDS_MAX: u64 = 16_384;

/// Controllers of cgroup v2 that limits and figures need.
const V2_CONTROLLERS: [&str; 5] = ["cpu", "cpuset", "io", "memory", "pids"];

/// Control groups of one container. Dropping it removes nothing: [`Group::remove`] does.
#[derive(Debug)]
pub struct Group {
    placement: Placement,
    payload: Option<OwnedFd>,
    /// Where the monitor was on cgroup v2 before it entered.
    pub(crate) origin: Option<PathBuf>,
    /// What holds the payload off devices on cgroup v2.
    pub(crate) devices: Option<Filter>,
}

impl Group {
    /// Makes scope, `monitor` and `payload` in every mounted hierarchy, and the partition where it is missing,
    /// and sets the limits. Undone on failure, except for the partition.
    ///
    /// `partition` is absolute, e.g. `/machine`; the scope's name is made of `name` and `monitor_pid`.
    pub fn create(partition: &str, name: &str, monitor_pid: i32, limits: &Limits) -> Result<Self> {
        let hierarchies = Hierarchies::discover()?;
        let partition = partition_dir(partition)?;
        let scope = scope_name(name, monitor_pid);
        let mut placement = Placement::default();
        for v1 in &hierarchies.v1 {
            let dir = v1.point.join(&partition).join(&scope);
            placement.v1.extend(v1.controllers.iter().map(|controller| (controller.clone(), dir.clone())));
        }
        placement.v2 = hierarchies.v2.as_ref().map(|point| point.join(&partition).join(&scope));
        let mut group = Self { placement, payload: None, origin: None, devices: None };
        match group.build(&hierarchies, limits) {
            Ok(()) => Ok(group),
            Err(error) => {
                // The first failure is the one to tell.
                let _ = group.remove_now();
                Err(error)
            }
        }
    }

    fn build(&mut self, hierarchies: &Hierarchies, limits: &Limits) -> Result<()> {
        for v1 in &hierarchies.v1 {
            let cpuset = v1.controllers.iter().any(|controller| controller == "cpuset");
            let Some(scope) = v1.controllers.first().and_then(|controller| self.placement.v1.get(controller))
            else {
                continue;
            };
            for dir in partitions(&v1.point, scope) {
                make_dir(&dir, cpuset, false)?;
            }
            make_dir(scope, cpuset, true)?;
            make_dir(&scope.join(PAYLOAD), cpuset, true)?;
            make_dir(&scope.join(MONITOR), cpuset, true)?;
        }
        if let (Some(point), Some(scope)) = (&hierarchies.v2, &self.placement.v2) {
            enable_controllers(point)?;
            for dir in partitions(point, scope) {
                make_dir(&dir, false, false)?;
                enable_controllers(&dir)?;
            }
            make_dir(scope, false, true)?;
            enable_controllers(scope)?;
            let payload = scope.join(PAYLOAD);
            make_dir(&payload, false, true)?;
            if self.is_unified() {
                make_dir(&scope.join(MONITOR), false, true)?;
            }
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            self.payload =
                Some(rustix::fs::open(&payload, flags, Mode::empty()).map_err(on("open", &payload))?);
        }
        self.set_limits(limits)?;
        match limits.pids_max {
            None if self.controller("pids").is_ok() => {
                self.set_limits(&Limits { pids_max: Some(DEFAULT_PIDS_MAX), ..Limits::default() })
            }
            _ => Ok(()),
        }
    }

    /// Control groups that exist already.
    #[must_use]
    pub const fn open(placement: Placement) -> Self {
        Self { placement, payload: None, origin: None, devices: None }
    }

    /// Where they are.
    #[must_use]
    pub const fn placement(&self) -> &Placement {
        &self.placement
    }

    /// True on a host with cgroup v2 alone.
    #[must_use]
    pub fn is_unified(&self) -> bool {
        self.placement.v1.is_empty()
    }

    /// The payload's directory on cgroup v2, for clone3(2) with `CLONE_INTO_CGROUP`; `None` if cgroup v2 is not
    /// mounted. The child still has to call [`Self::enter_payload`] for the v1 hierarchies (a no-op without).
    #[must_use]
    pub fn payload_fd(&self) -> Option<BorrowedFd<'_>> {
        self.payload.as_ref().map(AsFd::as_fd)
    }

    /// Moves the calling process, which must have one thread, into `payload` of every v1 hierarchy. To be called
    /// by the child between clone3(2) and unsharing its cgroup namespace, before it changes its user id.
    ///
    /// This takes 0.03 ms a hierarchy. Moving *another* process ([`Self::attach_payload`]) waits for an RCU grace
    /// period, 5-20 ms, because only for the writer's own single thread the kernel needs no global lock
    /// (`cgroup_procs_write_start` of kernel/cgroup/cgroup.c, Linux 5.5).
    pub fn enter_payload(&self) -> Result<()> {
        self.v1_scopes().into_iter().try_for_each(|(_, scope)| write(&scope.join(PAYLOAD), "tasks", "0"))
    }

    /// Moves the calling process, which must have one thread, into the groups below `payload` in which `pid` is:
    /// where the container's init is, there is room for a process, also when a service manager has made groups of
    /// its own, which leave none in `payload` itself on cgroup v2. Into `payload` where `pid` is not below it.
    ///
    /// On v2 it waits for an RCU grace period, as [`Self::attach_payload`].
    pub fn enter_beside(&self, pid: i32) -> Result<()> {
        let list = PathBuf::from(format!("/proc/{pid}/cgroup"));
        let text = kernel::fd::read_to_string(&list).map_err(on("read", &list))?;
        for (controllers, scope) in self.v1_scopes() {
            write(&beside(&text, &controllers, scope), "tasks", "0")?;
        }
        match &self.placement.v2 {
            Some(scope) => write(&beside(&text, &[""], scope), "cgroup.procs", "0"),
            None => Ok(()),
        }
    }

    /// Moves another process into `payload` of every hierarchy, v2 included. Slow, see [`Self::enter_payload`];
    /// not needed for one cloned into [`Self::payload_fd`] that calls `enter_payload`.
    pub fn attach_payload(&self, pid: i32) -> Result<()> {
        let pid = pid.to_string();
        let v1 = self.v1_scopes().into_iter().map(|(_, scope)| scope);
        v1.chain(self.placement.v2.as_deref())
            .try_for_each(|scope| write(&scope.join(PAYLOAD), "cgroup.procs", &pid))
    }

    /// Moves the calling process, which must have one thread, into `monitor`.
    ///
    /// Fast on v1. On cgroup v2 alone it waits for an RCU grace period, as [`Self::attach_payload`], so it is
    /// better done when init runs. On a mixed host the unified hierarchy has no `monitor`: it only freezes and
    /// kills the payload.
    pub fn enter_monitor(&mut self) -> Result<()> {
        for (_, scope) in self.v1_scopes() {
            write(&scope.join(MONITOR), "tasks", "0")?;
        }
        if let (true, Some(scope)) = (self.is_unified(), &self.placement.v2) {
            let origin = own_v2_dir(scope);
            write(&scope.join(MONITOR), "cgroup.procs", "0")?;
            self.origin = origin;
        }
        Ok(())
    }

    /// Moves the calling process, which must have one thread, out again, so that the groups can be removed: on v1
    /// to the root, on v2 to where it came from.
    pub fn leave_monitor(&self) -> Result<()> {
        for (_, scope) in self.v1_scopes() {
            write(&mount_point(scope).unwrap_or_default(), "tasks", "0")?;
        }
        let Some(origin) = &self.origin else { return Ok(()) };
        if origin.is_dir() {
            return write(origin, "cgroup.procs", "0");
        }
        let root = self.placement.v2.as_deref().and_then(mount_point).unwrap_or_default();
        write(&root, "cgroup.procs", "0")
    }

    /// Gives `payload` to the container's root user, as far as its init may manage it: the directory and the
    /// files of delegation, on cgroup v2 and on the v1 hierarchies without controller (`name=systemd`).
    /// Ids are the host's.
    pub fn delegate(&self, uid: u32, gid: u32) -> Result<()> {
        for (controllers, scope) in self.v1_scopes() {
            if controllers.iter().all(|controller| controller.starts_with("name=")) {
                // Not tasks: init has to enter by it, and may have been cloned into its user namespace before the
                // ids are mapped there.
                give_away(&scope.join(PAYLOAD), ["cgroup.procs"].into_iter(), uid, gid)?;
            }
        }
        if let Some(payload) = self.v2_payload() {
            // The kernel lists what is safe to hand over; it does since 4.15.
            let files = read_if_any(Path::new("/sys/kernel/cgroup"), "delegate")?;
            let files =
                files.unwrap_or_else(|| "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n".into());
            give_away(&payload, files.lines(), uid, gid)?;
        }
        Ok(())
    }

    /// The v1 hierarchies: controllers that are mounted together (e.g. `cpu`, `cpuacct`, or `name=systemd`),
    /// and the payload's directory there.
    #[must_use]
    pub fn v1_payloads(&self) -> Vec<(Vec<&str>, PathBuf)> {
        self.v1_scopes().into_iter().map(|(controllers, scope)| (controllers, scope.join(PAYLOAD))).collect()
    }

    /// The payload's directory on cgroup v2.
    #[must_use]
    pub fn v2_payload(&self) -> Option<PathBuf> {
        self.placement.v2.as_ref().map(|scope| scope.join(PAYLOAD))
    }

    /// Scopes of the v1 hierarchies, each once.
    pub(crate) fn v1_scopes(&self) -> Vec<(Vec<&str>, &Path)> {
        let mut scopes: BTreeMap<&Path, Vec<&str>> = BTreeMap::new();
        for (controller, scope) in &self.placement.v1 {
            scopes.entry(scope).or_default().push(controller);
        }
        scopes.into_iter().map(|(scope, controllers)| (controllers, scope)).collect()
    }

    /// Removes all directories that can be removed; the first failure is told.
    pub(crate) fn remove_now(&self) -> Result<()> {
        let scopes: BTreeSet<&Path> =
            self.placement.v1.values().chain(&self.placement.v2).map(AsRef::as_ref).collect();
        let results: Vec<_> = scopes.into_iter().map(tree::remove).collect();
        results.into_iter().collect()
    }
}

/// The directory of the group that a `/proc/PID/cgroup` names for a hierarchy, if it is below the payload of
/// `scope`, else that payload. On v2 the list of controllers is empty.
fn beside(list: &str, controllers: &[&str], scope: &Path) -> PathBuf {
    let payload = scope.join(PAYLOAD);
    let name = scope.file_name().unwrap_or_default().to_string_lossy();
    let marker = format!("/{name}/{PAYLOAD}");
    let below = list.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let named = fields.next()?.split(',').any(|name| controllers.contains(&name));
        let (_, below) = fields.next().filter(|_| named)?.split_once(&marker)?;
        // The payload itself, or a group in it; what has ended there is of no use.
        below.strip_prefix('/').filter(|below| !below.ends_with(" (deleted)"))
    });
    below.map_or_else(|| payload.clone(), |below| payload.join(below))
}

/// Directories between the mount point and the scope, outermost first.
fn partitions(point: &Path, scope: &Path) -> Vec<PathBuf> {
    let mut dirs: Vec<_> =
        scope.ancestors().skip(1).take_while(|dir| *dir != point).map(Path::to_owned).collect();
    dirs.reverse();
    dirs
}

/// Makes a group. One that is there stays as it is, or with `anew` is removed first: left over from a monitor
/// with the same pid. `EBUSY` if it has processes.
fn make_dir(dir: &Path, cpuset: bool, anew: bool) -> Result<()> {
    let mkdir = || rustix::fs::mkdirat(CWD, dir, Mode::from_raw_mode(0o755));
    match mkdir() {
        Err(Errno::EXIST) if anew => {
            tree::remove(dir)?;
            mkdir().map_err(on("mkdir", dir))?;
        }
        Err(Errno::EXIST) => {}
        other => other.map_err(on("mkdir", dir))?,
    }
    if cpuset { inherit_cpuset(dir) } else { Ok(()) }
}

/// A new v1 cpuset is empty, and then no process may enter it.
fn inherit_cpuset(dir: &Path) -> Result<()> {
    let parent = dir.parent().unwrap_or(dir);
    for name in ["cpuset.cpus", "cpuset.mems"] {
        if read(dir, name)?.trim().is_empty() {
            write(dir, name, read(parent, name)?.trim())?;
        }
    }
    Ok(())
}

/// Enables for the groups in `dir` what limits need. A controller that cannot be enabled there (bound to v1,
/// processes in `dir`) is missing afterwards, which shows when a limit needs it.
fn enable_controllers(dir: &Path) -> Result<()> {
    let available = read(dir, "cgroup.controllers")?;
    let enabled = read(dir, "cgroup.subtree_control")?;
    let has = |list: &str, name: &str| list.split_ascii_whitespace().any(|word| word == name);
    for name in V2_CONTROLLERS {
        if has(&available, name) && !has(&enabled, name) {
            let _ = write(dir, "cgroup.subtree_control", &format!("+{name}"));
        }
    }
    Ok(())
}

/// Group of the calling process on cgroup v2, as a directory in the mount that `scope` is in.
fn own_v2_dir(scope: &Path) -> Option<PathBuf> {
    let text = kernel::fd::read_to_string(Path::new("/proc/self/cgroup")).ok()?;
    let path = text.lines().find_map(|line| line.strip_prefix("0::/"))?;
    // Above the cgroup namespace's root there is no way to name it.
    (!path.starts_with("..")).then(|| mount_point(scope).map(|point| point.join(path)))?
}

/// The topmost directory above `dir` that is a cgroup. `dir` itself may be gone.
fn mount_point(dir: &Path) -> Option<PathBuf> {
    let is_group = |dir: &&Path| dir.join("cgroup.procs").exists();
    dir.ancestors().skip_while(|dir| !is_group(dir)).take_while(is_group).last().map(Path::to_owned)
}

fn give_away<'a>(payload: &Path, files: impl Iterator<Item = &'a str>, uid: u32, gid: u32) -> Result<()> {
    let chown = |path: &Path| rustix::fs::chown(path, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
    chown(payload).map_err(on("chown", payload))?;
    for name in files.filter(|name| !name.is_empty() && !name.contains('/')) {
        let path = payload.join(name);
        match chown(&path) {
            // Of a controller that is not enabled.
            Err(Errno::NOENT) => {}
            other => other.map_err(on("chown", &path))?,
        }
    }
    Ok(())
}

impl From<Group> for Placement {
    fn from(group: Group) -> Self {
        group.placement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn beside_a_process_of_the_payload() {
        let list = "9:name=systemd:/host/m/s.libvirt-lxc/payload/init.scope\n4:cpu,cpuacct:/m/s.libvirt-lxc/payload\n\
            3:memory:/elsewhere\n2:pids:/m/s.libvirt-lxc/payload2/x\n0::/m/s.libvirt-lxc/payload/a/b\n";
        let find = |controllers: &[&str]| beside(list, controllers, Path::new("/cg/m/s.libvirt-lxc"));
        let payload = Path::new("/cg/m/s.libvirt-lxc/payload");
        assert_eq!(find(&["name=systemd"]), payload.join("init.scope"));
        assert_eq!(find(&["cpuacct", "cpu"]), payload);
        assert_eq!(find(&["memory"]), payload);
        assert_eq!(find(&["pids"]), payload, "a name that only begins alike");
        assert_eq!(find(&["absent"]), payload);
        assert_eq!(find(&[""]), payload.join("a/b"));
    }

    #[test]
    fn partitions_outermost_first() {
        let dirs = partitions(Path::new("/cg"), Path::new("/cg/a/b/scope"));
        assert_eq!(dirs, [PathBuf::from("/cg/a"), "/cg/a/b".into()]);
        assert!(partitions(Path::new("/cg"), Path::new("/cg/scope")).is_empty());
    }

    #[test]
    fn bad_partition_is_refused_before_anything_is_made() {
        let error = Group::create("../x", "a", 1, &Limits::default()).unwrap_err();
        assert_eq!(error, Error::Partition("../x".into()));
    }
}
