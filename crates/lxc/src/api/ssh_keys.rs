//! Keys that may log in inside by ssh.

use protocol::calls::{DomainAuthorizedSshKeysGet, DomainAuthorizedSshKeysSet};
use protocol::limits::DOMAIN_AUTHORIZED_SSH_KEYS_MAX;
use protocol::types::Names;
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use runtime::guest::{KeyChange, Question, Reply};

use super::{Context, no_flags};
use crate::Lxc;
use crate::guest::{ask, unexpected};

/// `VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_APPEND` and `.._REMOVE`.
const APPEND: u32 = 1;
const REMOVE: u32 = 2;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(authorized_ssh_keys_get).on(authorized_ssh_keys_set);
}

async fn authorized_ssh_keys_get(
    cx: Context,
    call: DomainAuthorizedSshKeysGet,
) -> Result<Names<DOMAIN_AUTHORIZED_SSH_KEYS_MAX>> {
    no_flags(call.flags, "lxcDomainAuthorizedSSHKeysGet")?;
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    match ask(&run, Question::SshKeys { user: call.user }).await? {
        Reply::Lines(keys) => Ok(keys.into()),
        other => Err(unexpected(&other)),
    }
}

async fn authorized_ssh_keys_set(cx: Context, call: DomainAuthorizedSshKeysSet) -> Result<()> {
    no_flags(call.flags & !(APPEND | REMOVE), "lxcDomainAuthorizedSSHKeysSet")?;
    let change = match call.flags {
        APPEND => KeyChange::Append,
        REMOVE => KeyChange::Remove,
        0 => KeyChange::Replace,
        _ => {
            let detail = "keys cannot be appended and removed in one call";
            return Err(Error::invalid_arg(ErrorDomain::LXC, detail));
        }
    };
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let question = Question::SetSshKeys { user: call.user, keys: call.keys.to_vec(), change };
    match ask(&run, question).await? {
        Reply::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}
