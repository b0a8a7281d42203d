//! Reading and writing single control files.

use std::path::Path;

use kernel::Errno;

use crate::{Error, Result};

/// Attaches action and path to an errno.
pub(crate) fn on<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(Errno) -> Error + 'a {
    move |errno| Error::Io { action, path: path.to_owned(), errno }
}

/// Content of `dir/name`.
pub(crate) fn read(dir: &Path, name: &str) -> Result<String> {
    let path = dir.join(name);
    kernel::fd::read_to_string(&path).map_err(on("read", &path))
}

/// Content of `dir/name`, `None` if there is no such file (a controller without that feature).
pub(crate) fn read_if_any(dir: &Path, name: &str) -> Result<Option<String>> {
    match read(dir, name) {
        Err(Error::Io { errno: Errno::NOENT, .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// A file that holds one number.
pub(crate) fn read_number(dir: &Path, name: &str) -> Result<u64> {
    let content = read(dir, name)?;
    content.trim().parse().map_err(|_| Error::Content { path: dir.join(name), content })
}

/// Writes `value` to `dir/name` in one write.
pub(crate) fn write(dir: &Path, name: &str, value: &str) -> Result<()> {
    let path = dir.join(name);
    kernel::fd::write_existing(&path, value).map_err(|errno| Error::Write {
        value: value.to_owned(),
        path,
        errno,
    })
}

/// As [`write`]; false if there is no such file.
pub(crate) fn write_if_any(dir: &Path, name: &str, value: &str) -> Result<bool> {
    match write(dir, name, value) {
        Ok(()) => Ok(true),
        Err(Error::Write { errno: Errno::NOENT, .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Value of `key` in a list of "key value" lines.
pub(crate) fn value_of_line(content: &str, key: &str) -> Option<u64> {
    content.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}
