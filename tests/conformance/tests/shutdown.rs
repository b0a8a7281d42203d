//! Shutdown and reboot, asked for by the API and done from inside, with several kinds of init.

use serde_json::json;
use testkit::{Host, Init, Root};

/// Runs the program's handler for USR1 and waits for its line: whatever signal was sent before has come too.
fn log_after_usr1(host: &Host, root: &Root) -> Vec<String> {
    host.kill("USR1", host.init_pid("c1"));
    host.wait_log(root, "USR1")
}

/// A program that logs every signal which could mean something to an init, and obeys none.
fn listener() -> Init {
    Init::Script(
        "for s in TERM INT HUP USR1 USR2 PWR; do trap \"say $s\" $s; done
         say booted; while :; do sleep 1000 & wait $!; done"
            .to_owned(),
    )
}

#[test]
fn initctl_is_asked_first() {
    let host = Host::start();
    let root = host.boot("c1", &Init::Initctl);
    let mut events = host.events();
    host.virsh(&["reboot", "c1"]).done();
    events.until("c1 REBOOT");
    assert_eq!(host.wait_log_times(&root, "booted", 2), ["booted", "initctl 6", "booted"]);
    host.virsh(&["shutdown", "c1"]).done();
    assert_eq!(events.until("c1 STOPPED/SHUTDOWN"), ["c1 STOPPED/SHUTDOWN"]);
    assert_eq!(host.state("c1"), "shut off (shutdown)");

    host.start_container("c1", &root);
    host.virsh(&["shutdown", "c1", "--mode", "initctl"]).done();
    events.until("c1 STOPPED/SHUTDOWN");
    assert_eq!(host.wait_log(&root, "initctl 0").iter().filter(|line| *line == "initctl 0").count(), 2);
}

/// The incumbent reports success and does nothing when there is no initctl.
#[test]
fn a_busybox_init_shuts_down_and_reboots_by_default() {
    let host = Host::start();
    let root = host.boot("c1", &Init::Busybox);
    let mut events = host.events();
    host.virsh(&["reboot", "c1"]).done();
    if host.subject().is_ours() {
        assert_eq!(events.until("c1 REBOOT"), ["c1 REBOOT"]);
        assert_eq!(host.wait_log_times(&root, "booted", 2), ["booted", "stopping", "booted"]);
    }
    host.virsh(&["shutdown", "c1"]).done();
    if host.subject().is_ours() {
        assert_eq!(events.until("c1 STOPPED/SHUTDOWN"), ["c1 STOPPED/SHUTDOWN"]);
        assert_eq!(host.state("c1"), "shut off (shutdown)");
    } else {
        assert_eq!(host.state("c1"), "running (booted)");
        assert_eq!(host.wait_log(&root, "booted"), ["booted"]);
        assert!(events.take().is_empty());
    }
}

/// SIGTERM, the only signal the incumbent knows for a shutdown, means reboot to busybox.
#[test]
fn mode_signal_sends_what_a_busybox_init_understands() {
    let host = Host::start();
    let root = host.boot("c1", &Init::Busybox);
    let mut events = host.events();
    host.virsh(&["shutdown", "c1", "--mode", "signal"]).done();
    let end = host.expect("c1 STOPPED/SHUTDOWN", "c1 REBOOT");
    assert_eq!(events.until(end), [end]);
    if host.subject().is_ours() {
        assert_eq!(host.wait_log(&root, "stopping"), ["booted", "stopping"]);
    } else {
        assert_eq!(host.wait_log_times(&root, "booted", 2), ["booted", "stopping", "booted"]);
    }
}

#[test]
fn a_plain_program_is_terminated() {
    let host = Host::start();
    let root = host.boot("c1", &Init::Plain);
    let mut events = host.events();
    host.virsh(&["shutdown", "c1", "--mode", "signal"]).done();
    assert_eq!(events.until("c1 STOPPED/SHUTDOWN"), ["c1 STOPPED/SHUTDOWN"]);
    assert_eq!(host.state("c1"), "shut off (shutdown)");
    assert_eq!(host.wait_log(&root, "TERM"), ["booted", "TERM"]);

    // By default the incumbent does nothing here either.
    if host.subject().is_ours() {
        host.start_container("c1", &root);
        host.virsh(&["shutdown", "c1"]).done();
        events.until("c1 STOPPED/SHUTDOWN");
        host.wait_log_times(&root, "TERM", 2);

        host.start_container("c1", &root);
        let _ = events.take();
        host.virsh(&["reboot", "c1"]).done();
        assert_eq!(events.until("c1 REBOOT"), ["c1 REBOOT"], "terminated and run again");
        host.wait_log_times(&root, "booted", 4);
        assert_eq!(host.state("c1"), "running (booted)");
    }
}

#[test]
fn the_signals_of_the_incumbent_to_a_program_that_handles_all() {
    let host = Host::start();
    let root = host.boot("c1", &listener());
    host.virsh(&["shutdown", "c1"]).done();
    let log = log_after_usr1(&host, &root);
    assert_eq!(log, host.expect(vec!["booted", "TERM", "USR1"], vec!["booted", "USR1"]));
    assert_eq!(host.state("c1"), "running (booted)", "it may refuse");
}

/// What cannot be done is an error, not a success without effect.
#[test]
fn a_request_that_nobody_would_hear_is_refused() {
    let host = Host::start();
    host.boot("c1", &Init::Deaf);
    let answers = host.python(
        r#"
d = conn.lookupByName("c1")
INITCTL, SIGNAL = libvirt.VIR_DOMAIN_SHUTDOWN_INITCTL, libvirt.VIR_DOMAIN_SHUTDOWN_SIGNAL
say([error(d.shutdownFlags, 0), error(d.shutdownFlags, INITCTL), error(d.shutdownFlags, SIGNAL),
     error(d.shutdownFlags, INITCTL | SIGNAL), error(d.reboot, INITCTL)])
"#,
    );
    for answer in answers.as_array().unwrap() {
        assert_eq!(answer[0], host.expect(json!(84), json!("no error")), "{answer}");
    }
    assert_eq!(host.state("c1"), "running (booted)");
}

#[test]
fn poweroff_from_inside() {
    let host = Host::start();
    let mut events = host.events();
    let root = host.container("c1", &Init::Script("say booted; poweroff -f".to_owned()));
    let _ = events.take();
    host.virsh(&["start", "c1"]).done();
    assert_eq!(events.until("c1 STOPPED/SHUTDOWN"), ["c1 STARTED/BOOTED", "c1 STOPPED/SHUTDOWN"]);
    assert_eq!(host.state("c1"), "shut off (shutdown)");
    assert_eq!(host.wait_log(&root, "booted"), ["booted"]);

    let root = host.boot("c2", &Init::Busybox);
    let mut console = host.console("c2", &[]);
    console.expect("inside> ");
    console.type_line("poweroff");
    events.until("c2 STOPPED/SHUTDOWN");
    assert_eq!(host.wait_log(&root, "stopping"), ["booted", "stopping"]);
}

#[test]
fn reboot_from_inside_restarts_in_place() {
    let host = Host::start();
    let root = host.container(
        "c1",
        &Init::Script("[ -e /state/first ] && go=1; touch /state/first; say booted; [ $go ] || cat /state/gate; [ $go ] || reboot -f; sleep 1000".to_owned()),
    );
    host.run(&["mkfifo", &root.file("/state/gate")]).done();
    host.start_container("c1", &root);
    let mut events = host.events();
    let (id, monitor, init) = (host.id("c1"), host.monitor_pid("c1"), host.init_pid("c1"));
    host.run(&["sh", "-c", &format!("echo go >{}", root.file("/state/gate"))]).done();
    assert_eq!(events.until("c1 REBOOT"), ["c1 REBOOT"]);
    host.wait_log_times(&root, "booted", 2);
    assert_eq!(host.state("c1"), "running (booted)");
    assert_ne!(host.init_pid("c1"), init);
    // The id is a pid that clients use: the incumbent's supervisor is a new one after every reboot.
    let same = host.id("c1") == id && host.monitor_pid("c1") == monitor;
    assert_eq!(same, host.expect(true, false));
    assert!(events.take().is_empty(), "nothing but the reboot");
}

/// Only halt, poweroff and exit status 0 are a shutdown; the incumbent calls everything one.
#[test]
fn an_init_that_fails_has_crashed() {
    let host = Host::start();
    let mut events = host.events();
    for (name, program, ours) in [
        ("ok", "say booted; exit 0", "shutdown"),
        ("failed", "say booted; exit 3", "crashed"),
        ("halted", "say booted; halt -f", "shutdown"),
    ] {
        host.container(name, &Init::Script(program.to_owned()));
        let _ = events.take();
        host.virsh(&["start", name]).done();
        let how = host.expect(ours, "shutdown");
        let last = format!("{name} STOPPED/{}", how.to_uppercase());
        assert_eq!(events.until(&last), [format!("{name} STARTED/BOOTED"), last]);
        assert_eq!(host.state(name), format!("shut off ({how})"));
    }
    host.boot("killed", &Init::Deaf);
    let _ = events.take();
    host.kill("KILL", host.init_pid("killed"));
    let how = host.expect("crashed", "shutdown");
    events.until(&format!("killed STOPPED/{}", how.to_uppercase()));
    assert_eq!(host.state("killed"), format!("shut off ({how})"));
}

/// The incumbent parses `<on_reboot>` and then reboots for ever.
#[test]
fn on_reboot_destroy_ends_the_domain() {
    let host = Host::start();
    let init = "say booted; [ $(grep -c booted /state/log) = 1 ] && reboot -f; sleep 1000";
    let root = host.root("c1", &Init::Script(init.to_owned()));
    host.define(&testkit::Domain::new("c1").root(&root).element("<on_reboot>destroy</on_reboot>"));
    let mut events = host.events();
    host.virsh(&["start", "c1"]).done();
    if host.subject().is_ours() {
        let seen = events.until("c1 STOPPED/SHUTDOWN");
        assert_eq!(seen, ["c1 STARTED/BOOTED", "c1 STOPPED/SHUTDOWN"]);
        assert_eq!(host.wait_log(&root, "booted"), ["booted"]);
    } else {
        assert_eq!(events.until("c1 REBOOT"), ["c1 STARTED/BOOTED", "c1 REBOOT"]);
        host.wait_log_times(&root, "booted", 2);
    }
}

#[test]
fn a_change_of_the_definition_waits_for_a_real_stop() {
    let host = Host::start();
    let root = host.boot("c1", &Init::Initctl);
    let uuid = host.virsh(&["domuuid", "c1"]).ok().trim().to_owned();
    host.define(&testkit::Domain::new("c1").root(&root).uuid(&uuid).memory_kib(32768));
    let mut events = host.events();
    host.virsh(&["reboot", "c1"]).done();
    events.until("c1 REBOOT");
    host.wait_log_times(&root, "booted", 2);
    // A reboot is no stop; the incumbent makes it one.
    let memory = host.expect("<memory unit='KiB'>65536</memory>", "<memory unit='KiB'>32768</memory>");
    let live = host.dumpxml("c1", &[]);
    assert!(live.contains(memory), "{memory} in {live}");
    host.virsh(&["shutdown", "c1"]).done();
    events.until("c1 STOPPED/SHUTDOWN");
    assert!(host.dumpxml("c1", &[]).contains("<memory unit='KiB'>32768</memory>"));
}
