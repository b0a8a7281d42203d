//! Errors as a client sees them, with libvirt's texts.
//!
//! A constructor names the situation and yields the code, the domain, the message and the extra fields that
//! libvirt sends for it. Details are lower-case without a full stop, as libvirt writes them.

mod code;
mod domain;

use std::fmt;

use xdr::xdr;

pub use self::{code::ErrorCode, domain::ErrorDomain};
use crate::types::{Domain, Network, Uuid};

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What went wrong.
    pub code: ErrorCode,
    /// The part that noticed.
    pub domain: ErrorDomain,
    /// The whole text for the user.
    pub message: String,
    /// Error or warning.
    pub level: ErrorLevel,
    /// The template of the message.
    pub str1: Option<String>,
    /// The detail that fills the template.
    pub str2: Option<String>,
    /// Not used by libvirt.
    pub str3: Option<String>,
    /// The errno of a failed system call, else -1.
    pub int1: i32,
    /// -1.
    pub int2: i32,
}

xdr_enum! {
    /// How bad an error is (`virErrorLevel`).
    pub struct ErrorLevel(i32) {
        /// No error.
        NONE = 0,
        /// A warning.
        WARNING = 1,
        /// An error.
        ERROR = 2,
    }
}

xdr! {
    /// The payload of a reply or stream message with status ERROR.
    #[derive(Eq)]
    pub struct ErrorBody {
        pub code: ErrorCode,
        pub domain: ErrorDomain,
        pub message: Option<String>,
        pub level: ErrorLevel,
        /// Not sent any more.
        pub dom: Option<Domain>,
        pub str1: Option<String>,
        pub str2: Option<String>,
        pub str3: Option<String>,
        pub int1: i32,
        pub int2: i32,
        /// Not sent any more.
        pub net: Option<Network>,
    }
}

impl Error {
    /// An error whose message is the template of `code` filled with `detail`.
    #[must_use]
    pub fn new(code: ErrorCode, domain: ErrorDomain, detail: &str) -> Self {
        Self {
            code,
            domain,
            message: code.template().replacen("%s", detail, 1),
            level: ErrorLevel::ERROR,
            str1: Some(code.template().to_owned()),
            str2: Some(detail.to_owned()),
            str3: None,
            int1: -1,
            int2: -1,
        }
    }

    /// The payload that carries the error.
    #[must_use]
    pub fn to_wire(&self) -> ErrorBody {
        let error = self.clone();
        ErrorBody {
            code: error.code,
            domain: error.domain,
            message: Some(error.message),
            level: error.level,
            dom: None,
            str1: error.str1,
            str2: error.str2,
            str3: error.str3,
            int1: error.int1,
            int2: error.int2,
            net: None,
        }
    }

    /// The error that a payload carries.
    #[must_use]
    pub fn from_wire(body: ErrorBody) -> Self {
        Self {
            code: body.code,
            domain: body.domain,
            message: body.message.unwrap_or_default(),
            level: body.level,
            str1: body.str1,
            str2: body.str2,
            str3: body.str3,
            int1: body.int1,
            int2: body.int2,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Objects that do not exist.
impl Error {
    /// No domain has the name.
    #[must_use]
    pub fn no_domain_name(name: &str) -> Self {
        Self::new(ErrorCode::NO_DOMAIN, ErrorDomain::LXC, &format!("No domain with matching name '{name}'"))
    }

    /// No domain has the UUID that was looked up.
    #[must_use]
    pub fn no_domain_uuid(uuid: Uuid) -> Self {
        let detail = format!("No domain with matching uuid '{uuid}'");
        Self::new(ErrorCode::NO_DOMAIN, ErrorDomain::LXC, &detail)
    }

    /// The domain that a call is about does not exist any more.
    #[must_use]
    pub fn no_domain(dom: &Domain) -> Self {
        let detail = format!("no domain with matching uuid '{}' ({})", dom.uuid, dom.name);
        Self::new(ErrorCode::NO_DOMAIN, ErrorDomain::LXC, &detail)
    }

    /// No running domain has the id.
    #[must_use]
    pub fn no_domain_id(id: i32) -> Self {
        Self::new(ErrorCode::NO_DOMAIN, ErrorDomain::LXC, &format!("No domain with matching id {id}"))
    }

    /// The domain lacks the title, description or metadata element asked for.
    #[must_use]
    pub fn no_domain_metadata() -> Self {
        let detail = "Requested metadata element is not present";
        Self::new(ErrorCode::NO_DOMAIN_METADATA, ErrorDomain::DOMAIN, detail)
    }

    /// The host name of a domain is not known.
    #[must_use]
    pub fn no_hostname(domain: &str) -> Self {
        let detail = format!("no hostname found for domain {domain}");
        Self::new(ErrorCode::NO_HOSTNAME, ErrorDomain::LXC, &detail)
    }

    /// The daemon has no server of that name.
    #[must_use]
    pub fn no_server(name: &str) -> Self {
        Self::new(ErrorCode::NO_SERVER, ErrorDomain::RPC, &format!("No server named '{name}'"))
    }

    /// The server has no client with that id.
    #[must_use]
    pub fn no_client(id: u64) -> Self {
        Self::new(ErrorCode::NO_CLIENT, ErrorDomain::RPC, &format!("No client with matching ID '{id}'"))
    }

    /// The domain lacks a device.
    #[must_use]
    pub fn device_missing(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::DEVICE_MISSING, domain, detail)
    }
}

/// Requests that cannot be met.
impl Error {
    /// The driver lacks the call; `function` is the public C function.
    #[must_use]
    pub fn no_support(function: &str) -> Self {
        Self::new(ErrorCode::NO_SUPPORT, ErrorDomain::DOMAIN, function)
    }

    /// `bits` of the flags are not known to `function`, the driver's function.
    #[must_use]
    pub fn unsupported_flags(domain: ErrorDomain, function: &str, bits: u64) -> Self {
        Self {
            message: format!("unsupported flags (0x{bits:x}) in function {function}"),
            str1: Some(function.to_owned()),
            str2: Some("flags".to_owned()),
            int1: 0,
            int2: 0,
            ..Self::new(ErrorCode::INVALID_ARG, domain, "")
        }
    }

    /// The call is known, but not for this object or mode.
    #[must_use]
    pub fn operation_unsupported(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::OPERATION_UNSUPPORTED, domain, detail)
    }

    /// An argument is valid but has no meaning here.
    #[must_use]
    pub fn argument_unsupported(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::ARGUMENT_UNSUPPORTED, domain, detail)
    }

    /// The description asks for something that the driver cannot do.
    #[must_use]
    pub fn config_unsupported(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::CONFIG_UNSUPPORTED, domain, detail)
    }

    /// An argument makes no sense.
    #[must_use]
    pub fn invalid_arg(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::INVALID_ARG, domain, detail)
    }

    /// The content of a document is wrong.
    #[must_use]
    pub fn xml_error(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::XML_ERROR, domain, detail)
    }

    /// A document is not well formed; the detail names document and line.
    #[must_use]
    pub fn xml_detail(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::XML_DETAIL, domain, detail)
    }

    /// The object is in the wrong state.
    #[must_use]
    pub fn operation_invalid(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::OPERATION_INVALID, domain, detail)
    }

    /// The operation failed, such as the definition of a name that is taken.
    #[must_use]
    pub fn operation_failed(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::OPERATION_FAILED, domain, detail)
    }

    /// Something else uses the resource.
    #[must_use]
    pub fn resource_busy(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::RESOURCE_BUSY, domain, detail)
    }

    /// The operation took too long.
    #[must_use]
    pub fn timeout(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::OPERATION_TIMEOUT, domain, detail)
    }
}

/// Requests that are refused.
impl Error {
    /// The operation is forbidden, for the reason given.
    #[must_use]
    pub fn operation_denied(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::OPERATION_DENIED, domain, detail)
    }

    /// The connection is read-only; `function` is the public C function.
    #[must_use]
    pub fn operation_denied_read_only(function: &str) -> Self {
        Self::operation_denied(ErrorDomain::DOMAIN, &format!("read only access prevents {function}"))
    }

    /// Access control refuses the call.
    #[must_use]
    pub fn access_denied(detail: &str) -> Self {
        Self::new(ErrorCode::ACCESS_DENIED, ErrorDomain::ACCESS, detail)
    }

    /// No driver serves the URI.
    #[must_use]
    pub fn no_connect(uri: &str) -> Self {
        Self::new(ErrorCode::NO_CONNECT, ErrorDomain::NONE, uri)
    }
}

/// Failures of the daemon, the host or the transport.
impl Error {
    /// A failure that no other code describes.
    #[must_use]
    pub fn internal(domain: ErrorDomain, detail: &str) -> Self {
        Self::new(ErrorCode::INTERNAL_ERROR, domain, detail)
    }

    /// A system call failed while doing `what`.
    #[must_use]
    pub fn system(domain: ErrorDomain, errno: i32, what: &str) -> Self {
        let reason = std::io::Error::from_raw_os_error(errno).to_string();
        // The standard library appends " (os error N)" to the text of the C library.
        let reason = reason.split(" (os error").next().unwrap_or_default();
        Self { int1: errno, ..Self::new(ErrorCode::SYSTEM_ERROR, domain, &format!("{what}: {reason}")) }
    }

    /// The message broke the rules of the protocol.
    #[must_use]
    pub fn rpc(detail: &str) -> Self {
        Self::new(ErrorCode::RPC, ErrorDomain::RPC, detail)
    }

    /// No call has the number. Clients recognise this text and take it as "not supported".
    #[must_use]
    pub fn unknown_procedure(procedure: i32) -> Self {
        Self::rpc(&format!("unknown procedure: {procedure}"))
    }

    /// No program has the number and version.
    #[must_use]
    pub fn unknown_program(program: u32, version: u32) -> Self {
        Self::rpc(&format!("Cannot find program {program} version {version}"))
    }

    /// The arguments could not be decoded.
    #[must_use]
    pub fn undecodable() -> Self {
        Self::rpc("Unable to decode message payload")
    }
}
