//! Definitions: on disk and in the registry.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use conf::DomainName;
use conf::domain::{DomainDef, FormatFlags, ParseFlags};
use protocol::consts::DefinedDetail;
use protocol::{Error, ErrorDomain, Result, Uuid};

use crate::Lxc;
use crate::domain::Domain;
use crate::error::{invalid, of_document, of_file};
use crate::events::{Event, Lifecycle};
use crate::files::{self, Durability};

/// Reads all definitions. A bad one is named in the log, and costs nobody else anything.
pub(crate) fn load_all(lxc: &Lxc) {
    for_each_on_disk(lxc, |uuid, def| match lxc.domains.by_uuid(uuid) {
        Some(other) => taken(lxc, &def, &other),
        None => insert(lxc, uuid, def),
    });
}

/// Takes over what has changed on disk.
pub(crate) fn reload(lxc: &Lxc) {
    for_each_on_disk(lxc, |uuid, def| {
        let detail = match lxc.domains.by_uuid(uuid) {
            Some(other) if other.name != def.name => return taken(lxc, &def, &other),
            Some(domain) => {
                let flags = FormatFlags::INACTIVE | FormatFlags::SECURE;
                let before = domain.read().config.clone();
                if before.is_some_and(|before| before.format(flags) == def.format(flags)) {
                    return;
                }
                domain.write().config = Some(Arc::new(def));
                DefinedDetail::UPDATED
            }
            None => {
                insert(lxc, uuid, def);
                DefinedDetail::ADDED
            }
        };
        if let Some(domain) = lxc.domains.by_uuid(uuid) {
            lxc.events.send(&domain.on_wire(), &Event::Lifecycle(Lifecycle::Defined(detail)));
        }
    });
}

/// Calls `action` with the uuid and the content of every definition that can be used.
fn for_each_on_disk(lxc: &Lxc, mut action: impl FnMut(Uuid, DomainDef)) {
    let context = lxc.parse_context(ParseFlags::empty());
    for (stem, text) in files::documents(&lxc.paths.config) {
        let path = lxc.paths.config.join(format!("{stem}.xml"));
        match DomainDef::parse(&text, &context) {
            Ok(def) if *def.name == *stem => action(Uuid(def.uuid.0), def),
            Ok(DomainDef { name, .. }) => {
                tracing::error!(path = %path.display(), name = %name, "file and domain have different names, ignored");
            }
            Err(error) => tracing::error!(path = %path.display(), %error, "definition ignored"),
        }
    }
}

fn insert(lxc: &Lxc, uuid: Uuid, def: DomainDef) {
    let definition = lxc.paths.definition(&def.name);
    let is_set = |link: &Path| std::fs::read_link(link).is_ok_and(|target| target == definition);
    let autostart = is_set(&lxc.paths.autostart_link(&def.name));
    let once = is_set(&lxc.paths.autostart_once_link(&def.name));
    let domain = Domain::new(uuid, &def.name.clone(), Some(Arc::new(def)), autostart);
    domain.write().autostart_once = once;
    lxc.domains.insert(&Arc::new(domain));
}

fn taken(lxc: &Lxc, def: &DomainDef, other: &Domain) {
    let (path, uuid, other) = (lxc.paths.definition(&def.name), other.uuid, other.name.as_str());
    tracing::error!(path = %path.display(), %uuid, other, "another domain has the uuid, ignored");
}

/// The existing domain that a document is for: same name and same uuid. One of them alone is an error.
pub(crate) fn existing(lxc: &Lxc, def: &DomainDef) -> Result<Option<Arc<Domain>>> {
    let uuid = Uuid(def.uuid.0);
    if let Some(domain) = lxc.domains.by_uuid(uuid) {
        if domain.name == def.name {
            return Ok(Some(domain));
        }
        let detail = format!("domain '{}' is already defined with uuid {uuid}", domain.name);
        return Err(Error::operation_failed(ErrorDomain::DOMAIN, &detail));
    }
    if let Some(domain) = lxc.domains.by_name(&def.name) {
        let detail = format!("domain '{}' already exists with uuid {}", domain.name, domain.uuid);
        return Err(Error::operation_failed(ErrorDomain::DOMAIN, &detail));
    }
    Ok(None)
}

/// A copy of a definition without what exists only while running.
pub(crate) fn inactive(lxc: &Lxc, def: &DomainDef) -> Result<DomainDef> {
    let text = def.format(FormatFlags::INACTIVE | FormatFlags::SECURE);
    DomainDef::parse(&text, &lxc.parse_context(ParseFlags::empty())).map_err(|error| of_document(&error))
}

/// Writes a definition to disk.
pub(crate) async fn save(lxc: &Lxc, def: &Arc<DomainDef>) -> Result<()> {
    let path = lxc.paths.definition(&def.name);
    let def = Arc::clone(def);
    blocking(move || {
        let text = format!(
            "<!-- Written by virtcontainerd; a change by hand gets lost. Use \"virsh edit\" instead. -->\n\n{}",
            def.format(FormatFlags::INACTIVE | FormatFlags::SECURE)
        );
        files::replace(&path, &text, Durability::Disk).map_err(|error| of_file("cannot write", &path, &error))
    })
    .await
}

/// Removes a definition and its autostart links from disk.
pub(crate) async fn remove(lxc: &Lxc, name: &DomainName) -> Result<()> {
    let (path, link) = (lxc.paths.definition(name), lxc.paths.autostart_link(name));
    let once = lxc.paths.autostart_once_link(name);
    blocking(move || {
        for path in [&link, &once, &path] {
            files::remove(path, Durability::Disk).map_err(|error| of_file("cannot remove", path, &error))?;
        }
        Ok(())
    })
    .await
}

/// Makes or removes the autostart link of a persistent domain.
pub(crate) async fn set_autostart(lxc: &Lxc, domain: &Domain, autostart: bool) -> Result<()> {
    let present = domain.read().autostart;
    let link = lxc.paths.autostart_link(&domain.name);
    set_link(lxc, domain, link, present, autostart).await?;
    domain.write().autostart = autostart;
    Ok(())
}

/// The same for the next boot of the host only.
pub(crate) async fn set_autostart_once(lxc: &Lxc, domain: &Domain, once: bool) -> Result<()> {
    let present = domain.read().autostart_once;
    let link = lxc.paths.autostart_once_link(&domain.name);
    set_link(lxc, domain, link, present, once).await?;
    domain.write().autostart_once = once;
    Ok(())
}

async fn set_link(lxc: &Lxc, domain: &Domain, link: PathBuf, present: bool, wanted: bool) -> Result<()> {
    if !domain.read().is_persistent() {
        return Err(invalid("Cannot set autostart for transient domain"));
    }
    if present == wanted {
        return Ok(());
    }
    let path = lxc.paths.definition(&domain.name);
    blocking(move || {
        let done =
            if wanted { files::replace_link(&path, &link) } else { files::remove(&link, Durability::Disk) };
        done.map_err(|error| of_file("cannot change", &link, &error))
    })
    .await
}

/// Runs what waits for a disk where it holds up no other client.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}
