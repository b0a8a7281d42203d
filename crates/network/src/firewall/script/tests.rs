//! Golden scripts.

use expect_test::{Expect, expect};

use super::*;

fn def(body: &str) -> NetworkDef {
    let xml =
        format!("<network><name>n</name><uuid>6f9e2c1e-1111-4222-8333-444455556666</uuid>{body}</network>");
    NetworkDef::parse(&xml, |bytes| bytes.fill(1)).unwrap()
}

fn check(body: &str, expect: &Expect) {
    let def = def(body);
    expect.assert_eq(&rules(&def, &def.port_forwards().unwrap()).unwrap());
}

#[test]
fn translated() {
    check(
        "<metadata><v:portForwards xmlns:v='https://virtcontainerd.org/xmlns/network/1.0'>\
         <v:portForward proto='tcp' to='10.1.2.9'><v:range start='8080' end='8081' to='80'/></v:portForward>\
         <v:portForward proto='udp' address='192.0.2.1' to='10.1.2.9'><v:range start='53'/></v:portForward>\
         </v:portForwards></metadata>\
         <forward mode='nat'/><bridge name='virbr7'/><ip address='10.1.2.1' prefix='24'/>\
         <ip family='ipv6' address='fd00:1::1' prefix='64'/>",
        &expect![[r#"
            table inet virtcontainer_virbr7
            delete table inet virtcontainer_virbr7
            table inet virtcontainer_virbr7 {
              comment "virtcontainerd: network 6f9e2c1e-1111-4222-8333-444455556666"
              chain input {
                type filter hook input priority filter; policy accept;
                iifname "virbr7" udp dport { 53, 67, 69, 547 } accept
                iifname "virbr7" tcp dport { 53, 67 } accept
              }
              chain output {
                type filter hook output priority filter; policy accept;
                oifname "virbr7" udp dport { 53, 68, 546 } accept
                oifname "virbr7" tcp dport { 53, 68 } accept
              }
              chain forward {
                type filter hook forward priority filter; policy accept;
                iifname "virbr7" oifname "virbr7" accept
                ip daddr 10.1.2.0/24 oifname "virbr7" ct state established,related accept
                ip daddr 10.1.2.0/24 oifname "virbr7" ct status dnat accept
                ip saddr 10.1.2.0/24 iifname "virbr7" accept
                ip6 daddr fd00:1::/64 oifname "virbr7" accept
                ip6 saddr fd00:1::/64 iifname "virbr7" accept
                oifname "virbr7" reject
                iifname "virbr7" reject
              }
              chain prerouting {
                type nat hook prerouting priority dstnat; policy accept;
                meta nfproto ipv4 fib daddr type local tcp dport 8080 dnat ip to 10.1.2.9:80
                meta nfproto ipv4 fib daddr type local tcp dport 8081 dnat ip to 10.1.2.9:81
                ip daddr 192.0.2.1 udp dport 53-53 dnat ip to 10.1.2.9
              }
              chain nat_output {
                type nat hook output priority -100; policy accept;
                meta nfproto ipv4 fib daddr type local tcp dport 8080 dnat ip to 10.1.2.9:80
                meta nfproto ipv4 fib daddr type local tcp dport 8081 dnat ip to 10.1.2.9:81
                ip daddr 192.0.2.1 udp dport 53-53 dnat ip to 10.1.2.9
              }
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                ip saddr 10.1.2.0/24 ip daddr 224.0.0.0/24 return
                ip saddr 10.1.2.0/24 ip daddr 255.255.255.255/32 return
                ip saddr 10.1.2.0/24 ip daddr != 10.1.2.0/24 meta l4proto { tcp, udp } masquerade to :1024-65535
                ip saddr 10.1.2.0/24 ip daddr != 10.1.2.0/24 masquerade
              }
            }
        "#]],
    );
}

#[test]
fn ranges_and_a_device() {
    let body = "<forward mode='nat' dev='eth0'><nat ipv6='yes'><address start='192.0.2.5' end='192.0.2.9'/>\
                <port start='2000' end='3000'/></nat></forward><bridge name='v'/>\
                <ip address='10.1.2.1' prefix='24'/><ip family='ipv6' address='fd00:1::1' prefix='64'/>";
    let def = def(body);
    let script = rules(&def, &[]).unwrap();
    for line in [
        "ip saddr 10.1.2.0/24 ip daddr != 10.1.2.0/24 oifname \"eth0\" meta l4proto { tcp, udp } snat ip to \
         192.0.2.5-192.0.2.9:2000-3000",
        "ip saddr 10.1.2.0/24 ip daddr != 10.1.2.0/24 oifname \"eth0\" snat ip to 192.0.2.5-192.0.2.9",
        "ip6 saddr fd00:1::/64 ip6 daddr != fd00:1::/64 oifname \"eth0\" masquerade",
        "ip saddr 10.1.2.0/24 iifname \"v\" oifname \"eth0\" accept",
        "ip daddr 10.1.2.0/24 iifname \"eth0\" oifname \"v\" ct state established,related accept",
    ] {
        assert!(script.lines().any(|found| found.trim() == line), "{line}\n{script}");
    }
}

#[test]
fn routed_isolated_open() {
    let routed =
        rules(&def("<forward mode='route'/><bridge name='v'/><ip address='10.1.2.1' prefix='24'/>"), &[]);
    let routed = routed.unwrap();
    assert!(
        routed.contains("ip daddr 10.1.2.0/24 oifname \"v\" accept") && !routed.contains("nat"),
        "{routed}"
    );
    let isolated = rules(&def("<bridge name='v'/><ip address='10.1.2.1' prefix='24'/>"), &[]).unwrap();
    assert!(!isolated.contains("10.1.2.0") && isolated.contains("iifname \"v\" reject"), "{isolated}");
    assert_eq!(
        rules(&def("<forward mode='open'/><bridge name='v'/><ip address='10.1.2.1' prefix='24'/>"), &[]),
        None
    );
    assert_eq!(rules(&def("<forward mode='bridge'/><bridge name='v'/>"), &[]), None);
}

#[test]
fn names_are_words_of_the_language() {
    assert!(check_name("virbr0").is_ok() && check_name("br-0_a.1").is_ok());
    for bad in ["a b", "a\"", "a;", "a{", "a\n"] {
        assert!(check_name(bad).is_err(), "{bad:?}");
    }
}
