//! `<filesystem>`: what is mounted where, with which right, and what happens without one.

use testkit::{Domain, Host, Init, Root};

/// A directory of the host that the containers of these tests get.
const DATA: &str = "/var/lib/libvirt/data";

#[test]
fn a_mount_is_seen_written_and_made_where_it_is_missing() {
    let host = Host::start();
    host.write(&format!("{DATA}/greeting"), "hello\n");
    let script = "cat /deep/down/data/greeting >/state/read\necho back >/deep/down/data/answer";
    let root = host.probe("c1", script, |domain| domain.device(&mount(DATA, "/deep/down/data", "")));
    assert_eq!(host.seen(&root, "read"), "hello");
    assert_eq!(host.read(&format!("{DATA}/answer")), "back\n");
    assert_eq!(host.owner(&format!("{DATA}/answer")), (0, 0), "root inside writes as root on the disk");
    assert!(host.dumpxml("c1", &[]).contains("<target dir='/deep/down/data'/>"));
    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(host.names_in(DATA), ["answer", "greeting"], "the source is as the container left it");
    assert!(host.exists(&root.file("/deep/down/data")), "the mount point stays in the root");
    assert!(!host.exists(&root.file("/deep/down/data/greeting")), "and nothing is mounted on it here");
}

#[test]
fn readonly_refuses_every_write() {
    let host = Host::start();
    host.write(&format!("{DATA}/greeting"), "hello\n");
    let script = "\
cat /mnt/greeting >/state/read
(echo no >/mnt/new) 2>/state/new
(echo no >/mnt/greeting) 2>/state/old
rm -f /mnt/greeting 2>/state/gone
mount -o remount,rw,bind /mnt 2>/dev/null && (echo no >/mnt/new) 2>/dev/null && echo written >/state/remounted";
    let root = host.probe("c1", script, |domain| domain.device(&mount(DATA, "/mnt", "<readonly/>")));
    assert_eq!(host.seen(&root, "read"), "hello");
    for attempt in ["new", "old", "gone"] {
        let said = host.seen(&root, attempt);
        assert!(said.contains("Read-only file system"), "{attempt}: {said}");
    }
    // Root inside is root of the host's mounts there, and takes <readonly/> back.
    assert_eq!(host.exists(&root.file("/state/remounted")), host.expect(false, true));
    assert_eq!(host.read(&format!("{DATA}/greeting")), "hello\n");
}

#[test]
fn a_readonly_root() {
    let host = Host::start();
    host.write(&format!("{DATA}/log"), "");
    let script = "(echo no >/etc/new) 2>/state/refused";
    let root = host.root("c1", &Init::Script(format!("{script}\nsay booted; exec sleep 100000")));
    let readonly = format!(
        "<filesystem type='mount'><source dir='{}'/><target dir='/'/><readonly/></filesystem>",
        root.path()
    );
    let domain = Domain::new("c1").init(root.init()).device(&readonly);
    host.define(&domain.device(&mount(DATA, "/state", "")));
    host.virsh(&["start", "c1"]).done();
    host.wait_for(&format!("{DATA}/log"), |log| log.contains("booted"));
    assert!(host.read(&format!("{DATA}/refused")).contains("Read-only file system"));
    assert!(!host.exists(&root.file("/etc/new")));
}

#[test]
fn ram_has_its_size_and_keeps_nothing() {
    let host = Host::start();
    let ram =
        "<filesystem type='ram'><source usage='1024' units='KiB'/><target dir='/scratch'/></filesystem>";
    let script = "\
df -k /scratch | tail -n 1 | awk '{ print $2 }' >/state/size
dd if=/dev/zero of=/scratch/big bs=1024 count=2048 2>/state/full
wc -c </scratch/big >/state/fitted
grep ' /scratch ' /proc/mounts >/state/mount";
    let root = host.probe("c1", script, |domain| domain.device(ram));
    assert_eq!(host.seen(&root, "size"), "1024");
    assert!(host.seen(&root, "full").contains("No space left on device"));
    assert_eq!(host.seen(&root, "fitted"), "1048576");
    let mounted = host.seen(&root, "mount");
    for option in ["tmpfs", "nosuid", "nodev"] {
        assert!(mounted.contains(option), "{option}: {mounted}");
    }
    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(host.names_in(&root.file("/scratch")), [""; 0]);
}

#[test]
fn bind_shows_a_directory_of_the_container_again() {
    let host = Host::start();
    let bind = "<filesystem type='bind'><source dir='/state'/><target dir='/again'/></filesystem>";
    let root = host.probe("c1", "echo there >/again/written", |domain| domain.device(bind));
    assert_eq!(host.seen(&root, "written"), "there");
}

#[test]
fn mounts_below_a_source_come_with_it() {
    let host = Host::start();
    let child = format!("{DATA}/child");
    host.run(&["mkdir", "-p", &child]).done();
    host.run(&["mount", "-t", "tmpfs", "child", &child]).done();
    host.write(&format!("{child}/inner"), "seen\n");
    let script = "cat /mnt/child/inner >/state/inner 2>&1\n(echo no >/ro/child/new) 2>/state/refused";
    let root = host.probe("c1", script, |domain| {
        domain.device(&mount(DATA, "/mnt", "")).device(&mount(DATA, "/ro", "<readonly/>"))
    });
    // The incumbent mounts the source alone, so that its child directories are empty and hide what is there.
    let inner = host.seen(&root, "inner");
    assert!(inner.contains(host.expect("seen", "No such file")), "{inner}");
    if host.subject().is_ours() {
        assert!(host.seen(&root, "refused").contains("Read-only file system"));
    }
}

#[test]
fn a_file_can_be_mounted_on_a_file() {
    let host = Host::start();
    host.write(&format!("{DATA}/resolv"), "nameserver 192.0.2.1\n");
    let root =
        host.root("c1", &Init::Script("cat /etc/resolv >/state/read\nsay booted; exec sleep 1000".into()));
    host.write(&root.file("/etc/resolv"), "below\n");
    host.define(&Domain::new("c1").root(&root).device(&mount(&format!("{DATA}/resolv"), "/etc/resolv", "")));
    host.start_container("c1", &root);
    assert_eq!(host.seen(&root, "read"), "nameserver 192.0.2.1");
    assert_eq!(host.read(&root.file("/etc/resolv")), "below\n");
}

#[test]
fn a_missing_source_fails_the_start_and_leaves_nothing() {
    let host = Host::start();
    let bridge = host.bridge("br0", "10.77.0.1/24");
    let root = host.root("c1", &Init::Plain);
    let missing = "/var/lib/libvirt/nowhere";
    let nic = "<interface type='bridge'><source bridge='br0'/></interface>";
    host.define(&Domain::new("c1").root(&root).device(nic).device(&mount(missing, "/mnt", "")));
    let no_root =
        "<filesystem type='mount'><source dir='/var/lib/libvirt/no-root'/><target dir='/'/></filesystem>";
    host.define(&Domain::new("c2").init("/bin/app").device(no_root).device(nic));
    // The first attempt makes the log files and remembers the user ids.
    let errors = || {
        ["c1", "c2"].map(|name| {
            let error = host.virsh(&["start", name]).err().to_owned();
            assert_eq!(host.state(name), "shut off (failed)");
            error
        })
    };
    errors();
    let before = host.settled();
    let [of_mount, of_root] = errors();
    assert!(of_mount.contains(missing), "{of_mount}");
    // The incumbent finds out when the init is missing in it.
    assert!(of_root.contains(host.expect("/var/lib/libvirt/no-root", "/bin/app")), "{of_root}");
    assert_eq!(bridge.ports(), [""; 0]);
    assert!(!host.exists(missing), "a source is never made");
    host.assert_same(&before, &[]);
}

#[test]
fn an_init_system_without_a_root_is_refused() {
    let host = Host::start();
    if !host.subject().is_ours() {
        // The incumbent would boot it on the host's own root.
        return;
    }
    let xml = Domain::new("c1").init("/sbin/init").xml();
    let errors =
        host.python(&format!("say([error(conn.defineXML, {xml:?}), error(conn.createXML, {xml:?}, 0)])"));
    for error in errors.as_array().unwrap() {
        assert_eq!(error[0], 67, "{error}");
        let text = error[2].as_str().unwrap();
        assert!(text.contains("<filesystem type='mount'>") && text.contains("<target dir='/'/>"), "{text}");
    }
    assert_eq!(host.virsh(&["list", "--all", "--name"]).ok().trim(), "");
}

/// What an application container tries, each line ending with `yes` or `no`.
const ATTEMPTS: &str = "\
try() { if eval \"$2\" 2>/dev/null >/dev/null; then echo \"$1 yes\"; else echo \"$1 no\"; fi; }
{
    for dir in /etc /usr /var/lib /var/lib/libvirt /var/log / /boot /srv /opt; do
        try \"write $dir\" \"echo >$dir/virtcontainer-probe\"
    done
    for dir in /tmp /run /root /home /var/tmp; do try \"write $dir\" \"echo >$dir/virtcontainer-probe\"; done
    try 'read shadow' 'cat /etc/shadow'
    try 'read passwd' 'cat /etc/passwd'
    try 'see /run of the host' 'test -e /run/test'
    try 'remount' 'mount -o remount,rw,bind /'
    try 'unmount' 'umount /root'
    echo end
} >/run/report
exec sleep 100000";

#[test]
fn an_application_sees_the_host_and_changes_nothing() {
    let host = Host::start();
    if !host.subject().is_ours() {
        // The incumbent gives the host's root with every right: not on this machine.
        return;
    }
    let script = ATTEMPTS.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let args = format!("<initarg>-c</initarg><initarg>{script}</initarg>");
    host.define(&Domain::new("app").init("/bin/sh").os(&args));
    let marker = host.read("/etc/passwd");
    host.virsh(&["start", "app"]).done();
    let report = format!("/proc/{}/root/run/report", host.init_pid("app"));
    let report = host.wait_for(&report, |text| text.ends_with("end\n"));
    for line in report.lines().filter(|line| *line != "end") {
        let allowed = ["/tmp", "/run", "/root", "/home", "/var/tmp"];
        let (what, outcome) = line.rsplit_once(' ').unwrap();
        let may = what == "read passwd"
            || what.strip_prefix("write ").is_some_and(|directory| allowed.contains(&directory));
        assert_eq!(outcome, if may { "yes" } else { "no" }, "{what}:\n{report}");
    }
    assert_eq!(report.lines().count(), 20, "{report}");
    host.virsh(&["destroy", "app"]).done();
    for directory in ["/etc", "/usr", "/var/lib", "/", "/tmp", "/run", "/root", "/home", "/var/tmp"] {
        assert!(!host.exists(&format!("{directory}/virtcontainer-probe")), "{directory}");
    }
    assert_eq!(host.read("/etc/passwd"), marker);
}

#[test]
fn targets_stay_inside_the_container() {
    let host = Host::start();
    host.write(&format!("{DATA}/greeting"), "hello\n");
    let root = host.root("c1", &Init::Script("say booted; exec sleep 100000".to_owned()));
    // A link that leads out of the root, seen from the host.
    link(&host, &root, "/var/lib/libvirt/canary", "/away");
    host.run(&["mkdir", "/var/lib/libvirt/canary"]).done();
    host.define(&Domain::new("c1").root(&root).device(&mount(DATA, "/away/below", "")));
    let started = host.virsh(&["start", "c1"]);
    assert_eq!(host.names_in("/var/lib/libvirt/canary"), [""; 0], "{started:?}");
}

fn link(host: &Host, root: &Root, to: &str, at: &str) {
    host.run(&["ln", "-s", to, &root.file(at)]).done();
}

fn mount(source: &str, target: &str, more: &str) -> String {
    format!("<filesystem type='mount'><source dir='{source}'/><target dir='{target}'/>{more}</filesystem>")
}
