//! Storage volumes.

use crate::{
    call::StreamKind::{Read, Write},
    types::{StoragePool, StorageVol, StorageVolInfo},
};

calls! { REMOTE, Storage;
    /// The volume with this name in a pool.
    95 StorageVolLookupByName { pool: StoragePool, name: String } -> StorageVol [storage_vol.getattr] high;
    /// The volume with this key.
    96 StorageVolLookupByKey { key: String } -> StorageVol [storage_vol.getattr] high;
    /// The volume with this path.
    97 StorageVolLookupByPath { path: String } -> StorageVol [storage_vol.getattr] high;
    /// Creates a volume.
    93 StorageVolCreateXml { pool: StoragePool, xml: String, flags: u32 } -> StorageVol [storage_vol.create]
        deny;
    /// Creates a volume as a copy of another.
    125 StorageVolCreateXmlFrom {
        pool: StoragePool, xml: String, clonevol: StorageVol, flags: u32,
    } -> StorageVol [storage_vol.create] deny;
    /// Deletes a volume.
    94 StorageVolDelete { vol: StorageVol, flags: u32 } -> () [storage_vol.delete] deny;
    /// Overwrites a volume with zeros.
    165 StorageVolWipe { vol: StorageVol, flags: u32 } -> () [storage_vol.format] deny;
    /// Overwrites a volume with an algorithm's patterns.
    259 StorageVolWipePattern { vol: StorageVol, algorithm: u32, flags: u32 } -> () [storage_vol.format]
        deny;
    /// Changes the size of a volume.
    260 StorageVolResize { vol: StorageVol, capacity: u64, flags: u32 } -> () [storage_vol.resize] deny;
    /// Kind, size and allocation of a volume.
    98 StorageVolGetInfo { vol: StorageVol } -> StorageVolInfo [storage_vol.read] high;
    /// The same; `flags` choose physical size instead of allocation.
    378 StorageVolGetInfoFlags { vol: StorageVol, flags: u32 } -> StorageVolInfo [storage_vol.read] high;
    /// The description.
    99 StorageVolGetXmlDesc { vol: StorageVol, flags: u32 } -> String [storage_vol.read] high;
    /// The path.
    100 StorageVolGetPath { vol: StorageVol } -> String [storage_vol.read] high;
    /// Writes a stream into a volume.
    208 StorageVolUpload { vol: StorageVol, offset: u64, length: u64, flags: u32 } -> ()
        [storage_vol.data_write] deny stream(Write) sparse;
    /// Reads a volume as a stream.
    209 StorageVolDownload { vol: StorageVol, offset: u64, length: u64, flags: u32 } -> ()
        [storage_vol.data_read] deny stream(Read) sparse;
}
