//! What a container's first process is and may: identity, user ids, capabilities, limits, namespaces.

use testkit::{Domain, Host, Init};

#[test]
fn an_explicit_idmap_is_exactly_that() {
    let host = Host::start();
    let script = "\
stat -c '%u %g' / /bin/busybox >/state/owner
id -u >/state/id
echo new >/state/new
(echo no >/etc/of-the-host) 2>/state/refused";
    let root = host.root("c1", &Init::Script(format!("{script}\nsay booted; exec sleep 100000")));
    host.run(&["chown", "-R", "-h", "200000:300000", root.path()]).done();
    host.write(&root.file("/etc/of-the-host"), "");
    let idmap = "<idmap><uid start='0' target='200000' count='1000'/><uid start='1000' target='250000' count='10'/>\
        <gid start='0' target='300000' count='65536'/></idmap>";
    host.define(&Domain::new("c1").root(&root).element(idmap));
    host.start_container("c1", &root);

    let init = host.init_pid("c1");
    assert_eq!(host.uid_map(init), [[0, 200_000, 1000], [1000, 250_000, 10]]);
    assert_eq!(
        host.read(&format!("/proc/{init}/gid_map")).split_whitespace().collect::<Vec<_>>(),
        ["0", "300000", "65536"]
    );
    assert_eq!(host.seen(&root, "owner"), "0 0\n0 0", "the tree is root's inside");
    assert_eq!(host.seen(&root, "id"), "0");
    assert_eq!(host.owner(&root.file("/state/new")), (200_000, 300_000));
    assert!(host.seen(&root, "refused").contains("Permission denied"), "a file of the host's root");
    assert!(host.dumpxml("c1", &[]).contains("<uid start='1000' target='250000' count='10'/>"));
}

#[test]
fn without_idmap_each_container_has_ids_of_its_own() {
    let host = Host::start();
    let script = "\
stat -c '%u %g' /bin/busybox /etc/users >/state/owner
echo new >/state/new
touch /state/users && chown 1000:1000 /state/users
cat /proc/self/uid_map >/state/map";
    let make = |name: &str| {
        let root = host.root(name, &Init::Script(format!("{script}\nsay booted; exec sleep 100000")));
        host.write(&root.file("/etc/users"), "");
        host.run(&["chown", "1000:1000", &root.file("/etc/users")]).done();
        host.define(&Domain::new(name).root(&root));
        host.start_container(name, &root);
        root
    };
    let roots = [make("c1"), make("c2")];
    for root in &roots {
        // The same on both: files on the disk belong to whom they always did.
        assert_eq!(host.seen(root, "owner"), "0 0\n1000 1000");
        assert_eq!(host.owner(&root.file("/state/new")), (0, 0));
        assert_eq!(host.owner(&root.file("/state/users")), (1000, 1000));
        assert_eq!(host.owner(&root.file("/bin/busybox")), (0, 0));
    }
    let map = |name| host.uid_map(host.init_pid(name));
    if !host.subject().is_ours() {
        // To the incumbent a container's root is the host's.
        assert_eq!(map("c1"), [[0, 0, u32::MAX]]);
        return;
    }
    let (first, second) = (map("c1"), map("c2"));
    let ([[0, first_start, first_count]], [[0, second_start, second_count]]) = (&first[..], &second[..])
    else {
        panic!("not one range from 0 each: {first:?} {second:?}")
    };
    assert_eq!((*first_count, *second_count), (65536, 65536));
    assert!(first_start.abs_diff(*second_start) >= 65536, "they overlap: {first:?} {second:?}");
    assert!(
        *first_start >= 65536 && *second_start >= 65536,
        "they are users of the host: {first:?} {second:?}"
    );

    // The same range at every start, in whatever order, and after the daemon has gone and come.
    for name in ["c1", "c2"] {
        host.virsh(&["destroy", name]).done();
    }
    host.stop_daemon();
    host.start_daemon();
    host.start_container("c2", &roots[1]);
    host.start_container("c1", &roots[0]);
    assert_eq!((map("c1"), map("c2")), (first, second));
}

#[test]
fn the_range_shows_while_it_runs_and_is_in_no_definition() {
    let host = Host::start();
    if !host.subject().is_ours() {
        // The incumbent has no ranges.
        return;
    }
    let _ = host.probe("c1", "grep ^Seccomp: /proc/1/status >/state/seccomp", |domain| domain);
    let live = host.dumpxml("c1", &[]);
    let [[inside, outside, count]] = host.uid_map(host.init_pid("c1"))[..] else { panic!("{live}") };
    assert!(
        live.contains(&format!("uid start=\"{inside}\" target=\"{outside}\" count=\"{count}\"/>")),
        "{live}"
    );
    assert!(live.contains("seccomp profile=\"guest\"/>"), "{live}");
    assert!(!live.contains("<idmap>"), "it would mean a shifted tree: {live}");
    assert!(!host.dumpxml("c1", &["--inactive"]).contains("running"));

    // What was dumped can be defined, and means the same as before.
    host.write("/run/test/dump.xml", &live);
    host.virsh(&["destroy", "c1"]).done();
    host.virsh(&["define", "/run/test/dump.xml"]).done();
    assert!(!host.dumpxml("c1", &[]).contains("target="), "{}", host.dumpxml("c1", &[]));
    host.virsh(&["start", "c1"]).done();
    assert_eq!(host.uid_map(host.init_pid("c1")), [[inside, outside, count]]);
}

#[test]
fn the_filter_of_system_calls_can_be_switched() {
    let host = Host::start();
    if !host.subject().is_ours() {
        // The incumbent has none.
        return;
    }
    let seccomp = |name: &str, metadata: &str| {
        let script = "sed -n 's/^Seccomp:\t//p' /proc/1/status >/state/mode";
        let root = host.probe(name, script, |domain| domain.element(metadata));
        host.seen(&root, "mode")
    };
    let off = "<metadata><c:confinement xmlns:c='https://github.com/virtcontainerd/virtcontainerd/confinement/1'>\
        <c:seccomp state='off'/></c:confinement></metadata>";
    assert_eq!((seccomp("on", ""), seccomp("off", off)), ("2".into(), "0".into()));
    host.define(&Domain::new("wrong"));
    let wrong = Domain::new("wrong").element(&off.replace("'off'", "'of'"));
    let error = host.virsh(&["define", &host.xml_file(&wrong)]).err().to_owned();
    assert!(error.contains("invalid state 'of' of 'seccomp'"), "{error}");

    host.stop_daemon();
    host.write("/etc/libvirt/lxc.conf", "seccomp_sandbox = 0\n");
    host.start_daemon();
    assert_eq!(seccomp("none", ""), "0");
}

/// Capabilities by number, linux/capability.h.
const CHOWN: u32 = 0;
const NET_ADMIN: u32 = 12;
const SYS_MODULE: u32 = 16;
const SYS_RAWIO: u32 = 17;
const SYS_ADMIN: u32 = 21;
const SYS_TIME: u32 = 25;
const MKNOD: u32 = 27;
const AUDIT_CONTROL: u32 = 30;
const MAC_ADMIN: u32 = 33;
const SYSLOG: u32 = 34;

#[test]
fn the_capabilities_policy_is_what_init_may_ever_have() {
    let host = Host::start();
    let sets = |name: &str, features: &str| {
        let script = "grep -E '^Cap(Bnd|Eff|Prm)' /proc/1/status >/state/sets";
        let root = host.probe(name, script, |domain| domain.features(features));
        let text = host.seen(&root, "sets");
        let set = |which: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(which)).unwrap();
            u64::from_str_radix(line.trim(), 16).unwrap()
        };
        // What it may ever have is what it has.
        assert_eq!(set("CapEff:"), set("CapBnd:"), "{name}");
        assert_eq!(set("CapPrm:"), set("CapBnd:"), "{name}");
        set("CapBnd:")
    };
    let has = |set: u64, number: u32| set & (1 << number) != 0;

    let default = sets("default", "<privnet/>");
    for dropped in [SYS_MODULE, SYS_TIME, MKNOD, AUDIT_CONTROL, MAC_ADMIN] {
        assert!(!has(default, dropped), "{dropped}: {default:x}");
    }
    for kept in [CHOWN, NET_ADMIN, SYS_ADMIN] {
        assert!(has(default, kept), "{kept}: {default:x}");
    }
    // Ours also goes without more that is of no use in a user namespace.
    for kept_by_theirs in [SYS_RAWIO, SYSLOG] {
        assert_eq!(has(default, kept_by_theirs), host.expect(false, true), "{kept_by_theirs}: {default:x}");
    }
    let adjusted = sets(
        "adjusted",
        "<privnet/><capabilities policy='default'><mknod state='on'/><net_admin state='off'/></capabilities>",
    );
    assert!(has(adjusted, MKNOD) && !has(adjusted, NET_ADMIN) && !has(adjusted, SYS_TIME), "{adjusted:x}");

    let allow =
        sets("allow", "<privnet/><capabilities policy='allow'><sys_time state='off'/></capabilities>");
    assert!(has(allow, SYS_MODULE) && has(allow, MKNOD) && !has(allow, SYS_TIME), "{allow:x}");

    let deny = sets(
        "deny",
        "<privnet/><capabilities policy='deny'><chown state='on'/><net_admin state='on'/></capabilities>",
    );
    assert_eq!(deny, 1 << CHOWN | 1 << NET_ADMIN, "{deny:x}");
}

#[test]
fn init_has_its_console_and_no_other_descriptor() {
    let host = Host::start();
    let script = "\
sh -c 'ls -l /proc/1/fd >/state/list'
sed -n 's/.* \\([0-9]*\\) -> /\\1 /p' </state/list >/state/descriptors
tty >/state/tty
cut -d ' ' -f 5-7 /proc/1/stat >/state/session";
    let root = host.probe("c1", script, |domain| domain);
    let descriptors = host.seen(&root, "descriptors");
    let mut others = descriptors.lines().filter(|line| !line.ends_with(" /bin/app")).collect::<Vec<_>>();
    others.sort_unstable();
    let numbers: Vec<_> = others.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(numbers, ["0", "1", "2"], "{descriptors}");
    let terminals: Vec<_> = others.iter().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert!(terminals.iter().all(|terminal| *terminal == terminals[0]), "{descriptors}");
    assert!(["/dev/console", "/dev/tty1", "/dev/pts/0"].contains(&terminals[0]), "{descriptors}");
    // Leader of its process group and session, and of ours its console is the controlling terminal.
    let session = host.seen(&root, "session");
    let [group, session, terminal] = session.split(' ').collect::<Vec<_>>()[..] else { panic!("{session}") };
    assert_eq!((group, session), ("1", "1"));
    assert_eq!(terminal != "0", host.expect(true, false), "{terminal}");
}

#[test]
fn init_has_libvirts_environment_and_its_own() {
    let host = Host::start();
    let uuid = "6b0b3d2e-8f0f-4b5e-9c39-2d9c2b1e7a01";
    let script = "tr '\\0' '\\n' </proc/1/environ >/state/environment";
    let root = host.probe("c1", script, |domain| {
        domain.uuid(uuid).os("<initenv name='MINE'>one two</initenv><cmdline>quiet init=/x</cmdline>")
    });
    let environment = host.seen(&root, "environment");
    let mut lines: Vec<_> = environment.lines().collect();
    lines.sort_unstable();
    let expected = [
        "HOME=/".to_owned(),
        "LIBVIRT_LXC_CMDLINE=quiet init=/x".to_owned(),
        "LIBVIRT_LXC_NAME=c1".to_owned(),
        format!("LIBVIRT_LXC_UUID={uuid}"),
        "MINE=one two".to_owned(),
        "PATH=/bin:/sbin".to_owned(),
        "TERM=linux".to_owned(),
        "container=lxc-libvirt".to_owned(),
        format!("container_uuid={uuid}"),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn init_gets_its_arguments_directory_user_and_group() {
    let host = Host::start();
    let script = "\
for word in \"$@\"; do echo \"<$word>\"; done >/state/arguments
pwd >/state/directory
id -u >/state/user; id -g >/state/group; id -G >/state/groups
echo written >/dev/console && echo yes >/state/console";
    let boot = |name: &str, os: &str| {
        let root = host.root(name, &Init::Script(format!("{script}\nsay booted; exec sleep 100000")));
        host.run(&["chmod", "-R", "a+rwX", &root.file("/state")]).done();
        host.define(&Domain::new(name).root(&root).os(os));
        host.start_container(name, &root);
        root
    };
    let arguments = "<initarg>one two</initarg><initarg>--x=&lt;y&gt;</initarg><initarg>$HOME</initarg>";
    let plain = boot("plain", arguments);
    assert_eq!(host.seen(&plain, "arguments"), "<one two>\n<--x=<y>>\n<$HOME>");
    assert_eq!(host.seen(&plain, "directory"), "/");
    assert_eq!(host.seen(&plain, "user"), "0");

    let by_number =
        boot("number", "<initdir>/etc</initdir><inituser>1000</inituser><initgroup>1000</initgroup>");
    assert_eq!(host.seen(&by_number, "directory"), "/etc");
    assert_eq!(host.seen(&by_number, "user"), "1000");
    assert_eq!(host.seen(&by_number, "group"), "1000");
    assert_eq!(host.seen(&by_number, "groups"), "1000", "no group of the daemon's");
    // The names are those of the container's own files.
    let by_name = boot("name", "<inituser>user</inituser><initgroup>user</initgroup>");
    assert_eq!((host.seen(&by_name, "user"), host.seen(&by_name, "group")), ("1000".into(), "1000".into()));
    assert_eq!(host.seen(&by_name, "console"), "yes", "it may write to its console");
}

#[test]
fn the_host_name_is_what_the_domains_name_allows() {
    let host = Host::start();
    for (name, expected) in [("web-1", "web-1"), ("Web_2.example", "Web2example")] {
        let root =
            host.probe(name, "hostname >/state/name; hostname changed && hostname >/state/own", |domain| {
                domain
            });
        assert_eq!(host.seen(&root, "name"), expected);
        assert_eq!(host.seen(&root, "own"), "changed", "a container may rename itself");
    }
    assert_eq!(host.run(&["hostname"]).ok().trim(), "private-host");
}

#[test]
fn memory_and_cpu_limits_are_in_the_control_groups() {
    let host = Host::start();
    let tune = "<cputune><shares>512</shares><period>50000</period><quota>20000</quota></cputune>\
        <memtune><soft_limit unit='MiB'>24</soft_limit></memtune>";
    let _ = host.probe("c1", "", |domain| domain.memory_kib(49152).element(tune));
    let limits = |controller, v1, v2| host.limits("c1", controller, v1, v2);
    // That of memory binds init's own group; a container of ours may use a little more with its monitor.
    assert_eq!(limits("memory", "memory.limit_in_bytes", "memory.max")[0], "50331648");
    assert_eq!(limits("memory", "memory.soft_limit_in_bytes", "memory.high")[0], "25165824");
    // Of time, the whole container has its share.
    let last = |limits: Vec<String>| limits.last().cloned().unwrap_or_default();
    assert!(["512", "20"].contains(&last(limits("cpu", "cpu.shares", "cpu.weight")).as_str()));
    assert!(["20000", "20000 50000"].contains(&last(limits("cpu", "cpu.cfs_quota_us", "cpu.max")).as_str()));
    assert!(["50000", "20000 50000"].contains(&last(limits("cpu", "cpu.cfs_period_us", "cpu.max")).as_str()));

    // <hard_limit> says it more precisely than <memory>.
    let hard = "<memtune><hard_limit unit='MiB'>40</hard_limit></memtune>";
    let _ = host.probe("c2", "", |domain| domain.element(hard));
    assert_eq!(host.limits("c2", "memory", "memory.limit_in_bytes", "memory.max")[0], "41943040");
}

#[test]
fn the_memory_limit_is_in_force() {
    let host = Host::start();
    // Twice as much as it may have.
    let script = "\
dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null && echo fitted >/state/outcome || echo \"ended $?\" >/state/outcome";
    let root = host.probe("c1", script, |domain| {
        domain
            .memory_kib(32768)
            .element("<memtune><swap_hard_limit unit='MiB'>32</swap_hard_limit></memtune>")
    });
    assert_eq!(host.seen(&root, "outcome"), "ended 137", "killed for lack of memory");
    assert_eq!(host.state("c1"), "running (booted)");
}

#[test]
fn namespaces_can_be_shared_by_name() {
    let host = Host::start();
    let share = |kinds: &str| {
        format!(
            "<lxc:namespace xmlns:lxc='http://libvirt.org/schemas/domain/lxc/1.0'>{kinds}</lxc:namespace>"
        )
    };
    let _ = host.probe("owner", "", |domain| domain);
    let both = share("<lxc:sharenet type='name' value='owner'/><lxc:shareipc type='name' value='owner'/>");
    let _ = host.probe("guest", "", |domain| domain.features("").element(&both));
    let uts = share("<lxc:shareuts type='name' value='owner'/>");
    let _ = host.probe("named", "", |domain| domain.element(&uts));
    let of = |name: &str, kind| host.namespace(host.init_pid(name), kind);
    for (kind, guest, named) in [("net", true, false), ("ipc", true, false), ("uts", false, true)] {
        assert_eq!(of("guest", kind) == of("owner", kind), guest, "{kind} of guest");
        assert_eq!(of("named", kind) == of("owner", kind), named, "{kind} of named");
    }
    for kind in ["pid", "mnt"] {
        assert_ne!(of("guest", kind), of("owner", kind), "{kind}");
    }
    host.virsh(&["destroy", "owner"]).done();
    assert_eq!(host.state("guest"), "running (booted)", "it keeps what it shares");

    let missing = share("<lxc:sharenet type='name' value='nobody-there'/>");
    let root = host.root("lost", &Init::Plain);
    host.define(&Domain::new("lost").root(&root).features("").element(&missing));
    let error = host.virsh(&["start", "lost"]).err().to_owned();
    assert!(error.contains("nobody-there"), "{error}");
    assert_eq!(host.state("lost"), "shut off (failed)");
}
