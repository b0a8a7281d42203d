//! Every init that Debian has, from untouched trees: boots to its login prompt, and does what it is asked to.
//!
//! Only against ours: root in the incumbent's container is root of the machine, and the shutdown scripts of a
//! distribution set clocks and turn off swap.

use testkit::{Console, Domain, Events, Host, Image};

/// A machine on a tree, and what watches it.
struct Machine<'h> {
    host: &'h Host,
    events: Events<'h>,
}

/// Runs the whole life of a machine, unless the incumbent is under test. `prepare` sees the tree before the first boot.
fn live(
    tree: &str,
    init: &str,
    arguments: &[&str],
    prepare: impl Fn(&Host, &Image),
    life: impl Fn(&mut Machine<'_>),
) {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let image = host.image(tree, "m");
    prepare(&host, &image);
    let arguments: String = arguments.iter().map(|word| format!("<initarg>{word}</initarg>")).collect();
    let domain = Domain::new("m").memory_kib(512 << 10).init(init).os(&arguments).device(&image.root());
    host.define(&domain);
    let mut events = host.events();
    let _ = events.take();
    life(&mut Machine { host: &host, events });
}

fn untouched(_: &Host, _: &Image) {}

impl Machine<'_> {
    /// Starts it and waits for the login prompt; returns the console.
    fn boot(&mut self) -> Console {
        self.host.virsh(&["start", "m"]).done();
        let mut console = self.host.console("m", &[]);
        console.expect("login:");
        assert_eq!(self.events.until("m STARTED/BOOTED"), ["m STARTED/BOOTED"]);
        console
    }

    /// One request, and the machine is up again: same id, same console.
    fn reboot(&mut self, console: &mut Console) {
        let id = self.host.id("m");
        self.host.virsh(&["reboot", "m"]).done();
        self.is_back(console, id);
    }

    fn reboot_from_inside(&mut self, console: &mut Console, argv: &[&str]) {
        let id = self.host.id("m");
        let _ = self.host.inside_as_root("m", argv);
        self.is_back(console, id);
    }

    fn is_back(&mut self, console: &mut Console, id: Option<u32>) {
        assert_eq!(self.events.until("m REBOOT"), ["m REBOOT"]);
        console.expect("login:");
        assert_eq!(self.host.id("m"), id);
        assert_eq!(self.host.state("m"), "running (booted)");
    }

    /// One request, and it is off.
    fn shut_down(&mut self) {
        self.host.virsh(&["shutdown", "m"]).done();
        self.is_off();
    }

    fn power_off_from_inside(&mut self, argv: &[&str]) {
        let _ = self.host.inside_as_root("m", argv);
        self.is_off();
    }

    fn is_off(&mut self) {
        assert_eq!(self.events.until("m STOPPED/SHUTDOWN"), ["m STOPPED/SHUTDOWN"]);
        assert_eq!(self.host.state("m"), "shut off (shutdown)");
    }
}

/// What a machine does whose own tools reboot it, halt it and power it off.
fn whole_life(machine: &mut Machine<'_>, reboot: &[&str], power_off: &[&str], halt: &[&str]) {
    let mut console = machine.boot();
    machine.reboot(&mut console);
    machine.reboot_from_inside(&mut console, reboot);
    machine.shut_down();
    machine.boot();
    machine.power_off_from_inside(power_off);
    machine.boot();
    machine.power_off_from_inside(halt);
}

#[test]
fn sysvinit() {
    live("sysvinit", "/sbin/init", &[], untouched, |machine| {
        whole_life(machine, &["/sbin/reboot"], &["/sbin/poweroff"], &["/sbin/halt"]);
        // By its signals alone, too.
        let mut console = machine.boot();
        machine.host.virsh(&["reboot", "m", "--mode", "signal"]).done();
        assert_eq!(machine.events.until("m REBOOT"), ["m REBOOT"]);
        console.expect("login:");
    });
}

#[test]
fn sysvinit_with_openrc() {
    live("inits", "/sbin/init", &[], untouched, |machine| {
        whole_life(machine, &["/sbin/reboot"], &["/sbin/poweroff"], &["/sbin/halt"]);
    });
}

/// Debian's OpenRC leaves gettys to sysvinit, so the console is watched for the last runlevel instead of a prompt.
#[test]
fn openrc_init() {
    live("inits", "/sbin/openrc-init", &[], untouched, |machine| {
        let ready = "Starting default runlevel";
        machine.host.virsh(&["start", "m"]).done();
        let mut console = machine.host.console("m", &[]);
        console.expect(ready);
        assert_eq!(machine.events.until("m STARTED/BOOTED"), ["m STARTED/BOOTED"]);
        machine.host.virsh(&["reboot", "m"]).done();
        assert_eq!(machine.events.until("m REBOOT"), ["m REBOOT"]);
        console.expect(ready);
        let _ = machine.host.inside_as_root("m", &["/sbin/openrc-shutdown", "--reboot", "now"]);
        assert_eq!(machine.events.until("m REBOOT"), ["m REBOOT"]);
        console.expect(ready);
        machine.shut_down();
        machine.host.virsh(&["start", "m"]).done();
        machine.host.console("m", &[]).expect(ready);
        assert_eq!(machine.events.until("m STARTED/BOOTED"), ["m STARTED/BOOTED"]);
        machine.power_off_from_inside(&["/sbin/openrc-shutdown", "--poweroff", "now"]);
    });
}

#[test]
fn runit() {
    live("inits", "/lib/runit/runit-init", &[], untouched, |machine| {
        let ask = |level| ["/lib/runit/runit-init", level];
        let mut console = machine.boot();
        machine.reboot(&mut console);
        machine.reboot_from_inside(&mut console, &ask("6"));
        machine.shut_down();
        machine.boot();
        machine.power_off_from_inside(&ask("0"));
    });
}

#[test]
fn finit() {
    live("inits", "/sbin/finit", &[], untouched, |machine| {
        let ask = |verb| ["/lib/finit/initctl", verb];
        whole_life(machine, &ask("reboot"), &ask("poweroff"), &ask("halt"));
    });
}

/// Writes a script into the tree: a supervisor without a machine's configuration needs one.
fn script(host: &Host, image: &Image, path: &str, text: &str) {
    let path = format!("{}{path}", image.path());
    let write =
        format!("mkdir -p $(dirname {path}); printf '#!/bin/sh\\n{text}\\n' >{path}; chmod 755 {path}");
    host.run(&["sh", "-c", &write]).done();
}

fn scan_directory(host: &Host, image: &Image) {
    script(host, image, "/etc/s6/getty/run", "exec /sbin/getty --noclear 38400 tty1");
}

/// As s6-linux-init sets it up: a script for each signal.
#[test]
fn s6_as_the_init_of_a_machine() {
    let prepare = |host: &Host, image: &Image| {
        scan_directory(host, image);
        for (signal, how) in [("SIGUSR1", "poweroff"), ("SIGINT", "reboot"), ("SIGUSR2", "halt")] {
            let text = format!("echo {how} >/run/how; exec s6-svscanctl -t .");
            script(host, image, &format!("/etc/s6/.s6-svscan/{signal}"), &text);
        }
        script(host, image, "/etc/s6/.s6-svscan/finish", "exec /sbin/$(cat /run/how) -f");
    };
    live("inits", "/usr/bin/s6-svscan", &["/etc/s6"], prepare, |machine| {
        let mut console = machine.boot();
        machine.reboot(&mut console);
        machine.shut_down();
    });
}

/// Started by hand it has no idea of machines: it ends, and for a reboot is run again.
#[test]
fn s6_as_a_supervisor() {
    live("inits", "/usr/bin/s6-svscan", &["/etc/s6"], scan_directory, |machine| {
        let mut console = machine.boot();
        machine.reboot(&mut console);
        machine.shut_down();
    });
}

/// These wait for every signal and pass it on, and end with the status of what they run.
#[test]
fn programs_that_pass_signals_on() {
    for init in ["/usr/bin/dumb-init", "/usr/bin/tini"] {
        let getty = ["--", "/sbin/getty", "--noclear", "38400", "tty1"];
        live("inits", init, &getty, untouched, |machine| {
            let mut console = machine.boot();
            machine.reboot(&mut console);
            machine.shut_down();
        });
    }
}
