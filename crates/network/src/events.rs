//! Events of networks, to the clients that asked for them.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::consts::{MetadataType, NetworkEventId, NetworkLifecycleEvent};
use protocol::events::{NetworkEventCallbackMetadataChange, NetworkEventLifecycle};
use protocol::types::Network as OnWire;
use protocol::{Error, ErrorDomain, Result, Uuid};
use rpc::Client;

#[derive(Debug)]
struct Registration {
    client: Client,
    callback_id: i32,
    event_id: NetworkEventId,
    /// Only events of this network.
    network: Option<Uuid>,
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

    /// Registers for one kind of event.
    pub(crate) fn register(&self, client: &Client, event_id: i32, network: Option<Uuid>) -> Result<i32> {
        if !(0..2).contains(&event_id) {
            let text = format!("unsupported network event ID {event_id}");
            return Err(Error::internal(ErrorDomain::RPC, &text));
        }
        let event_id = NetworkEventId(event_id);
        let callback_id = self.last_id.fetch_add(1, Ordering::Relaxed) & i32::MAX;
        let mut registrations = self.lock();
        let first = registrations.iter().all(|known| known.client.id() != client.id());
        registrations.push(Registration { client: client.clone(), callback_id, event_id, network });
        drop(registrations);
        if first {
            let (registrations, id) = (Arc::clone(&self.registrations), client.id());
            client.on_close(Box::new(move || {
                let mut registrations = registrations.lock().unwrap_or_else(PoisonError::into_inner);
                registrations.retain(|known| known.client.id() != id);
            }));
        }
        Ok(callback_id)
    }

    /// Ends a registration.
    pub(crate) fn deregister(&self, client: &Client, callback_id: i32) -> Result<()> {
        let mut registrations = self.lock();
        let before = registrations.len();
        registrations.retain(|known| known.client.id() != client.id() || known.callback_id != callback_id);
        if registrations.len() < before {
            return Ok(());
        }
        let text = format!("network event callback {callback_id} not registered");
        Err(Error::internal(ErrorDomain::RPC, &text))
    }

    /// A network was defined, started...
    pub(crate) fn lifecycle(&self, net: &OnWire, event: NetworkLifecycleEvent) {
        self.each(net, NetworkEventId::LIFECYCLE, |to| {
            let message = NetworkEventLifecycle {
                callbackID: to.callback_id,
                net: net.clone(),
                event: event.0,
                detail: 0,
            };
            to.client.send_event(&message);
        });
    }

    /// Title, description or an element of metadata changed.
    pub(crate) fn metadata_change(&self, net: &OnWire, kind: MetadataType, uri: Option<&str>) {
        self.each(net, NetworkEventId::METADATA_CHANGE, |to| {
            to.client.send_event(&NetworkEventCallbackMetadataChange {
                callbackID: to.callback_id,
                net: net.clone(),
                r#type: kind.0,
                nsuri: uri.map(str::to_owned),
            });
        });
    }

    fn each(&self, net: &OnWire, event_id: NetworkEventId, send: impl Fn(&Registration)) {
        for known in &*self.lock() {
            if known.event_id == event_id && known.network.is_none_or(|uuid| uuid == net.uuid) {
                send(known);
            }
        }
    }
}
