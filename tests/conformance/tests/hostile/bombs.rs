//! R09, R11, R14, R15 and the arithmetic of CVE-2026-18917: what the bytes of a call can claim.

use std::os::fd::{AsFd, OwnedFd};

use protocol::calls::{self, visit_calls};
use protocol::header::{LXC, QEMU, REMOTE};
use protocol::{Call, CallInfo, Header, MessageType, Status};
use testkit::{Host, Init};

use crate::bed::{define, descriptors, document, figure, lookup, memory, settle_descriptors};
use crate::raw::{Raw, call_header, frame, stream_header};

type Console = calls::DomainOpenConsole;

#[test]
fn r09_streams_are_bounded_and_nonsense_about_them_is_ignored() {
    let host = Host::start();
    let _root = host.boot("web", &Init::Plain);
    let mut raw = Raw::open(&host.socket());
    let dom = lookup(&mut raw, "web");
    // Of a stream that is not there.
    for (kind, status) in [
        (MessageType::STREAM, Status::CONTINUE),
        (MessageType::STREAM, Status::OK),
        (MessageType::STREAM, Status::ERROR),
        (MessageType::STREAM_HOLE, Status::CONTINUE),
    ] {
        raw.write(&frame(&Header { kind, status, ..call_header(REMOTE, 201, 700) }, &[0; 12]));
        raw.expect_silence();
    }
    let before = descriptors(&host);
    let open = Console { dom: dom.clone(), dev_name: None, flags: host.expect(1, 0) };
    let (mut opened, mut refused) = (Vec::new(), 0);
    for _ in 0..1000 {
        let serial = raw.send(&open);
        loop {
            let reply = raw.receive();
            if reply.header.kind != MessageType::REPLY {
                continue; // The end of a console that another session took over.
            }
            if reply.header.status == Status::OK {
                opened.push(serial);
            } else {
                refused += 1;
            }
            break;
        }
    }
    figure(&host, "R09", "consoles that one client can hold open", opened.len());
    if host.subject().is_ours() {
        assert_eq!((opened.len(), refused), (64, 936));
        assert!(descriptors(&host) <= before + 70);
    }
    // After the end of one: nothing, or an error of that stream.
    let last = opened[opened.len() - 1];
    raw.write(&frame(&stream_header::<Console>(last, Status::OK), &[]));
    while raw.receive().header != stream_header::<Console>(last, Status::OK) {}
    raw.write(&frame(&stream_header::<Console>(last, Status::CONTINUE), b"late"));
    raw.write(&frame(&stream_header::<Console>(last, Status::OK), &[]));
    raw.write(&frame(&stream_header::<Console>(last, Status::ERROR), &[]));
    let serial = raw.send(&calls::ConnectGetLibVersion {});
    loop {
        let message = raw.receive();
        assert_ne!(message.header.serial, last, "{message:?}");
        if message.header.serial == serial {
            break;
        }
    }
    drop(raw);
    assert!(settle_descriptors(&host, before) <= before);
}

#[test]
fn r11_surplus_descriptors_are_closed() {
    let host = Host::start();
    let mut other = Raw::open(&host.socket());
    other.call(&calls::ConnectGetLibVersion {}).unwrap();
    let before = descriptors(&host);
    let memfd = rustix::fs::memfd_create("m", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
    let path = rustix::fs::open("/", rustix::fs::OFlags::PATH, rustix::fs::Mode::empty()).unwrap();
    let own_memory = OwnedFd::from(std::fs::File::open("/proc/self/mem").unwrap());
    for round in 0..50 {
        let mut raw = Raw::open(&host.socket());
        let itself = raw.socket.as_fd().try_clone_to_owned().unwrap();
        let odd = [memfd.as_fd(), path.as_fd(), own_memory.as_fd(), itself.as_fd()];
        if round % 2 == 0 {
            // On the bytes of a call that takes none. The first byte of its length is 0.
            let call = frame(&call_header(REMOTE, 157, 8), &[]);
            raw.write_fds(&odd[..1 + round % 4]);
            let _ = std::io::Write::write_all(&mut raw.socket, &call[1..]);
        } else {
            raw.write_fds(&[odd[round % 4]; 60]);
        }
        drop(itself);
        let _ = raw.socket.shutdown(std::net::Shutdown::Write);
        while raw.try_receive().is_some() {}
    }
    assert!(settle_descriptors(&host, before) <= before);
    other.call(&calls::ConnectGetLibVersion {}).unwrap();
}

/// Everything that the programs know.
#[derive(Default)]
struct All(Vec<&'static CallInfo>);

impl protocol::call::Visitor for All {
    fn call<C: Call>(&mut self) {
        self.0.push(C::INFO);
    }

    fn event<E: protocol::Event>(&mut self) {}
}

/// Every call, with arguments that claim the most or make no sense. Ours only: some of them would end the incumbent.
#[test]
fn r14_arguments_that_lie() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let mut raw = Raw::open(&host.socket());
    let before = memory(&host, "VmRSS");
    let mut all = All::default();
    visit_calls(&mut all);
    let bodies: [Vec<u8>; 6] = [
        Vec::new(),
        vec![0xff; 4096],
        0x7fff_ffff_u32.to_be_bytes().repeat(64),
        0x0000_4000_u32.to_be_bytes().repeat(64),
        [0, 0, 0, 1].repeat(4096),
        [&[0, 0, 0, 1, b'x', 1, 2, 3][..], &f64::NAN.to_be_bytes(), &[0, 0, 0, 2], &[7; 400]].concat(),
    ];
    let mut asked = 0;
    for info in all.0.iter().filter(|info| [REMOTE, LXC, QEMU].contains(&info.program)) {
        if ["connect_close", "connect_open"].contains(&info.name) || info.no_auth {
            continue;
        }
        for body in &bodies {
            let reply = raw.call_raw(info.program, info.procedure, body);
            assert!(
                [MessageType::REPLY, MessageType::REPLY_WITH_FDS].contains(&reply.header.kind),
                "{}",
                info.name
            );
            asked += 1;
        }
    }
    assert!(asked > 2300, "{asked}");
    let grown = memory(&host, "VmRSS") - before;
    assert!(grown < 32, "{grown} MiB");
    assert!(!host.daemon_log().contains("panic"), "{}", host.daemon_log());
}

#[test]
fn r15_typed_parameters_that_lie() {
    let host = Host::start();
    let mut raw = Raw::open(&host.socket());
    let dom = define(&mut raw, &document("web")).unwrap();
    let start = xdr::to_bytes(&dom).unwrap();
    let word = |number: u32| number.to_be_bytes().to_vec();
    let text = |text: &[u8]| {
        let mut bytes = word(u32::try_from(text.len()).unwrap());
        bytes.extend_from_slice(text);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    };
    // A field, its type (4 is an unsigned long), its value.
    let param = |name: &[u8], kind: u32| [text(name), word(kind), vec![0, 0, 0, 0, 0, 1, 0, 0]].concat();
    let limit = param(b"hard_limit", 4);
    let bombs = [
        [word(1 << 20), limit.clone()].concat(),
        [word(17), limit.repeat(17)].concat(),
        [word(16), limit.clone()].concat(),
        [word(2), limit.repeat(2), word(0)].concat(),
        [word(1), param(b"hard_limit", 99), word(0)].concat(),
        [word(1), param(b"hard_limit", 1), word(0)].concat(),
        [word(1), param(&vec![b'x'; 4 << 20], 4), word(0)].concat(),
        [word(1), param(b"no_such_limit", 4), word(0)].concat(),
    ];
    for (number, bomb) in bombs.into_iter().enumerate() {
        let serial = u32::try_from(number).unwrap() + 100;
        raw.write(&frame(&call_header(REMOTE, 197, serial), &[start.clone(), bomb].concat()));
        let Some(reply) = raw.try_receive() else {
            figure(&host, "R15", "list of typed parameters that ends the connection", number);
            assert!(!host.subject().is_ours(), "{number} ends the connection");
            return;
        };
        let error = reply.error();
        // Refused by the decoder, the dispatcher, or as an argument.
        assert!([1, 8, 39, 55, 74].contains(&error.code.0), "{number}: {:?}", error.code);
        if host.subject().is_ours() {
            assert!(error.message.len() <= 4096, "{number}: {} bytes", error.message.len());
        }
    }
    assert!(raw.call(&calls::ConnectGetLibVersion {}).is_ok());
}

/// 1023 sizes of pages for 4198405 cells: the product is 1019 in 32 bits.
#[test]
fn a_product_that_wraps() {
    let host = Host::start();
    let mut raw = Raw::open(&host.read_only_socket());
    raw.send(&calls::NodeGetFreePages {
        pages: vec![4; 1023].into(),
        startCell: 0,
        cellCount: 4_198_405,
        flags: 0,
    });
    let reply = raw.try_receive();
    let survived = reply.is_some_and(|reply| reply.header.status == Status::ERROR);
    figure(&host, "L08", "survives the call of CVE-2026-18917 by a read-only client", survived);
    if host.subject().is_ours() {
        assert!(survived);
        Raw::open(&host.socket()).call(&calls::ConnectGetLibVersion {}).unwrap();
    }
}
