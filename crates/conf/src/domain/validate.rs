//! Checks of a whole definition that need nothing of the host.

use super::{CharKind, DomainDef, FilesystemSource, InterfaceSource, LxcNamespace, SharedNamespace};
use crate::{Error, Result};

/// Longest name in bytes: `NAME.xml.new` must still be a file name.
const NAME_MAX: usize = 247;

/// Programs that take a whole system for theirs: they mount, clean and configure. Run on a tree that is also
/// the host's, they would do that to the host.
const INIT_NAMES: [&str; 16] = [
    "init",
    "systemd",
    "openrc-init",
    "runit",
    "runit-init",
    "s6-svscan",
    "s6-linux-init",
    "finit",
    "busybox",
    "upstart",
    "sysvinit",
    "dinit",
    "linuxrc",
    "minit",
    "ninit",
    "shepherd",
];

/// Places of such programs under any name.
const INIT_PATHS: [&str; 6] =
    ["/sbin/init", "/etc/init", "/bin/init", "/init", "/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

/// Can this be a container? `CONFIG_UNSUPPORTED` with what to change if not.
///
/// To be called when a domain is defined or started.
pub fn validate_container(def: &DomainDef) -> Result<()> {
    check_root(def)?;
    check_targets(def)?;
    check_namespaces(def)
}

/// Can this run? What libvirt accepts in a definition but refuses at start, with its texts.
///
/// To be called when a domain is started, besides [`validate_container`].
pub fn validate_start(def: &DomainDef) -> Result<()> {
    for interface in def.devices.interfaces() {
        if let InterfaceSource::Other { kind, .. } = &interface.source {
            return Err(Error::unsupported(format!("Unsupported network type {kind}")));
        }
        if interface.script.is_some() {
            let kind = interface.source.kind();
            return Err(Error::unsupported(format!(
                "scripts are not supported on interfaces of type {kind}"
            )));
        }
    }
    for filesystem in def.devices.filesystems() {
        if let FilesystemSource::Template { .. } = filesystem.source {
            return Err(Error::unsupported("Unexpected filesystem type template"));
        }
    }
    if def.devices.consoles().any(|console| console.source.kind != CharKind::Pty) {
        return Err(Error::unsupported("Only PTY console types are supported"));
    }
    if def.devices.consoles().next().is_none() {
        return Err(Error::unsupported("At least one PTY console is required"));
    }
    Ok(())
}

/// Is it a name a domain may have (it becomes the name of files)?
pub fn check_name(name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::no_name());
    }
    if name.contains('/') {
        return Err(Error::xml(format!("name {name} cannot contain '/'")));
    }
    if name.contains('\n') {
        return Err(Error::xml_detail("invalid char in name: \n").from(crate::origin::XML));
    }
    if name == "." || name == ".." {
        return Err(Error::xml(format!("name '{name}' is not possible")));
    }
    if name.len() > NAME_MAX {
        return Err(Error::xml(format!("name is longer than {NAME_MAX} bytes")));
    }
    if name.chars().any(|c| c.is_ascii_control()) {
        return Err(Error::xml("name cannot contain control characters"));
    }
    Ok(())
}

/// Without a file system at `/` a container sees the host's tree, read-only: fine for an application, not
/// for a system.
fn check_root(def: &DomainDef) -> Result<()> {
    let roots = def.devices.filesystems().filter(|fs| fs.target == "/").count();
    if roots > 1 {
        return Err(Error::unsupported("only one <filesystem> can have the target '/'"));
    }
    if roots == 1 || !is_init(&def.os.init) {
        return Ok(());
    }
    Err(Error::unsupported(format!(
        "'{}' is an init system, but the container has no root file system of its own: add \
         <filesystem type='mount'><source dir='/path/to/its/root'/><target dir='/'/></filesystem>, or run an \
         application instead of an init system",
        def.os.init
    )))
}

/// Is it the path of an init system?
fn is_init(path: &str) -> bool {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let plain = format!("/{}", parts.join("/"));
    let base = parts.last().copied().unwrap_or("");
    INIT_NAMES.contains(&base) || INIT_PATHS.contains(&plain.as_str())
}

fn check_targets(def: &DomainDef) -> Result<()> {
    match def.devices.filesystems().find(|fs| !fs.target.starts_with('/')) {
        None => Ok(()),
        Some(fs) => {
            let text = format!("target '{}' of a <filesystem> is not an absolute path", fs.target);
            Err(Error::unsupported(text))
        }
    }
}

fn check_namespaces(def: &DomainDef) -> Result<()> {
    let LxcNamespace { net, ipc, uts } = &def.namespace;
    if net.is_some() && (def.devices.interfaces().next().is_some() || def.features.privnet) {
        return Err(Error::unsupported(
            "a container that shares another network namespace (<lxc:sharenet>) cannot have interfaces or \
             <privnet/> of its own: remove one of them",
        ));
    }
    for (name, shared) in [("sharenet", net), ("shareipc", ipc), ("shareuts", uts)] {
        match shared {
            Some(SharedNamespace::Pid(pid)) if !pid.parse::<i32>().is_ok_and(|pid| pid > 0) => {
                return Err(Error::unsupported(format!("'{pid}' of <lxc:{name}> is not a process id")));
            }
            Some(SharedNamespace::NetNs(_)) if name != "sharenet" => {
                return Err(Error::unsupported(format!(
                    "type='netns' is not possible for <lxc:{name}>, only for <lxc:sharenet>"
                )));
            }
            Some(SharedNamespace::NetNs(file)) if file.contains('/') || file == "." || file == ".." => {
                return Err(Error::unsupported(format!(
                    "'{file}' of <lxc:{name}> is not a name of ip-netns(8)"
                )));
            }
            Some(SharedNamespace::Name(other)) if other.as_str() == def.name.as_str() => {
                return Err(Error::unsupported(format!("<lxc:{name}> names the container itself")));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_name, is_init};

    #[test]
    fn names() {
        for (name, code) in [
            ("", Some(21)),
            ("a/b", Some(27)),
            ("/", Some(27)),
            ("a\nb", Some(35)),
            (".", Some(27)),
            ("..", Some(27)),
            ("a\tb", Some(27)),
            ("a\u{7f}b", Some(27)),
            ("a\0b", Some(27)),
            (&"n".repeat(248), Some(27)),
            (&"n".repeat(247), None),
            (&"é".repeat(124), Some(27)),
            ("...", None),
            ("-x", None),
            ("%s", None),
            (" x", None),
            ("né", None),
            ("a\u{202e}b", None),
            ("12", None),
            (" ", None),
            ("a\u{85}b", None),
        ] {
            assert_eq!(check_name(name).err().map(|error| error.code), code, "{name:?}");
        }
    }

    #[test]
    fn init_systems() {
        for path in [
            "/sbin/init",
            "/usr/sbin/init",
            "/lib/systemd/systemd",
            "//sbin/../sbin/./init",
            "/usr/lib/systemd/systemd",
            "/bin/busybox",
            "init",
            "/x/openrc-init",
            "/sbin/runit-init",
            "/s6-svscan",
            "/sbin/dinit",
            "/init",
        ] {
            assert!(is_init(path), "{path}");
        }
        for path in ["/bin/sh", "/usr/bin/python3", "/sbin/initctl", "/init/x", "", "/usr/bin/systemd-run"] {
            assert!(!is_init(path), "{path}");
        }
    }
}
