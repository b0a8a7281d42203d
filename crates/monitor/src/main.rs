//! `virtcontainer-monitor`: the process that runs one container, and the launcher that starts such processes.
//!
//! With `--launcher` it is the launcher, which has the daemon's socket as descriptor 3. Otherwise it is a monitor,
//! started by a launcher as `libvirt_lxc --name NAME`, with the plan as descriptor 3 and its first control
//! connection as descriptor 4.
//!
//! **Architecture Invariant:** one thread, one poll loop, no tokio, no XML.

mod connection;
mod console;
mod devices;
mod ending;
mod event;
mod exit;
mod files;
mod freeze;
mod guest;
mod images;
mod launcher;
mod log;
mod mirror;
mod monitor;
mod programs;
mod requests;
mod ring;
mod signals;
mod stopping;
mod supervisor;

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|arg| arg == "--launcher") {
        launcher::run()
    } else {
        monitor::run()
    }
}
