//! The calls that are about the connection itself and need no driver.

use protocol::{
    Call, CallInfo, Error, ErrorCode, ErrorDomain,
    calls::{self, admin},
};

use crate::{
    Access, Auth, Client, Transport,
    router::{self, Answer, Incoming, Running},
    server::Shared,
};

/// A call that this crate answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    AuthList,
    AuthPolkit,
    AuthSasl,
    Open,
    AdminOpen,
    Close,
    SupportsFeature,
    IsSecure,
    /// Registers or deregisters a close callback. It is never called: no connection of ours has an upstream that
    /// could vanish before it does.
    CloseCallback,
}

/// The calls that are answered here, whatever drivers there are.
pub fn own_calls() -> impl Iterator<Item = &'static CallInfo> {
    protocol::CALLS.iter().copied().filter(|info| Builtin::of(info).is_some())
}

/// How a call ends.
pub(crate) enum Outcome {
    Reply(Answer),
    /// The reply, after which the connection is closed.
    LastReply(Answer),
    /// The reply, and from now on the client wants to be pinged.
    StartKeepalive(Answer),
    /// The reply comes later.
    Later(Running),
}

/// The feature that starts pings as a side effect.
const FEATURE_KEEPALIVE: i32 = 10;
/// Descriptors on the socket.
const FEATURE_FD_PASSING: i32 = 8;
/// The only flag of `CONNECT_OPEN`.
const OPEN_READ_ONLY: u32 = 1;
/// Values of `remote_auth_type`.
const AUTH_NONE: i32 = 0;
const AUTH_POLKIT: i32 = 2;

impl Builtin {
    pub(crate) fn of(info: &CallInfo) -> Option<Self> {
        let is = |builtin: &CallInfo| (builtin.program, builtin.procedure) == (info.program, info.procedure);
        let table = [
            (calls::AuthList::INFO, Self::AuthList),
            (calls::AuthPolkit::INFO, Self::AuthPolkit),
            (calls::AuthSaslInit::INFO, Self::AuthSasl),
            (calls::AuthSaslStart::INFO, Self::AuthSasl),
            (calls::AuthSaslStep::INFO, Self::AuthSasl),
            (calls::ConnectOpen::INFO, Self::Open),
            (calls::ConnectClose::INFO, Self::Close),
            (calls::ConnectSupportsFeature::INFO, Self::SupportsFeature),
            (calls::ConnectIsSecure::INFO, Self::IsSecure),
            (calls::ConnectRegisterCloseCallback::INFO, Self::CloseCallback),
            (calls::ConnectUnregisterCloseCallback::INFO, Self::CloseCallback),
            (admin::ConnectOpen::INFO, Self::AdminOpen),
            (admin::ConnectClose::INFO, Self::Close),
        ];
        table.into_iter().find(|(builtin, _)| is(builtin)).map(|(_, builtin)| builtin)
    }

    /// Whether the call is allowed before the connection is opened.
    pub(crate) const fn precedes_open(self) -> bool {
        !matches!(self, Self::IsSecure | Self::CloseCallback)
    }

    pub(crate) fn run(self, server: &Shared, incoming: &Incoming<'_>) -> Result<Outcome, Error> {
        let header = &incoming.header;
        let nothing = || router::encode(header, &(), Vec::new(), None);
        let int = |value: i32| router::encode(header, &value, Vec::new(), None);
        match self {
            Self::AuthList => auth_list(incoming).map(Outcome::Reply),
            Self::AuthPolkit => auth_polkit(incoming),
            Self::AuthSasl => Err(auth_failed("SASL is not offered")),
            Self::Open => {
                open(server, incoming)?;
                nothing().map(Outcome::Reply)
            }
            Self::AdminOpen => {
                admin_open(incoming)?;
                nothing().map(Outcome::Reply)
            }
            Self::Close => nothing().map(Outcome::LastReply),
            Self::SupportsFeature => {
                let feature = router::decode::<calls::ConnectSupportsFeature>(incoming)?.feature;
                if feature == FEATURE_KEEPALIVE {
                    return int(1).map(Outcome::StartKeepalive);
                }
                if incoming.client.name().is_none() {
                    return Err(not_open());
                }
                int(i32::from(supports(feature, incoming.client.transport()))).map(Outcome::Reply)
            }
            Self::IsSecure => int(i32::from(incoming.client.is_secure())).map(Outcome::Reply),
            Self::CloseCallback => nothing().map(Outcome::Reply),
        }
    }
}

/// The answer to calls that need an open connection.
pub(crate) fn not_open() -> Error {
    Error::internal(ErrorDomain::RPC, "hypervisor connection not open")
}

fn auth_failed(detail: &str) -> Error {
    tracing::debug!(detail, "authentication failed");
    Error::new(ErrorCode::AUTH_FAILED, ErrorDomain::RPC, detail)
}

/// What a server of containers says about `virDrvFeature`; unknown features are not supported.
fn supports(feature: i32, transport: Transport) -> bool {
    if feature == FEATURE_FD_PASSING {
        return transport == Transport::Unix;
    }
    matches!(
        feature,
        9 // strings in typed parameters
        | FEATURE_KEEPALIVE
        | 14 // events with callback ids
        | 15 // close callbacks
        | 16 // network update has its arguments in the right order
    )
}

fn auth_list(incoming: &Incoming<'_>) -> Result<Answer, Error> {
    let client = incoming.client;
    let auth = &client.door().auth;
    if matches!(auth, Auth::Polkit(_)) && client.peer().uid() == Some(0) {
        client.set_authenticated();
    }
    let kind = match auth {
        Auth::Polkit(_) if !client.is_authenticated() => AUTH_POLKIT,
        Auth::Polkit(_) | Auth::None => AUTH_NONE,
    };
    // A list of one element.
    router::encode(&incoming.header, &(1_u32, kind), Vec::new(), None)
}

fn auth_polkit(incoming: &Incoming<'_>) -> Result<Outcome, Error> {
    let client: Client = incoming.client.clone();
    let Auth::Polkit(authorise) = &client.door().auth else {
        return Err(auth_failed("polkit is not offered"));
    };
    let (work, header) = (authorise(client.clone()), incoming.header);
    Ok(Outcome::Later(Box::pin(async move {
        work.await?;
        client.set_authenticated();
        router::encode(&header, &1_i32, Vec::new(), None)
    })))
}

fn open(server: &Shared, incoming: &Incoming<'_>) -> Result<(), Error> {
    let call = router::decode::<calls::ConnectOpen>(incoming)?;
    let client = incoming.client;
    if client.name().is_some() {
        return Err(Error::internal(ErrorDomain::RPC, "connection already open"));
    }
    let Some(name) = call.name else {
        return Err(Error::internal(ErrorDomain::RPC, "connection not open"));
    };
    let by_socket = client.access() == Access::ReadOnly;
    client.set_read_only(by_socket || call.flags & OPEN_READ_ONLY != 0);
    if let Err(error) = (server.config.open)(client, &name) {
        client.set_read_only(by_socket);
        return Err(error);
    }
    client.set_opened(name);
    Ok(())
}

fn admin_open(incoming: &Incoming<'_>) -> Result<(), Error> {
    let call = router::decode::<admin::ConnectOpen>(incoming)?;
    if call.flags != 0 {
        let flags = u64::from(call.flags);
        return Err(Error::unsupported_flags(ErrorDomain::ADMIN, "adminDispatchConnectOpen", flags));
    }
    if incoming.client.name().is_some() {
        return Err(Error::internal(ErrorDomain::RPC, "connection already open"));
    }
    incoming.client.set_opened(String::new());
    Ok(())
}
