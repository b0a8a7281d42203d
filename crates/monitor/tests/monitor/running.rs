//! What can be done to a running container.

use std::fs;
use std::io::Write;
use std::os::fd::AsFd;
use std::process::Stdio;

use cgroup::{Group, Limits};
use kernel::Errno;
use kernel::command::Command;
use kernel::namespace::inode;
use runtime::control::{Answer, Cause, Report, Request, StopAction};

use crate::bed::{Bed, Launcher, Monitor, wait_readable};
use crate::{FOR_EVER, errno, kill, read_until};

fn start(bed: &Bed) -> (Launcher, Monitor, runtime::control::State) {
    let launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    let state = monitor.started();
    (launcher, monitor, state)
}

const fn stop(action: StopAction) -> Request {
    Request::Stop { action, initctl: true, signal: true }
}

/// What the kernel says of a process.
fn status(pid: i32, key: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).unwrap().trim().to_owned()
}

#[test]
fn init_starts_with_nothing_of_the_monitor() {
    let mut bed = Bed::new("");
    bed.plan.init.args = vec!["sleep".into(), "1000".into()];
    let (_launcher, mut monitor, state) = start(&bed);
    for mask in ["SigBlk", "SigIgn", "SigCgt"] {
        assert_eq!(status(state.init_pid, mask), "0000000000000000", "{mask}");
    }
    assert_eq!(fs::read_to_string(format!("/proc/{}/oom_score_adj", state.init_pid)).unwrap(), "0\n");
    assert_eq!(status(monitor.pid, "Threads"), "1");
    // Nothing of the launcher's or the daemon's is open. An answer means that the start is over.
    monitor.query();
    let mut open: Vec<String> = fs::read_dir(format!("/proc/{}/fd", monitor.pid))
        .unwrap()
        .map(|entry| fs::read_link(entry.unwrap().path()).unwrap().to_str().unwrap().to_owned())
        .map(|link| link.trim_end_matches(|c: char| c.is_ascii_digit() || "[]:".contains(c)).to_owned())
        .collect();
    // The notification of lack of memory, on either version.
    open.retain(|link| link != "anon_inode:[eventfd" && !link.ends_with("/memory.events"));
    open.sort();
    let group = Group::open(state.cgroup);
    let payload = group.v2_payload().map(|dir| dir.to_str().unwrap().to_owned());
    let mut expect: Vec<&str> = vec![
        // Streams, log, control groups.
        "/dev/null",
        "/dev/null",
        "/dev/null",
        bed.plan.files.log.to_str().unwrap(),
        // Listening, the daemon's connection, signals, init.
        "socket",
        "socket",
        "anon_inode:[signalfd",
        "anon_inode:[pidfd",
        // What is kept for a reboot; the console and its mirror.
        "net",
        "user",
        "/ptmx",
        "/",
        "/dev/pts/ptmx",
        "/dev/pts/",
    ];
    expect.extend(payload.as_deref());
    expect.sort_unstable();
    assert_eq!(open, expect);
    kill(&bed, &mut monitor);
}

#[test]
fn freezing_and_thawing() {
    let bed = Bed::new("while :; do :; done");
    let (_launcher, mut monitor, state) = start(&bed);
    let group = Group::open(state.cgroup);
    let mut before = Vec::new();
    assert_eq!(monitor.ask_noting(Request::Freeze, &mut before).0, Ok(Answer::Done));
    assert_eq!(before, [Report::Frozen { frozen: true }]);
    assert!(group.is_frozen().unwrap() && monitor.query().frozen);
    monitor.do_it(Request::Freeze);
    before.clear();
    assert_eq!(monitor.ask_noting(Request::Thaw, &mut before).0, Ok(Answer::Done));
    assert_eq!(before, [Report::Frozen { frozen: false }]);
    assert!(!group.is_frozen().unwrap() && !monitor.query().frozen);
    monitor.do_it(Request::Thaw);
    before.clear();
    monitor.ask_noting(Request::Freeze, &mut before).0.unwrap();
    // A frozen container can be killed.
    kill(&bed, &mut monitor);
}

#[test]
fn programs_are_asked_to_end_or_it_is_said_that_they_cannot() {
    let bed = Bed::new(FOR_EVER);
    let (_launcher, mut monitor, _) = start(&bed);
    let refusal = monitor.refusal(stop(StopAction::PowerOff));
    assert_eq!((refusal.step.as_str(), refusal.errno), ("shutdown", errno(Errno::OPNOTSUPP)));
    assert_eq!(refusal.what, "init handles none of the signals");
    kill(&bed, &mut monitor);

    let bed = Bed::new("trap 'exit 143' TERM; echo ready; read _; exit 9");
    let (_launcher, mut monitor, _) = start(&bed);
    read_until(&mut monitor.console(0, false).unwrap(), "ready\r\n");
    monitor.do_it(stop(StopAction::PowerOff));
    assert_eq!(monitor.ended(), Cause::Shutdown);
    monitor.wait_exit();
    bed.assert_clean();
}

#[test]
fn a_reboot_asked_of_a_program_starts_it_again() {
    let bed = Bed::new("trap 'exit 0' TERM; echo ready; read _; exit 9");
    let (_launcher, mut monitor, first) = start(&bed);
    let mut console = monitor.console(0, false).unwrap();
    read_until(&mut console, "ready\r\n");
    monitor.do_it(stop(StopAction::Reboot));
    let second = monitor.rebooted();
    assert_ne!(first.init_pid, second.init_pid);
    assert_eq!((first.consoles, first.cgroup), (second.consoles.clone(), second.cgroup.clone()));
    // The same stream, the same reader.
    read_until(&mut console, "ready\r\n");
    assert_eq!(monitor.query(), second);
    monitor.do_it(Request::SetOnReboot { restart: false });
    monitor.do_it(stop(StopAction::Reboot));
    assert_eq!(monitor.ended(), Cause::Reboot);
    monitor.wait_exit();
    bed.assert_clean();
    assert_eq!(bed.record().cause, Cause::Reboot);
}

#[test]
fn a_reboot_from_inside_keeps_the_namespaces_it_can() {
    let bed = Bed::new("echo run >> /var/runs; echo up; read _; reboot -f");
    fs::set_permissions(bed.root().join("var"), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let (_launcher, mut monitor, state) = start(&bed);
    let mut console = monitor.console(0, false).unwrap();
    read_until(&mut console, "up\r\n");
    let namespaces =
        |pid: i32| ["user", "net"].map(|kind| fs::read_link(format!("/proc/{pid}/ns/{kind}")).unwrap());
    let before = namespaces(state.init_pid);
    console.write_all(b"\n").unwrap();
    let second = monitor.rebooted();
    read_until(&mut console, "up\r\n");
    let after = namespaces(second.init_pid);
    assert_eq!(before, after);
    assert_eq!(bed.inside("var/runs"), "run\nrun\n");
    kill(&bed, &mut monitor);
}

#[test]
fn a_restart_that_fails_ends_the_container() {
    let bed = Bed::new("echo up; read _; reboot -f");
    let (_launcher, mut monitor, _) = start(&bed);
    let mut console = monitor.console(0, false).unwrap();
    read_until(&mut console, "up\r\n");
    fs::remove_file(bed.root().join("bin/reboot")).unwrap();
    fs::rename(bed.root().join("bin/busybox"), bed.root().join("bin/reboot")).unwrap();
    console.write_all(b"\n").unwrap();
    match monitor.ended() {
        Cause::RebootFailed(failure) => {
            assert_eq!((failure.step.as_str(), failure.errno), ("exec", errno(Errno::NOENT)));
        }
        other => panic!("{other:?}"),
    }
    monitor.wait_exit();
    bed.assert_clean();
}

#[test]
fn an_init_that_only_reboots_does_not_use_up_the_host() {
    let bed = Bed::new("reboot -f");
    let (_launcher, mut monitor, _) = start(&bed);
    let begin = std::time::Instant::now();
    for _ in 0..4 {
        monitor.rebooted();
    }
    assert!(begin.elapsed() >= std::time::Duration::from_millis(800), "{:?}", begin.elapsed());
    // A kill does not wait for the pause to end.
    kill(&bed, &mut monitor);
}

#[test]
fn running_out_of_memory_is_reported() {
    let mut bed = Bed::new("read _; dd if=/dev/zero of=/dev/null bs=64M count=1; read _");
    bed.plan.cgroup.limits =
        Limits { memory_hard_kib: Some(16_384), memory_swap_hard_kib: Some(16_384), ..Limits::default() };
    let (_launcher, mut monitor, _) = start(&bed);
    let mut console = monitor.console(0, false).unwrap();
    console.write_all(b"\n").unwrap();
    assert!(matches!(monitor.report(), Report::OutOfMemory { count } if count > 0));
    let mut before = Vec::new();
    monitor.ask_noting(Request::Kill, &mut before).0.unwrap();
    monitor.wait_exit();
    bed.assert_clean();
}

#[test]
fn nobody_is_left_when_the_end_is_reported() {
    let bed = Bed::new("read _; exit 0");
    let (_launcher, mut monitor, state) = start(&bed);
    // As lxc-enter-namespace does: a process of the host in the container's group, outside its pid namespace.
    let mut command = Command::new("/bin/busybox");
    command.args(["sleep", "1000"]).stdin(Stdio::null());
    let mut guest = command.spawn().unwrap();
    let pid = i32::try_from(guest.id()).unwrap();
    Group::open(state.cgroup).attach_payload(pid).unwrap();
    let mut console = monitor.console(0, false).unwrap();
    console.write_all(b"\n").unwrap();
    assert_eq!(monitor.ended(), Cause::Shutdown);
    assert!(guest.try_wait().unwrap().is_some(), "it lives");
    monitor.wait_exit();
    bed.assert_clean();
}

#[test]
fn nobody_is_left_when_it_is_restarted() {
    let bed = Bed::new("echo up; read _; reboot -f");
    let (_launcher, mut monitor, state) = start(&bed);
    let mut command = Command::new("/bin/busybox");
    command.args(["sleep", "1000"]).stdin(Stdio::null());
    let mut guest = command.spawn().unwrap();
    Group::open(state.cgroup).attach_payload(i32::try_from(guest.id()).unwrap()).unwrap();
    let mut console = monitor.console(0, false).unwrap();
    console.write_all(b"\n").unwrap();
    monitor.rebooted();
    assert!(guest.try_wait().unwrap().is_some(), "it lives");
    kill(&bed, &mut monitor);
}

#[test]
fn last_words_reach_the_reader() {
    let bed = Bed::new(
        "read _; i=0; while [ $i -lt 5000 ]; do echo 0123456789; i=$((i+1)); done; echo over; exit 0",
    );
    let (_launcher, mut monitor, _) = start(&bed);
    let mut console = monitor.console(0, false).unwrap();
    console.write_all(b"\n").unwrap();
    read_until(&mut console, "over\r\n");
    assert_eq!(std::io::Read::read(&mut console, &mut [0; 1]).unwrap(), 0);
    assert_eq!(monitor.ended(), Cause::Shutdown);
    monitor.wait_exit();
}

#[test]
fn namespaces_can_be_opened() {
    let bed = Bed::new(FOR_EVER);
    let (_launcher, mut monitor, state) = start(&bed);
    let (answer, fds) = monitor.ask(Request::OpenNamespaces);
    assert_eq!(answer, Ok(Answer::Done));
    let found: Vec<u64> = fds.iter().map(|fd| inode(fd.as_fd()).unwrap()).collect();
    let expect: Vec<u64> = ["user", "ipc", "uts", "net", "pid", "mnt"]
        .iter()
        .map(|kind| {
            use std::os::unix::fs::MetadataExt;
            fs::metadata(format!("/proc/{}/ns/{kind}", state.init_pid)).unwrap().ino()
        })
        .collect();
    assert_eq!(found, expect);
    kill(&bed, &mut monitor);
}

#[test]
fn limits_change() {
    let bed = Bed::new(FOR_EVER);
    let (_launcher, mut monitor, state) = start(&bed);
    let limits = Limits { pids_max: Some(77), ..Limits::default() };
    monitor.do_it(Request::SetLimits { limits: Box::new(limits) });
    assert_eq!(Group::open(state.cgroup).limits().unwrap().pids_max, Some(77));
    let limits = Limits { cpu_period_us: Some(1), ..Limits::default() };
    let refusal = monitor.refusal(Request::SetLimits { limits: Box::new(limits) });
    assert_eq!(refusal.step, "cgroup");
    assert!(refusal.what.contains("cpu."), "{}", refusal.what);
    kill(&bed, &mut monitor);
}

#[test]
fn every_daemon_hears_of_the_end() {
    let bed = Bed::new(FOR_EVER);
    let (_launcher, mut first, state) = start(&bed);
    let (mut second, again) = Monitor::connect(&bed.plan);
    assert_eq!(again, Some(state));
    // One that speaks another language is cut off, the others stay.
    let (third, _) = Monitor::connect(&bed.plan);
    kernel::fdpass::send(third.control.as_fd(), b"hello?", &[]).unwrap();
    assert!(wait_readable(third.control.as_fd()));
    assert!(kernel::fdpass::recv(third.control.as_fd(), 100).unwrap().data.is_empty());
    kill(&bed, &mut first);
    assert_eq!(second.ended(), Cause::Killed);
}
