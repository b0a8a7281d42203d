//! Golden plans: what a definition comes to.

use conf::domain::{DomainDef, ParseContext};
use expect_test::{Expect, expect};

use runtime::plan::{DeviceNode, DeviceSource, Filesystem, FilesystemSource, SecurityModule};

use super::*;

fn context() -> ParseContext {
    ParseContext::new("x86_64", "/usr/libexec/virtcontainer-monitor", |bytes| bytes.fill(7))
}

fn make(xml: &str, change: impl FnOnce(&mut Config)) -> Result<Plan> {
    make_on(&Security::default(), xml, change)
}

/// On a host with this security module.
fn make_on(security: &Security, xml: &str, change: impl FnOnce(&mut Config)) -> Result<Plan> {
    let mut config = Config::new("/usr/libexec/virtcontainer-monitor");
    change(&mut config);
    let environment = Environment {
        config: &config,
        files: crate::Paths::below("/".as_ref()).of_monitor(&"c1".parse().unwrap()),
        id_range: Range { uid: 1_000_000, gid: 1_000_000, count: 65_536 },
        security,
        first_vnet: 4,
        kernel_has_seccomp: true,
        resolv_conf: Some("nameserver 192.0.2.1\n".to_owned()),
        os_release: Some("ID=test\n".to_owned()),
        usb: &|wanted| Ok(wanted.address),
        init_of: &|name| (name == "other").then_some(77),
        cpus: CpuSet::parse("0-1,3").ok(),
    };
    plan(&DomainDef::parse(xml, &context())?, &environment)
}

const ROOT: &str = "<filesystem><source dir='/srv/c1'/><target dir='/'/></filesystem>";

fn document(body: &str, devices: &str) -> String {
    format!(
        "<domain type='lxc' xmlns:lxc='http://libvirt.org/schemas/domain/lxc/1.0'><name>c1</name>\
         <uuid>6f9e2c1e-1111-4222-8333-444455556666</uuid><memory>65536</memory>\
         <os><type>exe</type><init>/sbin/init</init></os>{body}\
         <devices>{devices}<console type='pty'/></devices></domain>"
    )
}

fn planned(body: &str, devices: &str) -> Plan {
    make(&document(body, &format!("{ROOT}{devices}")), |_| ()).unwrap()
}

fn refused(xml: &str, text: &Expect) {
    text.assert_eq(&make(xml, |_| ()).unwrap_err().to_string());
}

#[test]
fn a_plain_container_gets_a_range_and_idmapped_mounts() {
    let plan = planned("", "");
    let source = FilesystemSource::Host { path: "/srv/c1".into() };
    assert_eq!(plan.root, Root::Filesystem(Filesystem::new(source, "/")));
    let range = vec![IdRange { inside: 0, outside: 1_000_000, count: 65_536 }];
    assert_eq!(plan.idmap, Some(PlanIdMap { uids: range.clone(), gids: range, idmapped_mounts: true }));
    assert_eq!(plan.network, Namespace::Private, "never the host's network by omission");
    assert_eq!((plan.ipc, plan.uts), (Namespace::Private, Namespace::Private));
    assert_eq!((plan.consoles, plan.cgroup.partition.as_str()), (1, "/machine"));
    assert_eq!(plan.cgroup.limits.memory_hard_kib, Some(65_536));
}

#[test]
fn the_environment_of_init_is_libvirts() {
    let body = "<vcpu>1</vcpu>";
    let xml = document(body, &format!("{ROOT}<console type='pty'/>"))
        .replace("</init>", "</init><initenv name='TERM'>vt100</initenv><initenv name='A'>b</initenv>");
    let env = make(&xml, |_| ()).unwrap().init.env;
    let lines: Vec<_> = env.iter().map(|(key, value)| format!("{key}={value}")).collect();
    expect![[r"
        PATH=/bin:/sbin
        TERM=vt100
        container=lxc-libvirt
        HOME=/
        container_uuid=6f9e2c1e-1111-4222-8333-444455556666
        container_ttys=pts/1
        LIBVIRT_LXC_UUID=6f9e2c1e-1111-4222-8333-444455556666
        LIBVIRT_LXC_NAME=c1
        A=b"]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn without_a_root_the_hosts_is_shown_read_only() {
    let xml = document("", "").replace("/sbin/init", "/bin/true");
    let plan = make(&xml, |config| config.default_profile = Profile::Compat).unwrap();
    assert_eq!(plan.root, Root::HostReadOnly);
    assert!(plan.idmap.is_some(), "a user namespace in every profile");
}

#[test]
fn an_init_system_needs_a_root() {
    let text = make(&document("", ""), |_| ()).unwrap_err().to_string();
    assert!(text.contains("<filesystem type='mount'>"), "it says what to add: {text}");
}

#[test]
fn explicit_maps_are_taken_as_they_are() {
    let map = |start, target| {
        format!(
            "<idmap><uid start='{start}' target='{target}' count='10'/>\
             <gid start='{start}' target='{target}' count='10'/></idmap>"
        )
    };
    let idmap = planned(&map(0, 5_000), "").idmap.unwrap();
    assert_eq!(idmap.uids, [IdRange { inside: 0, outside: 5_000, count: 10 }]);
    assert!(!idmap.idmapped_mounts, "the tree belongs to the mapped ids already");
    let identity = document(&map(0, 0), ROOT);
    refused(
        &identity,
        &expect![
            "unsupported configuration: the idmap gives the container the host's root; set allow_privileged in lxc.conf to allow that"
        ],
    );
    assert_eq!(make(&identity, |config| config.allow_privileged = true).unwrap().idmap, None);
}

#[test]
fn the_compat_profile_is_libvirts_behaviour() {
    let plan = make(&document("", ROOT), |config| config.default_profile = Profile::Compat).unwrap();
    assert_eq!((plan.idmap, plan.network), (None, Namespace::Host));
    let privnet = document("<features><privnet/></features>", ROOT);
    let plan = make(&privnet, |config| config.default_profile = Profile::Compat).unwrap();
    assert_eq!(plan.network, Namespace::Private);
}

#[test]
fn capabilities_follow_the_policy() {
    const MKNOD: u64 = 1 << 27;
    const SYS_ADMIN: u64 = 1 << 21;
    const SYSLOG: u64 = 1 << 34;
    let set = |policy: &str, inner: &str| {
        let body = format!("<features><capabilities policy='{policy}'>{inner}</capabilities></features>");
        planned(&body, "").capabilities
    };
    let default = planned("", "").capabilities;
    assert_eq!(default & (MKNOD | SYSLOG), 0);
    assert_eq!(default & SYS_ADMIN, SYS_ADMIN);
    assert_eq!(set("default", "<mknod state='on'/>"), default | MKNOD);
    assert_eq!(set("default", "<sys_admin state='off'/>"), default & !SYS_ADMIN);
    assert_eq!(set("allow", "<mknod state='off'/>"), !MKNOD);
    assert_eq!(set("deny", "<mknod state='on'/>"), MKNOD);
}

#[test]
fn interfaces_get_names_addresses_and_their_bridge() {
    let plan = planned(
        "",
        "<interface type='bridge'><source bridge='br0'/><mac address='52:54:00:00:00:01'/>\
         <ip address='10.0.0.2' prefix='8'/><route address='0.0.0.0' gateway='10.0.0.1'/></interface>\
         <interface type='bridge'><source bridge='br1'/><mac address='52:54:00:00:00:02'/>\
         <target dev='mine'/><guest dev='lan'/><link state='up'/></interface>\
         <interface type='bridge'><source bridge='br1'/><mac address='52:54:00:00:00:03'/></interface>",
    );
    let names: Vec<_> = plan
        .interfaces
        .iter()
        .map(|i| (i.bridge.as_str(), i.host_name.as_str(), i.host_name_fixed, i.guest_name.as_str(), i.up))
        .collect();
    assert_eq!(
        names,
        [
            ("br0", "vnet4", false, "eth0", true),
            ("br1", "mine", true, "lan", true),
            ("br1", "vnet5", false, "eth2", false),
        ]
    );
    assert_eq!((plan.interfaces[0].addresses[0].prefix, plan.interfaces[0].routes[0].prefix), (8, 0));
}

#[test]
fn what_is_not_there_yet_is_refused_by_name() {
    let volume = "<filesystem type='volume'><source pool='p' volume='v'/><target dir='/x'/></filesystem>";
    let text = make(&document("", &format!("{ROOT}{volume}")), |_| ()).unwrap_err().to_string();
    assert!(text.contains("volume 'v' of pool 'p'"), "{text}");
}

#[test]
fn file_systems_of_every_type() {
    let of = |xml: &str| planned("", xml).filesystems.remove(0);
    let file = of(
        "<filesystem type='file' accessmode='mapped' fmode='640' dmode='750'><driver type='loop' format='raw'/>\
         <source file='/x.img'/><target dir='/x'/><readonly/>\
         <space_hard_limit unit='KiB'>4</space_hard_limit></filesystem>",
    );
    let source = FilesystemSource::File { path: "/x.img".into() };
    let expect = Filesystem {
        readonly: true,
        mapped: true,
        space_hard_limit: Some(4096),
        file_mode: Some(0o640),
        dir_mode: Some(0o750),
        ..Filesystem::new(source, "/x")
    };
    assert_eq!(file, expect);
    let block = of("<filesystem type='block'><source dev='/dev/sda1'/><target dir='/x'/></filesystem>");
    assert_eq!(block.source, FilesystemSource::Block { path: "/dev/sda1".into() });
    let root = "<filesystem type='block'><source dev='/dev/sda1'/><target dir='/'/></filesystem>";
    let plan = make(&document("", root), |_| ()).unwrap();
    assert_eq!(plan.root, Root::Filesystem(Filesystem { target: "/".into(), ..block }));
    let error = |kind: &str, inner: &str| {
        let xml = format!("<filesystem type='{kind}'>{inner}<target dir='/x'/></filesystem>");
        make(&document("", &format!("{ROOT}{xml}")), |_| ()).unwrap_err().detail().to_owned()
    };
    let qcow2 = error("file", "<driver type='nbd' format='qcow2'/><source file='/x'/>");
    assert!(qcow2.contains("'qcow2'") && qcow2.contains("qemu-img convert"), "{qcow2}");
    let loop_of = error("file", "<driver type='loop' format='qcow2'/><source file='/x'/>");
    assert_eq!(loop_of, "fs format qcow2 is not supported");
    assert_eq!(error("template", "<source name='t'/>"), "Unexpected filesystem type template");
}

#[test]
fn disks_and_host_devices_are_nodes() {
    let node =
        |source, target: &str, readonly, mode| DeviceNode { source, target: target.into(), readonly, mode };
    let host = |path: &str| DeviceSource::Node { path: path.into() };
    let devices = planned(
        "<clock offset='utc'><timer name='rtc'/><timer name='hpet' present='no'/></clock>",
        "<disk type='file'><driver name='loop'/><source file='/x.img'/><target dev='vdb'/><readonly/></disk>\
         <disk type='file' device='cdrom'><target dev='hdc'/></disk>\
         <hostdev mode='capabilities' type='misc'><source><char>/dev/null</char></source></hostdev>\
         <hostdev mode='subsystem' type='usb'><source><address bus='1' device='23'/></source></hostdev>",
    )
    .devices;
    let image = DeviceSource::Image { path: "/x.img".into() };
    let expect = [
        node(host("/dev/rtc0"), "/dev/rtc0", true, None),
        node(image, "/dev/vdb", true, Some(0o600)),
        node(host("/dev/null"), "/dev/null", false, None),
        node(host("/dev/bus/usb/001/023"), "/dev/bus/usb/001/023", false, None),
    ];
    assert_eq!(devices, expect);
    let error = |xml: &str| make(&document("", &format!("{ROOT}{xml}")), |_| ()).unwrap_err().message;
    for (xml, expect) in [
        ("<disk type='block'><source dev='/dev/null'/><target dev='sda'/></disk>", "must be a block device"),
        (
            "<disk type='block'><source dev='/dev/nothing'/><target dev='sda'/></disk>",
            "Unable to access /dev/nothing",
        ),
        (
            "<disk type='dir'><source dir='/x'/><target dev='sda'/></disk>",
            "Can't setup disk for non-block device",
        ),
        (
            "<disk type='volume'><source pool='p' volume='v'/><target dev='sda'/></disk>",
            "volume 'v' of pool 'p'",
        ),
        (
            "<disk type='file'><driver name='loop' type='qcow2'/><source file='/x'/><target dev='sda'/></disk>",
            "disk format qcow2 is not supported",
        ),
        (
            "<disk type='file'><driver name='qemu' type='raw'/><source file='/x'/><target dev='sda'/></disk>",
            "disk driver qemu is not supported",
        ),
        (
            "<hostdev mode='capabilities' type='storage'><source><block>/dev/null</block></source></hostdev>",
            "Storage source /dev/null must be a block device",
        ),
        (
            "<hostdev mode='capabilities' type='misc'><source><char>/etc</char></source></hostdev>",
            "Character source /etc must be a character device",
        ),
        (
            "<hostdev mode='subsystem' type='pci'><source><address bus='1' slot='2' function='0'/></source></hostdev>",
            "Unsupported host device mode pci",
        ),
    ] {
        let text = error(xml);
        assert!(text.contains(expect), "{xml}: {text}");
    }
}

#[test]
fn shared_namespaces_are_resolved() {
    let share = |how: &str| planned(&format!("<lxc:namespace><lxc:shareipc {how}/></lxc:namespace>"), "").ipc;
    assert_eq!(share("type='name' value='other'"), Namespace::OfProcess { pid: 77 });
    assert_eq!(share("type='pid' value='12'"), Namespace::OfProcess { pid: 12 });
    let body = "<lxc:namespace><lxc:sharenet type='netns' value='red'/></lxc:namespace>";
    assert_eq!(planned(body, "").network, Namespace::AtPath { path: "/run/netns/red".into() });
    let wrong = document("<lxc:namespace><lxc:shareuts type='name' value='nobody'/></lxc:namespace>", ROOT);
    assert!(make(&wrong, |_| ()).unwrap_err().to_string().contains("'nobody'"));
}

#[test]
fn limits_are_in_the_cgroups_units() {
    let body = "<memtune><hard_limit unit='MiB'>1</hard_limit>\
                <soft_limit>512</soft_limit></memtune>\
                <cputune><shares>77</shares><period>1000</period><quota>2000</quota></cputune>\
                <numatune><memory mode='strict' nodeset='0'/></numatune>";
    let limits = planned(body, "").cgroup.limits;
    assert_eq!(limits.cpuset_cpus.as_deref(), Some("0-1,3"));
    assert_eq!(limits.cpuset_mems.as_deref(), Some("0"));
    assert_eq!((limits.memory_hard_kib, limits.memory_soft_kib), (Some(1024), Some(512)));
    assert_eq!(
        (limits.cpu_shares, limits.cpu_period_us, limits.cpu_quota_us),
        (Some(77), Some(1000), Some(2000))
    );
}

#[test]
fn the_host_name_is_what_a_host_name_may_be() {
    assert_eq!(hostname("web_1.example-a"), "web1example-a");
    assert_eq!(hostname("ü"), "container");
    assert_eq!(hostname(&"a".repeat(80)).len(), 63);
}

#[test]
fn names_and_name_servers_are_for_machines_that_cannot_ask() {
    let given =
        "<interface type='bridge'><source bridge='br0'/><ip address='192.0.2.9' prefix='24'/></interface>";
    let asks = "<interface type='bridge'><source bridge='br0'/></interface>";
    let servers = |devices: &str| planned("", devices).names.resolv_conf;
    assert_eq!(servers(given).unwrap(), "nameserver 192.0.2.1\n");
    assert_eq!(servers(&format!("{given}{asks}")), None, "DHCP brings them");
    assert_eq!(servers(""), None, "there is nobody to ask");
    let names = planned("", "").names;
    assert!(names.hosts.unwrap().contains("127.0.1.1\tc1\n"));
    assert_eq!(names.os_release.unwrap(), "ID=test\n");
    let application = document("", given).replace("/sbin/init", "/bin/true");
    assert_eq!(make(&application, |_| ()).unwrap().names.hosts, None, "it sees the host's");
}

#[test]
fn labels_are_those_of_the_hosts_module() {
    let selinux = Security { module: Some(SecurityModule::SeLinux), base: Some("u:r:container_t:s0".into()) };
    let apparmor = Security { module: Some(SecurityModule::AppArmor), base: None };
    let none = Security::default();
    let xml = |body: &str| document(body, ROOT);
    let label = |security: &Security, body: &str, change: fn(&mut Config)| {
        make_on(security, &xml(body), change).map(|plan| plan.label.map(|label| label.text))
    };
    let keep = |_: &mut Config| ();
    let fixed =
        "<seclabel type='static' model='selinux' relabel='no'><label>u:r:mine_t:s0</label></seclabel>";
    assert_eq!(label(&selinux, fixed, keep).unwrap().as_deref(), Some("u:r:mine_t:s0"));
    let dynamic = "<seclabel type='dynamic' model='selinux'/>";
    assert_eq!(label(&selinux, dynamic, keep).unwrap().as_deref(), Some("u:r:container_t:s0:c0,c16"));
    let profile = "<seclabel type='dynamic' model='apparmor'><baselabel>guests</baselabel></seclabel>";
    assert_eq!(label(&apparmor, profile, keep).unwrap().as_deref(), Some("guests"));
    assert_eq!(label(&selinux, "", keep).unwrap(), None);
    let confined = |config: &mut Config| config.security_default_confined = true;
    assert!(label(&selinux, "", confined).unwrap().is_some());
    let unconfined = "<seclabel type='none' model='selinux'/>";
    assert_eq!(label(&selinux, unconfined, confined).unwrap(), None);
    assert_eq!(label(&none, "", confined).unwrap(), None);

    let required = |config: &mut Config| config.security_require_confined = true;
    for (security, body, change, words) in [
        (
            &none,
            fixed,
            keep as fn(&mut Config),
            "Unable to find security driver for model selinux: this host has none",
        ),
        (
            &apparmor,
            dynamic,
            keep,
            "Unable to find security driver for model selinux: this host has apparmor",
        ),
        (&apparmor, "<seclabel type='dynamic' model='apparmor'/>", keep, "name it in <baselabel>"),
        (&selinux, unconfined, required, "Unconfined guests are not allowed on this host"),
        (&none, "", required, "Unconfined guests are not allowed on this host"),
    ] {
        let error = label(security, body, change).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
