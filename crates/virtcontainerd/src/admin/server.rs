//! Calls about the servers of the daemon: limits on clients and on calls.

use std::sync::Arc;

use protocol::calls::admin::{
    ConnectListServers, ConnectLookupServer, ServerGetClientLimits, ServerGetThreadpoolParameters,
    ServerSetClientLimits, ServerSetThreadpoolParameters, ServerUpdateTlsFiles,
};
use protocol::consts::param::{
    SERVER_CLIENTS_CURRENT, SERVER_CLIENTS_MAX, SERVER_CLIENTS_UNAUTH_CURRENT, SERVER_CLIENTS_UNAUTH_MAX,
    THREADPOOL_JOB_QUEUE_DEPTH, THREADPOOL_WORKERS_CURRENT, THREADPOOL_WORKERS_FREE, THREADPOOL_WORKERS_MAX,
    THREADPOOL_WORKERS_MIN, THREADPOOL_WORKERS_PRIORITY,
};
use protocol::limits::{SERVER_CLIENT_LIMITS_MAX, SERVER_LIST_MAX, SERVER_THREADPOOL_PARAMETERS_MAX};
use protocol::params::{ParamValue, Params, TypedParam};
use protocol::types::AdminServer;
use protocol::{Error, ErrorDomain, Result};
use rpc::{Context, Limits, Router, Server};
use xdr::List;

use super::{Admin, no_flags};

pub(super) fn routes(router: &mut Router<Admin>) {
    router
        .on(list_servers)
        .on(lookup_server)
        .on(threadpool_parameters)
        .on(set_threadpool_parameters)
        .on(client_limits)
        .on(set_client_limits)
        .on(update_tls_files);
}

async fn list_servers(
    cx: Context<Admin>,
    call: ConnectListServers,
) -> Result<(List<AdminServer, SERVER_LIST_MAX>, u32)> {
    no_flags(call.flags, "adminConnectListServers")?;
    let servers = cx.driver.servers();
    let count = u32::try_from(servers.len()).unwrap_or(u32::MAX);
    let named = |server: &Arc<Server>| AdminServer { name: server.name().to_owned() };
    let list = if call.need_results == 0 { Vec::new() } else { servers.iter().map(named).collect() };
    Ok((List(list), count))
}

async fn lookup_server(cx: Context<Admin>, call: ConnectLookupServer) -> Result<AdminServer> {
    no_flags(call.flags, "adminConnectLookupServer")?;
    let server = AdminServer { name: call.name };
    cx.driver.server(&server)?;
    Ok(server)
}

async fn threadpool_parameters(
    cx: Context<Admin>,
    call: ServerGetThreadpoolParameters,
) -> Result<Params<SERVER_THREADPOOL_PARAMETERS_MAX>> {
    no_flags(call.flags, "adminServerGetThreadPoolParameters")?;
    let server = cx.driver.server(&call.srv)?;
    let (limits, load) = (server.limits(), server.load());
    let workers = load.running.max(limits.min_workers);
    Ok(List(vec![
        param(THREADPOOL_WORKERS_MIN, limits.min_workers),
        param(THREADPOOL_WORKERS_MAX, limits.max_workers),
        param(THREADPOOL_WORKERS_CURRENT, workers),
        param(THREADPOOL_WORKERS_FREE, workers - load.running),
        param(THREADPOOL_WORKERS_PRIORITY, limits.prio_workers),
        param(THREADPOOL_JOB_QUEUE_DEPTH, load.waiting),
    ]))
}

async fn set_threadpool_parameters(cx: Context<Admin>, call: ServerSetThreadpoolParameters) -> Result<()> {
    no_flags(call.flags, "adminServerSetThreadPoolParameters")?;
    let server = cx.driver.server(&call.srv)?;
    let mut limits = Limits::clone(&server.limits());
    for param in &call.params.0 {
        let settable = match param.field.as_str() {
            THREADPOOL_WORKERS_MIN => &mut limits.min_workers,
            THREADPOOL_WORKERS_MAX => &mut limits.max_workers,
            THREADPOOL_WORKERS_PRIORITY => &mut limits.prio_workers,
            _ => return Err(unsettable(param)),
        };
        *settable = value(param)?;
    }
    if limits.min_workers > limits.max_workers {
        return Err(Error::invalid_arg(ErrorDomain::NONE, "minWorkers cannot be larger than maxWorkers"));
    }
    if limits.max_workers == 0 {
        return Err(Error::invalid_arg(ErrorDomain::NONE, "maxWorkers must be greater than 0"));
    }
    server.set_limits(limits);
    Ok(())
}

async fn client_limits(
    cx: Context<Admin>,
    call: ServerGetClientLimits,
) -> Result<Params<SERVER_CLIENT_LIMITS_MAX>> {
    no_flags(call.flags, "adminServerGetClientLimits")?;
    let server = cx.driver.server(&call.srv)?;
    let limits = server.limits();
    Ok(List(vec![
        param(SERVER_CLIENTS_MAX, limits.max_clients),
        param(SERVER_CLIENTS_CURRENT, server.client_count()),
        param(SERVER_CLIENTS_UNAUTH_MAX, limits.max_anonymous_clients),
        param(SERVER_CLIENTS_UNAUTH_CURRENT, server.anonymous_count()),
    ]))
}

async fn set_client_limits(cx: Context<Admin>, call: ServerSetClientLimits) -> Result<()> {
    no_flags(call.flags, "adminServerSetClientLimits")?;
    let server = cx.driver.server(&call.srv)?;
    let mut limits = Limits::clone(&server.limits());
    for param in &call.params.0 {
        let settable = match param.field.as_str() {
            SERVER_CLIENTS_MAX => &mut limits.max_clients,
            SERVER_CLIENTS_UNAUTH_MAX => &mut limits.max_anonymous_clients,
            _ => return Err(unsettable(param)),
        };
        *settable = value(param)?;
    }
    if limits.max_clients < limits.max_anonymous_clients {
        return Err(Error::invalid_arg(
            ErrorDomain::RPC,
            "The overall maximum number of clients waiting for authentication must not be less than the overall maximum \
             number of clients",
        ));
    }
    server.set_limits(limits);
    Ok(())
}

async fn update_tls_files(cx: Context<Admin>, call: ServerUpdateTlsFiles) -> Result<()> {
    no_flags(call.flags, "adminServerUpdateTlsFiles")?;
    cx.driver.server(&call.srv)?;
    cx.driver.update_tls().unwrap_or_else(|| {
        Err(Error::internal(ErrorDomain::RPC, "no tls service found, unable to update tls files"))
    })
}

fn param(name: &str, number: usize) -> TypedParam {
    TypedParam::new(name, u32::try_from(number).unwrap_or(u32::MAX))
}

fn value(param: &TypedParam) -> Result<usize> {
    match param.value {
        ParamValue::UInt(number) => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
        _ => {
            let detail =
                format!("invalid type '{}' for parameter '{}', expected 'uint'", kind(param), param.field);
            Err(Error::invalid_arg(ErrorDomain::NONE, &detail))
        }
    }
}

const fn kind(param: &TypedParam) -> &'static str {
    match param.value {
        ParamValue::Int(_) => "int",
        ParamValue::UInt(_) => "uint",
        ParamValue::LLong(_) => "llong",
        ParamValue::ULLong(_) => "ullong",
        ParamValue::Double(_) => "double",
        ParamValue::Boolean(_) => "boolean",
        ParamValue::String(_) => "string",
    }
}

fn unsettable(param: &TypedParam) -> Error {
    Error::argument_unsupported(ErrorDomain::NONE, &format!("parameter '{}' not supported", param.field))
}
