//! The monitor's files on the host: control socket, pid file, exit record.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use kernel::Errno;
use runtime::control::Failure;
use rustix::fs::{CWD, FileType, Mode, OFlags};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

/// A failure of this step on `path`.
fn failed(path: &Path, errno: Errno) -> Failure {
    Failure { step: "monitor".into(), what: path.display().to_string(), errno: errno.raw_os_error() }
}

/// A file that is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Transient(PathBuf);

impl Drop for Transient {
    fn drop(&mut self) {
        // Already gone is fine; there is nobody to tell anything else.
        let _ = rustix::fs::unlink(&self.0);
    }
}

/// Listens on a `SOCK_SEQPACKET` socket at `path`, mode 0600, nonblocking.
///
/// One left over from a process that is gone is replaced. `EADDRINUSE` if somebody still answers there.
pub(crate) fn listen(path: &Path) -> Result<(OwnedFd, Transient), Failure> {
    let bind = || {
        let socket = seqpacket()?;
        // Linux gives the name the mode of the unbound socket.
        rustix::fs::fchmod(&socket, Mode::from_raw_mode(0o600))?;
        rustix::net::bind(&socket, &SocketAddrUnix::new(path)?)?;
        Ok(socket)
    };
    let socket = match bind() {
        Err(Errno::ADDRINUSE) if is_dead(path) => {
            rustix::fs::unlink(path).map_err(|errno| failed(path, errno))?;
            bind()
        }
        other => other,
    };
    let socket = socket.map_err(|errno| failed(path, errno))?;
    let name = Transient(path.to_owned());
    rustix::net::listen(&socket, 16).map_err(|errno| failed(path, errno))?;
    Ok((socket, name))
}

fn seqpacket() -> kernel::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)
}

/// Whether `path` is a socket that nobody listens at.
fn is_dead(path: &Path) -> bool {
    let is_socket = |stat: rustix::fs::Stat| FileType::from_raw_mode(stat.st_mode) == FileType::Socket;
    if !rustix::fs::lstat(path).is_ok_and(is_socket) {
        return false;
    }
    let Ok(address) = SocketAddrUnix::new(path) else { return false };
    let result = seqpacket().and_then(|socket| rustix::net::connect(&socket, &address));
    matches!(result, Err(Errno::CONNREFUSED | Errno::NOENT))
}

/// Writes the pid file, world-readable as usual.
pub(crate) fn write_pid(path: &Path, pid: i32) -> Result<Transient, Failure> {
    write_atomic(path, format!("{pid}\n").as_bytes(), 0o644)?;
    Ok(Transient(path.to_owned()))
}

/// Replaces `path` by a file with this content, whole or not at all.
pub(crate) fn write_atomic(path: &Path, content: &[u8], mode: u32) -> Result<(), Failure> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let write = || {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(rustix::fs::open(&temporary, flags, Mode::from_raw_mode(mode))?);
        file.write_all(content).and_then(|()| file.sync_data()).map_err(|error| kernel::fd::errno(&error))?;
        rustix::fs::renameat(CWD, &temporary, CWD, path)
    };
    write().map_err(|errno| {
        // Nothing half-written stays.
        let _ = rustix::fs::unlink(&temporary);
        failed(path, errno)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};

    use super::*;

    #[test]
    fn socket_is_private_and_replaces_only_dead_ones() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.sock");
        let (socket, name) = listen(&path).unwrap();
        let meta = std::fs::metadata(&path).unwrap();
        assert!(meta.file_type().is_socket());
        assert_eq!(meta.permissions().mode() & 0o7777, 0o600);
        let error = listen(&path).unwrap_err();
        assert_eq!(error.errno, Errno::ADDRINUSE.raw_os_error());
        drop(socket);
        std::mem::forget(name);
        let (_socket, name) = listen(&path).unwrap();
        drop(name);
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_is_no_socket_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.sock");
        std::fs::write(&path, "precious").unwrap();
        assert!(listen(&path).is_err());
        assert!(path.is_file());
        assert_eq!(listen(&dir.path().join("none/a.sock")).unwrap_err().errno, Errno::NOENT.raw_os_error());
    }

    #[test]
    fn files_are_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.pid");
        std::fs::write(&path, "a long old content").unwrap();
        let name = write_pid(&path, 42).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "42\n");
        drop(name);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        std::fs::create_dir(&path).unwrap();
        assert!(write_atomic(&path, b"x", 0o600).is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
