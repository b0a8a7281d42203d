//! File systems on block devices and in image files, as root and elsewhere.

use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use kernel::loopdev::LoopDevice;
use runtime::launch::start;
use runtime::plan::{Filesystem, FilesystemSource, Plan, Root};

use crate::Test;
use crate::support::{FIRST_ID, idmap, make_root, no_group, plan, run, sh};

pub(crate) const TESTS: &[Test] = &[
    ("images_of_every_kind_are_mounted", images_of_every_kind_are_mounted),
    ("block_devices_are_mounted", block_devices_are_mounted),
    ("an_image_can_be_the_root", an_image_can_be_the_root),
    ("ram_can_be_the_root", ram_can_be_the_root),
    ("what_is_no_image_is_refused", what_is_no_image_is_refused),
    ("mapped_is_for_foreign_trees_only", mapped_is_for_foreign_trees_only),
];

/// An image of `tree` with a file system of the kind.
fn image(dir: &Path, kind: &str, tree: &Path) -> PathBuf {
    let path = dir.join(format!("{kind}.img"));
    let (image, tree) = (path.display(), tree.display());
    sh(&format!("truncate -s 16M {image}; mkfs.{kind} -q -d {tree} {image}"));
    path
}

fn file(path: &Path, target: &str) -> Filesystem {
    Filesystem::new(FilesystemSource::File { path: path.to_owned() }, target)
}

/// Loop devices that stand for a file below `dir`. The kernel frees one when its mount is gone for good, a moment
/// after the end of the mount namespace.
fn loops_of(dir: &Path) -> Vec<String> {
    for _ in 0..500 {
        let list = sh("cat /sys/block/loop*/loop/backing_file 2>/dev/null || true");
        let ours = list.lines().filter(|line| line.starts_with(dir.to_str().unwrap()));
        let ours: Vec<String> = ours.map(str::to_owned).collect();
        if ours.is_empty() {
            return ours;
        }
        // It gives no notice of its own.
        let moment = rustix::event::Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
        let _ = rustix::event::poll(&mut [], Some(&moment));
    }
    sh("cat /sys/block/loop*/loop/backing_file").lines().map(str::to_owned).collect()
}

fn images_of_every_kind_are_mounted(dir: &Path) {
    let root = make_root(dir);
    let tree = dir.join("tree");
    fs::create_dir(&tree).unwrap();
    fs::write(tree.join("greeting"), "hello\n").unwrap();
    sh(&format!("mknod -m 666 {}/zero c 1 5", tree.display()));
    for kind in ["ext2", "ext3", "ext4"] {
        let image = image(dir, kind, &tree);
        let script =
            "cat /mnt/greeting; stat -c %u /mnt; grep ' /mnt ' /proc/mounts | cut -d' ' -f3,4 | tr , ' '
            (head -c1 /mnt/zero >/dev/null) 2>/dev/null && echo device
            echo new 2>/dev/null >/mnt/new && stat -c '%u %n' /mnt/new; true";
        let mut plan = plan(&root, script);
        for map in [None, idmap(true)] {
            plan.idmap = map;
            plan.filesystems = vec![file(&image, "/mnt")];
            let text = run(&plan);
            assert!(text.starts_with("hello\n0\n"), "{kind}: {text}");
            assert!(text.contains("ext4 "), "{kind}: {text}");
            assert!(text.contains("nodev") && !text.contains("device\n"), "{kind}: {text}");
            assert!(text.contains("0 /mnt/new"), "{kind}: {text}");
            plan.filesystems[0].readonly = true;
            let text = run(&plan);
            assert!(text.contains(" ro ") && !text.contains("/mnt/new"), "{kind}: {text}");
            assert_eq!(loops_of(dir), [""; 0], "{kind}");
        }
    }
}

fn block_devices_are_mounted(dir: &Path) {
    let root = make_root(dir);
    let image = image(dir, "ext4", &root);
    let opened = fs::File::options().read(true).write(true).open(&image).unwrap();
    let device = LoopDevice::attach(opened.as_fd(), false).unwrap();
    let mut plan = plan(&root, "cat /mnt/etc/group | head -1; grep ' /mnt ' /proc/mounts | cut -d' ' -f1,3");
    plan.idmap = idmap(true);
    plan.filesystems = vec![Filesystem::new(FilesystemSource::Block { path: device.path() }, "/mnt")];
    let text = run(&plan);
    assert_eq!(text, format!("root:x:0:\n{} ext4\n", device.path().display()));
    let other = FilesystemSource::Block { path: image };
    plan.filesystems = vec![Filesystem::new(other, "/mnt")];
    assert_eq!(start(&plan, &no_group(), None).unwrap_err().errno, 15, "not a block device");
}

fn an_image_can_be_the_root(dir: &Path) {
    let root = make_root(dir);
    let image = image(dir, "ext4", &root);
    fs::create_dir_all(dir.join("other")).unwrap();
    fs::write(dir.join("other/greeting"), "hello\n").unwrap();
    let other = FilesystemSource::Host { path: dir.join("other") };
    for readonly in [false, true] {
        // The mount points of an image that cannot be written must be there.
        let place = if readonly { "/tmp" } else { "/other" };
        let script =
            "stat -c '%u %n' / /bin/sh; (echo x >/etc/new) 2>/dev/null && cat /etc/new; cat PLACE/greeting";
        let mut plan = plan(&root, &script.replace("PLACE", place));
        plan.root = Root::Filesystem(Filesystem { readonly, ..file(&image, "/") });
        plan.filesystems = vec![Filesystem::new(other.clone(), place)];
        for map in [None, idmap(true)] {
            plan.idmap = map;
            let new = if readonly { "" } else { "x\n" };
            assert_eq!(run(&plan), format!("0 /\n0 /bin/sh\n{new}hello\n"));
        }
        assert_eq!(loops_of(dir), [""; 0]);
    }
}

fn ram_can_be_the_root(dir: &Path) {
    let root = make_root(dir);
    let mut plan = plan(&root, "stat -f -c %T /; ls -1 /; stat -c %a /; echo x >/new && cat /new");
    let ram = Filesystem::new(FilesystemSource::Ram { bytes: 1 << 20 }, "/");
    plan.root = Root::Filesystem(Filesystem { dir_mode: Some(0o750), ..ram });
    let program = FilesystemSource::Host { path: root.join("bin") };
    plan.filesystems = vec![Filesystem { readonly: true, ..Filesystem::new(program, "/bin") }];
    for map in [None, idmap(true)] {
        plan.idmap = map;
        assert_eq!(run(&plan), "tmpfs\nbin\ndev\nproc\nsys\n750\nx\n");
    }
    let bind = Filesystem::new(FilesystemSource::Bind { path: "/x".into() }, "/");
    plan.root = Root::Filesystem(bind);
    assert_eq!(start(&plan, &no_group(), None).unwrap_err().step, "plan");
}

fn failure_of(plan: &Plan) -> String {
    let failure = start(plan, &no_group(), None).unwrap_err();
    assert_eq!(failure.step, "filesystem");
    failure.what
}

fn what_is_no_image_is_refused(dir: &Path) {
    let root = make_root(dir);
    let mut plan = plan(&root, "true");
    let empty = dir.join("empty.img");
    sh(&format!("truncate -s 1M {}", empty.display()));
    plan.filesystems = vec![file(&empty, "/mnt")];
    let what = failure_of(&plan);
    assert!(what.contains("/mnt, unable to detect filesystem"), "{what}");
    plan.filesystems = vec![file(dir, "/mnt")];
    let what = failure_of(&plan);
    assert!(what.starts_with(dir.to_str().unwrap()), "{what}");
    plan.filesystems = vec![file(&dir.join("missing"), "/mnt")];
    assert!(failure_of(&plan).ends_with("missing"));
    assert_eq!(loops_of(dir), [""; 0]);
}

fn mapped_is_for_foreign_trees_only(dir: &Path) {
    let root = make_root(dir);
    let (ours, theirs) = (dir.join("ours"), dir.join("theirs"));
    fs::create_dir(&ours).unwrap();
    fs::create_dir(&theirs).unwrap();
    sh(&format!("chown {FIRST_ID}:{FIRST_ID} {0} {1}; chmod 755 {0}", ours.display(), root.display()));
    let mut plan =
        plan(&root, "for d in /plain /mapped /ours; do stat -c %u $d; echo x 2>/dev/null >$d/new; done");
    plan.idmap = idmap(false);
    let host = |path: &Path, target, mapped| {
        let source = FilesystemSource::Host { path: path.to_owned() };
        Filesystem { mapped, ..Filesystem::new(source, target) }
    };
    plan.filesystems =
        vec![host(&theirs, "/plain", false), host(&theirs, "/mapped", true), host(&ours, "/ours", true)];
    assert_eq!(run(&plan), "65534\n0\n0\n");
    assert_eq!(fs::metadata(theirs.join("new")).unwrap().uid(), 0);
    assert_eq!(fs::metadata(ours.join("new")).unwrap().uid(), FIRST_ID);
}
