//! Virtual networks as objects: definitions, states, errors, updates, events, and what a daemon finds again.

use testkit::{Host, Subject};

/// A network with a bridge of its own; the spanning tree protocol would hold up each port for seconds.
fn nat(name: &str, bridge: &str, third: u8) -> String {
    format!(
        "<network><name>{name}</name><forward mode='nat'/><bridge name='{bridge}' stp='off' delay='0'/>\
         <ip address='10.77.{third}.1' netmask='255.255.255.0'><dhcp><range start='10.77.{third}.2' \
         end='10.77.{third}.200'/></dhcp></ip></network>"
    )
}

fn define(host: &Host, name: &str, xml: &str) {
    let file = format!("/run/test/{name}.xml");
    host.write(&file, xml);
    host.virsh(&["net-define", &file]).done();
}

/// What `net-info` says, as words.
fn info(host: &Host, name: &str) -> Vec<String> {
    let text = host.virsh(&["net-info", name]).ok().to_owned();
    let rest = |line: &str| line.split_once(':').map(|(_, value)| value.trim().to_owned());
    text.lines().filter_map(rest).skip(2).collect()
}

#[test]
fn a_network_is_defined_started_stopped_and_forgotten() {
    let host = Host::start();
    define(&host, "n1", &nat("n1", "vcbr1", 1));
    let before = host.settled();
    assert_eq!(info(&host, "n1"), ["no", "yes", "no", "vcbr1"]);
    host.virsh(&["net-start", "n1"]).done();
    assert_eq!(info(&host, "n1"), ["yes", "yes", "no", "vcbr1"]);
    let address = host.run(&["ip", "-o", "address", "show", "dev", "vcbr1"]).ok().to_owned();
    assert!(address.contains("inet 10.77.1.1/24"), "{address}");
    // Whoever opens them sees his own network namespace's.
    for path in ["/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/vcbr1/disable_ipv6"] {
        assert_eq!(host.run(&["cat", path]).ok().trim(), "1", "{path}");
    }
    assert!(host.run(&["nft", "list", "ruleset"]).ok().contains("vcbr1"));
    if host.subject().is_ours() {
        // By which others leave it alone.
        assert_eq!(
            host.run(&["cat", "/sys/class/net/vcbr1/ifalias"]).ok().trim(),
            "virtcontainer network n1"
        );
    }
    let pid = host.read("/run/libvirt/network/n1.pid");
    assert!(host.read(&format!("/proc/{}/cmdline", pid.trim())).contains("n1.conf"));

    host.virsh(&["net-destroy", "n1"]).done();
    // The incumbent keeps empty chains, the directory of ports, and its connection to the kernel.
    let spared: &[&str] = host.expect(
        &["/var/lib/libvirt/dnsmasq"],
        &["/var/lib/libvirt/dnsmasq", "/run/libvirt/network", "descriptor"],
    );
    host.assert_same(&before, spared);
    let rules = host.run(&["nft", "list", "ruleset"]).ok().to_owned();
    assert!(!rules.contains("vcbr1"), "{rules}");
    if host.subject().is_ours() {
        assert_eq!(rules.trim(), "", "no table stays");
    }
    host.virsh(&["net-undefine", "n1"]).done();
    assert!(!host.exists("/etc/libvirt/qemu/networks/n1.xml"));
    assert!(host.virsh(&["net-info", "n1"]).err().contains("n1"));
}

/// Says the error of each mistake, in order.
const MISTAKES: &str = "
X = \"<network><name>a</name><uuid>6f9e2c1e-1111-4222-8333-444455556666</uuid><bridge name='vcbr1' stp='off'/><ip address='10.77.1.1' prefix='24'/></network>\"
a = conn.networkDefineXML(X)
seen = [error(a.destroy), error(a.update, 3, 4, -1, \"<host mac='52:54:00:00:00:01' ip='10.77.1.9'/>\", 1)]
a.create()
iso = conn.networkCreateXML(\"<network><name>iso</name><uuid>11119e2c-1111-4222-8333-444455556666</uuid><bridge name='vcbr2'/></network>\")
pv = conn.networkCreateXML(\"<network><name>pv</name><forward mode='private' dev='nodev'/></network>\")
seen += [
    error(a.create), error(conn.networkCreateXML, X),
    error(conn.networkDefineXML, X.replace('6f9e', '7f9e')),
    error(conn.networkDefineXML, X.replace('>a<', '>b<').replace('vcbr1', 'vcbr9')),
    error(conn.networkDefineXML, X.replace('>a<', '>b<').replace('6f9e', '7f9e')),
    error(conn.networkCreateXML, X.replace('>a<', '>o<').replace('6f9e', '8f9e').replace('vcbr1', 'vcbr3')),
    error(conn.networkLookupByName, 'zz'),
    error(conn.networkLookupByUUIDString, '11111111-1111-1111-1111-111111111111'),
    error(iso.undefine), error(iso.setAutostart, 1), error(pv.bridgeName), error(a.XMLDesc, 8),
    error(a.update, 9, 4, -1, \"<host mac='52:54:00:00:00:07' ip='10.77.1.7'/>\", 0), error(a.update, 3, 1, -1, '<x/>', 0), error(a.update, 3, 77, -1, '<x/>', 0),
    error(iso.update, 3, 11, -1, \"<txt name='a' value='b'/>\", 2),
    error(a.DHCPLeases, 'x'), error(conn.networkDefineXML, '<network/>'),
]
a.destroy(); a.undefine()
seen += [error(a.XMLDesc, 0), error(a.isActive)]
say(seen)
";

#[test]
fn errors_have_libvirts_numbers_and_words() {
    let host = Host::start();
    let said = host.python(MISTAKES);
    let expect = serde_json::json!([
        [55, 19, "Requested operation is not valid: network 'a' is not active"],
        [55, 19, "Requested operation is not valid: network is not running"],
        [55, 19, "Requested operation is not valid: network is already active"],
        [55, 19, "Requested operation is not valid: network is already active as 'a'"],
        [
            9,
            19,
            "operation failed: network 'a' already exists with uuid 6f9e2c1e-1111-4222-8333-444455556666"
        ],
        [
            9,
            19,
            "operation failed: network 'a' is already defined with uuid 6f9e2c1e-1111-4222-8333-444455556666"
        ],
        [1, 19, "internal error: bridge name 'vcbr1' already in use."],
        [1, 0, "internal error: Network is already in use by interface vcbr1"],
        [43, 19, "Network not found: no network with matching name 'zz'"],
        [43, 19, "Network not found: no network with matching uuid '11111111-1111-1111-1111-111111111111'"],
        [55, 19, "Requested operation is not valid: can't undefine transient network"],
        [55, 19, "Requested operation is not valid: cannot set autostart for transient network"],
        [1, 19, "internal error: network 'pv' does not have a bridge name."],
        [8, 19, "unsupported flags (0x8) in function networkGetXMLDesc"],
        [84, 19, "Operation not supported: unrecognized network update command code 9"],
        [84, 19, "Operation not supported: can't update 'bridge' section of network 'a'"],
        [84, 19, "Operation not supported: can't update unrecognized section of network"],
        [55, 19, "Requested operation is not valid: cannot change persistent config of a transient network"],
        [44, 19, "invalid MAC address: x"],
        [21, 19, "missing name information"],
        [
            43,
            19,
            "Network not found: no network with matching uuid '6f9e2c1e-1111-4222-8333-444455556666' (a)"
        ],
        [
            43,
            19,
            "Network not found: no network with matching uuid '6f9e2c1e-1111-4222-8333-444455556666' (a)"
        ],
    ]);
    for (number, (said, expect)) in
        said.as_array().unwrap().iter().zip(expect.as_array().unwrap()).enumerate()
    {
        assert_eq!(said, expect, "{number}");
    }
}

#[test]
fn updates_change_what_is_active_and_what_is_defined() {
    let host = Host::start();
    define(&host, "n1", &nat("n1", "vcbr1", 1));
    host.virsh(&["net-start", "n1"]).done();
    let update = |words: &[&str]| host.virsh(&[&["net-update", "n1"], words].concat()).done();
    let conf = || host.read("/var/lib/libvirt/dnsmasq/n1.conf");
    let hosts = || host.read("/var/lib/libvirt/dnsmasq/n1.hostsfile");
    let entry = "<host mac='52:54:00:aa:00:01' name='fixed' ip='10.77.1.9'/>";
    update(&["add", "ip-dhcp-host", entry, "--live"]);
    assert!(hosts().contains("52:54:00:aa:00:01,10.77.1.9,fixed"), "{}", hosts());
    assert!(!host.virsh(&["net-dumpxml", "n1", "--inactive"]).ok().contains("fixed"));
    update(&["add", "ip-dhcp-host", entry, "--config"]);
    assert!(host.read("/etc/libvirt/qemu/networks/n1.xml").contains("fixed"));
    let before = host.read("/run/libvirt/network/n1.pid");
    update(&["add", "dns-txt", "<txt name='t' value='v'/>", "--live", "--config"]);
    assert!(conf().contains("txt-record=t,v"), "{}", conf());
    assert_ne!(host.read("/run/libvirt/network/n1.pid"), before, "dnsmasq reads its configuration once");
    update(&["add", "dns-host", "<host ip='10.77.1.77'><hostname>other</hostname></host>", "--live"]);
    assert!(host.read("/var/lib/libvirt/dnsmasq/n1.addnhosts").contains("10.77.1.77\tother"));
    update(&["delete", "ip-dhcp-host", "<host name='fixed'/>", "--live"]);
    assert!(!hosts().contains("fixed"), "{}", hosts());
    update(&["add", "portgroup", "<portgroup name='pg' default='yes'/>", "--live"]);
    assert!(host.virsh(&["net-dumpxml", "n1"]).ok().contains("<portgroup name='pg' default='yes'>"));
}

#[test]
fn lists_and_events() {
    let host = Host::start();
    let mut client = host.python_start(
        "
names = ['DEFINED', 'UNDEFINED', 'STARTED', 'STOPPED']
conn.networkEventRegisterAny(None, libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE, lambda c, n, e, d, o: say([n.name(), names[e], d]), None)
say('ready')
sys.stdin.read()
",
    );
    assert_eq!(client.hear(), "ready");
    define(&host, "n1", &nat("n1", "vcbr1", 1));
    host.virsh(&["net-autostart", "n1"]).done();
    host.virsh(&["net-start", "n1"]).done();
    host.write("/run/test/t.xml", "<network><name>t</name><bridge name='vcbr2'/></network>");
    host.virsh(&["net-create", "/run/test/t.xml"]).done();
    let names = |flags: &[&str]| -> Vec<String> {
        let text = host.virsh(&[&["net-list", "--name"], flags].concat()).ok().to_owned();
        text.split_whitespace().map(str::to_owned).collect()
    };
    define(&host, "off", &nat("off", "vcbr3", 3));
    assert_eq!(names(&["--all"]), ["n1", "off", "t"]);
    assert_eq!(names(&["--inactive"]), ["off"]);
    assert_eq!(names(&[]), ["n1", "t"]);
    assert_eq!(names(&["--all", "--transient"]), ["t"]);
    assert_eq!(names(&["--all", "--autostart"]), ["n1"]);
    assert_eq!(names(&["--all", "--no-autostart", "--persistent"]), ["off"]);
    host.virsh(&["net-destroy", "t"]).done();
    host.virsh(&["net-destroy", "n1"]).done();
    host.virsh(&["net-undefine", "n1"]).done();
    let expect = [
        ("n1", "DEFINED"),
        ("n1", "STARTED"),
        ("t", "STARTED"),
        ("off", "DEFINED"),
        ("t", "STOPPED"),
        ("n1", "STOPPED"),
        ("n1", "UNDEFINED"),
    ];
    for (name, event) in expect {
        assert_eq!(client.hear(), serde_json::json!([name, event, 0]));
    }
}

#[test]
fn a_new_daemon_finds_what_is_active() {
    let host = Host::start();
    define(&host, "n1", &nat("n1", "vcbr1", 1));
    define(&host, "n2", &nat("n2", "vcbr2", 2));
    host.virsh(&["net-autostart", "n2"]).done();
    host.virsh(&["net-start", "n1"]).done();
    host.write("/run/test/t.xml", "<network><name>t</name><bridge name='vcbr4'/></network>");
    host.virsh(&["net-create", "/run/test/t.xml"]).done();
    let dnsmasq = host.read("/run/libvirt/network/n1.pid");
    host.kill_daemon();
    host.run(&["nft", "flush", "ruleset"]).done();
    host.start_daemon();
    assert_eq!(info(&host, "n1"), ["yes", "yes", "no", "vcbr1"]);
    assert_eq!(info(&host, "t"), ["yes", "no", "no", "vcbr4"]);
    assert_eq!(host.read("/run/libvirt/network/n1.pid"), dnsmasq, "it ran on");
    assert!(host.run(&["nft", "list", "ruleset"]).ok().contains("vcbr1"), "rules are restored");
    // What was lost with a reboot is not active, what is marked starts again.
    host.kill_daemon();
    host.run(&["ip", "link", "delete", "vcbr1"]).done();
    host.run(&["rm", "/run/libvirt/network/autostarted"]).done();
    host.start_daemon();
    assert_eq!(info(&host, "n1"), ["no", "yes", "no", "vcbr1"]);
    host.wait_for("/run/libvirt/network/n2.xml", |text| text.contains("vcbr2"));
    host.run(&["sh", "-c", "until virsh -c lxc:///system net-list | grep -q n2; do :; done"]).done();
    if host.subject() == Subject::Ours {
        assert!(!host.exists("/run/libvirt/network/n1.pid"), "its dnsmasq is ended");
    }
}

/// libvirt leaves a dead dnsmasq dead.
#[test]
fn dnsmasq_is_started_again() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    define(&host, "n1", &nat("n1", "vcbr1", 1));
    host.virsh(&["net-start", "n1"]).done();
    let path = "/run/libvirt/network/n1.pid";
    let before = host.read(path);
    host.kill("KILL", before.trim().parse().unwrap());
    host.wait_for(path, |now| now.ends_with('\n') && now != before);
}

#[test]
fn ports_are_given_and_taken() {
    let host = Host::start();
    define(&host, "n1", &nat("n1", "vcbr1", 1));
    host.virsh(&["net-start", "n1"]).done();
    let uuid = "5d744f21-ba4a-4d6e-bdb2-30a35ff3207d";
    let xml = format!(
        "<networkport><uuid>{uuid}</uuid><owner><name>vm</name><uuid>d54df46f-1ab5-4a22-8618-4560ef5fac2c</uuid>\
         </owner><group>web1</group><mac address='52:54:00:7b:35:93'/><bandwidth><inbound average='100'/>\
         </bandwidth><port isolated='yes'/></networkport>"
    );
    host.write("/run/test/p.xml", &xml);
    let create = || host.virsh(&["net-port-create", "n1", "/run/test/p.xml"]);
    create().done();
    let text = host.virsh(&["net-port-dumpxml", "n1", uuid]).ok().to_owned();
    let expect = format!(
        "<networkport>\n  <uuid>{uuid}</uuid>\n  <owner>\n    <name>vm</name>\n    \
         <uuid>d54df46f-1ab5-4a22-8618-4560ef5fac2c</uuid>\n  </owner>\n  <group>web1</group>\n  \
         <mac address='52:54:00:7b:35:93'/>\n  <bandwidth>\n    <inbound average='100'/>\n  </bandwidth>\n  \
         <port isolated='yes'/>\n  <plug type='network' bridge='vcbr1'/>\n</networkport>\n"
    );
    assert_eq!(text.trim_end(), expect.trim_end());
    assert!(create().err().contains(&format!("Network port with UUID {uuid} already exists")));
    assert!(host.virsh(&["net-port-list", "n1"]).ok().contains(uuid));
    assert!(host.virsh(&["net-dumpxml", "n1"]).ok().starts_with("<network connections='1'>"));
    if host.subject().is_ours() {
        assert!(host.read("/var/lib/libvirt/dnsmasq/vcbr1.macs").contains("52:54:00:7b:35:93"));
    }
    host.kill_daemon();
    host.start_daemon();
    assert!(host.virsh(&["net-port-list", "n1"]).ok().contains(uuid), "found again");
    host.virsh(&["net-port-delete", "n1", uuid]).done();
    assert!(!host.virsh(&["net-port-list", "n1"]).ok().contains(uuid));
    assert!(host.virsh(&["net-dumpxml", "n1"]).ok().starts_with("<network>"));
}
