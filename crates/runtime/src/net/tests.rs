use super::*;
use crate::plan::{Bandwidth, DirectMode};

pub(super) fn interface(host: &str, guest: &str) -> Interface {
    Interface {
        bridge: "br0".into(),
        host_name: host.into(),
        host_name_fixed: false,
        guest_name: guest.into(),
        mac: [0; 6],
        addresses: vec![],
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

#[test]
fn names_are_checked() {
    assert!(check(&[interface("vnet0", "eth0"), interface("vnet0", "eth1")]).is_ok());
    assert_eq!(check(&[interface("a", "eth0"), interface("b", "eth0")]).unwrap_err().errno, 17);
    for bad in ["", "..", "a/b", "a b", "vnet%d", "abcdefghijklmnop", "lo"] {
        assert!(check(&[interface("vnet0", bad)]).is_err(), "{bad:?}");
    }
    let link = Link::Direct { dev: "a/b".into(), mode: DirectMode::Vepa };
    assert!(check(&[Interface { link, ..interface("vnet0", "eth0") }]).is_err());
    let link = Link::Device { dev: "eth7".into() };
    assert!(check(&[Interface { link, bridge: String::new(), ..interface("", "eth0") }]).is_ok());
}

/// A plan of an older daemon has fewer fields.
#[test]
fn older_interfaces_are_understood() {
    let text = r#"{"bridge":"br0","host_name":"vnet0","host_name_fixed":false,"guest_name":"eth0",
        "mac":[0,0,0,0,0,0],"addresses":[],"routes":[],"up":true,"mtu":null,"isolated":false}"#;
    let read: Interface = serde_json::from_str(text).unwrap();
    assert_eq!(read, interface("vnet0", "eth0"));
}
