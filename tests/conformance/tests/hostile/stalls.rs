//! R03, R05, R06, R07: peers that stop in the middle, and calls that do not end.

use std::io::Write;
use std::time::{Duration, Instant};

use protocol::header::REMOTE;
use protocol::{MessageType, calls};
use testkit::{Domain, Host, Init};

use crate::bed::{figure, is_readable, latency, lookup, memory};
use crate::raw::{Raw, call_header, frame, keepalive_header};

#[test]
fn r03_slow_lorises_are_given_up() {
    const COUNT: usize = 500;
    let host = Host::start();
    let mut root = Raw::open(&host.socket());
    let (_, quiet) = latency(&mut root, 300);
    let call = frame(&call_header(REMOTE, 3, 1), &[]);
    let mut slow: Vec<_> = (0..COUNT).map(|_| Raw::open(&host.socket())).collect();
    let began = Instant::now();
    for (raw, length) in slow.iter_mut().zip([1, 4, 20, 27].into_iter().cycle()) {
        raw.write(&call[..length]);
    }
    let (_, busy) = latency(&mut root, 300);
    figure(&host, "R03", "p99 of another client beside 500 slow ones, ms", format!("{busy:.2}"));
    // libvirt has no such deadline, so there is nothing to wait for.
    let patience = Duration::from_secs(host.expect(40, 12));
    let left = patience.saturating_sub(began.elapsed());
    let deadline = Instant::now() + left;
    let wait = |raw: &Raw| is_readable(raw, deadline.saturating_duration_since(Instant::now()));
    let given_up = slow.iter().filter(|raw| wait(raw)).count();
    figure(&host, "R03", "of 500 slow clients given up after 12 s", given_up);
    if host.subject().is_ours() {
        assert_eq!(given_up, COUNT);
        slow.iter_mut().for_each(Raw::expect_end);
        assert!(busy < (quiet * 2.0).max(50.0), "p99 was {quiet} ms and is {busy} ms");
    }
}

#[test]
fn r06_replies_that_nobody_reads_stop_the_calls() {
    const CALLS: usize = 10_000;
    let host = Host::start();
    let mut raw = Raw::open(&host.socket());
    raw.call(&calls::ConnectGetCapabilities {}).unwrap();
    let before = memory(&host, "VmRSS");
    let calls: Vec<u8> = (0..CALLS)
        .flat_map(|serial| frame(&call_header(REMOTE, 7, u32::try_from(serial).unwrap()), &[]))
        .collect();
    raw.socket.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut written = 0;
    while let Ok(count @ 1..) = raw.socket.write(&calls[written..]) {
        written += count;
    }
    let grown = memory(&host, "VmRSS") - before;
    figure(&host, "R06", "MiB for 10,000 calls whose replies are not read", grown);
    assert!(grown <= 4, "{grown} MiB");
    // Reading on, all of them are answered.
    raw.socket.set_write_timeout(None).unwrap();
    let mut writer = raw.socket.try_clone().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| writer.write_all(&calls[written..]).unwrap());
        for _ in 0..CALLS {
            raw.receive().reply::<String>().unwrap();
        }
    });
}

/// Five calls that hang, on both subjects: ours waits for a monitor that is stopped, libvirt for a hook.
fn hang(host: &Host, raw: &mut Raw) {
    if host.subject().is_ours() {
        let _root = host.boot("stuck", &Init::Plain);
        let dom = lookup(raw, "stuck");
        host.kill("STOP", host.monitor_pid("stuck"));
        for _ in 0..5 {
            raw.send(&calls::DomainSuspend { dom: dom.clone() });
        }
        return;
    }
    for number in 0..5 {
        host.define(&Domain::new(&format!("stuck{number}")));
        let dom = lookup(raw, &format!("stuck{number}"));
        raw.send(&calls::DomainCreate { dom });
    }
}

#[test]
fn r07_pings_and_urgent_calls_pass_calls_that_hang() {
    let host = Host::without_daemon();
    if !host.subject().is_ours() {
        host.write("/etc/libvirt/hooks/lxc", "#!/bin/sh\n[ $2 = prepare ] && sleep 3\nexit 0\n");
        host.run(&["chmod", "755", "/etc/libvirt/hooks/lxc"]).done();
    }
    host.start_daemon();
    let mut raw = Raw::open(&host.socket());
    hang(&host, &mut raw);
    let began = Instant::now();
    raw.ping();
    while raw.receive().header != keepalive_header(2) {}
    let answered = began.elapsed();
    figure(&host, "R07", "ms until a ping is answered while five calls hang", answered.as_millis());
    if !host.subject().is_ours() {
        return;
    }
    assert!(answered < Duration::from_secs(1), "{answered:?}");
    // So are urgent calls, on this connection and, with many such clients, on others.
    let began = Instant::now();
    let dom = lookup(&mut raw, "stuck");
    let mut others: Vec<_> = (0..30).map(|_| Raw::open(&host.socket())).collect();
    for other in &mut others {
        for _ in 0..8 {
            other.send(&calls::DomainSuspend { dom: dom.clone() });
        }
        assert_eq!(lookup(other, "stuck").uuid, dom.uuid);
        other.call(&calls::DomainGetState { dom: dom.clone(), flags: 0 }).unwrap();
    }
    // And another domain starts and stops as if nothing were.
    let _root = host.boot("quick", &Init::Plain);
    let mut last = Raw::open(&host.socket());
    let quick = lookup(&mut last, "quick");
    let stop = Instant::now();
    last.call(&calls::DomainDestroy { dom: quick }).unwrap();
    assert!(stop.elapsed() < Duration::from_secs(5), "{:?}", stop.elapsed());
    figure(
        &host,
        "R07",
        "ms for 61 urgent calls, a start and a stop beside 245 that hang",
        began.elapsed().as_millis(),
    );
    host.kill("CONT", host.monitor_pid("stuck"));
    assert_eq!(raw.receive().header.kind, MessageType::REPLY);
}

#[test]
fn r07_a_flood_of_pings_is_not_answered_in_full() {
    let host = Host::start();
    let mut raw = Raw::open(&host.socket());
    let flood = frame(&keepalive_header(1), &[]).repeat(20_000);
    let mut writer = raw.socket.try_clone().unwrap();
    let answers = std::thread::scope(|scope| {
        scope.spawn(move || {
            writer.write_all(&flood).unwrap();
            writer.write_all(&frame(&call_header(REMOTE, 157, 99), &[])).unwrap();
        });
        let mut answers = 0;
        while raw.receive().header.kind == MessageType::MESSAGE {
            answers += 1;
        }
        answers
    });
    figure(&host, "R07", "answers to 20,000 pings at once", answers);
    if host.subject().is_ours() {
        assert!(answers < 1000, "{answers}");
    }
}
