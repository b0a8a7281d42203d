//! Single devices: attach and detach documents, aliases, looking up.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use conf::domain::{Device, Devices, DomainDef, FormatFlags, ParseContext};

fn context() -> ParseContext {
    ParseContext::new("x86_64", "/usr/lib/libvirt/libvirt_lxc", |bytes| bytes.fill(0x42))
}

fn domain(devices: &str) -> DomainDef {
    let xml = format!(
        "<domain type='lxc'><name>d</name><memory>65536</memory><os><type>exe</type><init>/x</init></os>\
         <devices>{devices}</devices></domain>"
    );
    DomainDef::parse(&xml, &context()).unwrap()
}

fn device(xml: &str) -> Device {
    Device::parse(xml, &context()).unwrap()
}

const ALL: &str = "<console type='pty'/><console type='pty'/>\
    <interface type='bridge'><source bridge='br0'/><mac address='52:54:00:00:00:01'/><guest dev='eth0'/></interface>\
    <interface type='bridge'><source bridge='br0'/><mac address='52:54:00:00:00:02'/></interface>\
    <filesystem><source dir='/a'/><target dir='/'/></filesystem>\
    <filesystem><source dir='/b'/><target dir='/b'/></filesystem>\
    <disk type='block'><source dev='/dev/x'/><target dev='vda'/></disk>\
    <hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/><product id='0x2'/><address bus='1' device='5'/></source></hostdev>\
    <hostdev mode='capabilities' type='misc'><source><char>/dev/net/tun</char></source></hostdev>\
    <memballoon model='virtio'/>";

#[test]
fn one_device_is_read_and_printed() {
    let nic = device("<interface type='network'><source network='default'/></interface>");
    assert_eq!(nic.kind(), "interface");
    assert_eq!(
        nic.format(FormatFlags::INACTIVE),
        "<interface type='network'>\n  <mac address='52:54:00:42:42:42'/>\n  <source network='default'/>\n</interface>\n"
    );
    for xml in [
        "<console type='pty'/>",
        "<disk type='block'><source dev='/dev/x'/><target dev='vda'/></disk>",
        "<filesystem type='ram'><source usage='5'/><target dir='/r'/></filesystem>",
        "<memballoon model='none'/>",
    ] {
        let device = device(xml);
        assert_eq!(Device::parse(&device.format(FormatFlags::empty()), &context()).unwrap(), device, "{xml}");
    }
}

#[test]
fn what_is_no_device() {
    for (xml, code, message) in [
        ("<foo/>", 67, "unsupported configuration: unknown device type 'foo'"),
        ("<emulator>/x</emulator>", 67, "unsupported configuration: unknown device type 'emulator'"),
        (
            "<input type='tablet' bus='usb'/>",
            1,
            "internal error: Input devices are not supported by this virtualization driver.",
        ),
        (
            "<interface",
            35,
            "(device_definition):1: Couldn't find end of Start Tag interface line 1\n<interface\n----------^",
        ),
        ("<interface type='bridge'/>", 27, "XML error: interface type='bridge' requires a 'source' element"),
        ("<x:disk xmlns:x='urn:x'/>", 67, "unsupported configuration: unknown device type 'disk'"),
    ] {
        let error = Device::parse(xml, &context()).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (code, message), "{xml}");
    }
}

#[test]
fn devices_are_found_by_what_names_them() {
    let def = domain(ALL);
    let find = |xml: &str| {
        let index = def.devices.find(&device(xml)).unwrap()?;
        Some(def.devices.at(index).unwrap().format(FormatFlags::INACTIVE))
    };
    let nic =
        "<interface type='bridge'><source bridge='other'/><mac address='52:54:00:00:00:02'/></interface>";
    assert!(find(nic).unwrap().contains("00:02"));
    assert_eq!(find(&nic.replace("00:02", "00:03")), None);
    assert_eq!(find(&nic.replace("00:02", "00:01").replace("</int", "<guest dev='eth9'/></int")), None);
    assert!(
        find("<filesystem><source dir='/zzz'/><target dir='/b'/></filesystem>").unwrap().contains("'/b'")
    );
    assert!(find("<disk type='block'><source dev='/dev/y'/><target dev='vda'/></disk>").is_some());
    assert_eq!(find("<disk type='block'><source dev='/dev/x'/><target dev='vdb'/></disk>"), None);
    let usb = |source: &str| {
        find(&format!("<hostdev mode='subsystem' type='usb'><source>{source}</source></hostdev>"))
    };
    assert!(usb("<vendor id='1'/><product id='2'/>").is_some());
    assert!(usb("<address bus='1' device='5'/>").is_some());
    assert!(usb("<address bus='1' device='6'/>").is_none());
    assert!(usb("<vendor id='1'/><product id='3'/><address bus='1' device='5'/>").is_none());
    let misc =
        "<hostdev mode='capabilities' type='misc'><source><char>/dev/net/tun</char></source></hostdev>";
    assert!(find(misc).is_some());
    assert!(find(&misc.replace("tun", "tap")).is_none());
    assert!(find("<memballoon model='virtio'/>").is_some());
    assert!(find("<memballoon model='none'/>").is_none());
}

#[test]
fn several_interfaces_of_one_address_are_ambiguous() {
    let nic = "<interface type='ethernet'><mac address='52:54:00:00:00:01'/></interface>";
    let def = domain(&nic.repeat(2));
    let error = def.devices.find(&device(nic)).unwrap_err();
    assert_eq!(
        error.message,
        "operation failed: multiple devices matching MAC address 52:54:00:00:00:01 found"
    );
}

#[test]
fn aliases_are_given_once_and_found() {
    let mut def = domain(ALL);
    def.assign_aliases();
    let aliases = |devices: &Devices| -> Vec<String> {
        devices.iter().map(|d| d.info().alias.clone().unwrap()).collect()
    };
    let given = aliases(&def.devices);
    assert_eq!(
        given,
        [
            "virtio-disk0",
            "fs0",
            "fs1",
            "net0",
            "net1",
            "console0",
            "console1",
            "hostdev0",
            "hostdev1",
            "balloon0"
        ]
    );
    let index = def.devices.find_alias("net0").unwrap();
    let gone = def.devices.remove(index).unwrap();
    assert_eq!(gone.kind(), "interface");
    assert_eq!(def.devices.find_alias("net0"), None);
    def.devices.insert(device("<interface type='ethernet'/>"));
    def.devices.insert(device("<filesystem><source dir='/c'/><target dir='/c'/></filesystem>"));
    def.assign_aliases();
    assert_eq!(
        aliases(&def.devices),
        [
            "virtio-disk0",
            "fs0",
            "fs1",
            "fs2",
            "net1",
            "net0",
            "console0",
            "console1",
            "hostdev0",
            "hostdev1",
            "balloon0"
        ]
    );
    let again = def.clone();
    def.assign_aliases();
    assert_eq!(def, again);
    let live = def.format(FormatFlags::empty());
    assert!(live.contains("<alias name='fs2'/>"));
    assert!(!def.format(FormatFlags::INACTIVE).contains("alias"));
    assert_eq!(DomainDef::parse(&live, &context().live()).unwrap().devices.find_alias("console1"), Some(7));
    def.devices.clear_aliases();
    assert_eq!(def.format(FormatFlags::empty()), def.format(FormatFlags::INACTIVE));
}

#[test]
fn an_alias_in_the_document_decides() {
    let mut def = domain(ALL);
    def.assign_aliases();
    let find = |xml: &str| def.devices.find(&Device::parse(xml, &context().live()).unwrap()).unwrap();
    let nic = "<interface type='ethernet'><mac address='52:54:00:00:00:01'/><alias name='net1'/></interface>";
    assert_eq!(find(nic), def.devices.find_alias("net1"));
    assert_eq!(find(&nic.replace("net1", "fs0")), None);
}

#[test]
fn inserted_devices_stand_with_their_kind() {
    let mut def =
        domain("<disk type='block'><source dev='/dev/x'/><target dev='vdc'/></disk><console type='pty'/>");
    for xml in [
        "<filesystem><source dir='/a'/><target dir='/'/></filesystem>",
        "<disk type='block'><source dev='/dev/a'/><target dev='vda'/></disk>",
        "<disk type='block'><source dev='/dev/d'/><target dev='vdd'/></disk>",
        "<disk type='block'><source dev='/dev/u'/><target dev='sda' bus='usb'/></disk>",
        "<console type='pty'/>",
    ] {
        def.devices.insert(device(xml));
    }
    def.devices.complete().unwrap();
    let targets: Vec<_> = def.devices.disks().map(|d| d.target.as_str()).collect();
    assert_eq!(targets, ["vda", "vdc", "vdd", "sda"]);
    let ports: Vec<_> = def.devices.consoles().map(|c| c.target.port).collect();
    assert_eq!(ports, [Some(0), Some(1)]);
    let printed = def.format(FormatFlags::INACTIVE);
    assert_eq!(DomainDef::parse(&printed, &context()).unwrap(), def);
    def.devices.insert(device("<disk type='block'><source dev='/dev/b'/><target dev='vda'/></disk>"));
    assert!(def.devices.complete().is_err());
}

#[test]
fn claimed_numbers_cost_nothing() {
    let start = std::time::Instant::now();
    for devices in [
        "<disk type='block'><source dev='/dev/x'/><target dev='sdzzzzzz'/></disk>",
        "<disk type='block'><source dev='/dev/x'/><target dev='sda'/><address type='drive' controller='4000000000'/></disk>",
        "<controller type='scsi' index='4000000000'/>",
        "<channel type='pty'><target type='virtio'/><address type='virtio-serial' controller='999999'/></channel>",
    ] {
        let xml = format!(
            "<domain type='lxc'><name>d</name><memory>65536</memory><os><type>exe</type><init>/x</init></os>\
             <devices>{devices}</devices></domain>"
        );
        assert_eq!(DomainDef::parse(&xml, &context()).unwrap_err().code, 27, "{devices}");
    }
    for vcpu in ["-3", "4294967295", "99999999999999999999", "0", ""] {
        let xml = format!(
            "<domain type='lxc'><name>d</name><memory>65536</memory><vcpu>{vcpu}</vcpu>\
             <os><type>exe</type><init>/x</init></os></domain>"
        );
        assert_eq!(DomainDef::parse(&xml, &context()).unwrap_err().code, 27, "{vcpu}");
    }
    let many = "<console/>".repeat(5000);
    let xml = format!(
        "<domain type='lxc'><name>d</name><memory>65536</memory><os><type>exe</type><init>/x</init></os>\
         <devices>{many}</devices></domain>"
    );
    assert_eq!(
        DomainDef::parse(&xml, &context()).unwrap_err().message,
        "XML error: a domain has at most 4096 devices"
    );
    assert!(start.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn uuids_and_addresses_come_from_the_given_source() {
    let def = domain("<interface type='ethernet'/>");
    assert_eq!(def.uuid.to_string(), "42424242-4242-4242-8242-424242424242");
    assert_eq!(def.devices.interfaces().next().unwrap().mac.to_string(), "52:54:00:42:42:42");
}

#[test]
fn large_documents_are_fast() {
    let document = |top: &str, devices: &str| {
        format!(
            "<domain type='lxc'><name>d</name><memory>65536</memory><os><type>exe</type><init>/x</init></os>{top}\
             <devices>{devices}</devices></domain>"
        )
    };
    let many = |count: usize, part: fn(usize) -> String| (0..count).map(part).collect::<String>();
    let labels = many(60_000, |n| format!("<seclabel type='none' model='m{n}'/>"));
    let blkio = many(45_000, |n| format!("<device><path>/dev/d{n}</path><weight>5</weight></device>"));
    let metadata = many(60_000, |n| format!("<p:e xmlns:p='urn:{n}'/>"));
    let cpus = "0-16383,^1,".repeat(300_000);
    let consoles = "<console/>".repeat(4096);
    let nics = many(4096, |n| {
        format!(
            "<interface type='ethernet'><mac address='52:54:00:00:{:x}:{:x}'/></interface>",
            n / 256,
            n % 256
        )
    });
    for text in [
        document(&labels, ""),
        document(&format!("<blkiotune>{blkio}</blkiotune>"), ""),
        document(&format!("<metadata>{metadata}</metadata>"), ""),
        document(&format!("<vcpu cpuset='{cpus}'>1</vcpu>"), ""),
        document("", &consoles),
        document("", &nics),
        document("", &"<controller type='scsi'/>".repeat(4096)),
    ] {
        let start = std::time::Instant::now();
        if let Ok(mut def) = DomainDef::parse(&text, &context()) {
            def.assign_aliases();
            assert!(def.format(FormatFlags::empty()).ends_with("</domain>\n"));
        }
        assert!(start.elapsed() < std::time::Duration::from_secs(5), "{:?} {:.200}", start.elapsed(), text);
    }
}
