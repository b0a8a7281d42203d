//! R01, R02, R12, R13: messages that break rules.

use protocol::header::REMOTE;
use protocol::{Header, MessageType, Status, calls};
use testkit::Host;

use crate::bed::{figure, idle, latency, memory};
use crate::raw::{Raw, call_header, frame, keepalive_header, open_call};

/// Longest message, length word included.
const MAX: u32 = 4 + 33_554_432;

#[test]
fn r01_a_wrong_length_closes_and_floods_no_log() {
    let host = Host::start();
    for length in [0, 4, 27, 0x8000_0000, MAX + 1] {
        let mut raw = Raw::open(&host.socket());
        // With something behind it, as the incumbent waits for that.
        let _ = std::io::Write::write_all(&mut raw.socket, &[&length.to_be_bytes()[..], &[0; 28]].concat());
        raw.expect_end();
    }
    let before = host.daemon_log().lines().count();
    for _ in 0..300 {
        let mut raw = Raw::open(&host.socket());
        raw.write(&[0; 4]);
        raw.expect_end();
    }
    let lines = host.daemon_log().lines().count() - before;
    figure(&host, "R01", "lines in the log for 300 broken messages", lines);
    if host.subject().is_ours() {
        assert!(lines < 60, "{lines} lines");
    }
    Raw::open(&host.socket()).call(&calls::ConnectGetType {}).unwrap();
}

#[test]
fn r02_memory_follows_what_arrives() {
    let host = Host::start();
    let mut other = Raw::open(&host.socket());
    let (_, quiet) = latency(&mut other, 500);
    let (virtual_before, resident_before) = (memory(&host, "VmSize"), memory(&host, "VmRSS"));
    let mut header = frame(&call_header(REMOTE, 3, 1), &[]);
    header[..4].copy_from_slice(&MAX.to_be_bytes());
    let mut liars: Vec<_> = (0..200).map(|_| Raw::open(&host.read_only_socket())).collect();
    liars.iter_mut().for_each(|raw| raw.write(&header));
    other.call(&calls::ConnectGetLibVersion {}).unwrap();
    let reserved = memory(&host, "VmSize") - virtual_before;
    figure(&host, "R02", "MiB reserved for 200 announced messages of 32 MiB", reserved);
    // Now 24 of them send all but the last MiB.
    let body = vec![0; 31 << 20];
    for raw in &mut liars[..24] {
        let _ = std::io::Write::write_all(&mut raw.socket, &body);
    }
    let (_, busy) = latency(&mut other, 500);
    let resident = memory(&host, "VmRSS") - resident_before;
    figure(&host, "R02", "MiB held for 24 times 31 MiB", resident);
    figure(&host, "R02", "p99 of others meanwhile, times the p99 before", format!("{:.1}", busy / quiet));
    if host.subject().is_ours() {
        assert!(reserved < 64, "{reserved} MiB");
        assert!(resident < 512 + 64, "{resident} MiB");
        assert!(busy < (quiet * 2.0).max(20.0), "p99 was {quiet} ms and is {busy} ms");
        drop(liars);
        let deadline = std::time::Instant::now() + testkit::PATIENCE;
        while memory(&host, "VmRSS") - resident_before > 96 {
            assert!(std::time::Instant::now() < deadline, "{} MiB stay", memory(&host, "VmRSS"));
            idle(std::time::Duration::from_millis(50));
        }
    }
}

fn error(raw: &mut Raw, header: &Header, payload: &[u8]) -> (i32, i32, String) {
    let error = raw.exchange(header, payload).error();
    (error.code.0, error.domain.0, error.message)
}

/// The answers are those that were recorded of libvirt 9.0.0.
#[test]
fn r12_wrong_headers() {
    let host = Host::start();
    let mut raw = Raw::open(&host.socket());
    let call = |procedure, serial| call_header(REMOTE, procedure, serial);
    let cases = [
        (call(0, 3), "unknown procedure: 0"),
        (call(9999, 5), "unknown procedure: 9999"),
        (call(-1, 6), "unknown procedure: -1"),
        (call(107, 7), "unknown procedure: 107"),
        (call_header(0x1234_5678, 5, 9), "Cannot find program 305419896 version 1"),
        (Header { version: 2, ..call(5, 10) }, "Cannot find program 536903814 version 2"),
        (Header { status: Status::ERROR, ..call(3, 11) }, "Unexpected message status 1"),
        (Header { status: Status::CONTINUE, ..call(3, 12) }, "Unexpected message status 2"),
        (call_header(0x6b65_6570, 1, 22), "Cannot find program 1801807216 version 1"),
    ];
    for (header, text) in cases {
        assert_eq!(error(&mut raw, &header, &[]), (39, 7, text.to_owned()));
    }
    for kind in
        [MessageType::REPLY, MessageType::MESSAGE, MessageType::STREAM, MessageType(9), MessageType(77)]
    {
        raw.write(&frame(&Header { kind, ..call(3, 60) }, &[]));
        raw.expect_silence();
    }
    for keepalive in [2, 9] {
        raw.write(&frame(&keepalive_header(keepalive), &[]));
        raw.expect_silence();
    }
    // A serial may be used twice.
    raw.write(&[frame(&call(6, 5), &[]), frame(&call(157, 5), &[])].concat());
    let mut procedures = [raw.receive().header.procedure, raw.receive().header.procedure];
    procedures.sort_unstable();
    assert_eq!(procedures, [6, 157]);
    assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC");
}

#[test]
fn r13_calls_out_of_order() {
    let host = Host::start();
    let mut raw = Raw::connect(&host.socket());
    raw.call(&calls::AuthList {}).unwrap();
    let not_open = (1, 7, "internal error: hypervisor connection not open".to_owned());
    assert_eq!(error(&mut raw, &call_header(REMOTE, 3, 2), &[]), not_open);
    assert_eq!(error(&mut raw, &call_header(REMOTE, 60, 3), &[0, 0, 0, 14]), not_open);
    assert_eq!(raw.call(&calls::ConnectSupportsFeature { feature: 10 }).unwrap(), 1);
    // Not even AUTH_LIST is needed when there is nothing to authenticate.
    let mut raw = Raw::connect(&host.socket());
    raw.expect_silence();
    raw.call(&open_call(0)).unwrap();
    let again = raw.call(&open_call(0)).unwrap_err();
    assert_eq!((again.code.0, again.message.as_str()), (1, "internal error: connection already open"));
    let mut raw = Raw::connect(&host.socket());
    let nameless = raw.call(&calls::ConnectOpen { name: None, flags: 0 }).unwrap_err();
    assert_eq!((nameless.code.0, nameless.message.as_str()), (1, "internal error: connection not open"));
    let truncated = error(&mut Raw::open(&host.socket()), &call_header(REMOTE, 23, 9), &[0, 0, 0, 4, b'a']);
    assert_eq!(truncated, (39, 7, "Unable to decode message payload".to_owned()));
    let mut raw = Raw::open(&host.socket());
    let mut both = frame(&call_header(REMOTE, 2, 1), &[]);
    both.extend(frame(&call_header(REMOTE, 3, 2), &[]));
    raw.write(&both);
    // The incumbent may answer what comes after a goodbye, or not.
    if host.subject().is_ours() {
        assert_eq!(raw.receive().header.procedure, 2, "nothing is answered after a goodbye");
    }
    while raw.try_receive().is_some() {}
}
