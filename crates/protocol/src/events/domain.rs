//! Events of domains.
//!
//! Kinds 0 to 15 have two messages: one for clients that registered without an id, and one that wraps the
//! first and names the registration.

use xdr::List;

use crate::{
    limits::*,
    params::Params,
    types::{Domain, GraphicsAddress, GraphicsIdentity},
};

events! { REMOTE;
    // Domains, for clients that register without an id.
    /// A domain was defined, started, suspended, stopped...
    107 DomainEventLifecycle { dom: Domain, event: i32, detail: i32 };
    /// The guest rebooted.
    169 DomainEventReboot { dom: Domain };
    /// The guest set its clock; `offset` is its distance to UTC in seconds.
    170 DomainEventRtcChange { dom: Domain, offset: i64 };
    /// The watchdog fired.
    171 DomainEventWatchdog { dom: Domain, action: i32 };
    /// A disk failed.
    172 DomainEventIoError { dom: Domain, srcPath: String, devAlias: String, action: i32 };
    /// A disk failed, with the reason.
    195 DomainEventIoErrorReason {
        dom: Domain, srcPath: String, devAlias: String, action: i32, reason: String,
    };
    /// Somebody connected to or left a graphics device.
    173 DomainEventGraphics {
        dom: Domain, phase: i32, local: GraphicsAddress, remote: GraphicsAddress, authScheme: String,
        subject: List<GraphicsIdentity, DOMAIN_EVENT_GRAPHICS_IDENTITY_MAX>,
    };
    /// The daemon lost control over the domain.
    224 DomainEventControlError { dom: Domain };
    /// A block job changed its state; the disk is named by path.
    241 DomainEventBlockJob { dom: Domain, path: String, r#type: i32, status: i32 };
    /// The source of a disk changed at start.
    248 DomainEventDiskChange {
        dom: Domain, oldSrcPath: Option<String>, newSrcPath: Option<String>, devAlias: String, reason: i32,
    };
    /// The tray of a drive opened or closed.
    268 DomainEventTrayChange { dom: Domain, devAlias: String, reason: i32 };
    /// The guest woke up.
    269 DomainEventPmwakeup { dom: Domain };
    /// The guest suspended to memory.
    270 DomainEventPmsuspend { dom: Domain };
    /// The memory of the domain changed; `actual` is in KiB.
    276 DomainEventBalloonChange { dom: Domain, actual: u64 };
    /// The guest suspended to disk.
    292 DomainEventPmsuspendDisk { dom: Domain };
    /// A device is gone.
    311 DomainEventDeviceRemoved { dom: Domain, devAlias: String };

    // The same for clients that register with an id.
    /// A domain was defined, started, suspended, stopped...
    318 DomainEventCallbackLifecycle { callbackID: i32, msg: DomainEventLifecycle };
    /// The guest rebooted.
    319 DomainEventCallbackReboot { callbackID: i32, msg: DomainEventReboot };
    /// The guest set its clock.
    320 DomainEventCallbackRtcChange { callbackID: i32, msg: DomainEventRtcChange };
    /// The watchdog fired.
    321 DomainEventCallbackWatchdog { callbackID: i32, msg: DomainEventWatchdog };
    /// A disk failed.
    322 DomainEventCallbackIoError { callbackID: i32, msg: DomainEventIoError };
    /// Somebody connected to or left a graphics device.
    323 DomainEventCallbackGraphics { callbackID: i32, msg: DomainEventGraphics };
    /// A disk failed, with the reason.
    324 DomainEventCallbackIoErrorReason { callbackID: i32, msg: DomainEventIoErrorReason };
    /// The daemon lost control over the domain.
    325 DomainEventCallbackControlError { callbackID: i32, msg: DomainEventControlError };
    /// A block job changed its state; the disk is named by path.
    326 DomainEventCallbackBlockJob { callbackID: i32, msg: DomainEventBlockJob };
    /// The source of a disk changed at start.
    327 DomainEventCallbackDiskChange { callbackID: i32, msg: DomainEventDiskChange };
    /// The tray of a drive opened or closed.
    328 DomainEventCallbackTrayChange { callbackID: i32, msg: DomainEventTrayChange };
    /// The guest woke up.
    329 DomainEventCallbackPmwakeup { callbackID: i32, reason: i32, msg: DomainEventPmwakeup };
    /// The guest suspended to memory.
    330 DomainEventCallbackPmsuspend { callbackID: i32, reason: i32, msg: DomainEventPmsuspend };
    /// The memory of the domain changed.
    331 DomainEventCallbackBalloonChange { callbackID: i32, msg: DomainEventBalloonChange };
    /// The guest suspended to disk.
    332 DomainEventCallbackPmsuspendDisk { callbackID: i32, reason: i32, msg: DomainEventPmsuspendDisk };
    /// A device is gone.
    333 DomainEventCallbackDeviceRemoved { callbackID: i32, msg: DomainEventDeviceRemoved };

    // Domains, only for clients that register with an id.
    /// A block job changed its state; the disk is named by its target.
    339 DomainEventBlockJob2 {
        callbackID: i32, dom: Domain, dst: String, r#type: i32, status: i32,
    } name("domain_event_block_job_2");
    /// Limits of the domain changed.
    346 DomainEventCallbackTunable {
        callbackID: i32, dom: Domain, params: Params<DOMAIN_EVENT_TUNABLE_MAX>,
    };
    /// The guest's agent came or went.
    348 DomainEventCallbackAgentLifecycle { callbackID: i32, dom: Domain, state: i32, reason: i32 };
    /// A device was attached.
    354 DomainEventCallbackDeviceAdded { callbackID: i32, dom: Domain, devAlias: String };
    /// A migration began its next round.
    359 DomainEventCallbackMigrationIteration { callbackID: i32, dom: Domain, iteration: i32 };
    /// A job ended.
    363 DomainEventCallbackJobCompleted {
        callbackID: i32, dom: Domain, params: Params<DOMAIN_JOB_STATS_MAX>,
    };
    /// The guest keeps a device.
    367 DomainEventCallbackDeviceRemovalFailed { callbackID: i32, dom: Domain, devAlias: String };
    /// Title, description or metadata changed.
    379 DomainEventCallbackMetadataChange {
        callbackID: i32, dom: Domain, r#type: i32, nsuri: Option<String>,
    };
    /// A disk grew beyond the size set.
    385 DomainEventBlockThreshold {
        callbackID: i32, dom: Domain, dev: String, path: Option<String>, threshold: u64, excess: u64,
    };
    /// The host's memory failed under the guest.
    423 DomainEventMemoryFailure { callbackID: i32, dom: Domain, recipient: i32, action: i32, flags: u32 };
    /// A memory device changed its size, in KiB.
    438 DomainEventMemoryDeviceSizeChange { callbackID: i32, dom: Domain, alias: String, size: u64 };
    /// The guest changed the MAC address of an interface.
    453 DomainEventNicMacChange {
        callbackID: i32, dom: Domain, alias: String, oldMAC: String, newMAC: String,
    };
}
