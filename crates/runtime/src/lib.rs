//! Container runtime: what to run ([`plan`]), how the daemon talks to the per-container process
//! ([`control`]), and the code that builds and ends a container.
//!
//! **Architecture Invariant:** this crate knows neither tokio, XML, nor RPC.

pub mod control;
pub mod launch;
pub mod plan;
pub mod stop;
