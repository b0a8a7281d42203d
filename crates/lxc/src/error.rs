//! From the errors of lower layers to what a client sees.

use protocol::{Error, ErrorCode, ErrorDomain};
use runtime::control::Failure;

/// A refused document.
pub(crate) fn of_document(error: &conf::Error) -> Error {
    let mut seen = Error::new(ErrorCode(error.code), ErrorDomain(error.origin), error.detail());
    seen.message.clone_from(&error.message);
    seen
}

/// A start that failed.
pub(crate) fn of_start(failure: &Failure) -> Error {
    internal(&format!("guest failed to start: {}", text(failure)))
}

/// A request that a monitor could not carry out.
pub(crate) fn of_request(failure: &Failure) -> Error {
    match failure.errno {
        errno if errno == rustix::io::Errno::OPNOTSUPP.raw_os_error() => {
            Error::operation_unsupported(ErrorDomain::LXC, &failure.what)
        }
        errno if errno == rustix::io::Errno::BUSY.raw_os_error() => {
            Error::operation_failed(ErrorDomain::LXC, &failure.what)
        }
        _ => internal(&text(failure)),
    }
}

/// A file operation that failed.
pub(crate) fn of_file(what: &str, path: &std::path::Path, error: &std::io::Error) -> Error {
    Error::system(
        ErrorDomain::LXC,
        error.raw_os_error().unwrap_or(0),
        &format!("{what} '{}'", path.display()),
    )
}

/// A failure that no other code describes.
pub(crate) fn internal(detail: &str) -> Error {
    Error::internal(ErrorDomain::LXC, detail)
}

/// The object is in the wrong state.
pub(crate) fn invalid(detail: &str) -> Error {
    Error::operation_invalid(ErrorDomain::LXC, detail)
}

/// The domain does not run. libvirt reports this one from its common part, not from the driver.
pub(crate) fn not_running() -> Error {
    Error::operation_invalid(ErrorDomain::DOMAIN, "domain is not running")
}

/// "step: what: strerror".
pub(crate) fn text(failure: &Failure) -> String {
    let mut text = format!("{}: {}", failure.step, failure.what);
    if failure.errno != 0 {
        let reason = std::io::Error::from_raw_os_error(failure.errno).to_string();
        text.push_str(": ");
        text.push_str(reason.split(" (os error").next().unwrap_or_default());
    }
    text
}

/// A failure of the daemon's own making, in the monitor's form.
pub(crate) fn failure(step: &str, what: impl Into<String>, errno: i32) -> Failure {
    Failure { step: step.to_owned(), what: what.into(), errno }
}
