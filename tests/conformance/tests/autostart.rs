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
    assert_eq!(host.state("b1"), "shut off (failed)", "its failure stops no other");

    host.virsh(&["destroy", "c1"]).done();
    host.stop_daemon();
    host.start_daemon();
    assert_ne!(host.state("c1"), "running (booted)", "not again when only the daemon starts");
}
