//! Disks: figures, sizes, content.

use std::fs::File;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};
use std::path::Path;

use cgroup::Device;
use conf::domain::{DiskSource, DomainDef};
use protocol::calls::{
    DomainBlockPeek, DomainBlockStats, DomainBlockStatsFlags, DomainGetBlockInfo, DomainGetDiskErrors,
};
use protocol::consts::param;
use protocol::limits::{
    DOMAIN_BLOCK_PEEK_BUFFER_MAX, DOMAIN_BLOCK_STATS_PARAMETERS_MAX, DOMAIN_DISK_ERRORS_MAX,
};
use protocol::params::{Params, TypedParam};
use protocol::types::{BlockInfo, BlockStats, DiskError, Domain as OnWire};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use tokio::task::spawn_blocking;
use xdr::{List, Opaque};

use super::{Context, no_flags};
use crate::Lxc;
use crate::error::{internal, of_file};
use crate::params::{reply, room, without_string_okay};

/// Unit of `/sys/dev/block/M:N/size`, bytes.
const SECTOR: u64 = 512;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(block_stats).on(block_stats_flags).on(block_info).on(block_peek).on(disk_errors);
}

async fn block_stats(cx: Context, call: DomainBlockStats) -> Result<BlockStats> {
    stats(&cx.driver, &call.dom, &call.path)
}

async fn block_stats_flags(
    cx: Context,
    call: DomainBlockStatsFlags,
) -> Result<(Params<DOMAIN_BLOCK_STATS_PARAMETERS_MAX>, i32)> {
    let room = room(call.nparams, DOMAIN_BLOCK_STATS_PARAMETERS_MAX)?;
    no_flags(without_string_okay(call.flags), "lxcDomainBlockStatsFlags")?;
    let stats = stats(&cx.driver, &call.dom, &call.path)?;
    let list = vec![
        TypedParam::new(param::BLOCK_STATS_WRITE_BYTES, stats.wr_bytes),
        TypedParam::new(param::BLOCK_STATS_WRITE_REQ, stats.wr_req),
        TypedParam::new(param::BLOCK_STATS_READ_BYTES, stats.rd_bytes),
        TypedParam::new(param::BLOCK_STATS_READ_REQ, stats.rd_req),
    ];
    Ok(reply(list, room, call.flags))
}

/// Transfers of the whole container with an empty path, else those of one device: a disk of the definition by
/// target or source, or any block device of the host.
fn stats(lxc: &Lxc, dom: &OnWire, path: &str) -> Result<BlockStats> {
    let run = lxc.domains.find(dom)?.run()?;
    let device = if path.is_empty() { None } else { Some(device(&run.def, path)?) };
    let io = run.cgroup.block_io(device).map_err(|error| internal(&error.to_string()))?;
    let [rd_req, rd_bytes, wr_req, wr_bytes] =
        [io.read_requests, io.read_bytes, io.write_requests, io.write_bytes].map(signed);
    Ok(BlockStats { rd_req, rd_bytes, wr_req, wr_bytes, errs: -1 })
}

/// Numbers of a block device by the name a client gives.
pub(super) fn device(def: &DomainDef, path: &str) -> Result<Device> {
    let source = disk_source(def, path).unwrap_or(path);
    let node = if source.starts_with('/') { source.to_owned() } else { format!("/dev/{source}") };
    let unknown = || Error::invalid_arg(ErrorDomain::LXC, &format!("invalid path: {path}"));
    let found = rustix::fs::stat(node.as_str()).map_err(|_| unknown())?;
    let kind = rustix::fs::FileType::from_raw_mode(found.st_mode);
    if kind != rustix::fs::FileType::BlockDevice {
        return Err(unknown());
    }
    Ok((rustix::fs::major(found.st_rdev), rustix::fs::minor(found.st_rdev)))
}

/// Source of the disk, or of the file system on an image or a device, with this target or source.
fn disk_source<'a>(def: &'a DomainDef, path: &str) -> Option<&'a str> {
    use conf::domain::FilesystemSource as Source;
    let disks = def.devices.disks().filter_map(|disk| match &disk.source {
        DiskSource::File(Some(source)) | DiskSource::Block(Some(source)) => {
            Some((disk.target.as_str(), source.as_str()))
        }
        _ => None,
    });
    let filesystems = def.devices.filesystems().filter_map(|filesystem| match &filesystem.source {
        Source::File { file } => Some((filesystem.target.as_str(), file.as_str())),
        Source::Block { dev } => Some((filesystem.target.as_str(), dev.as_str())),
        _ => None,
    });
    let mut all = disks.chain(filesystems);
    all.find(|(target, source)| [*target, *source].contains(&path)).map(|(_, source)| source)
}

/// The source of a disk of the definition, running or not.
fn source_of(lxc: &Lxc, dom: &OnWire, path: &str) -> Result<String> {
    let domain = lxc.domains.find(dom)?;
    let state = domain.read();
    let def = state.current().ok_or_else(|| Error::no_domain(dom))?;
    let source = disk_source(def, path).map(str::to_owned);
    source.ok_or_else(|| {
        Error::invalid_arg(ErrorDomain::LXC, &format!("invalid path {path} not assigned to domain"))
    })
}

async fn block_info(cx: Context, call: DomainGetBlockInfo) -> Result<BlockInfo> {
    no_flags(call.flags, "lxcDomainGetBlockInfo")?;
    let source = source_of(&cx.driver, &call.dom, &call.path)?;
    // The source may be on a server that does not answer.
    let info = spawn_blocking(move || sizes(Path::new(&source)));
    info.await.map_err(|error| internal(&error.to_string()))?
}

/// Sizes of an image or a device, bytes.
fn sizes(source: &Path) -> Result<BlockInfo> {
    let metadata = source.metadata().map_err(|error| of_file("cannot stat", source, &error))?;
    if metadata.file_type().is_block_device() {
        let (major, minor) = (rustix::fs::major(metadata.rdev()), rustix::fs::minor(metadata.rdev()));
        let path = format!("/sys/dev/block/{major}:{minor}/size");
        let sectors = kernel::fd::read_to_string(path.as_ref()).ok();
        let sectors: Option<u64> = sectors.and_then(|text| text.trim().parse().ok());
        let bytes = sectors.ok_or_else(|| internal(&format!("cannot read {path}")))?.saturating_mul(SECTOR);
        return Ok(BlockInfo { allocation: bytes, capacity: bytes, physical: bytes });
    }
    let allocation = metadata.blocks().saturating_mul(SECTOR);
    Ok(BlockInfo { allocation, capacity: metadata.len(), physical: metadata.len() })
}

async fn block_peek(cx: Context, call: DomainBlockPeek) -> Result<Opaque<DOMAIN_BLOCK_PEEK_BUFFER_MAX>> {
    no_flags(call.flags, "lxcDomainBlockPeek")?;
    if call.size > DOMAIN_BLOCK_PEEK_BUFFER_MAX {
        let detail = "size too large for buffer";
        return Err(Error::internal(ErrorDomain::RPC, detail));
    }
    let source = source_of(&cx.driver, &call.dom, &call.path)?;
    let size = usize::try_from(call.size).unwrap_or(0);
    let read = spawn_blocking(move || peek(Path::new(&source), call.offset, size));
    read.await.map_err(|error| internal(&error.to_string()))?.map(Into::into)
}

fn peek(source: &Path, offset: u64, size: usize) -> Result<Vec<u8>> {
    let mut content = vec![0; size];
    let read = File::open(source).and_then(|file| file.read_exact_at(&mut content, offset));
    read.map_err(|error| of_file("cannot read", source, &error))?;
    Ok(content)
}

/// None is known: the kernel tells of errors the processes that meet them.
async fn disk_errors(
    cx: Context,
    call: DomainGetDiskErrors,
) -> Result<(List<DiskError, DOMAIN_DISK_ERRORS_MAX>, i32)> {
    no_flags(call.flags, "lxcDomainGetDiskErrors")?;
    if call.maxerrors > DOMAIN_DISK_ERRORS_MAX {
        return Err(Error::internal(ErrorDomain::RPC, "maxerrors too large"));
    }
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let disks = i32::try_from(run.def.devices.disks().count()).unwrap_or(i32::MAX);
    Ok((List::default(), if call.maxerrors == 0 { disks } else { 0 }))
}

fn signed(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}
