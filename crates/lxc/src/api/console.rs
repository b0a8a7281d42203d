//! Consoles and namespaces: what hands out descriptors.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;

use conf::domain::DomainDef;
use protocol::calls::DomainOpenConsole;
use protocol::calls::lxc::DomainOpenNamespace;
use protocol::consts::ConsoleFlags;
use protocol::{Error, ErrorDomain, Result};
use rpc::{Router, StreamIo};
use runtime::control::{Failure, Request};
use rustix::io::Errno;
use tokio::net::UnixStream;

use super::{Context, flags, no_flags};
use crate::Lxc;
use crate::error::{internal, of_request};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on_stream(open_console).on_fds(open_namespace);
}

async fn open_console(cx: Context, call: DomainOpenConsole) -> Result<((), StreamIo)> {
    // SAFE asks for exclusive use, which every session has here.
    let supported = ConsoleFlags::FORCE | ConsoleFlags::SAFE;
    let flags = flags(call.flags, supported, "lxcDomainOpenConsole")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let index = console_index(&run.def, call.dev_name.as_deref())?;
    let force = flags.contains(ConsoleFlags::FORCE);
    let answer = run.monitor.request(Request::OpenConsole { index, force }).await;
    let (_, fds) = answer.map_err(|failure| refused(&failure))?;
    let socket = fds.into_iter().next().ok_or_else(|| internal("the monitor sent no console"))?;
    stream(socket).map(|io| ((), io)).map_err(|error| internal(&format!("console: {error}")))
}

/// Somebody is attached and `force` was not given, or the monitor's own reason.
fn refused(failure: &Failure) -> Error {
    if failure.errno == Errno::BUSY.raw_os_error() {
        return Error::operation_failed(ErrorDomain::LXC, "Active console session exists for this domain");
    }
    of_request(failure)
}

fn stream(socket: OwnedFd) -> std::io::Result<StreamIo> {
    let socket = StdUnixStream::from(socket);
    socket.set_nonblocking(true)?;
    Ok(StreamIo::from_socket(UnixStream::from_std(socket)?))
}

/// The console with this alias or host terminal; the first without either.
fn console_index(def: &DomainDef, name: Option<&str>) -> Result<u32> {
    let Some(name) = name else { return Ok(0) };
    let found = def.devices.consoles().position(|console| {
        console.info.alias.as_deref() == Some(name) || console.source.path.as_deref() == Some(name)
    });
    match found.map(u32::try_from) {
        Some(Ok(index)) => Ok(index),
        _ => Err(internal(&format!("cannot find character device {name}"))),
    }
}

async fn open_namespace(cx: Context, call: DomainOpenNamespace) -> Result<((), Vec<OwnedFd>)> {
    no_flags(call.flags, "lxcDomainLxcOpenNamespace")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let answer = run.monitor.request(Request::OpenNamespaces).await;
    let (_, fds) = answer.map_err(|failure| of_request(&failure))?;
    Ok(((), fds))
}
