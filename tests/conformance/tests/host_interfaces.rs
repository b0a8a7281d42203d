//! Network interfaces of the host, as libvirt's interface driver tells them.

use testkit::Host;

#[test]
fn interfaces_of_the_host() {
    let host = Host::start();
    let script = "ip link add br0 type bridge stp_state 1; ip link set br0 up
        ip link add v0 type veth peer name v1; ip link set v0 master br0; ip link set v0 up; ip link set v1 up
        ip link set v1 address 52:54:00:00:00:07";
    host.run(&["sh", "-c", script]).done();
    let table = host.virsh(&["iface-list", "--all"]).ok().to_owned();
    let rows: Vec<Vec<&str>> = table.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
    let state = |name: &str| rows.iter().find(|row| row.first() == Some(&name)).map(|row| row[1]);
    assert_eq!(state("v1"), Some("active"));
    assert_eq!(state("lo"), Some("inactive"), "its state is unknown");
    assert_eq!(state("v0"), None, "a port of a bridge is part of the bridge");
    let xml = host.virsh(&["iface-dumpxml", "br0"]).ok().to_owned();
    let port = host.read("/sys/class/net/v0/address").trim().to_owned();
    let delay = host.read("/sys/class/net/br0/bridge/forward_delay").trim().to_owned();
    let expect = format!(
        "<interface type='bridge' name='br0'>\n  <mtu size='1500'/>\n  <bridge stp='on' delay='{delay}'>\n    \
         <interface type='ethernet' name='v0'>\n      <link speed='10000' state='up'/>\n      \
         <mac address='{port}'/>\n    </interface>\n  </bridge>\n</interface>"
    );
    assert_eq!(xml.trim(), expect);
    let xml = host.virsh(&["iface-dumpxml", "52:54:00:00:00:07"]).ok().to_owned();
    assert!(xml.contains("name='v1'") && xml.contains("<mac address='52:54:00:00:00:07'/>"), "{xml}");
    let said = host.python(
        "
say([error(conn.interfaceLookupByName, 'zz'), error(conn.interfaceLookupByMACString, '52:54:00:11:22:33'),
     conn.interfaceLookupByName('v1').isActive(), conn.numOfInterfaces() > 0,
     error(conn.interfaceLookupByName('v1').create)])
",
    );
    let expect = serde_json::json!([
        [57, 26, "Interface not found: couldn't find interface named 'zz'"],
        [57, 26, "Interface not found: couldn't find interface with MAC address '52:54:00:11:22:33'"],
        1,
        true,
        [3, 26, "this function is not supported by the connection driver: virInterfaceCreate"],
    ]);
    assert_eq!(said, expect);
}
