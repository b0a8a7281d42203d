//! Which device nodes the payload may open or make.

use std::path::Path;

use rustix::fs::{FileType, major, minor, stat};

use crate::controller::PAYLOAD;
use crate::file::{on, write};
use crate::{Group, Result};

/// What every container has: null, zero, full, random, urandom, tty, console, ptmx, and its terminals.
const ALWAYS: [&str; 9] = [
    "c 1:3 rwm",
    "c 1:5 rwm",
    "c 1:7 rwm",
    "c 1:8 rwm",
    "c 1:9 rwm",
    "c 5:0 rwm",
    "c 5:1 rwm",
    "c 5:2 rwm",
    "c 136:* rwm",
];

impl Group {
    /// Forbids the payload all devices but the usual ones and the nodes given by their host paths. To be called
    /// before a process is in it.
    ///
    /// Only the v1 `devices` controller is used so far: on cgroup v2 alone the same takes a BPF program
    /// (`BPF_CGROUP_DEVICE`), and without it a container is kept from devices by its user namespace, or by
    /// lacking `CAP_MKNOD`.
    pub fn restrict_devices<P: AsRef<Path>>(&self, extra: &[P]) -> Result<()> {
        let Some(scope) = self.placement().v1.get("devices") else { return Ok(()) };
        let payload = scope.join(PAYLOAD);
        write(&payload, "devices.deny", "a")?;
        for rule in ALWAYS {
            write(&payload, "devices.allow", rule)?;
        }
        extra.iter().try_for_each(|path| self.allow_device(path.as_ref()))
    }

    /// Allows one more device node, given by its host path. No error without the v1 `devices` controller.
    pub fn allow_device(&self, path: &Path) -> Result<()> {
        let Some(scope) = self.placement().v1.get("devices") else { return Ok(()) };
        let status = stat(path).map_err(on("stat", path))?;
        let kind = match FileType::from_raw_mode(status.st_mode) {
            FileType::CharacterDevice => 'c',
            FileType::BlockDevice => 'b',
            _ => return Err(on("no device node:", path)(kernel::Errno::NODEV)),
        };
        let rule = format!("{kind} {}:{} rwm", major(status.st_rdev), minor(status.st_rdev));
        write(&scope.join(PAYLOAD), "devices.allow", &rule)
    }
}
