//! Start, destroy, suspend, resume, create: states with their reasons, and events in their order.

use testkit::{Domain, Host, Init};

#[test]
fn a_domain_from_define_to_undefine() {
    let host = Host::start();
    let mut events = host.events();
    let root = host.container("c1", &Init::Plain);
    assert_eq!(host.state("c1"), "shut off (unknown)");
    assert_eq!(host.id("c1"), None);
    host.define(&Domain::new("c1").root(&root).uuid(&uuid(&host, "c1")));
    assert_eq!(events.take(), ["c1 DEFINED/ADDED", "c1 DEFINED/UPDATED"]);

    host.start_container("c1", &root);
    assert_eq!(host.state("c1"), "running (booted)");
    assert_eq!(events.take(), ["c1 STARTED/BOOTED"]);

    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(host.state("c1"), "shut off (destroyed)");
    assert_eq!(events.take(), ["c1 STOPPED/DESTROYED"]);

    host.virsh(&["undefine", "c1"]).done();
    assert_eq!(events.take(), ["c1 UNDEFINED/REMOVED"]);
    assert!(host.virsh(&["domstate", "c1"]).err().contains("failed to get domain 'c1'"));
}

#[test]
fn suspend_stops_every_process_and_resume_lets_them_go_on() {
    let host = Host::start();
    let root =
        host.boot("c1", &Init::Script("say booted; while :; do date +%s%N >/state/clock; done".to_owned()));
    let mut events = host.events();
    let clock = || host.read(&root.file("/state/clock"));

    host.virsh(&["suspend", "c1"]).done();
    assert_eq!(host.state("c1"), "paused (user)");
    let frozen = clock();
    host.virsh(&["suspend", "c1"]).done();
    assert_eq!(host.virsh(&["list", "--state-paused", "--name"]).ok().trim(), "c1");
    assert_eq!(clock(), frozen, "a suspended container goes on");
    assert_eq!(events.take(), ["c1 SUSPENDED/PAUSED"], "the second suspend is silent");

    host.virsh(&["resume", "c1"]).done();
    assert_eq!(host.state("c1"), "running (unpaused)");
    host.wait_for(&root.file("/state/clock"), |now| !now.is_empty() && now != frozen);
    assert_eq!(events.take(), ["c1 RESUMED/UNPAUSED"]);

    host.virsh(&["suspend", "c1"]).done();
    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(host.state("c1"), "shut off (destroyed)");
    assert_eq!(events.take(), ["c1 SUSPENDED/PAUSED", "c1 STOPPED/DESTROYED"]);
}

#[test]
fn a_transient_domain_vanishes_when_it_stops() {
    let host = Host::start();
    let mut events = host.events();
    let root = host.root("c1", &Init::Plain);
    let file = host.xml_file(&Domain::new("c1").root(&root));
    host.virsh(&["create", &file]).done();
    host.wait_log(&root, "booted");
    assert_eq!(host.state("c1"), "running (booted)");
    assert_eq!(host.virsh(&["list", "--transient", "--name"]).ok().trim(), "c1");
    assert!(!host.exists("/etc/libvirt/lxc/c1.xml"));
    assert_eq!(events.take(), ["c1 STARTED/BOOTED"]);
    for refused in [&["undefine", "c1"][..], &["autostart", "c1"], &["desc", "c1", "text", "--config"]] {
        assert!(host.virsh(refused).err().contains("transient domain"), "{refused:?}");
    }
    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(host.virsh(&["list", "--all", "--name"]).ok().trim(), "");
    // The incumbent now and then sends a second stop event for a transient domain.
    let stopped = events.take();
    assert!(stopped.iter().any(|event| event == "c1 STOPPED/DESTROYED"), "{stopped:?}");
    if host.subject().is_ours() {
        assert_eq!(stopped.len(), 1, "{stopped:?}");
    }
}

#[test]
fn define_makes_a_transient_domain_persistent_and_undefine_makes_it_transient() {
    let host = Host::start();
    let root = host.root("c1", &Init::Plain);
    let domain = Domain::new("c1").root(&root);
    host.virsh(&["create", &host.xml_file(&domain)]).done();
    host.wait_log(&root, "booted");
    let mut events = host.events();
    let id = host.id("c1");

    host.define(&domain.clone().uuid(&uuid(&host, "c1")).memory_kib(32768));
    assert_eq!(host.virsh(&["list", "--persistent", "--name"]).ok().trim(), "c1");
    assert!(host.dumpxml("c1", &[]).contains("<memory unit='KiB'>65536</memory>"), "the live one stays");
    assert!(host.dumpxml("c1", &["--inactive"]).contains("<memory unit='KiB'>32768</memory>"));
    assert_eq!(events.take(), ["c1 DEFINED/ADDED"]);

    host.virsh(&["undefine", "c1"]).done();
    assert_eq!(host.virsh(&["list", "--transient", "--name"]).ok().trim(), "c1");
    assert_eq!(host.id("c1"), id, "it never stopped");
    assert_eq!(events.take(), ["c1 UNDEFINED/REMOVED"]);

    host.define(&domain.uuid(&uuid(&host, "c1")).memory_kib(32768));
    host.virsh(&["destroy", "c1"]).done();
    assert!(
        host.dumpxml("c1", &[]).contains("<memory unit='KiB'>32768</memory>"),
        "valid from the next start"
    );
}

#[test]
fn what_the_state_does_not_allow_is_refused() {
    let host = Host::start();
    host.container("off", &Init::Plain);
    host.boot("on", &Init::Plain);
    let errors = host.python(
        r#"
off, on = conn.lookupByName("off"), conn.lookupByName("on")
stream = lambda: conn.newStream(0)
say({
    "destroy": error(off.destroy),
    "shutdown": error(off.shutdown),
    "reboot": error(off.reboot, 0),
    "suspend": error(off.suspend),
    "resume": error(off.resume),
    "console": error(off.openConsole, None, stream(), 0),
    "create": error(on.create),
    "resume running": error(on.resume),
    "createXML": error(conn.createXML, on.XMLDesc(0), 0),
})
"#,
    );
    let prefix = "Requested operation is not valid: ";
    for call in ["destroy", "shutdown", "reboot", "suspend", "resume", "console"] {
        assert_eq!(
            errors[call],
            serde_json::json!([55, 20, format!("{prefix}domain is not running")]),
            "{call}"
        );
    }
    assert_eq!(errors["create"], serde_json::json!([55, 17, format!("{prefix}Domain is already running")]));
    let already = serde_json::json!([55, 17, format!("{prefix}domain is already running")]);
    assert_eq!(errors["resume running"], already);
    assert_eq!(errors["createXML"][0], 55);
    assert_eq!(errors["createXML"][2], format!("{prefix}domain 'on' is already active"));
}

#[test]
fn flags_that_nobody_knows_are_refused() {
    let host = Host::start();
    host.boot("c1", &Init::Plain);
    // Ours takes the bits that ask for the removal of what no container has: there is nothing to remove.
    let undefine = host.expect(0x1000, 0x1);
    let errors = host.python(&format!(
        r#"
d = conn.lookupByName("c1")
say({{
    "start paused": error(d.createWithFlags, 1),
    "destroy": error(d.destroyFlags, 1),
    "undefine": error(d.undefineFlags, {undefine}),
    "shutdown": error(d.shutdownFlags, 1),
    "reboot": error(d.reboot, 1),
    "dumpxml": error(d.XMLDesc, 0x1000),
    "define": error(conn.defineXMLFlags, d.XMLDesc(0), 0x2),
    "state": error(d.state, 1),
    "list": error(conn.listAllDomains, 1 << 20),
}})
"#,
    ));
    for (call, bits) in [
        ("start paused", "0x1"),
        ("destroy", "0x1"),
        ("undefine", host.expect("0x1000", "0x1")),
        ("shutdown", "0x1"),
        ("reboot", "0x1"),
        ("dumpxml", "0x1000"),
        ("define", "0x2"),
        ("state", "0x1"),
        ("list", "0x100000"),
    ] {
        let message = errors[call][2].as_str().unwrap_or_default();
        assert_eq!(errors[call][0], 8, "{call}: {message}");
        assert!(
            message.starts_with(&format!("unsupported flags ({bits}) in function ")),
            "{call}: {message}"
        );
    }
    assert_eq!(host.state("c1"), "running (booted)");
}

#[test]
fn autodestroy_ends_with_its_connection() {
    let host = Host::start();
    let root = host.root("c1", &Init::Plain);
    let xml = Domain::new("c1").root(&root).xml();
    let start = format!(
        "conn.createXML({xml:?}, libvirt.VIR_DOMAIN_START_AUTODESTROY)\nsay('started')\nsys.stdin.read()"
    );
    let mut events = host.events();
    // Once with a client that takes its leave, once with one that is killed.
    for times in [1, 2] {
        let mut client = host.python_start(&start);
        assert_eq!(client.hear(), "started");
        host.wait_log_times(&root, "booted", times);
        assert_eq!(host.state("c1"), "running (booted)");
        if times == 1 {
            client.end();
        } else {
            host.kill("KILL", client.pid());
        }
        assert_eq!(events.until("c1 STOPPED/DESTROYED"), ["c1 STARTED/BOOTED", "c1 STOPPED/DESTROYED"]);
        assert_eq!(host.virsh(&["list", "--all", "--name"]).ok().trim(), "");
    }
    // Other clients come and go without effect, and a persistent domain stays defined.
    host.define(&Domain::new("c1").root(&root));
    let mut client = host.python_start(
        "conn.lookupByName('c1').createWithFlags(libvirt.VIR_DOMAIN_START_AUTODESTROY)\nsay('started')\nsys.stdin.read()",
    );
    assert_eq!(client.hear(), "started");
    assert_eq!(host.state("c1"), "running (booted)");
    client.end();
    events.until("c1 STOPPED/DESTROYED");
    assert_eq!(host.state("c1"), "shut off (destroyed)");
}

#[test]
fn a_failed_start_leaves_the_domain_off() {
    let host = Host::start();
    let root = host.root("c1", &Init::Plain);
    let mut events = host.events();
    let broken = Domain::new("c1").root(&root).init("/bin/nope");
    host.define(&broken);
    let error = host.virsh(&["start", "c1"]);
    assert!(error.err().contains("/bin/nope"), "{error:?}");
    assert_eq!(host.state("c1"), "shut off (failed)");
    assert_eq!(events.take(), ["c1 DEFINED/ADDED"]);
    host.virsh(&["undefine", "c1"]).done();

    let error = host.virsh(&["create", &host.xml_file(&broken)]);
    assert!(error.err().contains("/bin/nope"), "{error:?}");
    assert_eq!(host.virsh(&["list", "--all", "--name"]).ok().trim(), "", "a transient one is gone");
}

fn uuid(host: &Host, name: &str) -> String {
    host.virsh(&["domuuid", name]).ok().trim().to_owned()
}
