//! Flags of calls on domains.

use bitflags::bitflags;

bitflags! {
    /// What a change is for (`virDomainModificationImpact`). Neither bit means the running domain if it runs, else
    /// the definition.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct AffectFlags: u32 {
        /// The running domain.
        const LIVE = 1;
        /// The definition.
        const CONFIG = 2;
    }

    /// How typed parameters are exchanged (`virTypedParameterFlags`); client libraries add it to other flags.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct TypedParamFlags: u32 {
        /// The client understands strings.
        const STRING_OKAY = 4;
    }

    /// How to start a domain (`virDomainCreateFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct CreateFlags: u32 {
        /// Frozen.
        const START_PAUSED = 1;
        /// To be ended when the connection closes.
        const START_AUTODESTROY = 1 << 1;
        /// Not through the page cache when restored.
        const START_BYPASS_CACHE = 1 << 2;
        /// Without its managed save image.
        const START_FORCE_BOOT = 1 << 3;
        /// After validation of the XML against the schema.
        const START_VALIDATE = 1 << 4;
        /// With fresh firmware variables.
        const START_RESET_NVRAM = 1 << 5;
    }

    /// How to define a domain (`virDomainDefineFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct DefineFlags: u32 {
        /// After validation of the XML against the schema.
        const VALIDATE = 1;
    }

    /// What to remove with the definition (`virDomainUndefineFlagsValues`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct UndefineFlags: u32 {
        /// The managed save image.
        const MANAGED_SAVE = 1;
        /// Metadata of snapshots.
        const SNAPSHOTS_METADATA = 1 << 1;
        /// Firmware variables.
        const NVRAM = 1 << 2;
        /// Keep firmware variables.
        const KEEP_NVRAM = 1 << 3;
        /// Metadata of checkpoints.
        const CHECKPOINTS_METADATA = 1 << 4;
        /// State of the TPM.
        const TPM = 1 << 5;
        /// Keep the state of the TPM.
        const KEEP_TPM = 1 << 6;
    }

    /// How to end a domain (`virDomainDestroyFlagsValues`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct DestroyFlags: u32 {
        /// Only with SIGTERM.
        const GRACEFUL = 1;
        /// With its log files.
        const REMOVE_LOGS = 2;
    }

    /// Ways to ask a guest to shut down (`virDomainShutdownFlagValues`); none means any.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ShutdownFlags: u32 {
        /// The power button.
        const ACPI_POWER_BTN = 1;
        /// The guest's agent.
        const GUEST_AGENT = 1 << 1;
        /// The FIFO of the container's init.
        const INITCTL = 1 << 2;
        /// A signal to the container's init.
        const SIGNAL = 1 << 3;
        /// The hypervisor's own way.
        const PARAVIRT = 1 << 4;
    }

    /// Ways to ask a guest to reboot (`virDomainRebootFlagValues`); none means any.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct RebootFlags: u32 {
        /// The power button.
        const ACPI_POWER_BTN = 1;
        /// The guest's agent.
        const GUEST_AGENT = 1 << 1;
        /// The FIFO of the container's init.
        const INITCTL = 1 << 2;
        /// A signal to the container's init.
        const SIGNAL = 1 << 3;
        /// The hypervisor's own way.
        const PARAVIRT = 1 << 4;
    }

    /// Which description to tell (`virDomainXMLFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct DomainXmlFlags: u32 {
        /// With secrets such as passwords.
        const SECURE = 1;
        /// The definition, even if the domain runs.
        const INACTIVE = 1 << 1;
        /// With the CPU that the host makes of it.
        const UPDATE_CPU = 1 << 2;
        /// As another host needs it.
        const MIGRATABLE = 1 << 3;
    }

    /// Which virtual CPUs are meant (`virDomainVcpuFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct VcpuFlags: u32 {
        /// Those of the running domain.
        const LIVE = 1;
        /// Those of the definition.
        const CONFIG = 1 << 1;
        /// The maximum.
        const MAXIMUM = 1 << 2;
        /// Those that the guest uses.
        const GUEST = 1 << 3;
        /// Those that can be removed again.
        const HOTPLUGGABLE = 1 << 4;
    }

    /// Which memory is meant (`virDomainMemoryModFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct MemoryModFlags: u32 {
        /// That of the running domain.
        const LIVE = 1;
        /// That of the definition.
        const CONFIG = 1 << 1;
        /// The maximum.
        const MAXIMUM = 1 << 2;
    }

    /// How to change a device (`virDomainDeviceModifyFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct DeviceModifyFlags: u32 {
        /// In the running domain.
        const LIVE = 1;
        /// In the definition.
        const CONFIG = 1 << 1;
        /// Even if the guest uses it.
        const FORCE = 1 << 2;
    }

    /// How to open a console (`virDomainConsoleFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ConsoleFlags: u32 {
        /// Whoever uses it is thrown out.
        const FORCE = 1;
        /// Only if other users are kept out.
        const SAFE = 2;
    }

    /// How to save and restore (`virDomainSaveRestoreFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SaveRestoreFlags: u32 {
        /// Not through the page cache.
        const BYPASS_CACHE = 1;
        /// Run afterwards.
        const RUNNING = 1 << 1;
        /// Stay frozen afterwards.
        const PAUSED = 1 << 2;
        /// With fresh firmware variables.
        const RESET_NVRAM = 1 << 3;
    }

    /// What of a saved description to tell (`virDomainSaveImageXMLFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SaveImageXmlFlags: u32 {
        /// Secrets too.
        const SECURE = 1;
    }

    /// Whom to ask for a host name (`virDomainGetHostnameFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct HostnameFlags: u32 {
        /// DHCP leases.
        const LEASE = 1;
        /// The guest itself.
        const AGENT = 2;
    }

    /// How to set a guest's clock (`virDomainSetTimeFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SetTimeFlags: u32 {
        /// To that of its hardware.
        const SYNC = 1;
    }

    /// What to tell about a guest (`virDomainGuestInfoTypes`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct GuestInfoTypes: u32 {
        /// Users who are logged in.
        const USERS = 1;
        /// The operating system.
        const OS = 1 << 1;
        /// The time zone.
        const TIMEZONE = 1 << 2;
        /// The host name.
        const HOSTNAME = 1 << 3;
        /// File systems.
        const FILESYSTEM = 1 << 4;
        /// Disks.
        const DISKS = 1 << 5;
        /// Network interfaces.
        const INTERFACES = 1 << 6;
        /// Load.
        const LOAD = 1 << 7;
    }

    /// What of a job to tell (`virDomainGetJobStatsFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct JobStatsFlags: u32 {
        /// The last job instead of the present one.
        const COMPLETED = 1;
        /// Remember it further on.
        const KEEP_COMPLETED = 2;
    }

    /// Which messages on a domain to tell (`virDomainMessageType`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct MessageTypes: u32 {
        /// Deprecated configuration.
        const DEPRECATION = 1;
        /// Configuration that nobody supports.
        const TAINTING = 1 << 1;
        /// Errors of disks.
        const IOERRORS = 1 << 2;
    }
}

bitflags! {
    /// How to take a snapshot (`virDomainSnapshotCreateFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SnapshotCreateFlags: u32 {
        /// Only its metadata.
        const REDEFINE = 1;
        /// Make it the current one.
        const CURRENT = 1 << 1;
        /// Do not remember it.
        const NO_METADATA = 1 << 2;
        /// End the domain afterwards.
        const HALT = 1 << 3;
        /// Disks only.
        const DISK_ONLY = 1 << 4;
        /// Into files that exist.
        const REUSE_EXT = 1 << 5;
        /// With frozen file systems.
        const QUIESCE = 1 << 6;
        /// All or nothing.
        const ATOMIC = 1 << 7;
        /// While the domain runs on.
        const LIVE = 1 << 8;
        /// After validation of the XML against the schema.
        const VALIDATE = 1 << 9;
    }

    /// What of a snapshot's description to tell (`virDomainSnapshotXMLFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SnapshotXmlFlags: u32 {
        /// Secrets too.
        const SECURE = 1;
    }

    /// Which snapshots to list (`virDomainSnapshotListFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SnapshotListFlags: u32 {
        /// Those without a parent.
        const ROOTS = 1;
        /// In a list of children: their children too.
        const DESCENDANTS = 1;
        /// With metadata.
        const METADATA = 1 << 1;
        /// Without children.
        const LEAVES = 1 << 2;
        /// With children.
        const NO_LEAVES = 1 << 3;
        /// Without metadata.
        const NO_METADATA = 1 << 4;
        /// Of the domain at rest.
        const INACTIVE = 1 << 5;
        /// Of the running domain.
        const ACTIVE = 1 << 6;
        /// Of disks only.
        const DISK_ONLY = 1 << 7;
        /// Inside images.
        const INTERNAL = 1 << 8;
        /// In files of their own.
        const EXTERNAL = 1 << 9;
        /// Parents before children.
        const TOPOLOGICAL = 1 << 10;
    }

    /// How to go back to a snapshot (`virDomainSnapshotRevertFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SnapshotRevertFlags: u32 {
        /// Run afterwards.
        const RUNNING = 1;
        /// Stay frozen afterwards.
        const PAUSED = 1 << 1;
        /// Even if something is lost.
        const FORCE = 1 << 2;
        /// With fresh firmware variables.
        const RESET_NVRAM = 1 << 3;
    }

    /// What of a snapshot to delete (`virDomainSnapshotDeleteFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SnapshotDeleteFlags: u32 {
        /// Its children too.
        const CHILDREN = 1;
        /// Only the metadata.
        const METADATA_ONLY = 1 << 1;
        /// Only its children.
        const CHILDREN_ONLY = 1 << 2;
    }

    /// How to create a checkpoint (`virDomainCheckpointCreateFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct CheckpointCreateFlags: u32 {
        /// Only its metadata.
        const REDEFINE = 1;
        /// With frozen file systems.
        const QUIESCE = 1 << 1;
        /// After a check of the bitmaps.
        const REDEFINE_VALIDATE = 1 << 2;
    }

    /// What of a checkpoint's description to tell (`virDomainCheckpointXMLFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct CheckpointXmlFlags: u32 {
        /// Secrets too.
        const SECURE = 1;
        /// Not the domain's description.
        const NO_DOMAIN = 1 << 1;
        /// How much changed since then.
        const SIZE = 1 << 2;
    }
}
