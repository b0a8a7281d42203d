//! The procedures as values, for tests that go through all of them.

use std::collections::HashMap;

use protocol::{Call, Event, call::Visitor, calls::visit_calls, events::visit_events};
use xdr::{Layout, Reader, Result, Xdr};

/// Decodes and encodes again; gives the new bytes and the number of bytes that were left over.
pub type Recode = fn(&[u8]) -> Result<(Vec<u8>, usize)>;

/// One direction of a procedure.
#[derive(Debug, Clone, Copy)]
pub struct Codec {
    /// Name of the procedure.
    pub name: &'static str,
    /// What the body consists of.
    pub layout: &'static Layout,
    /// The fewest bytes that a body takes.
    pub min_size: usize,
    /// Decodes a body and encodes it again.
    pub recode: Recode,
}

impl Codec {
    fn of<T: Xdr>(name: &'static str) -> Self {
        Self { name, layout: T::LAYOUT, min_size: T::MIN_SIZE, recode: recode::<T> }
    }
}

fn recode<T: Xdr>(bytes: &[u8]) -> Result<(Vec<u8>, usize)> {
    let mut reader = Reader::new(bytes);
    let value = T::decode(&mut reader)?;
    Ok((xdr::to_bytes(&value)?, reader.remaining()))
}

/// All bodies by program and procedure number.
#[derive(Debug, Default)]
pub struct Codecs {
    /// Arguments of calls.
    pub args: HashMap<(u32, i32), Codec>,
    /// Replies to calls.
    pub replies: HashMap<(u32, i32), Codec>,
    /// Events.
    pub events: HashMap<(u32, i32), Codec>,
}

impl Codecs {
    /// Collects all procedures.
    #[must_use]
    pub fn load() -> Self {
        let mut codecs = Self::default();
        visit_calls(&mut codecs);
        visit_events(&mut codecs);
        codecs
    }

    /// Every body of every procedure.
    pub fn all(&self) -> impl Iterator<Item = &Codec> {
        self.args.values().chain(self.replies.values()).chain(self.events.values())
    }
}

impl Visitor for Codecs {
    fn call<C: Call>(&mut self) {
        let key = (C::INFO.program, C::INFO.procedure);
        self.args.insert(key, Codec::of::<C>(C::INFO.name));
        self.replies.insert(key, Codec::of::<C::Reply>(C::INFO.name));
    }

    fn event<E: Event>(&mut self) {
        self.events.insert((E::PROGRAM, E::PROCEDURE), Codec::of::<E>(E::NAME));
    }
}
