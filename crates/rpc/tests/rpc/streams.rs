//! Streams in both directions, to all their ends.

use std::io::{Read, Write};

use protocol::{Error, Header, MessageType, Status, calls, error::ErrorBody, types::StorageVol};

use crate::{
    daemon::{Daemon, domain},
    endpoint::pattern,
    raw::{Raw, frame, stream_header},
};

type Console = calls::DomainOpenConsole;
type Upload = calls::StorageVolUpload;
type Download = calls::StorageVolDownload;

const CHUNK: usize = protocol::STREAM_CHUNK;

fn vol() -> StorageVol {
    StorageVol { pool: "p".to_owned(), name: "v".to_owned(), key: "k".to_owned() }
}

fn console_call(device: Option<&str>) -> Console {
    Console { dom: domain(), dev_name: device.map(str::to_owned), flags: 0 }
}

/// Opens a console and returns its serial and the other end.
fn open_console(daemon: &Daemon, raw: &mut Raw) -> (u32, std::os::unix::net::UnixStream) {
    let serial = raw.send(&console_call(None));
    raw.receive().reply::<()>().unwrap();
    (serial, daemon.console())
}

fn stream_error(body: &[u8]) -> Error {
    Error::from_wire(xdr::from_bytes::<ErrorBody>(body).unwrap())
}

fn read_exactly(socket: &mut impl Read, count: usize) -> Vec<u8> {
    let mut data = vec![0; count];
    socket.read_exact(&mut data).unwrap();
    data
}

/// The other end sees that the server has let go.
fn expect_hangup(mut socket: impl Read) {
    let mut rest = Vec::new();
    match socket.read_to_end(&mut rest) {
        Ok(_) => assert!(rest.is_empty(), "{rest:?}"),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
}

#[test]
fn a_console_talks_both_ways_until_the_client_finishes() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let (serial, mut guest) = open_console(&daemon, &mut raw);
    raw.send_stream::<Console>(serial, Status::CONTINUE, b"hello\r\n");
    raw.send_stream::<Console>(serial, Status::CONTINUE, b"");
    raw.send_stream::<Console>(serial, Status::CONTINUE, b"x");
    assert_eq!(read_exactly(&mut guest, 8), b"hello\r\nx");
    guest.write_all(b"login: ").unwrap();
    assert_eq!(raw.receive_stream::<Console>(serial), (Status::CONTINUE, b"login: ".to_vec()));
    assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    raw.send_stream::<Console>(serial, Status::OK, b"");
    assert_eq!(raw.receive_stream::<Console>(serial), (Status::OK, vec![]));
    expect_hangup(guest);
    raw.send_stream::<Console>(serial, Status::CONTINUE, b"late");
    raw.expect_silence();
}

#[test]
fn the_end_of_the_source_is_an_empty_packet() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let (serial, mut guest) = open_console(&daemon, &mut raw);
    guest.write_all(b"bye").unwrap();
    assert_eq!(raw.receive_stream::<Console>(serial), (Status::CONTINUE, b"bye".to_vec()));
    drop(guest);
    assert_eq!(raw.receive_stream::<Console>(serial), (Status::CONTINUE, vec![]));
    raw.expect_silence();
    raw.send_stream::<Console>(serial, Status::OK, b"");
    assert_eq!(raw.receive_stream::<Console>(serial), (Status::OK, vec![]));
}

#[test]
fn a_source_that_hangs_up_with_unread_data_ends_too() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let (serial, guest) = open_console(&daemon, &mut raw);
    raw.send_stream::<Console>(serial, Status::CONTINUE, b"never read");
    raw.expect_silence();
    // Wait until the data is there, so that the socket is closed with it: the server then sees ECONNRESET.
    let mut byte = [0];
    rustix::net::recv(&guest, &mut byte, rustix::net::RecvFlags::PEEK).unwrap();
    drop(guest);
    assert_eq!(raw.receive_stream::<Console>(serial), (Status::CONTINUE, vec![]));
    // Writing to it now fails; what comes after that error is dropped.
    raw.send_stream::<Console>(serial, Status::CONTINUE, b"x");
    let (status, body) = raw.receive_stream::<Console>(serial);
    assert_eq!(status, Status::ERROR);
    let error = stream_error(&body);
    assert_eq!((error.code.0, error.domain.0, error.int1), (38, 38, 32));
    assert_eq!(error.message, "cannot write to stream: Broken pipe");
    raw.send_stream::<Console>(serial, Status::OK, b"");
    raw.expect_silence();
}

#[test]
fn abort_is_confirmed_even_if_data_cannot_be_written() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let (serial, guest) = open_console(&daemon, &mut raw);
    // More than the guest's socket takes, less than what stops the connection.
    for _ in 0..4 {
        raw.send_stream::<Console>(serial, Status::CONTINUE, &[1; 60_000]);
    }
    raw.send_stream::<Console>(serial, Status::ERROR, b"");
    assert_eq!(raw.receive_stream::<Console>(serial), (Status::OK, vec![]));
    drop(guest);
    raw.expect_silence();
}

#[test]
fn an_odd_status_fails_the_stream() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let (serial, guest) = open_console(&daemon, &mut raw);
    raw.send_stream::<Console>(serial, Status(9), b"");
    let (status, body) = raw.receive_stream::<Console>(serial);
    assert_eq!((status, stream_error(&body).code.0), (Status::ERROR, 39));
    expect_hangup(guest);
}

#[test]
fn a_hole_where_there_can_be_none_closes_the_connection() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let (serial, guest) = open_console(&daemon, &mut raw);
    let header =
        Header { kind: MessageType::STREAM_HOLE, ..stream_header::<Console>(serial, Status::CONTINUE) };
    raw.write(&frame(&header, &[0; 12]));
    raw.expect_end();
    expect_hangup(guest);
}

#[test]
fn disconnecting_ends_all_streams() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let guests: Vec<_> = (0..3).map(|_| open_console(&daemon, &mut raw).1).collect();
    drop(raw);
    guests.into_iter().for_each(expect_hangup);
    daemon.wait_for_clients(0);
}

#[test]
fn a_stream_that_opens_when_the_client_has_gone_ends_at_once() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    raw.send(&console_call(Some("slow")));
    raw.expect_silence();
    assert_eq!(daemon.state.begun.lock().unwrap().0, 1);
    drop(raw);
    daemon.wait_for_clients(0);
    daemon.state.gate.add_permits(1);
    while daemon.state.consoles.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    expect_hangup(daemon.console());
}

#[test]
fn a_call_that_fails_opens_no_stream() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    assert_eq!(raw.call(&console_call(Some("none"))).unwrap_err().code.0, 1);
    assert!(raw.call(&Console { dev_name: Some("none".to_owned()), ..console_call(None) }).is_err());
    raw.send_stream::<Console>(1, Status::OK, b"");
    raw.expect_silence();
}

#[test]
fn streams_are_counted() {
    let limits = rpc::Limits { max_streams: 2, ..rpc::Limits::default() };
    let daemon = Daemon::with_limits(limits);
    let mut raw = Raw::open(&daemon.socket());
    let (first, _guest) = open_console(&daemon, &mut raw);
    let _second = open_console(&daemon, &mut raw);
    assert_eq!(raw.call(&console_call(None)).unwrap_err().code.0, 1);
    raw.send_stream::<Console>(first, Status::ERROR, b"");
    raw.receive_stream::<Console>(first);
    open_console(&daemon, &mut raw);
}

#[test]
fn a_serial_names_one_stream() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let (serial, _guest) = open_console(&daemon, &mut raw);
    let header = crate::raw::call_header(protocol::header::REMOTE, 201, serial);
    let payload = xdr::to_bytes(&console_call(None)).unwrap();
    assert_eq!(raw.exchange(&header, &payload).error().code.0, 39);
}

/// The data of an upload in packets of several sizes.
fn upload(raw: &mut Raw, serial: u32, total: u64) {
    let sizes = [CHUNK, 1, 65_536, 4 << 20, 3, CHUNK, 100_000];
    let (mut position, mut sizes) = (0, sizes.iter().cycle());
    while position < total {
        let size = (*sizes.next().unwrap()).min(usize::try_from(total - position).unwrap());
        raw.send_stream::<Upload>(serial, Status::CONTINUE, &pattern(position, size));
        position += size as u64;
    }
}

#[test]
fn upload_of_64_mib() {
    const TOTAL: u64 = 64 << 20;
    let mut daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let serial = raw.send(&Upload { vol: vol(), offset: 0, length: TOTAL, flags: 0 });
    raw.receive().reply::<()>().unwrap();
    upload(&mut raw, serial, TOTAL);
    raw.send_stream::<Upload>(serial, Status::OK, b"");
    assert_eq!(raw.receive_stream::<Upload>(serial), (Status::OK, vec![]));
    assert_eq!(daemon.uploads.blocking_recv(), Some(TOTAL));
}

#[test]
fn upload_of_more_than_fits() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let serial = raw.send(&Upload { vol: vol(), offset: 0, length: 1000, flags: 0 });
    raw.receive().reply::<()>().unwrap();
    upload(&mut raw, serial, 300_000);
    raw.send_stream::<Upload>(serial, Status::OK, b"");
    let (status, body) = raw.receive_stream::<Upload>(serial);
    assert_eq!(status, Status::ERROR);
    let error = stream_error(&body);
    assert_eq!((error.code.0, error.domain.0, error.int1, error.int2), (38, 38, 28, -1));
    assert_eq!(error.message, "cannot write to stream: No space left on device");
    raw.expect_silence();
}

#[test]
fn an_error_on_closing_is_the_outcome() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let serial = raw.send(&Upload { vol: vol(), offset: 1, length: 1000, flags: 0 });
    raw.receive().reply::<()>().unwrap();
    raw.send_stream::<Upload>(serial, Status::CONTINUE, b"data");
    raw.send_stream::<Upload>(serial, Status::OK, b"");
    let (status, body) = raw.receive_stream::<Upload>(serial);
    assert_eq!(status, Status::ERROR);
    assert_eq!(stream_error(&body).message, "operation failed: volume is broken");
}

#[test]
fn data_for_a_stream_that_only_sends() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let serial = raw.send(&Download { vol: vol(), offset: 0, length: 0, flags: 0 });
    raw.receive().reply::<()>().unwrap();
    assert_eq!(raw.receive_stream::<Download>(serial), (Status::CONTINUE, vec![]));
    raw.send_stream::<Download>(serial, Status::CONTINUE, b"?");
    assert_eq!(raw.receive_stream::<Download>(serial).0, Status::ERROR);
}

#[test]
fn download_of_64_mib() {
    const TOTAL: u64 = 64 << 20;
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let serial = raw.send(&Download { vol: vol(), offset: 0, length: TOTAL, flags: 0 });
    raw.receive().reply::<()>().unwrap();
    let mut position = 0;
    loop {
        let (status, data) = raw.receive_stream::<Download>(serial);
        assert_eq!(status, Status::CONTINUE);
        assert!(data.len() <= CHUNK);
        if data.is_empty() {
            break;
        }
        assert!(data == pattern(position, data.len()), "wrong data");
        position += data.len() as u64;
    }
    assert_eq!(position, TOTAL);
    raw.send_stream::<Download>(serial, Status::OK, b"");
    assert_eq!(raw.receive_stream::<Download>(serial), (Status::OK, vec![]));
}

#[test]
fn a_source_that_fails() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let serial = raw.send(&Download { vol: vol(), offset: 1, length: 10, flags: 0 });
    raw.receive().reply::<()>().unwrap();
    assert_eq!(raw.receive_stream::<Download>(serial).1.len(), 10);
    let (status, body) = raw.receive_stream::<Download>(serial);
    assert_eq!(status, Status::ERROR);
    let error = stream_error(&body);
    assert_eq!((error.code.0, error.domain.0, error.int1), (38, 38, 5));
    assert_eq!(error.message, "cannot read from stream: Input/output error");
}

#[test]
fn a_client_that_does_not_read_gets_one_piece_of_data() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let serial = raw.send(&Download { vol: vol(), offset: 0, length: 64 << 20, flags: 0 });
    raw.receive().reply::<()>().unwrap();
    // Other connections are served meanwhile, and this one is when it reads again: finishing early is no error.
    let mut other = Raw::open(&daemon.socket());
    assert_eq!(other.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    raw.send_stream::<Download>(serial, Status::OK, b"");
    let mut total = 0;
    loop {
        let (status, data) = raw.receive_stream::<Download>(serial);
        if status == Status::OK {
            break;
        }
        total += data.len();
    }
    assert!(total < 4 << 20, "{total} bytes were on their way");
}

#[test]
fn a_sink_that_does_not_take_data_stops_only_its_connection() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let (serial, mut guest) = open_console(&daemon, &mut raw);
    let mut writer = raw.socket.try_clone().unwrap();
    let writing = std::thread::spawn(move || {
        let header = stream_header::<Console>(serial, Status::CONTINUE);
        for _ in 0..64 {
            writer.write_all(&frame(&header, &vec![5; 1 << 20])).unwrap();
        }
        writer.write_all(&frame(&stream_header::<Console>(serial, Status::OK), &[])).unwrap();
    });
    let mut other = Raw::open(&daemon.socket());
    assert_eq!(other.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    let data = read_exactly(&mut guest, 64 << 20);
    assert!(data.iter().all(|byte| *byte == 5));
    writing.join().unwrap();
    assert_eq!(raw.receive_stream::<Console>(serial), (Status::OK, vec![]));
}
