//! The reset button.

use protocol::Result;
use protocol::calls::DomainReset;
use rpc::Router;
use runtime::control::Request;

use super::{Context, no_flags};
use crate::Lxc;
use crate::error::of_request;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(reset);
}

/// Ends every process at once and starts init again. Id, interfaces, addresses and consoles stay.
async fn reset(cx: Context, call: DomainReset) -> Result<()> {
    no_flags(call.flags, "lxcDomainReset")?;
    let domain = cx.driver.domains.find(&call.dom)?;
    let _job = domain.begin_job().await?;
    let run = domain.run()?;
    run.monitor.request(Request::Reset).await.map_err(|failure| of_request(&failure))?;
    Ok(())
}
