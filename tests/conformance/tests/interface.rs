//! `<interface type='bridge'>`: both ends of it, what is refused, and what stays behind.

use testkit::{Domain, Host, Init};

const BRIDGE: &str = "10.77.0.1/24";
const MAC: &str = "52:54:00:aa:bb:01";

#[test]
fn an_interface_with_everything() {
    let host = Host::start();
    let bridge = host.bridge("br0", BRIDGE);
    let nic = format!(
        "<interface type='bridge'><mac address='{MAC}'/><source bridge='br0'/><target dev='c1-host'/>\
         <guest dev='net0'/><ip address='10.77.0.2' family='ipv4' prefix='24'/>\
         <ip address='fd77::2' family='ipv6' prefix='64'/>\
         <route family='ipv4' address='10.99.0.0' prefix='16' gateway='10.77.0.9'/>\
         <route family='ipv4' address='0.0.0.0' prefix='0' gateway='10.77.0.1'/>\
         <link state='up'/></interface>"
    );
    let script =
        "ip address show dev net0 >/state/address; ip route >/state/route; ls /sys/class/net >/state/links";
    let root = host.probe("c1", script, |domain| domain.device(&nic));

    let address = host.seen(&root, "address");
    for part in [MAC, "inet 10.77.0.2/24", "inet6 fd77::2/64", "UP"] {
        assert!(address.contains(part), "{part}: {address}");
    }
    let routes = host.seen(&root, "route");
    for part in
        ["default via 10.77.0.1 dev net0", "10.99.0.0/16 via 10.77.0.9 dev net0", "10.77.0.0/24 dev net0"]
    {
        assert!(routes.contains(part), "{part}: {routes}");
    }
    let links = host.seen(&root, "links");
    assert_eq!(
        links.split_whitespace().filter(|link| !NO_DEVICES.contains(link)).collect::<Vec<_>>(),
        ["lo", "net0"]
    );
    assert_eq!(bridge.ports(), ["c1-host"]);
    assert!(host.pings("10.77.0.2"), "the container does not answer");
    // Both ends are different things: the host's has a hardware address of its own.
    assert_ne!(host.read("/sys/class/net/c1-host/address").trim(), MAC);

    let xml = host.dumpxml("c1", &[]);
    assert!(xml.contains("<target dev='c1-host'/>") && xml.contains("<guest dev='net0'/>"), "{xml}");
    let table = host.virsh(&["domiflist", "c1"]).ok().to_owned();
    let row: Vec<_> = table.lines().nth(2).unwrap_or_default().split_whitespace().collect();
    assert_eq!(row, ["c1-host", "bridge", "br0", "-", MAC]);

    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(bridge.ports(), [""; 0], "the host end stays");
}

/// Links that some kernels put into every new network namespace.
const NO_DEVICES: &[&str] =
    &["sit0", "tunl0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "ip6gre0"];

#[test]
fn names_and_states_that_the_document_leaves_open() {
    let host = Host::start();
    let bridge = host.bridge("br0", BRIDGE);
    let nics = [
        "<interface type='bridge'><source bridge='br0'/></interface>",
        "<interface type='bridge'><source bridge='br0'/><link state='up'/></interface>",
        "<interface type='bridge'><source bridge='br0'/><ip address='10.77.0.3' prefix='24'/></interface>",
        "<interface type='bridge'><source bridge='br0'/><link state='down'/></interface>",
    ];
    let script = "\
for link in eth0 eth1 eth2 eth3; do
    ip link show dev $link | grep -q '[<,]UP[,>]' && echo $link up || echo $link down
done >/state/states";
    let root = host.probe("c1", script, |domain| nics.iter().fold(domain, |domain, nic| domain.device(nic)));
    assert_eq!(host.seen(&root, "states"), "eth0 down\neth1 up\neth2 up\neth3 down");
    let ports = bridge.ports();
    assert_eq!(ports.len(), 4);
    assert!(ports.iter().all(|port| port.starts_with("vnet")), "{ports:?}");
    assert!(host.pings("10.77.0.3"));

    // Live only: neither is part of the definition.
    let (live, inactive) = (host.dumpxml("c1", &[]), host.dumpxml("c1", &["--inactive"]));
    assert!(live.contains("<target dev='vnet") && live.contains("<guest dev='eth3'/>"), "{live}");
    assert!(!inactive.contains("dev='vnet"), "{inactive}");
    let table = host.virsh(&["domiflist", "c1"]).ok().to_owned();
    for port in &ports {
        assert!(table.contains(port), "{port}: {table}");
    }
    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(bridge.ports(), [""; 0]);
    assert!(host.virsh(&["domiflist", "c1"]).ok().lines().nth(2).unwrap_or_default().starts_with(" -"));
}

/// What a start that fails leaves on the host: with the incumbent, veths that it had made (and it closes at some
/// time what it had read the host's devices from).
const LEFT_BEHIND: [&[&str]; 2] = [&[], &["link vnet", "descriptor /sys/"]];

#[test]
fn a_missing_bridge_is_refused_by_its_name() {
    let host = Host::start();
    let root = host.root("c1", &Init::Plain);
    host.define(
        &Domain::new("c1")
            .root(&root)
            .device("<interface type='bridge'><source bridge='nobridge'/></interface>"),
    );
    let start = || host.virsh(&["start", "c1"]).err().to_owned();
    start();
    let before = host.settled();
    let error = start();
    assert!(error.contains("nobridge"), "{error}");
    assert_eq!(host.state("c1"), "shut off (failed)");
    host.assert_same(&before, LEFT_BEHIND[usize::from(!host.subject().is_ours())]);
}

#[test]
fn the_second_interface_fails_and_the_first_is_undone() {
    let host = Host::start();
    let bridge = host.bridge("br0", BRIDGE);
    let root = host.root("c1", &Init::Plain);
    let good = "<interface type='bridge'><source bridge='br0'/></interface>";
    let bad = "<interface type='bridge'><source bridge='nobridge'/></interface>";
    host.define(&Domain::new("c1").root(&root).device(good).device(bad));
    let start = || host.virsh(&["start", "c1"]).err().to_owned();
    start();
    let before = host.settled();
    assert!(start().contains("nobridge"));
    assert_eq!(bridge.ports(), [""; 0]);
    host.assert_same(&before, LEFT_BEHIND[usize::from(!host.subject().is_ours())]);
}

#[test]
fn a_taken_name_is_refused_and_its_owner_left_alone() {
    let host = Host::start();
    let bridge = host.bridge("br0", BRIDGE);
    host.run(&["ip", "link", "add", "taken", "type", "bridge"]).done();
    let index = host.read("/sys/class/net/taken/ifindex");
    let root = host.root("c1", &Init::Plain);
    let nic = "<interface type='bridge'><source bridge='br0'/><target dev='taken'/></interface>";
    host.define(&Domain::new("c1").root(&root).device(nic));
    let error = host.virsh(&["start", "c1"]).err().to_owned();
    assert!(error.contains("taken"), "{error}");
    assert_eq!(host.state("c1"), "shut off (failed)");
    if host.subject().is_ours() {
        // The incumbent deletes it.
        assert_eq!(host.read("/sys/class/net/taken/ifindex"), index, "the link of another was replaced");
    }
    assert_eq!(bridge.ports(), [""; 0]);
}

#[test]
fn a_taken_number_is_skipped() {
    let host = Host::start();
    let bridge = host.bridge("br0", BRIDGE);
    for name in ["vnet0", "vnet1"] {
        host.run(&["ip", "link", "add", name, "type", "bridge"]).done();
    }
    let nic = "<interface type='bridge'><source bridge='br0'/></interface>";
    let _ = host.probe("c1", "", |domain| domain.device(nic));
    let _ = host.probe("c2", "", |domain| domain.device(nic));
    let ports = bridge.ports();
    assert_eq!(ports.len(), 2);
    assert!(ports.iter().all(|port| !["vnet0", "vnet1"].contains(&port.as_str())), "{ports:?}");
    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(bridge.ports().len(), 1, "only the own one goes");
    assert!(host.links().contains(&"vnet0".to_owned()));
}

#[test]
fn two_containers_talk_over_their_bridge() {
    let host = Host::start();
    let _bridge = host.bridge("br0", BRIDGE);
    let nic = |address: &str| {
        format!(
            "<interface type='bridge'><source bridge='br0'/><ip address='{address}' prefix='24'/></interface>"
        )
    };
    let _ = host.probe("c1", "", |domain| domain.device(&nic("10.77.0.2")));
    let script = "ping -c 1 -w 5 10.77.0.2 >/state/ping 2>&1; echo $? >>/state/ping";
    let root = host.probe("c2", script, |domain| domain.device(&nic("10.77.0.3")));
    let ping = host.seen(&root, "ping");
    assert!(ping.ends_with("\n0"), "{ping}");
}

#[test]
fn the_veth_goes_however_the_container_ends() {
    let host = Host::start();
    let bridge = host.bridge("br0", BRIDGE);
    let nic = "<interface type='bridge'><source bridge='br0'/></interface>";
    let root = host.root("c1", &Init::Plain);
    host.define(&Domain::new("c1").root(&root).device(nic));
    let before = host.links();

    host.start_container("c1", &root);
    assert_eq!(bridge.ports().len(), 1);
    host.virsh(&["shutdown", "c1", "--mode", "signal"]).done();
    host.wait_off("c1");
    assert_eq!(host.links(), before, "after a shutdown");

    host.start_container("c1", &root);
    let init = host.init_pid("c1");
    host.kill("KILL", init);
    host.wait_off("c1");
    assert_eq!(host.links(), before, "after the death of init");
}

#[test]
fn without_interfaces_there_is_only_the_own_loopback() {
    let host = Host::start();
    host.run(&["ip", "link", "add", "of-the-host", "type", "bridge"]).done();
    let script = "ls /sys/class/net >/state/links; ip address show dev lo >/state/lo";
    let root = host.probe("c1", script, |domain| domain.features(""));
    let links = host.seen(&root, "links");
    // Without <privnet/> the incumbent gives the host's network with every right in it.
    assert_eq!(links.contains("of-the-host"), host.expect(false, true), "{links}");
    let shared = host.namespace(host.init_pid("c1"), "net") == host.namespace(1, "net");
    assert_eq!(shared, host.expect(false, true));
    assert!(host.seen(&root, "lo").contains("inet 127.0.0.1/8"), "the loopback is up");

    let root = host.probe("c2", script, |domain| domain);
    assert!(!host.seen(&root, "links").contains("of-the-host"), "<privnet/>");
    assert!(host.seen(&root, "lo").contains("inet 127.0.0.1/8"), "the loopback is up");
}
