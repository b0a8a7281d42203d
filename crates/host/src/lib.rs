//! The host as a driver: what it is made of (capabilities, CPUs, NUMA cells, SMBIOS) and how busy it is.
//!
//! Every answer is a function over [`Host`] that reads the kernel's files (proc(5), sysfs) below an exchangeable
//! root; [`routes`] puts those functions behind the calls. Nothing is cached: CPUs and memory may be plugged at
//! any time.

mod arch;
mod cache;
mod calls;
mod capabilities;
mod cpu;
mod cpuset;
mod error;
mod files;
mod identity;
mod memory;
mod node;
mod pages;
mod stats;
mod sysinfo;
#[cfg(test)]
mod testing;
mod tune;
mod usb;

use std::path::{Path, PathBuf};

use files::Files;

pub use arch::{Arch, arches};
pub use calls::routes;
pub use capabilities::capabilities;
pub use cpu::{CpuMap, NodeInfo, cpu_map, max_vcpus, node_info};
pub use cpuset::CpuSet;
pub use error::{Error, Result};
pub use identity::{HYPERVISOR_TYPE, LIB_VERSION, host_uuid, hostname, kernel_version};
pub use memory::{MemoryParameter, cells_free_memory, free_memory, memory_parameters, memory_total};
pub use pages::free_pages;
pub use stats::{Stat, cpu_stats, memory_stats};
pub use sysinfo::sysinfo;
pub use tune::{alloc_pages, set_memory_parameter};
pub use usb::{UsbDevice, usb_devices};

/// One machine.
#[derive(Debug, Clone)]
pub struct Host {
    files: Files,
    emulator: PathBuf,
    machine: String,
    page_kib: u64,
}

impl Host {
    /// The machine this process runs on. `emulator` is the path that capabilities name and that clients copy into
    /// domain documents.
    #[must_use]
    pub fn this(emulator: impl Into<PathBuf>) -> Self {
        let machine = rustix::system::uname().machine().to_string_lossy().into_owned();
        let page_kib = u64::try_from(rustix::param::page_size() / 1024).unwrap_or(4);
        Self { files: Files::new("/"), emulator: emulator.into(), machine, page_kib }
    }

    /// A machine described by copies of its `proc`, `sys` and `etc` files below `root`; `machine` as in
    /// uname(2). Pages have 4 KiB.
    #[must_use]
    pub fn at(root: impl AsRef<Path>, machine: impl Into<String>, emulator: impl Into<PathBuf>) -> Self {
        Self {
            files: Files::new(root.as_ref()),
            emulator: emulator.into(),
            machine: machine.into(),
            page_kib: 4,
        }
    }
}
