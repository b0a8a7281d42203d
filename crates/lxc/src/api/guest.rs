//! Host name and clock inside.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::calls::{DomainAgentSetResponseTimeout, DomainGetHostname, DomainGetTime, DomainSetTime};
use protocol::consts::{HostnameFlags, SetTimeFlags};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use runtime::guest::{Question, Reply};

use super::{Context, flags, no_flags};
use crate::Lxc;
use crate::guest::{ask, unexpected};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(hostname).on(time).on(set_time).on(agent_set_response_timeout);
}

/// The name that the container has given itself, asked of the kernel.
async fn hostname(cx: Context, call: DomainGetHostname) -> Result<String> {
    let supported = HostnameFlags::LEASE | HostnameFlags::AGENT;
    let flags = flags(call.flags, supported, "lxcDomainGetHostname")?;
    if flags == supported {
        let detail = "flags 'VIR_DOMAIN_GET_HOSTNAME_LEASE' and 'VIR_DOMAIN_GET_HOSTNAME_AGENT' are mutually exclusive";
        return Err(Error::invalid_arg(ErrorDomain::LXC, detail));
    }
    let domain = cx.driver.domains.find(&call.dom)?;
    let run = domain.run()?;
    if flags == HostnameFlags::LEASE {
        return Err(Error::no_hostname(&domain.name));
    }
    match ask(&run, Question::Hostname).await? {
        Reply::Text(name) if name.is_empty() => Err(Error::no_hostname(&domain.name)),
        Reply::Text(name) => Ok(name),
        other => Err(unexpected(&other)),
    }
}

/// The clock of a container is the host's.
async fn time(cx: Context, call: DomainGetTime) -> Result<(i64, u32)> {
    no_flags(call.flags, "lxcDomainGetTime")?;
    cx.driver.domains.find(&call.dom)?.run()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok((i64::try_from(now.as_secs()).unwrap_or(i64::MAX), now.subsec_nanos()))
}

async fn set_time(cx: Context, call: DomainSetTime) -> Result<()> {
    let flags = flags(call.flags, SetTimeFlags::SYNC, "lxcDomainSetTime")?;
    cx.driver.domains.find(&call.dom)?.run()?;
    if flags.contains(SetTimeFlags::SYNC) {
        // It never runs away from the host's.
        return Ok(());
    }
    Err(Error::operation_unsupported(ErrorDomain::LXC, "the clock of a container is the host's"))
}

/// There is no agent to wait for; the value is accepted within libvirt's range.
async fn agent_set_response_timeout(cx: Context, call: DomainAgentSetResponseTimeout) -> Result<i32> {
    no_flags(call.flags, "lxcDomainAgentSetResponseTimeout")?;
    if call.timeout < -2 {
        let detail = format!("guest agent timeout '{}' is less than the minimum '-2'", call.timeout);
        return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    }
    cx.driver.domains.find(&call.dom)?;
    Ok(0)
}
