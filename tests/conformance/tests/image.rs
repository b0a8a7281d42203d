//! `<filesystem>`s that are on block devices and in image files, and whose ids their files have.

use testkit::{Domain, Host, Init, Root};

const IMAGES: &str = "/var/lib/libvirt/images";

/// An ext4 image of a directory of this host.
fn image(host: &Host, name: &str, tree: &str) -> String {
    let path = format!("{IMAGES}/{name}");
    host.run(&["mkdir", "-p", IMAGES]).done();
    host.run(&["truncate", "-s", "16M", &path]).done();
    host.run(&["mkfs.ext4", "-q", "-d", tree, &path]).done();
    path
}

fn loops(host: &Host) -> String {
    host.run(&["sh", "-c", "losetup -l -n -O BACK-FILE | grep images || true"]).ok().trim().to_owned()
}

fn greeting(host: &Host) -> String {
    let tree = "/var/lib/libvirt/tree";
    host.write(&format!("{tree}/greeting"), "hello\n");
    image(host, "data.img", tree)
}

const LOOK: &str = "\
cat /mnt/greeting >/state/read
grep ' /mnt ' /proc/mounts >/state/mount
(echo new >/mnt/new) 2>/state/refused && stat -c '%u %a' /mnt/new >/state/new";

fn check(host: &Host, root: &Root, writable: bool) {
    assert_eq!(host.seen(root, "read"), "hello");
    assert!(host.seen(root, "mount").contains(" ext4 "), "{}", host.seen(root, "mount"));
    if writable {
        assert_eq!(host.seen(root, "new"), "0 644");
    } else {
        assert!(host.seen(root, "refused").contains("Read-only file system"));
    }
    host.virsh(&["destroy", "c1"]).done();
    host.until("the loop device is free", || loops(host).is_empty());
}

#[test]
fn an_image_file_is_mounted() {
    let host = Host::start();
    let path = greeting(&host);
    let file = |more: &str| {
        format!(
            "<filesystem type='file'><driver type='loop' format='raw'/><source file='{path}'/>\
             <target dir='/mnt'/>{more}</filesystem>"
        )
    };
    let root = host.probe("c1", LOOK, |domain| domain.device(&file("")));
    check(&host, &root, true);
    host.virsh(&["undefine", "c1"]).done();
    host.run(&["umount", root.path()]).done();
    let root = host.probe("c1", LOOK, |domain| domain.device(&file("<readonly/>")));
    check(&host, &root, false);
}

#[test]
fn a_block_device_is_mounted() {
    let host = Host::start();
    let path = greeting(&host);
    let device = host.run(&["losetup", "--find", "--show", &path]).ok().trim().to_owned();
    let block = format!("<filesystem type='block'><source dev='{device}'/><target dir='/mnt'/></filesystem>");
    let root = host.probe("c1", LOOK, |domain| domain.device(&block));
    host.run(&["losetup", "--detach", &device]).done();
    check(&host, &root, true);
}

#[test]
fn an_image_is_the_root() {
    let host = Host::start();
    let root = host.root("c1", &Init::Script("say booted; exec sleep 100000".into()));
    let path = image(&host, "root.img", root.path());
    let fs = format!(
        "<filesystem type='file'><driver type='loop'/><source file='{path}'/><target dir='/'/></filesystem>"
    );
    host.define(&Domain::new("c1").init(root.init()).device(&fs));
    host.virsh(&["start", "c1"]).done();
    let log = format!("/proc/{}/root/state/log", host.init_pid("c1"));
    host.wait_for(&log, |text| text.contains("booted"));
    assert_eq!(host.read(&root.file("/state/log")), "", "the directory is not the root");
    host.virsh(&["destroy", "c1"]).done();
    host.until("the loop device is free", || loops(&host).is_empty());
}

#[test]
fn what_holds_no_file_system_is_refused() {
    let host = Host::start();
    let path = format!("{IMAGES}/empty.img");
    host.write(&path, &"x".repeat(4096));
    let root = host.root("c1", &Init::Plain);
    let fs = |kind: &str, inner: &str| {
        format!("<filesystem type='{kind}'>{inner}<target dir='/mnt'/></filesystem>")
    };
    for (xml, expect) in [
        (fs("file", &format!("<driver type='loop'/><source file='{path}'/>")), "unable to detect filesystem"),
        (fs("file", "<driver type='loop'/><source file='/nowhere.img'/>"), "/nowhere.img"),
        (fs("file", &format!("<driver type='nbd' format='qcow2'/><source file='{path}'/>")), "nbd"),
        (
            fs("file", &format!("<driver type='loop' format='qcow2'/><source file='{path}'/>")),
            "fs format qcow2 is not supported",
        ),
        (fs("block", &format!("<source dev='{path}'/>")), &path),
        (fs("template", "<source name='t'/>"), "Unexpected filesystem type template"),
        (fs("volume", "<source pool='p' volume='v'/>"), "volume"),
    ] {
        host.define(&Domain::new("c1").root(&root).device(&xml));
        let error = host.virsh(&["start", "c1"]).err().to_owned();
        if host.subject().is_ours() {
            assert!(error.contains(expect), "{xml}: {error}");
        }
        assert_eq!(host.state("c1"), "shut off (failed)");
        host.virsh(&["undefine", "c1"]).done();
    }
    host.until("the loop device is free", || loops(&host).is_empty());
}

#[test]
fn mapped_files_have_the_ids_of_the_container() {
    let host = Host::start();
    if !host.subject().is_ours() {
        // The incumbent keeps accessmode and does nothing with it.
        return;
    }
    let root = host.root(
        "c1",
        &Init::Script(
            "\
        stat -c %u /plain /mapped >/state/owners; echo x >/mapped/new; say booted; exec sleep 100000"
                .into(),
        ),
    );
    host.run(&["chown", "-hR", "500000:500000", root.path()]).done();
    let map = "<idmap><uid start='0' target='500000' count='65536'/><gid start='0' target='500000' count='65536'/></idmap>";
    let fs = |mode: &str| {
        format!(
            "<filesystem type='mount' accessmode='{mode}'><source dir='/var/lib/libvirt/tree'/><target dir='/{mode}'/></filesystem>"
        )
    };
    host.run(&["mkdir", "/var/lib/libvirt/tree"]).done();
    let plain = fs("passthrough").replace("dir='/passthrough'", "dir='/plain'");
    host.define(&Domain::new("c1").element(map).root(&root).device(&plain).device(&fs("mapped")));
    host.start_container("c1", &root);
    assert_eq!(host.seen(&root, "owners"), "65534\n0");
    assert_eq!(host.owner("/var/lib/libvirt/tree/new"), (0, 0));
}
