//! The daemon goes away and comes back while containers run on, and what it finds in its directories.

use std::time::Duration;

use testkit::{Domain, Host, Init};

/// What a new daemon has to find as it was.
fn identity(host: &Host, name: &str) -> (Option<u32>, u32, u32, String) {
    (host.id(name), host.monitor_pid(name), host.init_pid(name), host.dumpxml(name, &[]))
}

/// Ends the daemon and starts it again, politely or not.
fn restart(host: &Host, politely: bool) {
    if politely {
        host.stop_daemon();
    } else {
        host.kill_daemon();
    }
    host.start_daemon();
}

/// An init that answers every line on its console.
fn echo() -> Init {
    Init::Script(
        "say booted; while read -r line; do echo \"heard $line\"; done; exec sleep 100000".to_owned(),
    )
}

/// Says words to [`echo`] on its console, and hears them again.
fn talk(host: &Host, words: &str) {
    let mut console = host.console("c1", &[]);
    console.expect("Escape character");
    // What is typed before virsh has made the terminal a raw one does not arrive.
    let tries = (0..60).any(|_| {
        console.type_line(words);
        console.look_for(&format!("heard {words}"), Duration::from_millis(500)).is_some()
    });
    assert!(tries, "nobody heard `{words}`");
    console.leave();
}

#[test]
fn containers_outlive_the_daemon() {
    let host = Host::start();
    let bridge = host.bridge("br0", "10.77.0.1/24");
    let root = host.root("c1", &echo());
    let nic =
        "<interface type='bridge'><source bridge='br0'/><ip address='10.77.0.2' prefix='24'/></interface>";
    host.define(&Domain::new("c1").root(&root).device(nic));
    host.start_container("c1", &root);
    let transient = host.root("trans", &Init::Plain);
    host.virsh(&["create", &host.xml_file(&Domain::new("trans").root(&transient))]).done();
    host.wait_log(&transient, "booted");
    let before = ["c1", "trans"].map(|name| identity(&host, name));

    for politely in [true, false] {
        restart(&host, politely);
        assert_eq!(["c1", "trans"].map(|name| identity(&host, name)), before, "politely: {politely}");
        assert_eq!(host.state("c1"), host.expect("running (booted)", "running (unknown)"));
        assert_eq!(host.virsh(&["list", "--transient", "--name"]).ok().trim(), "trans");
        assert_eq!(host.virsh(&["list", "--persistent", "--name"]).ok().trim(), "c1");
        assert!(host.pings("10.77.0.2"));
        talk(&host, &format!("politely {politely}"));
    }
    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(host.state("c1"), "shut off (destroyed)");
    assert_eq!(bridge.ports(), [""; 0]);
    host.start_container("c1", &root);
    assert_eq!(host.state("c1"), "running (booted)");
}

#[test]
fn a_paused_container_stays_paused() {
    let host = Host::start();
    let root =
        host.boot("c1", &Init::Script("say booted; while :; do date +%s%N >/state/clock; done".to_owned()));
    host.virsh(&["suspend", "c1"]).done();
    host.kill_daemon();
    let clock = host.read(&root.file("/state/clock"));
    host.start_daemon();
    // The incumbent takes every container that it finds for a running one.
    assert_eq!(host.state("c1"), host.expect("paused (user)", "running (unknown)"));
    assert_eq!(host.read(&root.file("/state/clock")), clock, "nobody has resumed it");
    if host.subject().is_ours() {
        host.virsh(&["resume", "c1"]).done();
        assert_eq!(host.state("c1"), "running (unpaused)");
        host.wait_for(&root.file("/state/clock"), |now| !now.is_empty() && now != clock);
        restart(&host, false);
        assert_eq!(host.state("c1"), "running (unpaused)", "the reason is kept, too");
        host.virsh(&["suspend", "c1"]).done();
        restart(&host, true);
    }
    let destroyed = host.virsh(&["destroy", "c1"]);
    if host.subject().is_ours() {
        destroyed.done();
        assert_eq!(host.state("c1"), "shut off (destroyed)");
    } else {
        // What it does not know to be frozen it cannot kill.
        assert!(destroyed.err().contains("Some processes refused to die"));
    }
}

#[test]
fn ends_after_a_restart_are_told_as_always() {
    let host = Host::start();
    let roots = ["stops", "dies", "destroyed"].map(|name| (name, host.boot(name, &Init::Plain)));
    restart(&host, false);
    let mut events = host.events();
    host.virsh(&["shutdown", "stops", "--mode", "signal"]).done();
    events.until("stops STOPPED/SHUTDOWN");
    assert_eq!(host.state("stops"), "shut off (shutdown)");

    host.kill("KILL", host.init_pid("dies"));
    // To the incumbent every end that nobody asked for is a shutdown.
    let (event, state) = host.expect(("CRASHED", "crashed"), ("SHUTDOWN", "shutdown"));
    events.until(&format!("dies STOPPED/{event}"));
    assert_eq!(host.state("dies"), format!("shut off ({state})"));

    host.virsh(&["destroy", "destroyed"]).done();
    assert_eq!(events.take(), ["destroyed STOPPED/DESTROYED"]);
    for (name, root) in roots {
        host.start_container(name, &root);
    }
}

#[test]
fn an_end_while_the_daemon_was_away_is_found() {
    let host = Host::start();
    let before = host.settled();
    let signals = [("stops", "TERM"), ("dies", "KILL")];
    for (name, _) in signals {
        host.boot(name, &Init::Plain);
    }
    let root = host.root("trans", &Init::Plain);
    host.virsh(&["create", &host.xml_file(&Domain::new("trans").root(&root))]).done();
    host.wait_log(&root, "booted");
    let inits = ["stops", "dies", "trans"].map(|name| host.init_pid(name));
    host.kill_daemon();
    for (init, signal) in inits.into_iter().zip(["TERM", "KILL", "TERM"]) {
        host.kill(signal, init);
    }
    for name in ["stops", "dies", "trans"] {
        let file = format!("/run/libvirt/lxc/{name}.pid");
        if host.subject().is_ours() {
            host.wait_for(&file, str::is_empty);
        }
    }
    host.start_daemon();
    let mut states = ["stops", "dies"].map(|name| host.state(name));
    if !host.subject().is_ours() {
        // The incumbent does not know how it was, and says one of two things.
        for state in &mut states {
            assert!(["shut off (failed)", "shut off (unknown)"].contains(&state.as_str()), "{state}");
        }
    } else {
        assert_eq!(states, ["shut off (shutdown)", "shut off (crashed)"]);
    }
    let list = host.virsh(&["list", "--all", "--name"]).ok().to_owned();
    // The incumbent keeps a transient domain that has ended unseen.
    let left = host.expect(&["dies", "stops"][..], &["dies", "stops", "trans"]);
    assert_eq!(list.split_whitespace().collect::<Vec<_>>(), left, "the transient one is gone");
    for (name, _) in signals {
        host.virsh(&["undefine", name]).done();
    }
    // The daemon is another process; logs, roots, and the partition of all domains stay.
    let stays =
        ["process", "/log/libvirt", "/libvirt/filesystems", "idranges.json", "/machine (", "descriptor"];
    if host.subject().is_ours() {
        // The incumbent leaves the control groups, and the directories of each container in /run.
        host.assert_same(&before, &stays);
    }
    assert_eq!(host.run(&["pgrep", "-f", "libvirt_lxc --name"]).stdout, "", "a monitor is left");
}

#[test]
fn the_death_of_a_monitor_ends_its_domain_and_frees_everything() {
    let host = Host::start();
    let bridge = host.bridge("br0", "10.77.0.1/24");
    let root = host.root("c1", &Init::Plain);
    let nic = "<interface type='bridge'><source bridge='br0'/></interface>";
    host.define(&Domain::new("c1").root(&root).device(nic));
    // What the first start makes and leaves is no matter of this test.
    host.start_container("c1", &root);
    host.virsh(&["destroy", "c1"]).done();
    let other = host.boot("other", &Init::Plain);
    let others = identity(&host, "other");
    let before = host.settled();
    let mut events = host.events();

    host.start_container("c1", &root);
    let init = host.init_pid("c1");
    host.kill("KILL", host.monitor_pid("c1"));
    // The incumbent says one thing in the event and another in the state.
    let (event, state) = host.expect(("CRASHED", "crashed"), ("FAILED", "shutdown"));
    events.until(&format!("c1 STOPPED/{event}"));
    assert_eq!(host.state("c1"), format!("shut off ({state})"));
    drop(events);
    assert!(!host.exists(&format!("/proc/{init}")), "init lives on");
    assert_eq!(identity(&host, "other"), others);
    host.assert_same(&before, &[]);
    assert_eq!(bridge.ports(), [""; 0]);
    host.start_container("c1", &root);
    assert_eq!(host.wait_log(&other, "booted").len(), 1);
}

/// What the incumbent writes above every definition.
const HEADER: &str = "<!--\nWARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE\n\
    OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:\n  virsh edit c1\n\
    or other application using the libvirt API.\n-->\n\n";

#[test]
fn definitions_are_read_whoever_wrote_them() {
    let host = Host::without_daemon();
    let root = host.root("c1", &Init::Plain);
    host.write("/etc/libvirt/lxc/c1.xml", &format!("{HEADER}{}", Domain::new("c1").root(&root).xml()));
    let by_hand = Domain::new("hand").init("/bin/true").element("<!-- mine --><title>by hand</title>").xml();
    host.write("/etc/libvirt/lxc/hand.xml", &format!("<?xml version='1.0' encoding='UTF-8'?>\n{by_hand}"));
    host.start_daemon();
    let list = host.virsh(&["list", "--all", "--name", "--persistent"]).ok().to_owned();
    assert_eq!(list.split_whitespace().collect::<Vec<_>>(), ["c1", "hand"]);
    assert_eq!(host.virsh(&["desc", "hand", "--title"]).ok().trim(), "by hand");
    host.start_container("c1", &root);
    assert_eq!(host.state("c1"), "running (booted)");
}

#[test]
fn what_is_no_definition_is_ignored() {
    let host = Host::without_daemon();
    let config = "/etc/libvirt/lxc";
    let xml = |name: &str| Domain::new(name).init("/bin/true").xml();
    host.write(&format!("{config}/good.xml"), &xml("good"));
    host.write(&format!("{config}/garbage.xml"), "<domain type='lxc'><name>garb");
    host.write(&format!("{config}/binary.xml"), "\u{0}\u{1}\u{2}");
    host.write(&format!("{config}/empty.xml"), "");
    host.write(&format!("{config}/other.xml"), &xml("mismatched"));
    host.write(&format!("{config}/backup.xml.orig"), &xml("backup"));
    host.run(&["mkdir", "-p", &format!("{config}/directory.xml")]).done();
    if host.subject().is_ours() {
        // The incumbent opens it and waits for a writer, for ever.
        host.run(&["mkfifo", &format!("{config}/fifo.xml")]).done();
        host.run(&["ln", "-s", "/dev/zero", &format!("{config}/zero.xml")]).done();
    }
    let before = host.names_in(config);
    host.start_daemon();
    // The incumbent goes by the name inside.
    let list = host.virsh(&["list", "--all", "--name"]).ok().to_owned();
    assert_eq!(
        list.split_whitespace().collect::<Vec<_>>(),
        host.expect(&["good"][..], &["good", "mismatched"])
    );
    let mut names = host.names_in(config);
    names.retain(|name| name != "autostart");
    assert_eq!(names, before, "nothing of it is touched");
    let log = host.daemon_log();
    for file in ["garbage.xml", "other.xml", "fifo.xml"] {
        assert!(!host.subject().is_ours() || log.contains(file), "{file} is not named: {log}");
    }
}

#[test]
fn autostart_is_a_link_in_libvirts_place() {
    let host = Host::without_daemon();
    let root = host.root("linked", &Init::Plain);
    host.write("/etc/libvirt/lxc/linked.xml", &Domain::new("linked").root(&root).xml());
    host.run(&["mkdir", "-p", "/etc/libvirt/lxc/autostart"]).done();
    let link = "/etc/libvirt/lxc/autostart/linked.xml";
    host.run(&["ln", "-s", "/etc/libvirt/lxc/linked.xml", link]).done();
    host.start_daemon();
    host.wait_log(&root, "booted");
    assert!(host.exists("/run/libvirt/lxc/autostarted"));
    assert!(
        host.virsh(&["dominfo", "linked"])
            .ok()
            .lines()
            .any(|line| line.split_whitespace().eq(["Autostart:", "enable"]))
    );

    host.virsh(&["destroy", "linked"]).done();
    restart(&host, true);
    assert_eq!(host.state("linked"), "shut off (unknown)", "once per boot of the host");
    host.virsh(&["autostart", "linked", "--disable"]).done();
    assert!(!host.exists(link));
    host.virsh(&["autostart", "linked"]).done();
    let target = host.run(&["readlink", link]).ok().trim().to_owned();
    assert_eq!(target, "/etc/libvirt/lxc/linked.xml");
}
