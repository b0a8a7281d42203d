//! The kernel's settings for forwarding and for bridges (ip-sysctl in the kernel's documentation).

use std::io;
use std::path::{Path, PathBuf};

use protocol::{Error, ErrorDomain, Result};

use crate::error::internal;

/// Lets the host forward packets, as far as the network has addresses of the family.
pub(crate) fn enable_forwarding(sysctl: &Path, v4: bool, v6: bool) -> Result<()> {
    let settings = [(v4, "net/ipv4/ip_forward"), (v6, "net/ipv6/conf/all/forwarding")];
    for (_, path) in settings.into_iter().filter(|(wanted, _)| *wanted) {
        let path = sysctl.join(path);
        if is(&path, "1") {
            continue;
        }
        set(&path, "1").map_err(|error| {
            let what = format!("failed to enable IP forwarding: {}", path.display());
            Error::system(ErrorDomain::NETWORK, error.raw_os_error().unwrap_or(0), &what)
        })?;
    }
    Ok(())
}

/// Turning IPv6 forwarding on makes the kernel drop the routes that it learned from routers: the host would lose its
/// own connection. `learned` are the interfaces with such routes.
pub(crate) fn check_v6_forwarding(sysctl: &Path, learned: &[String]) -> Result<()> {
    if is(&sysctl.join("net/ipv6/conf/all/forwarding"), "1") {
        return Ok(());
    }
    let loses = |name: &&String| !is(&of_interface(sysctl, name, "accept_ra"), "2");
    match learned.iter().find(loses) {
        None => Ok(()),
        Some(name) => Err(internal(&format!(
            "Check the host setup: interface {name} has kernel autoconfigured IPv6 routes and enabling forwarding  \
             without accept_ra set to 2 will cause the kernel to flush them, breaking networking."
        ))),
    }
}

/// A bridge without an IPv6 address keeps out of it; one with an address takes none from anybody.
pub(crate) fn set_up_bridge(sysctl: &Path, bridge: &str, v6: bool) -> Result<()> {
    let settings: &[(&str, &str)] = if v6 {
        &[("disable_ipv6", "0"), ("accept_ra", "0"), ("autoconf", "0")]
    } else {
        &[("disable_ipv6", "1")]
    };
    for (name, value) in settings {
        let path = of_interface(sysctl, bridge, name);
        match set(&path, value) {
            Ok(()) => {}
            // A kernel without IPv6 has nothing to be turned off.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !v6 => {}
            Err(error) => {
                let what = format!("cannot write to '{}' on bridge '{bridge}'", path.display());
                return Err(Error::system(ErrorDomain::NETWORK, error.raw_os_error().unwrap_or(0), &what));
            }
        }
    }
    Ok(())
}

fn of_interface(sysctl: &Path, interface: &str, name: &str) -> PathBuf {
    sysctl.join("net/ipv6/conf").join(interface).join(name)
}

fn is(path: &Path, value: &str) -> bool {
    kernel::fd::read_to_string(path).is_ok_and(|text| text.trim() == value)
}

fn set(path: &Path, value: &str) -> io::Result<()> {
    Ok(kernel::fd::write_existing(path, value)?)
}
