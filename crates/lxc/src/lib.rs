//! The domain driver: containers as libvirt's domains.
//!
//! [`Lxc`] holds all domains; the modules below `api` answer one call each with a function of the call's name.
//! What changes a domain holds its job; what only looks takes a read lock for an instant, so that
//! a slow start or stop of one domain delays nobody else.
//!
//! **Architecture Invariant:** the driver makes no namespace, mount, link or process. It writes a plan, and the
//! monitor of the domain carries it out.

mod api;
mod autostart;
mod config;
mod cpumap;
mod crypt;
mod define;
mod domain;
mod domains;
mod end;
mod error;
mod events;
mod figures;
mod guest;
mod hotplug;
mod impact;
mod launcher;
mod monitor;
mod nameservers;
mod packets;
mod params;
mod paths;
mod perf;
mod plan;
mod ports;
mod ranges;
mod reconnect;
mod security;
mod start;
mod status;
mod usb;
mod vcpus;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use conf::domain::{ParseContext, ParseFlags};
use host::Host;
use store as files;
use tokio::sync::{Mutex, watch};

pub use api::{check_uri, routes};
pub use config::{Config, Profile};
pub use launcher::Launcher;
pub use paths::Paths;
pub use ports::{NoPorts, Owner, Pending, Plug, Port, Ports};

use domain::Domain;
use domains::Domains;
use events::Events;
use ranges::Ranges;
use security::Security;

/// The driver.
#[derive(Debug)]
pub struct Lxc {
    config: Config,
    paths: Paths,
    host: Host,
    launcher: Launcher,
    ports: Arc<dyn Ports>,
    domains: Domains,
    events: Events,
    perf: perf::Perf,
    ranges: Ranges,
    security: Security,
    /// Held while names and uuids are compared and definitions written.
    definitions: Mutex<()>,
    next_vnet: AtomicU32,
    stopping: AtomicBool,
    running: watch::Sender<usize>,
}

impl Lxc {
    /// Makes the directories, reads the definitions, and takes over the containers that run.
    pub async fn load(
        config: Config,
        paths: Paths,
        host: Host,
        launcher: Launcher,
        ports: Arc<dyn Ports>,
    ) -> io::Result<Arc<Self>> {
        for dir in [&paths.config, &paths.autostart(), &paths.state, &paths.log, &paths.lib] {
            make_dir(dir)?;
        }
        let ranges = Ranges::load(paths.lib.join("idranges.json"), &paths.etc, &config)?;
        let security = Security::detect(std::path::Path::new("/"), config.security_driver.as_deref())
            .map_err(io::Error::other)?;
        let lxc = Arc::new(Self {
            config,
            paths,
            host,
            launcher,
            ports,
            domains: Domains::default(),
            events: Events::default(),
            perf: perf::Perf::default(),
            ranges,
            security,
            definitions: Mutex::new(()),
            next_vnet: AtomicU32::new(0),
            stopping: AtomicBool::new(false),
            running: watch::Sender::new(0),
        });
        define::load_all(&lxc);
        reconnect::all(&lxc).await;
        Ok(lxc)
    }

    /// Starts the domains marked for it, once per boot of the host.
    pub async fn autostart(self: &Arc<Self>) {
        autostart::run(self).await;
    }

    /// Reads the definitions on disk anew: new ones appear, changed ones count from the next start. One whose file is
    /// gone stays, as in libvirt.
    pub fn reload(&self) {
        define::reload(self);
    }

    /// Number of running domains, for a daemon that exits when it is idle.
    #[must_use]
    pub fn running(&self) -> watch::Receiver<usize> {
        self.running.subscribe()
    }

    /// The daemon is about to exit: containers go on, but none is restarted any more.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn running_changed(&self, by: isize) {
        self.running.send_modify(|running| *running = running.saturating_add_signed(by));
    }

    /// How documents are read.
    pub(crate) fn parse_context(&self, flags: ParseFlags) -> ParseContext {
        let arches: Vec<_> = host::arches(&self.host).into_iter().map(|arch| arch.name).collect();
        ParseContext {
            arch: arches.first().cloned().unwrap_or_default(),
            arches,
            emulator: self.config.emulator.clone(),
            security_model: self.security.module.map_or("none", plan::label::model).to_owned(),
            random: fill_random,
            flags,
        }
    }

    /// Reserves numbers for generated names of interfaces; returns the first.
    pub(crate) fn take_vnets(&self, count: usize) -> u32 {
        self.next_vnet.fetch_add(u32::try_from(count).unwrap_or(0), Ordering::Relaxed)
    }

    /// Drops a domain that neither runs nor has a definition.
    pub(crate) fn forget(&self, domain: &Domain) {
        self.domains.remove_if_unused(domain);
        if self.domains.by_uuid(domain.uuid).is_none() {
            self.ranges.release(domain.uuid);
        }
    }
}

impl AsRef<Host> for Lxc {
    fn as_ref(&self) -> &Host {
        &self.host
    }
}

fn make_dir(dir: &std::path::Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o755).create(dir);
    made.map_err(|error| io::Error::new(error.kind(), format!("cannot make {}: {error}", dir.display())))
}

/// Random bytes from the kernel (getrandom(2)), which cannot fail once the host has booted.
pub fn fill_random(buffer: &mut [u8]) {
    let mut rest = buffer;
    while !rest.is_empty() {
        match rustix::rand::getrandom(&mut *rest, rustix::rand::GetRandomFlags::empty()) {
            Ok(count) => rest = &mut rest[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => panic!("getrandom: {error}"),
        }
    }
}
