//! One daemon at a time.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rustix::fs::FlockOperation;
use rustix::io::Errno;

/// The locked pid file; removed when dropped.
#[derive(Debug)]
pub(crate) struct PidFile {
    path: PathBuf,
    _file: File,
}

impl PidFile {
    /// Locks the file and writes our pid. Fails when another daemon holds it.
    pub(crate) fn acquire(path: &Path) -> Result<Self> {
        let of = || format!("pid file {}", path.display());
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(of)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => bail!("{}: virtcontainerd is already running", of()),
            result => result.with_context(of)?,
        }
        file.set_len(0).with_context(of)?;
        file.rewind().with_context(of)?;
        writeln!(file, "{}", std::process::id()).with_context(of)?;
        Ok(Self { path: path.to_owned(), _file: file })
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("d.pid");
        std::fs::write(&path, "999999999 left over by a crash").unwrap();
        let first = PidFile::acquire(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{}\n", std::process::id()));
        assert!(PidFile::acquire(&path).unwrap_err().to_string().contains("already running"));
        drop(first);
        assert!(!path.exists());
        PidFile::acquire(&path).unwrap();
    }
}
