//! The server as its clients see it.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod access;
mod daemon;
mod endpoint;
mod events;
mod framing;
mod lifetime;
mod limits;
mod opening;
mod raw;
mod streams;
mod working;
