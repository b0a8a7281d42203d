//! A private host: the machine of one test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::command::{Output, Running, command, ended};
use crate::daemon::Daemon;
use crate::domain::Domain;
use crate::subject::Subject;
use crate::wait::{self, PATIENCE};

mod stale;

const JANITOR: &str = include_str!("host/janitor.sh");
const INIT: &str = include_str!("host/init.sh");

/// A private host with a daemon: its own mount, network, host name, IPC, pid and cgroup namespaces, its own
/// `/run`, `/etc/libvirt`, `/var/lib/libvirt`, `/var/log/libvirt` and `/dev/pts`, and its own control group in
/// every hierarchy as the root of that hierarchy.
///
/// Pids that clients and files of this host show are those of its own pid namespace; [`Host::path`] reads its
/// `/proc`. Dropping it kills every process in it and removes everything. The same happens when the test
/// process is killed: a janitor outside waits for that.
#[derive(Debug)]
pub struct Host {
    subject: Subject,
    janitor: Child,
    lifeline: Option<ChildStdin>,
    /// The first process, as the test sees it.
    init: u32,
    /// Log of the daemon, and whatever else should be readable after a failure.
    scratch: tempfile::TempDir,
    daemon: Mutex<Option<Daemon>>,
}

impl Host {
    /// A host whose daemon, that of `SUBJECT`, is ready to serve.
    ///
    /// # Panics
    /// When it cannot be made, like everything here.
    #[track_caller]
    #[must_use]
    pub fn start() -> Self {
        let host = Self::without_daemon();
        host.start_daemon();
        host
    }

    /// A host on which no daemon has been started yet.
    #[track_caller]
    #[must_use]
    pub fn without_daemon() -> Self {
        match Self::make(Subject::under_test()) {
            Ok(host) => host,
            Err(error) => panic!("no private host: {error:#}"),
        }
    }

    fn make(subject: Subject) -> Result<Self> {
        ensure!(rustix::process::geteuid().is_root(), "these tests need root");
        stale::remove(JANITOR);
        let scratch = tempfile::Builder::new().prefix("virtcontainer-test-").tempdir()?;
        let mut command = command("sh");
        command
            .args(["-c", JANITOR, "janitor", "start", &own_name()?])
            .env("INIT", INIT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(scratch.path().join("host.log"))?);
        // In a group of its own the janitor survives what kills the test.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut janitor = command.spawn().context("run sh")?;
        let lifeline = janitor.stdin.take();
        let stdout = janitor.stdout.take().context("the janitor has a standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let outer = match lines.next().transpose()? {
            Some(line) => line.trim_start_matches("unshare ").to_owned(),
            None => bail!("{}", fs::read_to_string(scratch.path().join("host.log"))?),
        };
        if lines.next().transpose()?.as_deref() != Some("ready") {
            bail!("{}", fs::read_to_string(scratch.path().join("host.log"))?);
        }
        let children = fs::read_to_string(format!("/proc/{outer}/task/{outer}/children"))?;
        let init = children.trim().parse().with_context(|| format!("first process `{children}`"))?;
        let host = Self { subject, janitor, lifeline, init, scratch, daemon: Mutex::new(None) };
        // By default both ask polkit, which no private host has.
        let text = "auth_unix_ro = \"none\"\nauth_unix_rw = \"none\"\nlog_outputs = \"2:stderr\"\n";
        host.write("/etc/libvirt/libvirtd.conf", text);
        host.write("/etc/libvirt/virtcontainerd.conf", &format!("{text}log_level = 2\n"));
        Ok(host)
    }

    /// Whose daemon this host runs.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// Where the test finds the socket that clients use for `lxc:///system`.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.path(self.subject.socket())
    }

    /// The same for clients that only look.
    #[must_use]
    pub fn read_only_socket(&self) -> PathBuf {
        self.path(&format!("{}-ro", self.subject.socket()))
    }

    /// [`Subject::expect`] of this host's subject.
    pub fn expect<T>(&self, ours: T, theirs: T) -> T {
        self.subject.expect(ours, theirs)
    }

    /// Where the test finds this host's file `path`.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root/{}", self.init, path.trim_start_matches('/')))
    }

    /// Content of this host's file.
    #[track_caller]
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        match fs::read(self.path(path)) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => panic!("read {path} of the private host: {error}"),
        }
    }

    /// Writes this host's file; its directory is made if it is missing.
    #[track_caller]
    pub fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        let result =
            path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, content));
        if let Err(error) = result {
            panic!("write {}: {error}", path.display());
        }
    }

    /// Whether this host has such a file (a dangling symbolic link counts).
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    /// Sorted names in this host's directory.
    #[track_caller]
    #[must_use]
    pub fn names_in(&self, path: &str) -> Vec<String> {
        match fs::read_dir(self.path(path)) {
            Ok(entries) => {
                let mut names: Vec<_> = entries
                    .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
                    .collect();
                names.sort();
                names
            }
            Err(error) => panic!("list {path} of the private host: {error}"),
        }
    }

    /// Waits until the content of this host's file is as wanted, and returns it. A file that does not exist
    /// yet is empty; its directory must exist.
    #[track_caller]
    pub fn wait_for(&self, path: &str, wanted: impl Fn(&str) -> bool) -> String {
        let file = self.path(path);
        let content = || String::from_utf8_lossy(&fs::read(&file).unwrap_or_default()).into_owned();
        let directory = file.parent().unwrap_or_else(|| Path::new("/"));
        match wait::until(directory, PATIENCE, || Some(content()).filter(|text| wanted(text))) {
            Ok(Some(text)) => text,
            Ok(None) => panic!("{path} did not become as wanted; it is `{}`", content()),
            Err(error) => panic!("wait for {path}: {error:#}"),
        }
    }

    /// Runs a program in this host.
    #[track_caller]
    pub fn run(&self, argv: &[&str]) -> Output {
        self.spawn(argv).finish(PATIENCE)
    }

    /// Starts a program in this host.
    #[track_caller]
    #[must_use]
    pub fn spawn(&self, argv: &[&str]) -> Running {
        let mut command = self.enter();
        command.args(argv);
        match Running::spawn(command, argv.join(" ")) {
            Ok(running) => running,
            Err(error) => panic!("{error:#}"),
        }
    }

    /// A command that ends up in this host; its program and arguments are still to be added.
    pub(crate) fn enter(&self) -> std::process::Command {
        let mut command = command("nsenter");
        command.arg("--target").arg(self.init.to_string());
        command.args(["--mount", "--net", "--uts", "--ipc", "--cgroup", "--pid", "--"]);
        command
    }

    /// virsh, connected to `lxc:///system`.
    #[track_caller]
    pub fn virsh(&self, arguments: &[&str]) -> Output {
        self.virsh_to("lxc:///system", arguments)
    }

    /// virsh, connected to another URI.
    #[track_caller]
    pub fn virsh_to(&self, uri: &str, arguments: &[&str]) -> Output {
        self.run(&[&["virsh", "--connect", uri], arguments].concat())
    }

    /// Writes the domain's XML to a file of this host and returns its path.
    #[track_caller]
    #[must_use]
    pub fn xml_file(&self, domain: &Domain) -> String {
        let path = format!("/run/test/{}.xml", domain.name());
        self.write(&path, &domain.xml());
        path
    }

    /// Defines a domain through virsh.
    #[track_caller]
    pub fn define(&self, domain: &Domain) {
        let file = self.xml_file(domain);
        self.virsh(&["define", &file]).done();
    }

    /// Sends a signal to a process, both given as `kill` of this host understands them.
    #[track_caller]
    pub fn kill(&self, signal: &str, pid: u32) {
        self.run(&["kill", "-s", signal, &pid.to_string()]).done();
    }

    /// Starts the daemon and waits until it serves.
    #[track_caller]
    pub fn start_daemon(&self) {
        let log = self.scratch.path().join("daemon.log");
        let mut slot = self.daemon_slot();
        assert!(slot.is_none(), "the daemon is already running");
        match Daemon::start(self, &log) {
            Ok(daemon) => *slot = Some(daemon),
            Err(error) => panic!("{error:#}\n{}", tail(&log)),
        }
    }

    /// Stops the daemon with SIGTERM and waits for its end.
    #[track_caller]
    pub fn stop_daemon(&self) {
        self.end_daemon("TERM");
    }

    /// Kills the daemon with SIGKILL and waits for its end.
    #[track_caller]
    pub fn kill_daemon(&self) {
        self.end_daemon("KILL");
    }

    #[track_caller]
    fn end_daemon(&self, signal: &str) {
        let Some(daemon) = self.daemon_slot().take() else { panic!("no daemon is running") };
        self.kill(signal, daemon.pid());
        if let Err(error) = daemon.wait() {
            panic!("after SIG{signal}: {error:#}");
        }
    }

    /// Waits for the end of a daemon that ends by itself.
    #[track_caller]
    pub fn daemon_ends(&self) {
        let Some(daemon) = self.daemon_slot().take() else { panic!("no daemon is running") };
        if let Err(error) = daemon.wait() {
            panic!("{error:#}");
        }
    }

    /// Pid of the daemon in this host.
    #[track_caller]
    #[must_use]
    pub fn daemon_pid(&self) -> u32 {
        match self.daemon_slot().as_ref() {
            Some(daemon) => daemon.pid(),
            None => panic!("no daemon is running"),
        }
    }

    /// Everything that the daemons of this host have logged.
    #[must_use]
    pub fn daemon_log(&self) -> String {
        fs::read(self.scratch.path().join("daemon.log"))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    fn daemon_slot(&self) -> std::sync::MutexGuard<'_, Option<Daemon>> {
        self.daemon.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.scratch.path().join("daemon.log");
            #[expect(clippy::print_stderr, reason = "what a failed test says belongs on its standard error")]
            {
                eprintln!("--- daemon's log ---\n{}", tail(&log));
            }
        }
        // The janitor's standard input ends: it kills the host and removes its control groups.
        drop(self.lifeline.take());
        let _ = ended(&mut self.janitor, Duration::from_secs(10));
    }
}

/// The name of a new host's control groups: whose it is can be told from it after a crash.
fn own_name() -> Result<String> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let pid = std::process::id();
    let started = stale::start_time(pid).context("own start time")?;
    Ok(format!("{}{pid}-{started}-{}", stale::PREFIX, MADE.fetch_add(1, Ordering::Relaxed)))
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
