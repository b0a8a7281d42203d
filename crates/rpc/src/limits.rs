//! What clients may use, one by one and all together.

mod budget;
mod seats;

use std::time::Duration;

pub(crate) use self::{
    budget::{Budget, Budgets, Charge, Holding},
    seats::{Seat, Seats},
};

/// Limits of a server. Names are those of the daemon's configuration where it has them.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Most clients connected at a time; half as many may have come by the read-only socket. Two places are kept for
    /// root, and no other user gets more than half of either.
    pub max_clients: usize,
    /// Most connections that wait in the kernel to be accepted, for each socket (listen(2)).
    pub max_queued_clients: usize,
    /// Most clients connected and not yet authenticated, for each kind of socket. No user gets more than a quarter;
    /// who finds no place waits for one. Root needs none. 0 is no limit.
    pub max_anonymous_clients: usize,
    /// Most calls of one client that run or wait for their reply to be sent. Urgent calls and keepalive messages
    /// go past the limit.
    pub max_client_requests: usize,
    /// Most calls of all clients that are at work and wait for something; more wait for their turn.
    pub max_workers: usize,
    /// Urgent calls that may be at work beyond `max_workers`.
    pub prio_workers: usize,
    /// What administrators are shown as the least number of workers. Nothing depends on it.
    pub min_workers: usize,
    /// Silence after which a client that asked for it is pinged; zero is never.
    pub keepalive_interval: Duration,
    /// Unanswered pings after which the client is given up.
    pub keepalive_count: u32,
    /// Time for a client to authenticate and open its connection.
    pub auth_timeout: Duration,
    /// Time for a TLS handshake.
    pub handshake_timeout: Duration,
    /// Time for the header of a message to arrive once its first byte is there.
    pub header_timeout: Duration,
    /// Time for the rest of a message to arrive, plus a second for every MiB.
    pub message_timeout: Duration,
    /// Time for a client to accept at least one byte of what waits for it.
    pub send_timeout: Duration,
    /// Time for running calls to end at a shutdown.
    pub shutdown_timeout: Duration,
    /// Most bytes that wait to be sent to one client.
    pub max_queued_bytes: usize,
    /// Most messages that wait to be sent to one client.
    pub max_queued_messages: usize,
    /// Most bytes that wait to be sent to all clients.
    pub max_queued_bytes_total: usize,
    /// Most streams of one client.
    pub max_streams: usize,
    /// Most event callbacks of one client.
    pub max_callbacks: usize,
    /// Most bytes of the arguments of one client's calls at work. A single call may have more.
    pub max_call_bytes: usize,
    /// Longest message of a client that is not authenticated, in bytes.
    pub max_anonymous_message: usize,
    /// Most bytes of long messages of all clients, unfinished or at work.
    pub max_unfinished_bytes: usize,
    /// Most descriptors of messages of all clients, unfinished or at work.
    pub max_unfinished_fds: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_clients: 5000,
            max_queued_clients: 1000,
            max_anonymous_clients: 20,
            max_client_requests: 5,
            max_workers: 20,
            prio_workers: 5,
            min_workers: 5,
            keepalive_interval: Duration::from_secs(5),
            keepalive_count: 5,
            auth_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            message_timeout: Duration::from_secs(30),
            send_timeout: Duration::from_secs(60),
            shutdown_timeout: Duration::from_secs(5),
            max_queued_bytes: 16 << 20,
            max_queued_messages: 16384,
            max_queued_bytes_total: 256 << 20,
            max_streams: 64,
            max_callbacks: 1024,
            max_call_bytes: 64 << 20,
            max_anonymous_message: 300 << 10,
            max_unfinished_bytes: 512 << 20,
            max_unfinished_fds: quarter_of_descriptors(),
        }
    }
}

/// A quarter of the descriptors that the process may have.
fn quarter_of_descriptors() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.and_then(|limit| usize::try_from(limit / 4).ok()).unwrap_or(usize::MAX)
}
