//! File systems inside.

use conf::domain::DomainDef;
use protocol::calls::{DomainFsfreeze, DomainFsthaw, DomainFstrim, DomainGetFsinfo};
use protocol::limits::DOMAIN_FSINFO_MAX;
use protocol::types::FsInfo;
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use runtime::control::{Answer, Request};
use runtime::guest::{Filesystem, Question, Reply};
use xdr::List;

use super::{Context, no_flags};
use crate::Lxc;
use crate::domain::Run;
use crate::guest::{ask, of_guest, unexpected};

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(fsinfo).on(fstrim).on(fsfreeze).on(fsthaw);
}

/// What is mounted in a running container and holds data.
pub(super) async fn mounted(run: &Run) -> Result<Vec<Filesystem>> {
    match ask(run, Question::Filesystems).await? {
        Reply::Filesystems(list) => Ok(list),
        other => Err(unexpected(&other)),
    }
}

async fn fsinfo(cx: Context, call: DomainGetFsinfo) -> Result<(List<FsInfo, DOMAIN_FSINFO_MAX>, u32)> {
    no_flags(call.flags, "lxcDomainGetFSInfo")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let max = usize::try_from(DOMAIN_FSINFO_MAX).unwrap_or(usize::MAX);
    let list: Vec<FsInfo> = mounted(&run)
        .await?
        .into_iter()
        .take(max)
        .map(|one| FsInfo {
            dev_aliases: alias(&run.def, &one.mountpoint).into_iter().collect::<Vec<_>>().into(),
            mountpoint: one.mountpoint,
            name: one.source,
            fstype: one.fstype,
        })
        .collect();
    let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
    Ok((list.into(), count))
}

/// Alias of the `<filesystem>` that is mounted there.
fn alias(def: &DomainDef, mountpoint: &str) -> Option<String> {
    let found = def.devices.filesystems().find(|filesystem| filesystem.target == mountpoint);
    found.and_then(|filesystem| filesystem.info.alias.clone())
}

async fn fstrim(cx: Context, call: DomainFstrim) -> Result<()> {
    no_flags(call.flags, "lxcDomainFSTrim")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let question = Question::Trim { mountpoint: call.mountPoint, minimum: call.minimum };
    match ask(&run, question).await? {
        Reply::Mountpoints(_) => Ok(()),
        other => Err(unexpected(&other)),
    }
}

async fn fsfreeze(cx: Context, call: DomainFsfreeze) -> Result<i32> {
    no_flags(call.flags, "lxcDomainFSFreeze")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let question = Question::Freeze { mountpoints: call.mountpoints.to_vec() };
    match ask(&run, question).await? {
        Reply::Mountpoints(frozen) => Ok(i32::try_from(frozen.len()).unwrap_or(i32::MAX)),
        other => Err(unexpected(&other)),
    }
}

/// Thaws all that was frozen; single ones cannot be chosen, as with most agents.
async fn fsthaw(cx: Context, call: DomainFsthaw) -> Result<i32> {
    no_flags(call.flags, "lxcDomainFSThaw")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    if !call.mountpoints.is_empty() {
        let detail = "specifying mountpoints is not supported";
        return Err(Error::argument_unsupported(ErrorDomain::LXC, detail));
    }
    let answer = run.monitor.request(Request::ThawFilesystems).await;
    match answer.map_err(|failure| of_guest(&failure))? {
        (Answer::Count { count }, _) => Ok(i32::try_from(count).unwrap_or(i32::MAX)),
        (other, _) => Err(crate::error::internal(&format!("unexpected answer of the monitor: {other:?}"))),
    }
}
