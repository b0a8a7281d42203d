//! Calls about the daemon as a whole: version, log, idle time, end.

use std::time::Duration;

use host::LIB_VERSION;
use protocol::calls::admin::{
    ConnectDaemonShutdown, ConnectGetLibVersion, ConnectGetLoggingFilters, ConnectGetLoggingOutputs,
    ConnectSetDaemonTimeout, ConnectSetLoggingFilters, ConnectSetLoggingOutputs,
};
use protocol::{Error, ErrorDomain, Result};
use rpc::{Context, Router};

use super::{Admin, allowed_flags, no_flags};

/// `VIR_DAEMON_SHUTDOWN_PRESERVE`: running domains are to survive, as they always do here.
const SHUTDOWN_PRESERVE: u32 = 1;

pub(super) fn routes(router: &mut Router<Admin>) {
    router
        .on(lib_version)
        .on(logging_outputs)
        .on(logging_filters)
        .on(set_logging_outputs)
        .on(set_logging_filters)
        .on(set_daemon_timeout)
        .on(daemon_shutdown);
}

async fn lib_version(_: Context<Admin>, _: ConnectGetLibVersion) -> Result<u64> {
    Ok(LIB_VERSION)
}

async fn logging_outputs(cx: Context<Admin>, call: ConnectGetLoggingOutputs) -> Result<(String, u32)> {
    no_flags(call.flags, "virLogGetOutputs")?;
    let outputs = cx.driver.logger.outputs();
    Ok((outputs.to_string(), number(outputs.len())))
}

async fn logging_filters(
    cx: Context<Admin>,
    call: ConnectGetLoggingFilters,
) -> Result<(Option<String>, u32)> {
    no_flags(call.flags, "virLogGetFilters")?;
    let filters = cx.driver.logger.filters();
    Ok(((filters.len() > 0).then(|| filters.to_string()), number(filters.len())))
}

async fn set_logging_outputs(cx: Context<Admin>, call: ConnectSetLoggingOutputs) -> Result<()> {
    no_flags(call.flags, "virLogSetOutputs")?;
    let outputs = call.outputs.unwrap_or_default().parse().map_err(|reason: String| unusable(&reason))?;
    cx.driver.logger.set_outputs(outputs).map_err(|error| {
        let errno = error.raw_os_error().unwrap_or(0);
        if errno != 0 { Error::system(ErrorDomain::NONE, errno, "log") } else { unusable(&error.to_string()) }
    })
}

async fn set_logging_filters(cx: Context<Admin>, call: ConnectSetLoggingFilters) -> Result<()> {
    no_flags(call.flags, "virLogSetFilters")?;
    let filters = call.filters.unwrap_or_default().parse().map_err(|reason: String| unusable(&reason))?;
    cx.driver.logger.set_filters(filters).map_err(|error| unusable(&error.to_string()))
}

async fn set_daemon_timeout(cx: Context<Admin>, call: ConnectSetDaemonTimeout) -> Result<()> {
    no_flags(call.flags, "adminConnectSetDaemonTimeout")?;
    let timeout = Duration::from_secs(call.timeout.into());
    cx.driver.timeout.send_replace(timeout.as_secs());
    Ok(())
}

async fn daemon_shutdown(cx: Context<Admin>, call: ConnectDaemonShutdown) -> Result<()> {
    allowed_flags(call.flags, SHUTDOWN_PRESERVE, "adminConnectDaemonShutdown")?;
    tracing::info!("an administrator asks the daemon to exit");
    cx.driver.shutdown.notify_one();
    Ok(())
}

fn unusable(reason: &str) -> Error {
    Error::invalid_arg(ErrorDomain::NONE, reason)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
