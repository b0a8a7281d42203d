//! SMBIOS of the host.

use protocol::Uuid;
use xml::Element;

use crate::{Error, Host, Result};

const DIR: &str = "sys/class/dmi/id";

/// Elements of the document: their entries, and the file each comes from.
const BLOCKS: [(&str, &[(&str, &str)]); 4] = [
    (
        "bios",
        &[
            ("vendor", "bios_vendor"),
            ("version", "bios_version"),
            ("date", "bios_date"),
            ("release", "bios_release"),
        ],
    ),
    (
        "system",
        &[
            ("manufacturer", "sys_vendor"),
            ("product", "product_name"),
            ("version", "product_version"),
            ("serial", "product_serial"),
            ("uuid", "product_uuid"),
            ("sku", "product_sku"),
            ("family", "product_family"),
        ],
    ),
    (
        "baseBoard",
        &[
            ("manufacturer", "board_vendor"),
            ("product", "board_name"),
            ("version", "board_version"),
            ("serial", "board_serial"),
            ("asset", "board_asset_tag"),
        ],
    ),
    (
        "chassis",
        &[
            ("manufacturer", "chassis_vendor"),
            ("version", "chassis_version"),
            ("serial", "chassis_serial"),
            ("asset", "chassis_asset_tag"),
        ],
    ),
];

/// The `<sysinfo type='smbios'>` document.
pub fn sysinfo(host: &Host) -> Result<String> {
    let mut document = Element::new("sysinfo").with("type", "smbios");
    for (block, entries) in BLOCKS {
        let mut element = Element::new(block);
        for (name, file) in entries {
            let value = host.files.text(format!("{DIR}/{file}"))?.filter(|value| !value.is_empty());
            if let Some(value) = value {
                element.push(Element::with_text("entry", printed(file, value)).with("name", name));
            }
        }
        document.push_unless_bare(element);
    }
    if document.children.is_empty() {
        return Err(Error::NoSmbios);
    }
    Ok(document.to_xml())
}

/// Uuids are printed as everywhere else, whatever the firmware's taste.
fn printed(file: &str, value: String) -> String {
    match value.parse::<Uuid>() {
        Ok(uuid) if file == "product_uuid" => uuid.to_string(),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn entries_follow_the_firmware() {
        let files = [
            ("bios_vendor", "SeaBIOS\n"),
            ("bios_date", "04/01/2014\n"),
            ("sys_vendor", "Smith & Sons\n"),
            ("product_uuid", "4C4C4544-0051-3310-8058-B4C04F4D3332\n"),
            ("product_serial", "\n"),
            ("chassis_asset_tag", "7\n"),
        ];
        let fixture = Fixture::new().files("sys/class/dmi/id", &files);
        expect![[r#"
            <sysinfo type='smbios'>
              <bios>
                <entry name='vendor'>SeaBIOS</entry>
                <entry name='date'>04/01/2014</entry>
              </bios>
              <system>
                <entry name='manufacturer'>Smith &amp; Sons</entry>
                <entry name='uuid'>4c4c4544-0051-3310-8058-b4c04f4d3332</entry>
              </system>
              <chassis>
                <entry name='asset'>7</entry>
              </chassis>
            </sysinfo>
        "#]]
        .assert_eq(&sysinfo(&fixture.host()).unwrap());
    }

    #[test]
    fn machines_without_smbios() {
        assert!(matches!(sysinfo(&Fixture::new().host()), Err(Error::NoSmbios)));
    }
}
