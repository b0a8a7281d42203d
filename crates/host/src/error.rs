//! What can go wrong, and what a client is told.

use std::io;
use std::path::PathBuf;

use protocol::{Error as ClientError, ErrorDomain};

/// Result of a question to the host.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a question about the host has no answer. Texts are libvirt's where a client may see them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the kernel could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Absolute path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the kernel could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Absolute path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the kernel has unexpected content.
    #[error("cannot parse {}: {wrong}", path.display())]
    Parse {
        /// Absolute path.
        path: PathBuf,
        /// What is wrong.
        wrong: &'static str,
    },
    /// A file of the kernel lacks something every kernel tells.
    #[error("no {what} in {}", path.display())]
    Missing {
        /// Absolute path.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// An argument of the call is out of its range.
    #[error("{text}")]
    Argument {
        /// Function that refuses, as libvirt names it.
        function: &'static str,
        /// Name of the argument.
        argument: &'static str,
        /// The whole text.
        text: String,
    },
    /// The first NUMA cell asked for does not exist.
    #[error("start cell {start} out of range (0-{last})")]
    StartCell {
        /// Asked for.
        start: i32,
        /// Highest there is.
        last: u32,
    },
    /// The machine, or that NUMA cell, has no pages of this size.
    #[error("page size {kib} is not available{}", cell.map(|n| format!(" on node {n}")).unwrap_or_default())]
    PageSize {
        /// Page size asked for, KiB.
        kib: u32,
        /// NUMA cell, or the whole machine.
        cell: Option<u32>,
    },
    /// The array asked for would be larger than a reply may hold.
    #[error("the result won't fit into REMOTE_NODE_MAX_CELLS")]
    TooManyCounts,
    /// The firmware offers no SMBIOS.
    #[error("Host SMBIOS information is not available")]
    NoSmbios,
}

/// What the client sees. The error domains are those of the part of libvirt that raises the same error.
impl From<Error> for ClientError {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Read { path, source } => {
                let what = format!("cannot read {}", path.display());
                Self::system(ErrorDomain::NONE, source.raw_os_error().unwrap_or(0), &what)
            }
            Error::Write { path, source } => {
                let what = format!("cannot write {}", path.display());
                Self::system(ErrorDomain::NONE, source.raw_os_error().unwrap_or(0), &what)
            }
            Error::Argument { function, argument, text } => {
                // Public functions check their arguments before a driver sees them.
                let public = function.starts_with("virNode");
                let domain = if public { ErrorDomain::DOMAIN } else { ErrorDomain::NONE };
                Self {
                    message: text,
                    str1: Some(function.to_owned()),
                    str2: Some(argument.to_owned()),
                    int1: 0,
                    int2: 0,
                    ..Self::invalid_arg(domain, "")
                }
            }
            Error::Parse { .. } | Error::Missing { .. } | Error::StartCell { .. } => {
                Self::internal(ErrorDomain::NONE, &text)
            }
            Error::PageSize { .. } => Self::operation_failed(ErrorDomain::NONE, &text),
            Error::TooManyCounts => Self::internal(ErrorDomain::RPC, &text),
            Error::NoSmbios => Self::config_unsupported(ErrorDomain::LXC, &text),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::ErrorCode;

    use super::*;

    #[test]
    fn clients_see_what_libvirt_sends() {
        let error = ClientError::from(Error::PageSize { kib: 5, cell: Some(0) });
        assert_eq!(error.message, "operation failed: page size 5 is not available on node 0");
        assert_eq!((error.code, error.domain), (ErrorCode::OPERATION_FAILED, ErrorDomain::NONE));
        let error = ClientError::from(Error::StartCell { start: 1, last: 0 });
        assert_eq!(error.message, "internal error: start cell 1 out of range (0-0)");
        let error = ClientError::from(Error::NoSmbios);
        assert_eq!(error.message, "unsupported configuration: Host SMBIOS information is not available");
        let error = ClientError::from(Error::Argument {
            function: "virHostMemGetStatsLinux",
            argument: "nparams",
            text: "nparams in virHostMemGetStatsLinux must be 4".into(),
        });
        assert_eq!(error.message, "nparams in virHostMemGetStatsLinux must be 4");
        assert_eq!(error.str1.as_deref(), Some("virHostMemGetStatsLinux"));
        assert_eq!(error.str2.as_deref(), Some("nparams"));
        assert_eq!((error.int1, error.int2), (0, 0));
        let error = ClientError::from(Error::Read {
            path: "/proc/stat".into(),
            source: io::Error::from_raw_os_error(13),
        });
        assert_eq!((error.code, error.int1), (ErrorCode::SYSTEM_ERROR, 13));
        assert_eq!(error.message, "cannot read /proc/stat: Permission denied");
    }
}
