//! Where the driver keeps its files: libvirt's own layout.

use std::path::{Path, PathBuf};

use conf::DomainName;

/// Directories of the driver.
#[derive(Debug, Clone)]
pub struct Paths {
    /// Definitions, `NAME.xml` (`/etc/libvirt/lxc`).
    pub config: PathBuf,
    /// State of running domains, `NAME.xml .pid .sock .exit` (`/run/libvirt/lxc`).
    pub state: PathBuf,
    /// Logs, `NAME.log` (`/var/log/libvirt/lxc`).
    pub log: PathBuf,
    /// The host's own settings (`/etc`).
    pub etc: PathBuf,
    /// What outlives a boot and is no definition (`/var/lib/libvirt/lxc`).
    pub lib: PathBuf,
}

impl Paths {
    /// The layout below `root`, which is `/` for a daemon in use.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self {
            config: root.join("etc/libvirt/lxc"),
            state: root.join("run/libvirt/lxc"),
            log: root.join("var/log/libvirt/lxc"),
            etc: root.join("etc"),
            lib: root.join("var/lib/libvirt/lxc"),
        }
    }

    /// Directory of the autostart links.
    #[must_use]
    pub fn autostart(&self) -> PathBuf {
        self.config.join("autostart")
    }

    /// Definition of a domain.
    #[must_use]
    pub fn definition(&self, name: &DomainName) -> PathBuf {
        self.config.join(format!("{name}.xml"))
    }

    /// Autostart link of a domain.
    #[must_use]
    pub fn autostart_link(&self, name: &DomainName) -> PathBuf {
        self.autostart().join(format!("{name}.xml"))
    }

    /// Link of a domain that starts with the next boot only.
    #[must_use]
    pub fn autostart_once_link(&self, name: &DomainName) -> PathBuf {
        self.autostart().join(format!("{name}.xml.once"))
    }

    /// State of a running domain.
    #[must_use]
    pub fn status(&self, name: &DomainName) -> PathBuf {
        self.state.join(format!("{name}.xml"))
    }

    /// Exists once the domains were started for this boot of the host.
    #[must_use]
    pub fn autostarted(&self) -> PathBuf {
        self.state.join("autostarted")
    }

    /// Files of a run that its monitor makes.
    #[must_use]
    pub fn of_monitor(&self, name: &DomainName) -> runtime::plan::Files {
        runtime::plan::Files {
            socket: self.state.join(format!("{name}.sock")),
            pid: self.state.join(format!("{name}.pid")),
            exit_record: self.state.join(format!("{name}.exit")),
            log: self.log.join(format!("{name}.log")),
        }
    }
}
