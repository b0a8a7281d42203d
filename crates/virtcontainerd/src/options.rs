//! The command line: libvirt's options of its daemons.

use std::path::PathBuf;

use clap::Parser;

/// Serves Linux containers to libvirt's clients.
#[derive(Debug, Parser)]
#[command(name = "virtcontainerd", version, disable_version_flag = true)]
pub(crate) struct Options {
    /// Logs what happens, not only what is wrong (log_level 2).
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Runs in the background; returns when the daemon serves.
    #[arg(short, long)]
    pub(crate) daemon: bool,

    /// Descriptor of the process that waits for the daemon in the background.
    #[arg(long, hide = true, value_name = "FD")]
    pub(crate) ready_fd: Option<i32>,

    /// Exits after this many seconds without a client and a running domain; 0 is never.
    #[arg(short, long, value_name = "SECS", default_value_t = 0)]
    pub(crate) timeout: u64,

    /// File that holds the pid, and is locked so that no second daemon serves the same domains.
    #[arg(short, long, value_name = "FILE", default_value = "/run/virtcontainerd.pid")]
    pub(crate) pid_file: PathBuf,

    /// Settings of the daemon; without this option /etc/libvirt/virtcontainerd.conf, if it is there.
    #[arg(short = 'f', long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Settings of the driver.
    #[arg(long, value_name = "FILE", default_value = "/etc/libvirt/lxc.conf")]
    pub(crate) driver_config: PathBuf,

    /// The program that runs a container; looked for beside the daemon and in ../libexec.
    #[arg(long, value_name = "FILE")]
    pub(crate) monitor: Option<PathBuf>,

    /// Prints the version.
    #[arg(short = 'V', long, action = clap::ArgAction::Version)]
    version: Option<bool>,
}
