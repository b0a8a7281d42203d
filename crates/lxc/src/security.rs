//! The security module of the host that labels processes.

use std::path::Path;

use runtime::plan::SecurityModule;

/// What labels are made with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Security {
    /// The module in use; none: no labels.
    pub(crate) module: Option<SecurityModule>,
    /// `SELinux`: the context of containers in the host's policy.
    pub(crate) base: Option<String>,
}

impl Security {
    /// Looks for what `security_driver` names, or for what there is. An error in words if it is not there.
    pub(crate) fn detect(root: &Path, driver: Option<&str>) -> Result<Self, String> {
        let selinux = root.join("sys/fs/selinux/enforce").exists();
        let apparmor = std::fs::read_to_string(root.join("sys/module/apparmor/parameters/enabled"))
            .is_ok_and(|enabled| enabled.starts_with('Y'));
        let module = match driver {
            None if selinux => Some(SecurityModule::SeLinux),
            None if apparmor => Some(SecurityModule::AppArmor),
            None | Some("none") => None,
            Some("selinux") if selinux => Some(SecurityModule::SeLinux),
            Some("apparmor") if apparmor => Some(SecurityModule::AppArmor),
            Some(name @ ("selinux" | "apparmor")) => {
                return Err(format!("security_driver: '{name}' is not in use on this host"));
            }
            Some(other) => {
                return Err(format!("security_driver: '{other}' is none of 'selinux', 'apparmor', 'none'"));
            }
        };
        let base = match module {
            Some(SecurityModule::SeLinux) => container_context(root),
            _ => None,
        };
        Ok(Self { module, base })
    }
}

impl Security {
    /// Whether the module also does what it says (`SELinux` may only log).
    pub(crate) fn is_enforcing(&self) -> bool {
        match self.module {
            Some(SecurityModule::SeLinux) => {
                std::fs::read_to_string("/sys/fs/selinux/enforce").is_ok_and(|text| text.trim() == "1")
            }
            Some(SecurityModule::AppArmor) => true,
            None => false,
        }
    }
}

/// `process = "CONTEXT"` in `contexts/lxc_contexts` of the policy that `/etc/selinux/config` names.
fn container_context(root: &Path) -> Option<String> {
    let config = std::fs::read_to_string(root.join("etc/selinux/config")).ok()?;
    let policy = config.lines().find_map(|line| line.trim().strip_prefix("SELINUXTYPE="))?;
    let contexts = root.join("etc/selinux").join(policy.trim()).join("contexts/lxc_contexts");
    let text = std::fs::read_to_string(contexts).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "process").then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn what_the_host_has_and_the_setting_wants() {
        let plain = host(&[]);
        let apparmor = host(&[("sys/module/apparmor/parameters/enabled", "Y\n")]);
        let selinux = host(&[
            ("sys/fs/selinux/enforce", "1"),
            ("etc/selinux/config", "# x\nSELINUXTYPE=targeted\n"),
            (
                "etc/selinux/targeted/contexts/lxc_contexts",
                "process = \"u:r:container_t:s0\"\nfile = \"x\"\n",
            ),
        ]);
        let module =
            |host: &tempfile::TempDir, driver| Security::detect(host.path(), driver).map(|s| s.module);
        assert_eq!(module(&plain, None), Ok(None));
        assert_eq!(module(&apparmor, None), Ok(Some(SecurityModule::AppArmor)));
        assert_eq!(module(&apparmor, Some("none")), Ok(None));
        assert!(module(&plain, Some("apparmor")).unwrap_err().contains("is not in use on this host"));
        assert!(module(&apparmor, Some("selinux")).is_err() && module(&plain, Some("x")).is_err());
        let found = Security::detect(selinux.path(), Some("selinux")).unwrap();
        assert_eq!(found.base.as_deref(), Some("u:r:container_t:s0"));
    }
}
