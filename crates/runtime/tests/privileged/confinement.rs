//! What the container's root must not see or do.

use std::path::Path;

use kernel::namespace::Kind;

use crate::Test;
use crate::support::{CAPABILITIES, idmap, make_root, plan, run, run_both, section};

pub(crate) const TESTS: &[Test] = &[
    ("masked_paths_are_empty", masked_paths_are_empty),
    ("kernel_settings_are_readonly", kernel_settings_are_readonly),
    ("mounts_are_locked_in_a_user_namespace", mounts_are_locked_in_a_user_namespace),
    ("nested_containers_mount_their_own_proc", nested_containers_mount_their_own_proc),
    ("nothing_of_the_host_is_mounted", nothing_of_the_host_is_mounted),
    ("capabilities_are_the_plans", capabilities_are_the_plans),
    ("devices_cannot_be_made_in_a_user_namespace", devices_cannot_be_made_in_a_user_namespace),
    ("keyring_and_ipc_are_private", keyring_and_ipc_are_private),
];

fn masked_paths_are_empty(dir: &Path) {
    let script = "cd /proc; for f in kcore keys kallsyms kmsg timer_list sched_debug latency_stats; do
            [ -e $f ] && echo $f $(stat -c %t:%T $f) $(cat $f | wc -c); done
        for d in scsi acpi asound /sys/firmware /sys/kernel/debug /sys/kernel/tracing /sys/kernel/security \
            /sys/devices/virtual/powercap; do
            [ -e $d ] && echo $d $(ls -A $d | wc -l) $(touch $d/x 2>&1 | grep -c Read-only); done
        echo == end";
    for text in run_both(dir, script) {
        let lines: Vec<&str> = text.lines().take_while(|line| *line != "== end").collect();
        let (files, dirs): (Vec<&str>, Vec<&str>) = lines.iter().partition(|line| line.contains(':'));
        // These exist everywhere, so this test tests something.
        for name in ["keys", "kallsyms", "kmsg", "timer_list"] {
            assert!(files.contains(&format!("{name} 1:3 0").as_str()), "{text}");
        }
        assert!(files.iter().all(|line| line.ends_with(" 1:3 0")), "{text}");
        for name in ["/sys/firmware", "/sys/kernel/debug", "acpi"] {
            assert!(dirs.contains(&format!("{name} 0 1").as_str()), "{text}");
        }
        assert!(dirs.iter().all(|line| line.ends_with(" 0 1")), "{text}");
    }
}

fn kernel_settings_are_readonly(dir: &Path) {
    let script = "for f in /proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches /proc/sysrq-trigger \
            /proc/irq/default_smp_affinity /sys/kernel/mm/ksm/run /sys/power/state \
            /proc/sys/net/ipv4/ip_forward; do
            [ -e $f ] && echo $f $( (cat $f > /tmp/now; cat /tmp/now > $f) 2>&1 | tail -1); done
        echo == end; cat /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv4/ip_forward
        cat /proc/sys/net/ipv4/ip_forward";
    for text in run_both(dir, script) {
        let mut refused = 0;
        for line in text.lines().take_while(|line| *line != "== end") {
            if line.starts_with("/proc/sys/net") {
                assert_eq!(line, "/proc/sys/net/ipv4/ip_forward");
            } else {
                assert!(line.ends_with("Read-only file system"), "{line}");
                refused += 1;
            }
        }
        assert!(refused >= 2, "{text}");
        assert_eq!(section(&text, "end"), "0\n1");
    }
}

fn mounts_are_locked_in_a_user_namespace(dir: &Path) {
    let root = make_root(dir);
    let script = "for m in /proc/kallsyms /proc/acpi /sys/firmware /proc/sys /proc /sys /dev/null /dev; do
            umount $m 2>/dev/null && echo unmounted $m; umount -l $m 2>/dev/null && echo detached $m; done
        for m in /proc/sys /sys /proc/bus; do mount -o remount,rw,bind $m 2>/dev/null && echo remounted $m; done
        mkdir /m; mount -t tmpfs none /m && echo own; umount /m && echo away
        mount -t proc none /m 2>/dev/null && echo proc; mount --bind /etc /m && echo bound";
    let mut plan = plan(&root, script);
    plan.idmap = idmap(true);
    assert_eq!(run(&plan), "own\naway\nbound\n");
}

fn nested_containers_mount_their_own_proc(dir: &Path) {
    let root = make_root(dir);
    let script = "mkdir -p /m; exec 2>/dev/null; unshare -Urpmf sh -c 'mount -t proc none /m && echo proc'
        unshare -Urnm sh -c 'mount -t sysfs none /m && echo sys'
        for f in /dev/.lxc/proc/sys/kernel/core_pattern /dev/.lxc/proc/sysrq-trigger /dev/.lxc/sys/kernel/mm/ksm/run; do
            (: > $f) 2>/dev/null && echo wrote $f; done; cat /dev/.lxc/proc/kcore /dev/.lxc/proc/kmsg 2>/dev/null; true";
    let mut plan = plan(&root, script);
    plan.idmap = idmap(true);
    assert_eq!(run(&plan), "");
    plan.nesting = true;
    assert_eq!(run(&plan), "proc\nsys\n");
    plan.idmap = None;
    let failure = runtime::launch::start(&plan, &crate::support::no_group(), None).unwrap_err();
    assert_eq!(failure.what, "nesting needs a container with a user namespace");
}

fn nothing_of_the_host_is_mounted(dir: &Path) {
    let script = "cut -d' ' -f5 /proc/self/mountinfo | sort; echo == end; ls -1A /";
    for text in run_both(dir, script) {
        let mounts: Vec<&str> = text.lines().take_while(|line| *line != "== end").collect();
        let expect = |point: &&&str| {
            ["/dev", "/proc", "/sys"]
                .iter()
                .any(|own| **point == *own || point.starts_with(&format!("{own}/")))
        };
        assert_eq!(mounts.iter().filter(|point| !expect(point)).collect::<Vec<_>>(), [&"/"], "{text}");
        assert_eq!(mounts.iter().filter(|point| **point == "/").count(), 1);
        assert_eq!(
            section(&text, "end"),
            "bin\ndev\netc\nproc\nsys\ntmp".replace('\n', "  ").replace("  ", "\n")
        );
    }
}

fn capabilities_are_the_plans(dir: &Path) {
    let root = make_root(dir);
    let mut plan = plan(&root, "grep ^Cap /proc/1/status; cat /proc/sys/kernel/cap_last_cap");
    let own = kernel::capability::permitted().unwrap();
    for map in [None, idmap(true)] {
        for wanted in [CAPABILITIES, 0, 1 << 10 | 1 << 7] {
            (plan.idmap, plan.capabilities) = (map.clone(), wanted);
            let text = run(&plan);
            let last: u32 = text.lines().last().unwrap().parse().unwrap();
            let all = u64::MAX >> (63 - last);
            // Without a user namespace it has at most what the machine lets us have.
            let keep = wanted & if map.is_some() { all } else { own };
            let expect = format!(
                "CapInh:\t{0:016x}\nCapPrm:\t{1:016x}\nCapEff:\t{1:016x}\nCapBnd:\t{1:016x}\nCapAmb:\t{0:016x}\n",
                0, keep
            );
            assert!(text.starts_with(&expect), "{wanted:x}: {text}");
        }
    }
}

fn devices_cannot_be_made_in_a_user_namespace(dir: &Path) {
    let root = make_root(dir);
    let mut plan = plan(
        &root,
        "for d in / /dev /dev/shm; do mknod $d/disk b 254 0 2>/dev/null && echo made; done; true",
    );
    plan.idmap = idmap(true);
    plan.capabilities = u64::MAX;
    assert_eq!(run(&plan), "");
}

fn keyring_and_ipc_are_private(dir: &Path) {
    let root = make_root(dir);
    // A shared memory segment and a session keyring of the host.
    kernel::process::join_session_keyring().unwrap();
    let mut plan = plan(&root, "ipcs -m | grep -c 0x; readlink /proc/1/ns/ipc");
    let own = kernel::namespace::own(Kind::Ipc).unwrap();
    let own = kernel::namespace::inode(std::os::fd::AsFd::as_fd(&own)).unwrap();
    for shared in [false, true] {
        if shared {
            plan.ipc = runtime::plan::Namespace::Host;
        }
        let text = run(&plan);
        assert_eq!(text.contains(&format!("ipc:[{own}]")), shared, "{text}");
    }
}
