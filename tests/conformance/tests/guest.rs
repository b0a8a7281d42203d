//! Looking and reaching inside without an agent.

use serde_json::json;
use testkit::{Domain, Host, Init, Root};

/// The incumbent refuses all that is here.
fn ours() -> Option<Host> {
    let host = Host::start();
    if host.subject().is_ours() {
        return Some(host);
    }
    let _ = host.boot("c1", &Init::Plain);
    for call in ["d.guestInfo()", "d.fsInfo()", "d.getTime()", "d.reset()", "d.rename('x')"] {
        let error = host.python(&format!("d = conn.lookupByName('c1'); say(error(lambda: {call}))"));
        assert_eq!(error[0], 3, "{call}: {error}");
    }
    None
}

const SHADOW: &str = "root:*:1:0:99999:7:::\nuser:!:1:0:99999:7:::\n";

fn with_users(host: &Host) -> Root {
    let root = host.root("c1", &Init::Script("hostname own-name; say booted; exec sleep 100000".to_owned()));
    host.write(&root.file("/etc/shadow"), SHADOW);
    host.write(&root.file("/etc/os-release"), "ID=tiny\nNAME='Tiny Linux'\nVERSION_ID=\"7\"\n");
    host.define(&Domain::new("c1").root(&root));
    host.start_container("c1", &root);
    root
}

#[test]
fn what_the_system_inside_is() {
    let Some(host) = ours() else { return };
    let _root = with_users(&host);
    assert_eq!(host.virsh(&["domhostname", "c1", "--source", "agent"]).ok().trim(), "own-name");
    let info = host.python("say(conn.lookupByName('c1').guestInfo())");
    for (key, expect) in [
        ("os.id", json!("tiny")),
        ("os.name", json!("Tiny Linux")),
        ("os.version-id", json!("7")),
        ("os.machine", json!("x86_64")),
        ("hostname", json!("own-name")),
        ("timezone.name", json!("UTC")),
        ("timezone.offset", json!(0)),
        ("user.count", json!(0)),
        ("disk.count", json!(0)),
        ("fs.0.mountpoint", json!("/")),
        ("fs.0.fstype", json!("tmpfs")),
        ("if.0.name", json!("lo")),
        ("if.0.addr.0.addr", json!("127.0.0.1")),
        ("if.0.addr.0.prefix", json!(8)),
    ] {
        assert_eq!(info[key], expect, "{key}: {info}");
    }
    assert_eq!(info["os.kernel-release"], json!(host.run(&["uname", "-r"]).ok().trim()), "{info}");
    assert!(info["fs.0.total-bytes"].as_u64() > info["fs.0.used-bytes"].as_u64(), "{info}");
    let os = host.python("say(conn.lookupByName('c1').guestInfo(libvirt.VIR_DOMAIN_GUEST_INFO_OS))");
    assert!(os.get("os.id").is_some() && os.get("hostname").is_none(), "{os}");
    let error = host.python("say(error(conn.lookupByName('c1').guestInfo, 1 << 20))");
    assert_eq!(error[0], 8, "{error}");
}

#[test]
fn the_clock_is_the_hosts() {
    let Some(host) = ours() else { return };
    let _root = with_users(&host);
    let times = host.python("say([conn.lookupByName('c1').getTime()['seconds'], int(time.time())])");
    let seconds = |at: usize| times[at].as_i64().unwrap();
    assert!((seconds(0) - seconds(1)).abs() <= 2, "{times}");
    host.virsh(&["domtime", "c1", "--sync"]).done();
    let error = host.virsh(&["domtime", "c1", "--time", "1000000000"]);
    assert!(error.err().contains("the clock of a container is the host's"), "{error:?}");
    host.virsh(&["guest-agent-timeout", "c1", "--timeout", "10"]).done();
}

#[test]
fn file_systems_are_those_inside() {
    let Some(host) = ours() else { return };
    let root = host.root("c1", &Init::Plain);
    let shared = "<filesystem type='mount'><source dir='/var/lib/libvirt/filesystems/c1/state'/><target dir='/data'/></filesystem>";
    host.define(&Domain::new("c1").root(&root).device(shared));
    host.start_container("c1", &root);
    let list = host.python("say(conn.lookupByName('c1').fsInfo())");
    let places: Vec<_> = list.as_array().unwrap().iter().map(|one| one[0].as_str().unwrap()).collect();
    assert_eq!(places[..2], ["/", "/data"], "{list}");
    assert!(!places.iter().any(|place| place.starts_with("/proc") || place.starts_with("/sys")), "{list}");
    assert_eq!((&list[0][2], &list[0][3], &list[1][3]), (&json!("tmpfs"), &json!(["fs0"]), &json!(["fs1"])));
    // A tmpfs cannot be frozen, and the directory of the host is not the container's own.
    assert_eq!(host.virsh(&["domfsfreeze", "c1"]).ok().trim(), "Froze 0 filesystem(s)");
    let error = host.virsh(&["domfsfreeze", "c1", "--mountpoint", "/data"]);
    assert!(error.err().contains("/data is not a file system of the container's own"), "{error:?}");
    let error = host.virsh(&["domfsfreeze", "c1", "--mountpoint", "/nowhere"]);
    assert!(error.err().contains("/nowhere is no mount point"), "{error:?}");
    host.virsh(&["domfstrim", "c1"]).done();
    assert_eq!(host.virsh(&["domfsthaw", "c1"]).ok().trim(), "Thawed 0 filesystem(s)");
}

/// A whole file system on a loop device: what a container on a volume of its own has.
#[test]
fn an_own_file_system_is_frozen_and_always_thawed() {
    let Some(host) = ours() else { return };
    let make = "truncate -s 32M /run/test/image && mkfs.ext4 -q /run/test/image && mkdir -p /run/test/volume && mount -o loop /run/test/image /run/test/volume";
    if host.run(&["sh", "-c", make]).status != 0 {
        return;
    }
    let root = host.root("c1", &Init::Plain);
    let volume =
        "<filesystem type='mount'><source dir='/run/test/volume'/><target dir='/data'/></filesystem>";
    host.define(&Domain::new("c1").root(&root).device(volume));
    host.start_container("c1", &root);
    // Whoever writes to a frozen file system cannot even be killed, so this asks in another way.
    let frozen = |host: &Host| {
        let refused = host.run(&["fsfreeze", "--freeze", "/run/test/volume"]).status != 0;
        if !refused {
            host.run(&["fsfreeze", "--unfreeze", "/run/test/volume"]).done();
        }
        refused
    };
    assert_eq!(host.virsh(&["domfsfreeze", "c1"]).ok().trim(), "Froze 1 filesystem(s)");
    assert!(frozen(&host));
    let again = host.virsh(&["domfsfreeze", "c1"]);
    assert!(again.err().contains("frozen already"), "{again:?}");
    // The monitor knows, whichever daemon asks.
    host.kill_daemon();
    host.start_daemon();
    assert_eq!(host.virsh(&["domfsthaw", "c1"]).ok().trim(), "Thawed 1 filesystem(s)");
    assert!(!frozen(&host));
    host.virsh(&["domfsfreeze", "c1", "--mountpoint", "/data"]).done();
    assert!(frozen(&host));
    host.virsh(&["destroy", "c1"]).done();
    assert!(!frozen(&host), "the end of the container thaws");
    host.run(&["umount", "/run/test/volume"]).done();
}

#[test]
fn a_password_is_set_in_the_file_that_has_it() {
    let Some(host) = ours() else { return };
    let root = with_users(&host);
    host.virsh(&["set-user-password", "c1", "root", "secret"]).done();
    host.virsh(&["set-user-password", "c1", "user", "$6$salt$hash", "--encrypted"]).done();
    let shadow = host.read(&root.file("/etc/shadow"));
    let lines: Vec<_> = shadow.lines().collect();
    assert!(lines[0].starts_with("root:$6$") && lines[0].ends_with(":0:99999:7:::"), "{shadow}");
    assert!(lines[1].starts_with("user:$6$salt$hash:"), "{shadow}");
    assert_eq!(host.owner(&root.file("/etc/shadow")), (0, 0));
    let hash = lines[0].split(':').nth(1).expect("a second field");
    let salt = hash.split('$').nth(2).expect("a salt");
    let again = host.run(&["openssl", "passwd", "-6", "-salt", salt, "secret"]);
    assert_eq!(again.ok().trim(), hash, "it is the hash of the password");
    let error = host.virsh(&["set-user-password", "c1", "nobody", "x"]);
    assert!(error.err().contains("no user 'nobody' in /etc/passwd"), "{error:?}");
    let error = host.virsh(&["set-user-password", "c1", "root", "x:0:0\nroot2:y", "--encrypted"]);
    assert!(error.status != 0, "{error:?}");
    // Without the file the hash goes where it went before there was one.
    host.run(&["rm", &root.file("/etc/shadow")]).done();
    host.virsh(&["set-user-password", "c1", "root", "secret"]).done();
    assert!(host.read(&root.file("/etc/passwd")).starts_with("root:$6$"));
}

#[test]
fn keys_of_users_are_listed_added_and_removed() {
    let Some(host) = ours() else { return };
    let root = with_users(&host);
    host.write("/run/test/keys", "ssh-ed25519 AAAAB one@test\n");
    host.virsh(&["set-user-sshkeys", "c1", "root", "--file", "/run/test/keys"]).done();
    host.write("/run/test/keys", "ssh-ed25519 AAAAC two@test\n");
    host.virsh(&["set-user-sshkeys", "c1", "root", "--file", "/run/test/keys"]).done();
    host.virsh(&["get-user-sshkeys", "c1", "root"]).done();
    let keys = host.python("say(conn.lookupByName('c1').authorizedSSHKeysGet('root'))");
    assert_eq!(keys, json!(["ssh-ed25519 AAAAB one@test", "ssh-ed25519 AAAAC two@test"]));
    let file = root.file("/root/.ssh/authorized_keys");
    assert_eq!(host.owner(&file), (0, 0), "files on disk are root's");
    assert_eq!(host.run(&["stat", "-c", "%a", &file]).ok().trim(), "600");
    host.virsh(&["set-user-sshkeys", "c1", "root", "--file", "/run/test/keys", "--remove"]).done();
    assert_eq!(host.read(&file), "ssh-ed25519 AAAAB one@test\n");
    let error = host.virsh(&["get-user-sshkeys", "c1", "nobody"]);
    assert!(error.err().contains("no user 'nobody' in /etc/passwd"), "{error:?}");
}

#[test]
fn no_link_inside_leads_out_of_the_container() {
    let Some(host) = ours() else { return };
    let root = with_users(&host);
    host.write("/run/test/precious", "of the host\n");
    host.write("/run/test/keys", "ssh-ed25519 AAAAB one@test\n");
    // What the user of a container could prepare.
    let trap = |script: &str| host.run(&["sh", "-c", &format!("cd {}; {script}", root.path())]).done();
    trap("mkdir -p root/.ssh && ln -s /run/test/precious root/.ssh/authorized_keys");
    host.virsh(&["set-user-sshkeys", "c1", "root", "--file", "/run/test/keys"]);
    trap("rm -rf root/.ssh; mkdir -p run/test; ln -s /../../../run/test root/.ssh");
    host.virsh(&["set-user-sshkeys", "c1", "root", "--file", "/run/test/keys"]);
    trap("rm etc/os-release; ln -s /proc/1/root/../../run/test/precious etc/os-release");
    let info = host.python("say(conn.lookupByName('c1').guestInfo(libvirt.VIR_DOMAIN_GUEST_INFO_OS))");
    assert!(info.get("os.id").is_none(), "{info}");
    assert_eq!(host.read("/run/test/precious"), "of the host\n");
    assert!(!host.exists("/run/test/authorized_keys"));
}

#[test]
fn a_signal_reaches_any_process_inside() {
    let Some(host) = ours() else { return };
    let script = "sh -c 'trap \"echo got >>/state/log\" USR1; echo ready >>/state/log; while :; do sleep 1000 & wait $!; done' & echo $! >/state/pid; say booted; exec sleep 100000";
    let root = host.boot("c1", &Init::Script(script.to_owned()));
    host.wait_log(&root, "ready");
    let pid = host.seen(&root, "pid");
    host.virsh(&["send-process-signal", "c1", &pid, "sigusr1"]).done();
    host.wait_log(&root, "got");
    let error = host.virsh(&["send-process-signal", "c1", "4000", "sigusr1"]);
    assert!(error.err().contains("No such process"), "{error:?}");
    let error = host
        .python("say([error(conn.lookupByName('c1').sendProcessSignal, p, 15) for p in (0, -1, 1 << 40)])");
    assert!(error.as_array().unwrap().iter().all(|one| one[0] == 8), "{error}");
    assert_eq!(host.state("c1"), "running (booted)");
}

#[test]
fn typed_keys_arrive_at_the_console() {
    let Some(host) = ours() else { return };
    let script = "exec <>/dev/console; say booted; read line; say \"typed $line\"; trap 'say interrupted' INT; while :; do sleep 1000 & wait $!; done";
    let root = host.boot("c1", &Init::Script(script.to_owned()));
    for keys in [&["KEY_H"][..], &["KEY_LEFTSHIFT", "KEY_I"], &["KEY_1"], &["KEY_ENTER"]] {
        host.virsh(&[&["send-key", "c1"], keys].concat()).done();
    }
    host.wait_log(&root, "typed hI1");
    host.virsh(&["send-key", "c1", "KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_DELETE"]).done();
    host.wait_log(&root, "interrupted");
    let error = host.virsh(&["send-key", "c1", "--codeset", "win32", "65"]);
    assert!(error.err().contains("codeset 'win32' is not supported"), "{error:?}");
    let error = host.virsh(&["inject-nmi", "c1"]);
    assert!(error.err().contains("no processor of its own"), "{error:?}");
}

#[test]
fn a_reset_begins_anew_in_place() {
    let Some(host) = ours() else { return };
    let root = host.boot("c1", &Init::Deaf);
    let mut client = host.python_start(
        "conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, lambda c, d, o: say(d.name()), None)\nconn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lambda c, d, e, r, o: say([e, r]), None)\nsay('ready')\nsys.stdin.read()",
    );
    assert_eq!(client.hear(), "ready");
    let (id, init) = (host.id("c1"), host.init_pid("c1"));
    host.virsh(&["reset", "c1"]).done();
    assert_eq!(client.hear(), "c1", "a reboot, and no stop");
    host.wait_log_times(&root, "booted", 2);
    assert_eq!(host.id("c1"), id);
    assert_ne!(host.init_pid("c1"), init);
    assert_eq!(host.state("c1"), "running (booted)");
    // Also a paused one, which then runs.
    host.virsh(&["suspend", "c1"]).done();
    assert_eq!(client.hear(), json!([3, 0]));
    host.virsh(&["reset", "c1"]).done();
    host.wait_log_times(&root, "booted", 3);
    client.end();
    let error = host.python("conn.lookupByName('c1').destroy(); say(error(conn.lookupByName('c1').reset))");
    assert_eq!(error[0], 55, "{error}");
}

#[test]
fn a_domain_gets_another_name() {
    let Some(host) = ours() else { return };
    let root = host.root("old", &Init::Plain);
    host.define(&Domain::new("old").root(&root));
    host.define(&Domain::new("taken"));
    host.virsh(&["autostart", "old"]).done();
    let uuid = host.virsh(&["domuuid", "old"]).ok().to_owned();
    let mut client = host.python_start(
        "conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lambda c, d, e, r, o: say([d.name(), e, r]), None)\nsay('ready')\nsys.stdin.read()",
    );
    assert_eq!(client.hear(), "ready");
    for (name, text) in [("taken", "already exists"), ("a/b", "'/'"), ("old", "already exists")] {
        let error = host.virsh(&["domrename", "old", name]);
        assert!(error.err().contains(text), "{name}: {error:?}");
    }
    host.virsh(&["domrename", "old", "new"]).done();
    assert_eq!(client.hear(), json!(["old", 1, 1]));
    assert_eq!(client.hear(), json!(["new", 0, 2]));
    client.end();
    assert_eq!(host.virsh(&["domuuid", "new"]).ok(), uuid);
    assert_eq!(host.names_in("/etc/libvirt/lxc/autostart"), ["new.xml"]);
    assert!(host.exists("/etc/libvirt/lxc/new.xml") && !host.exists("/etc/libvirt/lxc/old.xml"));
    host.stop_daemon();
    host.start_daemon();
    assert!(host.virsh(&["dominfo", "new"]).ok().contains("Autostart:      enable"));
    host.start_container("new", &root);
    let error = host.virsh(&["domrename", "new", "other"]);
    assert!(error.err().contains("cannot rename active domain"), "{error:?}");
}
