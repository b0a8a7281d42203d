//! What can go wrong, and on which file.

use std::path::PathBuf;

use kernel::Errno;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure on a control group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A system call on a directory or a reading one on a file.
    #[error("{action} {path}: {errno}")]
    Io {
        /// `mkdir`, `rmdir`, `open`, `read`, `chown`, ...
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        errno: Errno,
    },
    /// The kernel refused a value.
    #[error("write '{value}' to {path}: {errno}")]
    Write {
        /// What was written.
        value: String,
        /// Where.
        path: PathBuf,
        /// Why.
        errno: Errno,
    },
    /// A limit or a figure needs a controller that is not mounted.
    #[error("control group controller '{0}' is not available")]
    NoController(&'static str),
    /// Neither cgroup v1 nor cgroup v2 is mounted writably.
    #[error("no control group hierarchy is mounted")]
    NoHierarchy,
    /// The partition is not an absolute path of plain names.
    #[error("invalid partition '{0}'")]
    Partition(String),
    /// A file does not contain what it should.
    #[error("unexpected content of {path}: '{content}'")]
    Content {
        /// Which.
        path: PathBuf,
        /// What it contains.
        content: String,
    },
}

impl Error {
    /// The errno behind it; `EOPNOTSUPP` without a controller, `ENOENT` without a hierarchy, `EINVAL` for a bad partition, `EIO`
    /// for unexpected content.
    #[must_use]
    pub const fn errno(&self) -> Errno {
        match self {
            Self::Io { errno, .. } | Self::Write { errno, .. } => *errno,
            Self::NoController(_) => Errno::OPNOTSUPP,
            Self::NoHierarchy => Errno::NOENT,
            Self::Partition(_) => Errno::INVAL,
            Self::Content { .. } => Errno::IO,
        }
    }
}
