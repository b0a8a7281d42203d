//! `virtcontainerd`: serves Linux containers to libvirt's clients.
//!
//! The launcher of monitors is started first, while this process is small and has one thread; then tokio, the
//! driver, and the sockets. Containers do not depend on the daemon: it may stop, crash or be upgraded while they
//! run, and finds them again.

mod admin;
mod config;
mod daemon;
mod detach;
#[cfg(test)]
mod documents;
mod idle;
mod launcher;
mod log;
mod networks;
mod options;
mod pidfile;
mod signals;
mod sockets;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use detach::Detached;
use log::Logger;
use options::Options;

fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => {
            // Help and version are "errors" of status 0.
            let _ = error.print();
            return if error.exit_code() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    };
    match start(&options) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(options: &Options) -> anyhow::Result<ExitCode> {
    // Before anything else is opened.
    let passed = sockets::passed();
    let logger = Logger::start()?;
    if options.daemon && options.ready_fd.is_none() {
        return detach::launch();
    }
    let detached = options.ready_fd.map(Detached::enter).transpose()?;
    daemon::run(options, Arc::new(logger), detached, passed?)?;
    Ok(ExitCode::SUCCESS)
}
