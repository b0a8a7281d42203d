//! Settings, log and signals of the daemon.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

use testkit::{Domain, Host};

/// Our program.
fn program(host: &Host) -> String {
    host.subject().daemon().canonicalize().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_mistake_in_the_settings_keeps_the_daemon_from_starting() {
    let host = Host::without_daemon();
    if !host.subject().is_ours() {
        return;
    }
    let start = |text: &str| {
        host.write("/etc/libvirt/x.conf", text);
        host.run(&[&program(&host), "-f", "/etc/libvirt/x.conf", "-p", "/run/test/x.pid"])
    };
    for (text, error) in [
        (
            "\nmax_clients = \"x\"\n",
            "/etc/libvirt/x.conf: line 2: max_clients: \"x\" is no number from 0 to 4294967295",
        ),
        ("auth_unix_rw = \"open\"\n", "line 1: auth_unix_rw: 'open' is none of 'none', 'polkit', 'sasl'"),
        ("log_filters = \"9:x\"\n", "line 1: log_filters: Invalid priority '9' for filter '9:x'"),
        ("log_outputs = \"1:nowhere\"\n", "line 1: log_outputs: Invalid log destination 'nowhere'"),
        ("log_outputs = \"1:file:/nowhere/x\"\n", "/nowhere/x"),
        ("max_clients 5\n", "line 1: max_clients: expecting an assignment"),
        ("unix_sock_group = \"no-such-group\"\n", "there is no group 'no-such-group'"),
    ] {
        let refused = start(text);
        assert_eq!(refused.status, 1, "{refused:?}");
        assert!(refused.stderr.contains(error), "{refused:?}");
    }
    let missing = host.run(&[&program(&host), "-f", "/nowhere.conf"]);
    assert!(missing.err().contains("/nowhere.conf: No such file or directory"), "{missing:?}");
    assert!(!host.exists("/run/libvirt/virtcontainerd-sock"));
}

#[test]
fn sockets_are_as_the_settings_say() {
    let host = Host::without_daemon();
    if !host.subject().is_ours() {
        return;
    }
    host.write(
        "/etc/libvirt/virtcontainerd.conf",
        "unix_sock_group = \"daemon\"\nunix_sock_rw_perms = \"0770\"\nunix_sock_ro_perms = \"0755\"\n\
         unix_sock_admin_perms = \"0711\"\nauth_unix_rw = \"none\"\nauth_unix_ro = \"none\"\nno_such_key = 1\n",
    );
    host.start_daemon();
    let stat = |name: &str| {
        let path = format!("/run/libvirt/virtcontainerd-{name}");
        host.run(&["stat", "-c", "%a %G", &path]).ok().trim().to_owned()
    };
    assert_eq!(["sock", "sock-ro", "admin-sock"].map(stat), ["770 daemon", "755 daemon", "711 root"]);
    let log = host.daemon_log();
    assert!(log.contains("/etc/libvirt/virtcontainerd.conf: line 7: unknown key no_such_key"), "{log}");
}

#[test]
fn sighup_reads_definitions_anew() {
    let host = Host::start();
    let mut events = host.events();
    let xml = Domain::new("new").init("/bin/true").xml();
    host.write("/etc/libvirt/lxc/new.xml", &xml);
    host.kill("HUP", host.daemon_pid());
    events.until("new DEFINED/ADDED");
    host.virsh(&["domstate", "new"]).done();
}

#[test]
fn sighup_reads_the_settings_anew_or_leaves_them() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let limits = || {
        let info =
            host.run(&["virt-admin", "-c", "virtcontainerd:///system", "srv-clients-info", "virtcontainerd"]);
        info.ok().lines().next().unwrap().split(':').nth(1).unwrap().trim().to_owned()
    };
    let settings = "auth_unix_rw = \"none\"\nauth_unix_ro = \"none\"\nlog_level = 2\nlog_outputs = \"2:file:/run/test/log.txt\"\n";
    host.write("/etc/libvirt/virtcontainerd.conf", &format!("{settings}max_clients = 77\n"));
    host.kill("HUP", host.daemon_pid());
    host.wait_for("/run/test/log.txt", |log| log.contains(" : reloaded"));
    assert_eq!(limits(), "77");
    host.write("/etc/libvirt/virtcontainerd.conf", &format!("{settings}max_clients = 88\nmax_workers = 0\n"));
    host.kill("HUP", host.daemon_pid());
    let log = host.wait_for("/run/test/log.txt", |log| log.matches(" : reloaded").count() == 2);
    assert!(log.contains("line 6: max_workers: 0 is not from 1 to 4294967295: the settings stay"), "{log}");
    assert_eq!(limits(), "77");
}

/// Receives what is sent to the socket of the journal, or of the service manager, and says it.
const LISTEN: &str = r"
import os, socket
def listen(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(path)
    say('listening')
    while True:
        say(s.recv(65536).decode())
";

#[test]
fn the_journal_gets_records_with_fields() {
    let host = Host::without_daemon();
    if !host.subject().is_ours() {
        return;
    }
    let mut journal = host.python_raw(&format!("{LISTEN}\nlisten('/run/systemd/journal/socket')"));
    journal.hear();
    // Without log_outputs: there is a journal, and nobody in front of the daemon.
    host.write(
        "/etc/libvirt/virtcontainerd.conf",
        "auth_unix_rw = \"none\"\nauth_unix_ro = \"none\"\nlog_level = 2\n",
    );
    host.start_daemon();
    let record = journal.hear();
    let lines: Vec<_> = record.as_str().unwrap().lines().collect();
    assert!(lines[0].starts_with("MESSAGE=ready version="), "{lines:?}");
    for line in ["PRIORITY=6", "SYSLOG_IDENTIFIER=virtcontainerd", "LIBVIRT_SOURCE=virtcontainerd.daemon"] {
        assert!(lines.contains(&line), "{lines:?}");
    }
    host.define(&Domain::new("c1").init("/nowhere"));
    host.virsh(&["start", "c1"]).err();
    host.stop_daemon();
}

#[test]
fn the_service_manager_is_told() {
    let host = Host::without_daemon();
    if !host.subject().is_ours() {
        return;
    }
    let mut manager = host.python_raw(&format!("{LISTEN}\nlisten('/run/test/notify')"));
    manager.hear();
    let daemon = host.spawn(&[
        "env",
        "NOTIFY_SOCKET=/run/test/notify",
        &program(&host),
        "--pid-file",
        "/run/test/d.pid",
    ]);
    assert_eq!(manager.hear(), "READY=1\n");
    let pid = host.read("/run/test/d.pid").trim().parse().unwrap();
    host.kill("HUP", pid);
    let reloading = manager.hear();
    let (first, second) = reloading.as_str().unwrap().split_once('\n').unwrap();
    assert_eq!(first, "RELOADING=1");
    assert!(second.trim().strip_prefix("MONOTONIC_USEC=").is_some_and(|usec| usec.parse::<u64>().is_ok()));
    assert_eq!(manager.hear(), "READY=1\n");
    host.kill("TERM", pid);
    assert_eq!(manager.hear(), "STOPPING=1\n");
    assert_eq!(daemon.finish(testkit::PATIENCE).status, 0);
}

#[test]
fn in_the_background_it_returns_when_it_serves() {
    let host = Host::without_daemon();
    if !host.subject().is_ours() {
        return;
    }
    host.write("/etc/libvirt/virtcontainerd.conf", "auth_unix_rw = \"none\"\nauth_unix_ro = \"none\"\n");
    let started = host.run(&[&program(&host), "-d", "-v", "-p", "/run/test/d.pid"]);
    assert_eq!((started.status, started.stderr.as_str()), (0, ""), "{started:?}");
    host.virsh(&["list"]).done();
    let log = host.read("/var/log/libvirt/virtcontainerd.log");
    assert!(log.contains(" : ready version="), "without a journal the log is a file: {log}");
    let second = host.run(&[&program(&host), "--daemon", "-p", "/run/test/d.pid"]);
    assert_eq!(second.status, 1, "{second:?}");
    let pid: u32 = host.read("/run/test/d.pid").trim().parse().unwrap();
    let session = host.run(&["ps", "-o", "sid=", "-p", &pid.to_string()]);
    assert_eq!(session.ok().trim(), pid.to_string(), "a session of its own");
    host.kill("TERM", pid);
    host.wait_for("/run/test/d.pid", str::is_empty);
}

#[test]
fn version_and_help() {
    let host = Host::without_daemon();
    if !host.subject().is_ours() {
        return;
    }
    for option in ["-V", "--version"] {
        assert!(host.run(&[&program(&host), option]).ok().starts_with("virtcontainerd 0."));
    }
    let help = host.run(&[&program(&host), "--help"]).ok().to_owned();
    for option in ["--verbose", "--daemon", "--config", "--timeout", "--pid-file", "--version", "--help"] {
        assert!(help.contains(option), "{help}");
    }
    assert!(!help.contains("--ready-fd"));
    assert_eq!(host.run(&[&program(&host), "--no-such-option"]).status, 1);
}
