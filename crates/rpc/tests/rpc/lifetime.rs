//! Deadlines, keepalive, limits on clients, and the ends of clients and server.

use std::{
    os::fd::AsFd,
    sync::{Arc, Barrier, mpsc},
    time::{Duration, Instant},
};

use protocol::calls;
use rpc::{Auth, Client, Limits};

use crate::{
    daemon::{Daemon, domain},
    raw::{Raw, call_header, frame, keepalive_header, open_call},
};

const SHORT: Duration = Duration::from_millis(200);

fn short() -> Limits {
    Limits { auth_timeout: SHORT, ..Limits::default() }
}

/// How long it takes until the server closes the connection.
fn time_to_end(raw: &mut Raw) -> Duration {
    let start = Instant::now();
    raw.expect_end();
    start.elapsed()
}

/// Whether something, be it the end, can be read in time.
fn is_readable(raw: &Raw, timeout: Duration) -> bool {
    let mut poll = [rustix::event::PollFd::new(&raw.socket, rustix::event::PollFlags::IN)];
    let timeout = rustix::event::Timespec::try_from(timeout).unwrap();
    rustix::event::poll(&mut poll, Some(&timeout)).unwrap() > 0
}

#[test]
fn a_client_must_open_in_time() {
    let daemon = Daemon::with_limits(short());
    let mut silent = Raw::connect(&daemon.socket());
    let mut listing = Raw::connect(&daemon.socket());
    let mut opened = Raw::open(&daemon.socket());
    listing.call(&calls::AuthList {}).unwrap();
    assert!(time_to_end(&mut silent) >= SHORT / 2);
    listing.expect_end();
    daemon.wait_for_clients(1);
    assert_eq!(opened.call(&calls::ConnectGetType {}).unwrap(), "LXC");
}

#[test]
fn the_time_of_a_dialogue_does_not_count() {
    let auth = Auth::Polkit(Arc::new(|_: Client| {
        Box::pin(async {
            tokio::time::sleep(SHORT * 3).await;
            Ok(())
        })
    }));
    let daemon = Daemon::with_auth(|config| config.limits = short(), auth, Auth::None);
    let mut raw = Raw::connect(&daemon.socket());
    assert_eq!(raw.call(&calls::AuthPolkit {}).unwrap(), 1);
    raw.call(&open_call(0)).unwrap();
}

#[test]
fn a_message_must_arrive_in_time() {
    let limits = Limits { header_timeout: SHORT, message_timeout: SHORT, ..Limits::default() };
    let daemon = Daemon::with_limits(limits);
    let call = frame(&call_header(protocol::header::REMOTE, 3, 1), &[0; 100]);
    let mut idle = Raw::open(&daemon.socket());
    for length in [1, 4, 27, 28, 127] {
        let mut raw = Raw::open(&daemon.socket());
        raw.write(&call[..length]);
        assert!(time_to_end(&mut raw) >= SHORT / 2, "{length}");
    }
    // A byte now and then does not help.
    let mut raw = Raw::open(&daemon.socket());
    let start = Instant::now();
    let mut bytes = call.iter();
    let closed = loop {
        if is_readable(&raw, Duration::from_millis(20)) {
            break start.elapsed();
        }
        raw.write(&[*bytes.next().expect("closed before the message is complete")]);
    };
    assert!(closed < SHORT * 10);
    assert_eq!(idle.call(&calls::ConnectGetType {}).unwrap(), "LXC");
}

#[test]
fn descriptors_must_arrive_in_time() {
    let daemon = Daemon::with_limits(Limits { message_timeout: SHORT, ..Limits::default() });
    let mut raw = Raw::open(&daemon.socket());
    let (reader, writer) = std::io::pipe().unwrap();
    let kind = protocol::MessageType::CALL_WITH_FDS;
    let header = protocol::Header { kind, ..call_header(protocol::header::REMOTE, 309, 1) };
    raw.write(&frame(&header, &[0, 0, 0, 32]));
    for _ in 0..31 {
        raw.write_fd(writer.as_fd());
    }
    drop(writer);
    raw.expect_end();
    assert_eq!(std::io::read_to_string(reader).unwrap(), "");
}

#[test]
fn a_client_that_accepts_nothing_is_closed() {
    let daemon = Daemon::with_limits(Limits { send_timeout: SHORT, ..Limits::default() });
    let mut raw = Raw::open(&daemon.socket());
    for _ in 0..5 {
        raw.send(&calls::ConnectGetCapabilities {});
    }
    daemon.wait_for_clients(0);
}

#[test]
fn pings_start_when_the_client_asks_and_silence_ends_it() {
    let interval = Duration::from_millis(100);
    let limits = Limits { keepalive_interval: interval, keepalive_count: 2, ..Limits::default() };
    let daemon = Daemon::with_limits(limits);
    let mut plain = Raw::open(&daemon.socket());
    let mut silent = Raw::open(&daemon.socket());
    silent.call(&calls::ConnectSupportsFeature { feature: 10 }).unwrap();
    let start = Instant::now();
    for _ in 0..2 {
        assert_eq!(silent.receive().header, keepalive_header(1));
    }
    silent.expect_end();
    assert!(start.elapsed() >= interval * 3);
    // A client that did not ask is never pinged: it would take that as an error.
    plain.expect_silence();

    let mut alive = Raw::open(&daemon.socket());
    alive.call(&calls::ConnectSupportsFeature { feature: 10 }).unwrap();
    for _ in 0..6 {
        assert_eq!(alive.receive().header, keepalive_header(1));
        alive.write(&frame(&keepalive_header(2), &[]));
    }
    assert_eq!(daemon.server.client_count(), 2);
}

#[test]
fn a_client_whose_answers_are_not_read_is_not_given_up() {
    let limits = Limits { keepalive_interval: SHORT / 4, keepalive_count: 1, ..Limits::default() };
    let daemon = Daemon::with_limits(limits);
    let mut raw = Raw::open(&daemon.socket());
    raw.call(&calls::ConnectSupportsFeature { feature: 10 }).unwrap();
    // The server stops reading before it comes to the end of these.
    let calls = 5 + 16 + 20;
    for _ in 0..calls {
        raw.send(&calls::DomainCreate { dom: domain() });
    }
    assert!(!is_readable(&raw, SHORT * 3), "neither a ping nor the end");
    daemon.state.gate.add_permits(calls);
    let mut replies = 0;
    while replies < calls {
        replies += usize::from(raw.receive().header.kind == protocol::MessageType::REPLY);
    }
}

#[test]
fn pings_are_answered_while_calls_hang() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    for _ in 0..5 {
        raw.send(&calls::DomainCreate { dom: domain() });
    }
    for _ in 0..100 {
        raw.expect_silence();
    }
}

#[test]
fn a_flood_of_pings_queues_no_flood_of_answers() {
    let daemon = Daemon::with_limits(Limits { max_queued_messages: 100, ..Limits::default() });
    let mut raw = Raw::open(&daemon.socket());
    raw.write(&frame(&keepalive_header(1), &[]).repeat(100_000));
    let mut other = Raw::open(&daemon.socket());
    assert_eq!(other.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    assert_eq!(daemon.server.client_count(), 2, "not closed for an overflow");
}

#[test]
fn on_close_is_called_once_when_the_client_goes() {
    let daemon = Daemon::start();
    for cleanly in [true, false] {
        let mut raw = Raw::open(&daemon.socket());
        let client = daemon.server.connected_clients().remove(0);
        let (sender, receiver) = mpsc::channel();
        for number in 0..2 {
            let sender = sender.clone();
            client.on_close(Box::new(move || sender.send(number).unwrap()));
        }
        client.on_close(Box::new(|| panic!("does no harm")));
        if cleanly {
            raw.call(&calls::ConnectClose {}).unwrap();
        }
        drop(raw);
        daemon.wait_for_clients(0);
        assert_eq!([receiver.recv(), receiver.recv()], [Ok(0), Ok(1)]);
        let late = sender.clone();
        client.on_close(Box::new(move || late.send(9).unwrap()));
        assert_eq!(receiver.try_recv(), Ok(9), "at once if the client has gone");
    }
}

#[test]
fn identity_and_name() {
    let daemon = Daemon::start();
    let _raw = Raw::open(&daemon.socket());
    let client = daemon.server.connected_clients().remove(0);
    let identity = client.identity().process.clone().unwrap();
    assert_eq!(identity.pid, i32::try_from(std::process::id()).unwrap());
    assert_eq!(identity.uid, rustix::process::getuid().as_raw());
    assert_eq!(identity.gid, rustix::process::getgid().as_raw());
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let start_time = stat.rsplit(')').next().unwrap().split(' ').nth(20).unwrap().to_owned();
    assert_eq!(identity.start_time.to_string(), start_time);
    assert_eq!(client.name(), Some("lxc:///system"));
    assert!(!client.is_read_only());
    assert_eq!(client.id(), 1);
}

#[test]
fn a_client_can_be_closed() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    daemon.server.connected_clients()[0].close();
    raw.expect_end();
    daemon.wait_for_clients(0);
}

#[test]
fn clients_are_counted_and_limited() {
    let daemon = Daemon::with_limits(Limits { max_clients: 3, ..Limits::default() });
    let mut clients: Vec<_> = (0..3).map(|_| Raw::open(&daemon.socket())).collect();
    assert_eq!(daemon.server.client_count(), 3);
    Raw::connect(&daemon.socket()).expect_end();
    assert_eq!(clients[0].call(&calls::ConnectGetType {}).unwrap(), "LXC");
    clients.clear();
    daemon.wait_for_clients(0);
    Raw::open(&daemon.socket());
}

#[test]
fn running_out_of_descriptors_is_survived() {
    // The limit is that of the process, so this needs one of its own: the test binary itself.
    let name = "lifetime::running_out_of_descriptors_is_survived";
    if std::env::var_os("FEW_DESCRIPTORS").is_none() {
        #[allow(clippy::disallowed_methods, reason = "a test may start itself")]
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        let output = again.args(["--exact", name]).env("FEW_DESCRIPTORS", "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let daemon = Daemon::start();
    let mut first = Raw::open(&daemon.socket());
    let limit = rustix::process::Rlimit { current: Some(64), maximum: Some(64) };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).unwrap();
    let mut clients = Vec::new();
    while let Ok(socket) = std::os::unix::net::UnixStream::connect(daemon.socket()) {
        clients.push(socket);
    }
    assert!(clients.len() > 5);
    assert_eq!(first.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    clients.clear();
    // Who comes while the server still gets rid of the others may be turned away.
    let start = Instant::now();
    loop {
        let mut next = Raw::connect(&daemon.socket());
        let ping = frame(&keepalive_header(1), &[]);
        if std::io::Write::write_all(&mut next.socket, &ping).is_ok() && next.try_receive().is_some() {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}

#[test]
fn a_shutdown_lets_calls_end() {
    let daemon = Daemon::start();
    let mut idle = Raw::open(&daemon.socket());
    let mut busy = Raw::open(&daemon.socket());
    let serial = busy.send(&calls::DomainCreate { dom: domain() });
    busy.expect_silence();
    daemon.server.shutdown();
    idle.expect_end();
    daemon.wait_for_clients(1);
    daemon.state.gate.add_permits(1);
    assert_eq!(busy.receive().header.serial, serial);
    busy.expect_end();
    daemon.runtime.block_on(daemon.server.drained());
}

#[test]
fn a_shutdown_does_not_wait_for_ever() {
    let daemon = Daemon::with_limits(Limits { shutdown_timeout: SHORT, ..Limits::default() });
    let mut busy = Raw::open(&daemon.socket());
    busy.send(&calls::DomainCreate { dom: domain() });
    busy.expect_silence();
    daemon.server.shutdown();
    busy.expect_end();
    daemon.wait_for_clients(0);
}

#[test]
fn clients_come_and_go_in_numbers() {
    let daemon = Daemon::start();
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (daemon, barrier) = (&daemon, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for round in 0..200 {
                    let mut raw = Raw::open(&daemon.socket());
                    let register = calls::ConnectDomainEventCallbackRegisterAny { eventID: 0, dom: None };
                    match (thread + round) % 4 {
                        0 => drop(raw.call(&calls::ConnectClose {})),
                        1 => drop(raw.send(&register)),
                        2 => drop(raw.send(&calls::ConnectSupportsFeature { feature: 10 })),
                        _ => {
                            raw.send(&register);
                            let _ = (raw.receive(), raw.receive());
                        }
                    }
                }
            });
        }
    });
    daemon.wait_for_clients(0);
    // Nobody but the drivers remembers the clients.
    let lost = daemon.state.registered.lock().unwrap().drain(..).filter(|client| client.id() == 0).count();
    assert_eq!(lost, 0);
    assert!(daemon.server.connected_clients().is_empty());
}

#[test]
fn unfinished_messages_have_a_budget() {
    let limits = Limits { max_unfinished_fds: 10, max_unfinished_bytes: 1 << 20, ..Limits::default() };
    let daemon = Daemon::with_limits(limits);
    let kind = protocol::MessageType::CALL_WITH_FDS;
    let header = protocol::Header { kind, ..call_header(protocol::header::REMOTE, 309, 1) };
    let (_reader, writer) = std::io::pipe().unwrap();
    for _ in 0..3 {
        let mut within = Raw::open(&daemon.socket());
        within.write(&frame(&header, &[0, 0, 0, 32]));
        for _ in 0..10 {
            within.write_fd(writer.as_fd());
        }
        assert!(!is_readable(&within, SHORT / 4));
        let mut raw = Raw::open(&daemon.socket());
        raw.write(&frame(&header, &[0, 0, 0, 32]));
        raw.write_fd(writer.as_fd());
        raw.expect_end();
        drop(within);
        daemon.wait_for_clients(0);
    }
    let mut raw = Raw::open(&daemon.socket());
    let long = frame(&call_header(protocol::header::REMOTE, 3, 1), &vec![0; 2 << 20]);
    assert!(std::io::Write::write_all(&mut raw.socket, &long).is_err());
    let mut raw = Raw::open(&daemon.socket());
    raw.write(&long[..100_000]);
    drop(raw);
    assert_eq!(Raw::open(&daemon.socket()).call(&calls::ConnectGetType {}).unwrap(), "LXC");
}
