//! Memory of a domain.

use xdr::{List, Opaque};

use crate::{
    acl::Condition::AffectsConfig,
    limits::*,
    params::Params,
    types::{Domain, MemoryStat},
};

calls! { REMOTE, Hypervisor;
    /// The most memory that the domain may have, in KiB.
    17 DomainGetMaxMemory { dom: Domain } -> u64 [domain.read] high;
    /// Sets that, in KiB.
    30 DomainSetMaxMemory { dom: Domain, memory: u64 } -> () [domain.write] high deny;
    /// Sets the memory of the running domain, in KiB.
    31 DomainSetMemory { dom: Domain, memory: u64 } -> () [domain.write] deny;
    /// Sets the memory of the running domain, the definition or both, in KiB.
    204 DomainSetMemoryFlags { dom: Domain, memory: u64, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// What the memory is used for.
    159 DomainMemoryStats {
        dom: Domain, maxStats: u32, flags: u32,
    } -> List<MemoryStat, DOMAIN_MEMORY_STATS_MAX> [domain.read];
    /// Sets how often a guest reports on its memory, in seconds.
    308 DomainSetMemoryStatsPeriod { dom: Domain, period: i32, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// Reads the guest's memory.
    104 DomainMemoryPeek {
        dom: Domain, offset: u64, size: u32, flags: u32,
    } -> Opaque<DOMAIN_MEMORY_PEEK_BUFFER_MAX> [domain.mem_read] deny;
    /// Sets memory limits.
    197 DomainSetMemoryParameters {
        dom: Domain, params: Params<DOMAIN_MEMORY_PARAMETERS_MAX>, flags: u32,
    } -> () [domain.write, domain.save if AffectsConfig] deny;
    /// Memory limits; with nparams 0 only how many there are.
    198 DomainGetMemoryParameters {
        dom: Domain, nparams: i32, flags: u32,
    } -> (Params<DOMAIN_MEMORY_PARAMETERS_MAX>, i32) [domain.read];
    /// Sets the NUMA policy.
    254 DomainSetNumaParameters {
        dom: Domain, params: Params<DOMAIN_NUMA_PARAMETERS_MAX>, flags: u32,
    } -> () [domain.write, domain.save if AffectsConfig] deny;
    /// The NUMA policy; with nparams 0 only how many parameters there are.
    255 DomainGetNumaParameters {
        dom: Domain, nparams: i32, flags: u32,
    } -> (Params<DOMAIN_NUMA_PARAMETERS_MAX>, i32) [domain.read];
}
