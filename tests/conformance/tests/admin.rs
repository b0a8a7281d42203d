//! Administration of the daemon by virt-admin.

use testkit::{Host, Output};

/// virt-admin, connected to the daemon under test.
fn admin(host: &Host, arguments: &[&str]) -> Output {
    let uri = host.expect("virtcontainerd:///system", "libvirtd:///system");
    host.run(&[&["virt-admin", "--connect", uri], arguments].concat())
}

/// The name of the server of drivers.
fn server(host: &Host) -> &'static str {
    host.expect("virtcontainerd", "libvirtd")
}

/// The value of a line `name : value`.
fn field(text: &str, name: &str) -> String {
    let value = |line: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    };
    text.lines().find_map(value).unwrap_or_else(|| panic!("no {name} in {text}"))
}

#[test]
fn servers_and_clients_are_listed_and_disconnected() {
    let host = Host::start();
    let servers = admin(&host, &["srv-list"]);
    let mut names: Vec<_> =
        servers.ok().lines().skip(2).filter_map(|l| l.split_whitespace().nth(1)).collect();
    names.sort_unstable();
    assert_eq!(names, ["admin", server(&host)]);
    let mut client = host.python_start(
        "conn.registerCloseCallback(lambda *_: say('closed'), None)\nsay('here')\nsys.stdin.readline()",
    );
    client.hear();
    let list = admin(&host, &["srv-clients-list", server(&host)]);
    let row: Vec<_> = list.ok().lines().nth(2).unwrap_or_default().split_whitespace().collect();
    assert_eq!(row.get(1), Some(&"unix"), "{list:?}");
    let info = admin(&host, &["client-info", server(&host), row[0]]);
    let info = info.ok();
    for (name, value) in [
        ("id", row[0]),
        ("transport", "unix"),
        ("readonly", "no"),
        ("unix_user_id", "0"),
        ("unix_user_name", "root"),
        ("unix_group_id", "0"),
        ("unix_group_name", "root"),
        ("unix_process_id", &client.pid().to_string()),
    ] {
        assert_eq!(field(info, name), value, "{name}");
    }
    admin(&host, &["client-disconnect", server(&host), row[0]]).done();
    assert_eq!(client.hear(), "closed", "end of file");
    let again = admin(&host, &["client-disconnect", server(&host), row[0]]);
    assert!(again.err().contains(&format!("Client not found: No client with matching ID '{}'", row[0])));
    let nobody = admin(&host, &["srv-clients-list", "nobody"]);
    assert!(nobody.err().contains("Server not found: No server named 'nobody'"), "{nobody:?}");
}

#[test]
fn limits_on_clients() {
    let host = Host::start();
    let before = admin(&host, &["srv-clients-info", server(&host)]);
    let figures = ["nclients_max", "nclients", "nclients_unauth_max", "nclients_unauth"];
    assert_eq!(figures.map(|name| field(before.ok(), name)), ["5000", "0", "20", "0"]);
    admin(&host, &["srv-clients-set", server(&host), "--max-clients", "2", "--max-unauth-clients", "1"])
        .done();
    let _client = host.python_start("sys.stdin.readline()");
    let after = admin(&host, &["srv-clients-info", server(&host)]);
    assert_eq!(figures.map(|name| field(after.ok(), name)), ["2", "1", "1", "0"]);
    let refused = admin(&host, &["srv-clients-set", server(&host), "--max-clients", "0"]);
    assert!(refused.err().contains("must not be less than the overall maximum number of clients"));
    let refused = admin(&host, &["srv-clients-set", server(&host), "--max-unauth-clients", "3"]);
    assert!(refused.err().contains("must not be less than the overall maximum number of clients"));
}

#[test]
fn the_pool_of_workers() {
    let host = Host::start();
    let pool = |srv: &str| admin(&host, &["srv-threadpool-info", srv]).ok().to_owned();
    let names = ["minWorkers", "maxWorkers", "nWorkers", "freeWorkers", "prioWorkers", "jobQueueDepth"];
    assert_eq!(names.map(|name| field(&pool(server(&host)), name)), ["5", "20", "5", "5", "5", "0"]);
    assert_eq!(field(&pool("admin"), "prioWorkers"), "0");
    let set =
        |arguments: &[&str]| admin(&host, &[&["srv-threadpool-set", server(&host)], arguments].concat());
    set(&["--max-workers", "30", "--min-workers", "6", "--priority-workers", "7"]).done();
    let names = ["minWorkers", "maxWorkers", "prioWorkers"];
    assert_eq!(names.map(|name| field(&pool(server(&host)), name)), ["6", "30", "7"]);
    assert!(set(&["--max-workers", "3"]).err().contains("minWorkers cannot be larger than maxWorkers"));
}

#[test]
fn filters_and_outputs_of_the_log() {
    let host = Host::start();
    let filters = |text: &str| admin(&host, &["daemon-log-filters", text]);
    let outputs = |text: &str| admin(&host, &["daemon-log-outputs", text]);
    let shown = |what: &str| admin(&host, &[what]).ok().trim().to_owned();
    assert_eq!(shown("daemon-log-outputs"), "Logging outputs: 2:stderr");
    filters("1:rpc 4:nothing").done();
    assert_eq!(shown("daemon-log-filters"), "Logging filters: 1:*rpc* 4:*nothing*");
    outputs("1:file:/run/test/daemon.txt 3:stderr").done();
    assert_eq!(shown("daemon-log-outputs"), "Logging outputs: 1:file:/run/test/daemon.txt 3:stderr");
    host.virsh(&["list"]).done();
    host.wait_for("/run/test/daemon.txt", |text| text.contains(": debug : "));
    for (text, error) in [
        ("9:lxc", "Invalid priority '9' for filter '9:lxc'"),
        ("lxc", "Malformed format for filter 'lxc'"),
        ("1:lxc 3:", "Invalid match string ''"),
    ] {
        assert!(filters(text).err().contains(&format!("invalid argument: {error}")), "{text}");
    }
    for (text, error) in [
        ("1:nowhere", "Invalid log destination 'nowhere' for log output '1:nowhere'"),
        ("1:file", "Log output '1:file' does not meet the format requirements for destination type 'file'"),
    ] {
        assert!(outputs(text).err().contains(&format!("invalid argument: {error}")), "{text}");
    }
    assert!(outputs("1:file:/nowhere/x").err().contains("No such file or directory"));
    assert_eq!(shown("daemon-log-outputs"), "Logging outputs: 1:file:/run/test/daemon.txt 3:stderr");
    filters("").done();
    assert_eq!(shown("daemon-log-filters"), "Logging filters:");
    outputs("").done();
    // The default level, which the kit sets for ours.
    let level = host.expect(2, 3);
    assert_eq!(shown("daemon-log-outputs"), format!("Logging outputs: {level}:stderr"));
    // As it is shown it can be set again: libvirt adds stars each time.
    filters("1:*rpc*").done();
    assert_eq!(
        shown("daemon-log-filters"),
        host.expect("Logging filters: 1:*rpc*", "Logging filters: 1:**rpc**")
    );
}

#[test]
fn others_than_the_daemons_user_are_not_let_in() {
    let host = Host::start();
    let socket = host.expect("/run/libvirt/virtcontainerd-admin-sock", "/run/libvirt/libvirt-admin-sock");
    host.run(&["chmod", "777", socket]).done();
    let uri = host.expect("virtcontainerd:///system", "libvirtd:///system");
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let refused = host.run(&[&nobody[..], &["virt-admin", "--connect", uri, "srv-list"]].concat());
    // virt-admin may run into the closed socket while it writes, and dies of that.
    assert!(refused.status != 0 && refused.stdout.is_empty(), "{refused:?}");
    admin(&host, &["srv-list"]).done();
}

#[test]
fn certificates_of_a_daemon_without_tls() {
    let host = Host::start();
    let refused = admin(&host, &["server-update-tls", server(&host)]);
    assert!(refused.err().contains("no tls service found, unable to update tls files"), "{refused:?}");
    let refused = admin(&host, &["server-update-tls", "nobody"]);
    assert!(refused.err().contains("No server named 'nobody'"), "{refused:?}");
}

#[test]
fn an_idle_time_ends_the_daemon() {
    let host = Host::start();
    let pid_file = host.expect("/run/virtcontainerd.pid", "/run/libvirtd.pid");
    assert!(host.exists(pid_file));
    admin(&host, &["daemon-timeout", "--timeout", "1"]).done();
    host.wait_for(pid_file, str::is_empty);
    host.daemon_ends();
}

/// A frame of the administration's program, and what comes back: status and error code.
const RAW: &str = r"
import socket, struct
s = socket.socket(socket.AF_UNIX)
s.connect('/run/libvirt/virtlxcd-admin-sock')
def call(procedure, body):
    s.sendall(struct.pack('>7I', 28 + len(body), 0x06900690, 1, procedure, 0, procedure, 0) + body)
    reply = s.recv(65536)
    status, = struct.unpack('>I', reply[24:28])
    return [status] + list(struct.unpack('>I', reply[28:32]) if status else [])
say([call(20, struct.pack('>I', 0)), call(1, struct.pack('>I', 1)), call(1, struct.pack('>I', 0)),
     call(20, struct.pack('>I', 2)), call(20, struct.pack('>I', 1))])
";

/// virt-admin learned to ask for it in libvirt 11.2. The pair of sockets has the names of both kinds of address.
#[test]
fn the_daemon_can_be_told_to_exit() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    host.run(&["virt-admin", "--connect", "virtlxcd:///system", "srv-list"]).done();
    let expected = serde_json::json!([[1, 1], [1, 8], [0], [1, 8], [0]]);
    assert_eq!(host.python(RAW), expected, "not open, unknown flag, open, unknown flag, done");
    host.daemon_ends();
    assert!(!host.exists("/run/libvirt/virtlxcd-admin-sock"));
}
