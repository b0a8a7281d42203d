//! All figures of many domains in one call.

mod groups;

use std::sync::Arc;

use protocol::calls::ConnectGetAllDomainStats;
use protocol::consts::{AllDomainStatsFlags, ListDomainsFlags, StatsTypes};
use protocol::limits::DOMAIN_LIST_MAX;
use protocol::params::{ParamValue, TypedParam};
use protocol::types::DomainStatsRecord;
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use tokio::task::JoinSet;
use xdr::List;

use super::{Context, flags, list};
use crate::Lxc;
use crate::domain::Domain;

/// Domains that one thread looks at before another is worth its while.
const PART: usize = 32;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(all_domain_stats);
}

async fn all_domain_stats(
    cx: Context,
    call: ConnectGetAllDomainStats,
) -> Result<List<DomainStatsRecord, DOMAIN_LIST_MAX>> {
    let supported = <AllDomainStatsFlags as bitflags::Flags>::all();
    let flags = flags(call.flags, supported, "lxcConnectGetAllDomainStats")?;
    let wanted = wanted(call.stats, flags)?;
    let filter = ListDomainsFlags::from_bits_retain(flags.bits() & 0xff);
    let mut domains = if call.doms.is_empty() {
        cx.driver.domains.all()
    } else {
        // One that is gone meanwhile is left out, as libvirt does.
        call.doms.iter().filter_map(|dom| cx.driver.domains.find(dom).ok()).collect()
    };
    domains.retain(|domain| list::matches(&domain.read(), filter));
    records(&cx.driver, domains, wanted).await
}

/// The groups of figures to tell; none means all.
fn wanted(bits: u32, flags: AllDomainStatsFlags) -> Result<StatsTypes> {
    let unknown = bits & !<StatsTypes as bitflags::Flags>::all().bits();
    if unknown != 0 && flags.contains(AllDomainStatsFlags::ENFORCE_STATS) {
        let detail = format!("Stats types bits 0x{unknown:x} are not supported by this daemon");
        return Err(Error::argument_unsupported(ErrorDomain::LXC, &detail));
    }
    Ok(if bits == 0 {
        <StatsTypes as bitflags::Flags>::all()
    } else {
        StatsTypes::from_bits_retain(bits & !unknown)
    })
}

/// Most of the time is the kernel's, for some files a domain, so all processors help.
async fn records(
    lxc: &Arc<Lxc>,
    domains: Vec<Arc<Domain>>,
    wanted: StatsTypes,
) -> Result<List<DomainStatsRecord, DOMAIN_LIST_MAX>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = domains.len().div_ceil(threads).max(PART);
    let host = Arc::new(groups::Host::look(lxc, wanted));
    let mut tasks = JoinSet::new();
    for (at, domains) in domains.chunks(part).enumerate() {
        let (domains, host) = (domains.to_vec(), Arc::clone(&host));
        tasks.spawn_blocking(move || {
            let records = domains.iter().map(|domain| record(domain, &host, wanted));
            (at, records.collect::<Vec<_>>())
        });
    }
    let mut parts = tasks.join_all().await;
    parts.sort_by_key(|(at, _)| *at);
    Ok(parts.into_iter().flat_map(|(_, records)| records).collect::<Vec<_>>().into())
}

fn record(domain: &Domain, host: &groups::Host, wanted: StatsTypes) -> DomainStatsRecord {
    let mut list = Figures(Vec::new());
    let (def, run, numbers) = {
        let state = domain.read();
        (state.current().cloned(), state.run.clone(), state.numbers())
    };
    if let Some(def) = def {
        let subject = groups::Subject { def: &def, run: run.as_ref(), numbers };
        groups::add_all(&subject, host, wanted, &mut list);
    }
    let id = run.map_or(-1, |run| run.id);
    DomainStatsRecord { dom: domain.with_id(id), params: list.0.into() }
}

/// Figures by name.
#[derive(Debug)]
struct Figures(Vec<TypedParam>);

impl Figures {
    fn add(&mut self, name: impl Into<String>, value: impl Into<ParamValue>) {
        self.0.push(TypedParam::new(name, value));
    }

    /// One of several things of a kind: `PREFIX` number `SUFFIX`.
    fn nth(&mut self, prefix: &str, number: usize, suffix: &str, value: impl Into<ParamValue>) {
        self.add(format!("{prefix}{number}{suffix}"), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_groups() {
        let none = AllDomainStatsFlags::empty();
        assert_eq!(wanted(0, none).unwrap(), <StatsTypes as bitflags::Flags>::all());
        assert_eq!(wanted(6, none).unwrap(), StatsTypes::CPU_TOTAL | StatsTypes::BALLOON);
        // What is not known is left out, unless the client insists.
        assert_eq!(wanted(1 << 20 | 1, none).unwrap(), StatsTypes::STATE);
        let error = wanted(1 << 20 | 1, AllDomainStatsFlags::ENFORCE_STATS).unwrap_err();
        assert_eq!(error.code.0, 74);
        assert!(error.message.contains("0x100000"), "{}", error.message);
    }
}
