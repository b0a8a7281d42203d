//! Storage pools.

use xdr::List;

use crate::{
    limits::*,
    types::{Names, StoragePool, StoragePoolInfo, StorageVol, Uuid},
};

calls! { REMOTE, Storage;
    // Lists and events.
    /// Number of active pools.
    71 ConnectNumOfStoragePools {} -> i32 [connect.search_storage_pools] high
        filter("storage_pool", "getattr");
    /// Names of active pools, at most maxnames.
    72 ConnectListStoragePools { maxnames: i32 } -> Names<STORAGE_POOL_LIST_MAX>
        [connect.search_storage_pools] high filter("storage_pool", "getattr");
    /// Number of defined pools that are not active.
    73 ConnectNumOfDefinedStoragePools {} -> i32 [connect.search_storage_pools] high
        filter("storage_pool", "getattr");
    /// Names of defined pools that are not active, at most maxnames.
    74 ConnectListDefinedStoragePools { maxnames: i32 } -> Names<STORAGE_POOL_LIST_MAX>
        [connect.search_storage_pools] high filter("storage_pool", "getattr");
    /// Pools that `flags` select, or with need_results 0 only their number.
    281 ConnectListAllStoragePools {
        need_results: i32, flags: u32,
    } -> (List<StoragePool, STORAGE_POOL_LIST_MAX>, u32) [connect.search_storage_pools] high
        filter("storage_pool", "getattr");
    /// Looks for sources of a kind of pool; returns XML.
    75 ConnectFindStoragePoolSources { r#type: String, srcSpec: Option<String>, flags: u32 } -> String
        [connect.detect_storage_pools] deny;
    /// Kinds of pools that the driver has, as XML.
    403 ConnectGetStoragePoolCapabilities { flags: u32 } -> String [connect.read];
    /// Registers for one kind of event of one or all pools; returns the id of the registration.
    368 ConnectStoragePoolEventRegisterAny { eventID: i32, pool: Option<StoragePool> } -> i32
        [connect.search_storage_pools] high filter("storage_pool", "getattr");
    /// Ends a registration.
    369 ConnectStoragePoolEventDeregisterAny { callbackID: i32 } -> () [connect.read] high;

    // Pools.
    /// The pool with this UUID.
    85 StoragePoolLookupByUuid { uuid: Uuid } -> StoragePool [storage_pool.getattr] high;
    /// The pool with this name.
    84 StoragePoolLookupByName { name: String } -> StoragePool [storage_pool.getattr] high;
    /// The pool that a volume is in.
    86 StoragePoolLookupByVolume { vol: StorageVol } -> StoragePool [storage_pool.getattr] high;
    /// The pool with this target path.
    391 StoragePoolLookupByTargetPath { path: String } -> StoragePool [storage_pool.getattr] high;
    /// Starts a transient pool.
    76 StoragePoolCreateXml { xml: String, flags: u32 } -> StoragePool
        [storage_pool.start, storage_pool.write] deny;
    /// Defines a pool.
    77 StoragePoolDefineXml { xml: String, flags: u32 } -> StoragePool
        [storage_pool.write, storage_pool.save] high deny;
    /// Forgets the definition.
    82 StoragePoolUndefine { pool: StoragePool } -> () [storage_pool.delete] high deny;
    /// Makes the pool's target: a directory, a file system.
    79 StoragePoolBuild { pool: StoragePool, flags: u32 } -> () [storage_pool.format] deny;
    /// Starts a defined pool.
    78 StoragePoolCreate { pool: StoragePool, flags: u32 } -> () [storage_pool.start] deny;
    /// Stops a pool; its content stays.
    80 StoragePoolDestroy { pool: StoragePool } -> () [storage_pool.stop] high deny;
    /// Deletes the pool's target.
    81 StoragePoolDelete { pool: StoragePool, flags: u32 } -> () [storage_pool.format] deny;
    /// Looks for volumes anew.
    83 StoragePoolRefresh { pool: StoragePool, flags: u32 } -> () [storage_pool.refresh] deny;
    /// State and size.
    87 StoragePoolGetInfo { pool: StoragePool } -> StoragePoolInfo [storage_pool.read] high;
    /// The description.
    88 StoragePoolGetXmlDesc { pool: StoragePool, flags: u32 } -> String [storage_pool.read] high;
    /// Whether the pool starts with the daemon.
    89 StoragePoolGetAutostart { pool: StoragePool } -> i32 [storage_pool.read] high;
    /// Lets the pool start with the daemon, or not.
    90 StoragePoolSetAutostart { pool: StoragePool, autostart: i32 } -> () [storage_pool.write] high deny;
    /// Whether the pool is active.
    154 StoragePoolIsActive { pool: StoragePool } -> i32 [storage_pool.read] high;
    /// Whether the pool has a definition.
    155 StoragePoolIsPersistent { pool: StoragePool } -> i32 [storage_pool.read] high;
    /// Number of volumes.
    91 StoragePoolNumOfVolumes { pool: StoragePool } -> i32 [storage_pool.search_storage_vols] high
        filter("storage_vol", "getattr");
    /// Names of volumes, at most maxnames.
    92 StoragePoolListVolumes { pool: StoragePool, maxnames: i32 } -> Names<STORAGE_VOL_LIST_MAX>
        [storage_pool.search_storage_vols] high filter("storage_vol", "getattr");
    /// All volumes, or with need_results 0 only their number.
    282 StoragePoolListAllVolumes {
        pool: StoragePool, need_results: i32, flags: u32,
    } -> (List<StorageVol, STORAGE_VOL_LIST_MAX>, u32) [storage_pool.search_storage_vols] high
        filter("storage_vol", "getattr");
}
