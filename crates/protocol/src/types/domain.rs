//! What calls tell about a domain.

use xdr::{Chars, List, Opaque, xdr};

use super::{DOMAIN_FSINFO_DISKS_MAX, Domain, Names};
use crate::{
    limits::{CONNECT_GET_ALL_DOMAIN_STATS_MAX, CPUMAP_MAX, DOMAIN_IP_ADDR_MAX, SECURITY_LABEL_MAX},
    params::Params,
};

xdr! {
    /// State, memory, CPUs and CPU time.
    #[derive(Eq)]
    pub struct DomainInfo {
        pub state: u8,
        pub maxMem: u64,
        pub memory: u64,
        pub nrVirtCpu: u16,
        pub cpuTime: u64,
    }

    /// State of the process that controls a domain.
    #[derive(Eq)]
    pub struct ControlInfo {
        pub state: u32,
        pub details: u32,
        /// How long it has been in that state, in milliseconds.
        pub stateTime: u64,
    }

    /// A virtual CPU.
    #[derive(Eq)]
    pub struct VcpuInfo {
        pub number: u32,
        pub state: i32,
        pub cpu_time: u64,
        /// The CPU of the host that it runs on, or a negative code.
        pub cpu: i32,
    }

    /// An I/O thread and the CPUs that it is tied to.
    pub struct IoThreadInfo {
        pub iothread_id: u32,
        pub cpumap: Opaque<CPUMAP_MAX>,
    }

    /// One figure on memory, named by `virDomainMemoryStatTags`.
    #[derive(Eq)]
    pub struct MemoryStat {
        pub tag: i32,
        pub val: u64,
    }

    /// Progress of a job. Times are in milliseconds, amounts in bytes.
    #[derive(Eq)]
    pub struct JobInfo {
        pub r#type: i32,
        pub timeElapsed: u64,
        pub timeRemaining: u64,
        pub dataTotal: u64,
        pub dataProcessed: u64,
        pub dataRemaining: u64,
        pub memTotal: u64,
        pub memProcessed: u64,
        pub memRemaining: u64,
        pub fileTotal: u64,
        pub fileProcessed: u64,
        pub fileRemaining: u64,
    }

    /// Statistics of one domain.
    pub struct DomainStatsRecord {
        pub dom: Domain,
        pub params: Params<CONNECT_GET_ALL_DOMAIN_STATS_MAX>,
    }

    /// A security label; the text ends with a NUL.
    pub struct SecurityLabel {
        pub label: Chars<SECURITY_LABEL_MAX>,
        pub enforcing: i32,
    }
}

xdr! {
    /// Requests and bytes of a disk; -1 where not known.
    #[derive(Eq)]
    pub struct BlockStats {
        pub rd_req: i64,
        pub rd_bytes: i64,
        pub wr_req: i64,
        pub wr_bytes: i64,
        pub errs: i64,
    }

    /// Sizes of a disk in bytes.
    #[derive(Eq)]
    pub struct BlockInfo {
        pub allocation: u64,
        pub capacity: u64,
        pub physical: u64,
    }

    /// Progress of the job of a disk.
    #[derive(Eq)]
    pub struct BlockJobInfo {
        /// 0 if there is no job.
        pub found: i32,
        pub r#type: i32,
        pub bandwidth: u64,
        pub cur: u64,
        pub end: u64,
    }

    /// A disk with an error.
    #[derive(Eq)]
    pub struct DiskError {
        pub disk: String,
        pub error: i32,
    }

    /// Bytes and packets of a network interface, seen from the guest; -1 where not known.
    #[derive(Eq)]
    pub struct InterfaceStats {
        pub rx_bytes: i64,
        pub rx_packets: i64,
        pub rx_errs: i64,
        pub rx_drop: i64,
        pub tx_bytes: i64,
        pub tx_packets: i64,
        pub tx_errs: i64,
        pub tx_drop: i64,
    }

    /// A mounted file system of the guest.
    #[derive(Eq)]
    pub struct FsInfo {
        pub mountpoint: String,
        pub name: String,
        pub fstype: String,
        pub dev_aliases: Names<DOMAIN_FSINFO_DISKS_MAX>,
    }

    /// An address of a network interface.
    #[derive(Eq)]
    pub struct IpAddr {
        /// 0 IPv4, 1 IPv6.
        pub r#type: i32,
        pub addr: String,
        pub prefix: u32,
    }

    /// A network interface of the guest.
    #[derive(Eq)]
    pub struct DomainInterface {
        pub name: String,
        pub hwaddr: Option<String>,
        pub addrs: List<IpAddr, DOMAIN_IP_ADDR_MAX>,
    }

    /// One end of a connection to a graphics device.
    #[derive(Eq)]
    pub struct GraphicsAddress {
        pub family: i32,
        pub node: String,
        pub service: String,
    }

    /// Whom a client of a graphics device claims to be.
    #[derive(Eq)]
    pub struct GraphicsIdentity {
        pub r#type: String,
        pub name: String,
    }
}
