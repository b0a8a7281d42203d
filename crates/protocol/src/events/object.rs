//! Events of objects other than domains.

use crate::types::{Network, NodeDevice, Secret, StoragePool};

events! { REMOTE;
    /// A network was defined, started, stopped...
    315 NetworkEventLifecycle { callbackID: i32, net: Network, event: i32, detail: i32 };
    /// Title, description or metadata of a network changed.
    446 NetworkEventCallbackMetadataChange {
        callbackID: i32, net: Network, r#type: i32, nsuri: Option<String>,
    };
    /// A pool was defined, started, stopped...
    370 StoragePoolEventLifecycle { callbackID: i32, pool: StoragePool, event: i32, detail: i32 };
    /// The volumes of a pool were looked for anew.
    373 StoragePoolEventRefresh { callbackID: i32, pool: StoragePool };
    /// A device of the host came or went.
    376 NodeDeviceEventLifecycle { callbackID: i32, dev: NodeDevice, event: i32, detail: i32 };
    /// A device of the host changed.
    377 NodeDeviceEventUpdate { callbackID: i32, dev: NodeDevice };
    /// A secret was defined or undefined.
    382 SecretEventLifecycle { callbackID: i32, secret: Secret, event: i32, detail: i32 };
    /// A secret got another value.
    383 SecretEventValueChanged { callbackID: i32, secret: Secret };
    /// The driver lost its own connection.
    362 ConnectEventConnectionClosed { reason: i32 };
}
