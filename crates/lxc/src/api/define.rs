//! Definitions.

use std::sync::Arc;

use conf::domain::{DomainDef, FormatFlags, validate_container};
use protocol::calls::{
    DomainDefineXml, DomainDefineXmlFlags, DomainGetXmlDesc, DomainUndefine, DomainUndefineFlags,
};
use protocol::consts::{DefineFlags, DefinedDetail, DomainXmlFlags, UndefineFlags, UndefinedDetail};
use protocol::types::Domain as OnWire;
use protocol::{Result, Uuid};
use rpc::Router;

use super::{Context, flags, parse};
use crate::domain::Domain;
use crate::error::{invalid, of_document};
use crate::events::{Event, Lifecycle};
use crate::{Lxc, define};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(define_xml).on(define_xml_flags).on(undefine).on(undefine_flags).on(xml_desc);
}

async fn define_xml(cx: Context, call: DomainDefineXml) -> Result<OnWire> {
    define(&cx.driver, call.xml).await
}

async fn define_xml_flags(cx: Context, call: DomainDefineXmlFlags) -> Result<OnWire> {
    flags(call.flags, DefineFlags::VALIDATE, "lxcDomainDefineXMLFlags")?;
    define(&cx.driver, call.xml).await
}

async fn define(lxc: &Lxc, xml: String) -> Result<OnWire> {
    let def = Arc::new(parse(lxc, xml).await?);
    validate_container(&def).map_err(|error| of_document(&error))?;
    let _definitions = lxc.definitions.lock().await;
    let existing = define::existing(lxc, &def)?;
    define::save(lxc, &def).await?;
    let (domain, detail) = enter(lxc, existing, &def);
    let seen = domain.on_wire();
    lxc.events.send(&seen, &Event::Lifecycle(Lifecycle::Defined(detail)));
    Ok(seen)
}

/// Makes a saved definition the domain's.
fn enter(lxc: &Lxc, existing: Option<Arc<Domain>>, def: &Arc<DomainDef>) -> (Arc<Domain>, DefinedDetail) {
    match existing {
        Some(domain) => {
            let before = domain.write().config.replace(Arc::clone(def));
            // A transient domain may have ended, and been forgotten, while the file was written.
            lxc.domains.insert(&domain);
            let detail = if before.is_some() { DefinedDetail::UPDATED } else { DefinedDetail::ADDED };
            (domain, detail)
        }
        None => {
            let domain = Arc::new(Domain::new(Uuid(def.uuid.0), &def.name, Some(Arc::clone(def)), false));
            lxc.domains.insert(&domain);
            (domain, DefinedDetail::ADDED)
        }
    }
}

async fn undefine(cx: Context, call: DomainUndefine) -> Result<()> {
    forget(&cx.driver, &call.dom).await
}

async fn undefine_flags(cx: Context, call: DomainUndefineFlags) -> Result<()> {
    // A container has no saved image, snapshot or firmware store, so their flags are met by doing nothing.
    let harmless = UndefineFlags::MANAGED_SAVE
        | UndefineFlags::SNAPSHOTS_METADATA
        | UndefineFlags::CHECKPOINTS_METADATA
        | UndefineFlags::NVRAM
        | UndefineFlags::KEEP_NVRAM
        | UndefineFlags::TPM
        | UndefineFlags::KEEP_TPM;
    flags(call.flags, harmless, "lxcDomainUndefineFlags")?;
    forget(&cx.driver, &call.dom).await
}

async fn forget(lxc: &Lxc, dom: &OnWire) -> Result<()> {
    let domain = lxc.domains.find(dom)?;
    let _definitions = lxc.definitions.lock().await;
    if !domain.read().is_persistent() {
        return Err(invalid("Cannot undefine transient domain"));
    }
    define::remove(lxc, &domain.name).await?;
    let seen = domain.on_wire();
    {
        let mut state = domain.write();
        state.config = None;
        state.autostart = false;
        state.autostart_once = false;
    }
    lxc.events.send(&seen, &Event::Lifecycle(Lifecycle::Undefined(UndefinedDetail::REMOVED)));
    lxc.forget(&domain);
    Ok(())
}

async fn xml_desc(cx: Context, call: DomainGetXmlDesc) -> Result<String> {
    let supported = DomainXmlFlags::SECURE
        | DomainXmlFlags::INACTIVE
        | DomainXmlFlags::UPDATE_CPU
        | DomainXmlFlags::MIGRATABLE;
    let flags = flags(call.flags, supported, "lxcDomainGetXMLDesc")?;
    let domain = cx.driver.domains.find(&call.dom)?;
    let state = domain.read();
    let inactive = flags.contains(DomainXmlFlags::INACTIVE);
    let def = if inactive { state.next() } else { state.current() };
    let def = def.cloned();
    let active = state.run.is_some();
    drop(state);
    let mut form = FormatFlags::empty();
    form.set(FormatFlags::INACTIVE, inactive || !active);
    form.set(FormatFlags::SECURE, flags.contains(DomainXmlFlags::SECURE));
    def.map(|def| def.format(form)).ok_or_else(|| protocol::Error::no_domain(&call.dom))
}
