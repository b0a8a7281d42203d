//! What an administrator decides for all containers: `/etc/libvirt/lxc.conf`.

use conf::options;
use conf::settings::SettingError;

conf::choices! {
    /// How a container without an explicit `<idmap>` is confined: in a user namespace with a range of ids of its own,
    /// its files keeping their owners by idmapped mounts; or without a user namespace, as libvirt's LXC driver does it,
    /// so that root inside is root on the host.
    pub enum Profile { Guest = "guest", Compat = "compat" }
}

conf::options! {
    /// Settings of the driver.
    pub struct Config;

    also {
        /// Program named as `<emulator>`: the monitor.
        emulator: String = String::new();
        /// Ids of one container.
        userns_range_size: u32 = 0x1_0000;
    }

    section "Confinement" {
        /// How containers without <idmap> run.
        /// "guest" is in a user namespace with ids of its own; "compat" is without, so that root inside is root on the
        /// host, and without a network of its own unless it asks for one, as with libvirt.
        default_profile: Profile = Profile::Guest;
        /// Whether an <idmap> may map root to the host's root.
        allow_privileged: bool = false;
        /// Whether system calls are filtered: -1 where the kernel can, 1 always (or no container starts), 0 never.
        seccomp_sandbox: i32 = -1, range -1..=1;
        /// User whose ranges in /etc/subuid and /etc/subgid the containers get, 65536 ids each. Without one they get
        /// those below, as far as no user has them.
        userns_range_user: Option<String> = None, example "\"root\"";
        // The first id that the systemd project's list of ids (UIDS-GIDS) leaves unused, above the ranges of adduser and
        // of systemd-nspawn.
        /// First host id of the automatic ranges of 65536 ids.
        userns_range_start: u32 = 0x7000_0000;
        /// Number of these ranges.
        userns_range_count: u32 = 4_000;
    }

    section "Start with the host" {
        /// How many domains start at the same time.
        auto_start_parallel: u32 = 8, range 1..=256;
        /// Milliseconds between two starts, as with libvirt; 0 is none. Any other number starts one after the other.
        auto_start_delay: u32 = 0;
    }

    section "Labels of security modules" {
        /// Which module labels containers: "selinux", "apparmor" or "none". Without it the one that the host uses.
        security_driver: Option<String> = None, example "\"apparmor\"";
        /// Whether a domain without <seclabel> is labelled as with type='dynamic'.
        security_default_confined: bool = false;
        /// Whether a domain without a label is refused.
        security_require_confined: bool = false;
    }

    ignored "Keys of libvirt's without effect" {
        /// There is one log.
        log_with_libvirtd: "0 or 1";
    }
}

impl Config {
    /// The defaults, with the path of the monitor.
    #[must_use]
    pub fn new(emulator: &str) -> Self {
        Self { emulator: emulator.to_owned(), ..Self::default() }
    }

    /// Takes over the settings in the text of a file. A key that nobody knows is a warning, an impossible value
    /// an error. Returns the warnings.
    pub fn apply(&mut self, text: &str) -> Result<Vec<String>, SettingError> {
        let warnings = options::apply(self, text)?;
        self.check_ranges()?;
        Ok(warnings)
    }

    /// The ranges end below the highest id, and leave out root's.
    fn check_ranges(&self) -> Result<(), SettingError> {
        let end = u64::from(self.userns_range_size) * u64::from(self.userns_range_count)
            + u64::from(self.userns_range_start);
        if self.userns_range_start == 0 || end > u64::from(u32::MAX) {
            let what =
                "userns_range_start and userns_range_count: the ranges begin at 0 or end beyond 4294967295";
            return Err(SettingError { line: 0, what: what.to_owned() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_warnings_and_errors() {
        let mut config = Config::new("/x");
        let warnings = config.apply("allow_privileged = 1\nlog_with_libvirtd = 1\nfoo = 2\n").unwrap();
        assert!(config.allow_privileged);
        assert_eq!(warnings, ["line 2: log_with_libvirtd has no effect", "line 3: unknown key foo"]);
        config.apply("default_profile = 'compat'").unwrap();
        assert_eq!(config.default_profile, Profile::Compat);
        let error = config.apply("\ndefault_profile = 'x'").unwrap_err().to_string();
        assert_eq!(error, "line 2: default_profile: 'x' is neither 'guest' nor 'compat'");
        assert!(config.apply("userns_range_start = 0").is_err());
        assert!(Config::new("/x").apply("userns_range_start = 4294901760").is_err());
    }
}
