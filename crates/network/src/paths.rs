//! Where networks are kept: libvirt's own layout, so that a host's networks appear unchanged whoever serves them.

use std::path::{Path, PathBuf};

/// Directories of the driver.
#[derive(Debug, Clone)]
pub struct Paths {
    /// Definitions, `NAME.xml`, and `autostart` (`/etc/libvirt/qemu/networks`).
    pub config: PathBuf,
    /// State of active networks, `NAME.xml NAME.pid NAME/ports/UUID.xml` (`/run/libvirt/network`).
    pub state: PathBuf,
    /// Files of dnsmasq (`/var/lib/libvirt/dnsmasq`).
    pub dnsmasq: PathBuf,
    /// Definitions of network filters (`/etc/libvirt/nwfilter`).
    pub nwfilter: PathBuf,
    /// Bindings of network filters (`/run/libvirt/nwfilter-binding`).
    pub bindings: PathBuf,
    /// Settings of the kernel (`/proc/sys`).
    pub sysctl: PathBuf,
}

impl Paths {
    /// The layout below `root`, which is `/` for a daemon in use.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self {
            config: root.join("etc/libvirt/qemu/networks"),
            state: root.join("run/libvirt/network"),
            dnsmasq: root.join("var/lib/libvirt/dnsmasq"),
            nwfilter: root.join("etc/libvirt/nwfilter"),
            bindings: root.join("run/libvirt/nwfilter-binding"),
            sysctl: root.join("proc/sys"),
        }
    }

    pub(crate) fn autostart(&self) -> PathBuf {
        self.config.join("autostart")
    }

    pub(crate) fn definition(&self, name: &str) -> PathBuf {
        self.config.join(format!("{name}.xml"))
    }

    pub(crate) fn autostart_link(&self, name: &str) -> PathBuf {
        self.autostart().join(format!("{name}.xml"))
    }

    pub(crate) fn status(&self, name: &str) -> PathBuf {
        self.state.join(format!("{name}.xml"))
    }

    /// Directory of a network's ports.
    pub(crate) fn ports(&self, name: &str) -> PathBuf {
        self.state.join(name).join("ports")
    }

    /// Exists once the networks were started for this boot of the host.
    pub(crate) fn autostarted(&self) -> PathBuf {
        self.state.join("autostarted")
    }

    /// Held by whoever serves the host's networks.
    pub(crate) fn lock(&self) -> PathBuf {
        self.state.join("driver.pid")
    }

    /// Pid of a network's dnsmasq.
    pub(crate) fn pid(&self, name: &str) -> PathBuf {
        self.state.join(format!("{name}.pid"))
    }

    /// Configuration of a network's dnsmasq.
    pub(crate) fn dnsmasq_conf(&self, name: &str) -> PathBuf {
        self.dnsmasq.join(format!("{name}.conf"))
    }

    /// Its static hosts.
    pub(crate) fn hostsfile(&self, name: &str) -> PathBuf {
        self.dnsmasq.join(format!("{name}.hostsfile"))
    }

    /// Its names.
    pub(crate) fn addnhosts(&self, name: &str) -> PathBuf {
        self.dnsmasq.join(format!("{name}.addnhosts"))
    }

    /// Leases, by bridge.
    pub(crate) fn leases(&self, bridge: &str) -> PathBuf {
        self.dnsmasq.join(format!("{bridge}.status"))
    }

    /// Which domain has which hardware addresses, by bridge.
    pub(crate) fn macs(&self, bridge: &str) -> PathBuf {
        self.dnsmasq.join(format!("{bridge}.macs"))
    }
}
