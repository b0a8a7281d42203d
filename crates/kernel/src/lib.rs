//! System calls the standard library lacks. The only crate with `unsafe`; everything it exports is safe.
//!
//! Functions return [`Errno`]; the caller knows the step and the path and adds them. Every descriptor made here
//! is close-on-exec.
//!
//! **Architecture Invariant:** no other crate of the workspace contains `unsafe`, forks, or starts programs by
//! [`std::process::Command`] directly.

pub mod bpf;
pub mod capability;
pub mod clone;
pub mod command;
pub mod fd;
pub mod fdpass;
pub mod filesystem;
pub mod loopdev;
pub mod memfd;
pub mod mount;
pub mod namespace;
pub mod path;
pub mod perf;
pub mod pidfd;
pub mod process;
pub mod pty;
pub mod seccomp;
pub mod sigwait;
pub mod timens;

pub use rustix::io::{Errno, Result};
