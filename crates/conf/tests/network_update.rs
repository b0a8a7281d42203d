//! `virNetworkUpdate` against what libvirt 9.0.0 answered.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use conf::network::{Command, NetworkDef, Section, Update, check_network};

const NAT: &str = "<network><name>full</name><uuid>6f9e2c1e-1111-4222-8333-444455556666</uuid><forward mode='nat'/>\
    <dns><txt name='a' value='b'/><srv service='s' protocol='tcp' target='t' port='1'/>\
    <srv service='s2' protocol='udp'/><host ip='10.1.2.5'><hostname>h</hostname><hostname>h2</hostname></host></dns>\
    <ip address='10.1.2.1' prefix='24'><dhcp><range start='10.1.2.2' end='10.1.2.254'/>\
    <host mac='00:16:3e:77:e2:ed' name='hh' ip='10.1.2.10'/></dhcp></ip>\
    <ip family='ipv6' address='fd00:1:2::1' prefix='64'/></network>";
const PRIVATE: &str =
    "<network><name>pv</name><forward mode='private'><interface dev='eth77'/></forward></network>";

struct Net(NetworkDef);

impl Net {
    fn new(xml: &str) -> Self {
        let def = NetworkDef::parse(xml, |bytes| bytes.fill(1)).unwrap();
        check_network(&def).unwrap();
        Self(def)
    }

    fn at(&mut self, index: Option<usize>, command: Command, section: Section, xml: &str) -> String {
        match self.0.update(&Update { command, section, index, xml }) {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("{} {} {}", error.code, error.origin, error.detail()),
        }
    }

    fn check(&mut self, command: Command, section: Section, xml: &str, expect: &str) {
        assert_eq!(self.at(None, command, section, xml), expect, "{command:?} {section:?} {xml}");
    }
}

use Command::{AddFirst, AddLast, Delete, Modify};
use Section::{DhcpHost, DhcpRange, DnsHost, DnsSrv, DnsTxt, ForwardInterface, PortGroup};

#[test]
fn dhcp_hosts() {
    let mut net = Net::new(NAT);
    let host = "<host mac='52:54:00:aa:00:01' name='u1' ip='10.1.2.20'/>";
    net.check(AddLast, DhcpHost, host, "ok");
    let text = "55 19 there is an existing dhcp host entry in network 'full' that matches \"<host \
                mac='52:54:00:aa:00:01' name='u1' ip='10.1.2.20'/>\"";
    net.check(AddLast, DhcpHost, host, text);
    net.check(AddFirst, DhcpHost, "<host mac='52:54:00:aa:00:02' ip='10.1.2.21'/>", "ok");
    assert_eq!(net.0.ips[0].hosts[0].ip, Some("10.1.2.21".parse().unwrap()));
    let text = "55 19 there is an existing dhcp host entry in network 'full' that matches \"<host \
                mac='52:54:00:aa:00:09' name='(null)' ip='10.1.2.21'/>\"";
    net.check(AddLast, DhcpHost, "<host mac='52:54:00:aa:00:09' ip='10.1.2.21'/>", text);
    net.check(Modify, DhcpHost, "<host mac='52:54:00:aa:00:01' name='u9' ip='10.1.2.29'/>", "ok");
    net.check(Modify, DhcpHost, "<host mac='52:54:00:aa:00:77' name='u9' ip='10.1.2.29'/>", "ok");
    net.check(Delete, DhcpHost, "<host name='u9'/>", "ok");
    let text = "55 19 couldn't locate a matching dhcp host entry in network 'full'";
    net.check(Delete, DhcpHost, "<host name='u9'/>", text);
    net.check(Delete, DhcpHost, "<host mac='52:54:00:aa:00:02'/>", "ok");
    let text = "27 19 At least one of name, mac, or ip attribute must be specified for static host definition in \
                network 'full' ";
    net.check(Delete, DhcpHost, "<host/>", text);
    let text = "27 19 unexpected element <range>, expecting <host>, while updating network 'full'";
    net.check(AddLast, DhcpHost, "<range/>", text);
    let text = "55 19 couldn't update dhcp host entry - no <ip> element found at index 9 in network 'full'";
    assert_eq!(net.at(Some(9), AddLast, DhcpHost, host), text);
    assert_eq!(net.at(Some(1), AddLast, DhcpHost, "<host id='0:1' ip='fd00:1:2::33'/>"), "ok");
    let text = "35 19 network_update_xml:1: Couldn't find end of Start Tag host line 1\n<host\n-----^";
    net.check(AddLast, DhcpHost, "<host", text);
    let text = "55 19 couldn't update dhcp host entry - no <ip> element found in network 'pv'";
    Net::new(PRIVATE).check(AddLast, DhcpHost, host, text);
}

#[test]
fn dhcp_ranges() {
    let mut net = Net::new(NAT);
    let range = "<range start='10.1.2.100' end='10.1.2.110'/>";
    net.check(AddLast, DhcpRange, range, "ok");
    let text = "55 19 there is an existing dhcp range entry in network 'full' that matches \"<range \
                start='10.1.2.100' end='10.1.2.110'/>\"";
    net.check(AddLast, DhcpRange, range, text);
    net.check(Modify, DhcpRange, range, "84 19 dhcp ranges cannot be modified, only added or deleted");
    net.check(Delete, DhcpRange, range, "ok");
    let text = "55 19 couldn't locate a matching dhcp range entry in network 'full'";
    net.check(Delete, DhcpRange, range, text);
    let text = "1 0 range 10.9.2.100 - 10.9.2.110 is not entirely within network 10.1.2.1/24";
    net.check(AddLast, DhcpRange, "<range start='10.9.2.100' end='10.9.2.110'/>", text);
}

#[test]
fn dns_records() {
    let mut net = Net::new(NAT);
    net.check(AddLast, DnsHost, "<host ip='10.1.2.7'><hostname>n7</hostname></host>", "ok");
    let text = "55 19 there is already at least one DNS HOST record with a matching field in network full";
    net.check(AddLast, DnsHost, "<host ip='10.1.2.7'><hostname>n8</hostname></host>", text);
    net.check(Delete, DnsHost, "<host ip='10.1.2.7'/>", "ok");
    let text = "55 19 couldn't locate a matching DNS HOST record in network full";
    net.check(Delete, DnsHost, "<host ip='10.1.2.7'/>", text);
    let text = "84 19 DNS HOST records cannot be modified, only added or deleted";
    net.check(Modify, DnsHost, "<host ip='10.1.2.5'><hostname>n8</hostname></host>", text);
    net.check(Delete, DnsHost, "<host/>", "35 19 Missing ip and hostname in network 'full' DNS HOST record");
    net.check(Delete, DnsHost, "<host><hostname>h2</hostname></host>", "ok");

    net.check(AddLast, DnsTxt, "<txt name='x' value='y'/>", "ok");
    let text = "55 19 there is already a DNS TXT record with name 'x' in network full";
    net.check(AddLast, DnsTxt, "<txt name='x' value='z'/>", text);
    net.check(Delete, DnsTxt, "<txt name='x'/>", "ok");
    let text = "55 19 couldn't locate a matching DNS TXT record in network full";
    net.check(Delete, DnsTxt, "<txt name='x'/>", text);
    net.check(
        Delete,
        DnsTxt,
        "<txt/>",
        "35 19 missing required name attribute in DNS TXT record of network full",
    );

    let record = "<srv service='q' protocol='tcp'/>";
    net.check(AddLast, DnsSrv, record, "ok");
    let text =
        "55 19 there is already at least one DNS SRV record matching all specified fields in network full";
    net.check(AddLast, DnsSrv, record, text);
    net.check(Delete, DnsSrv, record, "ok");
    let text = "55 19 couldn't locate a matching DNS SRV record in network full";
    net.check(Delete, DnsSrv, record, text);
    let text = "55 19 multiple DNS SRV records matching all specified fields were found in network full";
    net.check(Delete, DnsSrv, "<srv/>", text);
    net.check(Delete, DnsSrv, "<srv service='s'/>", "ok");
}

#[test]
fn portgroups_and_interfaces() {
    let mut net = Net::new(NAT);
    net.check(AddLast, PortGroup, "<portgroup name='a' default='yes'/>", "ok");
    let text =
        "55 19 there is an existing portgroup entry in network 'full' that matches \"<portgroup name='a'>\"";
    net.check(AddLast, PortGroup, "<portgroup name='a'/>", text);
    let text = "55 19 a different portgroup entry in network 'full' is already set as the default. Only one default \
                is allowed.";
    net.check(AddLast, PortGroup, "<portgroup name='b' default='yes'/>", text);
    net.check(Modify, PortGroup, "<portgroup name='a'/>", "ok");
    let text = "55 19 couldn't find a portgroup entry in network 'full' matching <portgroup name='zz'>";
    net.check(Modify, PortGroup, "<portgroup name='zz'/>", text);
    net.check(Delete, PortGroup, "<portgroup name='a'/>", "ok");

    let mut net = Net::new(PRIVATE);
    net.check(AddLast, ForwardInterface, "<interface dev='eth1'/>", "ok");
    let text =
        "55 19 there is an existing interface entry in network 'pv' that matches \"<interface dev='eth1'>\"";
    net.check(AddLast, ForwardInterface, "<interface dev='eth1'/>", text);
    net.check(Delete, ForwardInterface, "<interface dev='eth1'/>", "ok");
    let text = "55 19 couldn't find an interface entry in network 'pv' matching <interface dev='eth1'>";
    net.check(Delete, ForwardInterface, "<interface dev='eth1'/>", text);
    net.check(
        AddLast,
        ForwardInterface,
        "<interface/>",
        "27 19 missing dev attribute in <interface> element",
    );
    let text = "84 19 forward interface entries cannot be modified, only added or deleted";
    net.check(Modify, ForwardInterface, "<interface dev='eth1'/>", text);
    let text = "84 19 can't update 'forward pf' section of network 'pv'";
    net.check(AddLast, Section::Fixed("forward pf"), "<x/>", text);
}

#[test]
fn port_forwards_are_metadata() {
    let with = |forward: &str| {
        let metadata = format!(
            "<metadata><v:portForwards xmlns:v='https://virtcontainerd.org/xmlns/network/1.0'>{forward}\
             </v:portForwards></metadata>"
        );
        NetworkDef::parse(&NAT.replace("<forward mode", &format!("{metadata}<forward mode")), |b| b.fill(1))
            .unwrap()
    };
    let good = with(
        "<v:portForward proto='udp' to='10.1.2.9'><v:range start='80' end='90' to='8080'/></v:portForward>",
    );
    let forwards = good.port_forwards().unwrap();
    assert_eq!(forwards.len(), 1);
    assert!(forwards[0].udp && forwards[0].to_port == 8080 && forwards[0].ports.end == 90);
    for bad in [
        "<v:portForward proto='x' to='10.1.2.9'><v:range start='80'/></v:portForward>",
        "<v:portForward proto='tcp' to='10.9.2.9'><v:range start='80'/></v:portForward>",
        "<v:portForward proto='tcp' to='10.1.2.9'><v:range start='0'/></v:portForward>",
        "<v:portForward proto='tcp' to='10.1.2.9'><v:range start='9' end='8'/></v:portForward>",
        "<v:portForward proto='tcp' to='10.1.2.9'><v:range start='1' end='9' to='65535'/></v:portForward>",
    ] {
        assert!(with(bad).port_forwards().is_err(), "{bad}");
    }
}
