//! Starting the marked domains when the host boots.

use std::sync::Arc;
use std::time::Duration;

use conf::domain::Startup;
use tokio::task::JoinSet;

use crate::Lxc;
use crate::define;
use crate::domain::Domain;
use crate::files::{self, Durability};
use crate::start;

/// Starts every inactive domain marked for it, unless that was done since the host booted: the marker is in
/// `/run`, which a boot empties. Small orders come first, equal ones start together; what is marked for one boot only
/// is so no more afterwards. A failure is logged and stops no other.
pub(crate) async fn run(lxc: &Arc<Lxc>) {
    let marker = lxc.paths.autostarted();
    if marker.exists() {
        return;
    }
    if let Err(error) = files::replace(&marker, "", Durability::Memory) {
        tracing::error!(path = %marker.display(), %error, "no domain is started: it could not be remembered");
        return;
    }
    let mut wanted = wanted(lxc);
    while let Some((first, _)) = wanted.first() {
        let order = rank(*first);
        let later = wanted.split_off(wanted.partition_point(|(startup, _)| rank(*startup) == order));
        let pause = wanted.iter().map(|(startup, _)| startup.delay_ms).max().unwrap_or(0);
        start_together(lxc, wanted.into_iter().map(|(_, domain)| domain)).await;
        wanted = later;
        if !wanted.is_empty() && pause > 0 {
            tokio::time::sleep(Duration::from_millis(pause.into())).await;
        }
    }
}

/// Those to start, in their order.
fn wanted(lxc: &Lxc) -> Vec<(Startup, Arc<Domain>)> {
    let mut wanted: Vec<_> = lxc
        .domains
        .all()
        .into_iter()
        .filter_map(|domain| {
            let state = domain.read();
            let def = state.config.as_ref().filter(|_| state.run.is_none())?;
            let marked = state.autostart || state.autostart_once;
            // Checked when it was defined.
            let startup = def.metadata.startup().unwrap_or_default();
            drop(state);
            marked.then_some((startup, domain))
        })
        .collect();
    wanted.sort_by(|(a, first), (b, second)| (rank(*a), &*first.name).cmp(&(rank(*b), &*second.name)));
    wanted
}

/// Where an order comes; none is the last.
fn rank(startup: Startup) -> u64 {
    startup.order.map_or(u64::MAX, u64::from)
}

async fn start_together(lxc: &Arc<Lxc>, domains: impl Iterator<Item = Arc<Domain>>) {
    let delay = Duration::from_millis(lxc.config.auto_start_delay.into());
    let parallel = if delay.is_zero() { lxc.config.auto_start_parallel } else { 1 };
    let parallel = usize::try_from(parallel).unwrap_or(1).max(1);
    let mut starts = JoinSet::new();
    for (index, domain) in domains.enumerate() {
        if starts.len() >= parallel {
            starts.join_next().await;
        }
        if index > 0 && !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let lxc = Arc::clone(lxc);
        starts.spawn(async move { start_one(&lxc, &domain).await });
    }
    starts.join_all().await;
}

async fn start_one(lxc: &Arc<Lxc>, domain: &Arc<Domain>) {
    if let Err(error) = start::start_defined(lxc, domain).await {
        tracing::error!(domain = %domain.name, %error, "cannot start the domain at boot");
    }
    if domain.read().autostart_once {
        let _definitions = lxc.definitions.lock().await;
        if let Err(error) = define::set_autostart_once(lxc, domain, false).await {
            tracing::error!(domain = %domain.name, %error, "it would start with the next boot, too");
        }
    }
}
