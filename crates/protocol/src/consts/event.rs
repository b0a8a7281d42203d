//! Kinds of events and what they tell.

open_enum! {
    /// A kind of domain event that a client registers for (`virDomainEventID`).
    pub struct DomainEventId(i32) {
        /// Defined, started, stopped...
        LIFECYCLE = 0,
        /// The guest rebooted.
        REBOOT = 1,
        /// The guest set its clock.
        RTC_CHANGE = 2,
        /// The watchdog fired.
        WATCHDOG = 3,
        /// A disk failed.
        IO_ERROR = 4,
        /// Somebody connected to a graphics device.
        GRAPHICS = 5,
        /// A disk failed, with the reason.
        IO_ERROR_REASON = 6,
        /// The daemon lost control.
        CONTROL_ERROR = 7,
        /// A block job changed its state.
        BLOCK_JOB = 8,
        /// A disk changed its source.
        DISK_CHANGE = 9,
        /// A tray opened or closed.
        TRAY_CHANGE = 10,
        /// The guest woke up.
        PMWAKEUP = 11,
        /// The guest suspended to memory.
        PMSUSPEND = 12,
        /// The memory of the domain changed.
        BALLOON_CHANGE = 13,
        /// The guest suspended to disk.
        PMSUSPEND_DISK = 14,
        /// A device is gone.
        DEVICE_REMOVED = 15,
        /// A block job changed its state, the disk by target.
        BLOCK_JOB_2 = 16,
        /// Limits changed.
        TUNABLE = 17,
        /// The guest's agent came or went.
        AGENT_LIFECYCLE = 18,
        /// A device was attached.
        DEVICE_ADDED = 19,
        /// A migration began its next round.
        MIGRATION_ITERATION = 20,
        /// A job ended.
        JOB_COMPLETED = 21,
        /// The guest keeps a device.
        DEVICE_REMOVAL_FAILED = 22,
        /// Title, description or metadata changed.
        METADATA_CHANGE = 23,
        /// A disk grew beyond a size.
        BLOCK_THRESHOLD = 24,
        /// The host's memory failed.
        MEMORY_FAILURE = 25,
        /// A memory device changed its size.
        MEMORY_DEVICE_SIZE_CHANGE = 26,
        /// The guest changed a MAC address.
        NIC_MAC_CHANGE = 27,
    }
}

impl DomainEventId {
    /// The number of kinds; ids from here on are refused.
    pub const COUNT: i32 = 28;
    /// The number of kinds that clients can register for without getting an id.
    pub const LEGACY_COUNT: i32 = 16;
}

open_enum! {
    /// What happened to a domain (`virDomainEventType`).
    pub struct LifecycleEvent(i32) {
        /// Defined; see [`DefinedDetail`].
        DEFINED = 0,
        /// Undefined; see [`UndefinedDetail`].
        UNDEFINED = 1,
        /// Started; see [`StartedDetail`].
        STARTED = 2,
        /// Frozen; see [`SuspendedDetail`].
        SUSPENDED = 3,
        /// Resumed; see [`ResumedDetail`].
        RESUMED = 4,
        /// Stopped; see [`StoppedDetail`].
        STOPPED = 5,
        /// Shut down by the guest; see [`ShutdownDetail`].
        SHUTDOWN = 6,
        /// Suspended by the guest.
        PMSUSPENDED = 7,
        /// Crashed; see [`CrashedDetail`].
        CRASHED = 8,
    }
}

open_enum! {
    /// Detail of [`LifecycleEvent::DEFINED`] (`virDomainEventDefinedDetailType`).
    pub struct DefinedDetail(i32) {
        /// A new domain.
        ADDED = 0,
        /// A changed definition.
        UPDATED = 1,
        /// A new name.
        RENAMED = 2,
        /// Changed by going back to a snapshot.
        FROM_SNAPSHOT = 3,
    }
}

open_enum! {
    /// Detail of [`LifecycleEvent::UNDEFINED`] (`virDomainEventUndefinedDetailType`).
    pub struct UndefinedDetail(i32) {
        /// The definition is gone.
        REMOVED = 0,
        /// The old name is gone.
        RENAMED = 1,
    }
}

open_enum! {
    /// Detail of [`LifecycleEvent::STARTED`] (`virDomainEventStartedDetailType`).
    pub struct StartedDetail(i32) {
        /// Started.
        BOOTED = 0,
        /// Came from another host.
        MIGRATED = 1,
        /// Restored from a file.
        RESTORED = 2,
        /// Brought back to a snapshot.
        FROM_SNAPSHOT = 3,
        /// Woke up.
        WAKEUP = 4,
    }
}

open_enum! {
    /// Detail of [`LifecycleEvent::SUSPENDED`] (`virDomainEventSuspendedDetailType`).
    pub struct SuspendedDetail(i32) {
        /// By a user.
        PAUSED = 0,
        /// For migration.
        MIGRATED = 1,
        /// A disk failed.
        IOERROR = 2,
        /// The watchdog fired.
        WATCHDOG = 3,
        /// Restored from a file in which it was frozen.
        RESTORED = 4,
        /// Brought back to a snapshot in which it was frozen.
        FROM_SNAPSHOT = 5,
        /// A call failed half-way.
        API_ERROR = 6,
        /// Migration goes on after the switch.
        POSTCOPY = 7,
        /// Migration failed after the switch.
        POSTCOPY_FAILED = 8,
    }
}

open_enum! {
    /// Detail of [`LifecycleEvent::RESUMED`] (`virDomainEventResumedDetailType`).
    pub struct ResumedDetail(i32) {
        /// By a user.
        UNPAUSED = 0,
        /// Migration is done.
        MIGRATED = 1,
        /// Brought back to a snapshot in which it ran.
        FROM_SNAPSHOT = 2,
        /// Migration goes on after the switch.
        POSTCOPY = 3,
        /// Migration failed after the switch.
        POSTCOPY_FAILED = 4,
    }
}

open_enum! {
    /// Detail of [`LifecycleEvent::STOPPED`] (`virDomainEventStoppedDetailType`).
    pub struct StoppedDetail(i32) {
        /// The guest shut down.
        SHUTDOWN = 0,
        /// Ended by a user.
        DESTROYED = 1,
        /// Crashed.
        CRASHED = 2,
        /// Went to another host.
        MIGRATED = 3,
        /// Saved to a file.
        SAVED = 4,
        /// Failed to start or lost.
        FAILED = 5,
        /// The snapshot that it was brought back to did not run.
        FROM_SNAPSHOT = 6,
    }
}

open_enum! {
    /// Detail of [`LifecycleEvent::SHUTDOWN`] (`virDomainEventShutdownDetailType`).
    pub struct ShutdownDetail(i32) {
        /// The guest is done.
        FINISHED = 0,
        /// Asked for inside the guest.
        GUEST = 1,
        /// Asked for by the host.
        HOST = 2,
    }
}

open_enum! {
    /// Detail of [`LifecycleEvent::CRASHED`] (`virDomainEventCrashedDetailType`).
    pub struct CrashedDetail(i32) {
        /// The guest panicked.
        PANICKED = 0,
        /// The guest loaded its crash kernel.
        CRASHLOADED = 1,
    }
}

open_enum! {
    /// A kind of network event (`virNetworkEventID`).
    pub struct NetworkEventId(i32) {
        /// Defined, started, stopped...
        LIFECYCLE = 0,
        /// Title, description or metadata changed.
        METADATA_CHANGE = 1,
    }
}

open_enum! {
    /// What happened to a network (`virNetworkEventLifecycleType`).
    pub struct NetworkLifecycleEvent(i32) {
        /// Defined.
        DEFINED = 0,
        /// Undefined.
        UNDEFINED = 1,
        /// Started.
        STARTED = 2,
        /// Stopped.
        STOPPED = 3,
    }
}

open_enum! {
    /// A kind of storage pool event (`virStoragePoolEventID`).
    pub struct StoragePoolEventId(i32) {
        /// Defined, started, stopped...
        LIFECYCLE = 0,
        /// The volumes were looked for anew.
        REFRESH = 1,
    }
}

open_enum! {
    /// What happened to a storage pool (`virStoragePoolEventLifecycleType`).
    pub struct StoragePoolLifecycleEvent(i32) {
        /// Defined.
        DEFINED = 0,
        /// Undefined.
        UNDEFINED = 1,
        /// Started.
        STARTED = 2,
        /// Stopped.
        STOPPED = 3,
        /// Its target was made.
        CREATED = 4,
        /// Its target was deleted.
        DELETED = 5,
    }
}

open_enum! {
    /// A kind of node device event (`virNodeDeviceEventID`).
    pub struct NodeDeviceEventId(i32) {
        /// Came, went, defined, undefined.
        LIFECYCLE = 0,
        /// Changed.
        UPDATE = 1,
    }
}

open_enum! {
    /// What happened to a node device (`virNodeDeviceEventLifecycleType`).
    pub struct NodeDeviceLifecycleEvent(i32) {
        /// It is there.
        CREATED = 0,
        /// It is gone.
        DELETED = 1,
        /// Defined.
        DEFINED = 2,
        /// Undefined.
        UNDEFINED = 3,
    }
}

open_enum! {
    /// A kind of secret event (`virSecretEventID`).
    pub struct SecretEventId(i32) {
        /// Defined or undefined.
        LIFECYCLE = 0,
        /// It got another value.
        VALUE_CHANGED = 1,
    }
}

open_enum! {
    /// What happened to a secret (`virSecretEventLifecycleType`).
    pub struct SecretLifecycleEvent(i32) {
        /// Defined.
        DEFINED = 0,
        /// Undefined.
        UNDEFINED = 1,
    }
}

open_enum! {
    /// State of the guest's agent (`virConnectDomainEventAgentLifecycleState`).
    pub struct AgentState(i32) {
        /// It is there.
        CONNECTED = 1,
        /// It is gone.
        DISCONNECTED = 2,
    }
}

open_enum! {
    /// Why the state of the agent changed (`virConnectDomainEventAgentLifecycleReason`).
    pub struct AgentReason(i32) {
        /// Not known.
        UNKNOWN = 0,
        /// The domain started.
        DOMAIN_STARTED = 1,
        /// Its channel changed.
        CHANNEL = 2,
    }
}
