//! Look-up and lists.

use protocol::calls::{
    ConnectListAllDomains, ConnectListDefinedDomains, ConnectListDomains, ConnectNumOfDefinedDomains,
    ConnectNumOfDomains, DomainLookupById, DomainLookupByName, DomainLookupByUuid,
};
use protocol::consts::{DomainState, ListDomainsFlags as Filter};
use protocol::limits::DOMAIN_LIST_MAX;
use protocol::types::{Domain as OnWire, Names};
use protocol::{Error, Result};
use rpc::Router;
use xdr::List;

use super::{Context, flags};
use crate::Lxc;
use crate::domain::State;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(lookup_by_id).on(lookup_by_name).on(lookup_by_uuid).on(list_all_domains);
    r.on(num_of_domains).on(list_domains).on(num_of_defined_domains).on(list_defined_domains);
}

async fn lookup_by_id(cx: Context, call: DomainLookupById) -> Result<OnWire> {
    let domain = cx.driver.domains.by_id(call.id).ok_or_else(|| Error::no_domain_id(call.id))?;
    Ok(domain.on_wire())
}

async fn lookup_by_name(cx: Context, call: DomainLookupByName) -> Result<OnWire> {
    let domain = cx.driver.domains.by_name(&call.name).ok_or_else(|| Error::no_domain_name(&call.name))?;
    Ok(domain.on_wire())
}

async fn lookup_by_uuid(cx: Context, call: DomainLookupByUuid) -> Result<OnWire> {
    let domain = cx.driver.domains.by_uuid(call.uuid).ok_or_else(|| Error::no_domain_uuid(call.uuid))?;
    Ok(domain.on_wire())
}

async fn list_all_domains(
    cx: Context,
    call: ConnectListAllDomains,
) -> Result<(List<OnWire, DOMAIN_LIST_MAX>, u32)> {
    let filter = flags(call.flags, <Filter as bitflags::Flags>::all(), "lxcConnectListAllDomains")?;
    let all = cx.driver.domains.all();
    let domains = all.iter().filter(|domain| matches(&domain.read(), filter));
    if call.need_results == 0 {
        return Ok((Vec::new().into(), count(domains.count())));
    }
    let list: Vec<_> = domains.map(|domain| domain.on_wire()).collect();
    let number = count(list.len());
    Ok((list.into(), number))
}

/// Filters come in groups: one bit of each group that has any must be met.
pub(super) fn matches(state: &State, filter: Filter) -> bool {
    let shown = state.numbers().0;
    let active = state.run.is_some();
    let (running, paused) = (shown == DomainState::RUNNING, shown == DomainState::PAUSED);
    let shutoff = shown == DomainState::SHUTOFF;
    let groups: [&[(Filter, bool)]; 7] = [
        &[(Filter::ACTIVE, active), (Filter::INACTIVE, !active)],
        &[(Filter::PERSISTENT, state.is_persistent()), (Filter::TRANSIENT, !state.is_persistent())],
        &[
            (Filter::RUNNING, running),
            (Filter::PAUSED, paused),
            (Filter::SHUTOFF, shutoff),
            (Filter::OTHER, !running && !paused && !shutoff),
        ],
        &[(Filter::MANAGEDSAVE, false), (Filter::NO_MANAGEDSAVE, true)],
        &[(Filter::AUTOSTART, state.autostart), (Filter::NO_AUTOSTART, !state.autostart)],
        &[(Filter::HAS_SNAPSHOT, false), (Filter::NO_SNAPSHOT, true)],
        &[(Filter::HAS_CHECKPOINT, false), (Filter::NO_CHECKPOINT, true)],
    ];
    groups.iter().all(|group| {
        let asked = group.iter().any(|(bit, _)| filter.contains(*bit));
        !asked || group.iter().any(|(bit, met)| filter.contains(*bit) && *met)
    })
}

async fn num_of_domains(cx: Context, _: ConnectNumOfDomains) -> Result<i32> {
    Ok(signed(ids(&cx.driver).len()))
}

async fn list_domains(cx: Context, call: ConnectListDomains) -> Result<List<i32, DOMAIN_LIST_MAX>> {
    let max = room(call.maxids, "maxids")?;
    let mut ids = ids(&cx.driver);
    ids.truncate(max);
    Ok(ids.into())
}

async fn num_of_defined_domains(cx: Context, _: ConnectNumOfDefinedDomains) -> Result<i32> {
    Ok(signed(inactive_names(&cx.driver).len()))
}

async fn list_defined_domains(
    cx: Context,
    call: ConnectListDefinedDomains,
) -> Result<Names<DOMAIN_LIST_MAX>> {
    let max = room(call.maxnames, "maxnames")?;
    let mut names = inactive_names(&cx.driver);
    names.truncate(max);
    Ok(names.into())
}

fn ids(lxc: &Lxc) -> Vec<i32> {
    lxc.domains.all().iter().filter_map(|domain| domain.read().run.as_ref().map(|run| run.id)).collect()
}

fn inactive_names(lxc: &Lxc) -> Vec<String> {
    let all = lxc.domains.all();
    all.iter().filter(|domain| domain.read().run.is_none()).map(|domain| domain.name.to_string()).collect()
}

/// How many the client has room for.
fn room(max: i32, argument: &str) -> Result<usize> {
    let room = u32::try_from(max).ok().filter(|max| *max <= DOMAIN_LIST_MAX);
    let room = room.and_then(|room| usize::try_from(room).ok());
    room.ok_or_else(|| Error::rpc(&format!("{argument} > REMOTE_DOMAIN_LIST_MAX")))
}

fn signed(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
