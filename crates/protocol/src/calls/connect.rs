//! The connection, what the host offers, lists of domains and registration for their events.

use xdr::List;

use crate::{
    call::ServedBy,
    limits::*,
    params::Params,
    types::{Domain, DomainStatsRecord, Names},
};

calls! { REMOTE, Hypervisor;
    /// Opens the driver that a URI names. Only bit 0 of `flags`, read-only, has a meaning for a server.
    1 ConnectOpen { name: Option<String>, flags: u32 } -> () [connect.getattr] high by(ServedBy::Daemon);
    /// Says goodbye; the server closes the socket after its reply.
    2 ConnectClose {} -> () [] high by(ServedBy::Daemon);
    /// Sets whom the caller acts for; sent by a proxy in front of the daemon.
    419 ConnectSetIdentity { params: Params<CONNECT_IDENTITY_PARAMS_MAX>, flags: u32 } -> () [connect.write]
        deny;
    /// Whether the driver or the transport has a feature; unknown numbers are 0.
    60 ConnectSupportsFeature { feature: i32 } -> i32 [connect.getattr] high;
    /// Whether nobody can listen in: a UNIX socket or encrypted. Serves `virConnectIsEncrypted` as well.
    149 ConnectIsSecure {} -> i32 [] high;
    /// Asks to be told when the driver loses its own connection.
    360 ConnectRegisterCloseCallback {} -> () [connect.getattr] high;
    /// Takes that back.
    361 ConnectUnregisterCloseCallback {} -> () [connect.getattr] high;
    /// The kind of driver, such as "LXC".
    3 ConnectGetType {} -> String [connect.getattr] high;
    /// The version of the hypervisor: major * 1000000 + minor * 1000 + release.
    4 ConnectGetVersion {} -> u64 [connect.getattr] high;
    /// The version of the API, packed likewise.
    157 ConnectGetLibVersion {} -> u64 [connect.getattr] high;
    /// The URI that the driver was opened with.
    110 ConnectGetUri {} -> String [connect.getattr] high api("virConnectGetURI");
    /// The host's name.
    59 ConnectGetHostname {} -> String [connect.getattr] high;
    /// The host's SMBIOS information as XML.
    203 ConnectGetSysinfo { flags: u32 } -> String [connect.read] high;
    /// What the host and the driver can do, as XML.
    7 ConnectGetCapabilities {} -> String [connect.read];
    /// What a domain on this host may use, as XML.
    342 ConnectGetDomainCapabilities {
        emulatorbin: Option<String>, arch: Option<String>, machine: Option<String>,
        virttype: Option<String>, flags: u32,
    } -> String [connect.write] deny;
    /// Most virtual CPUs that a domain of this type may have.
    5 ConnectGetMaxVcpus { r#type: Option<String> } -> i32 [connect.read] high;
    /// Names of the known CPU models, or with need_results 0 only their number.
    312 ConnectGetCpuModelNames {
        arch: String, need_results: i32, flags: u32,
    } -> (Names<CONNECT_CPU_MODELS_MAX>, i32) [connect.read];
    /// Compares a CPU description with the host's.
    158 ConnectCompareCpu { xml: String, flags: u32 } -> i32 [connect.read] high;
    /// Compares a CPU description with what the hypervisor can offer.
    393 ConnectCompareHypervisorCpu {
        emulator: Option<String>, arch: Option<String>, machine: Option<String>, virttype: Option<String>,
        xmlCPU: String, flags: u32,
    } -> i32 [connect.write] deny;
    /// The richest CPU that all the given ones have in common.
    162 ConnectBaselineCpu { xmlCPUs: Names<CPU_BASELINE_MAX>, flags: u32 } -> String [connect.read];
    /// The same for the CPUs that the hypervisor can offer.
    394 ConnectBaselineHypervisorCpu {
        emulator: Option<String>, arch: Option<String>, machine: Option<String>, virttype: Option<String>,
        xmlCPUs: Names<CPU_BASELINE_MAX>, flags: u32,
    } -> String [connect.write] deny;
    /// Turns a configuration of the hypervisor's own format into domain XML.
    135 ConnectDomainXmlFromNative { nativeFormat: String, nativeConfig: String, flags: u32 } -> String
        [connect.write] deny;
    /// Turns domain XML into the hypervisor's own format.
    136 ConnectDomainXmlToNative { nativeFormat: String, domainXml: String, flags: u32 } -> String
        [connect.write] deny;
    /// Number of running domains.
    51 ConnectNumOfDomains {} -> i32 [connect.search_domains] high filter("domain", "getattr");
    /// Ids of running domains, at most maxids.
    37 ConnectListDomains { maxids: i32 } -> List<i32, DOMAIN_LIST_MAX> [connect.search_domains] high
        filter("domain", "getattr");
    /// Number of defined domains that do not run.
    25 ConnectNumOfDefinedDomains {} -> i32 [connect.search_domains] high filter("domain", "getattr");
    /// Names of defined domains that do not run, at most maxnames.
    21 ConnectListDefinedDomains { maxnames: i32 } -> Names<DOMAIN_LIST_MAX> [connect.search_domains] high
        filter("domain", "getattr");
    /// Domains that `flags` select, or with need_results 0 only their number.
    273 ConnectListAllDomains { need_results: i32, flags: u32 } -> (List<Domain, DOMAIN_LIST_MAX>, u32)
        [connect.search_domains] high filter("domain", "getattr");
    /// Statistics of the given domains, or of all if there are none.
    344 ConnectGetAllDomainStats {
        doms: List<Domain, DOMAIN_LIST_MAX>, stats: u32, flags: u32,
    } -> List<DomainStatsRecord, DOMAIN_LIST_MAX> [connect.search_domains] filter("domain", "read");
    /// Registers for lifecycle events without an id.
    105 ConnectDomainEventRegister {} -> i32 [connect.search_domains] high filter("domain", "getattr");
    /// Takes that back.
    106 ConnectDomainEventDeregister {} -> i32 [connect.read] high;
    /// Registers for one kind of domain event without an id; kinds 0 to 15.
    167 ConnectDomainEventRegisterAny { eventID: i32 } -> () [connect.search_domains] high
        filter("domain", "getattr");
    /// Takes that back.
    168 ConnectDomainEventDeregisterAny { eventID: i32 } -> () [connect.read] high;
    /// Registers for one kind of event of one or all domains; returns the id of the registration.
    316 ConnectDomainEventCallbackRegisterAny { eventID: i32, dom: Option<Domain> } -> i32
        [connect.search_domains] high filter("domain", "getattr") api("virConnectDomainEventRegisterAny");
    /// Ends a registration.
    317 ConnectDomainEventCallbackDeregisterAny { callbackID: i32 } -> () [connect.read] high
        api("virConnectDomainEventDeregisterAny");
}
