//! Starting the marked networks when the host boots.

use std::sync::Arc;

use store::Durability;

use crate::{Networks, start};

/// Starts every inactive network marked for it, unless that was done since the host booted: the marker is in `/run`,
/// which a boot empties. A failure is logged and stops no other.
pub(crate) async fn run(driver: &Arc<Networks>) {
    let marker = driver.paths.autostarted();
    if marker.exists() {
        return;
    }
    if let Err(error) = store::replace(&marker, "", Durability::Memory) {
        tracing::error!(path = %marker.display(), %error, "no network is started: it could not be remembered");
        return;
    }
    for network in driver.registry.all() {
        let wanted = {
            let state = network.read();
            state.autostart && !state.is_active()
        };
        if wanted && let Err(error) = start::start_defined(driver, &network).await {
            tracing::error!(network = network.name, %error, "cannot start the network at boot");
        }
    }
}
