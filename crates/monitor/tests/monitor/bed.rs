//! A daemon's side in miniature, and containers with a busybox root.

use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cgroup::{Group, Limits};
use kernel::command::Command;
use runtime::control::{
    Answer, Cause, Command as Order, ExitRecord, Failure, Launch, Launched, PACKET_MAX, Report, Request,
    State,
};
use runtime::plan::{
    CgroupPlan, Files, Filesystem, FilesystemSource, IdMap, IdRange, Init, Namespace, PLAN_FORMAT, Plan, Root,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
const SOON: Duration = Duration::from_secs(30);

pub(crate) fn wait_readable(fd: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
    poll(&mut fds, Some(&Timespec::try_from(SOON).unwrap())).unwrap() == 1
}

/// A launcher process and our end of its socket.
pub(crate) struct Launcher {
    pub(crate) child: Child,
    socket: Option<OwnedFd>,
}

impl Launcher {
    pub(crate) fn start() -> Self {
        let (ours, theirs) = kernel::fdpass::seqpacket_pair().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_virtcontainer-monitor"));
        command.arg("--launcher").fd(theirs, 3);
        Self { child: command.spawn().unwrap(), socket: Some(ours) }
    }

    pub(crate) fn launch(&self, plan: &Plan) -> Monitor {
        let document = kernel::memfd::sealed("plan", &serde_json::to_vec(plan).unwrap()).unwrap();
        let (control, theirs) = kernel::fdpass::seqpacket_pair().unwrap();
        let request = serde_json::to_vec(&Launch { id: 5, name: plan.name.clone() }).unwrap();
        let (launched, mut fds) = self.request(&request, &[document.as_fd(), theirs.as_fd()]);
        assert_eq!(launched.id, 5);
        Monitor { control, pidfd: fds.pop().unwrap(), pid: launched.result.unwrap(), last_id: 0 }
    }

    pub(crate) fn request(&self, packet: &[u8], fds: &[BorrowedFd<'_>]) -> (Launched, Vec<OwnedFd>) {
        let socket = self.socket.as_ref().unwrap();
        kernel::fdpass::send(socket.as_fd(), packet, fds).unwrap();
        assert!(wait_readable(socket.as_fd()));
        let answer = kernel::fdpass::recv(socket.as_fd(), PACKET_MAX).unwrap();
        (serde_json::from_slice(&answer.data).unwrap(), answer.fds)
    }

    /// What happens when the daemon dies.
    pub(crate) fn hang_up(&mut self) {
        self.socket = None;
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        if self.socket.take().is_some() {
            self.child.wait().unwrap();
        }
    }
}

/// A control connection to a monitor.
pub(crate) struct Monitor {
    pub(crate) control: OwnedFd,
    pub(crate) pidfd: OwnedFd,
    pub(crate) pid: i32,
    last_id: u64,
}

impl Monitor {
    /// Connects anew, as a daemon does after its restart.
    pub(crate) fn connect(plan: &Plan) -> (Self, Option<State>) {
        use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
        let control =
            rustix::net::socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
                .unwrap();
        rustix::net::connect(&control, &SocketAddrUnix::new(&plan.files.socket).unwrap()).unwrap();
        let pid = fs::read_to_string(&plan.files.pid).unwrap().trim().parse().unwrap();
        let mut monitor = Self { control, pidfd: kernel::pidfd::open(pid).unwrap(), pid, last_id: 0 };
        let state = monitor.hello();
        (monitor, state)
    }

    pub(crate) fn packet(&mut self) -> (Report, Vec<OwnedFd>) {
        assert!(wait_readable(self.control.as_fd()), "no report");
        let packet = kernel::fdpass::recv(self.control.as_fd(), PACKET_MAX).unwrap();
        assert!(!packet.data.is_empty(), "connection closed");
        (serde_json::from_slice(&packet.data).unwrap(), packet.fds)
    }

    pub(crate) fn report(&mut self) -> Report {
        self.packet().0
    }

    pub(crate) fn hello(&mut self) -> Option<State> {
        match self.report() {
            Report::Hello { version: 1, monitor_pid, state } => {
                assert_eq!(monitor_pid, self.pid);
                state
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn started(&mut self) -> State {
        assert_eq!(self.hello(), None);
        match self.report() {
            Report::Started(state) => state,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn rebooted(&mut self) -> State {
        match self.report() {
            Report::Rebooted(state) => state,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn order(&mut self, request: Request) -> u64 {
        self.order_with(request, &[])
    }

    pub(crate) fn order_with(&mut self, request: Request, fds: &[BorrowedFd<'_>]) -> u64 {
        self.last_id += 1;
        let order = serde_json::to_vec(&Order { id: self.last_id, request }).unwrap();
        kernel::fdpass::send(self.control.as_fd(), &order, fds).unwrap();
        self.last_id
    }

    /// Sends a command and returns its answer. Reports before it go into `before`.
    pub(crate) fn ask_noting(
        &mut self,
        request: Request,
        before: &mut Vec<Report>,
    ) -> (Result<Answer, Failure>, Vec<OwnedFd>) {
        let wanted = self.order(request);
        loop {
            match self.packet() {
                (Report::Reply { id, result }, fds) => {
                    assert_eq!(id, wanted);
                    return (result, fds);
                }
                (report, _) => before.push(report),
            }
        }
    }

    /// As [`Self::ask_noting`] when nothing else may come.
    pub(crate) fn ask(&mut self, request: Request) -> (Result<Answer, Failure>, Vec<OwnedFd>) {
        let mut before = Vec::new();
        let answer = self.ask_noting(request, &mut before);
        assert_eq!(before, []);
        answer
    }

    pub(crate) fn do_it(&mut self, request: Request) {
        assert_eq!(self.ask(request).0, Ok(Answer::Done));
    }

    pub(crate) fn refusal(&mut self, request: Request) -> Failure {
        self.ask(request).0.unwrap_err()
    }

    pub(crate) fn query(&mut self) -> State {
        match self.ask(Request::Query).0 {
            Ok(Answer::State(state)) => state,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn console(&mut self, index: u32, force: bool) -> Result<UnixStream, Failure> {
        let (result, mut fds) = self.ask(Request::OpenConsole { index, force });
        result.map(|_| {
            assert_eq!(fds.len(), 1);
            let stream = UnixStream::from(fds.pop().unwrap());
            stream.set_read_timeout(Some(SOON)).unwrap();
            stream
        })
    }

    /// Waits for the end; other reports come back.
    pub(crate) fn ended(&mut self) -> Cause {
        match self.report() {
            Report::Ended(cause) => cause,
            other => panic!("{other:?}"),
        }
    }

    /// The monitor's exit status, when it has one. It is no child of ours.
    pub(crate) fn wait_exit(&self) {
        assert!(wait_readable(self.pidfd.as_fd()), "the monitor stays");
    }
}

/// A root file system, a plan for it, and a place for its files. The control groups' partition is removed with it.
pub(crate) struct Bed {
    pub(crate) dir: TempDir,
    pub(crate) plan: Plan,
}

impl Bed {
    /// A container whose init is a shell that runs `script`.
    pub(crate) fn new(script: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let dir = tempfile::tempdir().unwrap();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = dir.path().join("root");
        make_root(&root);
        let name = format!("c{number}");
        let file = |end: &str| dir.path().join(format!("{name}.{end}"));
        let files =
            Files { socket: file("sock"), pid: file("pid"), exit_record: file("exit"), log: file("log") };
        let range = vec![IdRange { inside: 0, outside: 1_000_000, count: 65_536 }];
        let plan = Plan {
            format: PLAN_FORMAT,
            uuid: "1b4e28ba-2fa1-11d2-883f-0016d3cca427".into(),
            hostname: name.clone(),
            root: Root::Filesystem(Filesystem::new(FilesystemSource::Host { path: root }, "/")),
            init: Init {
                path: "/bin/busybox".into(),
                args: vec!["sh".into(), "-c".into(), script.into()],
                env: vec![("PATH".into(), "/bin".into()), ("TERM".into(), "linux".into())],
                dir: None,
                user: None,
                group: None,
                personality_32bit: false,
            },
            idmap: Some(IdMap { uids: range.clone(), gids: range, idmapped_mounts: true }),
            network: Namespace::Private,
            ipc: Namespace::Private,
            uts: Namespace::Private,
            filesystems: vec![Filesystem::new(FilesystemSource::Ram { bytes: 1 << 20 }, "/tmp")],
            interfaces: Vec::new(),
            consoles: 1,
            console_logs: Vec::new(),
            capabilities: u64::MAX >> 23,
            seccomp: runtime::seccomp::Profile::Guest,
            label: None,
            nesting: false,
            devices: Vec::new(),
            names: runtime::plan::Names::default(),
            cgroup: CgroupPlan {
                partition: format!("/vctest-monitor-{}-{number}", std::process::id()),
                limits: Limits::default(),
            },
            files,
            name,
        };
        Self { dir, plan }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    /// What the container wrote into a file of its root.
    pub(crate) fn inside(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    pub(crate) fn record(&self) -> ExitRecord {
        serde_json::from_slice(&fs::read(&self.plan.files.exit_record).unwrap()).unwrap()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.plan.files.log).unwrap_or_default()
    }

    /// Directories of the partition that are there.
    pub(crate) fn partitions(&self) -> Vec<PathBuf> {
        let name = format!("{}.partition", &self.plan.cgroup.partition[1..]);
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let points = mounts.lines().filter(|line| line.contains(" - cgroup"));
        let points = points.filter_map(|line| line.split(' ').nth(4));
        points.map(|point| Path::new(point).join(&name)).filter(|dir| dir.is_dir()).collect()
    }

    /// Nothing of the run is left but log, exit record and the empty partition.
    pub(crate) fn assert_clean(&self) {
        let allowed = ["root", &format!("{}.log", self.plan.name), &format!("{}.exit", self.plan.name)];
        for entry in fs::read_dir(self.dir.path()).unwrap() {
            let name = entry.unwrap().file_name();
            assert!(allowed.contains(&name.to_str().unwrap()), "{}\n{}", name.display(), self.log());
        }
        for dir in self.partitions() {
            let scopes = fs::read_dir(&dir).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
            assert_eq!(scopes.count(), 0, "{}\n{}", dir.display(), self.log());
        }
    }

    /// Ends what a failed test has left.
    fn clean(&self) {
        let mut scopes: Vec<PathBuf> = Vec::new();
        for dir in self.partitions() {
            scopes.extend(
                fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).filter(|dir| dir.is_dir()),
            );
        }
        for scope in scopes {
            let group = Group::open(cgroup::Placement { v1: [("x".into(), scope)].into(), v2: None });
            let _ = group.kill_all();
            let _ = group.remove(SOON);
        }
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), self.log().as_bytes());
            if let Ok(Ok(pid)) = fs::read_to_string(&self.plan.files.pid).map(|pid| pid.trim().parse()) {
                // The pid file is ours and the monitor removes it at its end.
                let _ = kernel::pidfd::open(pid).and_then(|pidfd| {
                    kernel::pidfd::kill(pidfd.as_fd())?;
                    wait_readable(pidfd.as_fd());
                    Ok(())
                });
            }
        }
        self.clean();
        for dir in self.partitions() {
            let _ = fs::remove_dir(dir);
        }
    }
}

fn make_root(root: &Path) {
    for dir in ["bin", "dev", "proc", "sys", "run", "tmp", "etc", "var"] {
        fs::create_dir_all(root.join(dir)).unwrap();
    }
    fs::copy("/bin/busybox", root.join("bin/busybox")).unwrap();
    for applet in [
        "sh", "cat", "echo", "sleep", "reboot", "poweroff", "id", "ls", "mkdir", "yes", "dd", "stty",
        "usleep",
    ] {
        std::os::unix::fs::symlink("busybox", root.join("bin").join(applet)).unwrap();
    }
}
