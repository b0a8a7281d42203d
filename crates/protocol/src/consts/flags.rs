//! Flags of calls on domains.

flags! {
    /// What a change is for (`virDomainModificationImpact`). Neither bit means the running domain if it runs,
    /// else the definition.
    pub struct AffectFlags {
        /// The running domain.
        LIVE = 1,
        /// The definition.
        CONFIG = 2,
    }

    /// How typed parameters are exchanged (`virTypedParameterFlags`); client libraries add it to other flags.
    pub struct TypedParamFlags {
        /// The client understands strings.
        STRING_OKAY = 4,
    }

    /// How to start a domain (`virDomainCreateFlags`).
    pub struct CreateFlags {
        /// Frozen.
        START_PAUSED = 1,
        /// To be ended when the connection closes.
        START_AUTODESTROY = 1 << 1,
        /// Not through the page cache when restored.
        START_BYPASS_CACHE = 1 << 2,
        /// Without its managed save image.
        START_FORCE_BOOT = 1 << 3,
        /// After validation of the XML against the schema.
        START_VALIDATE = 1 << 4,
        /// With fresh firmware variables.
        START_RESET_NVRAM = 1 << 5,
    }

    /// How to define a domain (`virDomainDefineFlags`).
    pub struct DefineFlags {
        /// After validation of the XML against the schema.
        VALIDATE = 1,
    }

    /// What to remove with the definition (`virDomainUndefineFlagsValues`).
    pub struct UndefineFlags {
        /// The managed save image.
        MANAGED_SAVE = 1,
        /// Metadata of snapshots.
        SNAPSHOTS_METADATA = 1 << 1,
        /// Firmware variables.
        NVRAM = 1 << 2,
        /// Keep firmware variables.
        KEEP_NVRAM = 1 << 3,
        /// Metadata of checkpoints.
        CHECKPOINTS_METADATA = 1 << 4,
        /// State of the TPM.
        TPM = 1 << 5,
        /// Keep the state of the TPM.
        KEEP_TPM = 1 << 6,
    }

    /// How to end a domain (`virDomainDestroyFlagsValues`).
    pub struct DestroyFlags {
        /// Only with SIGTERM.
        GRACEFUL = 1,
        /// With its log files.
        REMOVE_LOGS = 2,
    }

    /// Ways to ask a guest to shut down (`virDomainShutdownFlagValues`); none means any.
    pub struct ShutdownFlags {
        /// The power button.
        ACPI_POWER_BTN = 1,
        /// The guest's agent.
        GUEST_AGENT = 1 << 1,
        /// The FIFO of the container's init.
        INITCTL = 1 << 2,
        /// A signal to the container's init.
        SIGNAL = 1 << 3,
        /// The hypervisor's own way.
        PARAVIRT = 1 << 4,
    }

    /// Ways to ask a guest to reboot (`virDomainRebootFlagValues`); none means any.
    pub struct RebootFlags {
        /// The power button.
        ACPI_POWER_BTN = 1,
        /// The guest's agent.
        GUEST_AGENT = 1 << 1,
        /// The FIFO of the container's init.
        INITCTL = 1 << 2,
        /// A signal to the container's init.
        SIGNAL = 1 << 3,
        /// The hypervisor's own way.
        PARAVIRT = 1 << 4,
    }

    /// Which description to tell (`virDomainXMLFlags`).
    pub struct DomainXmlFlags {
        /// With secrets such as passwords.
        SECURE = 1,
        /// The definition, even if the domain runs.
        INACTIVE = 1 << 1,
        /// With the CPU that the host makes of it.
        UPDATE_CPU = 1 << 2,
        /// As another host needs it.
        MIGRATABLE = 1 << 3,
    }

    /// Which virtual CPUs are meant (`virDomainVcpuFlags`).
    pub struct VcpuFlags {
        /// Those of the running domain.
        LIVE = 1,
        /// Those of the definition.
        CONFIG = 1 << 1,
        /// The maximum.
        MAXIMUM = 1 << 2,
        /// Those that the guest uses.
        GUEST = 1 << 3,
        /// Those that can be removed again.
        HOTPLUGGABLE = 1 << 4,
    }

    /// Which memory is meant (`virDomainMemoryModFlags`).
    pub struct MemoryModFlags {
        /// That of the running domain.
        LIVE = 1,
        /// That of the definition.
        CONFIG = 1 << 1,
        /// The maximum.
        MAXIMUM = 1 << 2,
    }

    /// How to change a device (`virDomainDeviceModifyFlags`).
    pub struct DeviceModifyFlags {
        /// In the running domain.
        LIVE = 1,
        /// In the definition.
        CONFIG = 1 << 1,
        /// Even if the guest uses it.
        FORCE = 1 << 2,
    }

    /// How to open a console (`virDomainConsoleFlags`).
    pub struct ConsoleFlags {
        /// Whoever uses it is thrown out.
        FORCE = 1,
        /// Only if other users are kept out.
        SAFE = 2,
    }

    /// How to save and restore (`virDomainSaveRestoreFlags`).
    pub struct SaveRestoreFlags {
        /// Not through the page cache.
        BYPASS_CACHE = 1,
        /// Run afterwards.
        RUNNING = 1 << 1,
        /// Stay frozen afterwards.
        PAUSED = 1 << 2,
        /// With fresh firmware variables.
        RESET_NVRAM = 1 << 3,
    }

    /// What of a saved description to tell (`virDomainSaveImageXMLFlags`).
    pub struct SaveImageXmlFlags {
        /// Secrets too.
        SECURE = 1,
    }

    /// Whom to ask for a host name (`virDomainGetHostnameFlags`).
    pub struct HostnameFlags {
        /// DHCP leases.
        LEASE = 1,
        /// The guest itself.
        AGENT = 2,
    }

    /// How to set a guest's clock (`virDomainSetTimeFlags`).
    pub struct SetTimeFlags {
        /// To that of its hardware.
        SYNC = 1,
    }

    /// What to tell about a guest (`virDomainGuestInfoTypes`).
    pub struct GuestInfoTypes {
        /// Users who are logged in.
        USERS = 1,
        /// The operating system.
        OS = 1 << 1,
        /// The time zone.
        TIMEZONE = 1 << 2,
        /// The host name.
        HOSTNAME = 1 << 3,
        /// File systems.
        FILESYSTEM = 1 << 4,
        /// Disks.
        DISKS = 1 << 5,
        /// Network interfaces.
        INTERFACES = 1 << 6,
        /// Load.
        LOAD = 1 << 7,
    }

    /// What of a job to tell (`virDomainGetJobStatsFlags`).
    pub struct JobStatsFlags {
        /// The last job instead of the present one.
        COMPLETED = 1,
        /// Remember it further on.
        KEEP_COMPLETED = 2,
    }

    /// Which messages on a domain to tell (`virDomainMessageType`).
    pub struct MessageTypes {
        /// Deprecated configuration.
        DEPRECATION = 1,
        /// Configuration that nobody supports.
        TAINTING = 1 << 1,
        /// Errors of disks.
        IOERRORS = 1 << 2,
    }
}

flags! {
    /// How to take a snapshot (`virDomainSnapshotCreateFlags`).
    pub struct SnapshotCreateFlags {
        /// Only its metadata.
        REDEFINE = 1,
        /// Make it the current one.
        CURRENT = 1 << 1,
        /// Do not remember it.
        NO_METADATA = 1 << 2,
        /// End the domain afterwards.
        HALT = 1 << 3,
        /// Disks only.
        DISK_ONLY = 1 << 4,
        /// Into files that exist.
        REUSE_EXT = 1 << 5,
        /// With frozen file systems.
        QUIESCE = 1 << 6,
        /// All or nothing.
        ATOMIC = 1 << 7,
        /// While the domain runs on.
        LIVE = 1 << 8,
        /// After validation of the XML against the schema.
        VALIDATE = 1 << 9,
    }

    /// What of a snapshot's description to tell (`virDomainSnapshotXMLFlags`).
    pub struct SnapshotXmlFlags {
        /// Secrets too.
        SECURE = 1,
    }

    /// Which snapshots to list (`virDomainSnapshotListFlags`).
    pub struct SnapshotListFlags {
        /// Those without a parent.
        ROOTS = 1,
        /// In a list of children: their children too.
        DESCENDANTS = 1,
        /// With metadata.
        METADATA = 1 << 1,
        /// Without children.
        LEAVES = 1 << 2,
        /// With children.
        NO_LEAVES = 1 << 3,
        /// Without metadata.
        NO_METADATA = 1 << 4,
        /// Of the domain at rest.
        INACTIVE = 1 << 5,
        /// Of the running domain.
        ACTIVE = 1 << 6,
        /// Of disks only.
        DISK_ONLY = 1 << 7,
        /// Inside images.
        INTERNAL = 1 << 8,
        /// In files of their own.
        EXTERNAL = 1 << 9,
        /// Parents before children.
        TOPOLOGICAL = 1 << 10,
    }

    /// How to go back to a snapshot (`virDomainSnapshotRevertFlags`).
    pub struct SnapshotRevertFlags {
        /// Run afterwards.
        RUNNING = 1,
        /// Stay frozen afterwards.
        PAUSED = 1 << 1,
        /// Even if something is lost.
        FORCE = 1 << 2,
        /// With fresh firmware variables.
        RESET_NVRAM = 1 << 3,
    }

    /// What of a snapshot to delete (`virDomainSnapshotDeleteFlags`).
    pub struct SnapshotDeleteFlags {
        /// Its children too.
        CHILDREN = 1,
        /// Only the metadata.
        METADATA_ONLY = 1 << 1,
        /// Only its children.
        CHILDREN_ONLY = 1 << 2,
    }

    /// How to create a checkpoint (`virDomainCheckpointCreateFlags`).
    pub struct CheckpointCreateFlags {
        /// Only its metadata.
        REDEFINE = 1,
        /// With frozen file systems.
        QUIESCE = 1 << 1,
        /// After a check of the bitmaps.
        REDEFINE_VALIDATE = 1 << 2,
    }

    /// What of a checkpoint's description to tell (`virDomainCheckpointXMLFlags`).
    pub struct CheckpointXmlFlags {
        /// Secrets too.
        SECURE = 1,
        /// Not the domain's description.
        NO_DOMAIN = 1 << 1,
        /// How much changed since then.
        SIZE = 1 << 2,
    }
}
