//! Starting with the host.

use testkit::{Domain, Host, Init};

const LINK: &str = "/etc/libvirt/lxc/autostart/c1.xml";

#[test]
fn the_mark_is_a_link_and_can_be_removed() {
    let host = Host::start();
    host.define(&Domain::new("c1").init("/bin/true"));
    host.virsh(&["autostart", "c1"]).done();
    assert_eq!(host.run(&["readlink", LINK]).ok().trim(), "/etc/libvirt/lxc/c1.xml");
    assert!(host.virsh(&["dominfo", "c1"]).ok().contains("Autostart:      enable"));
    host.virsh(&["autostart", "c1"]).done();
    host.virsh(&["autostart", "c1", "--disable"]).done();
    assert!(!host.exists(LINK));
    assert!(host.virsh(&["dominfo", "c1"]).ok().contains("Autostart:      disable"));
}

#[test]
fn once_for_each_boot_of_the_host() {
    let host = Host::start();
    let root = host.container("c1", &Init::Plain);
    let broken = Domain::new("b1").root(&root).init("/bin/nope");
    host.define(&broken);
    for name in ["b1", "c1"] {
        host.virsh(&["autostart", name]).done();
    }
    // A new boot empties /run.
    host.stop_daemon();
    host.run(&["rm", "-f", "/run/libvirt/lxc/autostarted"]).done();
    host.start_daemon();
    host.wait_log(&root, "booted");
    // Its failure, whenever it comes, stops no other.
    host.python_do("while conn.lookupByName('b1').state()[1] != libvirt.VIR_DOMAIN_SHUTOFF_FAILED:\n    time.sleep(0.01)");

    host.virsh(&["destroy", "c1"]).done();
    host.stop_daemon();
    host.start_daemon();
    // What it is going to start at all it starts at once: a container started by hand boots after it.
    host.boot("c2", &Init::Plain);
    let log = host.read(&root.file("/state/log"));
    assert_eq!(log.matches("booted").count(), 1, "not again when only the daemon starts");
    assert_eq!(host.id("c1"), None);
}

#[test]
fn a_transient_domain_cannot_be_marked() {
    let host = Host::start();
    let root = host.root("c1", &Init::Plain);
    host.virsh(&["create", &host.xml_file(&Domain::new("c1").root(&root))]).done();
    let error = host.python("say(error(conn.lookupByName('c1').setAutostart, 1))");
    let text = "Requested operation is not valid: Cannot set autostart for transient domain";
    assert_eq!(error, serde_json::json!([55, 17, text]));
    assert!(!host.exists(LINK));
}
