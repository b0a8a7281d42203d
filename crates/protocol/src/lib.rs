//! libvirt's remote protocol as data: message header, errors, shared structs, and one table line per
//! procedure.
//!
//! Nothing here does I/O. The calls are declared in [`calls`], one file per kind of object; the messages that
//! a server sends on its own account in [`events`].

#![forbid(unsafe_code)]

#[macro_use]
mod macros;

pub mod acl;
pub mod call;
pub mod calls;
pub mod consts;
pub mod error;
pub mod events;
pub mod header;
pub mod limits;
mod names;
pub mod params;
mod table;
pub mod types;

pub use call::{Call, CallInfo, Event, EventInfo, ReadOnlyRule, ServedBy, StreamKind};
pub use calls::{CALLS, call_info};
pub use error::{Error, ErrorCode, ErrorDomain, Result};
pub use events::EVENTS;
pub use header::{HEADER_LEN, Header, MESSAGE_MAX, MessageType, STREAM_CHUNK, Status};
pub use params::{ParamValue, TypedParam};
pub use types::Uuid;
