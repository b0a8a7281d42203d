//! Domains: look-up, life, definition, state and description.

use xdr::List;

use crate::{
    acl::Condition::{AffectsConfig, AnyFlag},
    consts::{DomainXmlFlags, RebootFlags, ShutdownFlags},
    limits::*,
    params::Params,
    types::{ControlInfo, Domain, DomainInfo, Names, SecurityLabel, Uuid},
};

/// The flags that bring secrets into the description.
const SECRETS: u32 = DomainXmlFlags::SECURE.union(DomainXmlFlags::MIGRATABLE).bits();

calls! { REMOTE, Hypervisor;
    // Look-up.
    /// The running domain with this id.
    22 DomainLookupById { id: i32 } -> Domain [domain.getattr] high;
    /// The domain with this name.
    23 DomainLookupByName { name: String } -> Domain [domain.getattr] high;
    /// The domain with this UUID.
    24 DomainLookupByUuid { uuid: Uuid } -> Domain [domain.getattr] high;

    // Life.
    /// Starts a transient domain, or a defined one from a changed description.
    10 DomainCreateXml { xml_desc: String, flags: u32 } -> Domain [domain.write, domain.start] deny;
    /// The same with descriptors for the domain's init.
    309 DomainCreateXmlWithFiles { xml_desc: String, flags: u32 } -> Domain [domain.write, domain.start]
        deny fds_in;
    /// Starts a defined domain.
    9 DomainCreate { dom: Domain } -> () [domain.start] deny;
    /// Starts a defined domain and returns it with its new id.
    196 DomainCreateWithFlags { dom: Domain, flags: u32 } -> Domain [domain.start] deny;
    /// The same with descriptors for the domain's init.
    310 DomainCreateWithFiles { dom: Domain, flags: u32 } -> Domain [domain.start] deny fds_in;
    /// Asks the guest to shut down.
    33 DomainShutdown { dom: Domain } -> () [domain.init_control] deny;
    /// Asks the guest to shut down in the ways that `flags` allow.
    258 DomainShutdownFlags { dom: Domain, flags: u32 } -> ()
        [domain.init_control, domain.write if AnyFlag(ShutdownFlags::GUEST_AGENT.bits())] deny;
    /// Asks the guest to reboot.
    27 DomainReboot { dom: Domain, flags: u32 } -> ()
        [domain.init_control, domain.write if AnyFlag(RebootFlags::GUEST_AGENT.bits())] deny;
    /// Resets the domain as its reset button would.
    245 DomainReset { dom: Domain, flags: u32 } -> () [domain.reset] deny;
    /// Ends the domain at once.
    12 DomainDestroy { dom: Domain } -> () [domain.stop] high deny;
    /// Ends the domain at once, or with a grace period.
    234 DomainDestroyFlags { dom: Domain, flags: u32 } -> () [domain.stop] high deny;
    /// Freezes all processes of the domain.
    34 DomainSuspend { dom: Domain } -> () [domain.suspend] deny;
    /// Thaws them.
    28 DomainResume { dom: Domain } -> () [domain.suspend] deny;
    /// Asks the guest to suspend to memory or disk.
    261 DomainPmSuspendForDuration { dom: Domain, target: u32, duration: u64, flags: u32 } -> ()
        [domain.pm_control] deny;
    /// Wakes a guest that suspended itself.
    267 DomainPmWakeup { dom: Domain, flags: u32 } -> () [domain.pm_control] deny;
    /// Changes what happens on poweroff, reboot or crash.
    390 DomainSetLifecycleAction { dom: Domain, r#type: u32, action: u32, flags: u32 } -> () [domain.write]
        deny;

    // Definition.
    /// Defines a domain, or changes the definition of an existing one.
    11 DomainDefineXml { xml: String } -> Domain [domain.write, domain.save] high deny;
    /// The same, with `flags` for validation against the schema.
    350 DomainDefineXmlFlags { xml: String, flags: u32 } -> Domain [domain.write, domain.save] high deny;
    /// Forgets the definition.
    35 DomainUndefine { dom: Domain } -> () [domain.delete] high deny;
    /// Forgets the definition and what `flags` add, such as a saved image.
    231 DomainUndefineFlags { dom: Domain, flags: u32 } -> () [domain.delete] high deny;
    /// Gives a defined domain another name.
    358 DomainRename { dom: Domain, new_name: Option<String>, flags: u32 } -> i32
        [domain.write, domain.save] deny;
    /// Whether the domain starts with the daemon.
    15 DomainGetAutostart { dom: Domain } -> i32 [domain.read] high;
    /// Lets the domain start with the daemon, or not.
    29 DomainSetAutostart { dom: Domain, autostart: i32 } -> () [domain.write] high deny;
    /// Whether the domain starts with the next boot only.
    449 DomainGetAutostartOnce { dom: Domain } -> i32 [domain.read] high;
    /// Lets the domain start with the next boot only, or not.
    450 DomainSetAutostartOnce { dom: Domain, autostart: i32 } -> () [domain.write] high deny;
    /// The description; `flags` choose the live or the inactive one and whether it shows secrets.
    14 DomainGetXmlDesc { dom: Domain, flags: u32 } -> String
        [domain.read, domain.read_secure if AnyFlag(SECRETS)] deny_if(AnyFlag(SECRETS));
    /// Sets or deletes title, description or an element of metadata.
    264 DomainSetMetadata {
        dom: Domain, r#type: i32, metadata: Option<String>, key: Option<String>, uri: Option<String>,
        flags: u32,
    } -> () [domain.write, domain.save if AffectsConfig] deny;
    /// The title, the description or an element of metadata.
    265 DomainGetMetadata { dom: Domain, r#type: i32, uri: Option<String>, flags: u32 } -> String
        [domain.read];

    // State.
    /// Whether the domain runs.
    150 DomainIsActive { dom: Domain } -> i32 [domain.read] high;
    /// Whether the domain has a definition.
    151 DomainIsPersistent { dom: Domain } -> i32 [domain.read] high;
    /// Whether the definition differs from the running domain.
    202 DomainIsUpdated { dom: Domain } -> i32 [domain.read] high;
    /// State, memory, CPUs and CPU time.
    16 DomainGetInfo { dom: Domain } -> DomainInfo [domain.read];
    /// State and the reason for it.
    212 DomainGetState { dom: Domain, flags: u32 } -> (i32, i32) [domain.read] high;
    /// State of the process that controls the domain.
    229 DomainGetControlInfo { dom: Domain, flags: u32 } -> ControlInfo [domain.read] high;
    /// The type of OS: "exe" for a container.
    19 DomainGetOsType { dom: Domain } -> String [domain.read] high;
    /// Warnings about the domain: deprecated or tainted configuration.
    426 DomainGetMessages { dom: Domain, flags: u32 } -> Names<DOMAIN_MESSAGES_MAX> [domain.read];
    /// The security label of the running domain.
    121 DomainGetSecurityLabel { dom: Domain } -> SecurityLabel [domain.read] high;
    /// The labels of all security models.
    278 DomainGetSecurityLabelList { dom: Domain } -> (List<SecurityLabel, SECURITY_LABEL_LIST_MAX>, i32)
        [domain.read] high;
    /// Measurement of a confidential guest.
    396 DomainGetLaunchSecurityInfo {
        dom: Domain, flags: u32,
    } -> Params<DOMAIN_LAUNCH_SECURITY_INFO_PARAMS_MAX> [domain.read] deny;
    /// Secrets for a confidential guest.
    439 DomainSetLaunchSecurityState {
        dom: Domain, params: Params<DOMAIN_LAUNCH_SECURITY_STATE_PARAMS_MAX>, flags: u32,
    } -> () [domain.write] deny;
    /// Hands descriptors to a domain under a name, to be used by its disks.
    443 DomainFdAssociate { dom: Domain, name: String, flags: u32 } -> () [domain.write] deny fds_in;
}
