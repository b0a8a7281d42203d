//! From the errors of lower layers to what a client sees.

use std::path::Path;

use protocol::{Error, ErrorCode, ErrorDomain};

/// A refused document.
pub(crate) fn of_document(error: &conf::Error) -> Error {
    let mut seen = Error::new(ErrorCode(error.code), ErrorDomain(error.origin), error.detail());
    seen.message.clone_from(&error.message);
    seen
}

/// A failure that no other code describes.
pub(crate) fn internal(detail: &str) -> Error {
    Error::internal(ErrorDomain::NETWORK, detail)
}

/// The object is in the wrong state.
pub(crate) fn invalid(detail: &str) -> Error {
    Error::operation_invalid(ErrorDomain::NETWORK, detail)
}

/// The description asks for what cannot be.
pub(crate) fn unsupported(detail: &str) -> Error {
    Error::config_unsupported(ErrorDomain::NETWORK, detail)
}

/// A file operation that failed.
pub(crate) fn of_file(what: &str, path: &Path, error: &std::io::Error) -> Error {
    let what = format!("{what} '{}'", path.display());
    match error.raw_os_error() {
        Some(errno) => Error::system(ErrorDomain::NETWORK, errno, &what),
        None => internal(&format!("{what}: {error}")),
    }
}

/// A request to the kernel that failed.
pub(crate) fn of_link(what: &str, error: &rtnetlink::Error) -> Error {
    match errno(error) {
        Some(errno) => Error::system(ErrorDomain::NETWORK, errno, what),
        None => internal(&format!("{what}: {error}")),
    }
}

/// The errno that the kernel answered with.
pub(crate) fn errno(error: &rtnetlink::Error) -> Option<i32> {
    match error {
        rtnetlink::Error::NetlinkError(message) => message.code.map(|code| code.get().abs()),
        _ => None,
    }
}

/// No network has the name.
pub(crate) fn no_network_name(name: &str) -> Error {
    no_network(&format!("no network with matching name '{name}'"))
}

/// No network, for the reason given.
pub(crate) fn no_network(detail: &str) -> Error {
    Error::new(ErrorCode::NO_NETWORK, ErrorDomain::NETWORK, detail)
}

/// The network is not active.
pub(crate) fn not_active(name: &str) -> Error {
    invalid(&format!("network '{name}' is not active"))
}
