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
    let error = host.virsh(&["desc", "c1", "--title", "two\nlines"]);
    assert_ne!(error.status, 0, "{error:?}");
}
