//! Structs that arguments, replies and events consist of.
//!
//! Fields have the names of the protocol. Memory is in KiB and time in nanoseconds unless said otherwise.

mod domain;
mod host;
mod uuid;

use xdr::{List, xdr};

pub use self::{domain::*, host::*, uuid::*};
use crate::limits::{AUTH_SASL_DATA_MAX, DOMAIN_FSINFO_DISKS_MAX};

/// A list of names.
pub type Names<const MAX: u32> = List<String, MAX>;

xdr! {
    /// A domain: a container or virtual machine. Calls identify it by `uuid`; the rest may be stale.
    #[derive(Eq)]
    pub struct Domain {
        pub name: String,
        pub uuid: Uuid,
        /// -1 when inactive.
        pub id: i32,
    }

    /// A virtual network, identified by `uuid`.
    #[derive(Eq)]
    pub struct Network {
        pub name: String,
        pub uuid: Uuid,
    }

    /// A port of a virtual network.
    #[derive(Eq)]
    pub struct NetworkPort {
        pub net: Network,
        pub uuid: Uuid,
    }

    /// A network filter, identified by `uuid`.
    #[derive(Eq)]
    pub struct NwFilter {
        pub name: String,
        pub uuid: Uuid,
    }

    /// A network filter's binding to a network interface, identified by `portdev`.
    #[derive(Eq)]
    pub struct NwFilterBinding {
        pub portdev: String,
        pub filtername: String,
    }

    /// A network interface of the host, identified by `name`.
    #[derive(Eq)]
    pub struct Interface {
        pub name: String,
        pub mac: String,
    }

    /// A storage pool, identified by `uuid`.
    #[derive(Eq)]
    pub struct StoragePool {
        pub name: String,
        pub uuid: Uuid,
    }

    /// A storage volume, identified by pool and name.
    #[derive(Eq)]
    pub struct StorageVol {
        pub pool: String,
        pub name: String,
        /// Unique among all volumes; mostly the path.
        pub key: String,
    }

    /// A device of the host, identified by `name`.
    #[derive(Eq)]
    pub struct NodeDevice {
        pub name: String,
    }

    /// A secret, identified by `uuid`.
    #[derive(Eq)]
    pub struct Secret {
        pub uuid: Uuid,
        /// Kind of its use, `virSecretUsageType`.
        pub usageType: i32,
        pub usageID: String,
    }

    /// A checkpoint of a domain, identified by domain and name.
    #[derive(Eq)]
    pub struct DomainCheckpoint {
        pub name: String,
        pub dom: Domain,
    }

    /// A snapshot of a domain, identified by domain and name.
    #[derive(Eq)]
    pub struct DomainSnapshot {
        pub name: String,
        pub dom: Domain,
    }
}

xdr! {
    /// A server inside the daemon, seen from the administration socket.
    #[derive(Eq)]
    pub struct AdminServer {
        pub name: String,
    }

    /// A client of a server, seen from the administration socket.
    #[derive(Eq)]
    pub struct AdminClient {
        pub srv: AdminServer,
        /// Counts from 1 per server.
        pub id: u64,
        /// When it connected, in seconds since 1970.
        pub timestamp: i64,
        /// 0 UNIX socket, 1 TCP, 2 TLS.
        pub transport: u32,
    }

    /// The server's side of one round of SASL.
    pub struct SaslReply {
        pub complete: i32,
        /// Whether there is no data, which differs from empty data.
        pub nil: i32,
        pub data: xdr::Chars<AUTH_SASL_DATA_MAX>,
    }
}

xdr_enum! {
    /// A way to authenticate.
    pub struct AuthType(i32) {
        /// None.
        NONE = 0,
        /// SASL.
        SASL = 1,
        /// polkit.
        POLKIT = 2,
    }
}
