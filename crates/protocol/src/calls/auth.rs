//! Authentication.

use xdr::{Chars, List};

use crate::{
    limits::*,
    types::{AuthType, SaslReply},
};

calls! { REMOTE, Daemon;
    /// Ways to authenticate, the preferred one first. 0 is none, 1 SASL, 2 polkit.
    66 AuthList {} -> List<AuthType, AUTH_TYPE_LIST_MAX> [] high noauth api("");
    /// The SASL mechanisms that the server offers, separated by commas.
    67 AuthSaslInit {} -> String [] high noauth api("");
    /// Begins a SASL exchange. `nil` tells absent data from empty data.
    68 AuthSaslStart { mech: String, nil: i32, data: Chars<AUTH_SASL_DATA_MAX> } -> SaslReply [] high noauth
        api("");
    /// The next round of a SASL exchange.
    69 AuthSaslStep { nil: i32, data: Chars<AUTH_SASL_DATA_MAX> } -> SaslReply [] high noauth api("");
    /// Asks polkit about the caller; 1 on success.
    70 AuthPolkit {} -> i32 [] high noauth api("");
}
