//! The interface driver: network interfaces of the host, as the kernel shows them in sysfs.
//!
//! Their configuration belongs to whoever configures the host (NetworkManager, systemd-networkd, ifupdown), so the
//! calls that would change it are not served, as with libvirt's driver on hosts without netcf.

mod api;
mod sysfs;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use api::routes;

/// The driver. It has no state: every answer is what the kernel says at the moment.
#[derive(Debug)]
pub struct Interfaces {
    /// `/sys/class/net`
    net: PathBuf,
}

impl Interfaces {
    /// The interfaces of the host below `root`, which is `/` for a daemon in use.
    #[must_use]
    pub fn below(root: &Path) -> Arc<Self> {
        Arc::new(Self { net: root.join("sys/class/net") })
    }
}
