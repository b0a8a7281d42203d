//! The container's view of its control groups, on the machine's hierarchies and on cgroup v2 alone.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

use cgroup::{Group, Limits};
use kernel::pidfd;
use runtime::enter;
use runtime::launch::start;
use runtime::plan::{Init, Plan};

use crate::Test;
use crate::support::{drain, end, idmap, make_root, plan, read_until, section, sh};

pub(crate) const TESTS: &[Test] = &[
    ("control_groups_are_the_containers_own", control_groups_are_the_containers_own),
    ("unified_control_groups_are_delegated", unified_control_groups_are_delegated),
    ("reboot_stays_in_the_group", reboot_stays_in_the_group),
    ("programs_enter_the_group_of_init", programs_enter_the_group_of_init),
];

/// A group below a partition of the test's own; both go with it.
struct OwnGroup(Group);

impl OwnGroup {
    fn new() -> Self {
        let partition = format!("/runtime-test-{}", std::process::id());
        Self(Group::create(&partition, "test", 1, &Limits::default()).unwrap())
    }
}

impl Drop for OwnGroup {
    fn drop(&mut self) {
        let removed = self.0.remove(Duration::from_secs(5));
        let placement = self.0.placement();
        let partitions: BTreeSet<_> =
            placement.v1.values().chain(&placement.v2).filter_map(|scope| scope.parent()).collect();
        for partition in partitions {
            let _ = fs::remove_dir(partition);
        }
        if !std::thread::panicking() {
            removed.unwrap();
        }
    }
}

fn run_in(plan: &Plan, group: &Group) -> String {
    let container = start(plan, group, None).unwrap_or_else(|failure| panic!("{failure:?}"));
    let text = drain(&container, 0);
    pidfd::wait(container.init.as_fd()).unwrap();
    text
}

fn control_groups_are_the_containers_own(dir: &Path) {
    let root = make_root(dir);
    let script = "echo == own; cut -d: -f3 /proc/1/cgroup | sort -u
        echo == mounts; grep -E '/sys/fs/cgroup' /proc/self/mountinfo | cut -d' ' -f4,5,6
        echo == agent; find /sys/fs/cgroup -name release_agent
        echo == write; cd /sys/fs/cgroup; for d in *; do mkdir $d/x 2>/dev/null && echo made $d/x && rmdir $d/x; done
        mkdir /sys/fs/cgroup/x 2>/dev/null && echo made x
        for d in *; do echo $$ > $d/cgroup.procs 2>/dev/null && echo moved $d; done
        echo == end";
    let mut plan = plan(&root, script);
    for map in [None, idmap(true)] {
        plan.idmap = map;
        let own = OwnGroup::new();
        let text = run_in(&plan, &own.0);
        assert_eq!(section(&text, "own"), "/", "{text}");
        assert_eq!(section(&text, "agent"), "");
        let hierarchies = own.0.v1_payloads();
        let mounts = section(&text, "mounts");
        assert_eq!(
            mounts.lines().count(),
            1 + hierarchies.len() + usize::from(own.0.v2_payload().is_some()),
            "{mounts}"
        );
        for line in mounts.lines() {
            let [root, point, options] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            assert_eq!(root, "/", "{line}");
            let writable = point.ends_with("/systemd") || point.ends_with("/unified");
            assert_eq!(options.starts_with("rw"), writable, "{line}");
        }
        let wrote = section(&text, "write");
        let done: Vec<&str> = wrote.lines().filter(|line| !line.ends_with("Read-only file system")).collect();
        assert!(done.iter().all(|line| line.contains("systemd") || line.contains("unified")), "{wrote}");
        assert!(done.contains(&"made systemd/x") && done.contains(&"moved systemd"), "{wrote}");
    }
}

/// Replaces the control groups of this mount namespace by cgroup v2 alone.
fn become_unified() {
    sh("umount -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup");
}

fn unified_control_groups_are_delegated(dir: &Path) {
    become_unified();
    let root = make_root(dir);
    let script = "cat /proc/1/cgroup | tail -1; grep ' /sys/fs/cgroup ' /proc/self/mountinfo | cut -d' ' -f4,5
        cd /sys/fs/cgroup; stat -c '%u %n' . cgroup.procs cgroup.freeze; mkdir sub && echo $$ > sub/cgroup.procs
        cat /proc/self/cgroup | tail -1; echo 0 > cgroup.max.depth";
    let mut plan = plan(&root, script);
    for map in [None, idmap(true)] {
        plan.idmap = map.clone();
        let own = OwnGroup::new();
        let text = run_in(&plan, &own.0);
        let frozen = if map.is_some() { 65534 } else { 0 };
        let expect =
            format!("0::/\n/ /sys/fs/cgroup\n0 .\n0 cgroup.procs\n{frozen} cgroup.freeze\n0::/sub\n");
        assert!(text.starts_with(&expect), "{text}");
        assert_eq!(text.contains("Permission denied"), map.is_some(), "{text}");
    }
}

fn reboot_stays_in_the_group(dir: &Path) {
    let root = make_root(dir);
    let mut plan = plan(&root, "echo up; read line");
    for unified in [false, true] {
        if unified {
            become_unified();
        }
        for map in [None, idmap(true)] {
            plan.idmap = map;
            let own = OwnGroup::new();
            let mut kept = None;
            for _ in 0..3 {
                let container = start(&plan, &own.0, kept.as_ref()).unwrap();
                read_until(&container, "up");
                let groups = fs::read_to_string(format!("/proc/{}/cgroup", container.init_pid)).unwrap();
                let scopes = own.0.placement().v1.len() + 1;
                let inside = groups.lines().filter(|line| line.ends_with(".libvirt-lxc/payload")).count();
                assert!(inside >= scopes.min(groups.lines().count()), "{groups}");
                end(&container);
                kept = Some(container.kept);
            }
        }
    }
}

/// As a service manager does, init leaves the outermost group for one of its own.
fn programs_enter_the_group_of_init(dir: &Path) {
    let root = make_root(dir);
    let mut plan = plan(
        &root,
        "for d in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
            mkdir $d/own.scope 2>/dev/null && echo $$ > $d/own.scope/cgroup.procs; done; echo up; read line",
    );
    for unified in [false, true] {
        if unified {
            become_unified();
        }
        for map in [None, idmap(true)] {
            plan.idmap = map;
            let own = OwnGroup::new();
            let container = start(&plan, &own.0, None).unwrap();
            read_until(&container, "up");
            let program =
                Init { args: vec!["-c".into(), "cat /proc/self/cgroup".into()], ..plan.init.clone() };
            let running = enter::Running {
                plan: &plan,
                group: &own.0,
                init_pid: container.init_pid,
                init: container.init.as_fd(),
            };
            let (out, input) = kernel::fd::pipe().unwrap();
            let streams = [out.try_clone().unwrap(), input.try_clone().unwrap(), input];
            let entered = enter::run(running, &program, &streams).unwrap();
            drop(streams);
            let exit = pidfd::wait(entered.pidfd.as_fd()).unwrap();
            assert_eq!(entered.outcome(exit), Ok(pidfd::Exit::Status(0)));
            let mut groups = String::new();
            std::io::Read::read_to_string(&mut fs::File::from(out), &mut groups).unwrap();
            let init = sh(&format!("nsenter -t {} -C cat /proc/{0}/cgroup", container.init_pid));
            assert_eq!(groups, init);
            assert!(groups.contains(":/own.scope\n"), "{groups}");
            end(&container);
        }
    }
}
