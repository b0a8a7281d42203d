//! Administration of the daemon: program `ADMIN`, on a socket of its own.

use xdr::List;

use crate::{
    limits::*,
    params::Params,
    types::{AdminClient, AdminServer},
};

calls! { ADMIN, Daemon;
    /// Opens the connection; no flags exist.
    1 ConnectOpen { flags: u32 } -> () [] api("virAdmConnectOpen");
    /// Says goodbye.
    2 ConnectClose {} -> () [] api("virAdmConnectClose");
    /// The version of the API: major * 1000000 + minor * 1000 + release.
    3 ConnectGetLibVersion {} -> u64 [] api("virAdmConnectGetLibVersion");
    /// Servers in the daemon, or with need_results 0 only their number.
    4 ConnectListServers { need_results: u32, flags: u32 } -> (List<AdminServer, SERVER_LIST_MAX>, u32) []
        api("virAdmConnectListServers");
    /// The server with this name.
    5 ConnectLookupServer { name: String, flags: u32 } -> AdminServer [] api("virAdmConnectLookupServer");
    /// Sizes of the pool of workers.
    6 ServerGetThreadpoolParameters {
        srv: AdminServer, flags: u32,
    } -> Params<SERVER_THREADPOOL_PARAMETERS_MAX> [] api("virAdmServerGetThreadPoolParameters");
    /// Sets sizes of the pool of workers.
    7 ServerSetThreadpoolParameters {
        srv: AdminServer, params: Params<SERVER_THREADPOOL_PARAMETERS_MAX>, flags: u32,
    } -> () [] api("virAdmServerSetThreadPoolParameters");
    /// Clients of a server, or with need_results 0 only their number.
    8 ServerListClients {
        srv: AdminServer, need_results: u32, flags: u32,
    } -> (List<AdminClient, CLIENT_LIST_MAX>, u32) [] api("virAdmServerListClients");
    /// The client with this id.
    9 ServerLookupClient { srv: AdminServer, id: u64, flags: u32 } -> AdminClient []
        api("virAdmServerLookupClient");
    /// Who a client is.
    10 ClientGetInfo { clnt: AdminClient, flags: u32 } -> Params<CLIENT_INFO_PARAMETERS_MAX> []
        api("virAdmClientGetInfo");
    /// Disconnects a client.
    11 ClientClose { clnt: AdminClient, flags: u32 } -> () [] api("virAdmClientClose");
    /// Limits on clients, and their present numbers.
    12 ServerGetClientLimits { srv: AdminServer, flags: u32 } -> Params<SERVER_CLIENT_LIMITS_MAX> []
        api("virAdmServerGetClientLimits");
    /// Sets limits on clients.
    13 ServerSetClientLimits {
        srv: AdminServer, params: Params<SERVER_CLIENT_LIMITS_MAX>, flags: u32,
    } -> () [] api("virAdmServerSetClientLimits");
    /// Where the log goes, and to how many places.
    14 ConnectGetLoggingOutputs { flags: u32 } -> (String, u32) [] api("virAdmConnectGetLoggingOutputs");
    /// Filters of the log, and how many there are.
    15 ConnectGetLoggingFilters { flags: u32 } -> (Option<String>, u32) []
        api("virAdmConnectGetLoggingFilters");
    /// Sets where the log goes.
    16 ConnectSetLoggingOutputs { outputs: Option<String>, flags: u32 } -> () []
        api("virAdmConnectSetLoggingOutputs");
    /// Sets the filters of the log.
    17 ConnectSetLoggingFilters { filters: Option<String>, flags: u32 } -> () []
        api("virAdmConnectSetLoggingFilters");
    /// Reads TLS certificates and keys anew.
    18 ServerUpdateTlsFiles { srv: AdminServer, flags: u32 } -> () [] api("virAdmServerUpdateTlsFiles");
    /// Sets after how many idle seconds the daemon exits.
    19 ConnectSetDaemonTimeout { timeout: u32, flags: u32 } -> () [] api("virAdmConnectSetDaemonTimeout");
    /// Asks the daemon to exit.
    20 ConnectDaemonShutdown { flags: u32 } -> () [] api("virAdmConnectDaemonShutdown");
}
