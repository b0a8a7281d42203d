//! Listing with every filter, and looking up.

use serde_json::json;
use testkit::{Domain, Host, Init};

/// A host with a running, a paused, a stopped and a transient domain; the stopped one starts with the host.
fn host_with_four() -> Host {
    let host = Host::start();
    host.boot("run", &Init::Plain);
    host.boot("paus", &Init::Plain);
    host.virsh(&["suspend", "paus"]).done();
    host.container("off", &Init::Plain);
    host.virsh(&["autostart", "off"]).done();
    let root = host.root("trans", &Init::Plain);
    host.virsh(&["create", &host.xml_file(&Domain::new("trans").root(&root))]).done();
    host
}

/// A filter by the name of its flag, and whom it lets through.
const FILTERS: &[(&str, &[&str])] = &[
    ("0", &["off", "paus", "run", "trans"]),
    ("ACTIVE", &["paus", "run", "trans"]),
    ("INACTIVE", &["off"]),
    ("ACTIVE|INACTIVE", &["off", "paus", "run", "trans"]),
    ("PERSISTENT", &["off", "paus", "run"]),
    ("TRANSIENT", &["trans"]),
    ("RUNNING", &["run", "trans"]),
    ("PAUSED", &["paus"]),
    ("SHUTOFF", &["off"]),
    ("OTHER", &[]),
    ("RUNNING|PAUSED", &["paus", "run", "trans"]),
    ("MANAGEDSAVE", &[]),
    ("NO_MANAGEDSAVE", &["off", "paus", "run", "trans"]),
    ("AUTOSTART", &["off"]),
    ("NO_AUTOSTART", &["paus", "run", "trans"]),
    ("HAS_SNAPSHOT", &[]),
    ("NO_SNAPSHOT", &["off", "paus", "run", "trans"]),
    ("HAS_CHECKPOINT", &[]),
    ("NO_CHECKPOINT", &["off", "paus", "run", "trans"]),
    ("ACTIVE|PERSISTENT", &["paus", "run"]),
    ("INACTIVE|AUTOSTART", &["off"]),
    ("ACTIVE|AUTOSTART", &[]),
    ("TRANSIENT|PAUSED", &[]),
];

#[test]
fn every_filter_lets_the_right_ones_through() {
    let host = host_with_four();
    let filters: Vec<_> = FILTERS.iter().map(|(flags, _)| *flags).collect();
    let lists = host.python(&format!(
        r#"
def names(flags):
    bits = 0
    for flag in flags.split("|"):
        bits |= getattr(libvirt, "VIR_CONNECT_LIST_DOMAINS_" + flag) if flag != "0" else 0
    return sorted(d.name() for d in conn.listAllDomains(bits))
say([names(flags) for flags in {}])
"#,
        json!(filters)
    ));
    for ((flags, expected), list) in FILTERS.iter().zip(lists.as_array().unwrap()) {
        assert_eq!(list, &json!(expected), "{flags}");
    }
}

#[test]
fn virsh_list_with_its_options() {
    let host = host_with_four();
    for (options, expected) in [
        (&["--all"][..], &["off", "paus", "run", "trans"][..]),
        (&[], &["paus", "run", "trans"]),
        (&["--inactive"], &["off"]),
        (&["--transient"], &["trans"]),
        (&["--persistent", "--all"], &["off", "paus", "run"]),
        (&["--state-running"], &["run", "trans"]),
        (&["--state-paused"], &["paus"]),
        (&["--state-shutoff"], &["off"]),
        (&["--state-other"], &[]),
        (&["--all", "--autostart"], &["off"]),
        (&["--all", "--no-autostart"], &["paus", "run", "trans"]),
        (&["--all", "--with-managed-save"], &[]),
        (&["--all", "--without-managed-save"], &["off", "paus", "run", "trans"]),
        (&["--all", "--with-snapshot"], &[]),
        (&["--all", "--without-snapshot"], &["off", "paus", "run", "trans"]),
        (&["--all", "--with-checkpoint"], &[]),
        (&["--all", "--without-checkpoint"], &["off", "paus", "run", "trans"]),
    ] {
        let output = host.virsh(&[&["list", "--name"], options].concat());
        let mut names: Vec<_> = output.ok().split_whitespace().collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{options:?}");
    }
    let table = host.virsh(&["list", "--all", "--title"]).ok().to_owned();
    let row = |name: &str| {
        let line = table.lines().find(|line| line.split_whitespace().nth(1) == Some(name));
        line.unwrap_or_default().split_whitespace().skip(2).collect::<Vec<_>>().join(" ")
    };
    assert_eq!((row("run"), row("paus"), row("off")), ("running".into(), "paused".into(), "shut off".into()));
    // virsh asks for one thing a domain more than it lists: an id for each running one.
    let ids = host.virsh(&["list", "--id"]).ok().split_whitespace().count();
    assert_eq!(ids, 3);
}

#[test]
fn the_older_lists_agree() {
    let host = host_with_four();
    let lists = host.python(
        r#"
say({
    "active": conn.numOfDomains(),
    "ids": sorted(conn.lookupByID(i).name() for i in conn.listDomainsID()),
    "defined": conn.numOfDefinedDomains(),
    "names": conn.listDefinedDomains(),
})
"#,
    );
    let expected = json!({"active": 3, "ids": ["paus", "run", "trans"], "defined": 1, "names": ["off"]});
    assert_eq!(lists, expected);
}

#[test]
fn look_up_by_name_uuid_and_id() {
    let host = Host::start();
    host.boot("c1", &Init::Plain);
    let found = host.python(
        r#"
d = conn.lookupByName("c1")
same = [conn.lookupByUUIDString(d.UUIDString()), conn.lookupByUUID(d.UUID()), conn.lookupByID(d.ID())]
say({
    "names": [x.name() for x in same],
    "ids": [x.ID() == d.ID() for x in same],
    "active": d.isActive(), "persistent": d.isPersistent(), "updated": d.isUpdated(),
    "type": d.OSType(), "managed save": d.hasManagedSaveImage(),
})
"#,
    );
    let expected = json!({
        "names": ["c1", "c1", "c1"], "ids": [true, true, true],
        "active": 1, "persistent": 1, "updated": 0, "type": "exe", "managed save": 0,
    });
    assert_eq!(found, expected);
}

#[test]
fn a_miss_is_an_error_that_names_what_was_missed() {
    let host = Host::start();
    let missed = host.python(
        r#"
uuid = "6f9e2c1e-1111-4222-8333-444455556667"
d = conn.defineXML("<domain type='lxc'><name>gone</name><memory>1024</memory>"
                   "<os><type>exe</type><init>/i</init></os></domain>")
d.undefine()
say({
    "name": error(conn.lookupByName, "zz"),
    "id": error(conn.lookupByID, 4242),
    "uuid": error(conn.lookupByUUIDString, uuid),
    "gone": [error(call) for call in (d.create, d.info, d.undefine, d.XMLDesc, d.state, d.isActive)],
    "gone uuid": d.UUIDString(),
})
"#,
    );
    let no_domain = |what: &str| json!([42, 17, format!("Domain not found: {what}")]);
    assert_eq!(missed["name"], no_domain("No domain with matching name 'zz'"));
    assert_eq!(missed["id"], no_domain("No domain with matching id 4242"));
    assert_eq!(
        missed["uuid"],
        no_domain("No domain with matching uuid '6f9e2c1e-1111-4222-8333-444455556667'")
    );
    let uuid = missed["gone uuid"].as_str().unwrap();
    for error in missed["gone"].as_array().unwrap() {
        assert_eq!(error, &no_domain(&format!("no domain with matching uuid '{uuid}' (gone)")));
    }
    for arguments in [["dominfo", "zz"], ["start", "zz"], ["domid", "4242"]] {
        let expected = format!("error: failed to get domain '{}'", arguments[1]);
        assert_eq!(host.virsh(&arguments).err().trim(), expected);
    }
}

#[test]
fn info_of_a_running_and_of_a_stopped_domain() {
    let host = Host::start();
    host.boot("c1", &Init::Script("say booted; while :; do :; done".to_owned()));
    let info = host.python(
        r#"
d = conn.lookupByName("c1")
first = d.info()
while d.info()[4] == first[4]:
    time.sleep(0.01)
say(first)
"#,
    );
    assert_eq!(
        (&info[0], &info[1], &info[3]),
        (&json!(1), &json!(65536), &json!(1)),
        "state, max memory, cpus"
    );
    let used = info[2].as_u64().unwrap();
    assert!((1..65536).contains(&used), "{used} KiB in use");

    let text = host.virsh(&["dominfo", "c1"]).ok().to_owned();
    for line in ["Name:           c1", "OS Type:        exe", "State:          running", "CPU(s):         1"]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.contains("Persistent:     yes") && text.contains("Autostart:      disable"), "{text}");
    host.virsh(&["destroy", "c1"]).done();
    let off = host.python("say(conn.lookupByName('c1').info())");
    assert_eq!(off, json!([5, 65536, 65536, 1, 0]));
}
