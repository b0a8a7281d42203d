//! R04, R08, R10, R22: many clients, or a few that take much.

use std::io::Write;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use protocol::header::REMOTE;
use protocol::{Header, MessageType, calls};
use testkit::Host;

use crate::bed::{as_user, define, descriptors, document, figure, idle, latency, memory, settle_descriptors};
use crate::raw::{Raw, call_header, frame};

/// Somebody is nobody in particular.
const STRANGER: u32 = 65534;

/// How long it takes another client to open its connection and have a call answered; `None` if longer than patience.
fn time_to_serve(host: &Host, read_only: bool) -> Option<Duration> {
    let path = if read_only { host.read_only_socket() } else { host.socket() };
    let began = Instant::now();
    let mut raw = Raw::connect(&path);
    raw.socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    raw.write(&frame(&call_header(REMOTE, 66, 1), &[]));
    let mut word = [0; 4];
    std::io::Read::read_exact(&mut raw.socket, &mut word).ok().map(|()| began.elapsed())
}

#[test]
fn r04_silent_clients_keep_nobody_out() {
    let host = Host::without_daemon();
    // On the incumbent a client counts as unauthenticated only where it has to authenticate.
    let libvirtd = host.read("/etc/libvirt/libvirtd.conf");
    host.write("/etc/libvirt/libvirtd.conf", &libvirtd.replace("rw = \"none\"", "rw = \"polkit\""));
    host.start_daemon();
    host.run(&["sh", "-c", "chmod 777 /run/libvirt/*-sock /run/libvirt/*-sock-ro"]).done();
    let (socket, read_only) = (host.socket(), host.read_only_socket());
    let silent = as_user(STRANGER, || (0..25).map(|_| Raw::connect(&socket)).collect::<Vec<_>>());
    idle(Duration::from_millis(300));
    let shown = |time: Option<Duration>| {
        time.map_or_else(|| "not within 5000".to_owned(), |t| t.as_millis().to_string())
    };
    let (writer, reader) = (time_to_serve(&host, false), time_to_serve(&host, true));
    figure(&host, "R04", "ms until others are served beside 25 silent clients, read-write", shown(writer));
    figure(&host, "R04", "the same, read-only", shown(reader));
    if !host.subject().is_ours() {
        return;
    }
    let crowd = as_user(STRANGER, || (0..3000).map(|_| Raw::connect(&read_only)).collect::<Vec<_>>());
    for served in [writer, reader, time_to_serve(&host, false), time_to_serve(&host, true)] {
        assert!(served.is_some_and(|time| time < Duration::from_secs(2)), "{served:?}");
    }
    assert!(as_user(65533, || time_to_serve(&host, false)).is_some(), "another user");
    drop((silent, crowd));
}

#[test]
fn r08_a_client_that_reads_no_events_is_cut_off() {
    const SINKS: usize = 20;
    let host = Host::start();
    let mut raw = Raw::open(&host.socket());
    let dom = define(&mut raw, &document("web")).unwrap();
    let mut sinks: Vec<_> = (0..SINKS).map(|_| Raw::open(&host.socket())).collect();
    // Events that carry a long name make the point with fewer of them.
    let set = |raw: &mut Raw, times: usize| {
        let began = Instant::now();
        for _ in 0..times {
            raw.call(&calls::DomainSetMetadata {
                dom: dom.clone(),
                r#type: 2,
                metadata: Some("<x/>".to_owned()),
                key: Some("k".to_owned()),
                uri: Some(format!("urn:{}", "x".repeat(60_000))),
                flags: 2,
            })
            .unwrap();
        }
        times as f64 / began.elapsed().as_secs_f64()
    };
    let quiet = set(&mut raw, 50);
    let before = memory(&host, "VmRSS");
    for sink in &mut sinks {
        sink.call(&calls::ConnectDomainEventCallbackRegisterAny { eventID: 23, dom: None }).unwrap();
    }
    let busy = set(&mut raw, 400);
    let grown = memory(&host, "VmRSS") - before;
    figure(&host, "R08", "MiB for 20 clients that do not read 400 events of 60 KB", grown);
    figure(&host, "R08", "rate of changes with them, of that without", format!("{:.2}", busy / quiet));
    if host.subject().is_ours() {
        assert!(grown < 320, "{grown} MiB");
        for sink in &mut sinks {
            let mut received = 0;
            let end = loop {
                let mut chunk = vec![0; 1 << 16];
                match std::io::Read::read(&mut sink.socket, &mut chunk) {
                    Ok(0) | Err(_) => break received,
                    Ok(count) => received += count,
                }
            };
            assert!(end < 24 << 20, "closed after {end} bytes");
        }
        let log = host.daemon_log();
        assert!(log.matches("too many messages wait to be sent").count() <= SINKS, "{log}");
    }
    assert!(latency(&mut raw, 100).1 < 1000.0);
}

#[test]
fn r10_descriptors_of_unfinished_messages_are_bounded() {
    const CLIENTS: usize = 250;
    let host = Host::start();
    // A daemon that answers has opened everything of its own. This client takes up to two descriptors.
    let mut first = Raw::open(&host.socket());
    first.call(&calls::ConnectGetLibVersion {}).unwrap();
    let before = descriptors(&host) - 2;
    let (_reader, writer) = std::io::pipe().unwrap();
    let header = Header { kind: MessageType::CALL_WITH_FDS, ..call_header(REMOTE, 309, 1) };
    let call = frame(&header, &32_u32.to_be_bytes());
    let mut stalled = Vec::new();
    for _ in 0..CLIENTS {
        let mut raw = Raw::open(&host.socket());
        raw.write(&call);
        for _ in 0..31 {
            // A client that goes beyond its share is closed.
            if rustix::net::sockopt::socket_error(&raw.socket).is_err() || !send_fd(&raw, writer.as_fd()) {
                break;
            }
        }
        stalled.push(raw);
    }
    let mut other = Raw::open(&host.socket());
    other.call(&calls::ConnectGetLibVersion {}).unwrap();
    // A connection takes up to two itself: its socket, and the process at its other end.
    let share = 5000 + 2 * (CLIENTS + 1);
    let held = settle_descriptors(&host, before + share) - before;
    figure(&host, "R10", "descriptors held for 250 clients that stall with 31 each", held);
    if host.subject().is_ours() {
        assert!(held <= share, "{held}");
    }
    drop((stalled, first));
    let left = settle_descriptors(&host, before + 2);
    assert!(left <= before + 4, "{before} descriptors have become {left}");
}

fn send_fd(raw: &Raw, fd: std::os::fd::BorrowedFd<'_>) -> bool {
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let fds = [fd];
    control.push(SendAncillaryMessage::ScmRights(&fds));
    let parts = [std::io::IoSlice::new(&[0])];
    rustix::net::sendmsg(raw.socket.as_fd(), &parts, &mut control, SendFlags::NOSIGNAL).is_ok()
}

#[test]
fn r22_busy_lookers_leave_time_for_others() {
    const LOOKERS: usize = 100;
    let host = Host::start();
    let mut raw = Raw::open(&host.socket());
    (0..50).for_each(|n| drop(define(&mut raw, &document(&format!("d{n}"))).unwrap()));
    let mut lookers: Vec<_> = (0..LOOKERS).map(|_| Raw::open(&host.read_only_socket())).collect();
    let stop = AtomicBool::new(false);
    let (median, p99) = std::thread::scope(|scope| {
        for share in lookers.chunks_mut(LOOKERS / 4) {
            let stop = &stop;
            scope.spawn(move || {
                let calls = [
                    frame(&call_header(REMOTE, 7, 1), &[]),
                    frame(&call_header(REMOTE, 273, 2), &[0, 0, 0, 1, 0, 0, 0, 0]),
                ]
                .concat();
                while !stop.load(Ordering::Relaxed) {
                    share.iter_mut().for_each(|raw| raw.socket.write_all(&calls).unwrap());
                    share.iter_mut().for_each(|raw| drop((raw.receive(), raw.receive())));
                }
            });
        }
        let figures = latency(&mut raw, 500);
        stop.store(true, Ordering::Relaxed);
        figures
    });
    figure(
        &host,
        "R22",
        "median and p99 of a call beside 100 busy read-only clients, ms",
        format!("{median:.1} {p99:.1}"),
    );
    if host.subject().is_ours() {
        assert!(p99 < 100.0, "{p99} ms");
    }
}
