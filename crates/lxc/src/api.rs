//! The calls. One function a call, named as the call without its object; one module a subject.

mod actions;
mod autostart;
mod blkio;
mod block;
mod connect;
mod console;
mod control;
mod cpu_stats;
mod define;
mod device;
mod domain_stats;
mod event;
mod filesystems;
mod guest;
mod guest_info;
mod interface;
mod job;
mod keyboard;
mod lifecycle;
mod list;
mod memory;
mod metadata;
mod numa;
mod password;
mod perf;
mod pin;
mod rename;
mod reset;
mod scheduler;
mod security;
mod signal;
mod ssh_keys;
mod state;
mod stats;
mod vcpu;

use conf::domain::{DomainDef, ParseFlags};
use protocol::consts::{AffectFlags, accept};
use protocol::{ErrorDomain, Result};
use rpc::Router;

pub use connect::check_uri;

use crate::Lxc;
use crate::error::of_document;

/// Flags of calls on the running domain, the definition or both.
const AFFECT: AffectFlags = AffectFlags::LIVE.union(AffectFlags::CONFIG);

/// What a handler gets.
type Context = rpc::Context<Lxc>;

/// Registers every call of the driver.
pub fn routes(r: &mut Router<Lxc>) {
    host::routes(r);
    actions::routes(r);
    autostart::routes(r);
    blkio::routes(r);
    block::routes(r);
    connect::routes(r);
    console::routes(r);
    control::routes(r);
    cpu_stats::routes(r);
    define::routes(r);
    domain_stats::routes(r);
    device::routes(r);
    event::routes(r);
    filesystems::routes(r);
    guest::routes(r);
    guest_info::routes(r);
    interface::routes(r);
    job::routes(r);
    keyboard::routes(r);
    lifecycle::routes(r);
    list::routes(r);
    memory::routes(r);
    metadata::routes(r);
    numa::routes(r);
    password::routes(r);
    perf::routes(r);
    pin::routes(r);
    rename::routes(r);
    reset::routes(r);
    scheduler::routes(r);
    security::routes(r);
    signal::routes(r);
    ssh_keys::routes(r);
    state::routes(r);
    stats::routes(r);
    vcpu::routes(r);
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

/// Longest document that is read on the spot, in bytes: a fraction of a millisecond's work.
const SHORT_DOCUMENT: usize = 16 * 1024;

/// Reads a client's document; a long one where that holds up no other client.
async fn parse(lxc: &Lxc, xml: String) -> Result<DomainDef> {
    let context = lxc.parse_context(ParseFlags::empty());
    let short = xml.len() <= SHORT_DOCUMENT;
    let parse = move || DomainDef::parse(&xml, &context).map_err(|error| of_document(&error));
    if short { parse() } else { crate::define::blocking(parse).await }
}
