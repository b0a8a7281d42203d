//! The console of a container, through `virsh console` on a terminal.

use std::time::Duration;

use testkit::{Console, Domain, Host, Init};

/// A program that reads lines and answers each, after a first word nobody was there to hear.
fn parrot() -> Init {
    Init::Script(
        "echo early bird; say booted; while read -r line; do echo \"heard <$line>\"; done; sleep 1000"
            .to_owned(),
    )
}

/// Types a line until the parrot has heard it: virsh drops what is typed before it has the terminal.
fn say(console: &mut Console, word: &str) {
    let tries = 30;
    let heard = (0..tries).any(|_| {
        console.type_line(word);
        console.look_for(&format!("heard <{word}>"), Duration::from_secs(1)).is_some()
    });
    assert!(heard, "nobody hears {word}");
}

#[test]
fn input_and_output_work_and_it_can_be_left() {
    let host = Host::start();
    let _root = host.boot("c1", &parrot());
    let mut console = host.console("c1", &[]);
    say(&mut console, "one");
    console.leave();
    let mut again = host.console("c1", &[]);
    say(&mut again, "two");
    again.leave();
    assert_eq!(host.state("c1"), "running (booted)");
}

#[test]
fn output_before_anybody_looked_is_not_lost() {
    let host = Host::start();
    let _root = host.boot("c1", &parrot());
    host.console("c1", &[]).expect("early bird");
}

/// The incumbent lets two in at once, and each gets a part of the output.
#[test]
fn a_console_has_one_user() {
    let host = Host::start();
    let _root = host.boot("c1", &parrot());
    let mut first = host.console("c1", &[]);
    say(&mut first, "one");
    if !host.subject().is_ours() {
        let refused = host.console("c1", &["--force"]).rest();
        assert!(refused.contains("unsupported flags"), "{refused}");
        return;
    }
    let refused = host.console("c1", &[]).rest();
    assert!(refused.contains("Active console session exists for this domain"), "{refused}");
    let mut second = host.console("c1", &["--force"]);
    say(&mut second, "two");
    let _ = first.rest();
}

#[test]
fn destroy_ends_the_session() {
    let host = Host::start();
    let _root = host.boot("c1", &parrot());
    let mut console = host.console("c1", &[]);
    say(&mut console, "one");
    host.virsh(&["destroy", "c1"]).done();
    let _ = console.rest();
    let mut off = host.console("c1", &[]);
    assert!(off.rest().contains("The domain is not running"));
}

#[test]
fn many_sessions_and_a_lot_of_output() {
    let host = Host::start();
    let root = host.boot(
        "c1",
        &Init::Script(
            "say booted; while read -r line; do echo \"heard <$line>\"; [ \"$line\" = go ] && seq 1 20000; echo \"end\"; done; sleep 1000".to_owned(),
        ),
    );
    for round in 0..10 {
        let mut console = host.console("c1", &[]);
        say(&mut console, "ready");
        console.type_line("go");
        console.expect("heard <go>");
        let text = console.expect("20000\r");
        let lines = text.lines().filter(|line| line.trim().parse::<u32>().is_ok()).count();
        assert_eq!(lines, 20_000, "round {round}");
        console.leave();
    }
    // Nobody looks, and the container goes on.
    host.wait_log(&root, "booted");
    assert_eq!(host.state("c1"), "running (booted)");
}

/// Reads a console in sips, with pauses in which everything between the container and the reader fills up. There is
/// no event loop, or the library would read ahead without limit.
const SIP: &str = r#"
import sys, time, libvirt
size, pattern = 8 << 20, b"0123456789abcde\n"
conn = libvirt.open("lxc:///system")
stream = conn.newStream(0)
conn.lookupByName("c1").openConsole(None, stream, 0)
stream.send(b"go\n")
got, pauses = b"", 0
while len(got) < size:
    more = stream.recv(65536)
    if not more:
        sys.exit(f"the console ends after {len(got)} bytes")
    got += more
    if len(got) >> 20 > pauses:
        pauses += 1
        time.sleep(0.2)
at = next((n for n in range(0, size, 16) if got[n:n + 16] != pattern), None)
print("whole" if at is None else f"broken at {at}: {got[at:at + 16]}")
"#;

#[test]
fn a_slow_reader_gets_every_byte() {
    let host = Host::start();
    let _root = host.boot(
        "c1",
        &Init::Script(
            "stty raw -echo; say booted; head -c 3 >/dev/null; yes 0123456789abcde | head -c 8388608; sleep 1000".to_owned(),
        ),
    );
    assert_eq!(host.run(&["/usr/bin/python3", "-c", SIP]).ok().trim(), "whole");
}

/// Moves a file through a raw console, and says the digest of what came. `out`: from the container.
const CARRY: &str = r#"
import hashlib
SIZE, STEP = 64 << 20, 4 << 20
stream = conn.newStream(0)
conn.lookupByName("c1").openConsole(None, stream, 0)

def out():
    stream.send(b"o")
    digest, got = hashlib.sha256(), 0
    while got < SIZE:
        more = stream.recv(min(262144, SIZE - got))
        digest.update(more)
        if (got + len(more)) // STEP > got // STEP:
            say("goes on")
        got += len(more)
    say(digest.hexdigest())

def into():
    stream.send(b"i")
    with open(sys.stdin.readline().strip(), "rb") as f:
        while part := f.read(STEP):
            while part:
                part = part[stream.send(part):]
            say("goes on")
    say("sent")

out()
into()
stream.finish()
"#;

#[test]
fn random_bytes_pass_unchanged_in_both_directions() {
    let host = Host::start();
    let program = "stty raw -echo; say booted; dd bs=1 count=1 of=/dev/null 2>/dev/null; cat /state/random; dd bs=1 count=1 of=/dev/null 2>/dev/null; head -c 67108864 >/state/got; say got; sleep 1000";
    let root = host.root("c1", &Init::Script(program.to_owned()));
    let random = root.file("/state/random");
    host.run(&["sh", "-c", &format!("head -c 67108864 /dev/urandom >{random}")]).done();
    host.define(&Domain::new("c1").memory_kib(512 << 10).root(&root));
    host.start_container("c1", &root);
    let digest =
        |path: &str| host.run(&["sha256sum", path]).ok().split(' ').next().map(str::to_owned).unwrap();
    let sent = digest(&random);
    let mut client = host.python_start(CARRY);
    let after = |client: &mut testkit::Python| loop {
        let heard = client.hear();
        if heard != "goes on" {
            return heard;
        }
    };
    assert_eq!(after(&mut client), sent.as_str());
    client.tell(&random);
    assert_eq!(after(&mut client), "sent");
    host.wait_log(&root, "got");
    assert_eq!(digest(&root.file("/state/got")), sent);
    client.end();
}

#[test]
fn a_hundred_sessions_one_after_the_other() {
    let host = Host::start();
    let _root = host.boot("c1", &parrot());
    host.python_do(
        r#"
dom = conn.lookupByName("c1")
for n in range(100):
    stream = conn.newStream(0)
    dom.openConsole(None, stream, 0)
    stream.send(b"%d\n" % n)
    wanted, got = b"heard <%d>" % n, b""
    while wanted not in got:
        got += stream.recv(4096)
    stream.finish() if n % 2 else stream.abort()
"#,
    );
    assert_eq!(host.state("c1"), "running (booted)");
}

/// Each has its own terminal, its own readers and its own log. The incumbent ignores `<log>`.
#[test]
fn several_consoles_with_logs() {
    let host = Host::start();
    let program = "echo first >/dev/tty1; echo second >/dev/tty2; read -r line </dev/tty1; say $line; say booted; sleep 1000";
    let root = host.root("c1", &Init::Script(program.to_owned()));
    let logged = |file: &str| {
        format!("<console type='pty'><log file='/var/log/libvirt/{file}' append='on'/></console>")
    };
    let domain = Domain::new("c1").root(&root).device(&logged("one.log"));
    host.define(&domain);
    host.virsh(&["start", "c1"]).done();
    let mut first = host.console("c1", &["--devname", "console0"]);
    first.expect("first");
    first.type_line("typed");
    assert_eq!(host.wait_log(&root, "booted"), ["typed", "booted"]);
    host.console("c1", &["--devname", "console1"]).expect("second");
    if host.subject().is_ours() {
        let log = host.wait_for("/var/log/libvirt/one.log", |text| text.contains("typed"));
        assert_eq!(log, "first\r\ntyped\r\n", "what is typed is echoed");
        assert_eq!(host.run(&["stat", "-c", "%a %u", "/var/log/libvirt/one.log"]).ok().trim(), "600 0");
        // One that cannot be opened fails the start, by its name, and leaves nothing.
        host.define(&Domain::new("c2").root(&root).device(&logged("no/such.log")));
        let before = host.settled();
        let refused = host.virsh(&["start", "c2"]);
        assert!(refused.stderr.contains("/var/log/libvirt/no/such.log"), "{}", refused.stderr);
        host.assert_same(&before, &["c2"]);
    }
}
