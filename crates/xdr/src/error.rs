//! Why a value could not be encoded or decoded.

use std::fmt;

/// Why a value could not be encoded or decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The input ends before the value does.
    Truncated {
        /// Bytes that the next item takes.
        needed: usize,
        /// Bytes that are left.
        remaining: usize,
    },
    /// A string, byte string or list exceeds the bound of its type.
    TooLong {
        /// Claimed or actual number of bytes or elements.
        length: usize,
        /// The bound.
        max: usize,
    },
    /// A string is not UTF-8.
    NotUtf8,
    /// A union has a discriminant without an arm.
    UnknownArm(i32),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { needed, remaining } => {
                write!(f, "message is truncated: {needed} bytes needed, {remaining} left")
            }
            Self::TooLong { length, max } => write!(f, "length {length} exceeds the limit of {max}"),
            Self::NotUtf8 => f.write_str("string is not valid UTF-8"),
            Self::UnknownArm(value) => write!(f, "unknown union discriminant {value}"),
        }
    }
}

impl std::error::Error for Error {}
