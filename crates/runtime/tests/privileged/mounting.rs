//! File systems and devices of a running container.

use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::symlink;
use std::path::Path;

use runtime::devices::{self, DeviceDirectory};
use runtime::launch::Container;
use runtime::mounter::Target;
use runtime::plan::{DeviceNode, DeviceSource, Filesystem, FilesystemSource, IdMap, Plan};

use crate::Test;
use crate::support::{boot, end, idmap, make_root, plan, read_until, section, sh};

pub(crate) const TESTS: &[Test] = &[
    ("plugged_and_planned_filesystems_are_the_same", plugged_and_planned_filesystems_are_the_same),
    ("filesystems_come_and_go", filesystems_come_and_go),
    ("a_failed_attach_leaves_nothing", a_failed_attach_leaves_nothing),
    ("plugging_never_leads_out", plugging_never_leads_out),
    ("devices_come_and_go", devices_come_and_go),
];

fn target<'a>(container: &'a Container, idmap: Option<&'a IdMap>) -> Target<'a> {
    Target {
        init_pid: container.init_pid,
        init: container.init.as_fd(),
        userns: container.kept.user.as_ref().map(AsFd::as_fd),
        idmap,
        dev: container.dev.as_fd(),
    }
}

/// A container whose shell runs a script each time it gets a line, and then prints `done`.
fn interactive(root: &Path, script: &str) -> Plan {
    plan(root, &format!("echo ready; while read _; do {script}\necho done; done"))
}

fn ask(container: &Container) -> String {
    rustix::io::write(&container.consoles[0], b"go\n").unwrap();
    read_until(container, "done\n").replace("go\n", "").replace("done\n", "")
}

fn filesystems(dir: &Path) -> Vec<Filesystem> {
    let data = dir.join("data");
    fs::create_dir_all(data.join("sub")).unwrap();
    sh(&format!(
        "mountpoint -q {0}/sub || mount -t tmpfs none {0}/sub; echo deep >{0}/sub/file; echo one >{0}/one; \
         [ -e {0}.img ] || {{ truncate -s 8M {0}.img; mkfs.ext4 -q {0}.img; }}",
        data.display()
    ));
    let host =
        |path: &Path, target| Filesystem::new(FilesystemSource::Host { path: path.to_owned() }, target);
    vec![
        host(&data, "/a/deep"),
        Filesystem { readonly: true, ..host(&data, "/ro") },
        host(&data.join("one"), "/etc/one"),
        Filesystem::new(FilesystemSource::Ram { bytes: 1 << 20 }, "/ram"),
        Filesystem::new(FilesystemSource::File { path: dir.join("data.img") }, "/image"),
        Filesystem {
            readonly: true,
            ..Filesystem::new(FilesystemSource::Bind { path: "/a".into() }, "/again")
        },
    ]
}

fn plugged_and_planned_filesystems_are_the_same(dir: &Path) {
    let root = make_root(dir);
    let script = "for f in /a/deep /a/deep/sub /ro /ro/sub /etc/one /ram /image /again; do
            grep \" $f \" /proc/mounts | sed 's/loop[0-9]*/loop/'; stat -c '%u %a %F' $f
            [ -d $f ] && { echo 2>/dev/null x >$f/x && echo wrote $f; }
            mount -o remount,rw,bind $f 2>/dev/null && echo remounted $f; done
        for f in /a/deep/sub /ro/sub; do umount $f 2>/dev/null && echo unmounted $f; done
        echo == end; ";
    let filesystems = filesystems(dir);
    for map in [None, idmap(true)] {
        let mut cold = interactive(&root, script);
        cold.idmap.clone_from(&map);
        let mut hot = cold.clone();
        cold.filesystems.clone_from(&filesystems);
        let container = boot(&cold);
        read_until(&container, "ready\n");
        let planned = ask(&container);
        end(&container);
        hot.filesystems.clear();
        let container = boot(&hot);
        read_until(&container, "ready\n");
        for filesystem in &filesystems {
            target(&container, map.as_ref()).attach(filesystem).unwrap();
        }
        let plugged = ask(&container);
        end(&container);
        assert_eq!(planned, plugged);
        assert_eq!(planned.contains("remounted /ro\n"), map.is_none(), "{planned}");
        assert_eq!(planned.contains("unmounted"), map.is_none(), "{planned}");
        assert!(!section(&format!("== all\n{planned}"), "all").contains("wrote /ro"), "{planned}");
        assert!(planned.contains("wrote /image") && planned.contains("wrote /a/deep/sub"), "{planned}");
    }
}

fn filesystems_come_and_go(dir: &Path) {
    let root = make_root(dir);
    let script = "cut -d' ' -f5 /proc/self/mountinfo | grep -v '^/\\(dev\\|proc\\|sys\\|$\\)'; ls -R /a /ro /image 2>&1";
    let mut plan = interactive(&root, script);
    plan.filesystems = filesystems(dir);
    for map in [None, idmap(true)] {
        plan.idmap.clone_from(&map);
        let container = boot(&plan);
        read_until(&container, "ready\n");
        let before = ask(&container);
        for _ in 0..3 {
            for filesystem in plan.filesystems.iter().rev() {
                target(&container, map.as_ref()).detach(&filesystem.target).unwrap();
                // What the container has unmounted by itself is as well.
                target(&container, map.as_ref()).detach(&filesystem.target).unwrap();
            }
            let without = ask(&container);
            assert!(!without.contains("file") && !without.contains("/again\n"), "{without}");
            for filesystem in &plan.filesystems {
                target(&container, map.as_ref()).attach(filesystem).unwrap();
            }
            assert_eq!(ask(&container), before);
        }
        end(&container);
    }
}

fn a_failed_attach_leaves_nothing(dir: &Path) {
    let root = make_root(dir);
    let mut plan = interactive(&root, "cat /proc/self/mountinfo; find / -xdev");
    plan.idmap = idmap(true);
    let container = boot(&plan);
    read_until(&container, "ready\n");
    let before = ask(&container);
    let missing = FilesystemSource::Host { path: dir.join("missing") };
    let target = target(&container, plan.idmap.as_ref());
    let errno = |source, at: &str| target.attach(&Filesystem::new(source, at)).unwrap_err().errno;
    assert_eq!(errno(missing, "/mnt"), 2);
    assert_eq!(errno(FilesystemSource::Bind { path: "/missing".into() }, "/mnt"), 2);
    assert_eq!(errno(FilesystemSource::Ram { bytes: 4096 }, "/etc/passwd"), 20);
    assert_eq!(errno(FilesystemSource::Ram { bytes: 4096 }, "/proc"), 0);
    assert_eq!(errno(FilesystemSource::Ram { bytes: 4096 }, "/dev"), 0);
    assert_eq!(ask(&container), before);
    end(&container);
}

fn plugging_never_leads_out(dir: &Path) {
    let root = make_root(dir);
    let canary = dir.join("canary");
    fs::create_dir(&canary).unwrap();
    symlink(format!("../../../../../../..{}", canary.display()), root.join("away")).unwrap();
    symlink("/proc/1/root/..", root.join("magic")).unwrap();
    let before = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let mut plan = interactive(&root, "true");
    for map in [None, idmap(true)] {
        plan.idmap.clone_from(&map);
        let container = boot(&plan);
        read_until(&container, "ready\n");
        for link in ["/away/x", "/magic/x", "/proc/1/root/x"] {
            let ram = Filesystem::new(FilesystemSource::Ram { bytes: 4096 }, link);
            target(&container, map.as_ref()).attach(&ram).unwrap_err();
        }
        end(&container);
    }
    assert_eq!(fs::read_dir(&canary).unwrap().count(), 0);
    assert_eq!(fs::read_to_string("/proc/self/mountinfo").unwrap(), before);
}

fn devices_come_and_go(dir: &Path) {
    let root = make_root(dir);
    let image = dir.join("disk.img");
    fs::write(&image, "data".repeat(1024)).unwrap();
    let canary = dir.join("canary");
    fs::create_dir(&canary).unwrap();
    let script = "stat -c '%n %F %a %u' /dev/sda /dev/bus/usb/001/002 2>&1; head -c4 /dev/sda 2>&1; echo
        echo == end";
    let mut plan = interactive(&root, script);
    for map in [None, idmap(true)] {
        plan.idmap.clone_from(&map);
        let container = boot(&plan);
        read_until(&container, "ready\n");
        let directory = DeviceDirectory::new(container.dev.as_fd(), map.as_ref()).unwrap();
        let absent = ask(&container);
        let mut disk = DeviceNode {
            source: DeviceSource::Image { path: image.clone() },
            target: "/dev/sda".into(),
            readonly: true,
            mode: Some(0o600),
        };
        let device = devices::attach_image(&mut disk).unwrap().unwrap();
        assert_eq!(disk.source, DeviceSource::Node { path: device.path() });
        let usb = DeviceNode { target: "/dev/bus/usb/001/002".into(), ..DeviceNode::same("/dev/zero") };
        for _ in 0..20 {
            for node in [&disk, &usb] {
                directory.make(node).unwrap();
            }
            let present = ask(&container);
            let expect = "/dev/sda block special file 600 0\n/dev/bus/usb/001/002 character special file 666 0\ndata\n";
            assert!(present.starts_with(expect), "{present}");
            for node in [&disk, &usb] {
                directory.remove(node).unwrap();
                directory.remove(node).unwrap();
            }
            assert_eq!(ask(&container), absent);
        }
        // Whatever the container puts there.
        sh(&format!(
            "echo >/proc/{0}/root/dev/sda; ln -s {1} /proc/{0}/root/dev/out",
            container.init_pid,
            canary.display()
        ));
        assert_eq!(directory.make(&disk).unwrap_err().errno, 17);
        directory.remove(&disk).unwrap();
        let out = DeviceNode { target: "/dev/out/x".into(), ..usb };
        directory.make(&out).unwrap_err();
        assert_eq!(fs::read_dir(&canary).unwrap().count(), 0);
        end(&container);
    }
}
