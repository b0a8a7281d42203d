//! DHCP leases.

use conf::MacAddr;
use protocol::calls::NetworkGetDhcpLeases;
use protocol::limits::NETWORK_DHCP_LEASES_MAX;
use protocol::types::DhcpLease;
use protocol::{Error, ErrorCode, ErrorDomain, Result};
use rpc::Router;
use xdr::List;

use super::{Context, count, no_flags};
use crate::{Networks, dnsmasq};

pub(super) fn routes(r: &mut Router<Networks>) {
    r.on(dhcp_leases);
}

async fn dhcp_leases(
    cx: Context,
    call: NetworkGetDhcpLeases,
) -> Result<(List<DhcpLease, NETWORK_DHCP_LEASES_MAX>, u32)> {
    no_flags(call.flags, "networkGetDHCPLeases")?;
    let wanted = call.mac.as_deref().map(|mac| {
        let invalid = |_| Error::new(ErrorCode::INVALID_MAC, ErrorDomain::NETWORK, mac);
        mac.parse::<MacAddr>().map_err(invalid)
    });
    let wanted = wanted.transpose()?;
    let network = cx.driver.registry.find(&call.net)?;
    let leases = dnsmasq::leases::of_network(&cx.driver, &network).await?;
    let fits = |lease: &DhcpLease| match wanted {
        None => true,
        Some(wanted) => {
            lease.mac.as_ref().is_some_and(|mac| mac.parse::<MacAddr>().is_ok_and(|mac| mac == wanted))
        }
    };
    let list: Vec<_> = leases.into_iter().filter(fits).collect();
    let number = count(list.len());
    Ok((if call.need_results == 0 { Vec::new() } else { list }.into(), number))
}
