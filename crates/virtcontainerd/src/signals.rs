//! Signals that the daemon listens to.

use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, SIGINT and SIGQUIT stop the daemon, SIGHUP has it read its settings and definitions anew.
pub(crate) struct Signals {
    term: Signal,
    int: Signal,
    quit: Signal,
    hangup: Signal,
}

/// What a signal asks for.
pub(crate) enum Request {
    /// To exit; the name of the signal.
    Stop(&'static str),
    /// To read settings and definitions anew.
    Reload,
}

impl Signals {
    pub(crate) fn new() -> Result<Self> {
        let listen = |kind| signal(kind).context("signals");
        Ok(Self {
            term: listen(SignalKind::terminate())?,
            int: listen(SignalKind::interrupt())?,
            quit: listen(SignalKind::quit())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    pub(crate) async fn recv(&mut self) -> Request {
        tokio::select! {
            _ = self.term.recv() => Request::Stop("SIGTERM"),
            _ = self.int.recv() => Request::Stop("SIGINT"),
            _ = self.quit.recv() => Request::Stop("SIGQUIT"),
            _ = self.hangup.recv() => Request::Reload,
        }
    }
}
