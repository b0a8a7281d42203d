//! Flags, enumerations and names of the public API have libvirt's values.

use std::collections::BTreeMap;

use bitflags::Flags;
use protocol::consts::{self, *};
use wire::facts;

/// The constants of one of libvirt's enumerations, names without the prefix.
fn facts_of(enumeration: &str, prefix: &str) -> BTreeMap<&'static str, i64> {
    let rows = facts::enums().into_iter().filter(|row| row["enum"] == enumeration);
    let constants: BTreeMap<_, _> = rows
        .map(|row| {
            let name = row["name"].strip_prefix(prefix).unwrap_or_else(|| panic!("{} {prefix}", row["name"]));
            (name, row["value"].parse().expect("a number"))
        })
        .collect();
    assert!(!constants.is_empty(), "no enumeration {enumeration}");
    constants
}

/// All of `F`'s flags are in the facts, and the other way round but for zero.
#[track_caller]
fn check_flags<F: Flags<Bits = u32>>(enumeration: &str, prefix: &str) {
    let ours: BTreeMap<_, _> =
        F::FLAGS.iter().map(|flag| (flag.name(), i64::from(flag.value().bits()))).collect();
    let mut theirs = facts_of(enumeration, prefix);
    theirs.retain(|_, value| *value != 0);
    assert_eq!(ours, theirs, "{enumeration}");
}

/// The same for enumerations; names in `left_out` are not ours.
macro_rules! check_enums {
    ($($ours:ident = $theirs:literal, $prefix:literal $(, left_out $left_out:expr)?;)*) => {$(
        let ours: BTreeMap<_, _> =
            consts::$ours::NAMES.iter().map(|(value, name)| (*name, i64::from(value.0))).collect();
        let theirs = facts_of($theirs, $prefix);
        $( let theirs: BTreeMap<_, _> = theirs.into_iter().filter(|(name, _)| !$left_out(name)).collect(); )?
        assert_eq!(ours, theirs, $theirs);
    )*};
}

#[test]
fn flags() {
    check_flags::<ConnectFlags>("virConnectFlags", "VIR_CONNECT_");
    check_flags::<ListDomainsFlags>("virConnectListAllDomainsFlags", "VIR_CONNECT_LIST_DOMAINS_");
    check_flags::<StatsTypes>("virDomainStatsTypes", "VIR_DOMAIN_STATS_");
    check_flags::<AllDomainStatsFlags>(
        "virConnectGetAllDomainStatsFlags",
        "VIR_CONNECT_GET_ALL_DOMAINS_STATS_",
    );
    check_flags::<AffectFlags>("virDomainModificationImpact", "VIR_DOMAIN_AFFECT_");
    check_flags::<TypedParamFlags>("virTypedParameterFlags", "VIR_TYPED_PARAM_");
    check_flags::<CreateFlags>("virDomainCreateFlags", "VIR_DOMAIN_");
    check_flags::<DefineFlags>("virDomainDefineFlags", "VIR_DOMAIN_DEFINE_");
    check_flags::<UndefineFlags>("virDomainUndefineFlagsValues", "VIR_DOMAIN_UNDEFINE_");
    check_flags::<DestroyFlags>("virDomainDestroyFlagsValues", "VIR_DOMAIN_DESTROY_");
    check_flags::<ShutdownFlags>("virDomainShutdownFlagValues", "VIR_DOMAIN_SHUTDOWN_");
    check_flags::<RebootFlags>("virDomainRebootFlagValues", "VIR_DOMAIN_REBOOT_");
    check_flags::<DomainXmlFlags>("virDomainXMLFlags", "VIR_DOMAIN_XML_");
    check_flags::<VcpuFlags>("virDomainVcpuFlags", "VIR_DOMAIN_VCPU_");
    check_flags::<MemoryModFlags>("virDomainMemoryModFlags", "VIR_DOMAIN_MEM_");
    check_flags::<DeviceModifyFlags>("virDomainDeviceModifyFlags", "VIR_DOMAIN_DEVICE_MODIFY_");
    check_flags::<ConsoleFlags>("virDomainConsoleFlags", "VIR_DOMAIN_CONSOLE_");
    check_flags::<SaveRestoreFlags>("virDomainSaveRestoreFlags", "VIR_DOMAIN_SAVE_");
    check_flags::<SaveImageXmlFlags>("virDomainSaveImageXMLFlags", "VIR_DOMAIN_SAVE_IMAGE_XML_");
    check_flags::<HostnameFlags>("virDomainGetHostnameFlags", "VIR_DOMAIN_GET_HOSTNAME_");
    check_flags::<SetTimeFlags>("virDomainSetTimeFlags", "VIR_DOMAIN_TIME_");
    check_flags::<GuestInfoTypes>("virDomainGuestInfoTypes", "VIR_DOMAIN_GUEST_INFO_");
    check_flags::<JobStatsFlags>("virDomainGetJobStatsFlags", "VIR_DOMAIN_JOB_STATS_");
    check_flags::<MessageTypes>("virDomainMessageType", "VIR_DOMAIN_MESSAGE_");
}

#[test]
fn flags_of_snapshots() {
    check_flags::<SnapshotCreateFlags>("virDomainSnapshotCreateFlags", "VIR_DOMAIN_SNAPSHOT_CREATE_");
    check_flags::<SnapshotXmlFlags>("virDomainSnapshotXMLFlags", "VIR_DOMAIN_SNAPSHOT_XML_");
    check_flags::<SnapshotListFlags>("virDomainSnapshotListFlags", "VIR_DOMAIN_SNAPSHOT_LIST_");
    check_flags::<SnapshotRevertFlags>("virDomainSnapshotRevertFlags", "VIR_DOMAIN_SNAPSHOT_REVERT_");
    check_flags::<SnapshotDeleteFlags>("virDomainSnapshotDeleteFlags", "VIR_DOMAIN_SNAPSHOT_DELETE_");
    check_flags::<CheckpointCreateFlags>("virDomainCheckpointCreateFlags", "VIR_DOMAIN_CHECKPOINT_CREATE_");
    check_flags::<CheckpointXmlFlags>("virDomainCheckpointXMLFlags", "VIR_DOMAIN_CHECKPOINT_XML_");
}

#[test]
fn flags_of_other_objects() {
    check_flags::<CompareCpuFlags>("virConnectCompareCPUFlags", "VIR_CONNECT_COMPARE_CPU_");
    check_flags::<AllocPagesFlags>("virNodeAllocPagesFlags", "VIR_NODE_ALLOC_PAGES_");
    check_flags::<ListNetworksFlags>("virConnectListAllNetworksFlags", "VIR_CONNECT_LIST_NETWORKS_");
    check_flags::<NetworkXmlFlags>("virNetworkXMLFlags", "VIR_NETWORK_XML_");
    check_flags::<NetworkDefineFlags>("virNetworkDefineFlags", "VIR_NETWORK_DEFINE_");
    check_flags::<NetworkPortCreateFlags>("virNetworkPortCreateFlags", "VIR_NETWORK_PORT_CREATE_");
    check_flags::<ListInterfacesFlags>("virConnectListAllInterfacesFlags", "VIR_CONNECT_LIST_INTERFACES_");
    check_flags::<InterfaceXmlFlags>("virInterfaceXMLFlags", "VIR_INTERFACE_XML_");
    check_flags::<ListNodeDevicesFlags>("virConnectListAllNodeDeviceFlags", "VIR_CONNECT_LIST_NODE_DEVICES_");
    check_flags::<ListSecretsFlags>("virConnectListAllSecretsFlags", "VIR_CONNECT_LIST_SECRETS_");
}

#[test]
fn enumerations_of_domains() {
    let real_time = |name: &str| name.starts_with("RT");
    let count = |name: &str| name == "NR";
    check_enums! {
        CloseReason = "virConnectCloseReason", "VIR_CONNECT_CLOSE_REASON_";
        DomainState = "virDomainState", "VIR_DOMAIN_";
        RunningReason = "virDomainRunningReason", "VIR_DOMAIN_RUNNING_";
        PausedReason = "virDomainPausedReason", "VIR_DOMAIN_PAUSED_";
        ShutdownReason = "virDomainShutdownReason", "VIR_DOMAIN_SHUTDOWN_";
        ShutoffReason = "virDomainShutoffReason", "VIR_DOMAIN_SHUTOFF_";
        CrashedReason = "virDomainCrashedReason", "VIR_DOMAIN_CRASHED_";
        ControlState = "virDomainControlState", "VIR_DOMAIN_CONTROL_";
        MemoryStatTag = "virDomainMemoryStatTags", "VIR_DOMAIN_MEMORY_STAT_", left_out count;
        MetadataType = "virDomainMetadataType", "VIR_DOMAIN_METADATA_";
        MetadataType = "virNetworkMetadataType", "VIR_NETWORK_METADATA_";
        VcpuState = "virVcpuState", "VIR_VCPU_";
        InterfaceAddressesSource =
            "virDomainInterfaceAddressesSource", "VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_";
        IpAddrType = "virIPAddrType", "VIR_IP_ADDR_TYPE_";
        Lifecycle = "virDomainLifecycle", "VIR_DOMAIN_LIFECYCLE_";
        LifecycleAction = "virDomainLifecycleAction", "VIR_DOMAIN_LIFECYCLE_ACTION_";
        JobType = "virDomainJobType", "VIR_DOMAIN_JOB_";
        JobOperation = "virDomainJobOperation", "VIR_DOMAIN_JOB_OPERATION_";
        NumaMemMode = "virDomainNumatuneMemMode", "VIR_DOMAIN_NUMATUNE_MEM_";
        ProcessSignal = "virDomainProcessSignal", "VIR_DOMAIN_PROCESS_SIGNAL_", left_out real_time;
    }
}

#[test]
fn enumerations_of_events() {
    check_enums! {
        DomainEventId = "virDomainEventID", "VIR_DOMAIN_EVENT_ID_";
        DefinedDetail = "virDomainEventDefinedDetailType", "VIR_DOMAIN_EVENT_DEFINED_";
        UndefinedDetail = "virDomainEventUndefinedDetailType", "VIR_DOMAIN_EVENT_UNDEFINED_";
        StartedDetail = "virDomainEventStartedDetailType", "VIR_DOMAIN_EVENT_STARTED_";
        SuspendedDetail = "virDomainEventSuspendedDetailType", "VIR_DOMAIN_EVENT_SUSPENDED_";
        ResumedDetail = "virDomainEventResumedDetailType", "VIR_DOMAIN_EVENT_RESUMED_";
        StoppedDetail = "virDomainEventStoppedDetailType", "VIR_DOMAIN_EVENT_STOPPED_";
        ShutdownDetail = "virDomainEventShutdownDetailType", "VIR_DOMAIN_EVENT_SHUTDOWN_";
        CrashedDetail = "virDomainEventCrashedDetailType", "VIR_DOMAIN_EVENT_CRASHED_";
        LifecycleEvent = "virDomainEventType", "VIR_DOMAIN_EVENT_";
        AgentState =
            "virConnectDomainEventAgentLifecycleState", "VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_";
        AgentReason =
            "virConnectDomainEventAgentLifecycleReason", "VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_REASON_";
        NetworkEventId = "virNetworkEventID", "VIR_NETWORK_EVENT_ID_";
        NetworkLifecycleEvent = "virNetworkEventLifecycleType", "VIR_NETWORK_EVENT_";
        StoragePoolEventId = "virStoragePoolEventID", "VIR_STORAGE_POOL_EVENT_ID_";
        StoragePoolLifecycleEvent = "virStoragePoolEventLifecycleType", "VIR_STORAGE_POOL_EVENT_";
        NodeDeviceEventId = "virNodeDeviceEventID", "VIR_NODE_DEVICE_EVENT_ID_";
        NodeDeviceLifecycleEvent = "virNodeDeviceEventLifecycleType", "VIR_NODE_DEVICE_EVENT_";
        SecretEventId = "virSecretEventID", "VIR_SECRET_EVENT_ID_";
        SecretLifecycleEvent = "virSecretEventLifecycleType", "VIR_SECRET_EVENT_";
    }
    let domain_events = facts::events().into_iter().filter(|row| row["kind"] == "domain").collect::<Vec<_>>();
    assert_eq!(domain_events.len(), usize::try_from(DomainEventId::COUNT).unwrap());
    let legacy = domain_events.iter().filter(|row| row["legacy_number"] != "-").count();
    assert_eq!(legacy, usize::try_from(DomainEventId::LEGACY_COUNT).unwrap());
}

#[test]
fn enumerations_of_other_objects() {
    check_enums! {
        SuspendTarget = "virNodeSuspendTarget", "VIR_NODE_SUSPEND_TARGET_";
        CpuCompareResult = "virCPUCompareResult", "VIR_CPU_COMPARE_";
        NetworkUpdateCommand = "virNetworkUpdateCommand", "VIR_NETWORK_UPDATE_COMMAND_";
        NetworkSection = "virNetworkUpdateSection", "VIR_NETWORK_SECTION_";
        SecretUsageType = "virSecretUsageType", "VIR_SECRET_USAGE_TYPE_";
        StoragePoolState = "virStoragePoolState", "VIR_STORAGE_POOL_";
        StorageVolType = "virStorageVolType", "VIR_STORAGE_VOL_";
    }
}

#[test]
fn names_of_parameters() {
    let facts: BTreeMap<_, _> = facts::strings().into_iter().map(|row| (row["name"], row["value"])).collect();
    let check = |names: &[(&str, &str)], prefixes: &[&str]| {
        for (text, name) in names {
            let found = prefixes.iter().find_map(|prefix| facts.get(format!("{prefix}{name}").as_str()));
            // The number of the CPU is left to the caller.
            let found = found.map(|text| text.trim_end_matches("%u"));
            assert_eq!(found, Some(*text), "{name}");
        }
    };
    check(param::NAMES, &["VIR_DOMAIN_", "VIR_", "VIR_CONNECT_"]);
    check(stats::NAMES, &["VIR_DOMAIN_STATS_", "VIR_DOMAIN_GUEST_INFO_"]);
}

#[test]
fn unknown_flags_are_refused() {
    let domain = protocol::ErrorDomain::LXC;
    let supported = CreateFlags::START_PAUSED | CreateFlags::START_AUTODESTROY;
    assert_eq!(accept(2, supported, domain, "f"), Ok(CreateFlags::START_AUTODESTROY));
    let error = accept(0x8000_0003, supported, domain, "lxcDomainCreate").unwrap_err();
    assert_eq!(error.message, "unsupported flags (0x80000000) in function lxcDomainCreate");
    assert_eq!(format!("{supported:?}"), "START_PAUSED | START_AUTODESTROY");
    assert_eq!(format!("{:?}", CreateFlags::from_bits_retain(0x40)), "0x40");
}
