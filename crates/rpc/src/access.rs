//! Who may connect, and what for.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use crate::Client;

/// What the clients of a socket may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everything that access control does not forbid.
    ReadWrite,
    /// Only look.
    ReadOnly,
}

/// Asks somebody, such as polkit, whether a client may use the daemon; an error is the refusal that it sees.
pub type Authorise =
    Arc<dyn Fn(Client) -> Pin<Box<dyn Future<Output = protocol::Result<()>> + Send>> + Send + Sync>;

/// How the clients of a socket authenticate.
#[derive(Clone, Default)]
pub enum Auth {
    /// Not at all: who can connect is let in.
    #[default]
    None,
    /// Root is let in when it asks what is needed (`AUTH_LIST`); the others are asked to call `AUTH_POLKIT`, which
    /// calls the function.
    Polkit(Authorise),
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Polkit(_) => "Polkit",
        })
    }
}

/// Whose connections are accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Peers {
    /// Anybody's who can reach the socket.
    #[default]
    Any,
    /// Only those of the user that the daemon runs as.
    SameUser,
}
