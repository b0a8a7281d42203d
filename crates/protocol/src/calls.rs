//! The table of calls, one file per kind of object.
//!
//! The calls of the main program are re-exported here; those of the other programs keep their module's name,
//! since some names repeat.

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
    header::{ADMIN, LXC, QEMU, REMOTE},
    table::{merge, total},
};

tables! { CallInfo, visit_calls;
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

/// The programs that have calls, in ascending order.
const PROGRAMS: [u32; 4] = [LXC, ADMIN, REMOTE, QEMU];

/// Sorts by number; a number that is given twice does not compile.
const fn sorted<const N: usize>(calls: [&CallInfo; N]) -> [&CallInfo; N] {
    let mut sorted = calls;
    let (mut next, mut p) = (0, 0);
    while p < PROGRAMS.len() {
        let mut by_number: [Option<&CallInfo>; 512] = [None; 512];
        let mut i = 0;
        while i < N {
            if calls[i].program == PROGRAMS[p] {
                let slot = &mut by_number[calls[i].procedure.unsigned_abs() as usize];
                assert!(slot.is_none(), "two calls with the same number");
                *slot = Some(calls[i]);
            }
            i += 1;
        }
        let mut number = 0;
        while number < by_number.len() {
            if let Some(call) = by_number[number] {
                sorted[next] = call;
                next += 1;
            }
            number += 1;
        }
        p += 1;
    }
    assert!(next == N, "a call of an unknown program");
    sorted
}
