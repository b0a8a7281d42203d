//! Look-up and lists.

use protocol::calls::{
    ConnectListAllNetworks, ConnectListDefinedNetworks, ConnectListNetworks, ConnectNumOfDefinedNetworks,
    ConnectNumOfNetworks, NetworkLookupByName, NetworkLookupByUuid,
};
use protocol::consts::ListNetworksFlags as Filter;
use protocol::limits::NETWORK_LIST_MAX;
use protocol::types::{Names, Network as OnWire};
use protocol::{Error, Result};
use rpc::Router;
use xdr::List;

use super::{Context, count, flags, signed};
use crate::Networks;
use crate::error::{no_network, no_network_name};
use crate::network::State;

pub(super) fn routes(r: &mut Router<Networks>) {
    r.on(lookup_by_name).on(lookup_by_uuid).on(list_all_networks);
    r.on(num_of_networks).on(list_networks).on(num_of_defined_networks).on(list_defined_networks);
}

async fn lookup_by_name(cx: Context, call: NetworkLookupByName) -> Result<OnWire> {
    let network = cx.driver.registry.by_name(&call.name).ok_or_else(|| no_network_name(&call.name))?;
    Ok(network.on_wire())
}

async fn lookup_by_uuid(cx: Context, call: NetworkLookupByUuid) -> Result<OnWire> {
    let missing = || no_network(&format!("no network with matching uuid '{}'", call.uuid));
    Ok(cx.driver.registry.by_uuid(call.uuid).ok_or_else(missing)?.on_wire())
}

async fn list_all_networks(
    cx: Context,
    call: ConnectListAllNetworks,
) -> Result<(List<OnWire, NETWORK_LIST_MAX>, u32)> {
    let filter = flags(call.flags, <Filter as bitflags::Flags>::all(), "networkConnectListAllNetworks")?;
    let all = cx.driver.registry.all();
    let networks = all.iter().filter(|network| matches(&network.read(), filter));
    let list: Vec<_> = networks.map(|network| network.on_wire()).collect();
    let number = count(list.len());
    Ok((if call.need_results == 0 { Vec::new() } else { list }.into(), number))
}

/// Filters come in groups: one bit of each group that has any must be met.
fn matches(state: &State, filter: Filter) -> bool {
    let groups = [
        [(Filter::ACTIVE, state.is_active()), (Filter::INACTIVE, !state.is_active())],
        [(Filter::PERSISTENT, state.is_persistent()), (Filter::TRANSIENT, !state.is_persistent())],
        [(Filter::AUTOSTART, state.autostart), (Filter::NO_AUTOSTART, !state.autostart)],
    ];
    groups.iter().all(|group| {
        let asked = group.iter().any(|(bit, _)| filter.contains(*bit));
        !asked || group.iter().any(|(bit, met)| filter.contains(*bit) && *met)
    })
}

async fn num_of_networks(cx: Context, _: ConnectNumOfNetworks) -> Result<i32> {
    Ok(signed(names(&cx.driver, true).len()))
}

async fn list_networks(cx: Context, call: ConnectListNetworks) -> Result<Names<NETWORK_LIST_MAX>> {
    some_names(&cx.driver, true, call.maxnames)
}

async fn num_of_defined_networks(cx: Context, _: ConnectNumOfDefinedNetworks) -> Result<i32> {
    Ok(signed(names(&cx.driver, false).len()))
}

async fn list_defined_networks(
    cx: Context,
    call: ConnectListDefinedNetworks,
) -> Result<Names<NETWORK_LIST_MAX>> {
    some_names(&cx.driver, false, call.maxnames)
}

fn some_names(driver: &Networks, active: bool, max: i32) -> Result<Names<NETWORK_LIST_MAX>> {
    let room = u32::try_from(max).ok().filter(|max| *max <= NETWORK_LIST_MAX);
    let room = room.and_then(|room| usize::try_from(room).ok());
    let room = room.ok_or_else(|| Error::rpc("maxnames > REMOTE_NETWORK_LIST_MAX"))?;
    let mut names = names(driver, active);
    names.truncate(room);
    Ok(names.into())
}

fn names(driver: &Networks, active: bool) -> Vec<String> {
    let all = driver.registry.all();
    let wanted = all.iter().filter(|network| network.read().is_active() == active);
    wanted.map(|network| network.name.clone()).collect()
}
