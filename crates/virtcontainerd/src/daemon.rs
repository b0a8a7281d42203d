//! The daemon's life.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use host::Host;
use lxc::{Launcher, Lxc, NoPorts, Paths, Ports};
use network::Networks;
use rpc::{Auth, Listener, Router, Server, ServerConfig};
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{self, Config};
use crate::launcher;
use crate::networks::{self, OwnPorts};
use crate::options::Options;
use crate::pidfile::PidFile;
use crate::sockets::Sockets;

/// Settings of the daemon.
const CONFIG: &str = "/etc/libvirt/virtcontainerd.conf";

/// Threads that run handlers: the work waits for monitors and disks, it does not compute.
const WORKERS_MAX: usize = 4;

/// How long clients get to take their last replies when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// Runs until a signal, or until idle.
pub(crate) fn run(options: &Options) -> Result<()> {
    let given = options.config.as_deref();
    let (config, warnings) = Config::load(given.unwrap_or_else(|| Path::new(CONFIG)), given.is_some())?;
    let monitor = launcher::find(options.monitor.as_deref())?;
    warn(&warnings);
    let _pid_file = PidFile::acquire(&options.pid_file)?;
    let launcher = launcher::start(&monitor)?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS_MAX);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .context("tokio")?;
    let result = runtime.block_on(serve(options, &config, &monitor, launcher));
    runtime.shutdown_timeout(FAREWELL);
    result
}

async fn serve(options: &Options, config: &Config, monitor: &Path, launcher: OwnedFd) -> Result<()> {
    let mut stop = StopSignals::new()?;
    let mut sockets = Sockets::open(config)?;
    let launcher = Launcher::new(launcher).context("launcher")?;
    let paths = Paths::below(Path::new("/"));
    let (mut settings, warnings) = config::read(&options.driver_config, false, lxc::Config::apply)?;
    warn(&warnings);
    settings.emulator = monitor.to_string_lossy().into_owned();
    let host = Host::this(monitor);
    let networks = networks::load(monitor, host::hostname(&host).unwrap_or_default()).await?;
    let ports: Arc<dyn Ports> = match &networks {
        Some(networks) => Arc::new(OwnPorts(Arc::clone(networks))),
        None => Arc::new(NoPorts),
    };
    let lxc = Lxc::load(settings, paths, host, launcher, ports).await?;
    let server = server(&lxc, networks.as_ref(), config);
    for (listener, access) in std::mem::take(&mut sockets.listeners) {
        let listener = Listener::unix(listener, access, Auth::None);
        tokio::spawn(Arc::clone(&server).serve(listener));
    }
    notify(&[NotifyState::Ready]);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "ready");
    let starting = tokio::spawn({
        let (lxc, networks) = (Arc::clone(&lxc), networks.clone());
        async move {
            // Domains want their networks to be there.
            if let Some(networks) = networks {
                networks.autostart().await;
            }
            lxc.autostart().await;
        }
    });
    tokio::select! {
        name = stop.recv() => tracing::info!(signal = name, "stopping"),
        () = idle(&server, &lxc, starting, options.timeout) => tracing::info!("idle, stopping"),
    }
    notify(&[NotifyState::Stopping]);
    lxc.stop();
    server.shutdown();
    // Clients that do not read are cut off.
    let _ = tokio::time::timeout(FAREWELL, server.drained()).await;
    sockets.remove();
    Ok(())
}

fn server(lxc: &Arc<Lxc>, networks: Option<&Arc<Networks>>, config: &Config) -> Arc<Server> {
    let mut router = Router::new();
    lxc::routes(&mut router);
    let mut routes = router.finish(Arc::clone(lxc));
    if let Some(networks) = networks {
        let mut router = Router::new();
        network::routes(&mut router);
        routes.merge(router.finish(Arc::clone(networks)));
    }
    let limits = config.limits();
    let config = ServerConfig { limits, ..ServerConfig::new("virtcontainerd", Arc::new(lxc::check_uri)) };
    Server::new(routes, config)
}

fn warn(warnings: &[String]) {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}

/// Tells systemd, if it started us (sd_notify(3)).
fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "sd_notify");
    }
}

/// Returns when there was neither a client nor a running domain for `timeout` seconds, counted from the end of
/// the starts at boot. Never with 0.
async fn idle(server: &Server, lxc: &Lxc, starting: tokio::task::JoinHandle<()>, timeout: u64) {
    if timeout == 0 {
        std::future::pending::<()>().await;
    }
    // Only a panic makes it fail, and that is in the log.
    let _ = starting.await;
    let (mut clients, mut running) = (server.watch_client_count(), lxc.running());
    loop {
        let busy = *clients.borrow_and_update() > 0 || *running.borrow_and_update() > 0;
        let wait = async {
            if busy {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_secs(timeout)).await;
        };
        tokio::select! {
            () = wait => return,
            _ = clients.changed() => {}
            _ = running.changed() => {}
        }
    }
}

/// SIGTERM, SIGINT, SIGQUIT.
struct StopSignals {
    term: tokio::signal::unix::Signal,
    int: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
}

impl StopSignals {
    fn new() -> Result<Self> {
        let listen = |kind| signal(kind).context("signals");
        Ok(Self {
            term: listen(SignalKind::terminate())?,
            int: listen(SignalKind::interrupt())?,
            quit: listen(SignalKind::quit())?,
        })
    }

    async fn recv(&mut self) -> &'static str {
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.int.recv() => "SIGINT",
            _ = self.quit.recv() => "SIGQUIT",
        }
    }
}
