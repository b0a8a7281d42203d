//! The connection.

use protocol::calls::ConnectGetUri;
use protocol::{Error, ErrorDomain, Result};
use rpc::{Client, Router};

use super::Context;
use crate::Lxc;

/// The URI of a client that named none.
const DEFAULT_URI: &str = "lxc:///system";

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(uri);
}

async fn uri(cx: Context, _: ConnectGetUri) -> Result<String> {
    let name = cx.client.name().unwrap_or_default();
    Ok(if name.is_empty() { DEFAULT_URI } else { name }.to_owned())
}

/// Whether this daemon serves the URI that a client opens: `lxc` or `container`, system only, or none at all.
///
/// # Errors
/// INTERNAL_ERROR with libvirt's text for another path, NO_CONNECT for another scheme.
pub fn check_uri(_client: &Client, name: &str) -> Result<()> {
    if name.is_empty() {
        return Ok(());
    }
    let (scheme, rest) = name.split_once(':').unwrap_or((name, ""));
    if !matches!(scheme, "lxc" | "container") {
        return Err(Error::no_connect(name));
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let path = match rest.strip_prefix("//") {
        Some(authority) => authority.find('/').map_or("", |start| &authority[start..]),
        None => rest,
    };
    if matches!(path, "" | "/" | "/system") {
        return Ok(());
    }
    let detail = format!("Unexpected LXC URI path '{path}', try lxc:///system");
    Err(Error::internal(ErrorDomain::LXC, &detail))
}
