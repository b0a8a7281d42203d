//! The table of calls, one file per kind of object.
//!
//! The calls of the main program are re-exported here; those of the other programs keep their module's name, since
//! some names repeat.

pub mod admin;
mod auth;
mod connect;
mod domain;
mod domain_block;
mod domain_cpu;
mod domain_device;
mod domain_guest;
mod domain_job;
mod domain_memory;
mod interface;
pub mod lxc;
mod migrate;
mod network;
mod node;
mod nodedev;
mod nwfilter;
pub mod qemu;
mod secret;
mod snapshot;
mod storage_pool;
mod storage_vol;

pub use self::{
    auth::*, connect::*, domain::*, domain_block::*, domain_cpu::*, domain_device::*, domain_guest::*,
    domain_job::*, domain_memory::*, interface::*, migrate::*, network::*, node::*, nodedev::*, nwfilter::*,
    secret::*, snapshot::*, storage_pool::*, storage_vol::*,
};
use crate::{
    CallInfo,
    call::Visitor,
    table::{merge, total},
};

/// Lists the tables once for everything that goes through all of them.
macro_rules! tables {
    ($($module:ident),* $(,)?) => {
        const TABLES: &[&[&CallInfo]] = &[$($module::TABLE),*];

        /// Shows the type of every call to the visitor.
        pub fn visit_calls<V: Visitor>(visitor: &mut V) {
            $($module::visit(visitor);)*
        }
    };
}

tables! {
    admin,
    auth,
    connect,
    domain,
    domain_block,
    domain_cpu,
    domain_device,
    domain_guest,
    domain_job,
    domain_memory,
    interface,
    lxc,
    migrate,
    network,
    node,
    nodedev,
    nwfilter,
    qemu,
    secret,
    snapshot,
    storage_pool,
    storage_vol,
}

/// Every call of every program in the order of program and procedure number.
pub static CALLS: &[&CallInfo] = &sorted(merge::<_, { total(TABLES) }>(TABLES));

/// Looks a call up by its numbers; events are not calls.
#[must_use]
pub fn call_info(program: u32, procedure: i32) -> Option<&'static CallInfo> {
    let found = CALLS.binary_search_by_key(&(program, procedure), |info| (info.program, info.procedure));
    found.ok().map(|index| CALLS[index])
}

/// Sorts by number; a number that is given twice does not compile.
const fn sorted<const N: usize>(mut calls: [&CallInfo; N]) -> [&CallInfo; N] {
    let mut end = 1;
    while end < N {
        let mut i = end;
        while i > 0 && calls[i - 1].key() >= calls[i].key() {
            assert!(calls[i - 1].key() != calls[i].key(), "two calls with the same number");
            (calls[i - 1], calls[i]) = (calls[i], calls[i - 1]);
            i -= 1;
        }
        end += 1;
    }
    calls
}
