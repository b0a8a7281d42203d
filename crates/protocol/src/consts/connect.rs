//! The connection.

use bitflags::bitflags;

bitflags! {
    /// How to open a connection (`virConnectFlags`). Clients leak other bits; ignore them.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ConnectFlags: u32 {
        /// No changes.
        const RO = 1;
        /// Aliases of URIs are not looked up; for clients only.
        const NO_ALIASES = 2;
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

bitflags! {
    /// Which domains to list (`virConnectListAllDomainsFlags`). Without a bit of a group the group does not matter.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ListDomainsFlags: u32 {
        /// Running.
        const ACTIVE = 1;
        /// Not running.
        const INACTIVE = 1 << 1;
        /// With a definition.
        const PERSISTENT = 1 << 2;
        /// Without a definition.
        const TRANSIENT = 1 << 3;
        /// In the state running.
        const RUNNING = 1 << 4;
        /// In the state paused.
        const PAUSED = 1 << 5;
        /// In the state shut off.
        const SHUTOFF = 1 << 6;
        /// In another state.
        const OTHER = 1 << 7;
        /// With a managed save image.
        const MANAGEDSAVE = 1 << 8;
        /// Without a managed save image.
        const NO_MANAGEDSAVE = 1 << 9;
        /// Started with the daemon.
        const AUTOSTART = 1 << 10;
        /// Not started with the daemon.
        const NO_AUTOSTART = 1 << 11;
        /// With a snapshot.
        const HAS_SNAPSHOT = 1 << 12;
        /// Without a snapshot.
        const NO_SNAPSHOT = 1 << 13;
        /// With a checkpoint.
        const HAS_CHECKPOINT = 1 << 14;
        /// Without a checkpoint.
        const NO_CHECKPOINT = 1 << 15;
    }
}

bitflags! {
    /// Which statistics to tell (`virDomainStatsTypes`); none means all.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct StatsTypes: u32 {
        /// `state.*`
        const STATE = 1;
        /// `cpu.*`
        const CPU_TOTAL = 1 << 1;
        /// `balloon.*`
        const BALLOON = 1 << 2;
        /// `vcpu.*`
        const VCPU = 1 << 3;
        /// `net.*`
        const INTERFACE = 1 << 4;
        /// `block.*`
        const BLOCK = 1 << 5;
        /// `perf.*`
        const PERF = 1 << 6;
        /// `iothread.*`
        const IOTHREAD = 1 << 7;
        /// `memory.*`
        const MEMORY = 1 << 8;
        /// `dirtyrate.*`
        const DIRTYRATE = 1 << 9;
        /// `vm.*`
        const VM = 1 << 10;
    }

    /// Which domains to tell statistics of, and how (`virConnectGetAllDomainStatsFlags`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct AllDomainStatsFlags: u32 {
        /// Running.
        const ACTIVE = 1;
        /// Not running.
        const INACTIVE = 1 << 1;
        /// With a definition.
        const PERSISTENT = 1 << 2;
        /// Without a definition.
        const TRANSIENT = 1 << 3;
        /// In the state running.
        const RUNNING = 1 << 4;
        /// In the state paused.
        const PAUSED = 1 << 5;
        /// In the state shut off.
        const SHUTOFF = 1 << 6;
        /// In another state.
        const OTHER = 1 << 7;
        /// Leave out what would have to wait for a job.
        const NOWAIT = 1 << 29;
        /// Tell the images behind disks too.
        const BACKING = 1 << 30;
        /// Refuse unknown kinds of statistics.
        const ENFORCE_STATS = 1 << 31;
    }
}
