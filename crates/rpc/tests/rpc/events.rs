//! Events, and clients that do not read them.

use protocol::{
    Event, MessageType, Status, calls,
    events::{DomainEventCallbackLifecycle, DomainEventLifecycle},
    header::{REMOTE, VERSION},
};
use rpc::{Client, Limits};

use crate::{
    daemon::{Daemon, lifecycle},
    raw::Raw,
};

fn register(raw: &mut Raw) -> u32 {
    raw.send(&calls::ConnectDomainEventCallbackRegisterAny { eventID: 0, dom: None })
}

fn registered(daemon: &Daemon) -> Vec<Client> {
    daemon.state.registered.lock().unwrap().clone()
}

#[test]
fn the_reply_to_a_registration_precedes_its_events() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    for _ in 0..50 {
        let serial = register(&mut raw);
        let reply = raw.receive();
        assert_eq!((reply.header.kind, reply.header.serial), (MessageType::REPLY, serial));
        let event = raw.receive();
        assert_eq!(event.header.kind, MessageType::MESSAGE);
        assert_eq!(event.header.procedure, DomainEventCallbackLifecycle::PROCEDURE);
    }
}

#[test]
fn an_event_is_a_message() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    register(&mut raw);
    let _ = (raw.receive(), raw.receive());
    registered(&daemon)[0].send_event(&lifecycle(77));
    registered(&daemon)[0].send_event(&lifecycle(78).msg);
    let event = raw.receive();
    let header = event.header;
    assert_eq!((header.program, header.version, header.procedure), (REMOTE, VERSION, 318));
    assert_eq!((header.kind, header.serial, header.status), (MessageType::MESSAGE, 1, Status::OK));
    let event: DomainEventCallbackLifecycle = xdr::from_bytes(&event.body).unwrap();
    assert_eq!(event, lifecycle(77));
    let event = raw.receive();
    assert_eq!(event.header.procedure, 107);
    assert_eq!(xdr::from_bytes::<DomainEventLifecycle>(&event.body).unwrap(), lifecycle(0).msg);
}

#[test]
fn events_keep_their_order() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    register(&mut raw);
    let _ = (raw.receive(), raw.receive());
    let client = registered(&daemon).remove(0);
    // More than the socket takes at once, less than the queue.
    let sending = std::thread::spawn(move || {
        for number in 0..10_000 {
            client.send_event(&lifecycle(number));
        }
    });
    for number in 0..10_000 {
        let event: DomainEventCallbackLifecycle = xdr::from_bytes(&raw.receive().body).unwrap();
        assert_eq!(event.callbackID, number);
    }
    sending.join().unwrap();
}

/// Sends events until the client is closed.
fn flood(daemon: &Daemon, client: &Client, at_most: i32) -> bool {
    let ids = || daemon.server.connected_clients().iter().map(Client::id).collect::<Vec<_>>();
    (0..at_most).any(|number| {
        client.send_event(&lifecycle(number));
        !ids().contains(&client.id())
    })
}

#[test]
fn a_client_that_does_not_read_is_closed_and_nobody_else() {
    let daemon = Daemon::start();
    let (mut sink, mut reader) = (Raw::open(&daemon.socket()), Raw::open(&daemon.socket()));
    register(&mut sink);
    let _ = (sink.receive(), sink.receive());
    let sink_client = registered(&daemon).remove(0);
    register(&mut reader);
    let _ = (reader.receive(), reader.receive());
    let reader_client = registered(&daemon).remove(1);
    assert!(flood(&daemon, &sink_client, 1_000_000), "the queue has an end");
    daemon.wait_for_clients(1);
    reader_client.send_event(&lifecycle(5));
    assert_eq!(reader.receive().header.procedure, 318);
    assert_eq!(reader.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    // What had been sent can still be read, whole.
    let mut received = 0;
    while let Some(event) = try_event(&mut sink) {
        assert_eq!(event.callbackID, received);
        received += 1;
    }
    assert!(received < 17_000, "{received}");
}

/// The next event, `None` at the end, which may come in the middle of a message.
fn try_event(raw: &mut Raw) -> Option<DomainEventCallbackLifecycle> {
    let received = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| raw.try_receive()));
    received.ok()?.map(|message| xdr::from_bytes(&message.body).unwrap())
}

#[test]
fn the_queue_is_bounded_in_messages_and_bytes() {
    for limits in [
        Limits { max_queued_messages: 10, ..Limits::default() },
        Limits { max_queued_bytes: 1000, ..Limits::default() },
    ] {
        let daemon = Daemon::with_limits(limits);
        let mut raw = Raw::open(&daemon.socket());
        register(&mut raw);
        let _ = (raw.receive(), raw.receive());
        let client = registered(&daemon).remove(0);
        // A socket holds about 200 KB, or some hundreds of small messages.
        assert!(flood(&daemon, &client, 20_000));
    }
}

#[test]
fn a_long_reply_is_not_an_overflow() {
    let daemon = Daemon::with_limits(Limits { max_queued_bytes: 1000, ..Limits::default() });
    let mut raw = Raw::open(&daemon.socket());
    assert_eq!(raw.call(&calls::ConnectGetCapabilities {}).unwrap().len(), 100_000);
}
