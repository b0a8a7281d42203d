//! The calls. One function a call, named as the call without its object; one module a subject.

mod autostart;
mod connect;
mod console;
mod define;
mod event;
mod lifecycle;
mod list;
mod memory;
mod metadata;
mod scheduler;
mod security;
mod signal;
mod state;
mod stats;

use conf::domain::{DomainDef, ParseFlags};
use protocol::consts::accept;
use protocol::{ErrorDomain, Result};
use rpc::Router;

pub use connect::check_uri;

use crate::Lxc;
use crate::error::of_document;

/// What a handler gets.
type Context = rpc::Context<Lxc>;

/// Registers every call of the driver.
pub fn routes(r: &mut Router<Lxc>) {
    host::routes(r);
    autostart::routes(r);
    connect::routes(r);
    console::routes(r);
    define::routes(r);
    event::routes(r);
    lifecycle::routes(r);
    list::routes(r);
    memory::routes(r);
    metadata::routes(r);
    scheduler::routes(r);
    security::routes(r);
    signal::routes(r);
    state::routes(r);
    stats::routes(r);
}

/// Flags of a call, or libvirt's error about those that `function` does not know.
fn flags<F: bitflags::Flags<Bits = u32> + Copy>(flags: u32, supported: F, function: &str) -> Result<F> {
    accept(flags, supported, ErrorDomain::LXC, function)
}

/// For calls without any flag.
fn no_flags(given: u32, function: &str) -> Result<()> {
    if given == 0 {
        Ok(())
    } else {
        Err(protocol::Error::unsupported_flags(ErrorDomain::LXC, function, given.into()))
    }
}

/// Reads a client's document.
fn parse(lxc: &Lxc, xml: &str) -> Result<DomainDef> {
    DomainDef::parse(xml, &lxc.parse_context(ParseFlags::empty())).map_err(|error| of_document(&error))
}
