//! Devices of a running domain come, go and change; those of the definition too.
//!
//! A call sees all definitions that it is about before anything is applied. What is done to the running container is
//! up to the kind of device: [`interface`] for interfaces; others cannot be changed while the domain runs.

mod interface;

use std::sync::Arc;

use conf::domain::{Device, DomainDef, ParseFlags};
use protocol::consts::AffectFlags;
use protocol::{Error, ErrorDomain, Result};

use crate::Lxc;
use crate::domain::{Domain, Run};
use crate::error::of_document;
use crate::events::Event;
use crate::impact::impact;
use crate::{define, start};

/// What to do with a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Attach,
    Detach,
    Update,
}

impl Action {
    const fn words(self) -> [&'static str; 2] {
        match self {
            Self::Attach => ["attach", "cannot be attached"],
            Self::Detach => ["detach", "cannot be detached"],
            Self::Update => ["update", "cannot be updated"],
        }
    }
}

/// Reads a device of a client.
pub(crate) fn read(lxc: &Lxc, xml: &str) -> Result<Device> {
    Device::parse(xml, &lxc.parse_context(ParseFlags::empty())).map_err(|error| of_document(&error))
}

/// Attaches, detaches or updates a device in the definitions that `flags` mean.
pub(crate) async fn change(
    lxc: &Lxc,
    domain: &Domain,
    device: &Device,
    action: Action,
    flags: AffectFlags,
) -> Result<()> {
    let _job = domain.begin_job().await?;
    let _definitions = lxc.definitions.lock().await;
    let (run, config) = {
        let state = domain.read();
        let impact = impact(&state, flags)?;
        let run = state.run.clone().filter(|_| impact.live);
        let config = state.config.as_ref().filter(|_| impact.config).cloned();
        (run, config)
    };
    let config = config.map(|config| edit(&config, device, action)).transpose()?;
    if let Some(run) = run {
        live(lxc, domain, &run, device, action).await?;
    }
    if let Some(config) = config {
        define::save(lxc, &config).await?;
        domain.write().config = Some(config);
    }
    Ok(())
}

/// Detaches the device with an alias.
pub(crate) async fn detach_alias(lxc: &Lxc, domain: &Domain, alias: &str, flags: AffectFlags) -> Result<()> {
    let device = {
        let state = domain.read();
        let impact = impact(&state, flags)?;
        let run = state.run.as_ref().filter(|_| impact.live).map(|run| &run.def);
        let def = run.or_else(|| state.config.as_ref().filter(|_| impact.config));
        def.and_then(|def| def.devices.at(def.devices.find_alias(alias)?).cloned())
    };
    let missing = || Error::device_missing(ErrorDomain::LXC, &format!("no device found with alias {alias}"));
    change(lxc, domain, &device.ok_or_else(missing)?, Action::Detach, flags).await
}

/// The definition for the next start, changed.
fn edit(config: &Arc<DomainDef>, device: &Device, action: Action) -> Result<Arc<DomainDef>> {
    let mut def = DomainDef::clone(config);
    match action {
        Action::Attach => {
            let mut device = device.clone();
            device.info_mut().alias = None;
            def.devices.insert(device);
        }
        Action::Detach => {
            let index = find(&def, device)?;
            def.devices.remove(index);
        }
        Action::Update => {
            let index = find(&def, device)?;
            if let Some(slot) = def.devices.at_mut(index) {
                let mut device = device.clone();
                device.info_mut().alias.clone_from(&slot.info().alias);
                *slot = device;
            }
        }
    }
    def.devices.complete().map_err(|error| of_document(&error))?;
    conf::domain::validate_container(&def).map_err(|error| of_document(&error))?;
    Ok(Arc::new(def))
}

/// The device of a definition that is meant.
pub(crate) fn find(def: &DomainDef, device: &Device) -> Result<usize> {
    let found = def.devices.find(device).map_err(|error| of_document(&error))?;
    found.ok_or_else(|| {
        let detail = match device {
            Device::Interface(nic) => {
                let alias = nic.info.alias.as_deref().unwrap_or("(<null>)");
                format!(
                    "no device found at address '(<null>)' matching MAC address '{}' and alias '{alias}'",
                    nic.mac
                )
            }
            other => format!("no matching device of type '{}' found", other.kind()),
        };
        Error::device_missing(ErrorDomain::DOMAIN, &detail)
    })
}

/// What happens to the running container.
async fn live(lxc: &Lxc, domain: &Domain, run: &Run, device: &Device, action: Action) -> Result<()> {
    let (def, event) = match (device, action) {
        (Device::Interface(nic), Action::Attach) => interface::attach(lxc, run, nic).await?,
        (Device::Interface(_), Action::Detach) => {
            interface::detach(lxc, run, find(&run.def, device)?).await?
        }
        (Device::Interface(nic), Action::Update) => {
            (interface::update(run, find(&run.def, device)?, nic).await?, None)
        }
        (other, _) => {
            let detail = format!("device type '{}' {}", other.kind(), action.words()[1]);
            return Err(Error::config_unsupported(ErrorDomain::LXC, &detail));
        }
    };
    if let Some(now) = &mut domain.write().run
        && now.id == run.id
    {
        now.def = Arc::new(def);
    }
    start::save_status(lxc, domain)?;
    if let Some(event) = event {
        lxc.events.send(&domain.on_wire(), &event);
    }
    Ok(())
}

/// The definition that runs from now on, and what to tell.
type Outcome = Result<(DomainDef, Option<Event>)>;
