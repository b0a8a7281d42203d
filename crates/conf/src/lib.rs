//! libvirt's documents as Rust types: parse, defaults, checks, format. Pure: no input or output of its own.

pub mod capabilities;
pub mod domain;
mod enums;
mod error;
pub mod interface;
mod mac;
mod name;
pub mod network;
mod number;
pub mod options;
mod props;
pub mod settings;
mod shape;
mod units;
mod uuid;

pub use error::{Error, Result, code, origin};
pub use mac::MacAddr;
pub use name::DomainName;
pub use units::{KiB, scale};
pub use uuid::Uuid;

/// Fills a buffer with random bytes (getrandom(2) in the daemon, a counter in tests).
pub type Random = fn(&mut [u8]);
