//! Against the control groups of the running system, each test in a partition of its own. Needs root.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cgroup::{Group, Limits, Placement};
use kernel::Errno;
use rustix::event::{PollFd, Timespec, poll};

const SOON: Duration = Duration::from_secs(10);

/// A group in a partition that nobody else has; both are removed with it.
struct Bed {
    group: Group,
    partition: String,
}

impl Bed {
    fn new(limits: &Limits) -> Self {
        let partition = unique_partition();
        let group = Group::create(&partition, "bed", 4711, limits).unwrap();
        Self { group, partition }
    }

    /// The same groups as on a host without cgroup v2.
    fn v1_only(&self) -> Group {
        Group::open(Placement { v1: self.group.placement().v1.clone(), v2: None })
    }

    fn scopes(&self) -> Vec<PathBuf> {
        let placement = self.group.placement();
        placement.v1.values().chain(&placement.v2).cloned().collect()
    }

    fn v1(&self, controller: &str, file: &str) -> Option<String> {
        let path = self.group.placement().v1.get(controller)?.join(file);
        Some(
            fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
                .trim()
                .to_owned(),
        )
    }

    /// A shell in the payload. It waits for a line before it runs the script.
    fn shell(&self, script: &str) -> Child {
        let mut command = kernel::command::Command::new("/bin/busybox");
        command.args(["sh", "-c", &format!("read _; {script}")]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        self.group.attach_payload(i32::try_from(child.id()).unwrap()).unwrap();
        child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
        child
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.group.kill_all().unwrap();
        self.group.remove(SOON).unwrap();
        let partition = Path::new(&self.partition[1..]).with_extension("partition");
        for scope in self.scopes() {
            let dir = scope.parent().unwrap();
            assert!(dir.ends_with(&partition), "{}", dir.display());
            if dir.exists() {
                fs::remove_dir(dir).unwrap();
            }
        }
    }
}

/// Whether the host has a controller on either version.
fn has(controller: &str) -> bool {
    let probe = Bed::new(&Limits::default());
    let placement = probe.group.placement();
    let v2 = placement.v2.as_ref().map(|scope| fs::read_to_string(scope.join("cgroup.controllers")).unwrap());
    placement.v1.contains_key(controller)
        || v2.is_some_and(|list| list.split_ascii_whitespace().any(|word| word == controller))
}

fn unique_partition() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("/vctest-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn ended(child: &mut Child) -> bool {
    child.try_wait().unwrap().is_some()
}

#[test]
fn groups_are_made_with_limits_and_removed() {
    let limits = Limits {
        memory_hard_kib: Some(65_536),
        memory_soft_kib: Some(32_768),
        memory_swap_hard_kib: Some(131_072),
        cpu_shares: Some(512),
        cpu_period_us: Some(50_000),
        cpu_quota_us: Some(25_000),
        cpuset_cpus: has("cpuset").then(|| "0".into()),
        ..Limits::default()
    };
    let bed = Bed::new(&limits);
    for scope in bed.scopes() {
        assert!(scope.ends_with("lxc-4711-bed.libvirt-lxc"), "{}", scope.display());
        assert!(scope.join("payload").is_dir());
    }
    let found = bed.group.limits().unwrap();
    // As the host has it: v1 lists the nodes, v2 nothing.
    let nodes = found.cpuset_mems.clone();
    let blkio = found.blkio_weight;
    assert_eq!(
        found,
        Limits {
            pids_max: Some(16_384),
            monitor_cpus: limits.cpuset_cpus.clone(),
            cpuset_mems: nodes,
            blkio_weight: blkio,
            ..limits
        }
    );
    if let Some(scope) = bed.v1("memory", "memory.limit_in_bytes") {
        assert_eq!(scope, ((65_536 + 32_768) * 1024).to_string());
        assert_eq!(bed.v1("memory", "payload/memory.limit_in_bytes").unwrap(), (65_536 * 1024).to_string());
    }
    let scopes = bed.scopes();
    drop(bed);
    assert!(scopes.iter().all(|scope| !scope.exists()));
}

#[test]
fn a_refused_limit_leaves_nothing() {
    let partition = unique_partition();
    let limits = Limits { cpu_shares: Some(1024), cpu_period_us: Some(1), ..Limits::default() };
    let error = Group::create(&partition, "bad", 4711, &limits).unwrap_err();
    assert_eq!(error.errno(), Errno::INVAL, "{error}");
    let name = format!("{}.partition", &partition[1..]);
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let points =
        mounts.lines().filter(|line| line.contains(" - cgroup")).filter_map(|line| line.split(' ').nth(4));
    let mut left = 0;
    for dir in points.map(|point| Path::new(point).join(&name)).filter(|dir| dir.exists()) {
        left += 1;
        // Only works while nothing is in it.
        fs::remove_dir(dir).unwrap();
    }
    assert!(left > 0, "the partition stays");
}

#[test]
fn limits_change_both_ways_while_it_runs() {
    let bed = Bed::new(&Limits::default());
    let mut child = bed.shell("sleep 1000");
    for kib in [50_000, 20_000, 90_000, u64::MAX] {
        let limits =
            Limits { memory_hard_kib: Some(kib), memory_swap_hard_kib: Some(kib), ..Limits::default() };
        bed.group.set_limits(&limits).unwrap();
        let found = bed.group.limits().unwrap();
        assert_eq!((found.memory_hard_kib, found.memory_swap_hard_kib), (Some(kib), Some(kib)));
    }
    let all = fs::read_to_string("/sys/devices/system/cpu/online").unwrap();
    for list in if has("cpuset") { vec!["0", all.trim(), "0"] } else { Vec::new() } {
        bed.group.set_limits(&Limits { cpuset_cpus: Some(list.into()), ..Limits::default() }).unwrap();
        assert_eq!(bed.group.limits().unwrap().cpuset_cpus.as_deref(), Some(list));
        if let Some(payload) = bed.v1("cpuset", "payload/cpuset.cpus") {
            assert_eq!(payload, list);
        }
    }
    bed.group
        .set_limits(&Limits { pids_max: Some(u64::MAX), cpu_quota_us: Some(-1), ..Limits::default() })
        .unwrap();
    let found = bed.group.limits().unwrap();
    assert_eq!((found.pids_max, found.cpu_quota_us), (Some(u64::MAX), Some(-1)));
    assert!(!ended(&mut child));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn freezing_and_thawing() {
    let bed = Bed::new(&Limits::default());
    let v1 = bed.v1_only();
    let groups =
        if v1.placement().v1.contains_key("freezer") { vec![&bed.group, &v1] } else { vec![&bed.group] };
    let mut child = bed.shell("while :; do :; done");
    for group in groups {
        group.set_frozen(true).unwrap();
        wait_frozen(group);
        let before = group.cpu_usage().unwrap();
        // A running loop would use processor time while this child lives.
        let mut pause = kernel::command::Command::new("/bin/busybox");
        pause.args(["usleep", "50000"]);
        assert!(pause.spawn().unwrap().wait().unwrap().success());
        assert_eq!(group.cpu_usage().unwrap(), before);
        group.set_frozen(false).unwrap();
        assert!(!group.is_frozen().unwrap());
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn wait_frozen(group: &Group) {
    let Some(mut events) = group.events().unwrap() else {
        while !group.is_frozen().unwrap() {}
        return;
    };
    while !events.state().unwrap().frozen {
        let mut fds = [PollFd::new(&events, rustix::event::PollFlags::PRI)];
        let timeout = Timespec::try_from(SOON).unwrap();
        assert_eq!(poll(&mut fds, Some(&timeout)).unwrap(), 1, "never frozen");
    }
    assert!(group.is_frozen().unwrap());
}

#[test]
fn everything_is_killed_frozen_or_not_and_nested_groups_go() {
    for (unified, each) in [(true, false), (true, true), (false, false)] {
        for frozen in [true, false] {
            let bed = Bed::new(&Limits::default());
            let v1 = bed.v1_only();
            if !unified && v1.placement().v1.is_empty() {
                continue;
            }
            let group = if unified { &bed.group } else { &v1 };
            let nested: Vec<_> = bed.scopes().iter().map(|scope| scope.join("payload/a")).collect();
            nested.iter().for_each(|dir| fs::create_dir(dir).unwrap());
            let mut child = bed.shell("trap '' TERM INT HUP; sleep 1000 & sleep 1000 & wait");
            while group.pids().unwrap().len() < 3 {}
            assert!(!group.is_empty().unwrap());
            assert!(!group.wait_empty(Duration::from_millis(5)).unwrap());
            assert_eq!(group.remove(Duration::ZERO).unwrap_err().errno(), Errno::BUSY);
            if frozen {
                group.set_frozen(true).unwrap();
                wait_frozen(group);
            }
            if each { group.kill_each() } else { group.kill_all() }.unwrap();
            assert!(group.wait_empty(SOON).unwrap(), "unified {unified} frozen {frozen}");
            assert!(group.is_empty().unwrap());
            assert!(!child.wait().unwrap().success());
            bed.group.remove(SOON).unwrap();
            assert!(bed.scopes().iter().all(|scope| !scope.exists()));
        }
    }
}

#[test]
fn who_entered_the_monitors_group_does_not_stay() {
    let bed = Bed::new(&Limits::default());
    let mut command = kernel::command::Command::new("/bin/busybox");
    command.args(["sleep", "1000"]);
    let mut child = command.spawn().unwrap();
    for dir in bed.scopes().iter().map(|scope| scope.join("monitor")).filter(|dir| dir.exists()) {
        fs::write(dir.join("cgroup.procs"), child.id().to_string()).unwrap();
    }
    bed.group.remove(SOON).unwrap();
    assert!(child.try_wait().unwrap().is_some());
}

#[test]
fn scopes_are_found() {
    let bed = Bed::new(&Limits::default());
    let found = cgroup::scopes(&bed.partition).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].monitor_pid, found[0].name.as_str()), (4711, "bed"));
    assert_eq!(&found[0].placement, bed.group.placement());
    assert!(cgroup::scopes(&unique_partition()).unwrap().is_empty());
}

#[test]
fn running_out_of_memory_is_noticed() {
    let bed = Bed::new(&Limits {
        memory_hard_kib: Some(8192),
        memory_swap_hard_kib: Some(8192),
        ..Limits::default()
    });
    let mut watch = bed.group.watch_oom().unwrap();
    let before = watch.count().unwrap();
    assert_eq!(before, 0);
    let mut child = bed.shell("exec dd if=/dev/zero of=/dev/null bs=64M count=1");
    // On v2 also what precedes a kill is notified.
    while watch.count().unwrap() == 0 {
        let mut fds = [PollFd::new(&watch, watch.interest())];
        assert_eq!(poll(&mut fds, Some(&Timespec::try_from(SOON).unwrap())).unwrap(), 1);
    }
    assert!(!child.wait().unwrap().success());
}

/// Holds the payload of `bed` by `group`, which names the same groups or some of them.
fn only_the_usual_devices_open(bed: &Bed, group: &mut Group) {
    let dir = tempfile::tempdir().unwrap();
    let node = dir.path().join("kmsg");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let kmsg = rustix::fs::makedev(1, 11);
    rustix::fs::mknodat(rustix::fs::CWD, &node, rustix::fs::FileType::CharacterDevice, mode, kmsg).unwrap();
    let does = |script: &str| bed.shell(script).wait().unwrap().success();
    let opens = |path: &Path| does(&format!("exec 3<>{}", path.display()));
    assert!(opens(&node));
    group.restrict_devices::<&Path>(&[]).unwrap();
    for usual in ["null", "zero", "full", "random", "urandom"] {
        assert!(opens(&Path::new("/dev").join(usual)), "{usual}");
    }
    assert!(!opens(&node));
    let made = dir.path().join("made");
    let mknod = |major: u32, minor: u32| does(&format!("mknod {} c {major} {minor}", made.display()));
    assert!(!mknod(1, 11) && mknod(1, 3));
    group.allow_device(&node, false).unwrap();
    assert!(opens(&node));
    assert!(opens(Path::new("/dev/null")), "what was allowed stays so");
    assert_eq!(group.allow_device(dir.path(), false).unwrap_err().errno(), Errno::NODEV);
    group.deny_device(&node).unwrap();
    group.deny_device(Path::new("/dev/null")).unwrap();
    assert!(!opens(&node) && opens(Path::new("/dev/null")));
    group.allow_device(&node, true).unwrap();
    assert!(!opens(&node) && does(&format!("exec 3<{}", node.display())), "only for reading");
}

#[test]
fn only_the_usual_devices_open_by_controller() {
    let bed = Bed::new(&Limits::default());
    if bed.group.placement().v1.contains_key("devices") {
        only_the_usual_devices_open(&bed, &mut bed.v1_only());
    }
}

#[test]
fn only_the_usual_devices_open_by_program() {
    let bed = Bed::new(&Limits::default());
    let v2 = bed.group.placement().v2.clone();
    if v2.is_some() {
        let mut group = Group::open(Placement { v2, ..Placement::default() });
        only_the_usual_devices_open(&bed, &mut group);
    }
}

#[test]
fn figures_of_a_payload() {
    let bed = Bed::new(&Limits::default());
    let mut child = bed.shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo x; read _");
    // It has worked when it says so.
    let mut out = [0; 1];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut out).unwrap();
    let cpu = bed.group.cpu_usage().unwrap();
    assert!(cpu.total > 1_000_000 && cpu.total < 60_000_000_000, "{cpu:?}");
    match bed.group.cpu_usage_each() {
        Ok(each) => assert!(each.iter().sum::<u64>() > 0),
        Err(error) => assert_eq!(error, cgroup::Error::NoController("cpuacct")),
    }
    assert_eq!(bed.group.task_count().unwrap(), 1);
    let memory = bed.group.memory_stat().unwrap();
    assert!(memory.usage > 0 && memory.usage < 100_000, "{memory:?}");
    assert_eq!(bed.group.block_io(Some((9999, 0))).unwrap(), cgroup::BlockIo::default());
    assert_eq!(bed.group.pids().unwrap(), [i32::try_from(child.id()).unwrap()]);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn delegation_gives_away_the_payload_alone() {
    use std::os::unix::fs::MetadataExt;
    let bed = Bed::new(&Limits::default());
    bed.group.delegate(100_000, 100_001).unwrap();
    let owner = |path: &Path| fs::metadata(path).map(|meta| (meta.uid(), meta.gid())).unwrap();
    for (controller, scope) in &bed.group.placement().v1 {
        let given = controller.starts_with("name=");
        let expect = if given { (100_000, 100_001) } else { (0, 0) };
        assert_eq!(owner(&scope.join("payload")), expect, "{controller}");
        assert_eq!(owner(&scope.join("payload/cgroup.procs")), expect, "{controller}");
        assert_eq!(owner(&scope.join("payload/tasks")), (0, 0));
        assert_eq!(owner(scope), (0, 0));
    }
    if let Some(payload) = bed.group.v2_payload() {
        assert_eq!(owner(&payload), (100_000, 100_001));
        assert_eq!(owner(&payload.join("cgroup.procs")), (100_000, 100_001));
        assert_eq!(owner(&payload.join("cgroup.kill")), (0, 0));
        assert_eq!(owner(payload.parent().unwrap()), (0, 0));
    }
}
