//! Passwords of users inside.

use protocol::calls::DomainSetUserPassword;
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use runtime::guest::{Question, Reply};

use super::{Context, no_flags};
use crate::define::blocking;
use crate::guest::{ask, unexpected};
use crate::{Lxc, crypt};

/// `VIR_DOMAIN_PASSWORD_ENCRYPTED`.
const ENCRYPTED: u32 = 1;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(set_user_password);
}

async fn set_user_password(cx: Context, call: DomainSetUserPassword) -> Result<()> {
    if call.flags & !ENCRYPTED != 0 {
        no_flags(call.flags & !ENCRYPTED, "lxcDomainSetUserPassword")?;
    }
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let missing = |what: &str| Error::invalid_arg(ErrorDomain::LXC, &format!("{what} is missing"));
    let user = call.user.ok_or_else(|| missing("user"))?;
    let password = call.password.ok_or_else(|| missing("password"))?;
    let hash = if call.flags & ENCRYPTED != 0 { password } else { hash(password).await? };
    match ask(&run, Question::SetPassword { user, hash }).await? {
        Reply::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}

/// It takes a while on purpose.
async fn hash(password: String) -> Result<String> {
    blocking(move || {
        let mut random = [0; 16];
        crate::fill_random(&mut random);
        Ok(crypt::sha512(password.as_bytes(), &crypt::salt(&random)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hashes_are_salted() {
        let (one, two) = (hash("secret".into()).await.unwrap(), hash("secret".into()).await.unwrap());
        assert!(one.starts_with("$6$") && one != two, "{one}");
        assert!(!one.contains([':', '\n']));
    }
}
