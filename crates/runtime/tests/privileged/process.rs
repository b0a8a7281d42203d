//! Init as a process: environment, console, ids, ends.

use std::os::fd::AsFd;
use std::path::Path;

use kernel::clone::{self, Options};
use kernel::pidfd::{self, Exit};
use runtime::launch::start;

use crate::Test;
use crate::support::{
    boot, drain, end, idmap, make_root, no_group, plan, read_until, run, run_both, section,
};

pub(crate) const TESTS: &[Test] = &[
    ("init_has_a_clean_process", init_has_a_clean_process),
    ("init_is_alone_in_its_namespaces", init_is_alone_in_its_namespaces),
    ("consoles_are_terminals", consoles_are_terminals),
    ("init_runs_as_the_user_of_its_own_files", init_runs_as_the_user_of_its_own_files),
    ("init_dir_and_personality", init_dir_and_personality),
    ("init_dies_with_its_parent", init_dies_with_its_parent),
    ("exit_of_init_is_seen", exit_of_init_is_seen),
];

fn init_has_a_clean_process(dir: &Path) {
    let script = "echo == env; tr '\\0' '\\n' < /proc/1/environ
        echo == args; tr '\\0' '\\n' < /proc/1/cmdline | head -2
        echo == fds; ls -l /proc/1/fd
        echo == cwd; readlink /proc/1/cwd
        echo == root; readlink /proc/1/root
        echo == status; grep -E '^(Umask|Groups|Uid|Gid|NoNewPrivs|Threads|Sig[BIC]|CapInh|CapAmb)' /proc/1/status
        echo == limits; ulimit -Sc; ulimit -Sn
        echo == session; cut -d' ' -f1,5,6,7,8 /proc/1/stat
        echo == oom; cat /proc/1/oom_score_adj
        echo == done";
    for text in run_both(dir, script) {
        assert_eq!(section(&text, "env"), "PATH=/bin\ncontainer=test");
        assert_eq!(section(&text, "args"), "/bin/sh\n-c");
        let fds = section(&text, "fds");
        let links: Vec<&str> = fds.lines().filter_map(|line| Some(line.split_once(" -> ")?.1)).collect();
        assert_eq!(links, ["/dev/console"; 3], "{fds}");
        assert_eq!(section(&text, "cwd"), "/");
        assert_eq!(section(&text, "root"), "/");
        let status = section(&text, "status");
        // The shell itself ignores SIGQUIT.
        let expect = "Umask:\t0022\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t \nThreads:\t1\n\
                      SigBlk:\t0000000000000000\nSigIgn:\t0000000000000004\n";
        assert!(status.starts_with(expect), "{status}");
        assert!(status.contains("CapInh:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t0"));
        assert_eq!(section(&text, "limits"), "0\n1024");
        // Pid, process group, session; a controlling terminal (136:0), whose foreground group init is.
        assert_eq!(section(&text, "session"), "1 1 1 34816 1");
        assert_eq!(section(&text, "oom"), "0");
    }
}

fn init_is_alone_in_its_namespaces(dir: &Path) {
    let script = "echo == host; hostname; echo == ps; ls /proc | grep '^[0-9]' | head -1
        echo == uid; cat /proc/1/uid_map /proc/1/gid_map
        echo == ns; for n in mnt pid ipc uts net cgroup user time; do readlink /proc/1/ns/$n; done
        echo == uptime; cut -d. -f1 /proc/uptime; echo == started; cut -d' ' -f22 /proc/1/stat
        echo == links; ls /sys/class/net; echo == up; ip -o addr show dev lo | grep -c 127.0.0.1";
    let time = || {
        ["time", "time_for_children"].map(|name| std::fs::read_link(format!("/proc/self/ns/{name}")).unwrap())
    };
    let own_time = time();
    let [plain, mapped] = run_both(dir, script);
    assert_eq!(time(), own_time, "the parent's own clocks are as they were");
    for text in [&plain, &mapped] {
        let number = |name| section(text, name).trim().parse::<u64>().unwrap();
        assert!(number("uptime") < 60, "the machine under test has been up for longer than that");
        assert!(number("started") < 60 * 100);
        assert_eq!(section(text, "host"), "guest");
        assert_eq!(section(text, "links"), "lo");
        assert_eq!(section(text, "up"), "1");
        assert_eq!(section(text, "ps"), "1");
        for line in section(text, "ns").lines() {
            let kind = line.split(':').next().unwrap();
            let ours = std::fs::read_link(format!("/proc/self/ns/{kind}")).unwrap();
            let shared = kind == "user" && text == &plain;
            assert_eq!(line == ours.to_str().unwrap(), shared, "{line}");
        }
    }
    let map = |text: &str| section(text, "uid").split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(map(&plain), "0 0 4294967295 0 0 4294967295");
    assert_eq!(map(&mapped), "0 268435456 65536 0 268435456 65536");
}

fn consoles_are_terminals(dir: &Path) {
    let root = make_root(dir);
    let script = "tty; ls -l /dev/console /dev/tty1 /dev/tty2 | tr -s ' ' | cut -d' ' -f1,3-6,10
        echo second > /dev/tty2; read answer; echo got $answer; exec 3<>/dev/tty && echo controlling
        exec 4<>/dev/ptmx && echo /dev/pts/*; stty -a 2>/dev/null | grep -c icanon";
    let mut plan = plan(&root, script);
    plan.consoles = 2;
    for map in [None, idmap(true), idmap(false)] {
        if map.as_ref().is_some_and(|map| !map.idmapped_mounts) {
            crate::support::sh(&format!("chown -hR {0}:{0} {1}", crate::support::FIRST_ID, root.display()));
        }
        plan.idmap = map;
        let container = boot(&plan);
        assert_eq!(container.consoles.len(), 2);
        assert!(
            rustix::fs::fcntl_getfl(&container.consoles[0]).unwrap().contains(rustix::fs::OFlags::NONBLOCK)
        );
        let first = read_until(&container, "tty2\n");
        rustix::io::write(&container.consoles[0], b"hello\n").unwrap();
        let text = first + &drain(&container, 0);
        let expect = "/dev/console\ncrw--w---- 0 5 136, 0 /dev/console\ncrw--w---- 0 5 136, 0 /dev/tty1\n\
                      crw--w---- 0 5 136, 1 /dev/tty2\n";
        let numeric = text.replace("root", "0").replace("tty 136", "5 136");
        assert!(numeric.starts_with(expect), "{text}");
        assert!(
            text.ends_with(
                "hello\ngot hello\ncontrolling\n/dev/pts/0 /dev/pts/1 /dev/pts/2 /dev/pts/ptmx\n1\n"
            ),
            "{text}"
        );
        assert_eq!(drain(&container, 1), "second\n");
        assert_eq!(pidfd::wait(container.init.as_fd()).unwrap(), Exit::Status(0));
    }
}

fn init_runs_as_the_user_of_its_own_files(dir: &Path) {
    let root = make_root(dir);
    let mut plan = plan(&root, "id -u; id -g; id -G; grep CapEff /proc/self/status; echo ok > /dev/console");
    for map in [None, idmap(true)] {
        plan.idmap = map;
        let mut check = |user: Option<&str>, group: Option<&str>, expect: &str| {
            plan.init.user = user.map(str::to_owned);
            plan.init.group = group.map(str::to_owned);
            assert_eq!(run(&plan), format!("{expect}\nCapEff:\t0000000000000000\nok\n"));
        };
        check(Some("bob"), None, "1000\n100\n100");
        check(Some("bob"), Some("staff"), "1000\n50\n50");
        check(Some("+1000"), Some("7"), "1000\n7\n7");
        check(Some("4711"), None, "4711\n0\n0");
    }
    plan.init.user = Some("70000".into());
    let failure = start(&plan, &no_group(), None).unwrap_err();
    assert_eq!((failure.step.as_str(), failure.what.as_str(), failure.errno), ("user", "user id 70000", 22));
}

fn init_dir_and_personality(dir: &Path) {
    let root = make_root(dir);
    let mut plan = plan(&root, "pwd; uname -m");
    plan.init.dir = Some("/etc".into());
    plan.init.personality_32bit = true;
    assert_eq!(run(&plan), "/etc\ni686\n");
    for escape in
        ["/proc/self/fd/3", "/proc/thread-self/fd/4", "/proc/self/cwd", "/proc/self/root", "/missing"]
    {
        plan.init.dir = Some(escape.into());
        let failure = start(&plan, &no_group(), None).unwrap_err();
        assert_eq!((failure.step.as_str(), failure.what.as_str()), ("exec", escape));
    }
}

fn init_dies_with_its_parent(dir: &Path) {
    let root = make_root(dir);
    for (map, user) in [(None, None), (idmap(true), None), (idmap(true), Some("bob".to_owned()))] {
        let mut plan = plan(&root, "exec sleep 1000");
        (plan.idmap, plan.init.user) = (map, user);
        let (reader, writer) = kernel::fd::pipe().unwrap();
        // The parent is a process of its own, which ends without a word.
        let parent = clone::spawn(&Options::default(), || {
            let container = boot(&plan);
            rustix::io::write(&writer, &container.init_pid.to_ne_bytes()).unwrap();
            // Until killed.
            loop {
                rustix::event::pause();
            }
        })
        .unwrap();
        drop(writer);
        let mut pid = [0; 4];
        assert_eq!(rustix::io::read(&reader, &mut pid).unwrap(), 4);
        let init = pidfd::open(i32::from_ne_bytes(pid)).unwrap();
        assert_eq!(pidfd::send_signal(init.as_fd(), 0), Ok(()));
        pidfd::kill(parent.pidfd.as_fd()).unwrap();
        pidfd::wait(parent.pidfd.as_fd()).unwrap();
        let mut ready = [rustix::event::PollFd::new(&init, rustix::event::PollFlags::IN)];
        let limit = rustix::event::Timespec { tv_sec: 10, tv_nsec: 0 };
        assert_eq!(rustix::event::poll(&mut ready, Some(&limit)).unwrap(), 1, "init lives on");
    }
}

fn exit_of_init_is_seen(dir: &Path) {
    let root = make_root(dir);
    let container = boot(&plan(&root, "exit 7"));
    assert_eq!(pidfd::wait(container.init.as_fd()).unwrap(), Exit::Status(7));
    let container = boot(&plan(&root, "echo up; exec sleep 1000"));
    read_until(&container, "up");
    assert_eq!(end(&container), Exit::Signal(9));
    // reboot(2) in a pid namespace ends its init by a signal that tells what was asked for.
    for (map, command, signal) in [(None, "reboot -f", 1), (idmap(true), "poweroff -f", 2)] {
        let mut plan = plan(&root, command);
        plan.idmap = map;
        let container = boot(&plan);
        assert_eq!(pidfd::wait(container.init.as_fd()).unwrap(), Exit::Signal(signal), "{command}");
    }
}
