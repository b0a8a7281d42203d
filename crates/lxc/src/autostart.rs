//! Starting the marked domains when the host boots.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::Lxc;
use crate::domain::State;
use crate::files::{self, Durability};
use crate::start;

/// Starts at the same time: more would only compete for the host.
const PARALLEL: usize = 8;

/// Starts every inactive domain marked for it, unless that was done since the host booted: the marker is in
/// `/run`, which a boot empties. A failure is logged and stops no other.
pub(crate) async fn run(lxc: &Arc<Lxc>) {
    let marker = lxc.paths.autostarted();
    if marker.exists() {
        return;
    }
    if let Err(error) = files::replace(&marker, "", Durability::Memory) {
        tracing::error!(path = %marker.display(), %error, "no domain is started: it could not be remembered");
        return;
    }
    let wanted = |state: &State| state.autostart && state.run.is_none();
    let mut starts = JoinSet::new();
    for domain in lxc.domains.all().into_iter().filter(|domain| wanted(&domain.read())) {
        if starts.len() >= PARALLEL {
            starts.join_next().await;
        }
        let lxc = Arc::clone(lxc);
        starts.spawn(async move {
            if let Err(error) = start::start_defined(&lxc, &domain).await {
                tracing::error!(domain = %domain.name, %error, "cannot start the domain at boot");
            }
        });
    }
    starts.join_all().await;
}
