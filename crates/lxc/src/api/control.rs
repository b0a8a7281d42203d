//! The process that controls a container, and what there is to say about how the container is set up.

use std::time::{Duration, Instant};

use protocol::Result;
use protocol::calls::{DomainGetControlInfo, DomainGetMessages};
use protocol::consts::{ControlState, MessageTypes};
use protocol::limits::DOMAIN_MESSAGES_MAX;
use protocol::types::{ControlInfo, Names};
use rpc::Router;
use runtime::control::Request;

use super::{Context, flags, no_flags};
use crate::Lxc;

/// A monitor that has not answered by then is at something else.
const PROMPT: Duration = Duration::from_secs(1);

/// Why there is an error: the monitor (`VIR_DOMAIN_CONTROL_ERROR_REASON_MONITOR`).
const REASON_MONITOR: u32 = 2;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(control_info).on(messages);
}

/// Asks the monitor for a sign of life.
async fn control_info(cx: Context, call: DomainGetControlInfo) -> Result<ControlInfo> {
    no_flags(call.flags, "lxcDomainGetControlInfo")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let begun = Instant::now();
    let answer = tokio::time::timeout(PROMPT, run.monitor.request(Request::Query)).await;
    let (state, details) = match answer {
        Ok(Ok(_)) => (ControlState::OK, 0),
        Ok(Err(_)) => (ControlState::ERROR, REASON_MONITOR),
        Err(_) => (ControlState::OCCUPIED, 0),
    };
    let since = if state == ControlState::OK { Duration::ZERO } else { begun.elapsed() };
    let state_time = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    Ok(ControlInfo { state: state.0, details, stateTime: state_time })
}

/// What weakens the walls around a running container, as the kernel shows it.
async fn messages(cx: Context, call: DomainGetMessages) -> Result<Names<DOMAIN_MESSAGES_MAX>> {
    let known = MessageTypes::DEPRECATION | MessageTypes::TAINTING | MessageTypes::IOERRORS;
    let types = flags(call.flags, known, "lxcDomainGetMessages")?;
    let run = cx.driver.domains.find(&call.dom)?.read().run.clone();
    let mut messages = Vec::new();
    if let Some(run) = run
        && (types.is_empty() || types.contains(MessageTypes::TAINTING))
    {
        let init = run.container.init_pid;
        if shares_namespace(init, "user") {
            messages.push("tainted: running with undesirable elevated privileges".to_owned());
        }
        for (kind, what) in [("net", "network"), ("ipc", "interprocess communication"), ("uts", "host name")]
        {
            if shares_namespace(init, kind) {
                messages.push(format!("tainted: shares the host's {what}"));
            }
        }
    }
    Ok(messages.into())
}

/// Whether init has the same namespace as this daemon. One that has ended shares nothing.
fn shares_namespace(init: i32, kind: &str) -> bool {
    let of = |process: &str| std::fs::read_link(format!("/proc/{process}/ns/{kind}")).ok();
    let (own, inside) = (of("self"), of(&init.to_string()));
    own.is_some() && own == inside
}
