//! The server as its clients see it.

mod access;
mod daemon;
mod endpoint;
mod events;
mod framing;
mod lifetime;
mod opening;
mod raw;
mod streams;
mod working;
