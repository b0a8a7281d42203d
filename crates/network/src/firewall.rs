//! Firewall rules by nft(8).

mod script;

use std::io::{self, Read, Write};
use std::process::Stdio;

use conf::network::NetworkDef;
use kernel::command::Command;
use protocol::{Error, ErrorCode, ErrorDomain, Result};

use crate::define::blocking;
use crate::error::of_document;

pub(crate) use script::check_name;

/// Puts the rules of a network in force, in place of those that it had.
pub(crate) async fn apply(def: &NetworkDef) -> Result<()> {
    let forwards = def.port_forwards().map_err(|error| of_document(&error))?;
    match script::rules(def, &forwards) {
        Some(script) => run(script).await,
        None => Ok(()),
    }
}

/// Removes the rules of the network with this bridge.
pub(crate) async fn remove(bridge: &str) -> Result<()> {
    run(script::removal(bridge)).await
}

/// Has nft carry out a script: all of it, or nothing.
pub(crate) async fn run(script: String) -> Result<()> {
    blocking(move || {
        run_blocking(&script).map_err(|error| {
            let detail = format!("Failed to apply firewall rules: {error}");
            Error::new(ErrorCode::INTERNAL_ERROR, ErrorDomain::FIREWALL, &detail)
        })
    })
    .await
}

fn run_blocking(script: &str) -> io::Result<()> {
    let mut command = Command::new("nft");
    command.args(["-f", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| io::Error::new(error.kind(), format!("nft: {error}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        // It may refuse before it has read everything, and then says why.
        let _ = stdin.write_all(script.as_bytes());
    }
    let mut text = String::new();
    if let Some(stderr) = child.stderr.take() {
        stderr.take(16 * 1024).read_to_string(&mut text)?;
    }
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    tracing::debug!(script, "refused by nft");
    Err(io::Error::other(format!("nft: {} ({status})", text.trim())))
}
