//! Against what libvirt 9.0.0 wrote for the same documents.

use expect_test::{Expect, expect};

use super::*;

fn def(body: &str) -> NetworkDef {
    let xml = format!(
        "<network><name>full</name><uuid>6f9e2c1e-1111-4222-8333-444455556666</uuid>{body}</network>"
    );
    NetworkDef::parse(&xml, |bytes| bytes.fill(1)).unwrap()
}

fn text(def: &NetworkDef) -> String {
    let files = Files {
        pid: Path::new("/run/libvirt/network/full.pid"),
        hostsfile: Path::new("/var/lib/libvirt/dnsmasq/full.hostsfile"),
        addnhosts: Path::new("/var/lib/libvirt/dnsmasq/full.addnhosts"),
    };
    conf(def, files).unwrap().lines().filter(|line| !line.starts_with("##")).collect::<Vec<_>>().join("\n")
}

fn check(body: &str, expect: &Expect) {
    expect.assert_eq(&text(&def(body)));
}

const FULL: &str = "<forward mode='nat'/><bridge name='virbr7'/><mtu size='1400'/>\
    <domain name='ex.com' localOnly='yes'/><dns><forwarder addr='8.8.8.8'/>\
    <forwarder domain='d.com' addr='8.8.4.4'/><forwarder domain='only.com'/><txt name='a' value='b c, d'/>\
    <srv service='s' protocol='tcp' domain='dd' target='t' port='1' priority='2' weight='3'/>\
    <srv service='s2' protocol='udp'/><host ip='10.1.2.5'><hostname>h</hostname><hostname>h2</hostname></host></dns>\
    <ip address='10.1.2.1' netmask='255.255.255.0' localPtr='yes'><dhcp>\
    <range start='10.1.2.2' end='10.1.2.254'><lease expiry='1' unit='hours'/></range>\
    <host mac='00:16:3e:77:e2:ed' name='hh' ip='10.1.2.10'/>\
    <host name='nomac' ip='10.1.2.11'><lease expiry='0'/></host></dhcp></ip>\
    <ip family='ipv6' address='fd00:1:2::1' prefix='64'><dhcp><range start='fd00:1:2::100' end='fd00:1:2::1ff'/>\
    <host id='0:1:0:1' name='v6h' ip='fd00:1:2::10'/></dhcp></ip>";

#[test]
fn everything() {
    check(
        FULL,
        &expect![[r"
            strict-order
            server=8.8.8.8
            server=/d.com/8.8.4.4
            server=/only.com/#
            no-resolv
            local=/ex.com/
            domain=ex.com
            expand-hosts
            local=/2.1.10.in-addr.arpa/
            localise-queries
            pid-file=/run/libvirt/network/full.pid
            except-interface=lo
            bind-dynamic
            interface=virbr7
            txt-record=a,b c, d
            srv-host=_s._tcp.dd,t,1,2,3
            srv-host=_s2._udp
            dhcp-range=10.1.2.2,10.1.2.254,255.255.255.0,1h
            dhcp-no-override
            dhcp-authoritative
            dhcp-range=fd00:1:2::100,fd00:1:2::1ff,64
            dhcp-lease-max=509
            dhcp-hostsfile=/var/lib/libvirt/dnsmasq/full.hostsfile
            addn-hosts=/var/lib/libvirt/dnsmasq/full.addnhosts
            dhcp-option=option:mtu,1400
            enable-ra"]],
    );
}

#[test]
fn isolated_with_advertisements_only() {
    check(
        "<bridge name='vb8'/><ip family='ipv6' address='fd00:3::1' prefix='64'/>",
        &expect![[r"
            strict-order
            localise-queries
            pid-file=/run/libvirt/network/full.pid
            except-interface=lo
            bind-dynamic
            interface=vb8
            dhcp-option=3
            no-resolv
            ra-param=*,0,0
            addn-hosts=/var/lib/libvirt/dnsmasq/full.addnhosts
            dhcp-range=fd00:3::1,ra-only"]],
    );
}

#[test]
fn hosts_and_names() {
    let def = def(FULL);
    let known = [
        Known::Mac("52:54:00:00:00:09".parse().unwrap(), "web".into()),
        Known::Mac("00:16:3E:77:E2:ED".parse().unwrap(), "other".into()),
        Known::Address("10.1.2.1".parse().unwrap(), "host".into()),
    ];
    let hosts = "00:16:3e:77:e2:ed,10.1.2.10,hh\nnomac,10.1.2.11,infinite\nid:0:1:0:1,v6h,[fd00:1:2::10]\n\
                 52:54:00:00:00:09,web\n";
    assert_eq!(hostsfile(&def, &known).unwrap(), hosts);
    assert_eq!(addnhosts(&def, &known).unwrap(), "10.1.2.5\th\th2\t\n10.1.2.1\thost\t\n");
}

#[test]
fn a_value_never_becomes_a_line() {
    let mut def = def("<bridge name='vb8'/><ip address='10.0.0.1' prefix='24'/>");
    def.dnsmasq_options.push("a=b\nserver=6.6.6.6".into());
    let files = Files { pid: Path::new("/p"), hostsfile: Path::new("/h"), addnhosts: Path::new("/a") };
    assert!(conf(&def, files).is_err());
    assert!(addnhosts(&def, &[Known::Address("10.0.0.1".parse().unwrap(), "a\nb".into())]).is_err());
}

#[test]
fn reverse_zones() {
    let zone = |ip: &str| reverse_zone(&def(&format!("<bridge name='b'/>{ip}")).ips[0]);
    assert_eq!(zone("<ip address='10.1.2.1' prefix='16'/>").as_deref(), Some("1.10.in-addr.arpa"));
    assert_eq!(zone("<ip address='10.1.2.1' prefix='23'/>"), None);
    let v6 = zone("<ip family='ipv6' address='2001:db8:ca2:2::1' prefix='64'/>");
    assert_eq!(v6.as_deref(), Some("2.0.0.0.2.a.c.0.8.b.d.0.1.0.0.2.ip6.arpa"));
}
