//! The calls. One function a call, named as the call without its object; one module a subject.

mod autostart;
mod define;
mod event;
mod info;
mod lease;
mod lifecycle;
mod list;
mod metadata;
mod port;
mod update;

use protocol::consts::accept;
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use crate::Networks;

/// What a handler gets.
type Context = rpc::Context<Networks>;

/// Registers every call of the driver.
pub fn routes(r: &mut Router<Networks>) {
    autostart::routes(r);
    define::routes(r);
    event::routes(r);
    info::routes(r);
    lease::routes(r);
    lifecycle::routes(r);
    list::routes(r);
    metadata::routes(r);
    port::routes(r);
    update::routes(r);
}

/// Flags of a call, or libvirt's error about those that `function` does not know.
fn flags<F: bitflags::Flags<Bits = u32> + Copy>(flags: u32, supported: F, function: &str) -> Result<F> {
    accept(flags, supported, ErrorDomain::NETWORK, function)
}

/// For calls without any flag.
fn no_flags(given: u32, function: &str) -> Result<()> {
    if given == 0 {
        return Ok(());
    }
    Err(Error::unsupported_flags(ErrorDomain::NETWORK, function, given.into()))
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn signed(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
