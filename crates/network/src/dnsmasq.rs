//! dnsmasq: DHCP, DNS and router advertisements of one network, run as libvirt runs it.

pub(crate) mod config;
pub(crate) mod leases;

use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use conf::network::NetworkDef;
use kernel::command::Command;
use store::Durability;
use tokio::io::unix::AsyncFd;
use tokio::task::JoinHandle;

use crate::paths::Paths;
use config::{Files, Known};

/// How long it gets to end before it is killed.
const END_WAIT: Duration = Duration::from_secs(5);

/// A dnsmasq that ends sooner than this after its start is not started again at once.
const HASTY: Duration = Duration::from_secs(2);

/// `SIGHUP`: read the hosts again.
const SIGHUP: i32 = 1;
/// `SIGTERM`
const SIGTERM: i32 = 15;

/// Which programs to run.
#[derive(Debug, Clone)]
pub struct Programs {
    /// dnsmasq; `None` if it is not installed.
    pub dnsmasq: Option<PathBuf>,
    /// What dnsmasq runs for each lease.
    pub leaseshelper: PathBuf,
}

/// What makes one dnsmasq.
#[derive(Debug, Clone)]
struct Job {
    name: String,
    bridge: String,
    program: PathBuf,
    helper: PathBuf,
    conf: PathBuf,
    pid_file: PathBuf,
}

/// Keeps a network's dnsmasq alive. Dropping it leaves the program to itself.
#[derive(Debug)]
pub(crate) struct Watcher {
    process: Arc<Mutex<Option<OwnedFd>>>,
    task: JoinHandle<()>,
    pid_file: PathBuf,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Does the network need one at all?
pub(crate) fn is_needed(def: &NetworkDef) -> bool {
    let serves = |ip: &conf::network::Ip| ip.has_dhcp() || ip.address.is_ipv6() || ip.tftp_root.is_some();
    def.ips.iter().any(serves) || def.dns.enable != Some(false) && !def.ips.is_empty()
}

/// Does it hand out addresses, so that the network is of no use without dnsmasq?
pub(crate) fn is_essential(def: &NetworkDef) -> bool {
    def.ips.iter().any(conf::network::Ip::has_dhcp)
}

/// Writes its files.
pub(crate) fn write_files(paths: &Paths, def: &NetworkDef, known: &[Known]) -> io::Result<()> {
    write_hosts(paths, def, known)?;
    let name = &def.name;
    let (pid, hostsfile, addnhosts) = (paths.pid(name), paths.hostsfile(name), paths.addnhosts(name));
    let files = Files { pid: &pid, hostsfile: &hostsfile, addnhosts: &addnhosts };
    store::replace(&paths.dnsmasq_conf(name), &config::conf(def, files)?, Durability::Memory)
}

/// Writes the files that it reads again on request, which it does without privileges.
pub(crate) fn write_hosts(paths: &Paths, def: &NetworkDef, known: &[Known]) -> io::Result<()> {
    let files = [
        (paths.hostsfile(&def.name), config::hostsfile(def, known)?),
        (paths.addnhosts(&def.name), config::addnhosts(def, known)?),
    ];
    for (path, text) in files {
        store::replace_with_mode(&path, &text, Durability::Memory, 0o644)?;
    }
    Ok(())
}

impl Watcher {
    /// Starts dnsmasq; its files are there.
    pub(crate) async fn start(paths: &Paths, programs: &Programs, def: &NetworkDef) -> io::Result<Arc<Self>> {
        let job = job(paths, programs, def)?;
        let process = spawn(job.clone()).await?;
        Ok(Self::watch(job, process))
    }

    /// Takes over the one that runs on since an earlier daemon; `None` if there is none.
    pub(crate) fn adopt(paths: &Paths, programs: &Programs, def: &NetworkDef) -> Option<Arc<Self>> {
        let job = job(paths, programs, def).ok()?;
        let process = running(&job.pid_file, &job.conf).ok()?;
        Some(Self::watch(job, process))
    }

    fn watch(job: Job, process: OwnedFd) -> Arc<Self> {
        let pid_file = job.pid_file.clone();
        let process = Arc::new(Mutex::new(Some(process)));
        let task = tokio::spawn(keep_alive(job, Arc::clone(&process)));
        Arc::new(Self { process, task, pid_file })
    }

    /// Has it read hosts and names again.
    pub(crate) fn reload(&self) {
        if let Some(process) = &*self.process.lock().unwrap_or_else(PoisonError::into_inner)
            && let Err(errno) = kernel::pidfd::send_signal(process.as_fd(), SIGHUP)
        {
            tracing::warn!(%errno, "Failed to make dnsmasq reload config files");
        }
    }

    /// Ends it.
    pub(crate) async fn stop(&self) {
        self.task.abort();
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(process) = process {
            end(process).await;
        }
        crate::define::discard(&self.pid_file);
    }
}

fn job(paths: &Paths, programs: &Programs, def: &NetworkDef) -> io::Result<Job> {
    let missing = || io::Error::new(io::ErrorKind::NotFound, "Unable to find 'dnsmasq' binary in $PATH");
    Ok(Job {
        name: def.name.clone(),
        bridge: def.bridge.name.clone().unwrap_or_default(),
        program: programs.dnsmasq.clone().ok_or_else(missing)?,
        helper: programs.leaseshelper.clone(),
        conf: paths.dnsmasq_conf(&def.name),
        pid_file: paths.pid(&def.name),
    })
}

/// Starts it again whenever it ends.
async fn keep_alive(job: Job, process: Arc<Mutex<Option<OwnedFd>>>) {
    loop {
        let started = Instant::now();
        let current = {
            let slot = process.lock().unwrap_or_else(PoisonError::into_inner);
            slot.as_ref().map(OwnedFd::try_clone)
        };
        let Some(Ok(current)) = current else { return };
        let Ok(watched) = watched(current) else { return };
        if watched.readable().await.is_err() {
            return;
        }
        tracing::warn!(network = job.name, "dnsmasq has ended, starting it again");
        if started.elapsed() < HASTY {
            tokio::time::sleep(HASTY).await;
        }
        match spawn(job.clone()).await {
            Ok(again) => *process.lock().unwrap_or_else(PoisonError::into_inner) = Some(again),
            Err(error) => {
                tracing::error!(network = job.name, %error, "dnsmasq does not start again");
                *process.lock().unwrap_or_else(PoisonError::into_inner) = None;
                return;
            }
        }
    }
}

async fn spawn(job: Job) -> io::Result<OwnedFd> {
    match tokio::task::spawn_blocking(move || spawn_blocking(&job)).await {
        Ok(result) => result,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// Runs it and waits until it has gone to the background, which it does when it is ready.
fn spawn_blocking(job: &Job) -> io::Result<OwnedFd> {
    let mut command = Command::new(&job.program);
    command.arg(format!("--conf-file={}", job.conf.display())).arg("--leasefile-ro");
    command.arg(format!("--dhcp-script={}", job.helper.display()));
    command.env("VIR_BRIDGE_NAME", &job.bridge).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stderr = child.stderr.take();
    let status = child.wait()?;
    if !status.success() {
        let mut text = String::new();
        if let Some(stderr) = stderr {
            // Never blocks: the program has ended, and a background one would have closed it.
            stderr.take(4096).read_to_string(&mut text)?;
        }
        return Err(io::Error::other(format!("dnsmasq: {} ({status})", text.trim())));
    }
    running(&job.pid_file, &job.conf)
}

/// The process of a pid file, if it is a dnsmasq with this configuration.
fn running(pid_file: &Path, conf: &Path) -> io::Result<OwnedFd> {
    let text = std::fs::read_to_string(pid_file)?;
    let pid: i32 =
        text.trim().parse().map_err(|_| io::Error::other(format!("no pid in {}", pid_file.display())))?;
    let process = kernel::pidfd::open(pid)?;
    let line = std::fs::read(format!("/proc/{pid}/cmdline"))?;
    let wanted = format!("--conf-file={}", conf.display());
    // Looked at after the pidfd was opened: a later process with the pid has another descriptor.
    if line.split(|byte| *byte == 0).any(|argument| argument == wanted.as_bytes()) {
        return Ok(process);
    }
    Err(io::Error::new(
        io::ErrorKind::NotFound,
        format!("process {pid} is no dnsmasq with {}", conf.display()),
    ))
}

async fn end(process: OwnedFd) {
    if kernel::pidfd::send_signal(process.as_fd(), SIGTERM).is_err() {
        return;
    }
    let Ok(process) = watched(process) else { return };
    if tokio::time::timeout(END_WAIT, process.readable()).await.is_err() {
        let _ = kernel::pidfd::kill(process.get_ref().as_fd());
    }
}

/// Ends a dnsmasq that nobody watches.
pub(crate) async fn end_stray(paths: &Paths, name: &str) {
    if let Ok(process) = running(&paths.pid(name), &paths.dnsmasq_conf(name)) {
        end(process).await;
    }
}

/// Tells when a process has ended.
#[expect(deprecated, reason = "the safe way in is for types that own their descriptor, as this one does")]
fn watched(process: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(process, tokio::io::Interest::READABLE)
}
