//! Making [`Failure`]s: which step, on what, why.

use std::fmt::Display;

use kernel::Errno;

use crate::control::Failure;

/// Result of every step of a start.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Steps as users see them.
pub(crate) mod step {
    pub(crate) const PLAN: &str = "plan";
    pub(crate) const NAMESPACE: &str = "namespace";
    pub(crate) const CGROUP: &str = "cgroup";
    pub(crate) const FILESYSTEM: &str = "filesystem";
    pub(crate) const DEVICE: &str = "device";
    pub(crate) const CONSOLE: &str = "console";
    pub(crate) const NETWORK: &str = "network";
    pub(crate) const USER: &str = "user";
    pub(crate) const SECURITY: &str = "security";
    pub(crate) const EXEC: &str = "exec";
}

/// A failure without errno.
pub(crate) fn failure(step: &str, what: impl Display) -> Failure {
    Failure { step: step.to_owned(), what: what.to_string(), errno: 0 }
}

/// A failure with errno.
pub(crate) fn failed(step: &str, what: impl Display, errno: Errno) -> Failure {
    Failure { step: step.to_owned(), what: what.to_string(), errno: errno.raw_os_error() }
}

/// Adds step and object to an error.
pub(crate) trait During<T> {
    /// `what` is only formatted on failure.
    fn during(self, step: &str, what: impl Display) -> Result<T>;
}

impl<T> During<T> for kernel::Result<T> {
    fn during(self, step: &str, what: impl Display) -> Result<T> {
        self.map_err(|errno| failed(step, what, errno))
    }
}

impl<T> During<T> for cgroup::Result<T> {
    fn during(self, step: &str, what: impl Display) -> Result<T> {
        self.map_err(|error| failed(step, format_args!("{what}: {error}"), error.errno()))
    }
}
