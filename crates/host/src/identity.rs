//! Names and versions.

use protocol::Uuid;

use crate::{Error, Host, Result};

/// What the driver calls itself; clients compare it.
pub const HYPERVISOR_TYPE: &str = "LXC";

/// The libvirt API level spoken, 11.3.0, as major * 1000000 + minor * 1000 + release.
pub const LIB_VERSION: u64 = 11_003_000;

/// The running kernel's version, packed as [`LIB_VERSION`] is.
pub fn kernel_version(host: &Host) -> Result<u64> {
    const FILE: &str = "proc/sys/kernel/osrelease";
    let wrong = |wrong| Error::Parse { path: host.files.path(FILE), wrong };
    let release = host.files.text(FILE)?.ok_or_else(|| wrong("no such file"))?;
    pack_version(&release).ok_or_else(|| wrong("not a version"))
}

/// `6.1.0-13-amd64` is 6001000; a missing release number counts as 0.
fn pack_version(release: &str) -> Option<u64> {
    let end = release.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(release.len());
    let mut numbers = release[..end].trim_end_matches('.').split('.').map(str::parse::<u64>);
    let major = numbers.next()?.ok()?;
    let minor = numbers.next()?.ok()?;
    let release = numbers.next().map_or(Some(0), std::result::Result::ok)?;
    major.checked_mul(1_000_000)?.checked_add(minor.checked_mul(1000)?)?.checked_add(release)
}

/// The host's name. A short one is completed as `/etc/hosts` has it (first name of the line, hosts(5)); the DNS is
/// not asked.
pub fn hostname(host: &Host) -> Result<String> {
    const FILE: &str = "proc/sys/kernel/hostname";
    let name = host
        .files
        .text(FILE)?
        .ok_or_else(|| Error::Missing { path: host.files.path(FILE), what: "host name" })?;
    if name.contains('.') || name.starts_with("localhost") {
        return Ok(name);
    }
    let hosts = host.files.text("etc/hosts")?.unwrap_or_default();
    Ok(match canonical_name(&hosts, &name) {
        Some(full) if !full.starts_with("localhost") => full.to_owned(),
        _ => name,
    })
}

fn canonical_name<'a>(hosts: &'a str, name: &str) -> Option<&'a str> {
    hosts.lines().find_map(|line| {
        let mut names = line.split('#').next()?.split_ascii_whitespace().skip(1);
        let first = names.next()?;
        (first == name || names.any(|alias| alias == name)).then_some(first)
    })
}

/// Identity of the machine: the SMBIOS uuid if the firmware has a usable one, else machine-id(5), else the kernel's
/// boot id. Constant at least until the next boot.
pub fn host_uuid(host: &Host) -> Result<Option<Uuid>> {
    for file in ["sys/class/dmi/id/product_uuid", "etc/machine-id", "proc/sys/kernel/random/boot_id"] {
        let uuid = host.files.text(file)?.and_then(|text| text.parse::<Uuid>().ok());
        if let Some(uuid) = uuid.filter(is_unique) {
            return Ok(Some(uuid));
        }
    }
    Ok(None)
}

/// Firmware without a uuid of its own fills the field with one repeated byte.
fn is_unique(uuid: &Uuid) -> bool {
    uuid.0.iter().any(|byte| *byte != uuid.0[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn versions_are_packed() {
        for (release, packed) in [
            ("6.18.44-fc-v657", Some(6_018_044)),
            ("6.1.0-13-amd64", Some(6_001_000)),
            ("5.4", Some(5_004_000)),
            ("4.19.0+", Some(4_019_000)),
            ("6.12-rc1", Some(6_012_000)),
            ("6", None),
            ("x", None),
            ("99999999999999999.1.1", None),
        ] {
            assert_eq!(pack_version(release), packed, "{release}");
        }
    }

    #[test]
    fn short_names_are_completed_from_hosts() {
        let fixture = Fixture::new().file("proc/sys/kernel/hostname", "node7\n");
        assert_eq!(hostname(&fixture.host()).unwrap(), "node7");
        let hosts = "127.0.0.1 localhost\n# 10.0.0.1 wrong node7\n10.0.0.7 node7.example.org node7\n";
        let fixture = fixture.file("etc/hosts", hosts);
        assert_eq!(hostname(&fixture.host()).unwrap(), "node7.example.org");
        let fixture = fixture.file("etc/hosts", "127.0.0.1 localhost node7\n");
        assert_eq!(hostname(&fixture.host()).unwrap(), "node7");
    }

    #[test]
    fn uuid_comes_from_the_first_usable_source() {
        let boot = "0f0e1b9c-79b6-4e9b-8a4f-3f63f7d9f1a2";
        let uuid = |fixture: &Fixture| host_uuid(&fixture.host()).unwrap().map(|uuid| uuid.to_string());
        let fixture = Fixture::new();
        assert_eq!(uuid(&fixture), None);
        let fixture = fixture.file("proc/sys/kernel/random/boot_id", boot);
        assert_eq!(uuid(&fixture).as_deref(), Some(boot));
        let fixture = fixture.file("etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n");
        assert_eq!(uuid(&fixture).as_deref(), Some("3d1219c7-c4c5-404a-aa1f-6d2a48adfda4"));
        let fixture = fixture.file("sys/class/dmi/id/product_uuid", "ffffffff-ffff-ffff-ffff-ffffffffffff");
        assert_eq!(uuid(&fixture).as_deref(), Some("3d1219c7-c4c5-404a-aa1f-6d2a48adfda4"));
        let fixture = fixture.file("sys/class/dmi/id/product_uuid", "4C4C4544-0051-3310-8058-B4C04F4D3332\n");
        assert_eq!(uuid(&fixture).as_deref(), Some("4c4c4544-0051-3310-8058-b4c04f4d3332"));
    }
}
