//! Another name.

use std::sync::Arc;

use conf::DomainName;
use protocol::Result;
use protocol::calls::DomainRename;
use protocol::consts::{DefinedDetail, UndefinedDetail};
use rpc::Router;

use super::{Context, no_flags};
use crate::domain::Domain;
use crate::error::{invalid, of_document};
use crate::events::{Event, Lifecycle};
use crate::{Lxc, define};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(rename);
}

async fn rename(cx: Context, call: DomainRename) -> Result<i32> {
    no_flags(call.flags, "lxcDomainRename")?;
    let name = DomainName::new(call.new_name.unwrap_or_default()).map_err(|error| of_document(&error))?;
    let lxc = &cx.driver;
    let old = lxc.domains.find(&call.dom)?;
    let _job = old.begin_job().await?;
    let _definitions = lxc.definitions.lock().await;
    let (def, autostart) = renamable(lxc, &old, name.as_str())?;
    let mut def = (*def).clone();
    def.name = name.clone();
    let def = Arc::new(def);
    // The new one first: a crash in between leaves two files, of which the next daemon names one in its log.
    define::save(lxc, &def).await?;
    let new = Arc::new(Domain::new(old.uuid, &name, Some(def), false));
    new.write().shutoff = old.read().shutoff;
    if autostart {
        define::set_autostart(lxc, &new, true).await?;
    }
    if old.read().autostart_once {
        define::set_autostart_once(lxc, &new, true).await?;
    }
    define::remove(lxc, &old.name).await?;
    let before = old.on_wire();
    // Whoever still holds the old one finds nothing in it.
    old.write().config = None;
    lxc.domains.replace(&old, &new);
    lxc.events.send(&before, &Event::Lifecycle(Lifecycle::Undefined(UndefinedDetail::RENAMED)));
    lxc.events.send(&new.on_wire(), &Event::Lifecycle(Lifecycle::Defined(DefinedDetail::RENAMED)));
    Ok(0)
}

/// The definition of a domain that may get this name, and whether it starts with the host.
fn renamable(lxc: &Lxc, domain: &Domain, name: &str) -> Result<(Arc<conf::domain::DomainDef>, bool)> {
    let state = domain.read();
    if state.run.is_some() {
        return Err(invalid("cannot rename active domain"));
    }
    let Some(def) = &state.config else { return Err(invalid("cannot rename a transient domain")) };
    if lxc.domains.by_name(name).is_some() {
        return Err(invalid(&format!("domain with name '{name}' already exists")));
    }
    Ok((Arc::clone(def), state.autostart))
}
