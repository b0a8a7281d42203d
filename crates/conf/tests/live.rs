//! Documents of running domains: what `dumpxml` shows, and what is kept of it.

use conf::domain::{DomainDef, FormatFlags, ParseContext};

const LIVE: &str = include_str!("data/live/running.live.xml");
const INACTIVE: &str = include_str!("data/live/running.inactive.xml");

fn context() -> ParseContext {
    ParseContext::new("x86_64", "/usr/lib/libvirt/libvirt_lxc", |bytes| bytes.fill(0x42))
}

#[test]
fn a_live_document_survives() {
    let def = DomainDef::parse(LIVE, &context().live()).unwrap();
    assert_eq!(def.format(FormatFlags::empty()), LIVE);
    assert_eq!(def.id, Some(18620));
    assert_eq!(def.partition.as_deref(), Some("/machine"));
    let consoles: Vec<_> = def.devices.consoles().map(|c| c.source.path.as_deref().unwrap()).collect();
    assert_eq!(consoles, ["/dev/pts/0", "/dev/pts/1"]);
    let names: Vec<_> = def.devices.interfaces().map(|i| i.host_dev.as_deref().unwrap()).collect();
    assert_eq!(names, ["vnet0", "myveth"]);
}

#[test]
fn runtime_state_is_not_part_of_the_definition() {
    let live = DomainDef::parse(LIVE, &context().live()).unwrap();
    assert_eq!(live.format(FormatFlags::INACTIVE), INACTIVE);
    let pasted = DomainDef::parse(LIVE, &context()).unwrap();
    assert_eq!(pasted.format(FormatFlags::empty()), INACTIVE);
    assert_eq!(pasted.id, None);
}

#[test]
fn the_document_can_be_embedded() {
    let live = DomainDef::parse(LIVE, &context().live()).unwrap();
    let status = xml::Element::new("domstatus").with_child(live.to_element(FormatFlags::empty()));
    let read = xml::parse(&status.to_xml()).unwrap();
    let again = DomainDef::from_element(read.child("domain").unwrap(), &context().live()).unwrap();
    assert_eq!(again, live);
}

#[test]
fn passwords_are_secure_only() {
    let xml = "<domain type='lxc'><name>p</name><memory>65536</memory><os><type>exe</type><init>/x</init></os><devices>\
               <graphics type='vnc' port='-1' passwd='geheim'/><video><model type='vga'/></video></devices></domain>";
    let def = DomainDef::parse(xml, &context()).unwrap();
    assert!(!def.format(FormatFlags::INACTIVE).contains("geheim"));
    assert!(def.format(FormatFlags::INACTIVE | FormatFlags::SECURE).contains("passwd='geheim'"));
}
