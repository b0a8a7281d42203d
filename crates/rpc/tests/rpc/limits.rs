//! What clients may use together, and who gives way to whom.

use std::{
    os::{fd::AsFd, unix::fs::PermissionsExt},
    sync::Arc,
    time::Duration,
};

use protocol::{MessageType, calls, header::REMOTE};
use rpc::{Auth, Client, Limits};
use rustix::process::Uid;

use crate::{
    daemon::{Daemon, domain, lifecycle},
    raw::{Raw, call_header, frame, keepalive_header},
};

const SHORT: Duration = Duration::from_millis(200);

/// Connects as another user, which is a matter of the thread that does it.
fn connect_as(uid: u32, daemon: &Daemon) -> Raw {
    let socket = daemon.socket();
    for (path, mode) in [(socket.as_path(), 0o666), (socket.parent().unwrap(), 0o755)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let connect = || {
        rustix::thread::set_thread_res_uid(None::<Uid>, Uid::from_raw(uid), None::<Uid>).unwrap();
        Raw::connect(&socket)
    };
    std::thread::scope(|scope| scope.spawn(connect).join().unwrap())
}

fn is_readable(raw: &Raw, timeout: Duration) -> bool {
    let mut poll = [rustix::event::PollFd::new(&raw.socket, rustix::event::PollFlags::IN)];
    let timeout = rustix::event::Timespec::try_from(timeout).unwrap();
    rustix::event::poll(&mut poll, Some(&timeout)).unwrap() > 0
}

fn create_with_padding(raw: &mut Raw, padding: usize) -> u32 {
    let serial = raw.next_serial();
    let mut payload = xdr::to_bytes(&calls::DomainCreate { dom: domain() }).unwrap();
    payload.resize(payload.len() + padding, 0);
    raw.write(&frame(&call_header(REMOTE, 9, serial), &payload));
    serial
}

#[test]
fn anonymous_clients_wait_for_a_place_and_root_does_not() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let auth = Auth::Polkit(Arc::new(|_: Client| Box::pin(async { Ok(()) })));
    let limits = Limits { max_anonymous_clients: 8, ..Limits::default() };
    let daemon = Daemon::with_auth(|config| config.limits = limits, auth, Auth::None);
    let mut silent: Vec<_> = (0..2).map(|_| connect_as(1234, &daemon)).collect();
    silent.iter_mut().for_each(Raw::expect_silence);
    let mut next = connect_as(1234, &daemon);
    next.ping();
    assert!(!is_readable(&next, SHORT), "a quarter of the places is taken");
    let mut roots: Vec<_> = (0..20).map(|_| Raw::connect(&daemon.socket())).collect();
    roots.iter_mut().for_each(Raw::expect_silence);
    assert_eq!(daemon.server.anonymous_count(), 22);
    connect_as(1235, &daemon).expect_silence();
    Raw::open(&daemon.read_only_socket());
    silent[0].call(&calls::AuthPolkit {}).unwrap();
    assert_eq!(next.receive().header, keepalive_header(2));
    let mut next = connect_as(1234, &daemon);
    next.ping();
    assert!(!is_readable(&next, SHORT));
    drop(silent);
    assert_eq!(next.receive().header, keepalive_header(2));
}

#[test]
fn arguments_at_work_are_limited() {
    let daemon = Daemon::with_limits(Limits { max_call_bytes: 1 << 20, ..Limits::default() });
    let mut raw = Raw::open(&daemon.socket());
    let padding = [2 << 20, 100, 100];
    for padding in padding {
        create_with_padding(&mut raw, padding);
    }
    raw.ping();
    assert_eq!(raw.receive().header, keepalive_header(2));
    assert_eq!(*daemon.state.begun.lock().unwrap(), (1, 0), "one may be longer, but then it is alone");
    assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC", "urgent calls pass");
    for _ in padding {
        daemon.state.gate.add_permits(1);
        raw.receive().reply::<()>().unwrap();
    }
}

#[test]
fn calls_at_work_are_charged_to_all() {
    let limits = Limits { max_unfinished_bytes: 12 << 20, ..Limits::default() };
    let daemon = Daemon::with_limits(limits);
    let (mut first, mut second) = (Raw::open(&daemon.socket()), Raw::open(&daemon.socket()));
    create_with_padding(&mut first, 5 << 20);
    first.expect_silence();
    create_with_padding(&mut second, 100_000);
    second.expect_silence();
    create_with_padding(&mut second, 5 << 20);
    let error = second.receive().error();
    assert_eq!(error.message, "too much is at work for all clients");
    daemon.state.gate.add_permits(2);
    first.receive().reply::<()>().unwrap();
    second.receive().reply::<()>().unwrap();
    create_with_padding(&mut second, 3 << 20);
    daemon.state.gate.add_permits(1);
    second.receive().reply::<()>().unwrap();
}

#[test]
fn descriptors_of_calls_that_wait_are_charged_to_all() {
    let daemon = Daemon::with_limits(Limits { max_unfinished_fds: 40, ..Limits::default() });
    let file = crate::daemon::file_with("");
    let header = protocol::Header { kind: MessageType::CALL_WITH_FDS, ..call_header(REMOTE, 9, 1) };
    let mut payload = 30_u32.to_be_bytes().to_vec();
    payload.extend(xdr::to_bytes(&calls::DomainCreate { dom: domain() }).unwrap());
    let send = |raw: &mut Raw| {
        raw.write(&frame(&header, &payload));
        (0..30).for_each(|_| raw.write_fd(file.as_fd()));
    };
    let mut first = Raw::open(&daemon.socket());
    send(&mut first);
    first.expect_silence();
    let mut second = Raw::open(&daemon.socket());
    send(&mut second);
    second.expect_end();
    daemon.state.gate.add_permits(1);
    first.receive().reply::<()>().unwrap();
    let mut third = Raw::open(&daemon.socket());
    send(&mut third);
    daemon.state.gate.add_permits(1);
    third.receive().reply::<()>().unwrap();
}

#[test]
fn what_waits_for_all_is_limited() {
    let daemon = Daemon::with_limits(Limits { max_queued_bytes_total: 1 << 20, ..Limits::default() });
    let mut sinks: Vec<_> = (0..3).map(|_| Raw::open(&daemon.socket())).collect();
    for sink in &mut sinks {
        sink.call(&calls::ConnectDomainEventCallbackRegisterAny { eventID: 0, dom: None }).unwrap();
        sink.receive();
    }
    let mut reader = Raw::open(&daemon.socket());
    let clients = daemon.state.registered.lock().unwrap().clone();
    for number in 0..8000 {
        clients.iter().for_each(|client| client.send_event(&lifecycle(number)));
    }
    // Some had to go for it, and those that stay can still be served.
    assert!(daemon.server.client_count() < 4);
    assert_eq!(reader.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    drop(sinks);
    daemon.wait_for_clients(1);
    let mut sink = Raw::open(&daemon.socket());
    sink.call(&calls::ConnectDomainEventCallbackRegisterAny { eventID: 0, dom: None }).unwrap();
    sink.receive();
    let client = daemon.state.registered.lock().unwrap().pop().unwrap();
    (0..8000).for_each(|number| client.send_event(&lifecycle(number)));
    for number in 0..8000 {
        let event = sink.receive();
        assert_eq!(event.body[..4], i32::to_be_bytes(number), "what they held has been given back");
    }
}

#[test]
fn pings_are_answered_at_a_bounded_rate() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let mut answers = 0;
    for _ in 0..1000 {
        raw.ping();
        raw.send(&calls::ConnectGetType {});
        while raw.receive().header.kind == MessageType::MESSAGE {
            answers += 1;
        }
    }
    assert!((512..900).contains(&answers), "{answers} answers");
}

#[test]
fn callbacks_are_counted() {
    let daemon = Daemon::with_limits(Limits { max_callbacks: 2, ..Limits::default() });
    let _raw = Raw::open(&daemon.socket());
    let client = daemon.server.connected_clients().remove(0);
    let first = client.callback().unwrap();
    let _second = client.callback().unwrap();
    assert_eq!(client.callback().unwrap_err().message, "internal error: too many event callbacks");
    drop(first);
    assert!(client.callback().is_ok());
}
