//! `virtcontainerd`: serves Linux containers to libvirt's clients.
//!
//! The launcher of monitors is started first, while this process is small and has one thread; then tokio, the
//! driver, and the sockets. Containers do not depend on the daemon: it may stop, crash or be upgraded while they
//! run, and finds them again.

mod config;
mod daemon;
#[cfg(test)]
mod documents;
mod launcher;
mod networks;
mod options;
mod pidfile;
mod sockets;

use std::process::ExitCode;

use clap::Parser;

use options::Options;
use runtime::escape::Lines;

fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => {
            // Help and version are "errors" of status 0.
            let _ = error.print();
            return if error.exit_code() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    };
    let level = if options.verbose { tracing::Level::DEBUG } else { tracing::Level::INFO };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_writer(|| Lines(std::io::stderr()))
        .init();
    match daemon::run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
