//! Keys, typed on the first console.

mod codes;
mod layout;

use protocol::calls::{DomainInjectNmi, DomainSendKey};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use runtime::control::Request;

use super::{Context, no_flags};
use crate::Lxc;
use crate::error::of_request;

/// What ctrl-alt-del of a keyboard is to init (reboot(2), `LINUX_REBOOT_CMD_CAD_OFF`).
const SIGINT: i32 = 2;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(send_key).on(inject_nmi);
}

/// Keys of one call are down at the same time: what ctrl, alt and shift make of the others is typed.
async fn send_key(cx: Context, call: DomainSendKey) -> Result<()> {
    no_flags(call.flags, "lxcDomainSendKey")?;
    let keys = call.keycodes.iter().map(|code| codes::linux(call.codeset, *code));
    let keys = keys.collect::<Result<Vec<u16>>>()?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let request = match layout::chord(&keys) {
        layout::Chord::CtrlAltDel => Request::Signal { signal: SIGINT },
        layout::Chord::Text(bytes) => Request::Type { index: 0, bytes },
    };
    run.monitor.request(request).await.map_err(|failure| of_request(&failure))?;
    Ok(())
}

async fn inject_nmi(cx: Context, call: DomainInjectNmi) -> Result<()> {
    no_flags(call.flags, "lxcDomainInjectNMI")?;
    cx.driver.domains.find(&call.dom)?.run()?;
    Err(Error::operation_unsupported(
        ErrorDomain::LXC,
        "a container has no processor of its own to interrupt",
    ))
}
