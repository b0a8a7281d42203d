//! What a container sees and may do in `/proc`, `/sys`, `/dev` and its control groups.

use testkit::{Host, Init};

/// Attempts in a shell, each an own process; every line of the report is NAME and the exit status.
fn attempts(list: &[(&str, &str)]) -> String {
    let lines = list.iter().map(|(name, command)| {
        format!("({command}) >/dev/null 2>&1; echo \"{name} $?\" >>/state/attempts\n")
    });
    lines.collect()
}

/// Names of the attempts that succeeded.
fn succeeded(report: &str) -> Vec<&str> {
    report.lines().filter_map(|line| line.strip_suffix(" 0")).collect()
}

/// What nobody in a container may do to the host's kernel. Harmless if it succeeds: the machine of the test is real.
const FORBIDDEN: &[(&str, &str)] = &[
    (
        "write core_pattern",
        "cat /proc/sys/kernel/core_pattern >/tmp/pattern; cat /tmp/pattern >/proc/sys/kernel/core_pattern",
    ),
    ("write sysrq-trigger", "echo h >/proc/sysrq-trigger"),
    ("remount /proc/sys", "mount -o remount,rw,bind /proc/sys"),
    ("unmount /proc/sys", "umount /proc/sys"),
    ("remount /sys", "mount -o remount,rw,bind /sys"),
    ("unmount /proc", "umount -l /proc"),
    ("read kcore", "dd if=/proc/kcore bs=16 count=1 | grep -q ELF"),
    ("read kmsg", "dd if=/proc/kmsg bs=16 count=1 iflag=nonblock | grep -q ."),
    ("read kallsyms", "grep -q . /proc/kallsyms"),
    ("read timer_list", "grep -q . /proc/timer_list"),
    ("list firmware", "ls /sys/firmware | grep -q ."),
    ("list debugfs", "ls /sys/kernel/debug | grep -q ."),
    ("make a disk", "mknod /state/disk b 8 0"),
    ("make mem", "mknod /state/mem c 1 1"),
    ("set the time", "! date -s @$(date +%s) 2>&1 | grep -q 'not permitted'"),
];

#[test]
fn the_kernel_is_out_of_reach() {
    let host = Host::start();
    if !host.subject().is_ours() {
        // Most of it succeeds with the incumbent, on the real kernel of this machine.
        return;
    }
    let script = format!("{}\ncat /proc/mounts >/state/mounts", attempts(FORBIDDEN));
    let root = host.probe("c1", &script, |domain| domain);
    let report = host.seen(&root, "attempts");
    assert_eq!(report.lines().count(), FORBIDDEN.len(), "{report}");
    assert_eq!(succeeded(&report), [""; 0], "{}", host.seen(&root, "mounts"));
    for masked in ["kallsyms", "kcore", "keys", "timer_list"] {
        if host.exists(&format!("/proc/{masked}")) {
            assert!(
                host.seen(&root, "mounts").contains(&format!(" /proc/{masked} ")),
                "{masked} is not masked"
            );
        }
    }
}

/// What every system needs, with both subjects.
const ALLOWED: &[(&str, &str)] = &[
    ("read meminfo", "grep -q MemTotal /proc/meminfo"),
    ("read own status", "grep -q Pid /proc/self/status"),
    ("forward packets", "echo 1 >/proc/sys/net/ipv4/ip_forward"),
    ("mount a tmpfs", "mount -t tmpfs tmpfs /mnt"),
    ("bind", "mount -o bind /etc /mnt"),
    ("open a terminal", "test -c /dev/ptmx && : <>/dev/ptmx"),
    ("null", "echo x >/dev/null && test $(cat /dev/null | wc -c) = 0"),
    ("random", "test $(head -c 16 /dev/urandom | wc -c) = 16"),
    ("zero", "test $(head -c 16 /dev/zero | wc -c) = 16"),
    ("shared memory", "mkdir -p /dev/shm && echo x >/dev/shm/x"),
];

#[test]
fn what_every_system_needs_is_there() {
    let host = Host::start();
    let root = host.probe("c1", &attempts(ALLOWED), |domain| domain);
    let expected: Vec<_> = ALLOWED.iter().map(|(name, _)| *name).collect();
    let report = host.seen(&root, "attempts");
    assert_eq!(succeeded(&report), expected, "{report}");
}

#[test]
fn processes_are_the_containers_own() {
    let host = Host::start();
    let script = "ls /proc | grep -E '^[0-9]+$' | sort -n | head -n 1 >/state/first; ls -d /proc/[0-9]* | wc -l >/state/count";
    let root = host.probe("c1", script, |domain| domain);
    assert_eq!(host.seen(&root, "first"), "1");
    let count: u32 = host.seen(&root, "count").trim().parse().unwrap();
    assert!(count <= 4, "{count} processes");
}

#[test]
fn dev_holds_what_it_should() {
    let host = Host::start();
    let script = "\
ls /dev | sort >/state/names
for node in null zero full random urandom tty; do stat -c '%n %F %t:%T %a' /dev/$node; done >/state/nodes
for link in fd stdin stdout stderr; do readlink /dev/$link; done >/state/links
ls /dev/pts >/state/terminals
grep ' /dev ' /proc/mounts >/state/mount";
    let root = host.probe("c1", script, |domain| {
        domain.device("<console type='pty'><target type='lxc' port='1'/></console>")
    });
    let names = host.seen(&root, "names");
    for name in [
        "console", "fd", "full", "null", "ptmx", "pts", "random", "stderr", "stdin", "stdout", "tty", "tty1",
        "tty2", "urandom", "zero",
    ] {
        assert!(names.lines().any(|line| line == name), "{name}: {names}");
    }
    for name in ["kmsg", "mem", "kvm", "sda", "vda", "loop0", "rtc0"] {
        assert!(!names.lines().any(|line| line == name), "{name}: {names}");
    }
    let numbers = ["1:3", "1:5", "1:7", "1:8", "1:9", "5:0"];
    for (line, number) in host.seen(&root, "nodes").lines().zip(numbers) {
        assert!(
            line.contains("character special") && line.contains(number) && line.ends_with("666"),
            "{line}"
        );
    }
    assert_eq!(host.seen(&root, "nodes").lines().count(), 6);
    assert_eq!(host.seen(&root, "links"), "/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2");
    assert_eq!(host.seen(&root, "terminals"), "0\n1\nptmx");
    assert!(host.seen(&root, "mount").contains("tmpfs"));
}

#[test]
fn control_groups_begin_at_the_container() {
    let host = Host::start();
    let script = "\
cat /proc/self/cgroup >/state/groups
grep ' /sys/fs/cgroup' /proc/mounts >/state/mounts
for file in /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/devices/devices.allow; do
    if test -e $file; then (echo 1G >$file) 2>/dev/null && echo $file >>/state/written; fi
done
find /sys/fs/cgroup -name '*-other*' 2>/dev/null >/state/others
for dir in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    mkdir $dir/own 2>/dev/null && rmdir $dir/own && echo $dir >>/state/delegated
done
true";
    let _ = host.probe("other", "", |domain| domain);
    let root = host.probe("c1", script, |domain| domain);
    let groups = host.seen(&root, "groups");
    let at_root = groups.lines().all(|line| line.ends_with(":/"));
    // The incumbent makes no cgroup namespace.
    assert_eq!(at_root, host.expect(true, false), "{groups}");
    if !host.subject().is_ours() {
        return;
    }
    assert!(
        !host.exists(&root.file("/state/written")),
        "a limit can be changed: {}",
        host.seen(&root, "written")
    );
    assert_eq!(host.seen(&root, "others"), "", "others are seen");
    let mounts = host.seen(&root, "mounts");
    assert!(!mounts.is_empty());
    for line in mounts.lines().filter(|line| line.contains(" cgroup ") && !line.contains("name=")) {
        assert!(line.split(' ').nth(3).unwrap().split(',').any(|option| option == "ro"), "{line}");
    }
    // A service manager has a place of its own.
    assert!(!host.seen(&root, "delegated").is_empty(), "{mounts}");
}

/// The machine under test has been up for longer than any of this takes; the incumbent shows its uptime.
#[test]
fn uptime_begins_with_the_boot() {
    let host = Host::start();
    let script = "cut -d. -f1 /proc/uptime >>/state/up; say booted; [ -e /state/again ] && exec sleep 1000; touch /state/again; cat /state/gate; reboot -f";
    let root = host.container("c1", &Init::Script(script.to_owned()));
    host.run(&["mkfifo", &root.file("/state/gate")]).done();
    host.start_container("c1", &root);
    // A second passes on the clock that is looked at.
    let uptime = || -> u64 { host.run(&["cut", "-d.", "-f1", "/proc/uptime"]).ok().trim().parse().unwrap() };
    let begun = uptime();
    while uptime() < begun + 2 {}
    host.run(&["sh", "-c", &format!("echo go >{}", root.file("/state/gate"))]).done();
    host.wait_log_times(&root, "booted", 2);
    let seen: Vec<u64> =
        host.read(&root.file("/state/up")).lines().map(|line| line.parse().unwrap()).collect();
    if host.subject().is_ours() {
        assert!(seen.iter().all(|uptime| *uptime < 2), "{seen:?}");
    } else {
        assert!(seen.iter().all(|uptime| *uptime >= begun - 5), "{seen:?}");
    }
}
