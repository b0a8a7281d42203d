//! What a peer can do to the daemon and to others: the attacks R01 to R25, by a client that speaks the protocol
//! byte by byte, on our daemon and on the incumbent.
//!
//! Each test asserts what is expected of us, and of the incumbent what is known of it; figures that can be compared
//! go to a file for each subject, from which `tests/figures` makes the table that ends `make test`.
//!
//! Attacks on what only our library can show (panics in handlers, deadlines of every kind, TLS, SASL) are in the
//! tests of `rpc`: R21 is `working`, R23 and R24 are `tls` and `sasl`. R25 is in `activation`.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod bed;
mod bombs;
mod crowds;
mod documents;
mod domains;
mod framing;
mod stalls;
// The same client as in the tests of `rpc`.
#[path = "../../../../crates/rpc/tests/rpc/raw.rs"]
#[allow(dead_code, reason = "not every test of `rpc` is one here")]
mod raw;
