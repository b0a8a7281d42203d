//! Numbers and names that arguments and replies carry: flags, states, kinds of events, parameter names.
//!
//! Flags are `bitflags` with the bits of libvirt's public enumerations; unknown bits survive
//! `from_bits_retain` and [`accept`] refuses them. Enumerations are numbers with named constants, so that
//! unknown values survive too.

mod connect;
mod domain;
mod event;
mod flags;
mod host;
mod object;
pub mod param;
pub mod stats;

use bitflags::Flags;

pub use self::{connect::*, domain::*, event::*, flags::*, host::*, object::*};
use crate::error::{Error, ErrorDomain, Result};

/// The flags of a call, unless they contain a bit that is not `supported`.
///
/// # Errors
/// "unsupported flags (0x..) in function `function`" with the bits that are not supported.
pub fn accept<F: Flags<Bits = u32> + Copy>(
    flags: u32,
    supported: F,
    domain: ErrorDomain,
    function: &str,
) -> Result<F> {
    let unsupported = flags & !supported.bits();
    if unsupported == 0 {
        Ok(F::from_bits_retain(flags))
    } else {
        Err(Error::unsupported_flags(domain, function, unsupported.into()))
    }
}
