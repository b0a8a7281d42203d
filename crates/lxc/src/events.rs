//! Events of domains, to the clients that asked for them.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::consts::{
    DefinedDetail, DomainEventId, LifecycleEvent, MetadataType, ResumedDetail, StartedDetail, StoppedDetail,
    SuspendedDetail, UndefinedDetail,
};
use protocol::events::{
    DomainEventBalloonChange, DomainEventCallbackAgentLifecycle, DomainEventCallbackBalloonChange,
    DomainEventCallbackDeviceAdded, DomainEventCallbackDeviceRemoved, DomainEventCallbackLifecycle,
    DomainEventCallbackMetadataChange, DomainEventCallbackReboot, DomainEventCallbackTunable,
    DomainEventDeviceRemoved, DomainEventLifecycle, DomainEventReboot,
};
use protocol::params::TypedParam;
use protocol::types::Domain;
use protocol::{Error, ErrorCode, ErrorDomain, Result, Uuid};
use rpc::{Callback, Client};

/// `virConnectDomainEventAgentLifecycleState` and `..Reason`.
const AGENT_CONNECTED: i32 = 1;
const AGENT_GONE: i32 = 2;
const AGENT_DOMAIN_STARTED: i32 = 1;
const AGENT_CHANNEL: i32 = 2;

/// What happened to a domain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// Life and definition.
    Lifecycle(Lifecycle),
    /// The guest has rebooted.
    Reboot,
    /// The memory of the running domain was changed, KiB.
    BalloonChange {
        /// What it has now.
        actual: u64,
    },
    /// Limits of the running domain were changed.
    Tunable {
        /// Which, and to what.
        params: Vec<TypedParam>,
    },
    /// The calls that a guest's agent answers are answered from now on, or no more.
    AgentLifecycle {
        /// Which of both.
        connected: bool,
    },
    /// A device of the running domain came.
    DeviceAdded {
        /// Its alias.
        alias: String,
    },
    /// A device of the running domain is gone.
    DeviceRemoved {
        /// Its alias.
        alias: String,
    },
    /// Title, description or an element of metadata changed.
    MetadataChange {
        /// Which.
        kind: MetadataType,
        /// Namespace of the element.
        uri: Option<String>,
    },
}

/// Kinds of [`Event::Lifecycle`] with their detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifecycle {
    Defined(DefinedDetail),
    Undefined(UndefinedDetail),
    Started(StartedDetail),
    Suspended(SuspendedDetail),
    Resumed(ResumedDetail),
    Stopped(StoppedDetail),
}

impl Lifecycle {
    /// Numbers of the event and its detail.
    const fn numbers(self) -> (i32, i32) {
        match self {
            Self::Defined(detail) => (LifecycleEvent::DEFINED.0, detail.0),
            Self::Undefined(detail) => (LifecycleEvent::UNDEFINED.0, detail.0),
            Self::Started(detail) => (LifecycleEvent::STARTED.0, detail.0),
            Self::Suspended(detail) => (LifecycleEvent::SUSPENDED.0, detail.0),
            Self::Resumed(detail) => (LifecycleEvent::RESUMED.0, detail.0),
            Self::Stopped(detail) => (LifecycleEvent::STOPPED.0, detail.0),
        }
    }
}

/// How a client registered, which decides the form of its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// With a callback id, for event ids of any number.
    Callback(i32),
    /// Without, for the first sixteen event ids.
    Legacy,
}

#[derive(Debug)]
struct Registration {
    callback: Callback,
    style: Style,
    event_id: DomainEventId,
    /// Only events of this domain.
    domain: Option<Uuid>,
}

impl Registration {
    fn is_of(&self, client: &Client) -> bool {
        self.callback.client().id() == client.id()
    }
}

/// Who wants to know what.
#[derive(Debug, Default)]
pub(crate) struct Events {
    registrations: Arc<Mutex<Vec<Registration>>>,
    last_id: AtomicI32,
}

impl Events {
    fn lock(&self) -> MutexGuard<'_, Vec<Registration>> {
        self.registrations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers with a callback id.
    pub(crate) fn register(&self, client: &Client, event_id: i32, domain: Option<Uuid>) -> Result<i32> {
        check_id(event_id, DomainEventId::COUNT)?;
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) & i32::MAX;
        self.add(client, Style::Callback(id), DomainEventId(event_id), domain)?;
        Ok(id)
    }

    /// Registers in the old style.
    pub(crate) fn register_legacy(&self, client: &Client, event_id: i32) -> Result<()> {
        check_id(event_id, DomainEventId::LEGACY_COUNT)?;
        self.add(client, Style::Legacy, DomainEventId(event_id), None)
    }

    fn add(
        &self,
        client: &Client,
        style: Style,
        event_id: DomainEventId,
        domain: Option<Uuid>,
    ) -> Result<()> {
        let mut registrations = self.lock();
        let first = registrations.iter().all(|known| !known.is_of(client));
        let same = |known: &&Registration| {
            known.is_of(client)
                && known.event_id == event_id
                && known.domain == domain
                && (known.style == Style::Legacy) == (style == Style::Legacy)
        };
        if registrations.iter().find(same).is_some() {
            return Err(Error::invalid_arg(ErrorDomain::NONE, "event callback already tracked"));
        }
        let callback = client.callback()?;
        registrations.push(Registration { callback, style, event_id, domain });
        drop(registrations);
        if first {
            let (registrations, id) = (Arc::clone(&self.registrations), client.id());
            client.on_close(Box::new(move || {
                let mut registrations = registrations.lock().unwrap_or_else(PoisonError::into_inner);
                registrations.retain(|known| known.callback.client().id() != id);
            }));
        }
        Ok(())
    }

    /// Removes the registration with this callback id.
    pub(crate) fn deregister(&self, client: &Client, id: i32) -> Result<()> {
        self.remove(
            client,
            |known| known.style == Style::Callback(id),
            &format!("domain event callback {id} not registered"),
        )
    }

    /// Removes a registration of the old style.
    pub(crate) fn deregister_legacy(&self, client: &Client, event_id: i32) -> Result<()> {
        check_id(event_id, DomainEventId::LEGACY_COUNT)?;
        let wanted = |known: &Registration| known.style == Style::Legacy && known.event_id.0 == event_id;
        self.remove(client, wanted, &format!("domain event {event_id} not registered"))
    }

    fn remove(&self, client: &Client, wanted: impl Fn(&Registration) -> bool, missing: &str) -> Result<()> {
        let mut registrations = self.lock();
        let before = registrations.len();
        registrations.retain(|known| !known.is_of(client) || !wanted(known));
        if registrations.len() == before {
            return Err(Error::new(ErrorCode::INTERNAL_ERROR, ErrorDomain::RPC, missing));
        }
        Ok(())
    }

    /// Tells everybody who registered for it.
    pub(crate) fn send(&self, domain: &Domain, event: &Event) {
        let event_id = event.id();
        for known in &*self.lock() {
            if known.event_id == event_id && known.domain.is_none_or(|uuid| uuid == domain.uuid) {
                event.send(domain, known);
            }
        }
    }
}

impl Event {
    const fn id(&self) -> DomainEventId {
        match self {
            Self::Lifecycle(_) => DomainEventId::LIFECYCLE,
            Self::Reboot => DomainEventId::REBOOT,
            Self::BalloonChange { .. } => DomainEventId::BALLOON_CHANGE,
            Self::Tunable { .. } => DomainEventId::TUNABLE,
            Self::AgentLifecycle { .. } => DomainEventId::AGENT_LIFECYCLE,
            Self::DeviceAdded { .. } => DomainEventId::DEVICE_ADDED,
            Self::DeviceRemoved { .. } => DomainEventId::DEVICE_REMOVED,
            Self::MetadataChange { .. } => DomainEventId::METADATA_CHANGE,
        }
    }

    fn send(&self, domain: &Domain, to: &Registration) {
        let (client, dom) = (to.callback.client(), domain.clone());
        match to.style {
            Style::Callback(id) => self.send_callback(client, dom, id),
            Style::Legacy => self.send_legacy(client, dom),
        }
    }

    #[expect(non_snake_case, reason = "the protocol's name of the field")]
    fn send_callback(&self, client: &Client, dom: Domain, callbackID: i32) {
        match self {
            Self::Lifecycle(what) => {
                let (event, detail) = what.numbers();
                let msg = DomainEventLifecycle { dom, event, detail };
                client.send_event(&DomainEventCallbackLifecycle { callbackID, msg });
            }
            Self::Reboot => {
                let msg = DomainEventReboot { dom };
                client.send_event(&DomainEventCallbackReboot { callbackID, msg });
            }
            Self::BalloonChange { actual } => {
                let msg = DomainEventBalloonChange { dom, actual: *actual };
                client.send_event(&DomainEventCallbackBalloonChange { callbackID, msg });
            }
            Self::Tunable { params } => {
                let params = params.clone().into();
                client.send_event(&DomainEventCallbackTunable { callbackID, dom, params });
            }
            Self::AgentLifecycle { connected } => {
                let (state, reason) = if *connected {
                    (AGENT_CONNECTED, AGENT_DOMAIN_STARTED)
                } else {
                    (AGENT_GONE, AGENT_CHANNEL)
                };
                client.send_event(&DomainEventCallbackAgentLifecycle { callbackID, dom, state, reason });
            }
            Self::MetadataChange { kind, uri } => {
                let (r#type, nsuri) = (kind.0, uri.clone());
                client.send_event(&DomainEventCallbackMetadataChange { callbackID, dom, r#type, nsuri });
            }
            Self::DeviceRemoved { alias } => {
                let msg = DomainEventDeviceRemoved { dom, devAlias: alias.clone() };
                client.send_event(&DomainEventCallbackDeviceRemoved { callbackID, msg });
            }
            Self::DeviceAdded { alias } => {
                client.send_event(&DomainEventCallbackDeviceAdded {
                    callbackID,
                    dom,
                    devAlias: alias.clone(),
                });
            }
        }
    }

    fn send_legacy(&self, client: &Client, dom: Domain) {
        match self {
            Self::Lifecycle(what) => {
                let (event, detail) = what.numbers();
                client.send_event(&DomainEventLifecycle { dom, event, detail });
            }
            Self::Reboot => client.send_event(&DomainEventReboot { dom }),
            Self::BalloonChange { actual } => {
                client.send_event(&DomainEventBalloonChange { dom, actual: *actual });
            }
            Self::DeviceRemoved { alias } => {
                client.send_event(&DomainEventDeviceRemoved { dom, devAlias: alias.clone() });
            }
            // Their ids are beyond what the old style knows, so nobody can have registered so.
            Self::MetadataChange { .. }
            | Self::Tunable { .. }
            | Self::AgentLifecycle { .. }
            | Self::DeviceAdded { .. } => {}
        }
    }
}

fn check_id(event_id: i32, count: i32) -> Result<()> {
    if (0..count).contains(&event_id) {
        return Ok(());
    }
    Err(Error::internal(ErrorDomain::RPC, &format!("unsupported event ID {event_id}")))
}
