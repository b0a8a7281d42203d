//! Security labels.

use protocol::Result;
use protocol::calls::DomainGetSecurityLabel;
use protocol::types::SecurityLabel;
use rpc::Router;

use super::Context;
use crate::Lxc;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(security_label);
}

async fn security_label(cx: Context, call: DomainGetSecurityLabel) -> Result<SecurityLabel> {
    let domain = cx.driver.domains.find(&call.dom)?;
    // Without a label an empty one, as libvirt answers.
    let mut label = domain.read().run.as_ref().map_or_else(Vec::new, |run| {
        let shown = run.def.seclabels.iter().find_map(|shown| shown.label.clone());
        shown.map_or_else(Vec::new, String::into_bytes)
    });
    if !label.is_empty() {
        label.push(0);
    }
    let enforcing = i32::from(!label.is_empty() && cx.driver.security.is_enforcing());
    Ok(SecurityLabel { label: label.into(), enforcing })
}
