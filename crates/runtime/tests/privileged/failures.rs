//! A start that fails leaves nothing behind and says what is wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use runtime::control::Failure;
use runtime::launch::start;
use runtime::plan::{Filesystem, FilesystemSource, IdRange, Interface, Plan, Root};

use crate::Test;
use crate::network::interface;
use crate::support::{belongings, idmap, make_root, no_group, plan, run, sh};

pub(crate) const TESTS: &[Test] = &[
    ("failed_starts_leave_nothing", failed_starts_leave_nothing),
    ("late_failures_leave_nothing", late_failures_leave_nothing),
    ("init_that_cannot_run_is_named", init_that_cannot_run_is_named),
    ("starts_leak_nothing", starts_leak_nothing),
];

/// The failure of a start, after which everything must be as before.
fn failure_of(plan: &Plan) -> Failure {
    let before = belongings();
    let failure = start(plan, &no_group(), None).unwrap_err();
    assert_eq!(before, belongings(), "{failure:?}");
    failure
}

/// Checks the failure of a plan with two interfaces after a change, with and without a user namespace.
fn check(good: &Plan, change: &dyn Fn(&mut Plan), step: &str, what: &str, errno: i32) {
    for map in [None, idmap(true)] {
        let mut plan = good.clone();
        plan.idmap = map;
        // The last one fails, after others were made.
        plan.interfaces = vec![interface(0), interface(1)];
        change(&mut plan);
        let failure = failure_of(&plan);
        assert_eq!((failure.step.as_str(), failure.what.as_str(), failure.errno), (step, what, errno));
    }
}

/// A plan that works, and what it needs of the host.
fn good_plan(dir: &Path) -> Plan {
    sh("ip link add br0 type bridge; ip link set br0 up; ip link add plain type veth peer name plain1");
    plan(&make_root(dir), "true")
}

fn failed_starts_leave_nothing(dir: &Path) {
    let good = good_plan(dir);
    check(&good, &|plan| plan.format = 99, "plan", "format 99 is not 3", 0);
    check(&good, &|plan| plan.consoles = 0, "plan", "at least one console is required", 0);
    check(&good, &|plan| plan.interfaces[1].bridge = "br1".into(), "network", "bridge 'br1'", 19);
    check(
        &good,
        &|plan| plan.interfaces[1].bridge = "plain".into(),
        "network",
        "'plain' is not a bridge",
        95,
    );
    check(
        &good,
        &|plan| plan.interfaces[1].guest_name = "eth0".into(),
        "network",
        "interface 'eth0' in the container",
        17,
    );
    check(
        &good,
        &|plan| {
            plan.interfaces[1] =
                Interface { host_name: "plain".into(), host_name_fixed: true, ..interface(1) }
        },
        "network",
        "interface 'plain' on bridge 'br0'",
        17,
    );
    check(
        &good,
        &|plan| plan.interfaces[1].addresses[0].prefix = 77,
        "network",
        "address 10.9.8.11/77 of 'eth1'",
        22,
    );
}

fn late_failures_leave_nothing(dir: &Path) {
    let good = good_plan(dir);
    let gone = dir.join("gone");
    let host = |target: &str| Filesystem::new(FilesystemSource::Host { path: gone.clone() }, target);
    check(&good, &|plan| plan.filesystems = vec![host("/tmp")], "filesystem", gone.to_str().unwrap(), 2);
    check(&good, &|plan| plan.root = Root::Filesystem(host("/")), "filesystem", gone.to_str().unwrap(), 2);
    check(&good, &|plan| plan.init.user = Some("alice".into()), "user", "no user 'alice' in /etc/passwd", 0);
    check(
        &good,
        &|plan| plan.hostname = "x".repeat(65),
        "namespace",
        &format!("host name '{}'", "x".repeat(65)),
        22,
    );
    let mut mapped = good.clone();
    mapped.idmap = idmap(true);
    mapped.idmap.as_mut().unwrap().uids.push(IdRange { inside: 10, outside: 10, count: 10 });
    assert_eq!(failure_of(&mapped).step, "namespace");
    mapped.idmap.as_mut().unwrap().uids[0].inside = 1;
    assert_eq!(failure_of(&mapped).step, "plan");
}

fn init_that_cannot_run_is_named(dir: &Path) {
    let root = make_root(dir);
    fs::write(root.join("script"), "#!/bin/missing\n").unwrap();
    fs::write(root.join("plain"), "not a program").unwrap();
    fs::write(root.join("garbage"), "\x7fELF").unwrap();
    for name in ["script", "garbage"] {
        fs::set_permissions(root.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut plan = plan(&root, "true");
    for map in [None, idmap(true)] {
        plan.idmap = map;
        let mut check = |path: &str, what: &str, errno: i32| {
            plan.init.path = path.into();
            let failure = failure_of(&plan);
            assert_eq!((failure.step.as_str(), failure.what.as_str(), failure.errno), ("exec", what, errno));
        };
        check("/sbin/init", "cannot find init path '/sbin/init' relative to container root", 2);
        check("/bin/sh/x", "cannot find init path '/bin/sh/x' relative to container root", 2);
        check("/script", "the interpreter of init path '/script' is missing", 2);
        check("/plain", "cannot run init path '/plain'", 13);
        check("/garbage", "cannot run init path '/garbage'", 8);
        check("/etc", "cannot run init path '/etc'", 13);
    }
}

fn starts_leak_nothing(dir: &Path) {
    sh("ip link add br0 type bridge; ip link set br0 up");
    let root = make_root(dir);
    let mut plan = plan(&root, "true");
    plan.interfaces = vec![interface(0)];
    plan.idmap = idmap(true);
    let before = belongings();
    for _ in 0..20 {
        run(&plan);
    }
    // The interfaces go with their network namespaces, at the kernel's leisure.
    assert_eq!(before[..4], belongings()[..4]);
}
