//! State of running domains on disk (`/run/libvirt/lxc/NAME.xml`): libvirt's form, with what a restarted daemon
//! needs to find the container again in an element of ours.

use std::path::Path;

use conf::domain::{DomainDef, FormatFlags, ParseContext};
use protocol::consts::{PausedReason, RunningReason};
use serde::{Deserialize, Serialize};
use xml::Element;

use crate::domain::Run;
use crate::files::{self, Durability};

/// Our element in the status.
const OURS: &str = "container";

/// What our element holds, as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Version of this record; a daemon that knows only older ones leaves the container alone.
    pub(crate) format: u32,
    /// Host boot in which the container was started.
    pub(crate) boot_id: String,
    /// Pid of the monitor, and its start time in clock ticks since boot, which together name one process.
    pub(crate) monitor_pid: i32,
    pub(crate) monitor_start_time: u64,
    /// As the monitor told.
    pub(crate) container: runtime::control::State,
    /// `VIR_DOMAIN_PAUSED_*` if paused.
    pub(crate) paused: Option<i32>,
    /// `VIR_DOMAIN_RUNNING_*`.
    pub(crate) reason: i32,
}

/// Version that this daemon writes.
pub(crate) const FORMAT: u32 = 1;

/// A status as read.
#[derive(Debug)]
pub(crate) struct Status {
    pub(crate) def: DomainDef,
    pub(crate) record: Record,
}

/// The boot of the host (proc_sys_kernel(5), random/boot_id).
pub(crate) fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// Writes the status of a running domain.
pub(crate) fn save(path: &Path, run: &Run) -> std::io::Result<()> {
    let record = Record {
        format: FORMAT,
        boot_id: boot_id(),
        monitor_pid: run.id,
        monitor_start_time: kernel::pidfd::start_time(run.id).unwrap_or(0),
        container: (*run.container).clone(),
        paused: run.paused.map(|reason| reason.0),
        reason: run.reason.0,
    };
    files::replace(path, &format(&run.def, &record)?, Durability::Memory)
}

fn format(def: &DomainDef, record: &Record) -> std::io::Result<String> {
    let state = if record.paused.is_some() { "paused" } else { "running" };
    let reason = match (record.paused, record.reason) {
        (Some(_), _) => "user",
        (None, reason) if reason == RunningReason::UNPAUSED.0 => "unpaused",
        (None, reason) if reason == RunningReason::UNKNOWN.0 => "unknown",
        (None, _) => "booted",
    };
    let mut status =
        Element::new("domstatus").with("state", state).with("reason", reason).with("pid", record.monitor_pid);
    status.push(Element::new("init").with("pid", record.container.init_pid));
    status.push(Element::new(OURS).with("record", serde_json::to_string(record)?));
    status.push(def.to_element(FormatFlags::SECURE));
    Ok(status.to_xml())
}

/// Reads a status.
pub(crate) fn parse(text: &str, context: &ParseContext) -> Result<Status, String> {
    let status = xml::parse(text).map_err(|error| error.to_string())?;
    let ours = status.child(OURS).ok_or("it is not ours: no <container> element")?;
    let record: Record =
        serde_json::from_str(ours.attr("record").unwrap_or("")).map_err(|error| error.to_string())?;
    if record.format > FORMAT {
        return Err(format!("it was written by a newer version (format {})", record.format));
    }
    let domain = status.child("domain").ok_or("it has no <domain> element")?;
    let def = DomainDef::from_element(domain, context).map_err(|error| error.to_string())?;
    Ok(Status { def, record })
}

impl Record {
    pub(crate) fn paused(&self) -> Option<PausedReason> {
        self.paused.map(PausedReason)
    }
}
