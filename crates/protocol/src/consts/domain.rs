//! States of a domain and the reasons for them, and other enumerations about domains.

open_enum! {
    /// The state of a domain (`virDomainState`).
    pub struct DomainState(i32) {
        /// Not known.
        NOSTATE = 0,
        /// Running.
        RUNNING = 1,
        /// Waiting for a resource.
        BLOCKED = 2,
        /// Frozen.
        PAUSED = 3,
        /// Shutting down.
        SHUTDOWN = 4,
        /// Not running.
        SHUTOFF = 5,
        /// Not running any more after a crash.
        CRASHED = 6,
        /// Suspended by the guest.
        PMSUSPENDED = 7,
    }
}

open_enum! {
    /// Why a domain runs (`virDomainRunningReason`).
    pub struct RunningReason(i32) {
        /// Not known.
        UNKNOWN = 0,
        /// It was started.
        BOOTED = 1,
        /// It came from another host.
        MIGRATED = 2,
        /// It was restored from a file.
        RESTORED = 3,
        /// It was brought back to a snapshot.
        FROM_SNAPSHOT = 4,
        /// It was resumed.
        UNPAUSED = 5,
        /// A migration was given up.
        MIGRATION_CANCELED = 6,
        /// Saving was given up.
        SAVE_CANCELED = 7,
        /// The guest woke up.
        WAKEUP = 8,
        /// It was resumed after a crash.
        CRASHED = 9,
        /// Migration goes on after the switch.
        POSTCOPY = 10,
        /// Migration failed after the switch.
        POSTCOPY_FAILED = 11,
    }
}

open_enum! {
    /// Why a domain is frozen (`virDomainPausedReason`).
    pub struct PausedReason(i32) {
        /// Not known.
        UNKNOWN = 0,
        /// A user asked for it.
        USER = 1,
        /// It is being migrated.
        MIGRATION = 2,
        /// It is being saved.
        SAVE = 3,
        /// Its memory is being dumped.
        DUMP = 4,
        /// A disk failed.
        IOERROR = 5,
        /// The watchdog fired.
        WATCHDOG = 6,
        /// The snapshot that it was brought back to was frozen.
        FROM_SNAPSHOT = 7,
        /// It is shutting down.
        SHUTTING_DOWN = 8,
        /// A snapshot is being taken.
        SNAPSHOT = 9,
        /// The guest crashed.
        CRASHED = 10,
        /// It is being started.
        STARTING_UP = 11,
        /// Migration goes on after the switch.
        POSTCOPY = 12,
        /// Migration failed after the switch.
        POSTCOPY_FAILED = 13,
        /// A call failed half-way.
        API_ERROR = 14,
    }
}

open_enum! {
    /// Why a domain is shutting down (`virDomainShutdownReason`).
    pub struct ShutdownReason(i32) {
        /// Not known.
        UNKNOWN = 0,
        /// A user asked for it.
        USER = 1,
    }
}

open_enum! {
    /// Why a domain does not run (`virDomainShutoffReason`).
    pub struct ShutoffReason(i32) {
        /// Not known, as after the daemon's start.
        UNKNOWN = 0,
        /// The guest shut down.
        SHUTDOWN = 1,
        /// It was ended by a user.
        DESTROYED = 2,
        /// It crashed.
        CRASHED = 3,
        /// It went to another host.
        MIGRATED = 4,
        /// It was saved to a file.
        SAVED = 5,
        /// It failed to start.
        FAILED = 6,
        /// The snapshot that it was brought back to did not run.
        FROM_SNAPSHOT = 7,
        /// The daemon lost it.
        DAEMON = 8,
    }
}

open_enum! {
    /// Why a domain counts as crashed (`virDomainCrashedReason`).
    pub struct CrashedReason(i32) {
        /// Not known.
        UNKNOWN = 0,
        /// The guest panicked.
        PANICKED = 1,
    }
}

open_enum! {
    /// State of the process that controls a domain (`virDomainControlState`).
    pub struct ControlState(u32) {
        /// Ready.
        OK = 0,
        /// Busy with a job.
        JOB = 1,
        /// Busy.
        OCCUPIED = 2,
        /// Broken.
        ERROR = 3,
    }
}

open_enum! {
    /// Which figure on memory it is (`virDomainMemoryStatTags`); amounts in KiB.
    pub struct MemoryStatTag(i32) {
        /// Read from swap.
        SWAP_IN = 0,
        /// Written to swap.
        SWAP_OUT = 1,
        /// Page faults that needed I/O, a count.
        MAJOR_FAULT = 2,
        /// Page faults that did not, a count.
        MINOR_FAULT = 3,
        /// Not used at all.
        UNUSED = 4,
        /// All that the guest sees.
        AVAILABLE = 5,
        /// The present limit.
        ACTUAL_BALLOON = 6,
        /// Resident on the host.
        RSS = 7,
        /// Could be used without swapping.
        USABLE = 8,
        /// When the figures were taken, in seconds since 1970.
        LAST_UPDATE = 9,
        /// Caches of disks.
        DISK_CACHES = 10,
        /// Huge pages allocated, a count.
        HUGETLB_PGALLOC = 11,
        /// Huge pages not to be had, a count.
        HUGETLB_PGFAIL = 12,
    }
}

open_enum! {
    /// What metadata is about (`virDomainMetadataType`, `virNetworkMetadataType`).
    pub struct MetadataType(i32) {
        /// The description.
        DESCRIPTION = 0,
        /// The title.
        TITLE = 1,
        /// An element of `<metadata>`.
        ELEMENT = 2,
    }
}

open_enum! {
    /// State of a virtual CPU (`virVcpuState`).
    pub struct VcpuState(i32) {
        /// Off.
        OFFLINE = 0,
        /// Running.
        RUNNING = 1,
        /// Waiting.
        BLOCKED = 2,
    }
}

open_enum! {
    /// Where addresses of a guest come from (`virDomainInterfaceAddressesSource`).
    pub struct InterfaceAddressesSource(u32) {
        /// DHCP leases of virtual networks.
        LEASE = 0,
        /// The guest itself.
        AGENT = 1,
        /// The host's ARP table.
        ARP = 2,
    }
}

open_enum! {
    /// Kind of an address (`virIPAddrType`).
    pub struct IpAddrType(i32) {
        /// IPv4.
        IPV4 = 0,
        /// IPv6.
        IPV6 = 1,
    }
}

open_enum! {
    /// What happened to a domain (`virDomainLifecycle`), for the choice of an action.
    pub struct Lifecycle(u32) {
        /// The guest powered off.
        POWEROFF = 0,
        /// The guest rebooted.
        REBOOT = 1,
        /// The guest crashed.
        CRASH = 2,
    }
}

open_enum! {
    /// What to do then (`virDomainLifecycleAction`).
    pub struct LifecycleAction(u32) {
        /// End it.
        DESTROY = 0,
        /// Start it again.
        RESTART = 1,
        /// Start it again under another name.
        RESTART_RENAME = 2,
        /// Keep what is left of it.
        PRESERVE = 3,
        /// Dump its memory and end it.
        COREDUMP_DESTROY = 4,
        /// Dump its memory and start it again.
        COREDUMP_RESTART = 5,
    }
}

open_enum! {
    /// Kind of a job (`virDomainJobType`).
    pub struct JobType(i32) {
        /// There is none.
        NONE = 0,
        /// Its end is known.
        BOUNDED = 1,
        /// Its end is not known.
        UNBOUNDED = 2,
        /// It is done.
        COMPLETED = 3,
        /// It failed.
        FAILED = 4,
        /// It was given up.
        CANCELLED = 5,
    }
}

open_enum! {
    /// What a job does (`virDomainJobOperation`).
    pub struct JobOperation(i32) {
        /// Not known.
        UNKNOWN = 0,
        /// Start.
        START = 1,
        /// Save to a file.
        SAVE = 2,
        /// Restore from a file.
        RESTORE = 3,
        /// Receive from another host.
        MIGRATION_IN = 4,
        /// Send to another host.
        MIGRATION_OUT = 5,
        /// Take a snapshot.
        SNAPSHOT = 6,
        /// Go back to a snapshot.
        SNAPSHOT_REVERT = 7,
        /// Dump memory.
        DUMP = 8,
        /// Back up disks.
        BACKUP = 9,
        /// Delete a snapshot.
        SNAPSHOT_DELETE = 10,
    }
}

open_enum! {
    /// How memory is placed on NUMA nodes (`virDomainNumatuneMemMode`).
    pub struct NumaMemMode(i32) {
        /// Only on the given nodes.
        STRICT = 0,
        /// On the given node if possible.
        PREFERRED = 1,
        /// On all given nodes in turn.
        INTERLEAVE = 2,
        /// Through the control group only.
        RESTRICTIVE = 3,
    }
}

open_enum! {
    /// A signal to a process of a domain (`virDomainProcessSignal`): Linux's numbers on x86. 32 to 64 are the
    /// real-time signals.
    pub struct ProcessSignal(u32) {
        /// No signal, just a check.
        NOP = 0,
        /// SIGHUP
        HUP = 1,
        /// SIGINT
        INT = 2,
        /// SIGQUIT
        QUIT = 3,
        /// SIGILL
        ILL = 4,
        /// SIGTRAP
        TRAP = 5,
        /// SIGABRT
        ABRT = 6,
        /// SIGBUS
        BUS = 7,
        /// SIGFPE
        FPE = 8,
        /// SIGKILL
        KILL = 9,
        /// SIGUSR1
        USR1 = 10,
        /// SIGSEGV
        SEGV = 11,
        /// SIGUSR2
        USR2 = 12,
        /// SIGPIPE
        PIPE = 13,
        /// SIGALRM
        ALRM = 14,
        /// SIGTERM
        TERM = 15,
        /// SIGSTKFLT
        STKFLT = 16,
        /// SIGCHLD
        CHLD = 17,
        /// SIGCONT
        CONT = 18,
        /// SIGSTOP
        STOP = 19,
        /// SIGTSTP
        TSTP = 20,
        /// SIGTTIN
        TTIN = 21,
        /// SIGTTOU
        TTOU = 22,
        /// SIGURG
        URG = 23,
        /// SIGXCPU
        XCPU = 24,
        /// SIGXFSZ
        XFSZ = 25,
        /// SIGVTALRM
        VTALRM = 26,
        /// SIGPROF
        PROF = 27,
        /// SIGWINCH
        WINCH = 28,
        /// SIGIO
        POLL = 29,
        /// SIGPWR
        PWR = 30,
        /// SIGSYS
        SYS = 31,
    }
}
