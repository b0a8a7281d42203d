//! Events of QEMU's monitor.

use crate::types::Domain;

events! { QEMU;
    /// QEMU's monitor sent an event.
    6 DomainMonitorEvent {
        callbackID: i32, dom: Domain, event: String, seconds: i64, micros: u32, details: Option<String>,
    };
}
