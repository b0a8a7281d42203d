//! Interfaces that come, go and change while the container runs; the kinds of interfaces; limits; addresses.

use std::time::Instant;

use testkit::{Host, Init};

const BRIDGE: &str = "10.77.0.1/24";

fn nic(number: u8, more: &str) -> String {
    format!(
        "<interface type='bridge'><mac address='52:54:00:00:00:{number:02x}'/><source bridge='br0'/>{more}</interface>"
    )
}

/// Writes a device to a file of the host and returns its path.
fn device(host: &Host, xml: &str) -> String {
    host.write("/run/test/device.xml", xml);
    "/run/test/device.xml".to_owned()
}

#[test]
fn an_interface_comes_and_goes() {
    let host = Host::start();
    let bridge = host.bridge("br0", BRIDGE);
    let root = host.probe("c1", "", |domain| domain.device(&nic(1, "")));
    let mut events = host.python_start(
        "
for number, name in ((libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, 'added'), (libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, 'removed')):
    conn.domainEventRegisterAny(None, number, lambda c, d, alias, name: say([d.name(), name, alias]), name)
say('ready')
sys.stdin.read()
",
    );
    assert_eq!(events.hear(), "ready");
    let xml = nic(2, "<ip address='10.77.0.2' prefix='24'/><target dev='c1-two'/>");
    host.virsh(&["attach-device", "c1", &device(&host, &xml), "--live"]).done();
    assert!(bridge.ports().contains(&"c1-two".to_owned()), "{:?}", bridge.ports());
    assert!(host.dumpxml("c1", &[]).contains("52:54:00:00:00:02"));
    assert!(!host.dumpxml("c1", &["--inactive"]).contains("52:54:00:00:00:02"));
    if host.subject().is_ours() {
        // The incumbent tells neither, and its interface has no name inside, no alias, and no address.
        assert!(host.pings("10.77.0.2"), "it answers");
        assert_eq!(events.hear(), serde_json::json!(["c1", "added", "net1"]));
        assert!(host.dumpxml("c1", &[]).contains("<guest dev='eth1'/>"));
        let table = host.virsh(&["domifstat", "c1", "c1-two"]).ok().to_owned();
        assert!(table.contains("rx_bytes"), "{table}");
    }
    host.virsh(&["detach-device", "c1", &device(&host, &nic(2, "")), "--live"]).done();
    assert!(!bridge.ports().contains(&"c1-two".to_owned()));
    if host.subject().is_ours() {
        assert_eq!(events.hear(), serde_json::json!(["c1", "removed", "net1"]));
    }
    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(bridge.ports(), [""; 0]);
    drop(root);
}

#[test]
fn refusals_have_libvirts_words() {
    let host = Host::start();
    let _bridge = host.bridge("br0", BRIDGE);
    let root = host.root("c1", &Init::Plain);
    host.define(&testkit::Domain::new("c1").root(&root).device(&nic(1, "")));
    let said = host.python(
        "
d = conn.lookupByName('c1')
N = \"<interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br0'/></interface>\"
off = [error(d.detachDeviceFlags, N, 1), error(d.detachDeviceFlags, N, 2), error(d.attachDeviceFlags, '<foo/>', 2),
       error(d.attachDeviceFlags, N, 8), error(d.interfaceAddresses, 0)]
d.attachDeviceFlags(N, 2); d.attachDeviceFlags(N, 2)
off.append(error(d.detachDeviceFlags, N, 2))
say(off)
",
    );
    let missing = "device not found: no device found at address '(<null>)' matching MAC address '52:54:00:00:00:02' and alias '(<null>)'";
    let expect = serde_json::json!([
        [55, 20, "Requested operation is not valid: domain is not running"],
        [99, 20, missing],
        [67, 20, "unsupported configuration: unknown device type 'foo'"],
        [8, 17, "unsupported flags (0x8) in function lxcDomainAttachDeviceFlags"],
        [55, 20, "Requested operation is not valid: domain is not running"],
        [9, 20, "operation failed: multiple devices matching MAC address 52:54:00:00:00:02 found"],
    ]);
    assert_eq!(said, expect);
    host.virsh(&["start", "c1"]).done();
    let said = host.python(
        "
d = conn.lookupByName('c1')
F = \"<filesystem type='mount'><source dir='/tmp'/><target dir='/x'/></filesystem>\"
S = \"<sound model='es1370'/>\"
say([error(d.attachDevice, F), error(d.attachDevice, S), error(d.interfaceAddresses, 9)])
",
    );
    let expect = serde_json::json!([
        [67, 17, "unsupported configuration: device type 'filesystem' cannot be attached"],
        [67, 17, "unsupported configuration: device type 'sound' cannot be attached"],
        [74, 17, "argument unsupported: Unknown IP address data source 9"],
    ]);
    assert_eq!(said, expect);
}

#[test]
fn twenty_interfaces() {
    let host = Host::start();
    let bridge = host.bridge("br0", BRIDGE);
    let _root = host.probe("c1", "", |domain| domain.device(&nic(1, "")));
    let before = host.settled();
    let script = |call: &str, from: u8| {
        format!(
            "
d = conn.lookupByName('c1')
for number in range({from}, {}):
    d.{call}(\"<interface type='bridge'><mac address='52:54:00:00:00:%02x'/><source bridge='br0'/></interface>\" % number)
",
            from + 20
        )
    };
    host.python_do(&script("attachDevice", 2));
    assert_eq!(bridge.ports().len(), 21);
    let table = host.virsh(&["domiflist", "c1"]).ok().to_owned();
    assert_eq!(table.lines().filter(|line| line.contains("52:54:00:")).count(), 21, "{table}");
    host.python_do(&script("detachDevice", 2));
    assert_eq!(bridge.ports().len(), 1);
    host.assert_same(&before, &["descriptor"]);
}

/// The incumbent has none of it: it cannot change a device in use, tune an interface, or say what is inside.
#[test]
fn link_limits_and_addresses_change_live() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let _bridge = host.bridge("br0", BRIDGE);
    let nic = nic(
        1,
        "<target dev='c1-a'/><ip address='10.77.0.2' prefix='24'/><ip address='fd77::2' family='ipv6' prefix='64'/>",
    );
    let root = host.probe("c1", "", |domain| domain.device(&nic));
    assert!(host.virsh(&["domif-getlink", "c1", "c1-a"]).ok().contains("up"));
    host.virsh(&["domif-setlink", "c1", "c1-a", "down"]).done();
    assert!(host.virsh(&["domif-getlink", "c1", "c1-a"]).ok().contains("down"));
    assert!(!host.pings("10.77.0.2"), "without a carrier");
    host.virsh(&["domif-setlink", "c1", "c1-a", "up"]).done();
    assert!(host.pings("10.77.0.2"));

    let agent = host.virsh(&["domifaddr", "c1", "--source", "agent"]).ok().to_owned();
    for part in ["eth0", "52:54:00:00:00:01", "10.77.0.2/24", "fd77::2/64", "127.0.0.1/8"] {
        assert!(agent.contains(part), "{part}: {agent}");
    }
    let arp = host.virsh(&["domifaddr", "c1", "--source", "arp"]).ok().to_owned();
    assert!(arp.contains("c1-a") && arp.contains("10.77.0.2/0") && !arp.contains("127.0.0.1"), "{arp}");

    host.virsh(&["domiftune", "c1", "c1-a", "--inbound", "1000,2000,64", "--outbound", "500"]).done();
    let tune = host.virsh(&["domiftune", "c1", "c1-a"]).ok().to_owned();
    let figures: Vec<_> = tune.split([':', ' ', '\n']).filter(|word| !word.is_empty()).collect();
    for part in [["inbound.average", "1000"], ["inbound.peak", "2000"], ["outbound.average", "500"]] {
        assert!(figures.windows(2).any(|pair| pair == part), "{part:?}: {tune}");
    }
    assert!(host.run(&["tc", "qdisc", "show", "dev", "c1-a"]).ok().contains("rate 8192Kbit"));
    host.virsh(&["domiftune", "c1", "c1-a", "--inbound", "0", "--outbound", "0"]).done();
    assert!(!host.run(&["tc", "qdisc", "show"]).ok().contains("tbf"));
    assert!(!host.links().iter().any(|link| link.starts_with("vcifb")), "{:?}", host.links());
    host.virsh(&["destroy", "c1"]).done();
    drop(root);
}

/// 4 MiB through a limit of 1 MiB/s take four seconds; the incumbent's recipe needs what this kernel may lack.
#[test]
fn limits_hold_in_both_directions() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let _bridge = host.bridge("br0", BRIDGE);
    let limits =
        "<bandwidth><inbound average='1024' burst='64'/><outbound average='1024' burst='64'/></bandwidth>";
    let script = "mkfifo /open; exec 3<>/open; busybox nc -l -p 7001 <&3 >/state/got & while :; do dd if=/dev/zero bs=1024 count=4096 2>/dev/null | busybox nc -l -p 7002; done &";
    let nic = nic(1, &format!("<ip address='10.77.0.2' prefix='24'/>{limits}"));
    let root = host.probe("c1", script, |domain| domain.device(&nic));
    let timed = |command: &str| {
        let begun = Instant::now();
        host.run(&["sh", "-c", command]).done();
        begun.elapsed().as_secs_f64()
    };
    let sent = timed("dd if=/dev/zero bs=1024 count=4096 2>/dev/null | busybox nc 10.77.0.2 7001");
    let size = || host.path(&root.file("/state/got")).metadata().map_or(0, |file| file.len());
    assert_eq!(size(), 4 << 20, "all of it has arrived");
    let received = timed(
        "mkfifo /run/test/open; exec 3<>/run/test/open; busybox nc 10.77.0.2 7002 <&3 | busybox wc -c | grep -q 4194304",
    );
    // What the sockets and the bucket take at once comes off one side; the time that a busy machine needs on the other.
    for (direction, seconds) in [("inbound", sent), ("outbound", received)] {
        assert!((3.6..8.0).contains(&seconds), "{direction}: 4 MiB in {seconds} s");
    }
    assert!((3.6..4.6).contains(&sent.min(received)), "sent {sent} s, received {received} s");
    host.virsh(&["destroy", "c1"]).done();
    assert!(!host.links().iter().any(|link| link.starts_with("vcifb")), "{:?}", host.links());
}

#[test]
fn interfaces_without_a_bridge() {
    let host = Host::start();
    let script = "ip link add up0 type veth peer name up1; ip address add 10.88.0.1/24 dev up1; ip link set up0 up; ip link set up1 up";
    host.run(&["sh", "-c", script]).done();
    let direct = "<interface type='direct'><source dev='up0' mode='bridge'/><mac address='52:54:00:00:00:01'/>\
        <ip address='10.88.0.2' prefix='24'/></interface>";
    let root = host.probe("c1", "ip link show dev eth0 >/state/link", |domain| domain.device(direct));
    // A device with another below it, and of its own hardware address.
    let link = host.seen(&root, "link");
    assert!(link.contains("eth0@") && link.contains("52:54:00:00:00:01"), "{link}");
    assert!(host.pings("10.88.0.2"), "the neighbour reaches it");
    host.virsh(&["destroy", "c1"]).done();
    if !host.subject().is_ours() {
        return;
    }
    let ethernet = "<interface type='ethernet'><source><ip address='10.89.0.1' prefix='24'/></source>\
        <target dev='c2-e'/><ip address='10.89.0.2' prefix='24'/></interface>";
    let _second = host.probe("c2", "", |domain| domain.device(ethernet));
    assert!(host.pings("10.89.0.2"), "by the address of the host's end");
    host.virsh(&["destroy", "c2"]).done();
    assert!(!host.links().contains(&"c2-e".to_owned()));
}

#[test]
fn ports_of_a_network_carry_its_settings() {
    let host = Host::start();
    let xml = "<network><name>n1</name><bridge name='vcbr1' stp='off' delay='0'/><mtu size='1300'/>\
        <port isolated='yes'/><ip address='10.77.1.1' prefix='24'/></network>";
    host.write("/run/test/n1.xml", xml);
    host.virsh(&["net-create", "/run/test/n1.xml"]).done();
    let nic = |number: u8| {
        format!(
            "<interface type='network'><source network='n1'/><ip address='10.77.1.{number}' prefix='24'/></interface>"
        )
    };
    let _one = host.probe("c1", "", |domain| domain.device(&nic(2)));
    let root = host.probe(
        "c2",
        "ip link show dev eth0 >/state/link; for a in 1 2; do busybox ping -c1 -w2 10.77.1.$a >/dev/null && echo $a; done >/state/seen",
        |domain| domain.device(&nic(3)),
    );
    let live = host.dumpxml("c2", &[]);
    assert!(live.contains("bridge='vcbr1'") && live.contains("portid="), "{live}");
    assert!(!host.dumpxml("c2", &["--inactive"]).contains("portid"));
    assert!(host.virsh(&["net-dumpxml", "n1"]).ok().starts_with("<network connections='2'>"));
    if host.subject().is_ours() {
        // The incumbent forgets both for containers.
        assert_eq!(host.seen(&root, "seen"), "1", "isolated from each other");
        assert!(host.seen(&root, "link").contains("mtu 1300"), "{}", host.seen(&root, "link"));
    }
    host.virsh(&["destroy", "c2"]).done();
    host.virsh(&["destroy", "c1"]).done();
    assert!(host.virsh(&["net-dumpxml", "n1"]).ok().starts_with("<network>"), "both ports are given back");
}
