//! Messages that a server sends on its own account.

mod domain;
mod keepalive;
mod object;
mod qemu;

pub use self::{domain::*, keepalive::*, object::*, qemu::*};
use crate::{
    EventInfo,
    table::{merge, total},
};

tables! { EventInfo, visit_events; domain, object, qemu, keepalive }

/// Every event of every program, domains first.
pub static EVENTS: &[&EventInfo] = &merge::<_, { total(TABLES) }>(TABLES);
