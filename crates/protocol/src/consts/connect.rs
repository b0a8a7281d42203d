//! The connection.

flags! {
    /// How to open a connection (`virConnectFlags`). Clients leak other bits; ignore them.
    pub struct ConnectFlags {
        /// No changes.
        RO = 1,
        /// Aliases of URIs are not looked up; for clients only.
        NO_ALIASES = 2,
    }
}

open_enum! {
    /// A feature that a client asks about. The ones about migration are left out.
    pub struct Feature(i32) {
        /// The connection goes to a daemon; answered by the client library itself.
        REMOTE = 2,
        /// Descriptors may be passed.
        FD_PASSING = 8,
        /// Typed parameters may be strings.
        TYPED_PARAM_STRING = 9,
        /// Both sides send pings. The question starts the server's.
        PROGRAM_KEEPALIVE = 10,
        /// Events carry the id of their registration.
        REMOTE_EVENT_CALLBACK = 14,
        /// The server tells when the driver loses its own connection.
        REMOTE_CLOSE_CALLBACK = 15,
        /// Command and section of a network update are not swapped.
        NETWORK_UPDATE_HAS_CORRECT_ORDER = 16,
    }
}

open_enum! {
    /// Why a connection closed (`virConnectCloseReason`).
    pub struct CloseReason(i32) {
        /// An error.
        ERROR = 0,
        /// The peer closed it.
        EOF = 1,
        /// The peer did not answer pings.
        KEEPALIVE = 2,
        /// The client asked for it.
        CLIENT = 3,
    }
}

flags! {
    /// Which domains to list (`virConnectListAllDomainsFlags`). Without a bit of a group the group does not
    /// matter.
    pub struct ListDomainsFlags {
        /// Running.
        ACTIVE = 1,
        /// Not running.
        INACTIVE = 1 << 1,
        /// With a definition.
        PERSISTENT = 1 << 2,
        /// Without a definition.
        TRANSIENT = 1 << 3,
        /// In the state running.
        RUNNING = 1 << 4,
        /// In the state paused.
        PAUSED = 1 << 5,
        /// In the state shut off.
        SHUTOFF = 1 << 6,
        /// In another state.
        OTHER = 1 << 7,
        /// With a managed save image.
        MANAGEDSAVE = 1 << 8,
        /// Without a managed save image.
        NO_MANAGEDSAVE = 1 << 9,
        /// Started with the daemon.
        AUTOSTART = 1 << 10,
        /// Not started with the daemon.
        NO_AUTOSTART = 1 << 11,
        /// With a snapshot.
        HAS_SNAPSHOT = 1 << 12,
        /// Without a snapshot.
        NO_SNAPSHOT = 1 << 13,
        /// With a checkpoint.
        HAS_CHECKPOINT = 1 << 14,
        /// Without a checkpoint.
        NO_CHECKPOINT = 1 << 15,
    }
}

flags! {
    /// Which statistics to tell (`virDomainStatsTypes`); none means all.
    pub struct StatsTypes {
        /// `state.*`
        STATE = 1,
        /// `cpu.*`
        CPU_TOTAL = 1 << 1,
        /// `balloon.*`
        BALLOON = 1 << 2,
        /// `vcpu.*`
        VCPU = 1 << 3,
        /// `net.*`
        INTERFACE = 1 << 4,
        /// `block.*`
        BLOCK = 1 << 5,
        /// `perf.*`
        PERF = 1 << 6,
        /// `iothread.*`
        IOTHREAD = 1 << 7,
        /// `memory.*`
        MEMORY = 1 << 8,
        /// `dirtyrate.*`
        DIRTYRATE = 1 << 9,
        /// `vm.*`
        VM = 1 << 10,
    }

    /// Which domains to tell statistics of, and how (`virConnectGetAllDomainStatsFlags`).
    pub struct AllDomainStatsFlags {
        /// Running.
        ACTIVE = 1,
        /// Not running.
        INACTIVE = 1 << 1,
        /// With a definition.
        PERSISTENT = 1 << 2,
        /// Without a definition.
        TRANSIENT = 1 << 3,
        /// In the state running.
        RUNNING = 1 << 4,
        /// In the state paused.
        PAUSED = 1 << 5,
        /// In the state shut off.
        SHUTOFF = 1 << 6,
        /// In another state.
        OTHER = 1 << 7,
        /// Leave out what would have to wait for a job.
        NOWAIT = 1 << 29,
        /// Tell the images behind disks too.
        BACKING = 1 << 30,
        /// Refuse unknown kinds of statistics.
        ENFORCE_STATS = 1 << 31,
    }
}
