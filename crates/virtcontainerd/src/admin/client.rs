//! Calls about the clients of a server.

use std::time::UNIX_EPOCH;

use nix::unistd::{Gid, Group, Uid, User};
use protocol::calls::admin::{ClientClose, ClientGetInfo, ServerListClients, ServerLookupClient};
use protocol::consts::param::{
    CLIENT_INFO_READONLY, CLIENT_INFO_SASL_USER_NAME, CLIENT_INFO_SELINUX_CONTEXT, CLIENT_INFO_SOCKET_ADDR,
    CLIENT_INFO_UNIX_GROUP_ID, CLIENT_INFO_UNIX_GROUP_NAME, CLIENT_INFO_UNIX_PROCESS_ID,
    CLIENT_INFO_UNIX_USER_ID, CLIENT_INFO_UNIX_USER_NAME, CLIENT_INFO_X509_DISTINGUISHED_NAME,
};
use protocol::limits::{CLIENT_INFO_PARAMETERS_MAX, CLIENT_LIST_MAX};
use protocol::params::{Params, TypedParam};
use protocol::types::{AdminClient, AdminServer};
use protocol::{Error, ErrorDomain, Result};
use rpc::{Client, Context, Router, Transport};
use xdr::List;

use super::{Admin, no_flags};

pub(super) fn routes(router: &mut Router<Admin>) {
    router.on(list_clients).on(lookup_client).on(client_info).on(client_close);
}

async fn list_clients(
    cx: Context<Admin>,
    call: ServerListClients,
) -> Result<(List<AdminClient, CLIENT_LIST_MAX>, u32)> {
    no_flags(call.flags, "adminServerListClients")?;
    let clients = cx.driver.server(&call.srv)?.connected_clients();
    let count = u32::try_from(clients.len()).unwrap_or(u32::MAX);
    let mut list = Vec::new();
    if call.need_results != 0 {
        list.extend(clients.iter().map(|client| on_wire(&call.srv, client)));
    }
    Ok((List(list), count))
}

async fn lookup_client(cx: Context<Admin>, call: ServerLookupClient) -> Result<AdminClient> {
    no_flags(call.flags, "adminServerLookupClient")?;
    let clients = cx.driver.server(&call.srv)?.connected_clients();
    let found = clients.iter().find(|client| client.id() == call.id);
    found.map(|client| on_wire(&call.srv, client)).ok_or_else(|| Error::no_client(call.id))
}

async fn client_info(cx: Context<Admin>, call: ClientGetInfo) -> Result<Params<CLIENT_INFO_PARAMETERS_MAX>> {
    no_flags(call.flags, "adminClientGetInfo")?;
    let client = cx.driver.client(&call.clnt)?;
    let identity = client.identity();
    let mut info = vec![TypedParam::new(CLIENT_INFO_READONLY, client.is_read_only())];
    if let Some(process) = &identity.process {
        let (user, group) = names(process.uid, process.gid).await?;
        let int = |number: u32| i32::try_from(number).unwrap_or(-1);
        info.extend([
            TypedParam::new(CLIENT_INFO_UNIX_USER_ID, int(process.uid)),
            TypedParam::new(CLIENT_INFO_UNIX_USER_NAME, user),
            TypedParam::new(CLIENT_INFO_UNIX_GROUP_ID, int(process.gid)),
            TypedParam::new(CLIENT_INFO_UNIX_GROUP_NAME, group),
            TypedParam::new(CLIENT_INFO_UNIX_PROCESS_ID, process.pid),
        ]);
    }
    let texts = [
        (CLIENT_INFO_SOCKET_ADDR, identity.address.map(|address| address.to_string())),
        (CLIENT_INFO_SASL_USER_NAME, identity.sasl_user_name.clone()),
        (CLIENT_INFO_X509_DISTINGUISHED_NAME, identity.x509_dname.clone()),
        (CLIENT_INFO_SELINUX_CONTEXT, identity.selinux_context.clone()),
    ];
    info.extend(texts.into_iter().filter_map(|(name, text)| Some(TypedParam::new(name, text?))));
    Ok(List(info))
}

async fn client_close(cx: Context<Admin>, call: ClientClose) -> Result<()> {
    no_flags(call.flags, "adminClientClose")?;
    let client = cx.driver.client(&call.clnt)?;
    tracing::info!(client = client.id(), "disconnected by an administrator");
    client.close();
    Ok(())
}

fn on_wire(server: &AdminServer, client: &Client) -> AdminClient {
    let since = client.connected().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    AdminClient {
        srv: server.clone(),
        id: client.id(),
        timestamp: i64::try_from(since).unwrap_or(i64::MAX),
        // `virClientTransport`.
        transport: match client.transport() {
            Transport::Unix => 0,
            Transport::Tcp => 1,
            Transport::Tls => 2,
        },
    }
}

/// Names of user and group, which a directory service may take its time to tell; numbers where there are none.
async fn names(uid: u32, gid: u32) -> Result<(String, String)> {
    let look_up = move || {
        let user = User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name);
        let group = Group::from_gid(Gid::from_raw(gid)).ok().flatten().map(|group| group.name);
        (user.unwrap_or_else(|| uid.to_string()), group.unwrap_or_else(|| gid.to_string()))
    };
    let panicked = |_| Error::internal(ErrorDomain::ADMIN, "cannot look up names of user and group");
    tokio::task::spawn_blocking(look_up).await.map_err(panicked)
}
