//! A root with busybox, plans for it, and what its init says.

use std::fs;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cgroup::{Group, Placement};
use kernel::Errno;
use kernel::command::Command;
use kernel::mount::{Propagation, set_propagation};
use kernel::namespace::{Kind, Kinds, unshare};
use kernel::pidfd::{self, Exit};
use runtime::launch::{Container, start};
use runtime::plan::{
    CgroupPlan, Files, Filesystem, FilesystemSource, IdMap, IdRange, Init, Namespace, PLAN_FORMAT, Plan, Root,
};
use runtime::seccomp::Profile;
use rustix::event::{PollFd, PollFlags};

/// All capabilities but those that would harm the machine.
pub(crate) const CAPABILITIES: u64 = !((1 << 16) | (1 << 25) | (1 << 27));

/// First host id of the containers' users.
pub(crate) const FIRST_ID: u32 = 0x1000_0000;

/// Leaves the machine's namespaces.
pub(crate) fn isolate() {
    let kinds = Kinds::none().with(Kind::Mount).with(Kind::Net).with(Kind::Ipc).with(Kind::Uts);
    unshare(kinds).expect("unshare; are we root?");
    let root = fs::File::open("/").unwrap();
    set_propagation(root.as_fd(), Propagation::Private, true).unwrap();
    sh("ip link set lo up");
}

/// Runs a host command, which must succeed; returns what it wrote.
pub(crate) fn sh(script: &str) -> String {
    let mut command = Command::new("/bin/sh");
    command.arg("-ec").arg(script).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    assert!(output.status.success(), "{script}: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// Makes a root file system with busybox in `dir`.
pub(crate) fn make_root(dir: &Path) -> PathBuf {
    let root = dir.join("root");
    for name in ["bin", "etc", "tmp", "proc", "sys", "dev"] {
        fs::create_dir_all(root.join(name)).unwrap();
    }
    fs::copy("/bin/busybox", root.join("bin/busybox")).unwrap();
    for applet in sh("/bin/busybox --list").lines().filter(|applet| *applet != "busybox") {
        symlink("busybox", root.join("bin").join(applet)).unwrap();
    }
    fs::write(root.join("etc/passwd"), "root:x:0:0::/:/bin/sh\nbob:x:1000:100::/:/bin/sh\n").unwrap();
    fs::write(root.join("etc/group"), "root:x:0:\nusers:x:100:\nstaff:x:50:bob\n").unwrap();
    root
}

/// A plan whose init is a shell with this script.
pub(crate) fn plan(root: &Path, script: &str) -> Plan {
    let none = PathBuf::from("/nonexistent");
    Plan {
        format: PLAN_FORMAT,
        name: "test".into(),
        uuid: "c7a5fdbd-cdaf-9455-926a-d65c16db1809".into(),
        hostname: "guest".into(),
        root: directory(root),
        init: Init {
            path: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            env: vec![("PATH".into(), "/bin".into()), ("container".into(), "test".into())],
            dir: None,
            user: None,
            group: None,
            personality_32bit: false,
        },
        idmap: None,
        network: Namespace::Private,
        ipc: Namespace::Private,
        uts: Namespace::Private,
        filesystems: vec![],
        interfaces: vec![],
        consoles: 1,
        console_logs: Vec::new(),
        capabilities: CAPABILITIES,
        seccomp: Profile::Guest,
        label: None,
        nesting: false,
        devices: vec![],
        names: runtime::plan::Names::default(),
        cgroup: CgroupPlan { partition: "/machine".into(), limits: cgroup::Limits::default() },
        files: Files { socket: none.clone(), pid: none.clone(), exit_record: none.clone(), log: none },
    }
}

/// A directory of the host as root.
pub(crate) fn directory(path: &Path) -> Root {
    Root::Filesystem(Filesystem::new(FilesystemSource::Host { path: path.to_owned() }, "/"))
}

/// 65536 ids from [`FIRST_ID`] on.
pub(crate) fn idmap(idmapped_mounts: bool) -> Option<IdMap> {
    let range = vec![IdRange { inside: 0, outside: FIRST_ID, count: 65536 }];
    Some(IdMap { uids: range.clone(), gids: range, idmapped_mounts })
}

/// No control groups at all.
pub(crate) fn no_group() -> Group {
    Group::open(Placement::default())
}

/// Starts the container; its init must be executed.
pub(crate) fn boot(plan: &Plan) -> Container {
    start(plan, &no_group(), None).unwrap_or_else(|failure| panic!("{failure:?}"))
}

/// Runs the container to its end; returns what init wrote.
pub(crate) fn run(plan: &Plan) -> String {
    let container = boot(plan);
    let text = drain(&container, 0);
    assert_eq!(pidfd::wait(container.init.as_fd()).unwrap(), Exit::Status(0), "{text}");
    text
}

/// As [`run`] with a shell script in a fresh root, with and without a user namespace; returns both outputs.
pub(crate) fn run_both(dir: &Path, script: &str) -> [String; 2] {
    let root = make_root(dir);
    let mut plan = plan(&root, script);
    let plain = run(&plan);
    plan.idmap = idmap(true);
    [plain, run(&plan)]
}

/// Reads a console until init has ended.
pub(crate) fn drain(container: &Container, console: usize) -> String {
    let mut text = Vec::new();
    loop {
        let mut ready = [
            PollFd::new(&container.consoles[console], PollFlags::IN),
            PollFd::new(&container.init, PollFlags::IN),
        ];
        rustix::event::poll(&mut ready, None).unwrap();
        let ended = !ready[1].revents().is_empty();
        let more = read_some(&container.consoles[console], &mut text);
        if ended && !more {
            return String::from_utf8_lossy(&text).replace('\r', "");
        }
    }
}

/// Reads a console until `end` has come.
pub(crate) fn read_until(container: &Container, end: &str) -> String {
    let mut text = Vec::new();
    loop {
        let so_far = String::from_utf8_lossy(&text).replace('\r', "");
        if so_far.contains(end) {
            return so_far;
        }
        let mut ready = [PollFd::new(&container.consoles[0], PollFlags::IN)];
        rustix::event::poll(&mut ready, None).unwrap();
        assert!(read_some(&container.consoles[0], &mut text), "no '{end}' in: {so_far}");
    }
}

/// True if there was something.
fn read_some(console: &OwnedFd, text: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 4096];
    match rustix::io::read(console, &mut buffer) {
        // EIO: no process has the terminal open.
        Ok(0) | Err(Errno::IO | Errno::AGAIN) => false,
        Ok(count) => {
            text.extend_from_slice(&buffer[..count]);
            true
        }
        Err(error) => panic!("console: {error}"),
    }
}

/// Kills the container and waits for its end.
pub(crate) fn end(container: &Container) -> Exit {
    pidfd::kill(container.init.as_fd()).unwrap();
    pidfd::wait(container.init.as_fd()).unwrap()
}

/// The part of a text after `== name` up to the next `==`.
pub(crate) fn section<'a>(text: &'a str, name: &str) -> &'a str {
    let marker = format!("== {name}\n");
    let start = text.find(&marker).unwrap_or_else(|| panic!("no section {name} in:\n{text}")) + marker.len();
    let rest = &text[start..];
    rest[..rest.find("== ").unwrap_or(rest.len())].trim_end()
}

/// What must be the same before and after a failed start.
pub(crate) fn belongings() -> Vec<String> {
    let mut fds: Vec<String> = fs::read_dir("/proc/self/fd")
        .unwrap()
        .map(|entry| fs::read_link(entry.unwrap().path()).map(|link| link.display().to_string()))
        .map(Result::unwrap_or_default)
        // The directory being read.
        .filter(|link| !link.starts_with("/proc/"))
        .collect();
    fds.sort();
    let mut children = String::new();
    fs::File::open("/proc/thread-self/children").unwrap().read_to_string(&mut children).unwrap();
    let namespaces = ["mnt", "net", "pid", "pid_for_children", "ipc", "uts", "user", "cgroup"]
        .map(|kind| fs::read_link(format!("/proc/self/ns/{kind}")).unwrap().display().to_string());
    vec![
        fds.join("\n"),
        children,
        namespaces.join("\n"),
        fs::read_to_string("/proc/self/mountinfo").unwrap(),
        sh("ip -o link | cut -d: -f2"),
    ]
}
