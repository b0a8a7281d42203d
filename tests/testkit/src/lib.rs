//! What the end-to-end tests stand on: a private host, a daemon in it, real clients, real containers.
//!
//! ```no_run
//! use testkit::{Domain, Host, Init};
//!
//! let host = Host::start();
//! let root = host.root("c1", &Init::Busybox);
//! host.define(&Domain::new("c1").root(&root));
//! host.virsh(&["start", "c1"]).ok();
//! assert_eq!(host.virsh(&["domstate", "c1"]).ok().trim(), "running");
//! ```
//!
//! The kit is made of assertions: whatever does not work panics at the caller's line and says what failed. A
//! [`Host`] is private (namespaces, control groups, `/run`, libvirt's directories) and vanishes with the
//! value, so tests run in parallel and leave nothing, not even when they are killed.

mod command;
mod console;
mod container;
mod daemon;
mod domain;
mod events;
mod host;
mod image;
mod leaks;
mod network;
mod probe;
mod python;
mod rootfs;
mod subject;
mod wait;

pub use command::{Output, Running};
pub use console::Console;
pub use domain::Domain;
pub use events::Events;
pub use host::Host;
pub use image::Image;
pub use leaks::Snapshot;
pub use network::Bridge;
pub use python::Python;
pub use rootfs::{Init, Root};
pub use subject::Subject;
pub use wait::PATIENCE;
