//! Logs of a plan's consoles.

use conf::domain::{CharDevice, DomainDef};
use runtime::plan;

/// `<log>` of each console.
pub(super) fn logs(def: &DomainDef) -> Vec<Option<plan::ConsoleLog>> {
    let log = |console: &CharDevice| {
        let log = console.source.log.as_ref()?;
        Some(plan::ConsoleLog { path: log.file.clone().into(), append: log.append.unwrap_or(false) })
    };
    def.devices.consoles().map(log).collect()
}
