//! What calls tell about the host, its networks and its storage.

use xdr::{Chars, Opaque, Vector, xdr};

use crate::limits::{CPUMAP_MAX, SECURITY_DOI_MAX, SECURITY_MODEL_MAX};

xdr! {
    /// CPU model, topology and memory of the host.
    #[derive(Eq)]
    pub struct NodeInfo {
        pub model: Vector<i8, 32>,
        pub memory: u64,
        /// Online CPUs.
        pub cpus: i32,
        pub mhz: i32,
        pub nodes: i32,
        /// Sockets per node.
        pub sockets: i32,
        pub cores: i32,
        pub threads: i32,
    }

    /// One figure on the CPUs or the memory of the host.
    #[derive(Eq)]
    pub struct NodeStat {
        pub field: String,
        pub value: u64,
    }

    /// Which CPUs of the host are online.
    pub struct NodeCpuMap {
        /// One bit a CPU, the lowest bit first; empty if not asked for.
        pub cpumap: Opaque<CPUMAP_MAX>,
        /// Number of online CPUs, 0 if not asked for.
        pub online: u32,
        /// Number of present CPUs.
        pub ret: i32,
    }

    /// The security model of the host; the texts end with a NUL.
    pub struct SecurityModel {
        pub model: Chars<SECURITY_MODEL_MAX>,
        pub doi: Chars<SECURITY_DOI_MAX>,
    }

    /// A DHCP lease of a virtual network.
    #[derive(Eq)]
    pub struct DhcpLease {
        pub iface: String,
        /// Seconds since 1970.
        pub expirytime: i64,
        /// 0 IPv4, 1 IPv6.
        pub r#type: i32,
        pub mac: Option<String>,
        pub iaid: Option<String>,
        pub ipaddr: String,
        pub prefix: u32,
        pub hostname: Option<String>,
        pub clientid: Option<String>,
    }

    /// State and size of a storage pool, in bytes.
    #[derive(Eq)]
    pub struct StoragePoolInfo {
        pub state: u8,
        pub capacity: u64,
        pub allocation: u64,
        pub available: u64,
    }

    /// Kind and size of a storage volume, in bytes.
    #[derive(Eq)]
    pub struct StorageVolInfo {
        pub r#type: i8,
        pub capacity: u64,
        pub allocation: u64,
    }
}
