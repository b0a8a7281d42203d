//! Secrets, such as passwords of storage.

use xdr::{List, Opaque};

use crate::{
    limits::*,
    types::{Names, Secret, Uuid},
};

calls! { REMOTE, Secret;
    /// Number of secrets.
    139 ConnectNumOfSecrets {} -> i32 [connect.search_secrets] high filter("secret", "getattr");
    /// UUIDs of secrets as text, at most maxuuids.
    140 ConnectListSecrets { maxuuids: i32 } -> Names<SECRET_LIST_MAX> [connect.search_secrets] high
        filter("secret", "getattr");
    /// Secrets that `flags` select, or with need_results 0 only their number.
    287 ConnectListAllSecrets { need_results: i32, flags: u32 } -> (List<Secret, SECRET_LIST_MAX>, u32)
        [connect.search_secrets] high filter("secret", "getattr");
    /// Registers for one kind of event of one or all secrets; returns the id of the registration.
    380 ConnectSecretEventRegisterAny { eventID: i32, secret: Option<Secret> } -> i32
        [connect.search_secrets] high filter("secret", "getattr");
    /// Ends a registration.
    381 ConnectSecretEventDeregisterAny { callbackID: i32 } -> () [connect.read] high;
    /// The secret with this UUID.
    141 SecretLookupByUuid { uuid: Uuid } -> Secret [secret.getattr] high;
    /// The secret for a use.
    147 SecretLookupByUsage { usageType: i32, usageID: String } -> Secret [secret.getattr] high;
    /// Defines a secret.
    142 SecretDefineXml { xml: String, flags: u32 } -> Secret [secret.write, secret.save] high deny;
    /// The description without the value.
    143 SecretGetXmlDesc { secret: Secret, flags: u32 } -> String [secret.read] high;
    /// Sets the value.
    144 SecretSetValue { secret: Secret, value: Opaque<SECRET_VALUE_MAX>, flags: u32 } -> () [secret.write]
        high deny;
    /// The value.
    145 SecretGetValue { secret: Secret, flags: u32 } -> Opaque<SECRET_VALUE_MAX> [secret.read_secure] high
        deny;
    /// Forgets a secret.
    146 SecretUndefine { secret: Secret } -> () [secret.delete] high deny;
}
