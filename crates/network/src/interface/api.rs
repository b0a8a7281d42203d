//! The calls.

use std::sync::Arc;

use protocol::calls::{
    ConnectListAllInterfaces, ConnectListDefinedInterfaces, ConnectListInterfaces,
    ConnectNumOfDefinedInterfaces, ConnectNumOfInterfaces, InterfaceGetXmlDesc, InterfaceIsActive,
    InterfaceLookupByMacString, InterfaceLookupByName,
};
use protocol::consts::{InterfaceXmlFlags, ListInterfacesFlags as Filter, accept};
use protocol::limits::INTERFACE_LIST_MAX;
use protocol::types::{Interface as OnWire, Names};
use protocol::{Error, ErrorCode, ErrorDomain, Result};
use rpc::Router;
use xdr::List;

use super::Interfaces;
use super::sysfs::Seen;
use crate::define::blocking;

type Context = rpc::Context<Interfaces>;

/// Registers every call of the driver.
pub fn routes(r: &mut Router<Interfaces>) {
    r.on(list_all).on(num_of).on(list).on(num_of_defined).on(list_defined);
    r.on(lookup_by_name).on(lookup_by_mac_string).on(xml_desc).on(is_active);
}

async fn all(driver: &Arc<Interfaces>) -> Result<Vec<Seen>> {
    let driver = Arc::clone(driver);
    blocking(move || {
        driver.list().map_err(|error| {
            let text = format!("failed to get list of interfaces on host: {error}");
            Error::internal(ErrorDomain::INTERFACE, &text)
        })
    })
    .await
}

fn on_wire(seen: Seen) -> OnWire {
    OnWire { name: seen.name, mac: seen.mac }
}

fn no_interface(name: &str) -> Error {
    let detail = format!("couldn't find interface named '{name}'");
    Error::new(ErrorCode::NO_INTERFACE, ErrorDomain::INTERFACE, &detail)
}

async fn list_all(
    cx: Context,
    call: ConnectListAllInterfaces,
) -> Result<(List<OnWire, INTERFACE_LIST_MAX>, u32)> {
    let supported = Filter::ACTIVE | Filter::INACTIVE;
    let filter = accept(call.flags, supported, ErrorDomain::INTERFACE, "udevConnectListAllInterfaces")?;
    let asked = |seen: &Seen| {
        filter.is_empty() || filter.contains(if seen.active { Filter::ACTIVE } else { Filter::INACTIVE })
    };
    let list: Vec<_> = all(&cx.driver).await?.into_iter().filter(asked).map(on_wire).collect();
    let number = u32::try_from(list.len()).unwrap_or(u32::MAX);
    Ok((if call.need_results == 0 { Vec::new() } else { list }.into(), number))
}

async fn names(driver: &Arc<Interfaces>, active: bool) -> Result<Vec<String>> {
    let list = all(driver).await?.into_iter().filter(|seen| seen.active == active);
    Ok(list.map(|seen| seen.name).collect())
}

async fn some_names(driver: &Arc<Interfaces>, active: bool, max: i32) -> Result<Names<INTERFACE_LIST_MAX>> {
    let room = u32::try_from(max).ok().filter(|max| *max <= INTERFACE_LIST_MAX);
    let room = room.and_then(|room| usize::try_from(room).ok());
    let room = room.ok_or_else(|| Error::rpc("maxnames > REMOTE_INTERFACE_LIST_MAX"))?;
    let mut names = names(driver, active).await?;
    names.truncate(room);
    Ok(names.into())
}

async fn num_of(cx: Context, _: ConnectNumOfInterfaces) -> Result<i32> {
    Ok(i32::try_from(names(&cx.driver, true).await?.len()).unwrap_or(i32::MAX))
}

async fn list(cx: Context, call: ConnectListInterfaces) -> Result<Names<INTERFACE_LIST_MAX>> {
    some_names(&cx.driver, true, call.maxnames).await
}

async fn num_of_defined(cx: Context, _: ConnectNumOfDefinedInterfaces) -> Result<i32> {
    Ok(i32::try_from(names(&cx.driver, false).await?.len()).unwrap_or(i32::MAX))
}

async fn list_defined(cx: Context, call: ConnectListDefinedInterfaces) -> Result<Names<INTERFACE_LIST_MAX>> {
    some_names(&cx.driver, false, call.maxnames).await
}

async fn lookup_by_name(cx: Context, call: InterfaceLookupByName) -> Result<OnWire> {
    cx.driver.seen(&call.name).map(on_wire).ok_or_else(|| no_interface(&call.name))
}

async fn lookup_by_mac_string(cx: Context, call: InterfaceLookupByMacString) -> Result<OnWire> {
    let driver = Arc::clone(&cx.driver);
    let mac = call.mac.clone();
    let mut found = blocking(move || {
        driver.with_mac(&mac).map_err(|error| Error::internal(ErrorDomain::INTERFACE, &error.to_string()))
    })
    .await?;
    if found.len() > 1 {
        let detail = format!("the MAC address '{}' matches multiple interfaces", call.mac);
        return Err(Error::new(ErrorCode::MULTIPLE_INTERFACES, ErrorDomain::INTERFACE, &detail));
    }
    let missing = || {
        let detail = format!("couldn't find interface with MAC address '{}'", call.mac);
        Error::new(ErrorCode::NO_INTERFACE, ErrorDomain::INTERFACE, &detail)
    };
    found.pop().map(on_wire).ok_or_else(missing)
}

async fn xml_desc(cx: Context, call: InterfaceGetXmlDesc) -> Result<String> {
    accept(call.flags, InterfaceXmlFlags::INACTIVE, ErrorDomain::INTERFACE, "udevInterfaceGetXMLDesc")?;
    let (driver, name) = (Arc::clone(&cx.driver), call.iface.name.clone());
    let described = blocking(move || Ok(driver.describe(&name))).await?;
    Ok(described.ok_or_else(|| no_interface(&call.iface.name))?.to_string())
}

async fn is_active(cx: Context, call: InterfaceIsActive) -> Result<i32> {
    let seen = cx.driver.seen(&call.iface.name).ok_or_else(|| no_interface(&call.iface.name))?;
    Ok(seen.active.into())
}
