//! Listening sockets: systemd's, or our own.

use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener as StdListener, UnixStream};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use conf::options::Mode;
use rpc::Access;

use crate::config::Config;

/// Mode of a socket whose clients need not authenticate.
const RW_MODE: Mode = Mode(0o700);

/// Ours, and the one that clients derive from `lxc:///`.
const NAMES: [&str; 2] = ["virtcontainerd", "virtlxcd"];

/// What a socket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Calls to the drivers.
    Drivers(Access),
    /// Administration of the daemon.
    Admin,
}

/// What to listen on.
#[derive(Debug)]
pub(crate) struct Sockets {
    /// Nonblocking, and not yet in a runtime.
    pub(crate) listeners: Vec<(StdListener, Purpose)>,
    /// Files that we made.
    made: Vec<PathBuf>,
}

impl Sockets {
    /// Takes the sockets that systemd passed, or makes our own.
    pub(crate) fn open(config: &Config, passed: Vec<(StdListener, Purpose)>) -> Result<Self> {
        let mut sockets = Self { listeners: passed, made: Vec::new() };
        if !sockets.listeners.is_empty() {
            return Ok(sockets);
        }
        let dir = Path::new(&config.unix_sock_dir);
        std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        let rw_mode = config.unix_sock_rw_perms.unwrap_or(RW_MODE);
        let kinds = [
            ("sock", Purpose::Drivers(Access::ReadWrite), rw_mode),
            ("sock-ro", Purpose::Drivers(Access::ReadOnly), config.unix_sock_ro_perms),
            ("admin-sock", Purpose::Admin, config.unix_sock_admin_perms),
        ];
        let group = config.unix_sock_group.as_deref().map(group_id).transpose()?;
        for (index, name) in NAMES.into_iter().enumerate() {
            for (suffix, purpose, mode) in kinds {
                let (group, backlog) = match purpose {
                    Purpose::Drivers(_) => (group, config.max_queued_clients),
                    Purpose::Admin => (None, config.admin_max_queued_clients),
                };
                let path = dir.join(format!("{name}-{suffix}"));
                match bind(&path, mode, group, backlog) {
                    Ok(listener) => {
                        sockets.listeners.push((listener, purpose));
                        sockets.made.push(path);
                    }
                    Err(error) if index > 0 => {
                        tracing::warn!("{error:#}: clients of lxc:/// reach another daemon");
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(sockets)
    }

    /// Removes the files that we made, so that clients do not run into a socket nobody serves.
    pub(crate) fn remove(&self) {
        for path in &self.made {
            if let Err(error) = std::fs::remove_file(path) {
                tracing::warn!(path = %path.display(), %error, "cannot remove");
            }
        }
    }
}

/// The number of a group, as the host's databases know it (getgrnam(3)).
fn group_id(name: &str) -> Result<u32> {
    let group = nix::unistd::Group::from_name(name).with_context(|| format!("unix_sock_group: '{name}'"))?;
    group
        .map(|group| group.gid.as_raw())
        .with_context(|| format!("unix_sock_group: there is no group '{name}'"))
}

/// systemd's sockets, told apart by the names of their units (sd_listen_fds_with_names(3)).
///
/// To be called before anything else is opened: a descriptor that is promised and missing would be somebody else's.
pub(crate) fn passed() -> Result<Vec<(StdListener, Purpose)>> {
    let mut listeners = Vec::new();
    for (fd, name) in sd_notify::listen_fds_with_names().context("sockets passed by systemd")? {
        let purpose = match name.strip_suffix(".socket").unwrap_or(&name) {
            "virtcontainerd" | "virtlxcd" => Purpose::Drivers(Access::ReadWrite),
            "virtcontainerd-ro" | "virtlxcd-ro" => Purpose::Drivers(Access::ReadOnly),
            "virtcontainerd-admin" | "virtlxcd-admin" => Purpose::Admin,
            other => bail!("systemd passed a socket '{other}' that the daemon does not know"),
        };
        let fd = kernel::fd::inherited(fd).context("socket passed by systemd")?;
        check_listening(&fd, &name)?;
        let listener = StdListener::from(fd);
        listener.set_nonblocking(true).context("socket passed by systemd")?;
        listeners.push((listener, purpose));
    }
    Ok(listeners)
}

/// What systemd passed must be what it is said to be: accepting from anything else would fail for ever.
fn check_listening(fd: &OwnedFd, name: &str) -> Result<()> {
    use rustix::net::{AddressFamily, SocketType, sockopt};
    let kind = sockopt::socket_domain(fd).and_then(|domain| Ok((domain, sockopt::socket_type(fd)?)));
    let is_right = matches!(kind, Ok((AddressFamily::UNIX, SocketType::STREAM)))
        && sockopt::socket_acceptconn(fd).unwrap_or(false);
    if !is_right {
        bail!("systemd passed as '{name}' something that is no listening UNIX stream socket");
    }
    Ok(())
}

/// Listens at `path`. A file without a listener behind it is left over from a crash and replaced.
fn bind(path: &Path, mode: Mode, group: Option<u32>, backlog: u32) -> Result<StdListener> {
    let of = || format!("socket {}", path.display());
    if path.symlink_metadata().is_ok() {
        if UnixStream::connect(path).is_ok() {
            bail!("{}: another daemon listens there", of());
        }
        std::fs::remove_file(path).with_context(of)?;
    }
    // Nobody may connect before the mode is right: the file appears at its place only then.
    let temporary = path.with_extension("new");
    let _ = std::fs::remove_file(&temporary);
    let listener = StdListener::bind(&temporary).with_context(of)?;
    // Again, since the standard library chooses the length of the queue itself.
    rustix::net::listen(&listener, i32::try_from(backlog).unwrap_or(i32::MAX)).with_context(of)?;
    std::os::unix::fs::chown(&temporary, None, group).with_context(of)?;
    std::fs::set_permissions(&temporary, std::fs::Permissions::from_mode(mode.0)).with_context(of)?;
    std::fs::rename(&temporary, path).with_context(of)?;
    listener.set_nonblocking(true).with_context(of)?;
    Ok(listener)
}
