//! Roots, file systems of the plan, `/dev`, who owns what.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use runtime::launch::start;
use runtime::plan::{DeviceNode, Filesystem, FilesystemSource, Plan, Root};

use crate::Test;
use crate::support::{FIRST_ID, directory, idmap, make_root, no_group, plan, run, run_both, section, sh};

pub(crate) const TESTS: &[Test] = &[
    ("devices_are_the_usual_ones", devices_are_the_usual_ones),
    ("host_devices_can_be_added", host_devices_can_be_added),
    ("idmapped_root_keeps_owners_on_disk", idmapped_root_keeps_owners_on_disk),
    ("explicit_map_uses_owners_on_disk", explicit_map_uses_owners_on_disk),
    ("filesystems_of_all_kinds", filesystems_of_all_kinds),
    ("readonly_root_is_readonly", readonly_root_is_readonly),
    ("missing_sources_fail", missing_sources_fail),
    ("unmappable_trees_fail_with_advice", unmappable_trees_fail_with_advice),
    ("links_never_lead_out", links_never_lead_out),
    ("reserved_targets_are_refused", reserved_targets_are_refused),
    ("host_root_is_readonly_and_private", host_root_is_readonly_and_private),
];

fn filesystem(source: FilesystemSource, target: &str, readonly: bool) -> Filesystem {
    Filesystem { readonly, ..Filesystem::new(source, target) }
}

fn host(path: &Path, target: &str, readonly: bool) -> Filesystem {
    filesystem(FilesystemSource::Host { path: path.to_owned() }, target, readonly)
}

fn devices_are_the_usual_ones(dir: &Path) {
    let script = "cd /dev; for n in *; do echo $(stat -c '%n %F %a %u:%g %t:%T %N' $n | tr -d \"'\"); done
        echo == use; echo gone > null; head -c 4 zero | od -An -tx1; head -c 8 urandom | wc -c; echo x > full
        echo == mounts; for m in /dev /dev/pts /dev/shm /dev/mqueue; do grep \" $m \" /proc/mounts; done
        touch /dev/shm/x /dev/mqueue/q && stat -c '%u %n' /dev/shm/x /dev/pts /dev/mqueue";
    for text in run_both(dir, script) {
        let nodes: Vec<&str> = text.lines().take_while(|line| !line.starts_with("==")).collect();
        let expect = "console character special file 620 0:5 88:0 console
            fd symbolic link 777 0:0 0:0 fd -> /proc/self/fd
            full character special file 666 0:0 1:7 full
            mqueue directory 1777 0:0 0:0 mqueue
            null character special file 666 0:0 1:3 null
            ptmx symbolic link 777 0:0 0:0 ptmx -> pts/ptmx
            pts directory 755 0:0 0:0 pts
            random character special file 666 0:0 1:8 random
            shm directory 1777 0:0 0:0 shm
            stderr symbolic link 777 0:0 0:0 stderr -> /proc/self/fd/2
            stdin symbolic link 777 0:0 0:0 stdin -> /proc/self/fd/0
            stdout symbolic link 777 0:0 0:0 stdout -> /proc/self/fd/1
            tty character special file 666 0:0 5:0 tty
            tty1 character special file 620 0:5 88:0 tty1
            urandom character special file 666 0:0 1:9 urandom
            zero character special file 666 0:0 1:5 zero";
        let expect: Vec<String> = expect.lines().map(|line| line.trim().to_owned()).collect();
        assert_eq!(nodes, expect);
        assert!(section(&text, "use").starts_with(" 00 00 00 00\n8\n"), "{text}");
        assert!(section(&text, "use").contains("No space left on device"), "{text}");
        let mounts = section(&text, "mounts");
        assert_eq!(mounts.lines().filter(|line| line.contains("nosuid")).count(), 4, "{mounts}");
        assert!(text.ends_with("0 /dev/shm/x\n0 /dev/pts\n0 /dev/mqueue\n"), "{text}");
    }
}

fn host_devices_can_be_added(dir: &Path) {
    let root = make_root(dir);
    let mut plan =
        plan(&root, "stat -c '%n %F %a %u %t:%T' /dev/zero /dev/input/x; head -c1 /dev/input/x | wc -c");
    sh("mkdir -p /dev/input; mount -t tmpfs none /dev/input; mknod -m 640 /dev/input/x c 1 5");
    plan.devices = ["/dev/zero", "/dev/input/x"].map(DeviceNode::same).into();
    for map in [None, idmap(true)] {
        plan.idmap = map;
        let text = run(&plan);
        assert!(text.starts_with("/dev/zero character special file "), "{text}");
        assert!(text.ends_with("/dev/input/x character special file 640 0 1:5\n1\n"), "{text}");
    }
    for bad in ["/dev/missing", "/etc/passwd", "/dev/../etc/passwd", "/dev/pts", "/dev"] {
        plan.devices = vec![DeviceNode::same(bad)];
        let failure = start(&plan, &no_group(), None).unwrap_err();
        assert_eq!(failure.step, "device", "{failure:?}");
        assert!(failure.what.starts_with(bad), "{failure:?}");
    }
}

/// Owners of all files below a directory, as the host sees them.
fn owners(dir: &Path) -> String {
    sh(&format!("find {} -printf '%P %U %G %m %y\\n' | sort", dir.display()))
}

fn idmapped_root_keeps_owners_on_disk(dir: &Path) {
    let root = make_root(dir);
    fs::write(root.join("etc/shadow"), "").unwrap();
    fs::write(root.join("etc/bobs"), "").unwrap();
    sh(&format!("cd {}; chmod 640 etc/shadow; chown 1000:100 etc/bobs; chmod 700 etc/bobs", root.display()));
    let before = owners(&root);
    let mut plan = plan(
        &root,
        "stat -c '%n %u %g' /etc/shadow /etc/bobs /bin/sh; touch /etc/new; chown 1000:100 /etc/new; mkdir /etc/d
         cat /proc/1/uid_map | tr -s ' '",
    );
    plan.idmap = idmap(true);
    let text = run(&plan);
    assert_eq!(text, "/etc/shadow 0 0\n/etc/bobs 1000 100\n/bin/sh 0 0\n 0 268435456 65536\n");
    let new = fs::metadata(root.join("etc/new")).unwrap();
    assert_eq!((new.uid(), new.gid()), (1000, 100));
    assert_eq!(fs::metadata(root.join("etc/d")).unwrap().uid(), 0);
    fs::remove_file(root.join("etc/new")).unwrap();
    fs::remove_dir(root.join("etc/d")).unwrap();
    assert_eq!(owners(&root), before);
}

fn explicit_map_uses_owners_on_disk(dir: &Path) {
    let root = make_root(dir);
    sh(&format!("chown -hR {FIRST_ID}:{FIRST_ID} {}", root.display()));
    fs::write(root.join("etc/hosts"), "").unwrap();
    let mut plan = plan(&root, "stat -c '%n %u' /etc/passwd /etc/hosts; touch /new; stat -c %u /new /made");
    plan.idmap = idmap(false);
    plan.filesystems = vec![filesystem(FilesystemSource::Ram { bytes: 1 << 20 }, "/made", false)];
    assert_eq!(run(&plan), "/etc/passwd 0\n/etc/hosts 65534\n0\n0\n");
    assert_eq!(fs::metadata(root.join("new")).unwrap().uid(), FIRST_ID);
    // The mount point was made as the container's root would have.
    assert_eq!(fs::metadata(root.join("made")).unwrap().uid(), FIRST_ID);
}

fn filesystems_of_all_kinds(dir: &Path) {
    let root = make_root(dir);
    let data = dir.join("data");
    fs::create_dir_all(data.join("sub")).unwrap();
    sh(&format!("mount -t tmpfs none {0}/sub; echo deep > {0}/sub/file; echo one > {0}/one", data.display()));
    let script = "cat /a/deep/data/sub/file /ro/one /etc/one /again/one
        for d in /a/deep/data /ro /ro/sub /again /ram; do echo x > $d/x && echo wrote $d; done 2>&1
        echo y > /etc/one; stat -f -c %T /ram; df -k /ram | tail -1 | tr -s ' ' | cut -d' ' -f2
        for o in /ro /ro/sub; do mount -o remount,rw,bind $o 2>/dev/null && echo remounted $o; done; echo end";
    let mut plan = plan(&root, script);
    plan.filesystems = vec![
        host(&data, "/a/deep/data", false),
        host(&data, "/ro", true),
        host(&data.join("one"), "/etc/one", false),
        filesystem(FilesystemSource::Bind { path: "/a/deep/data".into() }, "/again", true),
        filesystem(FilesystemSource::Ram { bytes: 1 << 20 }, "/ram", false),
    ];
    for map in [None, idmap(true)] {
        plan.idmap = map;
        let text = run(&plan);
        let expect = "deep\none\none\none\nwrote /a/deep/data\n";
        assert!(text.starts_with(expect), "{text}");
        assert_eq!(text.matches("Read-only file system").count(), 3, "{text}");
        assert!(text.contains("wrote /ram\ntmpfs\n1024\n"), "{text}");
        let locked = text.ends_with("1024\nend\n");
        assert_eq!(locked, plan.idmap.is_some(), "{text}");
        assert_eq!(fs::read_to_string(data.join("one")).unwrap(), "y\n");
        assert_eq!(fs::metadata(data.join("x")).unwrap().uid(), 0);
        fs::write(data.join("one"), "one\n").unwrap();
        fs::remove_file(data.join("x")).unwrap();
    }
}

fn readonly_root_is_readonly(dir: &Path) {
    let root = make_root(dir);
    fs::remove_dir(root.join("proc")).unwrap();
    let script = "for d in / /etc /rw /dev; do echo x > $d/x && echo wrote $d; done 2>&1
        mount -o remount,rw,bind / 2>&1 && echo remounted";
    let mut plan = plan(&root, &format!("{script}; true"));
    plan.root = Root::Filesystem(host(&root, "/", true));
    plan.filesystems = vec![filesystem(FilesystemSource::Ram { bytes: 4096 }, "/rw", false)];
    for map in [None, idmap(true)] {
        plan.idmap = map;
        let text = run(&plan);
        let wrote: Vec<&str> = text.lines().filter(|line| line.starts_with("wrote")).collect();
        assert_eq!(wrote, ["wrote /rw", "wrote /dev"], "{text}");
        // The container's root may remount only where it is the host's.
        assert_eq!(text.contains("remounted"), plan.idmap.is_none(), "{text}");
    }
    assert!(root.join("rw").is_dir());
}

fn failure_of(plan: &Plan) -> (String, String, i32) {
    let failure = start(plan, &no_group(), None).unwrap_err();
    (failure.step, failure.what, failure.errno)
}

fn missing_sources_fail(dir: &Path) {
    let root = make_root(dir);
    let mut plan = plan(&root, "true");
    let missing = dir.join("missing");
    let expect = ("filesystem".to_owned(), missing.display().to_string(), 2);
    plan.filesystems = vec![host(&missing, "/mnt", false)];
    assert_eq!(failure_of(&plan), expect);
    assert!(!root.join("mnt").exists());
    plan.filesystems = vec![];
    plan.root = directory(&missing);
    for map in [None, idmap(true), idmap(false)] {
        plan.idmap = map;
        assert_eq!(failure_of(&plan), expect);
    }
    plan.root = Root::Filesystem(host(Path::new("/"), "/", true));
    assert_eq!(failure_of(&plan).0, "plan");
}

fn unmappable_trees_fail_with_advice(dir: &Path) {
    let root = make_root(dir);
    let mut plan = plan(&root, "true");
    plan.idmap = idmap(true);
    sh(&format!("mount -t proc none {}/proc", root.display()));
    let (step, what, errno) = failure_of(&plan);
    assert_eq!((step.as_str(), errno), ("filesystem", 22));
    assert!(
        what.contains(&format!("its sub-mount {}/proc (proc) cannot be mapped", root.display())),
        "{what}"
    );
    assert!(what.contains("explicit <idmap>"), "{what}");
    sh(&format!(
        "umount {}/proc; mkdir {2}/u {2}/w {2}/m; mount -t overlay -o lowerdir={0},upperdir={1}/u,workdir={1}/w none {1}/m",
        root.display(),
        dir.display(),
        dir.display()
    ));
    plan.root = directory(&dir.join("m"));
    let (_, what, _) = failure_of(&plan);
    assert!(
        what.starts_with(&format!("{}/m: its file system (overlay) cannot be mapped", dir.display())),
        "{what}"
    );
    // The ways out work.
    plan.root = directory(&root);
    run(&plan);
}

fn links_never_lead_out(dir: &Path) {
    let root = make_root(dir);
    let canary = dir.join("canary");
    fs::create_dir(&canary).unwrap();
    let mut plan = plan(&root, "true");
    for name in ["dev", "proc", "sys"] {
        fs::remove_dir(root.join(name)).unwrap();
        symlink(format!("../../../../../../..{}", canary.display()), root.join(name)).unwrap();
        let expect = ("filesystem".to_owned(), format!("/{name} of the container is not a directory"), 20);
        assert_eq!(failure_of(&plan), expect);
        fs::remove_file(root.join(name)).unwrap();
        fs::create_dir(root.join(name)).unwrap();
    }
    symlink(&canary, root.join("absolute")).unwrap();
    symlink(format!("../../../../../../..{}", canary.display()), root.join("relative")).unwrap();
    for link in ["/absolute", "/relative"] {
        let ram = FilesystemSource::Ram { bytes: 4096 };
        plan.filesystems = vec![filesystem(ram, &format!("{link}/x"), false)];
        assert_eq!(failure_of(&plan).2, 2);
        plan.filesystems = vec![host(&root.join("etc/passwd"), &format!("{link}/x"), false)];
        assert_eq!(failure_of(&plan).2, 2);
        // A source inside the container neither.
        plan.filesystems = vec![filesystem(FilesystemSource::Bind { path: link.into() }, "/mnt", false)];
        assert_eq!(failure_of(&plan).2, 2);
    }
    assert_eq!(fs::read_dir(&canary).unwrap().count(), 0);
    // With such a place inside, the link leads there.
    fs::create_dir_all(root.join(canary.strip_prefix("/").unwrap())).unwrap();
    plan.filesystems = vec![filesystem(FilesystemSource::Ram { bytes: 4096 }, "/relative/x", false)];
    run(&plan);
    assert_eq!(fs::read_dir(&canary).unwrap().count(), 0);
    assert!(root.join(canary.strip_prefix("/").unwrap()).join("x").is_dir());
}

fn reserved_targets_are_refused(dir: &Path) {
    let root = make_root(dir);
    symlink("/proc/sys", root.join("link")).unwrap();
    let mut plan = plan(&root, "true");
    let targets =
        ["/proc", "/proc/1", "/link/kernel", "/sys/fs", "/dev", "/dev/pts", "/x/../dev", "/a/../proc/1"];
    fs::create_dir(root.join("x")).unwrap();
    fs::create_dir(root.join("a")).unwrap();
    for target in targets {
        plan.filesystems = vec![filesystem(FilesystemSource::Ram { bytes: 4096 }, target, false)];
        let (step, what, _) = failure_of(&plan);
        assert_eq!(step, "filesystem");
        assert!(what.contains("nothing can be mounted"), "{target}: {what}");
    }
    plan.filesystems = vec![filesystem(FilesystemSource::Ram { bytes: 4096 }, "/dev/hugepages", false)];
    run(&plan);
}

fn host_root_is_readonly_and_private(dir: &Path) {
    let script = "for d in / /etc /usr /var /var/lib /tmp /run /var/tmp /home /root /dev /boot DIR; do
            [ -d $d ] && touch $d/x 2>/dev/null && echo wrote $d; done
        echo == see; ls -A /tmp /run /root | grep -v '^/\\|^x\\|^$'
        echo == shadow; cat /etc/shadow 2>&1 | head -1
        echo == mounts; cut -d' ' -f5,6 /proc/self/mountinfo
        echo == remount; for m in / /etc; do mount -o remount,rw,bind $m 2>/dev/null && echo remounted $m; done
        umount -l /tmp 2>/dev/null && echo unmounted
        echo == owner; stat -c %u /home/data
        echo == end; ls /etc/passwd";
    let data = dir.join("data");
    fs::create_dir(&data).unwrap();
    let mut plan = plan(dir, &script.replace("DIR", &dir.display().to_string()));
    plan.init.path = "/bin/busybox".into();
    plan.init.args.insert(0, "sh".into());
    plan.root = Root::HostReadOnly;
    assert_eq!(failure_of(&plan).0, "plan");
    // A file system of the host with things to hide, below a private place and elsewhere.
    sh(
        "mkdir -p /run/hidden && mount -t tmpfs none /run && mkdir -p /run/hidden /srv && mount -t tmpfs -o mode=777 none /srv",
    );
    for mapped in [false, true] {
        plan.idmap = idmap(mapped);
        // Other file systems are mapped, the root never is.
        plan.filesystems = vec![host(&data, "/home/data", false)];
        let text = run(&plan);
        let wrote: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("wrote ")).collect();
        assert_eq!(wrote, ["/tmp", "/run", "/var/tmp", "/home", "/root", "/dev"], "{text}");
        assert_eq!(section(&text, "see"), "");
        assert!(section(&text, "shadow").contains("Permission denied"), "{text}");
        let writable: Vec<&str> = section(&text, "mounts")
            .lines()
            .filter(|line| line.split(' ').nth(1).is_some_and(|options| options.starts_with("rw")))
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        let ours = |point: &&str| {
            ["/dev", "/proc", "/tmp", "/run", "/var/tmp", "/home", "/root"]
                .iter()
                .any(|own| point.starts_with(own))
        };
        assert!(writable.iter().all(ours), "{writable:?}");
        assert_eq!(section(&text, "remount"), "");
        assert_eq!(section(&text, "end"), "/etc/passwd");
        let owner = if mapped { "0" } else { "65534" };
        assert_eq!(section(&text, "owner"), owner);
    }
    assert!(!Path::new("/run/x").exists() && !Path::new("/root/x").exists());
}
