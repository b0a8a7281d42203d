//! What goes through a virtual network: leases, names, translation, isolation, forwarded ports.

use testkit::{Host, Root};

/// Asks for an address and takes it, as a distribution's DHCP client does; then says so.
const DHCP: &str = "\
mkdir -p /tmp; printf '#!/bin/sh
[ \"$1\" = bound ] || exit 0
ip address add $ip/$mask dev $interface
[ -z \"$router\" ] || ip route add default via $router
echo \"nameserver $dns\" >/etc/resolv.conf
echo \"$ip router=$router dns=$dns domain=$domain mtu=$mtu\" >/state/lease.new
mv /state/lease.new /state/lease
' >/bin/bound; chmod 755 /bin/bound
ip link set eth0 up
busybox udhcpc -f -i eth0 -n -q -t 15 -T 1 -A 1 -O mtu -x hostname:$(hostname) -s /bin/bound";

/// A network of the test's own.
fn network(host: &Host, name: &str, body: &str) {
    let file = format!("/run/test/{name}.xml");
    host.write(&file, &format!("<network><name>{name}</name>{body}</network>"));
    host.virsh(&["net-define", &file]).done();
    host.virsh(&["net-start", name]).done();
}

const NAT: &str = "<forward mode='nat'/><bridge name='vcbr1' stp='off' delay='0'/><mtu size='1400'/>\
    <domain name='test.example' localOnly='yes'/>\
    <ip address='10.77.1.1' netmask='255.255.255.0'><dhcp><range start='10.77.1.100' end='10.77.1.120'/>\
    <host mac='52:54:00:00:01:02' name='fixed' ip='10.77.1.50'/></dhcp></ip>";

fn nic(network: &str, mac: &str) -> String {
    format!(
        "<interface type='network'><mac address='{mac}'/><source network='{network}'/><link state='up'/></interface>"
    )
}

/// A container with one interface, which has its lease.
fn leased(host: &Host, name: &str, network: &str, mac: &str, then: &str) -> Root {
    let script = format!("hostname {name}\n{DHCP}\n{then}");
    host.probe(name, &script, |domain| domain.device(&nic(network, mac)))
}

/// Another host, reached by `out0`: 192.0.2.1 is ours, 192.0.2.2 its. It knows no way back to networks behind us.
fn outside(host: &Host) {
    let script = "ip netns add outside && ip link add out0 type veth peer name in0 netns outside
        ip address add 192.0.2.1/24 dev out0; ip link set out0 up
        ip -n outside address add 192.0.2.2/24 dev in0; ip -n outside link set in0 up; ip -n outside link set lo up";
    host.run(&["sh", "-c", script]).done();
}

#[test]
fn leases_and_names() {
    let host = Host::start();
    network(&host, "n1", NAT);
    let first = leased(&host, "c1", "n1", "52:54:00:00:01:01", "");
    let second = leased(
        &host,
        "c2",
        "n1",
        "52:54:00:00:01:02",
        "busybox nslookup c1.test.example 10.77.1.1 >/state/name 2>&1; busybox ping -c 1 -w 5 c1.test.example >/state/ping && echo yes >/state/reached",
    );
    let lease = host.seen(&first, "lease");
    assert!(lease.starts_with("10.77.1.1"), "{lease}");
    assert!(lease.ends_with("router=10.77.1.1 dns=10.77.1.1 domain=test.example mtu=1400"), "{lease}");
    assert!(host.seen(&second, "lease").starts_with("10.77.1.50 "), "the static host's address");
    let address = lease.split(' ').next().unwrap();
    assert!(host.seen(&second, "name").contains(address), "{}", host.seen(&second, "name"));
    assert_eq!(host.seen(&second, "reached"), "yes");

    let table = host.virsh(&["net-dhcp-leases", "n1"]).ok().to_owned();
    let rows: Vec<Vec<&str>> = table.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
    let row = rows.iter().find(|row| row.contains(&"52:54:00:00:01:01")).expect("a row for c1");
    assert_eq!(row[3..6], ["ipv4", &format!("{address}/24"), "c1"], "{table}");
    let one = host.virsh(&["net-dhcp-leases", "n1", "52:54:00:00:01:02"]).ok().to_owned();
    assert!(one.contains("10.77.1.50/24") && !one.contains("52:54:00:00:01:01"), "{one}");
    assert!(host.read("/var/lib/libvirt/dnsmasq/vcbr1.status").contains("\"ip-address\""));
    if host.subject().is_ours() {
        let answer = host.run(&["busybox", "nslookup", "private-host.test.example", "10.77.1.1"]).stdout;
        assert!(answer.contains("10.77.1.1"), "the host by name: {answer}");
    }
}

#[test]
fn translation_to_the_outside_and_not_back() {
    let host = Host::start();
    outside(&host);
    network(&host, "n1", NAT);
    let root = leased(
        &host,
        "c1",
        "n1",
        "52:54:00:00:01:02",
        "busybox ping -c 1 -w 5 192.0.2.2 >/state/ping && echo yes >/state/reached",
    );
    assert_eq!(host.seen(&root, "reached"), "yes");
    let from_outside = |address: &str| {
        host.run(&["ip", "netns", "exec", "outside", "busybox", "ping", "-c", "1", "-w", "2", address]).status
            == 0
    };
    host.run(&["ip", "-n", "outside", "route", "add", "10.77.1.0/24", "via", "192.0.2.1"]).done();
    assert!(from_outside("192.0.2.1"));
    assert!(!from_outside("10.77.1.50"), "nobody asked for that from the inside");
    assert!(host.pings("10.77.1.50"), "the host itself reaches it");
}

#[test]
fn a_routed_network_is_reached_both_ways() {
    let host = Host::start();
    outside(&host);
    let body = "<forward mode='route'/><bridge name='vcbr1' stp='off' delay='0'/>\
        <ip address='10.77.1.1' prefix='24'/><route address='10.99.0.0' prefix='16' gateway='10.77.1.9'/>";
    network(&host, "n1", body);
    let device = "<interface type='network'><source network='n1'/><ip address='10.77.1.5' prefix='24'/>\
        <route address='0.0.0.0' prefix='0' gateway='10.77.1.1'/></interface>";
    host.run(&["ip", "-n", "outside", "route", "add", "10.77.1.0/24", "via", "192.0.2.1"]).done();
    let script = "busybox ping -c 1 -w 5 192.0.2.2 >/state/ping && echo yes >/state/reached";
    let root = host.probe("c1", script, |domain| domain.device(device));
    assert_eq!(host.seen(&root, "reached"), "yes");
    let back = ["ip", "netns", "exec", "outside", "busybox", "ping", "-c", "1", "-w", "5", "10.77.1.5"];
    host.run(&back).done();
    assert!(host.run(&["ip", "route"]).ok().contains("10.99.0.0/16 via 10.77.1.9 dev vcbr1"));
}

#[test]
fn isolation_holds() {
    let host = Host::start();
    outside(&host);
    network(&host, "iso", "<bridge name='vcbr1' stp='off' delay='0'/><ip address='10.77.1.1' prefix='24'/>");
    network(&host, "n2", &NAT.replace("vcbr1", "vcbr2").replace("10.77.1.", "10.77.2."));
    let inside = |number: u8, script: &str| {
        let device = format!(
            "<interface type='network'><source network='iso'/><ip address='10.77.1.{number}' prefix='24'/>\
             <route address='0.0.0.0' prefix='0' gateway='10.77.1.1'/></interface>"
        );
        host.probe(&format!("c{number}"), script, |domain| domain.device(&device))
    };
    let _other = inside(6, "");
    let _ = leased(&host, "n", "n2", "52:54:00:00:02:01", "");
    let script = "for a in 10.77.1.1 10.77.1.6 192.0.2.2 192.0.2.1; do
        busybox ping -c 1 -w 2 $a >/dev/null 2>&1 && echo $a yes || echo $a no; done >/state/seen";
    let root = inside(5, script);
    // The host's own addresses are its own affair.
    assert_eq!(host.seen(&root, "seen"), "10.77.1.1 yes\n10.77.1.6 yes\n192.0.2.2 no\n192.0.2.1 yes");
}

#[test]
fn ipv6_by_advertisement_and_by_dhcp() {
    let host = Host::start();
    let v6 = |number: u8, dhcp: &str| {
        format!(
            "<bridge name='vcbr{number}' stp='off' delay='0'/>\
             <ip family='ipv6' address='fd77:{number}::1' prefix='64'>{dhcp}</ip>"
        )
    };
    network(&host, "ra", &v6(1, ""));
    network(&host, "d6", &v6(2, "<dhcp><range start='fd77:2::100' end='fd77:2::1ff'/></dhcp>"));
    // Two prefixes of the same container, each by its way.
    let script = "ip link set eth0 up; ip link set eth1 up
until ip -6 address show dev eth0 scope global | grep -q 'fd77:1::'; do busybox usleep 100000; done
ip -6 address show dev eth0 scope global | grep -o 'fd77:1::[^ ]*' >/state/ra
until ip -6 route show dev eth1 | grep -q fd77:2::; do busybox usleep 100000; done
echo yes >/state/d6";
    let root = host.probe("c1", script, |domain| {
        domain.device(&nic("ra", "52:54:00:00:01:01")).device(&nic("d6", "52:54:00:00:01:02"))
    });
    assert!(host.seen(&root, "ra").starts_with("fd77:1::"), "{}", host.seen(&root, "ra"));
    assert_eq!(host.seen(&root, "d6"), "yes");
}

/// libvirt has no forwarded ports; ours are kept in the metadata.
#[test]
fn ports_lead_into_the_network() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    outside(&host);
    let metadata = "<metadata><v:portForwards xmlns:v='https://virtcontainerd.org/xmlns/network/1.0'>\
        <v:portForward proto='tcp' to='10.77.1.50'><v:range start='8080' to='80'/></v:portForward>\
        </v:portForwards></metadata>";
    network(&host, "n1", &format!("{metadata}{NAT}"));
    let serve = "while :; do echo hello | busybox nc -l -p 80; done & echo >/state/serving";
    let _root = leased(&host, "c1", "n1", "52:54:00:00:01:02", serve);
    let ask = |prefix: &[&str], address: &str| {
        let command = format!("busybox nc -w 3 {address} 8080 </dev/null");
        host.run(&[prefix, &["sh", "-c", &command]].concat()).stdout
    };
    assert_eq!(ask(&["ip", "netns", "exec", "outside"], "192.0.2.1"), "hello\n");
    assert_eq!(ask(&[], "192.0.2.1"), "hello\n", "the host itself too");
    assert!(host.virsh(&["net-dumpxml", "n1"]).ok().contains("portForward"));
}

/// Another program's tables stay as they are, and ours next to them.
#[test]
fn tables_of_others_stay() {
    let host = Host::start();
    let others = "table ip filter {
            chain FORWARD { type filter hook forward priority 0; policy accept; }
            chain DOCKER-USER { }
        }
        table ip libvirt_network {
            chain forward { type filter hook forward priority 0; policy accept; }
        }
";
    host.write("/run/test/others.nft", others);
    host.run(&["nft", "-f", "/run/test/others.nft"]).done();
    network(&host, "n1", NAT);
    host.virsh(&["net-destroy", "n1"]).done();
    let after = host.run(&["nft", "list", "ruleset"]).ok().to_owned();
    for part in ["chain DOCKER-USER", "table ip libvirt_network"] {
        assert!(after.contains(part), "{part}: {after}");
    }
}
