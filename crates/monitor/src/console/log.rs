//! The file that gets all output of a console, `<log file=>`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use runtime::plan::ConsoleLog;
use rustix::fs::OFlags;

/// Size at which a file is put aside, bytes, and how many of those are kept: what virtlogd does by default, so that a
/// container cannot fill the host's disk.
const SIZE_MAX: u64 = 2 << 20;
const BACKUPS: u32 = 3;

/// An open log.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    size: u64,
    /// A failure has been told; no more are until it works again.
    failing: bool,
}

impl Log {
    /// Opens or makes the file, readable by root only.
    pub(crate) fn open(plan: &ConsoleLog) -> io::Result<Self> {
        let file = open(&plan.path, plan.append)?;
        let size = file.metadata()?.len();
        Ok(Self { path: plan.path.clone(), file, size, failing: false })
    }

    /// Appends output. A failure is told in the monitor's own log and never holds up the container.
    pub(crate) fn write(&mut self, data: &[u8]) {
        match self.try_write(data) {
            Ok(()) => self.failing = false,
            Err(error) if !self.failing => {
                self.failing = true;
                crate::log::line(format_args!("warning: {}: {error}", self.path.display()));
            }
            Err(_) => {}
        }
    }

    fn try_write(&mut self, data: &[u8]) -> io::Result<()> {
        if self.size >= SIZE_MAX {
            self.put_aside()?;
        }
        self.file.write_all(data)?;
        self.size += data.len() as u64;
        Ok(())
    }

    /// FILE becomes FILE.0, that FILE.1, and so on; the oldest goes.
    fn put_aside(&mut self) -> io::Result<()> {
        let backup = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        for number in (1..BACKUPS).rev() {
            match std::fs::rename(backup(number - 1), backup(number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        std::fs::rename(&self.path, backup(0))?;
        self.file = open(&self.path, false)?;
        self.size = 0;
        Ok(())
    }
}

fn open(path: &Path, append: bool) -> io::Result<File> {
    // Nonblocking: it may be a fifo that nobody reads.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::APPEND;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(!append).mode(0o600);
    options.custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_is_put_aside_and_does_not_grow_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.log");
        std::fs::write(&path, "earlier\n").unwrap();
        let mut log = Log::open(&ConsoleLog { path: path.clone(), append: true }).unwrap();
        log.write(b"now\n");
        assert_eq!(std::fs::read(&path).unwrap(), b"earlier\nnow\n");
        let block = [b'x'; 65536];
        for _ in 0..200 {
            log.write(&block);
        }
        let mut names: Vec<_> = dir
            .path()
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["c.log", "c.log.0", "c.log.1", "c.log.2"]);
        let size = |name: &str| dir.path().join(name).metadata().unwrap().len();
        assert!(names.iter().all(|name| size(name) < SIZE_MAX + 65536));
        let _ = Log::open(&ConsoleLog { path: path.clone(), append: false }).unwrap();
        assert_eq!(size("c.log"), 0);
    }

    #[test]
    fn a_full_disk_holds_up_nobody() {
        let mut log = Log::open(&ConsoleLog { path: "/dev/full".into(), append: true }).unwrap();
        log.write(b"lost");
        log.write(b"lost");
        assert!(log.failing);
    }
}
