//! Disks of a domain.

use xdr::{List, Opaque};

use crate::{
    acl::Condition::AffectsConfig,
    limits::*,
    params::Params,
    types::{BlockInfo, BlockJobInfo, BlockStats, DiskError, Domain},
};

calls! { REMOTE, Hypervisor;
    // Statistics and limits.
    /// Requests and bytes of a disk.
    64 DomainBlockStats { dom: Domain, path: String } -> BlockStats [domain.read];
    /// More statistics of a disk as typed parameters.
    243 DomainBlockStatsFlags {
        dom: Domain, path: String, nparams: i32, flags: u32,
    } -> (Params<DOMAIN_BLOCK_STATS_PARAMETERS_MAX>, i32) [domain.read];
    /// Size and allocation of a disk.
    194 DomainGetBlockInfo { dom: Domain, path: String, flags: u32 } -> BlockInfo [domain.read];
    /// Disks that have errors.
    263 DomainGetDiskErrors {
        dom: Domain, maxerrors: u32, flags: u32,
    } -> (List<DiskError, DOMAIN_DISK_ERRORS_MAX>, i32) [domain.read];
    /// Sets I/O weights and limits of the domain.
    205 DomainSetBlkioParameters {
        dom: Domain, params: Params<DOMAIN_BLKIO_PARAMETERS_MAX>, flags: u32,
    } -> () [domain.write, domain.save if AffectsConfig] deny;
    /// I/O weights and limits of the domain; with nparams 0 only how many there are.
    206 DomainGetBlkioParameters {
        dom: Domain, nparams: i32, flags: u32,
    } -> (Params<DOMAIN_BLKIO_PARAMETERS_MAX>, i32) [domain.read];
    /// Sets I/O limits of a disk.
    252 DomainSetBlockIoTune {
        dom: Domain, disk: String, params: Params<DOMAIN_BLOCK_IO_TUNE_PARAMETERS_MAX>, flags: u32,
    } -> () [domain.write, domain.save if AffectsConfig] deny;
    /// I/O limits of a disk; with nparams 0 only how many there are.
    253 DomainGetBlockIoTune {
        dom: Domain, disk: Option<String>, nparams: i32, flags: u32,
    } -> (Params<DOMAIN_BLOCK_IO_TUNE_PARAMETERS_MAX>, i32) [domain.read];
    /// Sets limits that several disks share.
    451 DomainSetThrottleGroup {
        dom: Domain, group: String, params: Params<DOMAIN_BLOCK_IO_TUNE_PARAMETERS_MAX>, flags: u32,
    } -> () [domain.write, domain.save if AffectsConfig] deny;
    /// Removes such a group. Denied on read-only connections here, though libvirt 11.3 lets it pass.
    452 DomainDelThrottleGroup { dom: Domain, group: Option<String>, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// Asks for an event when a disk grows beyond a size.
    386 DomainSetBlockThreshold { dom: Domain, dev: String, threshold: u64, flags: u32 } -> ()
        [domain.write] deny;

    // Content.
    /// Reads from a disk.
    103 DomainBlockPeek {
        dom: Domain, path: String, offset: u64, size: u32, flags: u32,
    } -> Opaque<DOMAIN_BLOCK_PEEK_BUFFER_MAX> [domain.block_read] deny;
    /// Changes the size of a disk.
    251 DomainBlockResize { dom: Domain, disk: String, size: u64, flags: u32 } -> () [domain.block_write]
        deny;

    // Block jobs.
    /// Progress of the job of a disk.
    238 DomainGetBlockJobInfo { dom: Domain, path: String, flags: u32 } -> BlockJobInfo [domain.read];
    /// Ends the job of a disk.
    237 DomainBlockJobAbort { dom: Domain, path: String, flags: u32 } -> () [domain.write] deny;
    /// Limits the speed of the job of a disk.
    239 DomainBlockJobSetSpeed { dom: Domain, path: String, bandwidth: u64, flags: u32 } -> ()
        [domain.write] deny;
    /// Pulls the content of the backing image into the disk.
    240 DomainBlockPull { dom: Domain, path: String, bandwidth: u64, flags: u32 } -> () [domain.block_write]
        deny;
    /// Pulls the content of a part of the backing chain, or copies the disk.
    266 DomainBlockRebase {
        dom: Domain, path: String, base: Option<String>, bandwidth: u64, flags: u32,
    } -> () [domain.block_write] deny;
    /// Copies the disk to a destination.
    345 DomainBlockCopy {
        dom: Domain, path: String, destxml: String, params: Params<DOMAIN_BLOCK_COPY_PARAMETERS_MAX>,
        flags: u32,
    } -> () [domain.block_write] deny;
    /// Writes changes back into the backing chain.
    290 DomainBlockCommit {
        dom: Domain, disk: String, base: Option<String>, top: Option<String>, bandwidth: u64, flags: u32,
    } -> () [domain.block_write] deny;
}
