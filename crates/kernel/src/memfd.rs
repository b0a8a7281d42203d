//! Anonymous files that can no longer change, to hand over a document (memfd_create(2)).

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{MemfdFlags, SealFlags};

use crate::fd::errno;
use crate::{Errno, Result};

const SEALS: SealFlags =
    SealFlags::SEAL.union(SealFlags::SHRINK).union(SealFlags::GROW).union(SealFlags::WRITE);

/// A sealed file with this content; `name` shows in `/proc/PID/fd`.
pub fn sealed(name: &str, content: &[u8]) -> Result<OwnedFd> {
    let fd = rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    let mut file = File::from(fd);
    file.write_all(content).map_err(|error| errno(&error))?;
    rustix::fs::fcntl_add_seals(&file, SEALS)?;
    Ok(file.into())
}

/// A sealed copy of a program, to be executed by its descriptor (`/proc/self/fd/N`), whose number is 10 or more.
///
/// `EACCES` when it is executed on a host that forbids that (sysctl vm.memfd_noexec).
pub fn sealed_program(name: &str, path: &Path) -> Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let fd = match rustix::fs::memfd_create(name, flags | MemfdFlags::EXEC) {
        // Before Linux 6.3 all are executable.
        Err(Errno::INVAL) => rustix::fs::memfd_create(name, flags)?,
        other => other?,
    };
    let mut copy = File::from(rustix::io::fcntl_dupfd_cloexec(&fd, 10)?);
    let mut program = File::open(path).map_err(|error| errno(&error))?;
    std::io::copy(&mut program, &mut copy).map_err(|error| errno(&error))?;
    rustix::fs::fcntl_add_seals(&copy, SEALS)?;
    Ok(copy.into())
}

/// Reads a sealed file from its start. `EPERM` if it is not fully sealed, `EFBIG` if longer than `max` bytes.
pub fn read_sealed(fd: OwnedFd, max: usize) -> Result<Vec<u8>> {
    if !rustix::fs::fcntl_get_seals(&fd)?.contains(SEALS) {
        return Err(Errno::PERM);
    }
    let size = usize::try_from(rustix::fs::fstat(&fd)?.st_size).map_err(|_| Errno::FBIG)?;
    if size > max {
        return Err(Errno::FBIG);
    }
    let mut file = File::from(fd);
    file.seek(SeekFrom::Start(0)).map_err(|error| errno(&error))?;
    let mut content = Vec::with_capacity(size);
    file.read_to_end(&mut content).map_err(|error| errno(&error))?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_back_and_cannot_change() {
        let fd = sealed("plan", b"hello").unwrap();
        assert_eq!(rustix::io::write(&fd, b"x"), Err(Errno::PERM));
        assert_eq!(read_sealed(fd.try_clone().unwrap(), 4), Err(Errno::FBIG));
        assert_eq!(read_sealed(fd, 5).unwrap(), b"hello");
    }

    #[test]
    fn a_program_runs_and_cannot_change() {
        use std::os::fd::AsRawFd;
        let fd = sealed_program("true", Path::new("/bin/true")).unwrap();
        assert!(fd.as_raw_fd() >= 10);
        let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
        let mut child = crate::command::Command::new(&path).spawn().unwrap();
        assert!(child.wait().unwrap().success());
        let error = std::fs::write(&path, "x").unwrap_err();
        assert_eq!(Errno::from_io_error(&error), Some(Errno::PERM));
    }

    #[test]
    fn unsealed_is_refused() {
        let fd = rustix::fs::memfd_create("x", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).unwrap();
        assert_eq!(read_sealed(fd, 5), Err(Errno::PERM));
    }
}
