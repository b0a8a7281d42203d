//! What an administrator decides for all containers: `/etc/libvirt/lxc.conf`.

use conf::settings::{self, Setting, SettingError};

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

/// A key of the file: its name, and what it changes.
type Key = (&'static str, fn(&mut Config, &Setting) -> Result<(), SettingError>);

/// Keys with an effect.
const KEYS: [Key; 4] = [
    ("default_profile", |config, setting| {
        config.default_profile = match setting.text()? {
            "guest" => Profile::Guest,
            "compat" => Profile::Compat,
            other => return Err(setting.error(&format!("'{other}' is neither 'guest' nor 'compat'"))),
        };
        Ok(())
    }),
    ("allow_privileged", |config, setting| {
        config.allow_privileged = setting.switch()?;
        Ok(())
    }),
    ("userns_range_start", |config, setting| {
        config.userns_range_start = setting.number()?;
        Ok(())
    }),
    ("userns_range_count", |config, setting| {
        config.userns_range_count = setting.number()?;
        Ok(())
    }),
];

/// Keys of libvirt's driver that mean nothing here: there is one log, and no security driver yet.
const WITHOUT_EFFECT: [&str; 4] =
    ["log_with_libvirtd", "security_driver", "security_default_confined", "security_require_confined"];

impl Config {
    /// Takes over the settings in the text of a file. A key that nobody knows is a warning, an impossible value
    /// an error. Returns the warnings.
    pub fn apply(&mut self, text: &str) -> Result<Vec<String>, SettingError> {
        let mut warnings = Vec::new();
        for setting in settings::parse(text)? {
            let (line, key) = (setting.line, setting.key.as_str());
            match KEYS.iter().find(|(known, _)| *known == key) {
                Some((_, change)) => change(self, &setting)?,
                None if WITHOUT_EFFECT.contains(&key) => {
                    warnings.push(format!("line {line}: {key} has no effect"));
                }
                None => warnings.push(format!("line {line}: unknown key {key}")),
            }
        }
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
        let warnings = config.apply("allow_privileged = 1\nsecurity_driver = 'none'\nfoo = 2\n").unwrap();
        assert!(config.allow_privileged);
        assert_eq!(warnings, ["line 2: security_driver has no effect", "line 3: unknown key foo"]);
        config.apply("default_profile = 'compat'").unwrap();
        assert_eq!(config.default_profile, Profile::Compat);
        let error = config.apply("\ndefault_profile = 'x'").unwrap_err().to_string();
        assert_eq!(error, "line 2: default_profile: 'x' is neither 'guest' nor 'compat'");
        assert!(config.apply("userns_range_start = 0").is_err());
        assert!(Config::new("/x").apply("userns_range_start = 4294901760").is_err());
    }
}
