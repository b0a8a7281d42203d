//! The daemon's life.

use std::io::IsTerminal;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use host::Host;
use lxc::{Launcher, Lxc, NoPorts, Paths, Ports};
use network::Networks;
use network::interface::Interfaces;
use rpc::{Access, Auth, Listener, Router, Server, ServerConfig};
use sd_notify::NotifyState;
use tokio::runtime::Handle;

use crate::admin::{self, Admin};
use crate::config::{self, Config};
use crate::detach::Detached;
use crate::idle::idle;
use crate::launcher;
use crate::log::{Destination, Logger, Priority};
use crate::networks::{self, OwnPorts};
use crate::options::Options;
use crate::pidfile::PidFile;
use crate::signals::{Request, Signals};
use crate::sockets::{Purpose, Sockets};

/// Settings of the daemon.
const CONFIG: &str = "/etc/libvirt/virtcontainerd.conf";

/// Log of a daemon in the background on a host without a journal.
const LOG_FILE: &str = "/var/log/libvirt/virtcontainerd.log";

/// Threads that run handlers: the work waits for monitors and disks, it does not compute.
const WORKERS_MAX: usize = 4;

/// How long clients get to take their last replies when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// Runs until a signal, until an administrator says so, or until idle.
pub(crate) fn run(
    options: &Options,
    logger: Arc<Logger>,
    detached: Option<Detached>,
    passed: Vec<(UnixListener, Purpose)>,
) -> Result<()> {
    let (config, warnings) = load_config(options)?;
    configure_log(&logger, &config, options)?;
    warn(&warnings);
    let monitor = launcher::find(options.monitor.as_deref())?;
    let _pid_file = PidFile::acquire(&options.pid_file)?;
    let launcher = launcher::start(&monitor, detached.is_some())?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS_MAX);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .context("tokio")?;
    // Who only looks has threads of its own, so that a crowd there takes the others no more than its share of the CPUs.
    let lookers = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name("read-only")
        .enable_all()
        .build()
        .context("tokio")?;
    let sockets = Sockets::open(&config, passed)?;
    let result = runtime.block_on(async {
        let signals = Signals::new()?;
        let mut daemon = Daemon::start(options, logger, &config, &monitor, launcher, sockets).await?;
        daemon.listen(lookers.handle())?;
        if let Some(detached) = detached {
            detached.ready()?;
        }
        daemon.serve(signals).await;
        Ok(())
    });
    runtime.shutdown_timeout(FAREWELL);
    lookers.shutdown_background();
    result
}

/// What runs.
struct Daemon<'a> {
    options: &'a Options,
    logger: Arc<Logger>,
    admin: Arc<Admin>,
    lxc: Arc<Lxc>,
    networks: Option<Arc<Networks>>,
    drivers_server: Arc<Server>,
    admin_server: Arc<Server>,
    sockets: Sockets,
}

impl<'a> Daemon<'a> {
    /// Takes over the containers that run.
    async fn start(
        options: &'a Options,
        logger: Arc<Logger>,
        config: &Config,
        monitor: &Path,
        launcher: OwnedFd,
        sockets: Sockets,
    ) -> Result<Self> {
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
        let admin = Admin::new(Arc::clone(&logger), options.timeout);
        let drivers_server = drivers_server(&lxc, networks.as_ref(), config);
        let admin_server = admin_server(&admin, config);
        admin.set_servers(vec![Arc::clone(&drivers_server), Arc::clone(&admin_server)]);
        Ok(Self { options, logger, admin, lxc, networks, drivers_server, admin_server, sockets })
    }

    /// Serves the sockets; those whose clients only look in a runtime of their own.
    fn listen(&mut self, lookers: &Handle) -> Result<()> {
        for (listener, purpose) in std::mem::take(&mut self.sockets.listeners) {
            let (server, access) = match purpose {
                Purpose::Drivers(access) => (&self.drivers_server, access),
                Purpose::Admin => (&self.admin_server, Access::ReadWrite),
            };
            let home = if access == Access::ReadOnly { lookers.clone() } else { Handle::current() };
            // Registers the socket with that runtime.
            let _context = home.enter();
            let listener = tokio::net::UnixListener::from_std(listener).context("socket")?;
            home.spawn(Arc::clone(server).serve(Listener::unix(listener, access, Auth::None)));
        }
        Ok(())
    }

    /// Lives until the end.
    async fn serve(self, mut signals: Signals) {
        notify(&[NotifyState::Ready]);
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "ready");
        let mut idle = std::pin::pin!(self.idle());
        loop {
            tokio::select! {
                request = signals.recv() => match request {
                    Request::Reload => self.reload(),
                    Request::Stop(name) => {
                        tracing::info!(signal = name, "stopping");
                        break;
                    }
                },
                () = self.admin.shutdown_requested() => break,
                () = &mut idle => {
                    tracing::info!("idle, stopping");
                    break;
                }
            }
        }
        notify(&[NotifyState::Stopping]);
        self.lxc.stop();
        let servers = [&self.drivers_server, &self.admin_server];
        servers.iter().for_each(|server| server.shutdown());
        // Clients that do not read are cut off.
        let drained = async {
            for server in servers {
                server.drained().await;
            }
        };
        let _ = tokio::time::timeout(FAREWELL, drained).await;
        self.sockets.remove();
    }

    /// Starts what starts at boot, and then returns when there has been neither a client nor a running domain
    /// for long enough.
    async fn idle(&self) {
        // Domains want their networks to be there.
        if let Some(networks) = &self.networks {
            networks.autostart().await;
        }
        self.lxc.autostart().await;
        let servers = [&self.drivers_server, &self.admin_server];
        let mut counts: Vec<_> = servers.iter().map(|server| server.watch_client_count()).collect();
        counts.push(self.lxc.running());
        idle(counts, self.admin.timeout()).await;
    }

    /// Reads settings, definitions and certificates anew. Settings with a mistake leave the old ones in force.
    fn reload(&self) {
        let mut reloading = vec![NotifyState::Reloading];
        reloading.extend(NotifyState::monotonic_usec_now());
        notify(&reloading);
        match load_config(self.options) {
            Ok((config, warnings)) => {
                if let Err(error) = configure_log(&self.logger, &config, self.options) {
                    tracing::error!("{error:#}: the log stays as it was");
                }
                warn(&warnings);
                self.drivers_server.set_limits(config.limits());
                self.admin_server.set_limits(config.admin_limits());
            }
            Err(error) => tracing::error!("{error:#}: the settings stay as they were"),
        }
        if let Some(Err(error)) = self.admin.update_tls() {
            tracing::error!(%error, "the certificates stay as they were");
        }
        self.lxc.reload();
        tracing::info!("reloaded");
        notify(&[NotifyState::Ready]);
    }
}

fn drivers_server(lxc: &Arc<Lxc>, networks: Option<&Arc<Networks>>, config: &Config) -> Arc<Server> {
    let mut router = Router::new();
    lxc::routes(&mut router);
    let mut routes = router.finish(Arc::clone(lxc));
    if let Some(networks) = networks {
        let mut router = Router::new();
        network::routes(&mut router);
        routes.merge(router.finish(Arc::clone(networks)));
    }
    let mut router = Router::new();
    network::interface::routes(&mut router);
    routes.merge(router.finish(Interfaces::below(Path::new("/"))));
    let limits = config.limits();
    let config = ServerConfig { limits, ..ServerConfig::new("virtcontainerd", Arc::new(lxc::check_uri)) };
    Server::new(routes, config)
}

fn admin_server(admin: &Arc<Admin>, config: &Config) -> Arc<Server> {
    let mut router = Router::new();
    admin::routes(&mut router);
    let config = ServerConfig { limits: config.admin_limits(), ..ServerConfig::admin("admin") };
    Server::new(router.finish(Arc::clone(admin)), config)
}

fn load_config(options: &Options) -> Result<(Config, Vec<String>)> {
    let given = options.config.as_deref();
    Config::load(given.unwrap_or_else(|| Path::new(CONFIG)), given.is_some())
}

fn configure_log(logger: &Logger, config: &Config, options: &Options) -> Result<()> {
    let level = config.log_priority();
    let level = if options.verbose { level.min(Priority::Info) } else { level };
    let fallback = default_output(options.ready_fd.is_some());
    logger.configure(level, &config.log_filters, &config.log_outputs, fallback).context("log_outputs")
}

/// Where libvirt's daemons log to if nobody says: to the journal unless somebody sits in front of it; else to
/// standard error, or without that to a file.
fn default_output(detached: bool) -> Destination {
    let journal = Path::new("/run/systemd/journal/socket").exists();
    if journal && (detached || !std::io::stdin().is_terminal()) {
        Destination::Journald
    } else if detached {
        Destination::File(PathBuf::from(LOG_FILE))
    } else {
        Destination::Stderr
    }
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
