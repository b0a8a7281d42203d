//! CPU caches that several cores share.

use crate::cpu::cpu_map;
use crate::{CpuSet, Host, Result};

/// Smallest level reported: those below belong to one core.
const MIN_LEVEL: u32 = 3;

/// One cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cache {
    pub(crate) level: u32,
    pub(crate) kind: Kind,
    pub(crate) id: u32,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) cpus: CpuSet,
}

/// What a cache holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Code and data.
    Both,
    /// Code.
    Code,
    /// Data.
    Data,
}

/// Shared caches of the online CPUs, by level, kind and id. Caches the kernel gives no id are left out.
pub(crate) fn caches(host: &Host) -> Result<Vec<Cache>> {
    let mut caches: Vec<Cache> = Vec::new();
    for cpu in cpu_map(host)?.online.iter() {
        let dir = format!("sys/devices/system/cpu/cpu{cpu}/cache");
        for index in host.files.numbered(&dir, "index", "")? {
            let cache = cache(host, &format!("{dir}/index{index}"))?;
            if let Some(cache) = cache.filter(|cache| !caches.contains(cache)) {
                caches.push(cache);
            }
        }
    }
    caches.sort_by_key(|cache| (cache.level, cache.kind, cache.id));
    Ok(caches)
}

fn cache(host: &Host, dir: &str) -> Result<Option<Cache>> {
    let files = &host.files;
    let level = files.number(format!("{dir}/level"))?.unwrap_or(0);
    if level < MIN_LEVEL {
        return Ok(None);
    }
    let kind = match files.text(format!("{dir}/type"))?.as_deref() {
        Some("Unified") => Kind::Both,
        Some("Instruction") => Kind::Code,
        Some("Data") => Kind::Data,
        _ => return Ok(None),
    };
    let size = files.text(format!("{dir}/size"))?.and_then(|text| bytes(&text));
    let (id, cpus) = (files.number(format!("{dir}/id"))?, files.list(format!("{dir}/shared_cpu_list"))?);
    let found = id.zip(size).zip(cpus);
    Ok(found.map(|((id, size), cpus)| Cache { level, kind, id, size, cpus }))
}

/// `49152K` in bytes.
fn bytes(text: &str) -> Option<u64> {
    text.strip_suffix('K')?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn shared_caches_are_listed_once() {
        let caches = caches(&Fixture::numa().host()).unwrap();
        let shown: Vec<_> =
            caches.iter().map(|c| (c.level, c.kind, c.id, c.size, c.cpus.to_string())).collect();
        let size = 32 << 20;
        assert_eq!(
            shown,
            [(3, Kind::Both, 0, size, "0-1,4-5".into()), (3, Kind::Both, 1, size, "2-3,6".into())]
        );
    }

    #[test]
    fn caches_without_an_id_are_left_out() {
        let fixture = Fixture::new()
            .files("sys/devices/system/cpu", &[("present", "0"), ("online", "0")])
            .cpu(0, 0, 0, "0", "0")
            .without("sys/devices/system/cpu/cpu0/cache/index1/id");
        assert_eq!(caches(&fixture.host()).unwrap(), []);
    }
}
