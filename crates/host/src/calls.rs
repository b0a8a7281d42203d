//! The calls: argument checks at the edge of the protocol, and replies.

use tokio::task::spawn_blocking;

use protocol::calls::{
    ConnectGetCapabilities, ConnectGetHostname, ConnectGetLibVersion, ConnectGetMaxVcpus, ConnectGetSysinfo,
    ConnectGetType, ConnectGetVersion, NodeAllocPages, NodeGetCellsFreeMemory, NodeGetCpuMap,
    NodeGetCpuStats, NodeGetFreeMemory, NodeGetFreePages, NodeGetInfo, NodeGetMemoryParameters,
    NodeGetMemoryStats, NodeGetSecurityModel, NodeSetMemoryParameters,
};
use protocol::consts::{AllocPagesFlags, param};
use protocol::params::{ParamValue, Params, TypedParam};
use protocol::types::{NodeCpuMap, NodeInfo, NodeStat, SecurityModel};
use protocol::{Call, Error, ErrorDomain, Result, limits};
use rpc::{Context, Router};
use xdr::{List, Vector};

use crate::stats::Stat;
use crate::{Host, MemoryParameter};

/// Bit of typed parameter calls: strings are welcome (`VIR_TYPED_PARAM_STRING_OKAY`). There are none here.
const STRING_OKAY: u32 = 4;

/// Registers every call that this crate answers.
pub fn routes<D>(r: &mut Router<D>)
where
    D: AsRef<Host> + Send + Sync + 'static,
{
    r.on(|_: Context<D>, _: ConnectGetType| async { Ok(crate::HYPERVISOR_TYPE.to_owned()) });
    r.on(|_: Context<D>, _: ConnectGetLibVersion| async { Ok(crate::LIB_VERSION) });
    r.on(|_: Context<D>, _: NodeGetSecurityModel| async { Ok(security_model()) });
    on(r, |host, _: &ConnectGetVersion| Ok(crate::kernel_version(host)?));
    on(r, |host, _: &ConnectGetHostname| Ok(crate::hostname(host)?));
    on(r, |host, _: &ConnectGetCapabilities| Ok(crate::capabilities(host)?));
    on(r, connect_get_sysinfo);
    on(r, |host, _: &ConnectGetMaxVcpus| Ok(signed(crate::max_vcpus(host)?)));
    on(r, |host, _: &NodeGetInfo| Ok(node_info(&crate::node_info(host)?)));
    on(r, node_get_cpu_map);
    on(r, node_get_cpu_stats);
    on(r, node_get_memory_stats);
    on(r, |host, _: &NodeGetFreeMemory| Ok(crate::free_memory(host)?));
    on(r, node_get_cells_free_memory);
    on(r, node_get_free_pages);
    on(r, node_get_memory_parameters);
    on(r, node_set_memory_parameters);
    on(r, node_alloc_pages);
}

impl AsRef<Self> for Host {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// Registers a call whose answer reads files: on a large machine some are thousands.
fn on<D, C>(r: &mut Router<D>, answer: fn(&Host, &C) -> Result<C::Reply>)
where
    D: AsRef<Host> + Send + Sync + 'static,
    C: Call,
{
    r.on(move |cx: Context<D>, call: C| async move {
        match spawn_blocking(move || answer((*cx.driver).as_ref(), &call)).await {
            Ok(reply) => reply,
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    });
}

fn connect_get_sysinfo(host: &Host, call: &ConnectGetSysinfo) -> Result<String> {
    reject_flags(ErrorDomain::LXC, "lxcConnectGetSysinfo", call.flags)?;
    Ok(crate::sysinfo(host)?)
}

fn node_info(info: &crate::NodeInfo) -> NodeInfo {
    NodeInfo {
        model: Vector::from_text(&info.model),
        memory: info.memory,
        cpus: signed(info.cpus),
        mhz: signed(info.mhz),
        nodes: signed(info.nodes),
        sockets: signed(info.sockets),
        cores: signed(info.cores),
        threads: signed(info.threads),
    }
}

fn node_get_cpu_map(host: &Host, call: &NodeGetCpuMap) -> Result<NodeCpuMap> {
    reject_flags(ErrorDomain::NONE, "virHostCPUGetMap", call.flags)?;
    let map = crate::cpu_map(host)?;
    let online = u32::try_from(map.online.count()).unwrap_or(u32::MAX);
    Ok(NodeCpuMap {
        cpumap: if call.need_map == 0 { Vec::new() } else { map.bitmap() }.into(),
        online: if call.need_online == 0 { 0 } else { online },
        ret: signed(map.cpus),
    })
}

fn node_get_cpu_stats(
    host: &Host,
    call: &NodeGetCpuStats,
) -> Result<(List<NodeStat, { limits::NODE_CPU_STATS_MAX }>, i32)> {
    let room = room(call.nparams, limits::NODE_CPU_STATS_MAX)?;
    // In libvirt the public function looks at the number before the driver looks at the flags.
    if call.cpuNum >= -1 {
        reject_flags(ErrorDomain::NONE, "virHostCPUGetStats", call.flags)?;
    }
    Ok(stats(crate::cpu_stats(host, call.cpuNum, room)?, room))
}

fn node_get_memory_stats(
    host: &Host,
    call: &NodeGetMemoryStats,
) -> Result<(List<NodeStat, { limits::NODE_MEMORY_STATS_MAX }>, i32)> {
    let room = room(call.nparams, limits::NODE_MEMORY_STATS_MAX)?;
    if call.cellNum >= -1 {
        reject_flags(ErrorDomain::NONE, "virHostMemGetStats", call.flags)?;
    }
    Ok(stats(crate::memory_stats(host, call.cellNum, room)?, room))
}

fn node_get_cells_free_memory(
    host: &Host,
    call: &NodeGetCellsFreeMemory,
) -> Result<List<u64, { limits::NODE_MAX_CELLS }>> {
    let max = u32::try_from(call.maxcells).map_err(|_| Error::rpc("maxcells must be non-negative"))?;
    if max > limits::NODE_MAX_CELLS {
        return Err(Error::rpc("maxcells > REMOTE_NODE_MAX_CELLS"));
    }
    Ok(crate::cells_free_memory(host, call.startCell, max)?.into())
}

fn node_get_free_pages(
    host: &Host,
    call: &NodeGetFreePages,
) -> Result<List<u64, { limits::NODE_MAX_CELLS }>> {
    reject_flags(ErrorDomain::LXC, "lxcNodeGetFreePages", call.flags)?;
    Ok(crate::free_pages(host, &call.pages, call.startCell, call.cellCount)?.into())
}

fn node_get_memory_parameters(
    host: &Host,
    call: &NodeGetMemoryParameters,
) -> Result<(Params<{ limits::NODE_MEMORY_PARAMETERS_MAX }>, i32)> {
    let room = room(call.nparams, limits::NODE_MEMORY_PARAMETERS_MAX)?;
    reject_flags(ErrorDomain::NONE, "virHostMemGetParameters", call.flags & !STRING_OKAY)?;
    let parameters = crate::memory_parameters(host)?;
    if room == 0 {
        return Ok((List::default(), count(parameters.len())));
    }
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    let parameters = parameters.into_iter().take(room).map(|(name, value)| match value {
        MemoryParameter::Setting(value) => TypedParam::new(name, value),
        MemoryParameter::Counter(value) => TypedParam::new(name, value),
    });
    Ok((parameters.collect(), 0))
}

/// Settings that a client may change, with their files.
const SETTINGS: [(&str, &str); 3] = [
    (param::NODE_MEMORY_SHARED_PAGES_TO_SCAN, "pages_to_scan"),
    (param::NODE_MEMORY_SHARED_SLEEP_MILLISECS, "sleep_millisecs"),
    (param::NODE_MEMORY_SHARED_MERGE_ACROSS_NODES, "merge_across_nodes"),
];

fn node_set_memory_parameters(host: &Host, call: &NodeSetMemoryParameters) -> Result<()> {
    reject_flags(ErrorDomain::NONE, "virHostMemSetParameters", call.flags & !STRING_OKAY)?;
    let mut wanted = Vec::new();
    for TypedParam { field, value } in call.params.iter() {
        let file = SETTINGS.iter().find(|(name, _)| name == field).map(|(_, file)| *file);
        let (Some(file), ParamValue::UInt(value)) = (file, value) else {
            let detail = format!("parameter '{field}' not supported");
            return Err(Error::argument_unsupported(ErrorDomain::NONE, &detail));
        };
        wanted.push((file, *value));
    }
    wanted.into_iter().try_for_each(|(file, value)| Ok(crate::set_memory_parameter(host, file, value)?))
}

fn node_alloc_pages(host: &Host, call: &NodeAllocPages) -> Result<i32> {
    reject_flags(ErrorDomain::LXC, "lxcNodeAllocPages", call.flags & !AllocPagesFlags::SET.bits())?;
    if call.pageSizes.len() != call.pageCounts.len() {
        return Err(Error::rpc("as many sizes as counts of pages are needed"));
    }
    if call.pageSizes.iter().any(|kib| u64::from(*kib) == host.page_kib) {
        let detail = "system pages pool can't be modified";
        return Err(Error::operation_unsupported(ErrorDomain::NONE, detail));
    }
    let pages: Vec<(u32, u64)> =
        call.pageSizes.iter().copied().zip(call.pageCounts.iter().copied()).collect();
    let set = call.flags & AllocPagesFlags::SET.bits() != 0;
    let done = crate::alloc_pages(host, &pages, call.startCell, call.cellCount, set)?;
    Ok(i32::try_from(done).unwrap_or(i32::MAX))
}

/// The security model: none. The texts travel with their NUL.
fn security_model() -> SecurityModel {
    SecurityModel { model: b"none\0"[..].into(), doi: b"0\0"[..].into() }
}

/// How many parameters a client has room for.
fn room(nparams: i32, max: u32) -> Result<u32> {
    let refuse = |detail| Error::internal(ErrorDomain::RPC, detail);
    let room = u32::try_from(nparams).map_err(|_| refuse("nparams must be non-negative"))?;
    if room > max { Err(refuse("nparams too large")) } else { Ok(room) }
}

/// The statistics, or only their number for a client that has no room.
fn stats<const MAX: u32>(stats: Vec<Stat>, room: u32) -> (List<NodeStat, MAX>, i32) {
    if room == 0 {
        return (List::default(), count(stats.len()));
    }
    let stats = stats.into_iter().map(|(field, value)| NodeStat { field: field.to_owned(), value });
    (stats.collect(), 0)
}

fn reject_flags(domain: ErrorDomain, function: &str, flags: u32) -> Result<()> {
    if flags == 0 { Ok(()) } else { Err(Error::unsupported_flags(domain, function, flags.into())) }
}

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn signed(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use protocol::ErrorCode;

    use super::*;
    use crate::testing::Fixture;

    /// Code, domain and message.
    fn refusal<T: std::fmt::Debug>(result: Result<T>) -> (i32, i32, String) {
        let error = result.unwrap_err();
        (error.code.0, error.domain.0, error.message)
    }

    #[test]
    fn room_for_parameters() {
        let fixture = Fixture::numa();
        let host = fixture.host();
        let ask = |cpu_num, nparams| {
            node_get_cpu_stats(&host, &NodeGetCpuStats { cpuNum: cpu_num, nparams, flags: 0 })
        };
        assert_eq!(ask(-1, 0), Ok((List::default(), 4)));
        let (list, nparams) = ask(1, 4).unwrap();
        assert_eq!((list.len(), list[0].field.as_str(), nparams), (4, "kernel", 0));
        assert_eq!(refusal(ask(-1, -1)), (1, 7, "internal error: nparams must be non-negative".into()));
        assert_eq!(refusal(ask(-1, i32::MIN)), (1, 7, "internal error: nparams must be non-negative".into()));
        assert_eq!(refusal(ask(-1, 17)), (1, 7, "internal error: nparams too large".into()));
        assert_eq!(refusal(ask(-1, i32::MAX)), (1, 7, "internal error: nparams too large".into()));
        assert_eq!(refusal(ask(-1, 16)).0, ErrorCode::INVALID_ARG.0);
        let text = "cpuNum in virNodeGetCPUStats only accepts -1 as a negative value";
        assert_eq!(refusal(ask(-2, 0)), (8, 20, text.into()));
    }

    #[test]
    fn flags_are_checked_where_libvirt_does() {
        let fixture = Fixture::numa();
        let host = fixture.host();
        let text = |function| format!("unsupported flags (0x1) in function {function}");
        let stats = |cpu| node_get_cpu_stats(&host, &NodeGetCpuStats { cpuNum: cpu, nparams: 4, flags: 1 });
        assert_eq!(refusal(stats(-1)), (8, 0, text("virHostCPUGetStats")));
        assert_eq!(refusal(stats(-2)).1, 20);
        let map = node_get_cpu_map(&host, &NodeGetCpuMap { need_map: 0, need_online: 0, flags: 1 });
        assert_eq!(refusal(map), (8, 0, text("virHostCPUGetMap")));
        let memory =
            |flags| node_get_memory_parameters(&host, &NodeGetMemoryParameters { nparams: 0, flags });
        assert_eq!(refusal(memory(1)), (8, 0, text("virHostMemGetParameters")));
        assert_eq!(memory(4), Ok((List::default(), 0)));
        let sysinfo = connect_get_sysinfo(&host, &ConnectGetSysinfo { flags: 1 });
        assert_eq!(refusal(sysinfo), (8, 17, text("lxcConnectGetSysinfo")));
    }

    #[test]
    fn memory_parameters_are_cut_to_the_room() {
        let files = [("pages_to_scan", "100"), ("pages_shared", "7"), ("full_scans", "1")];
        let fixture = Fixture::new().files("sys/kernel/mm/ksm", &files);
        let host = fixture.host();
        let ask = |nparams| {
            node_get_memory_parameters(&host, &NodeGetMemoryParameters { nparams, flags: 0 }).unwrap()
        };
        assert_eq!(ask(0), (List::default(), 3));
        let (params, nparams) = ask(2);
        let expected =
            [TypedParam::new("shm_pages_to_scan", 100_u32), TypedParam::new("shm_pages_shared", 7_u64)];
        assert_eq!((params.as_slice(), nparams), (&expected[..], 0));
        assert_eq!(ask(64).0.len(), 3);
    }

    #[test]
    fn cells_and_pages() {
        let fixture = Fixture::numa();
        let host = fixture.host();
        let cells = |start, max| {
            node_get_cells_free_memory(&host, &NodeGetCellsFreeMemory { startCell: start, maxcells: max })
        };
        assert_eq!(cells(0, 1024).unwrap().len(), 2);
        assert_eq!(refusal(cells(0, 1025)), (39, 7, "maxcells > REMOTE_NODE_MAX_CELLS".into()));
        assert_eq!(refusal(cells(0, -1)), (39, 7, "maxcells must be non-negative".into()));
        assert_eq!(refusal(cells(2, 1)), (1, 0, "internal error: start cell 2 out of range (0-1)".into()));
        let pages = |pages: &[u32], start, count| {
            let call = NodeGetFreePages {
                pages: pages.to_vec().into(),
                startCell: start,
                cellCount: count,
                flags: 0,
            };
            node_get_free_pages(&host, &call)
        };
        assert_eq!(pages(&[4], -1, 1).unwrap().0, [131_072]);
        // The call of CVE-2026-18917.
        let text = "internal error: the result won't fit into REMOTE_NODE_MAX_CELLS";
        assert_eq!(refusal(pages(&[4; 1023], 0, 4_198_405)), (1, 7, text.into()));
    }

    #[test]
    fn every_call_has_one_handler() {
        let mut router = Router::<Host>::new();
        routes(&mut router);
        let host = Host::at("/nowhere", "x86_64", "/emulator");
        let routes = router.finish(std::sync::Arc::new(host));
        let names: Vec<_> = routes.calls().map(|call| call.name).collect();
        assert_eq!(names.len(), 18);
        assert!(names.iter().all(|name| name.starts_with("connect_get") || name.starts_with("node_")));
    }

    #[test]
    fn replies() {
        let fixture = Fixture::numa();
        let host = fixture.host();
        let map = |map, online| {
            let call = NodeGetCpuMap { need_map: map, need_online: online, flags: 0 };
            node_get_cpu_map(&host, &call).unwrap()
        };
        assert_eq!((map(1, 1).cpumap.0, map(1, 1).online, map(1, 1).ret), (vec![0x7f], 7, 8));
        assert_eq!((map(0, 0).cpumap.0, map(0, 0).online, map(0, 0).ret), (vec![], 0, 8));
        let info = node_info(&crate::node_info(&host).unwrap());
        assert_eq!((info.model.to_text().as_str(), info.cpus, info.threads), ("x86_64", 7, 2));
        assert_eq!(xdr::to_bytes(&security_model()).unwrap().len(), 4 + 4 * 5 + 4 + 4 * 2);
    }
}
