//! How our daemon is started and stopped. Ours only: the incumbent's options and files are its own.

use testkit::{Domain, Host, Init};

/// Starts the daemon as systemd does, with listening sockets, in the background; waits until it answers.
const ACTIVATE: &str = r#"
import fcntl, os, socket, sys
listeners = []
for path in ["/run/libvirt/virtlxcd-sock", "/run/libvirt/virtlxcd-sock-ro"]:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(5)
    listeners.append(fcntl.fcntl(listener.detach(), fcntl.F_DUPFD, 10))
for number, listener in enumerate(listeners):
    os.dup2(listener, 3 + number)
    os.close(listener)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2",
                  LISTEN_FDNAMES="virtcontainerd.socket:virtcontainerd-ro.socket")
os.execv(sys.argv[1], sys.argv[1:])
"#;

#[test]
fn sockets_of_systemd_are_taken_over() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    host.stop_daemon();
    assert!(!host.exists("/run/libvirt/virtlxcd-sock"), "its own sockets go when it stops");
    let program = host.subject().daemon().canonicalize().unwrap();
    let daemon =
        host.spawn(&["/usr/bin/python3", "-c", ACTIVATE, program.to_str().unwrap(), "--timeout", "2"]);
    // The socket is there, maybe before the daemon is: the first call waits for it.
    host.wait_for("/run/virtcontainerd.pid", |pid| !pid.is_empty());
    host.define(&Domain::new("c1").init("/bin/true"));
    assert!(!host.exists("/run/libvirt/virtcontainerd-sock"), "it makes none of its own");
    let error = host.virsh(&["-r", "undefine", "c1"]);
    assert_ne!(error.status, 0, "{error:?}");
    // Idle, it ends by itself.
    let ended = daemon.finish(testkit::PATIENCE);
    assert_eq!(ended.status, 0, "{ended:?}");
}

/// Starts the daemon with something else in place of a socket.
const MISLEAD: &str = r#"
import os, socket, sys
kind, name = sys.argv[1:3]
things = {
    "file": lambda: os.open("/dev/null", os.O_RDWR),
    "datagrams": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).detach(),
    "tcp": lambda: socket.create_server(("127.0.0.1", 0)).detach(),
    "not listening": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).detach(),
}
if kind == "missing":
    os.closerange(3, 100)
else:
    os.dup2(things[kind](), 9)
    os.dup2(9, 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES=name)
os.execv(sys.argv[3], sys.argv[3:])
"#;

/// R25 of the attacks in `hostile`.
#[test]
fn what_is_no_listening_socket_is_refused() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    host.stop_daemon();
    let program = host.subject().daemon().canonicalize().unwrap();
    let program = program.to_str().unwrap();
    for (kind, name, text) in [
        ("file", "virtlxcd.socket", "no listening UNIX stream socket"),
        ("datagrams", "virtlxcd.socket", "no listening UNIX stream socket"),
        ("tcp", "virtlxcd-ro.socket", "no listening UNIX stream socket"),
        ("not listening", "virtlxcd.socket", "no listening UNIX stream socket"),
        ("missing", "virtlxcd.socket", "systemd"),
        ("not listening", "other.socket", "'other"),
    ] {
        let refused = host.run(&["/usr/bin/python3", "-c", MISLEAD, kind, name, program]);
        assert_eq!(refused.status, 1, "{kind}: {refused:?}");
        assert!(refused.stderr.contains(text), "{kind}: {refused:?}");
    }
}

#[test]
fn there_is_one_daemon_and_it_leaves_containers_alone() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let _root = host.boot("c1", &Init::Plain);
    let init = host.init_pid("c1");
    let program = host.subject().daemon().canonicalize().unwrap();
    let second = host.run(&[program.to_str().unwrap()]);
    assert_eq!(second.status, 1, "{second:?}");
    assert!(second.stderr.contains("already running"), "{second:?}");
    host.stop_daemon();
    assert!(!host.exists("/run/virtcontainerd.pid") && !host.exists("/run/libvirt/virtcontainerd-sock"));
    assert!(host.exists(&format!("/proc/{init}/stat")), "its init goes on");
    host.start_daemon();
    assert_eq!((host.state("c1").as_str(), host.init_pid("c1")), ("running (booted)", init));
}

#[test]
fn the_settings_of_the_driver() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let root = host.container("c1", &Init::Plain);
    host.stop_daemon();
    host.write("/etc/libvirt/lxc.conf", "# ours\nnot_a_key = 1\ndefault_profile = \"compat\"\n");
    host.start_daemon();
    assert!(host.daemon_log().contains("line 2: unknown key not_a_key"), "{}", host.daemon_log());
    host.start_container("c1", &root);
    let map = host.read(&format!("/proc/{}/uid_map", host.init_pid("c1")));
    assert_eq!(map.split_whitespace().collect::<Vec<_>>(), ["0", "0", "4294967295"], "no user namespace");
    host.virsh(&["destroy", "c1"]).done();
    host.stop_daemon();
    host.write("/etc/libvirt/lxc.conf", "default_profile = \"open\"\n");
    let program = host.subject().daemon().canonicalize().unwrap();
    let refused = host.run(&[program.to_str().unwrap()]);
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.stderr.contains("/etc/libvirt/lxc.conf: line 1: default_profile"), "{refused:?}");
    host.write("/etc/libvirt/lxc.conf", "");
}
