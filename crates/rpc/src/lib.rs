//! The server side of libvirt's remote protocol on UNIX sockets, TCP and TLS.
//!
//! A driver registers handlers with a [`Router`], one for each call that it answers; the [`Server`] reads calls
//! from its clients, has the handlers work on them, and sends the replies. Everything else that a client of the
//! protocol expects is done here: opening and closing, features, authentication, the read-only rule, keepalive,
//! streams, events, and limits that keep one client from harming the others.
//!
//! Each connection has one task that reads. A handler is first polled by that task, so a call that needs no waiting
//! costs no switch of tasks; otherwise it continues in a task of its own, and replies leave in the order in which
//! calls end. Whoever has something to say to a client writes it to the socket on the spot if nothing is queued.

mod access;
mod builtin;
mod call;
mod client;
mod connection;
mod context;
mod frame;
mod identity;
mod keepalive;
mod limits;
mod listener;
mod log;
mod outbox;
mod router;
mod server;
mod session;
mod socket;
mod stream;
mod table;
mod tls;
mod workers;

pub use self::{
    access::{Access, Auth, Authorise, Peers},
    builtin::own_calls,
    client::{Callback, Client},
    context::Context,
    identity::{Identity, Process},
    limits::Limits,
    listener::{Listener, Transport},
    router::{Router, Routes},
    server::{Open, Server, ServerConfig},
    stream::StreamIo,
    tls::{Tls, TlsError, TlsSettings, matches_pattern},
    workers::Load,
};
