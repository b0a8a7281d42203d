//! Title, description, and other programs' elements.

use testkit::{Domain, Host, Init};

#[test]
fn each_change_is_told_once_and_kept() {
    let host = Host::start();
    let root = host.root("c1", &Init::Plain);
    host.define(&Domain::new("c1").root(&root));
    let mut events = host.events();
    host.virsh(&["desc", "c1", "a description"]).done();
    host.virsh(&["desc", "c1", "--title", "a title"]).done();
    host.virsh(&["metadata", "c1", "--uri", "http://x/y", "--key", "k", "--set", "<a b='1'/>"]).done();
    assert_eq!(
        events.take(),
        ["c1 METADATA description -", "c1 METADATA title -", "c1 METADATA element http://x/y"]
    );
    assert_eq!(host.virsh(&["desc", "c1"]).ok().trim(), "a description");
    assert_eq!(host.virsh(&["desc", "c1", "--title"]).ok().trim(), "a title");
    assert!(host.virsh(&["metadata", "c1", "http://x/y"]).ok().contains("<a b=\"1\"/>"));
    let xml = host.dumpxml("c1", &[]);
    for text in
        ["<title>a title</title>", "<description>a description</description>", "<k:a xmlns:k=\"http://x/y\""]
    {
        assert!(xml.contains(text), "{text} in {xml}");
    }
    host.stop_daemon();
    host.start_daemon();
    assert_eq!(host.virsh(&["desc", "c1", "--title"]).ok().trim(), "a title");

    let mut events = host.events();
    host.virsh(&["metadata", "c1", "http://x/y", "--remove"]).done();
    assert_eq!(events.take(), ["c1 METADATA element http://x/y"]);
    let gone = host.python(
        "say(error(conn.lookupByName('c1').metadata, libvirt.VIR_DOMAIN_METADATA_ELEMENT, 'http://x/y'))",
    );
    assert_eq!(gone[0], 80, "{gone}");
}

#[test]
fn live_and_config_are_apart() {
    let host = Host::start();
    let _root = host.boot("c1", &Init::Plain);
    host.virsh(&["desc", "c1", "--live", "now"]).done();
    host.virsh(&["desc", "c1", "--config", "later"]).done();
    assert_eq!(host.virsh(&["desc", "c1", "--live"]).ok().trim(), "now");
    assert_eq!(host.virsh(&["desc", "c1", "--config"]).ok().trim(), "later");
    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(host.virsh(&["desc", "c1"]).ok().trim(), "later");
}

#[test]
fn an_impossible_change_is_refused_and_changes_nothing() {
    let host = Host::start();
    host.define(&Domain::new("c1").element("<title>old</title>"));
    let mut events = host.events();
    let errors = host.python(
        r#"
d = conn.lookupByName("c1")
DESCRIPTION, TITLE, ELEMENT = range(3)
CONFIG, LIVE = libvirt.VIR_DOMAIN_AFFECT_CONFIG, libvirt.VIR_DOMAIN_AFFECT_LIVE
say([
    error(d.setMetadata, TITLE, "two\nlines", None, None, 0),
    error(d.setMetadata, ELEMENT, "<a/>", None, "http://x/", 0),
    error(d.setMetadata, ELEMENT, "<a", "k", "http://x/", 0),
    error(d.setMetadata, TITLE, "new", None, None, LIVE | CONFIG),
    error(d.metadata, DESCRIPTION, None, 0),
])
"#,
    );
    let expected = [
        (8, 20, "metadata title can't contain newlines"),
        (8, 20, "key in virDomainSetMetadata must not be NULL"),
        (35, 20, "(metadata_xml):1: "),
        (55, 20, "Requested operation is not valid: domain is not running"),
        (80, 20, "metadata not found: Requested metadata element is not present"),
    ];
    for (error, (code, domain, text)) in errors.as_array().unwrap().iter().zip(expected) {
        assert_eq!((error[0].as_i64(), error[1].as_i64()), (Some(code), Some(domain)), "{error}");
        assert!(error[2].as_str().is_some_and(|message| message.starts_with(text)), "{error}");
    }
    assert!(events.take().is_empty());
    assert_eq!(host.virsh(&["desc", "c1", "--title"]).ok().trim(), "old");

    // Nothing, and an empty text, remove.
    host.python_do("conn.lookupByName('c1').setMetadata(1, '', None, None, 0)");
    assert_eq!(events.take(), ["c1 METADATA title -"]);
    assert!(!host.dumpxml("c1", &[]).contains("<title>"));
}
