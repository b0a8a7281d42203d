//! Checks of the protocol tables against what libvirt does.
//!
//! `data/golden.jsonl` holds messages between real clients and libvirt's own daemon with their content;
//! the other files in `data` hold facts about libvirt 11.3.0: numbers, layouts, access rules, names.
//! `tests` compares them with the crates `xdr` and `protocol`.

pub mod codec;
pub mod facts;
pub mod golden;
pub mod shape;
pub mod value;
