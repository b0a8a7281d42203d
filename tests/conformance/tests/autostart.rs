//! Starting with the host.

use protocol::calls::{DomainGetAutostartOnce, DomainLookupByName, DomainSetAutostartOnce};
use testkit::{Domain, Host, Init};

#[allow(dead_code, clippy::unwrap_used, reason = "shared with other tests, which need all of it")]
#[path = "../../../crates/rpc/tests/rpc/raw.rs"]
mod raw;

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

/// A new boot of the host: /run is empty.
fn boot_again(host: &Host) {
    host.stop_daemon();
    host.run(&["rm", "-f", "/run/libvirt/lxc/autostarted"]).done();
    host.start_daemon();
}

/// libvirt has no words for it: ours are in the metadata.
#[test]
fn in_the_order_that_the_domains_say() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let startup = |attributes: &str| {
        format!(
            "<metadata><v:startup xmlns:v='https://github.com/virtcontainerd/virtcontainerd/startup/1' {attributes}/></metadata>"
        )
    };
    let roots = ["c", "b", "a"].map(|name| host.root(name, &Init::Plain));
    let domain = |index: usize, name: &str| Domain::new(name).root(&roots[index]);
    host.define(&domain(0, "c").element(&startup("order='1' delay='300'")));
    host.define(&domain(1, "b").element(&startup("order='20'")));
    host.define(&domain(2, "a"));
    for name in ["a", "b", "c"] {
        host.virsh(&["autostart", name]).done();
    }
    boot_again(&host);
    for root in &roots {
        host.wait_log(root, "booted");
    }
    let log = host.daemon_log();
    let started: Vec<_> =
        log.lines().filter_map(|line| line.split("started domain=").nth(1)?.split(' ').next()).collect();
    assert_eq!(started, ["c", "b", "a"], "{log}");
    let changed = |index: usize| -> f64 {
        let stat = host.run(&["stat", "-c", "%.9Y", &roots[index].file("/state/log")]);
        stat.ok().trim().parse().unwrap()
    };
    assert!(changed(1) - changed(0) > 0.25, "the delay of the first passes");
    let refused = host.virsh(&["define", &host.xml_file(&domain(0, "d").element(&startup("order='x'")))]);
    assert!(refused.err().contains("invalid order 'x' of <startup>"), "{}", refused.stderr);
}

/// No call of virsh 9.0.0 asks for it.
#[test]
fn with_the_next_boot_only() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let root = host.container("c1", &Init::Plain);
    let mut client = raw::Raw::open(&host.socket());
    let dom = client.call(&DomainLookupByName { name: "c1".into() }).unwrap();
    client.call(&DomainSetAutostartOnce { dom: dom.clone(), autostart: 1 }).unwrap();
    assert_eq!(client.call(&DomainGetAutostartOnce { dom: dom.clone() }).unwrap(), 1);
    let once = format!("{LINK}.once");
    assert_eq!(host.run(&["readlink", &once]).ok().trim(), "/etc/libvirt/lxc/c1.xml");
    assert!(host.virsh(&["dominfo", "c1"]).ok().contains("Autostart:      disable"));
    boot_again(&host);
    host.wait_log(&root, "booted");
    host.virsh(&["destroy", "c1"]).done();
    assert!(!host.exists(&once));
    boot_again(&host);
    assert_eq!(host.state("c1"), "shut off (unknown)");
    // Undefining takes the link away.
    let mut client = raw::Raw::open(&host.socket());
    client.call(&DomainSetAutostartOnce { dom, autostart: 1 }).unwrap();
    host.virsh(&["undefine", "c1"]).done();
    assert!(!host.exists(&once));
}
