//! CPUs of a domain: number, placement, scheduling and time used.

use xdr::{List, Opaque};

use crate::{
    acl::Condition::{AffectsConfig, AnyFlag},
    consts::VcpuFlags,
    limits::*,
    params::Params,
    types::{Domain, IoThreadInfo, VcpuInfo},
};

calls! { REMOTE, Hypervisor;
    // Virtual CPUs.
    /// Sets the number of virtual CPUs of the running domain.
    32 DomainSetVcpus { dom: Domain, nvcpus: u32 } -> () [domain.write] deny;
    /// Sets the number of virtual CPUs of the running domain, the definition or both.
    199 DomainSetVcpusFlags { dom: Domain, nvcpus: u32, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig, domain.write if AnyFlag(VcpuFlags::GUEST.bits())] deny;
    /// The number of virtual CPUs that `flags` choose.
    200 DomainGetVcpusFlags { dom: Domain, flags: u32 } -> i32
        [domain.read, domain.write if AnyFlag(VcpuFlags::GUEST.bits())]
        deny_if(AnyFlag(VcpuFlags::GUEST.bits()));
    /// The most virtual CPUs that the domain may have.
    18 DomainGetMaxVcpus { dom: Domain } -> i32 [domain.read] high;
    /// Switches single virtual CPUs on or off.
    384 DomainSetVcpu { dom: Domain, cpumap: String, state: i32, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// State, time and placement of each virtual CPU.
    20 DomainGetVcpus {
        dom: Domain, maxinfo: i32, maplen: i32,
    } -> (List<VcpuInfo, VCPUINFO_MAX>, Opaque<CPUMAPS_MAX>) [domain.read] high;
    /// Ties a virtual CPU to CPUs of the host.
    26 DomainPinVcpu { dom: Domain, vcpu: u32, cpumap: Opaque<CPUMAP_MAX> } -> () [domain.write] deny;
    /// The same for the running domain, the definition or both.
    225 DomainPinVcpuFlags { dom: Domain, vcpu: u32, cpumap: Opaque<CPUMAP_MAX>, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// The CPUs that each virtual CPU is tied to.
    230 DomainGetVcpuPinInfo {
        dom: Domain, ncpumaps: i32, maplen: i32, flags: u32,
    } -> (Opaque<CPUMAPS_MAX>, i32) [domain.read];
    /// Ties the threads that are no virtual CPUs to CPUs of the host.
    279 DomainPinEmulator { dom: Domain, cpumap: Opaque<CPUMAP_MAX>, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// The CPUs that they are tied to.
    280 DomainGetEmulatorPinInfo { dom: Domain, maplen: i32, flags: u32 } -> (Opaque<CPUMAPS_MAX>, i32)
        [domain.read];

    // I/O threads.
    /// I/O threads and the CPUs that they are tied to.
    351 DomainGetIothreadInfo { dom: Domain, flags: u32 } -> (List<IoThreadInfo, IOTHREAD_INFO_MAX>, u32)
        [domain.read];
    /// Ties an I/O thread to CPUs of the host.
    352 DomainPinIothread { dom: Domain, iothreads_id: u32, cpumap: Opaque<CPUMAP_MAX>, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// Adds an I/O thread.
    355 DomainAddIothread { dom: Domain, iothread_id: u32, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// Removes an I/O thread.
    356 DomainDelIothread { dom: Domain, iothread_id: u32, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// Sets polling parameters of an I/O thread.
    402 DomainSetIothreadParams {
        dom: Domain, iothread_id: u32, params: Params<DOMAIN_IOTHREAD_PARAMS_MAX>, flags: u32,
    } -> () [domain.write, domain.save if AffectsConfig] deny;

    // Scheduling.
    /// The scheduler ("posix") and how many parameters it has.
    56 DomainGetSchedulerType { dom: Domain } -> (String, i32) [domain.read];
    /// The scheduler's parameters, at most nparams.
    57 DomainGetSchedulerParameters { dom: Domain, nparams: i32 } -> Params<DOMAIN_SCHEDULER_PARAMETERS_MAX>
        [domain.read];
    /// The same of the running domain or the definition.
    223 DomainGetSchedulerParametersFlags {
        dom: Domain, nparams: i32, flags: u32,
    } -> Params<DOMAIN_SCHEDULER_PARAMETERS_MAX> [domain.read];
    /// Sets the scheduler's parameters.
    58 DomainSetSchedulerParameters { dom: Domain, params: Params<DOMAIN_SCHEDULER_PARAMETERS_MAX> } -> ()
        [domain.read] deny;
    /// The same for the running domain, the definition or both.
    219 DomainSetSchedulerParametersFlags {
        dom: Domain, params: Params<DOMAIN_SCHEDULER_PARAMETERS_MAX>, flags: u32,
    } -> () [domain.write, domain.save if AffectsConfig] deny;
    /// CPU time, in total or per CPU of the host; the reply flattens ncpus times nparams parameters.
    262 DomainGetCpuStats {
        dom: Domain, nparams: u32, start_cpu: i32, ncpus: u32, flags: u32,
    } -> (Params<DOMAIN_GET_CPU_STATS_MAX>, i32) [domain.read];
    /// Which performance events are counted.
    365 DomainGetPerfEvents { dom: Domain, flags: u32 } -> Params<DOMAIN_PERF_EVENTS_MAX> [domain.read];
    /// Switches performance events on or off.
    366 DomainSetPerfEvents { dom: Domain, params: Params<DOMAIN_PERF_EVENTS_MAX>, flags: u32 } -> ()
        [domain.write] deny;
}
