//! Interfaces on a bridge, shared namespaces, reboots in place.

use std::os::fd::AsFd;
use std::path::Path;

use kernel::clone::{self, Options};
use kernel::namespace::{Kind, Kinds};
use kernel::pidfd::{self, Exit};
use runtime::launch::start;
use runtime::plan::{Address, Bandwidth, Interface, Link, Namespace, Plan, Route};

use crate::Test;
use crate::support::{
    belongings, boot, drain, end, idmap, make_root, no_group, plan, read_until, run, section, sh,
};

pub(crate) const TESTS: &[Test] = &[
    ("interfaces_reach_the_bridge", interfaces_reach_the_bridge),
    ("isolated_ports_do_not_see_each_other", isolated_ports_do_not_see_each_other),
    ("host_names_are_unique", host_names_are_unique),
    ("reboot_keeps_the_network", reboot_keeps_the_network),
    ("namespaces_can_be_shared", namespaces_can_be_shared),
    ("unplug_spares_strangers", unplug_spares_strangers),
];

fn make_bridge() {
    sh("ip link add br0 type bridge; ip addr add 10.9.8.1/24 dev br0; ip addr add fd00:9::1/64 dev br0 nodad
        ip link set br0 up");
}

pub(crate) fn interface(number: u8) -> Interface {
    Interface {
        bridge: "br0".into(),
        host_name: "vnet0".into(),
        host_name_fixed: false,
        guest_name: format!("eth{number}"),
        mac: [0x52, 0x54, 0, 0, 1, number],
        addresses: vec![Address { address: [10, 9, 8, 10 + number].into(), prefix: 24, peer: None }],
        routes: vec![],
        up: true,
        mtu: None,
        isolated: false,
        link: Link::Bridge,
        no_carrier: false,
        bandwidth: Bandwidth::default(),
        vlans: None,
        static_macs: false,
        host_addresses: vec![],
        host_routes: vec![],
    }
}

/// One interface with everything, one with nothing.
fn two_interfaces() -> Vec<Interface> {
    let v6 = Address { address: "fd00:9::10".parse().unwrap(), prefix: 64, peer: None };
    let peer = Address { address: [10, 1, 0, 1].into(), prefix: 32, peer: Some([10, 1, 0, 2].into()) };
    let mut first = interface(0);
    first.addresses.extend([v6, peer]);
    first.mtu = Some(1400);
    let route = |to: &str, prefix, via: &str, metric| Route {
        destination: to.parse().unwrap(),
        prefix,
        gateway: via.parse().unwrap(),
        metric,
    };
    first.routes = vec![
        route("0.0.0.0", 0, "10.9.8.1", None),
        route("10.77.0.0", 16, "10.9.8.2", Some(50)),
        route("fd00:77::", 32, "fd00:9::1", None),
    ];
    let mut second = interface(1);
    (second.guest_name, second.addresses, second.up) = ("mgmt".into(), vec![], false);
    vec![first, second]
}

fn interfaces_reach_the_bridge(dir: &Path) {
    make_bridge();
    let root = make_root(dir);
    let script = "ip -o link show eth0; ip -o addr show eth0; ip -o link show mgmt; ip route; ip -6 route
        echo == ping; ping -c1 -W2 10.9.8.1 | grep -c 'bytes from'; read line";
    let mut plan = plan(&root, script);
    plan.interfaces = two_interfaces();
    for map in [None, idmap(true)] {
        plan.idmap = map;
        let container = boot(&plan);
        assert_eq!(container.interfaces, ["vnet0", "vnet1"]);
        let text = read_until(&container, "== ping\n1\n");
        for expect in [
            "mtu 1400",
            "link/ether 52:54:00:00:01:00",
            "inet 10.9.8.10/24 brd 10.9.8.255",
            "inet6 fd00:9::10/64",
            "inet 10.1.0.1 peer 10.1.0.2/32",
            "link/ether 52:54:00:00:01:01",
            "default via 10.9.8.1 dev eth0",
            "10.77.0.0/16 via 10.9.8.2 dev eth0  metric 50",
            "fd00:77::/32 via fd00:9::1 dev eth0",
        ] {
            assert!(text.contains(expect), "{expect}: {text}");
        }
        let second = text.lines().find(|line| line.contains(": mgmt@")).unwrap();
        assert!(!second.contains("UP"), "{second}");
        let ports = sh("ip -d link show master br0");
        for expect in [
            "vnet0",
            "vnet1",
            "fe:54:00:00:01:00",
            "mtu 1400",
            "alias virtcontainer:c7a5fdbd-cdaf-9455-926a-d65c16db1809:0",
            "alias virtcontainer:c7a5fdbd-cdaf-9455-926a-d65c16db1809:1",
            "isolated off",
        ] {
            assert!(ports.contains(expect), "{expect}: {ports}");
        }
        end(&container);
        runtime::net::unplug(&plan.uuid, &container.interfaces).unwrap();
        assert_eq!(sh("ip -o link show master br0"), "");
    }
}

fn isolated_ports_do_not_see_each_other(dir: &Path) {
    make_bridge();
    let root = make_root(dir);
    let ping =
        "for a in 10.9.8.1 10.9.8.11; do ping -c3 -W1 $a | grep -q 'bytes from' && echo 1 || echo 0; done";
    for (isolated, expect) in [(false, "1\n1\n"), (true, "1\n0\n")] {
        let mut other = plan(&root, "echo up; read line");
        other.interfaces = vec![Interface { guest_name: "eth0".into(), isolated, ..interface(1) }];
        let mut pinging = plan(&root, ping);
        pinging.interfaces = vec![Interface { isolated, ..interface(0) }];
        let container = boot(&other);
        read_until(&container, "up");
        let pinger = boot(&pinging);
        assert_eq!(drain(&pinger, 0), expect, "isolated: {isolated}");
        pidfd::wait(pinger.init.as_fd()).unwrap();
        end(&container);
        runtime::net::unplug(&other.uuid, &["vnet0".into(), "vnet1".into()]).unwrap();
    }
}

fn host_names_are_unique(dir: &Path) {
    make_bridge();
    sh("ip link add vnet0 type veth peer name x0; ip link add vnet1 type veth peer name x1");
    let root = make_root(dir);
    let mut plan = plan(&root, "read line");
    plan.interfaces = vec![interface(0)];
    let container = boot(&plan);
    assert_eq!(container.interfaces, ["vnet2"]);
    end(&container);
    plan.interfaces[0].host_name_fixed = true;
    let before = belongings();
    let failure = start(&plan, &no_group(), None).unwrap_err();
    assert_eq!(failure.what, "interface 'vnet0' on bridge 'br0'");
    assert_eq!((failure.step.as_str(), failure.errno), ("network", 17));
    // The first container's interface may go at any time.
    assert_eq!(before[..4], belongings()[..4]);
}

fn facts_of(plan: &Plan, text: &str) -> (String, String) {
    assert_eq!(section(text, "end"), "");
    let map = plan.idmap.is_some();
    let facts = section(text, "net").to_owned();
    (facts, if map { section(text, "user").to_owned() } else { String::new() })
}

fn reboot_keeps_the_network(dir: &Path) {
    make_bridge();
    let root = make_root(dir);
    let script = "echo == net; ip -o addr show eth0; ip -o link show eth0; ip route; readlink /proc/1/ns/net
        echo == user; readlink /proc/1/ns/user; echo == uts; hostname; hostname changed; touch /boots
        ip addr add 10.3.2.1/32 dev eth0 2>/dev/null; ping -c1 -W2 10.9.8.1 | grep -c 'bytes from'; id -u
        echo == end; read line";
    let mut plan = plan(&root, script);
    plan.interfaces = vec![interface(0)];
    plan.interfaces[0].routes = vec![Route {
        destination: [0, 0, 0, 0].into(),
        prefix: 0,
        gateway: [10, 9, 8, 1].into(),
        metric: None,
    }];
    for map in [None, idmap(true)] {
        plan.idmap = map;
        let first = boot(&plan);
        let before = facts_of(&plan, &read_until(&first, "== end\n"));
        assert!(before.0.contains("10.9.8.10"));
        end(&first);
        let index = sh("cat /sys/class/net/vnet0/ifindex 2>/dev/null || ip -o link show vnet0 | cut -d: -f1");
        let mut kept = first.kept;
        drop(first.consoles);
        for round in 0..3 {
            let again = start(&plan, &no_group(), Some(&kept)).unwrap();
            assert_eq!(again.interfaces, ["vnet0"]);
            let text = read_until(&again, "== end\n");
            assert_eq!(section(&text, "uts"), "guest\n1\n0", "round {round}");
            let (net, user) = facts_of(&plan, &text);
            assert!(net.contains("10.3.2.1"), "{net}");
            assert_eq!(net.lines().last(), before.0.lines().last());
            assert_eq!(user, before.1);
            assert_eq!(end(&again), Exit::Signal(9));
            kept = again.kept;
        }
        assert_eq!(sh("ip -o link show vnet0 | cut -d: -f1"), index);
        runtime::net::unplug(&plan.uuid, &kept.interfaces).unwrap();
    }
}

fn namespaces_can_be_shared(dir: &Path) {
    let root = make_root(dir);
    let mut plan =
        plan(&root, "hostname; readlink /proc/1/ns/net; readlink /proc/1/ns/uts; ls -1 /sys/class/net");
    let kinds = Kinds::none().with(Kind::Net).with(Kind::Uts);
    let (reader, writer) = kernel::fd::pipe().unwrap();
    let other = clone::spawn(&Options { namespaces: kinds, ..Options::default() }, || {
        rustix::system::sethostname(b"other").unwrap();
        sh("ip link add own type bridge");
        rustix::io::write(&writer, b"x").unwrap();
        loop {
            rustix::event::pause();
        }
    })
    .unwrap();
    drop(writer);
    assert_eq!(rustix::io::read(&reader, &mut [0]).unwrap(), 1);
    let link = |kind: &str| {
        let path = format!("/proc/{}/ns/{kind}", other.pid);
        std::fs::read_link(path).unwrap().display().to_string()
    };
    let before = belongings();
    for map in [None, idmap(true)] {
        plan.idmap = map;
        plan.network = Namespace::OfProcess { pid: other.pid };
        plan.uts = Namespace::AtPath { path: format!("/proc/{}/ns/uts", other.pid).into() };
        assert_eq!(run(&plan), format!("other\n{}\n{}\nlo\nown\n", link("net"), link("uts")));
        plan.uts = Namespace::Private;
        plan.network = Namespace::Host;
        let own = std::fs::read_link("/proc/self/ns/net").unwrap();
        assert!(run(&plan).starts_with(&format!("guest\n{}\n", own.display())));
    }
    plan.network = Namespace::AtPath { path: "/proc/self/ns/uts".into() };
    assert_eq!(start(&plan, &no_group(), None).unwrap_err().errno, 22);
    plan.network = Namespace::OfProcess { pid: i32::MAX };
    assert_eq!(start(&plan, &no_group(), None).unwrap_err().errno, 3);
    assert_eq!(before, belongings());
    pidfd::kill(other.pidfd.as_fd()).unwrap();
    pidfd::wait(other.pidfd.as_fd()).unwrap();
}

fn unplug_spares_strangers(_: &Path) {
    sh("ip link add vnet0 type veth peer name a; ip link add vnet1 type veth peer name b
        ip link set vnet0 alias virtcontainer:someone-else:0; ip link add vnet2 type veth peer name c
        ip link set vnet2 alias virtcontainer:me:0");
    let names: Vec<String> = (0..4).map(|number| format!("vnet{number}")).collect();
    runtime::net::unplug("me", &names).unwrap();
    assert_eq!(sh("ip -o link | grep -c ': vnet'").trim(), "2");
}
