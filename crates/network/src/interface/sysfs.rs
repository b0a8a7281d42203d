//! What `/sys/class/net` says (sysfs-class-net in the kernel's documentation).

use std::path::Path;

use conf::interface::{InterfaceDef, InterfaceKind};

use super::Interfaces;

/// An interface in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) mac: String,
    pub(super) active: bool,
}

impl Interfaces {
    /// All interfaces that are no member of another one, by name.
    pub(super) fn list(&self) -> std::io::Result<Vec<Seen>> {
        let mut list = Vec::new();
        for entry in std::fs::read_dir(&self.net)?.flatten() {
            let dir = entry.path();
            if dir.join("master").exists() {
                continue;
            }
            list.extend(self.seen(&entry.file_name().to_string_lossy()));
        }
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }

    /// One interface; `None` if there is none of that name.
    pub(super) fn seen(&self, name: &str) -> Option<Seen> {
        let dir = self.dir(name)?;
        let mac = text(&dir, "address").unwrap_or_default();
        Some(Seen { name: name.to_owned(), mac, active: text(&dir, "operstate").as_deref() == Some("up") })
    }

    /// Every interface with the hardware address.
    pub(super) fn with_mac(&self, mac: &str) -> std::io::Result<Vec<Seen>> {
        let all = self.list()?;
        Ok(all.into_iter().filter(|seen| seen.mac.eq_ignore_ascii_case(mac)).collect())
    }

    /// The description of an interface; `None` if there is none of that name.
    pub(super) fn describe(&self, name: &str) -> Option<InterfaceDef> {
        let dir = self.dir(name)?;
        let kind = if dir.join("bridge").is_dir() {
            self.bridge(&dir)
        } else if dir.join("bonding").is_dir() {
            self.bond(&dir)
        } else {
            vlan(name).unwrap_or(InterfaceKind::Ethernet)
        };
        Some(InterfaceDef { kind, ..self.plain(name)? })
    }

    fn plain(&self, name: &str) -> Option<InterfaceDef> {
        let dir = self.dir(name)?;
        let state = text(&dir, "operstate");
        // Only one that is up has a speed; a virtual one may claim nonsense, or -1.
        let speed = text(&dir, "speed").and_then(|speed| speed.parse().ok());
        Some(InterfaceDef {
            name: name.to_owned(),
            mac: text(&dir, "address"),
            mtu: text(&dir, "mtu").and_then(|mtu| mtu.parse().ok()),
            speed: speed.filter(|_| state.as_deref() == Some("up")),
            state,
            kind: InterfaceKind::Ethernet,
        })
    }

    /// A name that is a file's, in the directory.
    fn dir(&self, name: &str) -> Option<std::path::PathBuf> {
        let plain = !name.is_empty() && !name.contains('/') && name != "." && name != "..";
        let dir = self.net.join(name);
        (plain && dir.join("ifindex").exists()).then_some(dir)
    }

    fn bridge(&self, dir: &Path) -> InterfaceKind {
        let bridge = dir.join("bridge");
        let mut ports = names(&dir.join("brif"));
        ports.sort();
        InterfaceKind::Bridge {
            stp: text(&bridge, "stp_state").is_some_and(|state| state != "0"),
            delay: text(&bridge, "forward_delay").unwrap_or_default(),
            ports: ports.iter().filter_map(|port| self.plain(port)).collect(),
        }
    }

    fn bond(&self, dir: &Path) -> InterfaceKind {
        let bonding = dir.join("bonding");
        let word = |name: &str| {
            let text = text(&bonding, name)?;
            text.split_whitespace().next().map(str::to_owned)
        };
        let number = |name: &str| word(name).filter(|number| number != "0");
        let or_none = |name: &str| word(name).unwrap_or_default();
        let carrier = if word("use_carrier").as_deref() == Some("1") { "netif" } else { "ioctl" };
        let miimon =
            number("miimon").map(|freq| [freq, or_none("downdelay"), or_none("updelay"), carrier.to_owned()]);
        let arpmon = number("arp_interval")
            .map(|interval| [interval, or_none("arp_ip_target"), or_none("arp_validate")]);
        let slaves = text(&bonding, "slaves").unwrap_or_default();
        InterfaceKind::Bond {
            mode: or_none("mode"),
            miimon,
            arpmon,
            slaves: slaves.split_whitespace().filter_map(|slave| self.plain(slave)).collect(),
        }
    }
}

/// `/proc/net/vlan/NAME` tells what a VLAN interface is on.
fn vlan(name: &str) -> Option<InterfaceKind> {
    let text = std::fs::read_to_string(Path::new("/proc/net/vlan").join(name)).ok()?;
    let tag = text.split("VID:").nth(1)?.split_whitespace().next()?.parse().ok()?;
    let on = text.split("Device:").nth(1)?.split_whitespace().next()?.to_owned();
    Some(InterfaceKind::Vlan { tag, on })
}

fn text(dir: &Path, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(dir.join(name)).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directories and files of sysfs.
    fn fixture(files: &[(&str, &str)]) -> (tempfile::TempDir, std::sync::Arc<Interfaces>) {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join("sys/class/net").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, format!("{content}\n")).unwrap();
        }
        let interfaces = Interfaces::below(root.path());
        (root, interfaces)
    }

    const FILES: &[(&str, &str)] = &[
        ("br0/ifindex", "3"),
        ("br0/address", "52:54:00:00:00:01"),
        ("br0/mtu", "1500"),
        ("br0/operstate", "up"),
        ("br0/bridge/stp_state", "1"),
        ("br0/bridge/forward_delay", "300"),
        ("br0/brif/eth0", ""),
        ("eth0/ifindex", "2"),
        ("eth0/master", "br0"),
        ("eth0/address", "52:54:00:00:00:02"),
        ("eth0/operstate", "up"),
        ("eth0/speed", "1000"),
        ("eth0/mtu", "1500"),
        ("bond0/ifindex", "4"),
        ("bond0/address", "52:54:00:00:00:03"),
        ("bond0/operstate", "down"),
        ("bond0/speed", "-1"),
        ("bond0/mtu", "9000"),
        ("bond0/bonding/mode", "active-backup 1"),
        ("bond0/bonding/miimon", "100"),
        ("bond0/bonding/use_carrier", "1"),
        ("bond0/bonding/downdelay", "0"),
        ("bond0/bonding/updelay", "10"),
        ("bond0/bonding/slaves", "eth0"),
    ];

    #[test]
    fn lists_leave_members_out() {
        let (_root, interfaces) = fixture(FILES);
        let names: Vec<_> =
            interfaces.list().unwrap().into_iter().map(|seen| (seen.name, seen.active)).collect();
        assert_eq!(names, [("bond0".to_owned(), false), ("br0".to_owned(), true)]);
        assert_eq!(interfaces.with_mac("52:54:00:00:00:01").unwrap().len(), 1);
        assert!(interfaces.seen("../br0").is_none() && interfaces.seen("zz").is_none());
    }

    #[test]
    fn documents() {
        let (_root, interfaces) = fixture(FILES);
        expect_test::expect![[r"
            <interface type='bridge' name='br0'>
              <mtu size='1500'/>
              <bridge stp='on' delay='300'>
                <interface type='ethernet' name='eth0'>
                  <link speed='1000' state='up'/>
                  <mac address='52:54:00:00:00:02'/>
                </interface>
              </bridge>
            </interface>
        "]]
        .assert_eq(&interfaces.describe("br0").unwrap().to_string());
        expect_test::expect![[r"
            <interface type='bond' name='bond0'>
              <mtu size='9000'/>
              <bond mode='active-backup'>
                <miimon freq='100' downdelay='0' updelay='10' carrier='netif'/>
                <interface type='ethernet' name='eth0'>
                  <link speed='1000' state='up'/>
                  <mac address='52:54:00:00:00:02'/>
                </interface>
              </bond>
              <link state='down'/>
              <mac address='52:54:00:00:00:03'/>
            </interface>
        "]]
        .assert_eq(&interfaces.describe("bond0").unwrap().to_string());
    }
}
