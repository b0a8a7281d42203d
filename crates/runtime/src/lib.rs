//! Container runtime: what to run ([`plan`]), how the daemon talks to the per-container process
//! ([`control`]), and the code that builds and ends a container.
//!
//! **Architecture Invariant:** this crate knows neither tokio, XML, nor RPC.

mod builder;
mod child;
pub mod control;
mod dev;
pub mod devices;
pub mod enter;
pub mod escape;
mod failure;
pub mod guest;
mod label;
pub mod launch;
mod machine;
pub mod mounter;
pub mod net;
mod passwd;
pub mod plan;
mod program;
mod pseudofs;
mod rootfs;
pub mod seccomp;
mod security;
mod source;
mod spawn;
mod status;
pub mod stop;
mod userns;
