//! Interfaces of a running domain.

use conf::domain::{Device, DomainDef, Interface, InterfaceSource, LinkState};
use protocol::{Error, ErrorDomain, Result};
use runtime::control::{Answer, Change, Request};
use runtime::plan;

use super::Outcome;
use crate::Lxc;
use crate::domain::Run;
use crate::error::{internal, of_document, of_request};
use crate::events::Event;
use crate::plan::interfaces::{interface, limits};
use crate::ports::{Owner, Plugged};

/// Adds an interface.
pub(super) async fn attach(lxc: &Lxc, run: &Run, nic: &Interface) -> Outcome {
    let mut def = DomainDef::clone(&run.def);
    let mut nic = nic.clone();
    nic.info.alias = None;
    let owner = Owner { name: &run.def.name, uuid: run.def.uuid };
    let port = Plugged::only(&lxc.ports, owner, &mut nic).await?;
    let (nic, alias) = match attach_plugged(lxc, run, &mut def, nic).await {
        Ok(done) => done,
        Err(error) => {
            port.release().await;
            return Err(error);
        }
    };
    tracing::info!(domain = %def.name, mac = %nic.mac, alias, "interface attached");
    Ok((def, Some(Event::DeviceAdded { alias })))
}

async fn attach_plugged(
    lxc: &Lxc,
    run: &Run,
    def: &mut DomainDef,
    mut nic: Interface,
) -> Result<(Interface, String)> {
    let guest = nic.guest_dev.clone().unwrap_or_else(|| free_guest_name(&run.def));
    let planned = interface(&nic, guest.clone(), lxc.take_vnets(1)).map_err(|error| of_document(&error))?;
    let request = Request::Attach { device: Box::new(plan::Device::Interface(planned)) };
    let (answer, _) = run.monitor.request(request).await.map_err(|failure| of_request(&failure))?;
    let Answer::Attached { host_name } = answer else {
        return Err(internal("unexpected answer of a monitor"));
    };
    nic.host_dev = Some(host_name).filter(|name| !name.is_empty());
    nic.guest_dev = Some(guest);
    let index = def.devices.insert(Device::Interface(nic.clone()));
    def.devices.assign_aliases();
    let alias = def.devices.at(index).and_then(|device| device.info().alias.clone());
    Ok((nic, alias.unwrap_or_default()))
}

/// The first `ethN` that no interface inside has.
fn free_guest_name(def: &DomainDef) -> String {
    let taken = |name: &String| def.devices.interfaces().any(|nic| nic.guest_dev.as_ref() == Some(name));
    let mut names = (0_u32..).map(|number| format!("eth{number}"));
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// Takes an interface away.
pub(super) async fn detach(lxc: &Lxc, run: &Run, index: usize) -> Outcome {
    let mut def = DomainDef::clone(&run.def);
    let Some(Device::Interface(nic)) = def.devices.remove(index) else {
        return Err(internal("the device is gone"));
    };
    let guest = nic.guest_dev.clone().unwrap_or_default();
    let planned = interface(&nic, guest, 0).map_err(|error| of_document(&error))?;
    let request = Request::Detach { device: Box::new(plan::Device::Interface(planned)) };
    run.monitor.request(request).await.map_err(|failure| of_request(&failure))?;
    if let InterfaceSource::Network { network, portid: Some(port), .. } = &nic.source
        && let Err(error) = lxc.ports.unplug(network, *port).await
    {
        tracing::warn!(network, %port, %error, "cannot give the port back");
    }
    let alias = nic.info.alias.unwrap_or_default();
    tracing::info!(domain = %def.name, mac = %nic.mac, alias, "interface detached");
    Ok((def, Some(Event::DeviceRemoved { alias })))
}

/// Changes what can change under way: the carrier and the limits.
pub(super) async fn update(run: &Run, index: usize, wanted: &Interface) -> Result<DomainDef> {
    let mut def = DomainDef::clone(&run.def);
    let Some(Device::Interface(nic)) = def.devices.at_mut(index) else {
        return Err(internal("the device is gone"));
    };
    check_same(nic, wanted)?;
    let Some(host_name) = nic.host_dev.clone() else {
        let detail = format!("an interface of type '{}' cannot change while it is in use", nic.source.kind());
        return Err(Error::operation_unsupported(ErrorDomain::LXC, &detail));
    };
    let carrier = |state: Option<LinkState>| state != Some(LinkState::Down);
    if carrier(nic.link) != carrier(wanted.link) {
        let change = Change::Carrier { host_name: host_name.clone(), on: carrier(wanted.link) };
        request(run, change).await?;
    }
    if limits(nic.bandwidth.as_ref()) != limits(wanted.bandwidth.as_ref()) {
        let (old, new) = (limits(nic.bandwidth.as_ref()), limits(wanted.bandwidth.as_ref()));
        request(run, Change::Bandwidth { host_name, old, new }).await?;
    }
    nic.link = wanted.link;
    nic.bandwidth.clone_from(&wanted.bandwidth);
    Ok(def)
}

pub(crate) async fn request(run: &Run, change: Change) -> Result<()> {
    let request = Request::Update { change: Box::new(change) };
    run.monitor.request(request).await.map(drop).map_err(|failure| of_request(&failure))
}

/// Everything else is what the container was given when it got the interface.
fn check_same(nic: &Interface, wanted: &Interface) -> Result<()> {
    let refuse = |what: &str| {
        let detail = format!("cannot modify network device {what}");
        Err(Error::operation_unsupported(ErrorDomain::LXC, &detail))
    };
    let same_source = match (&nic.source, &wanted.source) {
        (
            InterfaceSource::Network { network, portgroup, .. },
            InterfaceSource::Network { network: other, portgroup: other_group, .. },
        ) => network == other && portgroup == other_group,
        (source, other) => source == other,
    };
    let fits = |wanted: Option<&String>, own: Option<&String>| wanted.is_none() || wanted == own;
    if !same_source {
        return refuse("source");
    }
    if !fits(wanted.host_dev.as_ref(), nic.host_dev.as_ref()) {
        return refuse("tap name");
    }
    if !fits(wanted.guest_dev.as_ref(), nic.guest_dev.as_ref()) {
        return refuse("name inside");
    }
    if wanted.ips != nic.ips || wanted.routes != nic.routes {
        return refuse("guest IP information");
    }
    if wanted.mtu.is_some() && wanted.mtu != nic.mtu {
        return refuse("MTU");
    }
    if wanted.vlan.is_some() && wanted.vlan != nic.vlan {
        return refuse("vlan");
    }
    if wanted.isolated.is_some() && wanted.isolated != nic.isolated {
        return refuse("port isolation");
    }
    Ok(())
}
