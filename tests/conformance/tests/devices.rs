//! `<disk>` and `<hostdev>`: nodes in the container's `/dev`, what may be done with them, and what is left.

use testkit::{Domain, Host, Init};

/// A directory for images.
const IMAGES: &str = "/var/lib/libvirt/images";

/// What the container sees of `/dev/sda`: kind, permissions and owner, its first bytes, whether it can be written.
const LOOK: &str = "\
stat -c '%F %u' /dev/sda >/state/node
head -c 4 /dev/sda >/state/data
if (echo DATA >/dev/sda) 2>/state/refused; then echo yes; else echo no; fi >/state/written
ls /dev/sd* /dev/vd* 2>/dev/null >/state/all";

/// An image of 64 KiB that begins with `data`.
fn image(host: &Host, name: &str) -> String {
    let path = format!("{IMAGES}/{name}");
    host.write(&path, &"data".repeat(16 * 1024));
    path
}

fn disk(path: &str, more: &str) -> String {
    format!("<disk type='file'><driver name='loop'/><source file='{path}'/><target dev='sda'/>{more}</disk>")
}

/// Files behind loop devices that are in use.
fn loops(host: &Host) -> String {
    host.run(&["sh", "-c", "losetup -l -n -O BACK-FILE | grep images || true"]).ok().trim().to_owned()
}

#[test]
fn an_image_is_a_disk() {
    let host = Host::start();
    let path = image(&host, "a.img");
    let root = host.probe("c1", LOOK, |domain| domain.device(&disk(&path, "")));
    assert_eq!(host.seen(&root, "node"), "block special file 0");
    assert_eq!((host.seen(&root, "data"), host.seen(&root, "written")), ("data".into(), "yes".into()));
    assert_eq!(host.seen(&root, "all"), "/dev/sda");
    assert!(loops(&host).contains("a.img"));
    host.virsh(&["destroy", "c1"]).done();
    host.run(&["sync"]).done();
    assert!(host.read(&path).starts_with("DATA"), "written through");
    host.until("the loop device is free", || loops(&host).is_empty());
}

#[test]
fn a_readonly_disk_is_only_read() {
    let host = Host::start();
    let path = image(&host, "a.img");
    let root = host.probe("c1", LOOK, |domain| domain.device(&disk(&path, "<readonly/>")));
    assert_eq!((host.seen(&root, "data"), host.seen(&root, "written")), ("data".into(), "no".into()));
    assert!(host.seen(&root, "refused").contains("Operation not permitted"), "by the control group");
    host.virsh(&["destroy", "c1"]).done();
    assert!(host.read(&path).starts_with("data"));
}

#[test]
fn a_block_device_is_a_disk() {
    let host = Host::start();
    let path = image(&host, "b.img");
    let device = host.run(&["losetup", "--find", "--show", &path]).ok().trim().to_owned();
    let xml = format!("<disk type='block'><source dev='{device}'/><target dev='sda'/></disk>");
    let root = host.probe("c1", LOOK, |domain| domain.device(&xml));
    // From now on it lives as long as it is in use.
    host.run(&["losetup", "--detach", &device]).done();
    assert_eq!(host.seen(&root, "node"), "block special file 0");
    assert_eq!((host.seen(&root, "data"), host.seen(&root, "written")), ("data".into(), "yes".into()));
    host.virsh(&["destroy", "c1"]).done();
    host.until("the loop device is free", || loops(&host).is_empty());
}

#[test]
fn devices_of_the_host_are_there_under_their_names() {
    let host = Host::start();
    let path = image(&host, "c.img");
    let device = host.run(&["losetup", "--find", "--show", &path]).ok().trim().to_owned();
    let hostdev = |kind: &str, inner: &str| {
        format!("<hostdev mode='capabilities' type='{kind}'><source>{inner}</source></hostdev>")
    };
    let script = format!(
        "stat -c '%F %u' /dev/loop-control {device} >/state/nodes
        (exec 3</dev/loop-control) && echo opened >/state/char
        head -c 4 {device} >/state/block"
    );
    let root = host.probe("c1", &script, |domain| {
        domain
            .device(&hostdev("misc", "<char>/dev/loop-control</char>"))
            .device(&hostdev("storage", &format!("<block>{device}</block>")))
    });
    host.run(&["losetup", "--detach", &device]).done();
    assert_eq!(host.seen(&root, "nodes"), "character special file 0\nblock special file 0");
    assert_eq!((host.seen(&root, "char"), host.seen(&root, "block")), ("opened".into(), "data".into()));
    host.virsh(&["destroy", "c1"]).done();
    host.until("the loop device is free", || loops(&host).is_empty());
}

#[test]
fn a_usb_device_is_found_by_what_it_is() {
    let host = Host::start();
    // A machine without USB gets a bus with two sticks.
    let bus = "mount -t tmpfs none /sys/bus; mkdir -p /dev/bus; mount -t tmpfs none /dev/bus; cd /dev/bus
        mkdir -p usb/001; mknod usb/001/002 c 1 5; mknod usb/001/003 c 1 5
        for d in 2 3; do
            mkdir -p /sys/bus/usb/devices/1-$d; cd /sys/bus/usb/devices/1-$d
            echo 1 >busnum; echo $d >devnum; echo 0781 >idVendor; echo 556$d >idProduct
            echo 00 >bDeviceClass
        done";
    host.run(&["sh", "-ec", bus]).done();
    let usb =
        |source: &str| format!("<hostdev mode='subsystem' type='usb'><source>{source}</source></hostdev>");
    if host.subject().is_ours() {
        let script = "ls -R /dev/bus/usb >/state/bus; head -c 2 /dev/bus/usb/001/003 | wc -c >/state/read";
        let stick = usb("<vendor id='0x0781'/><product id='0x5563'/>");
        let root = host.probe("c1", script, |domain| domain.device(&stick));
        assert_eq!(host.seen(&root, "bus"), "/dev/bus/usb:\n001\n\n/dev/bus/usb/001:\n003");
        assert_eq!(host.seen(&root, "read"), "2");
    }
    let root = host.root("c2", &Init::Plain);
    host.define(&Domain::new("c2").root(&root).device(&usb("<vendor id='0x1234'/><product id='0x5678'/>")));
    let error = host.virsh(&["start", "c2"]).err().to_owned();
    assert!(error.contains("Did not find USB device 1234:5678"), "{error}");
    host.run(&["sh", "-ec", "umount /dev/bus; rmdir /dev/bus; umount /sys/bus"]).done();
}

#[test]
fn what_cannot_be_a_device_fails_the_start_and_leaves_nothing() {
    let host = Host::start();
    let path = image(&host, "a.img");
    let root = host.root("c1", &Init::Plain);
    let file = |source: &str, driver: &str| {
        format!("<disk type='file'><driver {driver}/><source file='{source}'/><target dev='sda'/></disk>")
    };
    let hostdev = |kind: &str, inner: &str| {
        format!("<hostdev mode='capabilities' type='{kind}'><source>{inner}</source></hostdev>")
    };
    let no_block = "<disk type='dir'><source dir='/srv'/><target dev='sdb'/></disk>".to_owned();
    for (xml, expect) in [
        (file("/nowhere.img", "name='loop'"), "/nowhere.img"),
        (file(&path, "name='loop' type='qcow2'"), "disk format qcow2 is not supported"),
        (file(&path, "name='qemu' type='raw'"), "disk driver qemu is not supported"),
        (format!("{}{no_block}", disk(&path, "")), "Can't setup disk for non-block device"),
        (hostdev("storage", "<block>/dev/full</block>"), "Storage source /dev/full must be a block device"),
        (
            hostdev("misc", "<char>/etc/passwd</char>"),
            "Character source /etc/passwd must be a character device",
        ),
    ] {
        host.define(&Domain::new("c1").root(&root).device(&xml));
        let error = host.virsh(&["start", "c1"]).err().to_owned();
        if host.subject().is_ours() {
            assert!(error.contains(expect), "{xml}: {error}");
        }
        host.virsh(&["undefine", "c1"]).done();
        host.until("the loop device is free", || loops(&host).is_empty());
    }
}
