//! Containers from launcher to exit record, as a daemon sees them. Needs root.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bed;
mod inits;
mod programs;
mod running;

use std::fs;
use std::io::{Read, Write};
use std::os::fd::AsFd;

use bed::{Bed, Launcher, Monitor};
use kernel::Errno;
use runtime::control::{Cause, Report, Request};

/// Runs until it is killed.
const FOR_EVER: &str = "while :; do sleep 1000; done";

fn errno(errno: Errno) -> i32 {
    errno.raw_os_error()
}

/// Kills the container, and checks that nothing is left.
fn kill(bed: &Bed, monitor: &mut Monitor) {
    let mut before = Vec::new();
    let (result, _) = monitor.ask_noting(Request::Kill, &mut before);
    assert_eq!(result, Ok(runtime::control::Answer::Done));
    assert_eq!(before.last(), Some(&Report::Ended(Cause::Killed)));
    monitor.wait_exit();
    bed.assert_clean();
}

#[test]
fn a_life() {
    let bed = Bed::new("echo hello from $HOSTNAME $(id -u); echo $$ > /pid; exec sleep 1000");
    let launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    let state = monitor.started();
    assert_eq!(monitor.query(), state);
    assert!(!state.frozen && state.interfaces.is_empty());
    assert_eq!(state.init_start_time, kernel::pidfd::start_time(state.init_pid).unwrap());
    let pidns = fs::read_link(format!("/proc/{}/ns/pid", state.init_pid)).unwrap();
    assert_eq!(pidns.to_str().unwrap(), format!("pid:[{}]", state.init_pidns));

    let cmdline = fs::read(format!("/proc/{}/cmdline", monitor.pid)).unwrap();
    assert_eq!(cmdline, format!("libvirt_lxc\0--name\0{}\0", bed.plan.name).as_bytes());
    assert_eq!(fs::read_to_string(format!("/proc/{}/comm", monitor.pid)).unwrap(), "libvirt_lxc\n");
    assert_eq!(fs::read_to_string(&bed.plan.files.pid).unwrap(), format!("{}\n", monitor.pid));
    let payload = format!("/lxc-{}-{}.libvirt-lxc/payload", monitor.pid, bed.plan.name);
    for controller in state.cgroup.v1.keys() {
        assert!(group_of(state.init_pid, controller).ends_with(&payload), "{controller}");
        assert!(
            group_of(monitor.pid, controller).ends_with(&payload.replace("payload", "monitor")),
            "{controller}"
        );
    }
    if state.cgroup.v2.is_some() {
        assert!(group_of(state.init_pid, "").ends_with(&payload));
    }
    kill(&bed, &mut monitor);
    assert_eq!(bed.record().cause, Cause::Killed);
    assert_eq!(bed.record().monitor_pid, monitor.pid);
    assert!(kernel::pidfd::open(state.init_pid).is_err());
}

/// Control group of a process, by controller; that of cgroup v2 has none.
fn group_of(pid: i32, controller: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    let mut lines = text.lines().map(|line| line.splitn(3, ':').collect::<Vec<_>>());
    lines.find(|fields| fields[1].split(',').any(|name| name == controller)).unwrap()[2].to_owned()
}

#[test]
fn the_end_of_init_has_a_cause() {
    let crashed = |status, signal| Cause::Crashed { status, signal };
    for (script, cause) in
        [("exit 0", Cause::Shutdown), ("exit 3", crashed(Some(3), None)), ("poweroff -f", Cause::Shutdown)]
    {
        let bed = Bed::new(script);
        let launcher = Launcher::start();
        let mut monitor = launcher.launch(&bed.plan);
        monitor.started();
        assert_eq!(monitor.ended(), cause, "{script}");
        monitor.wait_exit();
        bed.assert_clean();
        assert_eq!(bed.record().cause, cause);
    }
    let bed = Bed::new(FOR_EVER);
    let launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    monitor.started();
    monitor.do_it(Request::Signal { signal: 9 });
    assert_eq!(monitor.ended(), crashed(None, Some(9)));
    monitor.wait_exit();
    bed.assert_clean();
}

#[test]
fn a_start_that_fails_is_undone() {
    let mut bed = Bed::new(FOR_EVER);
    bed.plan.init.path = "/bin/missing".into();
    let launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    assert_eq!(monitor.hello(), None);
    match monitor.report() {
        Report::Failed(failure) => {
            assert_eq!((failure.step.as_str(), failure.errno), ("exec", errno(Errno::NOENT)));
        }
        other => panic!("{other:?}"),
    }
    monitor.wait_exit();
    bed.assert_clean();
    assert!(!bed.plan.files.exit_record.exists());

    bed.plan.format = 99;
    let mut monitor = launcher.launch(&bed.plan);
    monitor.hello();
    assert!(matches!(monitor.report(), Report::Failed(failure) if failure.step == "plan"));
    monitor.wait_exit();
    bed.assert_clean();
}

#[test]
fn two_monitors_of_one_container_do_not_run() {
    let bed = Bed::new(FOR_EVER);
    let launcher = Launcher::start();
    let mut first = launcher.launch(&bed.plan);
    first.started();
    let mut second = launcher.launch(&bed.plan);
    second.hello();
    assert!(matches!(second.report(), Report::Failed(failure) if failure.errno == errno(Errno::ADDRINUSE)));
    second.wait_exit();
    // The first one's files are still there.
    let (mut again, state) = Monitor::connect(&bed.plan);
    assert!(state.is_some());
    kill(&bed, &mut again);
    assert_eq!(first.ended(), Cause::Killed);
}

#[test]
fn a_console_is_kept_replayed_and_typed_into() {
    let bed = Bed::new("stty -echo; echo early; while read line; do echo got $line; done");
    let launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    let state = monitor.started();
    let mut stream = monitor.console(0, false).unwrap();
    read_until(&mut stream, "early\r\n");
    stream.write_all(b"one\n").unwrap();
    read_until(&mut stream, "got one\r\n");
    assert_eq!(monitor.console(0, false).unwrap_err().errno, errno(Errno::BUSY));
    assert_eq!(monitor.console(1, false).unwrap_err().errno, errno(Errno::NODEV));
    let mut second = monitor.console(0, true).unwrap();
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0, "the first is closed");
    second.write_all(b"two\n").unwrap();
    read_until(&mut second, "got two\r\n");
    drop(second);
    let mut third = monitor.console(0, false).unwrap();
    third.write_all(b"three\n").unwrap();
    read_until(&mut third, "got three\r\n");

    let tool = fs::OpenOptions::new().read(true).write(true).open(&state.consoles[0]).unwrap();
    (&tool).write_all(b"four\n").unwrap();
    read_until(&mut &tool, "got four\r\n");
    drop(tool);
    kill(&bed, &mut monitor);
}

/// Reads until the text has come.
fn read_until(stream: &mut impl Read, wanted: &str) {
    let mut all = String::new();
    let mut chunk = [0; 1000];
    while !all.ends_with(wanted) {
        let count = stream.read(&mut chunk).unwrap();
        assert!(count > 0, "{all:?}");
        all.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
    }
}

#[test]
fn a_flood_of_output_neither_blocks_nor_fills_memory() {
    let bed = Bed::new("yes 0123456789 & while :; do sleep 1000; done");
    let launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    monitor.started();
    let stuck = monitor.console(0, false).unwrap();
    for _ in 0..500 {
        monitor.query();
    }
    let status = fs::read_to_string(format!("/proc/{}/status", monitor.pid)).unwrap();
    let rss: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
        .unwrap();
    assert!(rss < 2048, "{rss} KiB");
    drop(stuck);
    kill(&bed, &mut monitor);
}

#[test]
fn the_monitor_outlives_launcher_and_daemon() {
    let bed = Bed::new(FOR_EVER);
    let mut launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    let state = monitor.started();
    launcher.hang_up();
    drop(monitor);
    let (mut monitor, again) = Monitor::connect(&bed.plan);
    assert_eq!(again, Some(state));
    kill(&bed, &mut monitor);
}

#[test]
fn a_dead_monitor_takes_its_container_along() {
    let bed = Bed::new(FOR_EVER);
    let launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    let state = monitor.started();
    let init = kernel::pidfd::open(state.init_pid).unwrap();
    kernel::pidfd::kill(monitor.pidfd.as_fd()).unwrap();
    monitor.wait_exit();
    assert!(bed::wait_readable(init.as_fd()));
    // What the daemon does then.
    let group = cgroup::Group::open(state.cgroup);
    group.kill_all().unwrap();
    group.remove(std::time::Duration::from_secs(10)).unwrap();
    // Its socket is in nobody's way.
    let mut monitor = launcher.launch(&bed.plan);
    monitor.started();
    kill(&bed, &mut monitor);
}

#[test]
fn signals_to_the_monitor() {
    let bed = Bed::new(FOR_EVER);
    let launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    monitor.started();
    for signal in [1, 2, 3, 10, 12, 13] {
        kernel::pidfd::send_signal(monitor.pidfd.as_fd(), signal).unwrap();
    }
    monitor.query();
    kernel::pidfd::send_signal(monitor.pidfd.as_fd(), 15).unwrap();
    assert_eq!(monitor.ended(), Cause::Killed);
    monitor.wait_exit();
    bed.assert_clean();
}

#[test]
fn the_launcher_answers_nonsense() {
    let launcher = Launcher::start();
    let (launched, fds) = launcher.request(br#"{"id":9,"name":"x"}"#, &[]);
    assert_eq!((launched.id, fds.len()), (9, 0));
    assert_eq!(launched.result.unwrap_err().errno, errno(Errno::INVAL));
    let bed = Bed::new(FOR_EVER);
    let null = fs::File::open("/dev/null").unwrap();
    let (control, theirs) = kernel::fdpass::seqpacket_pair().unwrap();
    let (launched, _) = launcher.request(br#"{"id":10,"name":"x"}"#, &[null.as_fd(), theirs.as_fd()]);
    drop(theirs);
    let pid = launched.result.unwrap();
    assert!(pid > 0);
    // The monitor says that this is no plan, and goes.
    let mut last = Vec::new();
    loop {
        assert!(bed::wait_readable(control.as_fd()));
        let packet = kernel::fdpass::recv(control.as_fd(), 65_536).unwrap();
        if packet.data.is_empty() {
            break;
        }
        last = packet.data;
    }
    assert!(matches!(serde_json::from_slice(&last).unwrap(), Report::Failed(_)));
    bed.assert_clean();
}
