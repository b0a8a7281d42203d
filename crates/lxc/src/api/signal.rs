//! Signals to processes of the container.

use protocol::calls::DomainSendProcessSignal;
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use runtime::control::Request;
use runtime::guest::{Question, Reply};

use super::{Context, no_flags};
use crate::Lxc;
use crate::error::of_request;
use crate::guest::{ask, unexpected};

/// Highest signal number of Linux (signal(7)). libvirt's numbers are the kernel's: its first real-time signal
/// is 32.
const LAST_SIGNAL: u32 = 64;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(send_process_signal);
}

/// To a process by its pid inside, or with a negative pid to a process group.
async fn send_process_signal(cx: Context, call: DomainSendProcessSignal) -> Result<()> {
    no_flags(call.flags, "lxcDomainSendProcessSignal")?;
    let number = i32::try_from(call.signum).ok().filter(|_| call.signum <= LAST_SIGNAL);
    let signal = number.ok_or_else(|| {
        let detail = format!("signum value {} is out of range", call.signum);
        Error::invalid_arg(ErrorDomain::LXC, &detail)
    })?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    // 0 and -1 would mean the sender's own group, and everybody.
    let pid = i32::try_from(call.pid_value).ok().filter(|pid| !matches!(*pid, 0 | -1 | i32::MIN));
    let pid = pid.ok_or_else(|| {
        let detail = format!("{} names no process", call.pid_value);
        Error::invalid_arg(ErrorDomain::LXC, &detail)
    })?;
    if pid == 1 {
        run.monitor.request(Request::Signal { signal }).await.map_err(|failure| of_request(&failure))?;
        return Ok(());
    }
    match ask(&run, Question::Signal { pid, signal }).await? {
        Reply::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}
