//! The network driver: libvirt's virtual networks on Linux bridges, with dnsmasq and nftables.
//!
//! [`Networks`] holds all networks; the modules below `api` answer one call each with a function of the call's name.
//! What changes a network holds its job; what only looks takes a read lock for an instant.
//!
//! State is where libvirt's own network driver keeps it, and in the same form, so that either finds what the other
//! has left. Only one of them serves a host: whoever holds the lock in the state directory.
//!
//! **Architecture Invariant:** everything that is made for a network on the host (bridge, addresses, rules, dnsmasq)
//! is removed when it stops, and found again by a daemon that starts later.

mod api;
mod autostart;
mod bandwidth;
mod define;
mod dnsmasq;
mod error;
mod events;
mod firewall;
pub mod interface;
mod links;
mod names;
mod network;
mod paths;
mod plug;
mod pool;
mod port;
mod registry;
mod start;
mod status;
mod sysctl;
mod update;

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use conf::Random;
use rustix::fs::{FlockOperation, Mode, OFlags};
use tokio::sync::{Mutex, watch};

pub use api::routes;
pub use dnsmasq::Programs;
pub use paths::Paths;
pub use plug::{Ask, Plugged};

use events::Events;
use links::Links;
use network::Network;
use registry::Registry;

/// The driver.
#[derive(Debug)]
pub struct Networks {
    paths: Paths,
    programs: Programs,
    hostname: String,
    random: Random,
    registry: Registry,
    links: Links,
    events: Events,
    /// Held while names, uuids and bridges are compared and definitions written.
    definitions: Mutex<()>,
    active: watch::Sender<usize>,
    /// Says to other daemons that the host's networks are served here.
    _lock: OwnedFd,
}

impl Networks {
    /// Makes the directories, reads the definitions, and takes over the networks that are active.
    ///
    /// Fails with [`io::ErrorKind::WouldBlock`] when another daemon, such as libvirt's, serves this host's networks.
    pub async fn load(
        paths: Paths,
        programs: Programs,
        hostname: String,
        random: Random,
    ) -> io::Result<Arc<Self>> {
        for dir in [&paths.config, &paths.autostart(), &paths.state, &paths.dnsmasq] {
            make_dir(dir)?;
        }
        let lock = lock(&paths.lock())?;
        let driver = Arc::new(Self {
            paths,
            programs,
            hostname,
            random,
            registry: Registry::default(),
            links: Links::open()?,
            events: Events::default(),
            definitions: Mutex::new(()),
            active: watch::Sender::new(0),
            _lock: lock,
        });
        define::load_all(&driver);
        status::find_all(&driver).await;
        Ok(driver)
    }

    /// Starts the networks marked for it, once per boot of the host.
    pub async fn autostart(self: &Arc<Self>) {
        autostart::run(self).await;
    }

    /// Number of active networks, for a daemon that exits when it is idle.
    #[must_use]
    pub fn active(&self) -> watch::Receiver<usize> {
        self.active.subscribe()
    }

    fn active_changed(&self, by: isize) {
        self.active.send_modify(|active| *active = active.saturating_add_signed(by));
    }

    /// Drops a network that is neither active nor defined.
    fn forget(&self, network: &Network) {
        self.registry.remove_if_unused(network);
        let def = network.read().current().cloned();
        if def.is_none() {
            let _ = std::fs::remove_dir_all(self.paths.state.join(&network.name));
        }
    }
}

fn make_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o755).create(dir);
    made.map_err(|error| io::Error::new(error.kind(), format!("cannot make {}: {error}", dir.display())))
}

/// libvirt's daemons lock this file too, in the same way (fcntl(2)).
fn lock(path: &Path) -> io::Result<OwnedFd> {
    let fd =
        rustix::fs::open(path, OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC, Mode::from_raw_mode(0o644))?;
    match rustix::fs::fcntl_lock(&fd, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::ACCESS | rustix::io::Errno::AGAIN) => {
            let text =
                format!("another daemon serves this host's networks: it has locked {}", path.display());
            return Err(io::Error::new(io::ErrorKind::WouldBlock, text));
        }
        Err(errno) => return Err(errno.into()),
    }
    rustix::fs::ftruncate(&fd, 0)?;
    rustix::io::write(&fd, std::process::id().to_string().as_bytes())?;
    Ok(fd)
}
