//! Files that are whole or not there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// How hard a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On disk when the call returns: a definition.
    Disk,
    /// In a tmpfs: syncing would do nothing.
    Memory,
}

/// Puts `content` at `path` (mode 0600): a reader, or a crash, sees the old or the new file, never a part.
pub fn replace(path: &Path, content: &str, durability: Durability) -> io::Result<()> {
    replace_with_mode(path, content, durability, 0o600)
}

/// The same with another mode, for files that programs without privileges read.
pub fn replace_with_mode(path: &Path, content: &str, durability: Durability, mode: u32) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let written = write(&temporary, content, durability, mode).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = written {
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    sync_dir(path, durability)
}

fn write(path: &Path, content: &str, durability: Durability, mode: u32) -> io::Result<()> {
    // A leftover of a crash is replaced; a link planted at the name is not followed.
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(content.as_bytes())?;
    if durability == Durability::Disk { file.sync_all() } else { Ok(()) }
}

fn sync_dir(path: &Path, durability: Durability) -> io::Result<()> {
    match path.parent() {
        Some(dir) if durability == Durability::Disk => File::open(dir)?.sync_all(),
        _ => Ok(()),
    }
}

/// Removes a file; one that is not there, or cannot be for the length of its name, is no error.
pub fn remove(path: &Path, durability: Durability) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_dir(path, durability),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename) => {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Makes `link` point to `target`, whatever was there.
pub fn replace_link(target: &Path, link: &Path) -> io::Result<()> {
    let temporary = link.with_extension("new");
    let _ = fs::remove_file(&temporary);
    std::os::unix::fs::symlink(target, &temporary)?;
    if let Err(error) = fs::rename(&temporary, link) {
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    sync_dir(link, Durability::Disk)
}

/// Regular files `NAME.xml` of a directory, as (NAME, content). Others (a FIFO would block for ever) and
/// unreadable ones are named in the log.
pub fn documents(dir: &Path) -> Vec<(String, String)> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            tracing::warn!(dir = %dir.display(), %error, "cannot list");
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let (Some(stem), Some("xml")) = (
            path.file_stem().and_then(|stem| stem.to_str()),
            path.extension().and_then(|extension| extension.to_str()),
        ) else {
            continue;
        };
        if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                tracing::warn!(path = %path.display(), "not a regular file, ignored");
            }
            continue;
        }
        match fs::read_to_string(&path) {
            Ok(content) => found.push((stem.to_owned(), content)),
            Err(error) => tracing::error!(path = %path.display(), %error, "cannot read"),
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_whole_and_nothing_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.xml");
        replace(&path, "one", Durability::Disk).unwrap();
        replace(&path, "two", Durability::Memory).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        remove(&path, Durability::Disk).unwrap();
        remove(&path, Durability::Disk).unwrap();
        assert!(!path.exists());
        remove(&dir.path().join("n".repeat(256)), Durability::Disk).unwrap();
    }

    #[test]
    fn a_failed_write_keeps_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.xml");
        replace(&path, "one", Durability::Disk).unwrap();
        fs::create_dir(dir.path().join("a.new")).unwrap();
        assert!(replace(&path, "two", Durability::Disk).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    }

    #[test]
    fn only_regular_documents_are_read() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("b.xml"), "B").unwrap();
        fs::write(dir.path().join("a.xml"), "A").unwrap();
        fs::write(dir.path().join("c.txt"), "C").unwrap();
        std::os::unix::fs::symlink("/dev/zero", dir.path().join("z.xml")).unwrap();
        assert_eq!(documents(dir.path()), [("a".into(), "A".into()), ("b".into(), "B".into())]);
    }
}
