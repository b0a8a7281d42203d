//! Reading the kernel's small files below a root.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::{CpuSet, Error, Result};

/// A directory that holds `proc`, `sys` and `etc`; `/` or a fixture.
///
/// Functions answer `None` for a file that does not exist: which files there are depends on the kernel's
/// configuration and the hardware.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    root: PathBuf,
}

impl Files {
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The absolute path of one given relative to the root.
    pub(crate) fn path(&self, file: impl AsRef<Path>) -> PathBuf {
        self.root.join(file)
    }

    /// The file's text without white space at its ends.
    pub(crate) fn text(&self, file: impl AsRef<Path>) -> Result<Option<String>> {
        let path = self.path(file);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())),
            Err(e) if is_absent(&e) => Ok(None),
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    /// A file with one number.
    pub(crate) fn number<T: FromStr>(&self, file: impl AsRef<Path>) -> Result<Option<T>> {
        self.parsed(file, "not a number", |text| text.parse().ok())
    }

    /// A file in the kernel's list format, e.g. `0-3,8` (bitmap format of cpuset(7)).
    pub(crate) fn list(&self, file: impl AsRef<Path>) -> Result<Option<CpuSet>> {
        self.parsed(file, "not a list", CpuSet::parse)
    }

    /// Writes to a file that exists.
    pub(crate) fn write(&self, file: impl AsRef<Path>, text: &str) -> Result<()> {
        let path = self.path(file);
        let written = std::fs::OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|source| Error::Write { path, source })
    }

    fn parsed<T>(
        &self,
        file: impl AsRef<Path>,
        wrong: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(text) = self.text(&file)? else { return Ok(None) };
        match parse(&text) {
            Some(value) => Ok(Some(value)),
            None => Err(Error::Parse { path: self.path(file), wrong }),
        }
    }

    /// The numbers N of the entries `prefixN` + `suffix` of a directory, ascending; empty without the directory.
    pub(crate) fn numbered(&self, dir: impl AsRef<Path>, prefix: &str, suffix: &str) -> Result<Vec<u32>> {
        let path = self.path(dir);
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(e) if is_absent(&e) => return Ok(Vec::new()),
            Err(source) => return Err(Error::Read { path, source }),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|source| Error::Read { path: path.clone(), source })?;
            let name = entry.file_name();
            let number =
                name.to_str().and_then(|n| n.strip_prefix(prefix)?.strip_suffix(suffix)?.parse::<u32>().ok());
            numbers.extend(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
