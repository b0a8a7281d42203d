//! R16 and R17: documents and names.

use std::time::Instant;

use protocol::calls;
use testkit::Host;

use crate::bed::{cpu_time, define, document, figure, memory};
use crate::raw::Raw;

const HEAD: &str =
    "<domain type='lxc'><name>x</name><memory>65536</memory><os><type>exe</type><init>/bin/true</init></os>";

fn with(devices: &str) -> String {
    format!("{HEAD}<devices>{devices}</devices></domain>")
}

/// Documents that nobody needs, and whether they must be refused.
fn corpus() -> Vec<(&'static str, String, bool)> {
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10))).collect();
    let doctype = |dtd: &str, text: &str| format!("<!DOCTYPE d [{dtd}]>{HEAD}<title>{text}</title></domain>");
    vec![
        ("billion laughs", doctype(&format!("<!ENTITY l0 'ha'>{laughs}"), "&l9;"), true),
        (
            "quadratic blowup",
            doctype(&format!("<!ENTITY a '{}'>", "a".repeat(50_000)), &"&a;".repeat(5000)),
            true,
        ),
        ("external file", doctype("<!ENTITY f SYSTEM 'file:///etc/passwd'>", "&f;"), true),
        ("external fifo", doctype("<!ENTITY f SYSTEM 'file:///dev/zero'>", "&f;"), true),
        ("external http", doctype("<!ENTITY f SYSTEM 'http://127.0.0.1:9/'>", "&f;"), true),
        ("parameter entity", doctype("<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;", "x"), true),
        ("empty DOCTYPE", doctype("", "x"), true),
        (
            "depth of 100,000",
            format!("{HEAD}{}{}</domain>", "<a>".repeat(100_000), "</a>".repeat(100_000)),
            true,
        ),
        (
            "100,000 attributes",
            with(&format!("<console {}/>", (0..100_000).map(|n| format!("a{n}='' ")).collect::<String>())),
            true,
        ),
        ("200,000 devices", with(&"<console/>".repeat(200_000)), true),
        ("NUL", with("\0"), true),
        ("control character", with("\u{1}"), true),
        ("no end", format!("{}<bad", "\n".repeat(70_000)), true),
        ("a long line that ends nowhere", format!("{HEAD}<title>{}", "y".repeat(1 << 20)), true),
        ("CDATA", format!("{HEAD}<title><![CDATA[<&]]></title></domain>"), false),
        ("instructions", format!("<?a b?>{HEAD}<?c d?></domain><?e f?>"), false),
        ("byte order mark", format!("\u{feff}{HEAD}</domain>"), false),
        ("another encoding", format!("<?xml version='1.0' encoding='EBCDIC-CP-US'?>{HEAD}</domain>"), false),
        ("long text", format!("{HEAD}<description>{}</description></domain>", "z".repeat(3 << 20)), false),
    ]
}

#[test]
fn r16_hostile_documents() {
    let host = Host::start();
    let mut raw = Raw::open(&host.socket());
    let mut longest = 0;
    for (name, xml, refuse) in corpus() {
        // The incumbent compares each attribute with each: more than a minute.
        if name == "100,000 attributes" && !host.subject().is_ours() {
            continue;
        }
        let mebibytes = xml.len() as f64 / f64::from(1 << 20);
        let before = memory(&host, "VmRSS");
        let (began, used) = (Instant::now(), cpu_time(&host));
        // Nothing above is too long for a message, but the incumbent may close when it has had enough.
        let result = define(&mut raw, &xml);
        let time = began.elapsed();
        if let Err(error) = &result {
            longest = longest.max(error.message.len());
        }
        if name == "quadratic blowup" {
            figure(&host, "R16", "ms for a document of 340 KB that would become 250 MB", time.as_millis());
        }
        if name == "200,000 devices" {
            let outcome = if result.is_ok() { "accepted" } else { "refused" };
            let grown = memory(&host, "VmRSS") - before;
            figure(
                &host,
                "R16",
                "a document with 200,000 consoles",
                format!("{outcome}, {} ms, {grown} MiB", time.as_millis()),
            );
        }
        if host.subject().is_ours() {
            assert_eq!(result.is_err(), refuse, "{name}: {result:?}");
            // An unoptimised build may take ten times the 50 ms for each MiB: what is not linear still shows.
            let used = cpu_time(&host) - used;
            assert!(used < 0.3 + mebibytes * 0.5, "{name}: {used} s");
        }
        if let Ok(dom) = result {
            raw.call(&calls::DomainUndefine { dom }).unwrap();
        }
    }
    figure(&host, "R16", "longest error text, bytes", longest);
    if host.subject().is_ours() {
        assert!(longest <= 1024, "{longest}");
    }
    // Not UTF-8, in a message of its own: a string there is bytes.
    let body = [&7_u32.to_be_bytes()[..], b"<a>\xff</", &[0]].concat();
    assert_eq!(raw.call_raw(protocol::header::REMOTE, 11, &body).header.status.0, 1);
    raw.call(&calls::ConnectGetLibVersion {}).unwrap();
}

#[test]
fn r17_names() {
    let host = Host::start();
    let mut raw = Raw::open(&host.socket());
    let long = "n".repeat(247);
    // The name as XML, whether ours takes it, whether the incumbent does.
    let names = [
        ("a/b", false, false),
        ("", false, false),
        ("a&#10;b", false, false),
        (".", false, true),
        ("..", false, true),
        ("a&#9;b", false, true),
        ("a&#127;b", false, true),
        (&format!("{long}n"), false, true),
        (&long, true, true),
        ("a&#x202e;b", true, true),
        (" lead", true, true),
        ("-x", true, true),
        ("%s%n", true, true),
        ("$(id)", true, true),
        ("a;b'c", true, true),
        ("\u{540d}\u{524d}", true, true),
    ];
    for (name, ours, theirs) in names {
        let result = define(&mut raw, &document(name));
        let accepted = host.expect(ours, theirs);
        // The incumbent finds out too late that a file name is too long; what it says then does not matter here.
        if name.len() > 240 && !host.subject().is_ours() {
            continue;
        }
        assert_eq!(result.is_ok(), accepted, "{name}: {result:?}");
        if let Ok(dom) = result {
            assert!(host.exists(&format!("/etc/libvirt/lxc/{}.xml", dom.name)), "{name}");
            raw.call(&calls::DomainUndefine { dom }).unwrap();
        }
    }
    let refused = names.iter().filter(|(_, ours, theirs)| !host.expect(*ours, *theirs)).count();
    figure(&host, "R17", "odd names refused, of 16", refused);
    let raw_byte = |c: char| runtime_special(c) && c != '\n';
    if host.subject().is_ours() {
        assert!(!host.daemon_log().contains(raw_byte), "{}", host.daemon_log());
    }
}

/// What moves a cursor or changes the direction of text.
fn runtime_special(c: char) -> bool {
    c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
}
