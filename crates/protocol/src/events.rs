//! Messages that a server sends on its own account.

mod domain;
mod keepalive;
mod object;
mod qemu;

pub use self::{domain::*, keepalive::*, object::*, qemu::*};
use crate::{
    EventInfo,
    call::Visitor,
    table::{merge, total},
};

const TABLES: &[&[&EventInfo]] = &[domain::TABLE, object::TABLE, qemu::TABLE, keepalive::TABLE];

/// Every event of every program, domains first.
pub static EVENTS: &[&EventInfo] = &merge::<_, { total(TABLES) }>(TABLES);

/// Shows the type of every event to the visitor.
pub fn visit_events<V: Visitor>(visitor: &mut V) {
    domain::visit(visitor);
    object::visit(visitor);
    qemu::visit(visitor);
    keepalive::visit(visitor);
}
