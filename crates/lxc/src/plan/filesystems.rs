//! File systems of a plan.

use conf::domain::{AccessMode, DomainDef, Filesystem, FilesystemDriver, FilesystemSource};
use conf::{Error, Result};
use runtime::plan;

/// The container's root; the host's, read-only, if the definition has none.
pub(super) fn root(def: &DomainDef) -> Result<plan::Root> {
    let Some(root) = def.devices.root() else { return Ok(plan::Root::HostReadOnly) };
    if matches!(root.source, FilesystemSource::Bind { .. }) {
        return Err(Error::unsupported("the root filesystem cannot be of type 'bind'"));
    }
    Ok(plan::Root::Filesystem(filesystem(root)?))
}

/// File systems besides the root.
pub(super) fn filesystems(def: &DomainDef) -> Result<Vec<plan::Filesystem>> {
    def.devices.filesystems().filter(|filesystem| filesystem.target != "/").map(filesystem).collect()
}

/// One file system, with what must be known of it before its source is looked at.
pub(crate) fn filesystem(definition: &Filesystem) -> Result<plan::Filesystem> {
    let limit = |bytes: u64| (bytes != 0).then_some(bytes);
    Ok(plan::Filesystem {
        source: source(definition)?,
        target: definition.target.clone(),
        readonly: definition.readonly,
        mapped: definition.accessmode == AccessMode::Mapped,
        space_hard_limit: limit(definition.space_hard_limit),
        space_soft_limit: limit(definition.space_soft_limit),
        file_mode: definition.fmode,
        dir_mode: definition.dmode,
    })
}

fn source(definition: &Filesystem) -> Result<plan::FilesystemSource> {
    Ok(match &definition.source {
        FilesystemSource::Mount { dir } => plan::FilesystemSource::Host { path: dir.into() },
        FilesystemSource::Bind { dir } => plan::FilesystemSource::Bind { path: dir.clone() },
        FilesystemSource::Ram { usage } => plan::FilesystemSource::Ram { bytes: usage.bytes() },
        FilesystemSource::Block { dev } => plan::FilesystemSource::Block { path: dev.into() },
        FilesystemSource::File { file } => {
            check_image(definition)?;
            plan::FilesystemSource::File { path: file.into() }
        }
        FilesystemSource::Template { .. } => {
            return Err(Error::unsupported("Unexpected filesystem type template"));
        }
        FilesystemSource::Volume { pool, volume } => {
            return Err(Error::unsupported(format!(
                "filesystem type 'volume' needs a storage driver to find volume '{volume}' of pool '{pool}'; use \
                 <filesystem type='mount'>, 'block' or 'file' with its path"
            )));
        }
    })
}

/// An image is a loop device, which takes it as it is.
fn check_image(definition: &Filesystem) -> Result<()> {
    let format = definition.format.as_deref().unwrap_or("none");
    match definition.driver {
        None | Some(FilesystemDriver::Loop) if is_raw(format) => Ok(()),
        Some(FilesystemDriver::Loop) => {
            Err(Error::unsupported(format!("fs format {format} is not supported")))
        }
        None | Some(FilesystemDriver::Nbd) => Err(needs_nbd(format)),
        Some(driver) => Err(Error::unsupported(format!("fs driver {driver} is not supported"))),
    }
}

/// Whether the bytes of an image are those of the device.
pub(super) fn is_raw(format: &str) -> bool {
    matches!(format, "raw" | "none")
}

/// Other formats take a program that reads them.
pub(super) fn needs_nbd(format: &str) -> Error {
    Error::unsupported(format!(
        "an image of format '{format}' needs a network block device (qemu-nbd), which is not supported; convert it: \
         qemu-img convert -O raw"
    ))
}
