//! Signals to processes of the container.

use protocol::calls::DomainSendProcessSignal;
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use runtime::control::Request;

use super::{Context, no_flags};
use crate::Lxc;
use crate::error::of_request;

/// Highest signal number of Linux (signal(7)). libvirt's numbers are the kernel's: its first real-time signal
/// is 32.
const LAST_SIGNAL: u32 = 64;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(send_process_signal);
}

async fn send_process_signal(cx: Context, call: DomainSendProcessSignal) -> Result<()> {
    no_flags(call.flags, "lxcDomainSendProcessSignal")?;
    let number = i32::try_from(call.signum).ok().filter(|_| call.signum <= LAST_SIGNAL);
    let signal = number.ok_or_else(|| {
        let detail = format!("signum value {} is out of range", call.signum);
        Error::invalid_arg(ErrorDomain::LXC, &detail)
    })?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    if call.pid_value != 1 {
        return Err(Error::argument_unsupported(ErrorDomain::LXC, "Only the init process may be killed"));
    }
    run.monitor.request(Request::Signal { signal }).await.map_err(|failure| of_request(&failure))?;
    Ok(())
}
