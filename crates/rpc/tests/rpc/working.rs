//! Calls that take time, fail in odd ways, or come too many at once.

use std::time::{Duration, Instant};

use protocol::calls;
use rpc::Limits;

use crate::{
    daemon::{Daemon, PANICKING, domain},
    raw::Raw,
};

fn create() -> calls::DomainCreate {
    calls::DomainCreate { dom: domain() }
}

fn destroy() -> calls::DomainDestroy {
    calls::DomainDestroy { dom: domain() }
}

/// Waits for the given number of begun and ended `DomainCreate`.
fn wait_for(daemon: &Daemon, counts: (usize, usize)) {
    let patience = Instant::now() + Duration::from_secs(60);
    while *daemon.state.begun.lock().unwrap() != counts {
        assert!(Instant::now() < patience, "{:?}", daemon.state.begun.lock());
        std::thread::yield_now();
    }
}

#[test]
fn a_slow_call_does_not_keep_others_waiting() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let slow = raw.send(&create());
    for _ in 0..10 {
        assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    }
    raw.call(&destroy()).unwrap();
    let reply = raw.receive();
    assert_eq!(reply.header.serial, slow);
    reply.reply::<()>().unwrap();
}

#[test]
fn at_most_five_calls_run_and_urgent_ones_and_pings_pass() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let mut slow: Vec<_> = (0..8).map(|_| raw.send(&create())).collect();
    raw.expect_silence();
    assert_eq!(*daemon.state.begun.lock().unwrap(), (5, 0));
    assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC", "an urgent call");
    for round in 0..8 {
        let urgent = raw.send(&destroy());
        let mut serials = [raw.receive().header.serial, raw.receive().header.serial];
        serials.sort_unstable();
        assert_eq!(serials[1], urgent);
        slow.retain(|serial| *serial != serials[0]);
        assert_eq!(slow.len(), 7 - round);
    }
    wait_for(&daemon, (8, 8));
}

#[test]
fn reading_stops_when_too_much_waits() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    // The backlog takes 16, then nothing is read until calls end. The socket takes about 270 small messages.
    for _ in 0..5 + 16 + 100 {
        raw.send(&create());
    }
    raw.ping();
    wait_for(&daemon, (5, 0));
    daemon.state.gate.add_permits(5 + 16 + 100);
    let mut pongs = 0;
    for _ in 0..=5 + 16 + 100 {
        let message = raw.receive();
        pongs += usize::from(message.header.program == protocol::header::KEEPALIVE);
    }
    assert_eq!(pongs, 1);
    wait_for(&daemon, (121, 121));
}

#[test]
fn other_clients_are_not_affected() {
    let daemon = Daemon::start();
    let mut busy = Raw::open(&daemon.socket());
    for _ in 0..100 {
        busy.send(&create());
    }
    wait_for(&daemon, (5, 0));
    let mut other = Raw::open(&daemon.socket());
    other.send(&create());
    wait_for(&daemon, (6, 0));
}

#[test]
fn a_client_that_reads_no_replies_gets_no_more() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let mut writer = raw.socket.try_clone().unwrap();
    let capabilities = protocol::call_info(protocol::header::REMOTE, 7).unwrap();
    let call = crate::raw::frame(&crate::raw::call_header(capabilities.program, 7, 1), &[]);
    // 10,000 calls with replies of 100 KB each: 1 GB if they were all answered at once.
    let writing =
        std::thread::spawn(move || std::io::Write::write_all(&mut writer, &call.repeat(10_000)).unwrap());
    raw.socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut peeked = [0];
    rustix::net::recv(&raw.socket, &mut peeked, rustix::net::RecvFlags::PEEK).unwrap();
    let mut other = Raw::open(&daemon.socket());
    for _ in 0..100 {
        assert_eq!(other.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    }
    for _ in 0..10_000 {
        assert_eq!(raw.receive().reply::<String>().unwrap().len(), 100_000);
    }
    writing.join().unwrap();
}

#[test]
fn a_panic_ends_only_its_call() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    for _ in 0..10 {
        let at_once = raw.call(&calls::DomainSuspend { dom: domain() }).unwrap_err();
        let later = raw.call(&calls::DomainResume { dom: domain() }).unwrap_err();
        assert_eq!((at_once.code.0, later.code.0), (1, 1));
        assert!(at_once.message.starts_with("internal error: "), "{at_once}");
    }
    assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC");
}

/// R21 of the attacks: the daemon and all its clients survive the panic of a handler, and the caller is told.
#[test]
fn panics_in_twenty_handlers() {
    let daemon = Daemon::start();
    let mut other = Raw::open(&daemon.socket());
    // Clients have ascending numbers, and every other one sees its handlers panic after a while.
    for mut raw in [Raw::open(&daemon.socket()), Raw::open(&daemon.socket())] {
        for procedure in PANICKING {
            let error = raw.call_raw(protocol::header::REMOTE, procedure, &[0; 64]).error();
            assert_eq!((error.code.0, error.domain.0), (1, 7), "{procedure}");
            assert!(error.message.contains("failed unexpectedly"), "{}", error.message);
        }
        // None of them counts as running any more.
        for _ in 0..5 {
            raw.send(&create());
        }
        raw.expect_silence();
        daemon.state.gate.add_permits(5);
        for _ in 0..5 {
            raw.receive().reply::<()>().unwrap();
        }
    }
    assert_eq!(other.call(&calls::ConnectGetType {}).unwrap(), "LXC");
}

#[test]
fn a_call_goes_on_when_its_client_has_gone() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    raw.send(&create());
    wait_for(&daemon, (1, 0));
    drop(raw);
    daemon.wait_for_clients(0);
    daemon.state.gate.add_permits(1);
    wait_for(&daemon, (1, 1));
}

#[test]
fn a_client_that_goes_while_its_calls_hang_is_noticed() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    for _ in 0..100 {
        raw.send(&create());
    }
    wait_for(&daemon, (5, 0));
    drop(raw);
    daemon.wait_for_clients(0);
}

#[test]
fn the_limit_on_calls_can_be_changed() {
    let daemon = Daemon::with_limits(Limits { max_client_requests: 2, ..Limits::default() });
    let mut raw = Raw::open(&daemon.socket());
    for _ in 0..8 {
        raw.send(&create());
    }
    raw.expect_silence();
    assert_eq!(daemon.state.begun.lock().unwrap().0, 2);
    daemon.server.set_limits(Limits { max_client_requests: 3, ..Limits::default() });
    let mut raw = Raw::open(&daemon.socket());
    for _ in 0..8 {
        raw.send(&create());
    }
    raw.expect_silence();
    assert_eq!(daemon.state.begun.lock().unwrap().0, 5);
}
