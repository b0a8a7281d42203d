//! Real inits and their ways to end.

use std::fs;

use runtime::control::{Cause, Request, StopAction};

use crate::bed::{Bed, Launcher};
use crate::read_until;

/// busybox as a real init, with an inittab.
fn busybox() -> Bed {
    let mut bed = Bed::new("");
    let root = bed.root();
    fs::create_dir(root.join("sbin")).unwrap();
    std::os::unix::fs::symlink("/bin/busybox", root.join("sbin/init")).unwrap();
    let inittab = "::sysinit:/bin/echo up\n::respawn:/bin/sleep 1000\n::shutdown:/bin/echo down\n";
    fs::write(root.join("etc/inittab"), inittab).unwrap();
    bed.plan.init.path = "/sbin/init".into();
    bed.plan.init.args = Vec::new();
    bed
}

#[test]
fn busybox_reboots_and_powers_off() {
    let bed = busybox();
    let launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    let first = monitor.started();
    let mut console = monitor.console(0, false).unwrap();
    read_until(&mut console, "up\r\n");
    monitor.do_it(Request::Stop { action: StopAction::Reboot, initctl: true, signal: true });
    let second = monitor.rebooted();
    assert_ne!(first.init_pid, second.init_pid);
    read_until(&mut console, "up\r\n");
    monitor.do_it(Request::Stop { action: StopAction::PowerOff, initctl: true, signal: true });
    assert_eq!(monitor.ended(), Cause::Shutdown);
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut console, &mut rest).unwrap();
    assert!(rest.contains("down"), "{rest:?}");
    monitor.wait_exit();
    bed.assert_clean();
}
