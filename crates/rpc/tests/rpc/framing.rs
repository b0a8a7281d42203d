//! Messages that break rules, and what libvirtd makes of them.

use std::os::fd::AsFd;

use protocol::{Header, MessageType, Status, calls, header::REMOTE};
use xdr::Xdr;

use crate::{
    daemon::{Daemon, file_with},
    raw::{Raw, call_header, frame, keepalive_header, open_call},
};

#[test]
fn a_wrong_length_closes() {
    let daemon = Daemon::start();
    for length in [0_u32, 3, 4, 20, 27, 33_554_437, 0x7fff_ffff, u32::MAX] {
        let mut raw = Raw::open(&daemon.socket());
        raw.write(&length.to_be_bytes());
        raw.expect_end();
    }
    daemon.wait_for_clients(0);
}

#[test]
fn a_message_may_arrive_byte_by_byte_or_with_others() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let call = frame(&call_header(REMOTE, 3, 50), &[]);
    for byte in &call {
        raw.write(&[*byte]);
    }
    assert_eq!(raw.receive().header.serial, 50);
    let mut many = Vec::new();
    for serial in 100..5100 {
        many.extend(frame(&call_header(REMOTE, 3, serial), &[]));
    }
    // Written in a thread, as the replies have to be read meanwhile.
    let mut writer = raw.socket.try_clone().unwrap();
    let writing = std::thread::spawn(move || {
        for piece in many.chunks(1001) {
            std::io::Write::write_all(&mut writer, piece).unwrap();
        }
    });
    let mut serials: Vec<_> = (100..5100).map(|_| raw.receive().header.serial).collect();
    serials.sort_unstable();
    assert!(serials.into_iter().eq(100..5100));
    writing.join().unwrap();
}

#[test]
fn long_messages_arrive_whole() {
    let daemon = Daemon::start();
    for size in [65_000, 65_536, 70_000, 300_000, 1 << 20, 20 << 20, (32 << 20) - 24] {
        let mut raw = Raw::open(&daemon.socket());
        raw.write(&frame(&call_header(REMOTE, 3, 9), &vec![0; size]));
        assert_eq!(raw.receive().reply::<String>().unwrap(), "LXC", "{size}");
        assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    }
}

#[test]
fn before_authentication_messages_are_short() {
    let auth = rpc::Auth::Polkit(std::sync::Arc::new(|_: rpc::Client| Box::pin(async { Ok(()) })));
    let daemon = Daemon::with_auth(|_| {}, auth, rpc::Auth::None);
    let mut raw = Raw::connect(&daemon.socket());
    raw.write(&frame(&call_header(REMOTE, 66, 1), &vec![0; (300 << 10) - 28]));
    assert_eq!(raw.receive().header.serial, 1);
    let mut raw = Raw::connect(&daemon.socket());
    raw.write(&((300_u32 << 10) + 1).to_be_bytes());
    raw.expect_end();
    let mut raw = Raw::connect(&daemon.socket());
    raw.call(&calls::AuthPolkit {}).unwrap();
    raw.write(&frame(&call_header(REMOTE, 66, 7), &vec![0; 400 << 10]));
    assert_eq!(raw.receive().header.serial, 7);
}

#[test]
fn arguments() {
    let daemon = Daemon::start();
    let mut raw = Raw::connect(&daemon.socket());
    let payload = xdr::to_bytes(&open_call(0)).unwrap();
    let too_long = [0, 0, 0, 1, 0, 0x40, 0, 1, 0, 0, 0, 0];
    let not_utf8 = [0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0, 0, 0, 0, 0, 0, 0];
    for broken in [&payload[..payload.len() - 3], &[], &too_long, &not_utf8] {
        let error = raw.call_raw(REMOTE, 1, broken).error();
        assert_eq!((error.code.0, error.domain.0), (39, 7));
        assert_eq!(error.message, "Unable to decode message payload");
    }
    let mut longer = payload;
    longer.extend([0xaa; 8]);
    raw.call_raw(REMOTE, 1, &longer).reply::<()>().unwrap();
}

#[test]
fn unknown_numbers() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    for procedure in [0, 454, 9999, -1, 107, 318, i32::MIN, i32::MAX] {
        let error = raw.call_raw(REMOTE, procedure, &[]).error();
        assert_eq!((error.code.0, error.domain.0, error.level.0), (39, 7, 2));
        assert_eq!(error.message, format!("unknown procedure: {procedure}"));
    }
    let cases = [
        (0x1234_5678, 5, 1, Status::OK, "Cannot find program 305419896 version 1"),
        (REMOTE, 5, 2, Status::OK, "Cannot find program 536903814 version 2"),
        (protocol::header::KEEPALIVE, 1, 1, Status::OK, "Cannot find program 1801807216 version 1"),
        (protocol::header::ADMIN, 1, 1, Status::OK, "Cannot find program 110102160 version 1"),
        (REMOTE, 3, 1, Status::ERROR, "Unexpected message status 1"),
        (REMOTE, 3, 1, Status::CONTINUE, "Unexpected message status 2"),
        (REMOTE, 3, 1, Status(77), "Unexpected message status 77"),
    ];
    for (program, procedure, version, status, text) in cases {
        let header = Header { version, status, ..call_header(program, procedure, 40) };
        let error = raw.exchange(&header, &[]).error();
        assert_eq!((error.code.0, error.domain.0, error.message.as_str()), (39, 7, text));
    }
    assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC");
}

#[test]
fn messages_without_an_answer() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let with = |kind, status| Header { kind, status, ..call_header(REMOTE, 3, 60) };
    let silent = [
        with(MessageType::REPLY, Status::OK),
        with(MessageType::MESSAGE, Status::OK),
        with(MessageType::STREAM, Status::CONTINUE),
        with(MessageType::STREAM, Status::OK),
        with(MessageType::STREAM, Status::ERROR),
        with(MessageType::STREAM_HOLE, Status::CONTINUE),
        with(MessageType(9), Status::OK),
        keepalive_header(2),
        keepalive_header(9),
    ];
    for header in silent {
        raw.write(&frame(&header, &[0; 12]));
        raw.expect_silence();
    }
    assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC");
}

#[test]
fn a_ping_is_answered_before_anything_else() {
    let daemon = Daemon::start();
    Raw::connect(&daemon.socket()).expect_silence();
}

#[test]
fn a_serial_may_be_used_twice() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let mut both = frame(&call_header(REMOTE, 3, 5), &[]);
    both.extend(frame(&call_header(REMOTE, 110, 5), &[]));
    raw.write(&both);
    let mut procedures = [raw.receive().header.procedure, raw.receive().header.procedure];
    procedures.sort_unstable();
    assert_eq!(procedures, [3, 110]);
}

fn with_fds(procedure: i32, serial: u32, count: u32, args: &[u8]) -> Vec<u8> {
    let header = Header { kind: MessageType::CALL_WITH_FDS, ..call_header(REMOTE, procedure, serial) };
    let mut payload = xdr::to_bytes(&count).unwrap();
    payload.extend_from_slice(args);
    frame(&header, &payload)
}

fn create_args() -> Vec<u8> {
    xdr::to_bytes(&calls::DomainCreateXmlWithFiles { xml_desc: "x".to_owned(), flags: 0 }).unwrap()
}

#[test]
fn descriptors_come_after_the_message() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    for round in 0..3_u32 {
        let count = 1 + round * 15;
        raw.write(&with_fds(309, round, count, &create_args()));
        for number in 0..count {
            raw.write_fd(file_with(&format!("{number},")).as_fd());
        }
        // What follows must be cut out correctly, too.
        raw.write(&frame(&call_header(REMOTE, 3, 1000), &[]));
        let domain = raw.receive().reply::<protocol::types::Domain>().unwrap();
        let expected: String = (0..count).map(|number| format!("{number},")).collect();
        assert_eq!((domain.name, domain.id), (expected, i32::try_from(count).unwrap()));
        assert_eq!(raw.receive().header.serial, 1000);
    }
}

#[test]
fn descriptor_counts() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    raw.write(&with_fds(3, 1, 0, &[]));
    assert_eq!(raw.receive().reply::<String>().unwrap(), "LXC");
    raw.write(&with_fds(3, 2, 2, &[]));
    raw.write_fd(file_with("").as_fd());
    raw.write_fd(file_with("").as_fd());
    assert_eq!(raw.receive().reply::<String>().unwrap(), "LXC", "surplus descriptors do no harm");
    raw.write(&with_fds(3, 1, 33, &[]));
    raw.expect_end();

    let mut raw = Raw::open(&daemon.socket());
    raw.write(&frame(&Header { kind: MessageType::CALL_WITH_FDS, ..call_header(REMOTE, 3, 1) }, &[]));
    raw.expect_end();

    let mut raw = Raw::open(&daemon.socket());
    raw.write(&with_fds(309, 1, 1, &create_args()));
    raw.write(&[0]);
    raw.expect_end();

    let mut raw = Raw::open(&daemon.socket());
    raw.write(&with_fds(309, 1, 1, &create_args()));
    let file = file_with("");
    raw.write_fds(&[file.as_fd(), file.as_fd()]);
    raw.expect_end();

    let mut raw = Raw::open(&daemon.socket());
    raw.write(&with_fds(309, 1, 2, &create_args()));
    raw.write_fds(&[file.as_fd(), file.as_fd()]);
    raw.write(&[0]);
    raw.expect_end();

    let mut raw = Raw::open(&daemon.socket());
    raw.write(&with_fds(309, 1, 1, &create_args()));
    raw.write_fds(&[file.as_fd(); 60]);
    raw.expect_end();
}

#[test]
fn descriptors_on_bytes_of_a_message_are_closed() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let (reader, writer) = std::io::pipe().unwrap();
    let call = frame(&call_header(REMOTE, 3, 8), &[0; 8]);
    // The first byte of the length word is 0, and so are those that `write_fd` sends.
    raw.write_fd(writer.as_fd());
    raw.write(&call[1..]);
    assert_eq!(raw.receive().header.serial, 8);
    drop(writer);
    // The end of the pipe is seen when the server has closed its copy.
    assert_eq!(std::io::read_to_string(reader).unwrap(), "");
}

#[test]
fn descriptors_leave_one_by_one() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let call = calls::lxc::DomainOpenNamespace { dom: crate::daemon::domain(), flags: 0 };
    for _ in 0..3 {
        let serial = raw.send(&call);
        let reply = raw.receive();
        assert_eq!((reply.header.kind, reply.header.serial), (MessageType::REPLY_WITH_FDS, serial));
        assert_eq!(reply.body, [0, 0, 0, 3]);
        for number in 0..3 {
            let file = std::fs::File::from(raw.read_fd());
            assert_eq!(std::io::read_to_string(file).unwrap(), number.to_string());
        }
        assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    }
}

#[test]
fn descriptors_of_a_disconnected_client_are_closed() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let (reader, writer) = std::io::pipe().unwrap();
    let mut call = with_fds(309, 1, 2, &create_args());
    call.truncate(call.len());
    raw.write(&call);
    raw.write_fd(writer.as_fd());
    drop((raw, writer));
    assert_eq!(std::io::read_to_string(reader).unwrap(), "");
}

#[test]
fn every_header_encodes_to_24_bytes() {
    let mut bytes = Vec::new();
    keepalive_header(1).encode(&mut bytes).unwrap();
    assert_eq!(bytes.len(), 24);
}

/// Valid messages with a few bytes changed: whatever they mean, the server must survive them.
#[test]
fn damaged_messages() {
    let daemon = Daemon::start();
    let valid = [
        frame(&call_header(REMOTE, 1, 1), &xdr::to_bytes(&open_call(0)).unwrap()),
        frame(&call_header(REMOTE, 316, 2), &[0; 8]),
        frame(&call_header(REMOTE, 60, 3), &[0, 0, 0, 10]),
        with_fds(309, 4, 1, &create_args()),
        frame(&call_header(REMOTE, 201, 5), &[0; 32]),
        frame(&crate::raw::stream_header::<calls::DomainOpenConsole>(5, Status::CONTINUE), &[0; 64]),
        frame(&crate::raw::stream_header::<calls::DomainOpenConsole>(5, Status::OK), &[]),
        frame(&keepalive_header(1), &[]),
    ]
    .concat();
    // A linear congruential generator: the same damage each time.
    let mut state = 4711_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for _ in 0..1000 {
        let mut damaged = valid.clone();
        for _ in 0..1 + random(4) {
            let at = random(damaged.len());
            damaged[at] = u8::try_from(random(256)).unwrap();
        }
        let mut raw = Raw::open(&daemon.socket());
        // The server may close in the middle of it.
        let _ = std::io::Write::write_all(&mut raw.socket, &damaged);
    }
    daemon.wait_for_clients(0);
    assert_eq!(Raw::open(&daemon.socket()).call(&calls::ConnectGetType {}).unwrap(), "LXC");
}
