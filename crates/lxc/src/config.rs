//! What an administrator decides for all containers.

/// How a container without an explicit `<idmap>` is confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// In a user namespace with a range of ids of its own; its files keep their owners by idmapped mounts.
    #[default]
    Guest,
    /// Without a user namespace, as libvirt's LXC driver does: root inside is root on the host.
    Compat,
}

/// Settings of the driver.
#[derive(Debug, Clone)]
pub struct Config {
    /// Confinement of containers that do not say.
    pub default_profile: Profile,
    /// Allows `<idmap>`s that map root to the host's root.
    pub allow_privileged: bool,
    /// First host id of the automatic ranges. The default is the first id that the systemd project's list of
    /// ids (UIDS-GIDS) leaves unused, above the ranges of adduser and of systemd-nspawn.
    pub userns_range_start: u32,
    /// Ids of one container.
    pub userns_range_size: u32,
    /// Number of ranges.
    pub userns_range_count: u32,
    /// Program named as `<emulator>`: the monitor.
    pub emulator: String,
}

impl Config {
    /// The defaults, with the path of the monitor.
    #[must_use]
    pub fn new(emulator: &str) -> Self {
        Self {
            default_profile: Profile::Guest,
            allow_privileged: false,
            userns_range_start: 0x7000_0000,
            userns_range_size: 0x1_0000,
            userns_range_count: 4_000,
            emulator: emulator.to_owned(),
        }
    }
}
