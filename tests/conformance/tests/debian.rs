//! An untouched Debian with systemd, as Joe has it: debootstrapped, started, and never edited for being a container.

use testkit::{Domain, Host, Output};

/// The container's root.
const ROOT: &str = "/var/lib/libvirt/filesystems/deb";

/// Defines a machine with a copy of the tree.
fn install(host: &Host) {
    let image = host.image("debian12", "deb");
    assert_eq!(image.path(), ROOT);
    let interface =
        "<interface type='bridge'><source bridge='br0'/><ip address='10.9.0.2' prefix='24'/></interface>";
    host.define(
        &Domain::new("deb").memory_kib(512 << 10).init("/sbin/init").device(&image.root()).device(interface),
    );
}

/// Runs systemctl inside.
fn systemctl(host: &Host, arguments: &[&str]) -> Output {
    host.inside_as_root("deb", &[&["/usr/bin/systemctl"], arguments].concat())
}

/// Waits until systemd says that it has booted, and returns what it says.
fn booted(host: &Host) -> String {
    systemctl(host, &["is-system-running", "--wait"]).stdout.trim().to_owned()
}

#[test]
fn an_untouched_debian_boots_reboots_and_shuts_down() {
    let host = Host::start();
    let _bridge = host.bridge("br0", "10.9.0.1/24");
    install(&host);
    host.run(&["touch", "/run/test/before"]).done();
    let mut events = host.events();

    host.virsh(&["start", "deb"]).done();
    let mut console = host.console("deb", &[]);
    console.expect("login:");
    if host.subject().is_ours() {
        // The incumbent has no cgroup namespace, and units that fail for it.
        assert_eq!(booted(&host), "running");
        assert_eq!(systemctl(&host, &["--failed", "--no-legend"]).ok().trim(), "", "units that failed");
    }
    assert!(host.pings("10.9.0.2"));
    let id = host.id("deb");

    host.virsh(&["reboot", "deb"]).done();
    assert_eq!(events.until("deb REBOOT"), ["deb STARTED/BOOTED", "deb REBOOT"]);
    if host.subject().is_ours() {
        // In place: the same id, and the same console still attached.
        assert_eq!(host.id("deb"), id);
        console.expect("login:");
        assert_eq!(booted(&host), "running");
        assert!(host.pings("10.9.0.2"), "the interface and its address are still there");
    } else {
        host.console("deb", &[]).expect("login:");
    }

    host.virsh(&["shutdown", "deb"]).done();
    assert_eq!(events.until("deb STOPPED/SHUTDOWN"), ["deb STOPPED/SHUTDOWN"]);
    assert_eq!(host.state("deb"), "shut off (shutdown)");

    // What the machine wrote is its own: nobody else did, and on disk root is still root.
    for path in ["etc/hostname", "etc/resolv.conf", "etc/inittab", "etc/fstab", "etc/passwd", "etc/shadow"] {
        let newer = host.run(&["find", &format!("{ROOT}/{path}"), "-newer", "/run/test/before"]);
        assert_eq!(newer.stdout, "", "{path} was written");
    }
    let foreign = host.run(&["find", ROOT, "-xdev", "-uid", "+65535"]);
    assert_eq!(foreign.ok(), "", "files of ids that exist only on the host");
}

#[test]
fn poweroff_and_reboot_from_inside_are_told_apart() {
    let host = Host::start();
    let _bridge = host.bridge("br0", "10.9.0.1/24");
    install(&host);
    let mut events = host.events();
    host.virsh(&["start", "deb"]).done();
    host.console("deb", &[]).expect("login:");
    let ask = |verb: &str| {
        // The connection to systemd may go away with it.
        let _ = systemctl(&host, &[verb]);
    };
    ask("reboot");
    assert_eq!(events.until("deb REBOOT"), ["deb STARTED/BOOTED", "deb REBOOT"]);
    host.console("deb", &[]).expect("login:");
    ask("poweroff");
    assert_eq!(events.until("deb STOPPED/SHUTDOWN"), ["deb STOPPED/SHUTDOWN"]);
}

/// What a container manager tells a systemd (its container interface), and nothing of it is in the image.
#[test]
fn systemd_is_told_where_it_runs() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let _bridge = host.bridge("br0", "10.9.0.1/24");
    install(&host);
    // An image that says nothing about names, and has no id yet.
    host.write(&format!("{ROOT}/etc/resolv.conf"), "# nothing\n");
    host.write(&format!("{ROOT}/etc/hosts"), "");
    host.write(&format!("{ROOT}/etc/machine-id"), "");
    host.write("/etc/resolv.conf", "nameserver 192.0.2.53\n");
    host.virsh(&["start", "deb"]).done();
    host.console("deb", &[]).expect("login:");
    assert_eq!(booted(&host), "running");
    let inside = |argv: &[&str]| host.inside_as_root("deb", argv).ok().trim().to_owned();
    let uuid = host.virsh(&["domuuid", "deb"]).ok().trim().to_owned();
    assert_eq!(inside(&["cat", "/run/host/container-manager"]), "lxc-libvirt");
    assert_eq!(inside(&["cat", "/run/host/container-uuid"]), uuid);
    assert_eq!(inside(&["cat", "/run/host/os-release"]), host.read("/etc/os-release").trim());
    assert_ne!(host.inside_as_root("deb", &["touch", "/run/host/x"]).status, 0);
    assert_eq!(inside(&["systemd-detect-virt", "--container"]), "lxc-libvirt");
    assert_eq!(inside(&["cat", "/etc/machine-id"]), uuid.replace('-', ""));
    assert_eq!(inside(&["cat", "/etc/resolv.conf"]), "nameserver 192.0.2.53");
    assert!(inside(&["getent", "hosts", "localhost"]).ends_with("localhost ip6-localhost ip6-loopback"));
    host.virsh(&["shutdown", "deb"]).done();
    host.wait_off("deb");
    assert_eq!(host.read(&format!("{ROOT}/etc/resolv.conf")), "# nothing\n");
    assert_eq!(host.read(&format!("{ROOT}/etc/hosts")), "");
    assert!(!host.exists(&format!("{ROOT}/run/host")));
}
