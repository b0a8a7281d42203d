//! What a client sees when a document is refused.

/// Longest text of an error, in bytes: part of the document is quoted, and that can be large.
const MESSAGE_MAX: usize = 1000;

/// Numbers of libvirt's errors (`virErrorNumber`, libvirt/virterror.h) that documents can cause.
pub mod code {
    /// VIR_ERR_INTERNAL_ERROR
    pub const INTERNAL_ERROR: i32 = 1;
    /// VIR_ERR_INVALID_ARG
    pub const INVALID_ARG: i32 = 8;
    /// VIR_ERR_OPERATION_FAILED
    pub const OPERATION_FAILED: i32 = 9;
    /// VIR_ERR_NO_SOURCE
    pub const NO_SOURCE: i32 = 19;
    /// VIR_ERR_NO_TARGET
    pub const NO_TARGET: i32 = 20;
    /// VIR_ERR_NO_NAME
    pub const NO_NAME: i32 = 21;
    /// VIR_ERR_XML_ERROR
    pub const XML_ERROR: i32 = 27;
    /// VIR_ERR_XML_DETAIL
    pub const XML_DETAIL: i32 = 35;
    /// VIR_ERR_SYSTEM_ERROR
    pub const SYSTEM_ERROR: i32 = 38;
    /// VIR_ERR_OPERATION_INVALID
    pub const OPERATION_INVALID: i32 = 55;
    /// VIR_ERR_CONFIG_UNSUPPORTED
    pub const CONFIG_UNSUPPORTED: i32 = 67;
    /// VIR_ERR_NO_DOMAIN_METADATA
    pub const NO_DOMAIN_METADATA: i32 = 80;
    /// VIR_ERR_OPERATION_UNSUPPORTED
    pub const OPERATION_UNSUPPORTED: i32 = 84;
    /// VIR_ERR_OVERFLOW
    pub const OVERFLOW: i32 = 82;
}

/// Parts of libvirt that errors come from (`virErrorDomain`, libvirt/virterror.h).
pub mod origin {
    /// VIR_FROM_NONE
    pub const NONE: i32 = 0;
    /// VIR_FROM_XML: the text itself, attribute values.
    pub const XML: i32 = 5;
    /// VIR_FROM_NET
    pub const NET: i32 = 11;
    /// VIR_FROM_LXC
    pub const LXC: i32 = 17;
    /// VIR_FROM_NETWORK
    pub const NETWORK: i32 = 19;
    /// VIR_FROM_DOMAIN
    pub const DOMAIN: i32 = 20;
    /// VIR_FROM_DEVICE
    pub const DEVICE: i32 = 49;
    /// VIR_FROM_CAPABILITIES
    pub const CAPABILITIES: i32 = 44;
}

/// A refused document: libvirt's error number and the text that a client prints, below 1 KiB.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// libvirt's error number, see [`code`].
    pub code: i32,
    /// Where libvirt says it comes from, see [`origin`].
    pub origin: i32,
    /// Complete text, e.g. `XML error: init binary must be specified`.
    pub message: String,
    /// Start of `message` that belongs to the error number, with its separator (`XML error: `); may be empty.
    pub prefix: &'static str,
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    fn new(code: i32, prefix: &'static str, detail: impl AsRef<str>) -> Self {
        let mut message = format!("{prefix}{}", detail.as_ref());
        if message.len() > MESSAGE_MAX {
            let mut end = MESSAGE_MAX;
            while !message.is_char_boundary(end) {
                end -= 1;
            }
            message.truncate(end);
            message.push_str("...");
        }
        Self { code, origin: origin::DOMAIN, message, prefix }
    }

    /// The same, from another part of libvirt.
    #[must_use]
    pub fn from(self, origin: i32) -> Self {
        Self { origin, ..self }
    }

    /// The text behind the prefix.
    #[must_use]
    pub fn detail(&self) -> &str {
        self.message.strip_prefix(self.prefix).unwrap_or(&self.message)
    }

    /// 27 `XML error: ..`: an element or value is missing or wrong.
    #[must_use]
    pub fn xml(detail: impl AsRef<str>) -> Self {
        Self::new(code::XML_ERROR, "XML error: ", detail)
    }

    /// 35, the text alone: not a well-formed document, or a value that is impossible.
    #[must_use]
    pub fn xml_detail(detail: impl AsRef<str>) -> Self {
        Self::new(code::XML_DETAIL, "", detail)
    }

    /// 38, the text alone: something of the host that the document names failed.
    #[must_use]
    pub fn system(text: impl AsRef<str>) -> Self {
        Self::new(code::SYSTEM_ERROR, "", text)
    }

    /// 67 `unsupported configuration: ..`
    #[must_use]
    pub fn unsupported(detail: impl AsRef<str>) -> Self {
        Self::new(code::CONFIG_UNSUPPORTED, "unsupported configuration: ", detail)
    }

    /// 8 `invalid argument: ..`
    #[must_use]
    pub fn invalid_arg(detail: impl AsRef<str>) -> Self {
        Self::new(code::INVALID_ARG, "invalid argument: ", detail)
    }

    /// 8, the text alone.
    #[must_use]
    pub fn invalid_arg_text(text: impl AsRef<str>) -> Self {
        Self::new(code::INVALID_ARG, "", text)
    }

    /// 9 `operation failed: ..`
    #[must_use]
    pub fn operation_failed(detail: impl AsRef<str>) -> Self {
        Self::new(code::OPERATION_FAILED, "operation failed: ", detail)
    }

    /// 1 `internal error: ..`; libvirt uses it for some mistakes in documents too.
    #[must_use]
    pub fn internal(detail: impl AsRef<str>) -> Self {
        Self::new(code::INTERNAL_ERROR, "internal error: ", detail)
    }

    /// 55 `Requested operation is not valid: ..`
    #[must_use]
    pub fn operation_invalid(detail: impl AsRef<str>) -> Self {
        Self::new(code::OPERATION_INVALID, "Requested operation is not valid: ", detail)
    }

    /// 84 `Operation not supported: ..`
    #[must_use]
    pub fn operation_unsupported(detail: impl AsRef<str>) -> Self {
        Self::new(code::OPERATION_UNSUPPORTED, "Operation not supported: ", detail)
    }

    /// 21 `missing name information`
    #[must_use]
    pub fn no_name() -> Self {
        Self::new(code::NO_NAME, "", "missing name information")
    }

    /// 20 `missing target information for device ..`
    #[must_use]
    pub fn no_target(device: &str) -> Self {
        Self::of_device(code::NO_TARGET, "missing target information for device", device)
    }

    /// 19 `missing source information for device ..`
    #[must_use]
    pub fn no_source(device: &str) -> Self {
        Self::of_device(code::NO_SOURCE, "missing source information for device", device)
    }

    fn of_device(code: i32, what: &'static str, device: &str) -> Self {
        if device.is_empty() {
            Self::new(code, "", what)
        } else {
            Self::new(code, what, format!(" {device}"))
        }
    }

    /// 82 `numerical overflow: ..`
    #[must_use]
    pub fn overflow(detail: impl AsRef<str>) -> Self {
        Self::new(code::OVERFLOW, "numerical overflow: ", detail)
    }

    /// 80 `metadata not found: ..`
    #[must_use]
    pub fn no_metadata(detail: impl AsRef<str>) -> Self {
        Self::new(code::NO_DOMAIN_METADATA, "metadata not found: ", detail)
    }

    /// 35 from the reader; `document` is libvirt's word for it, e.g. `(domain_definition)`.
    #[must_use]
    pub fn syntax(document: &str, error: &xml::Error) -> Self {
        Self::xml_detail(error.describe(document))
    }
}
