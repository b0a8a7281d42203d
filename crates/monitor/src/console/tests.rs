use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use super::*;

/// A console whose "container" is the given terminal in raw mode.
fn console() -> (Console, OwnedFd) {
    let pair = kernel::pty::open_host().unwrap();
    let mut mode = rustix::termios::tcgetattr(&pair.terminal).unwrap();
    mode.make_raw();
    rustix::termios::tcsetattr(&pair.terminal, rustix::termios::OptionalActions::Now, &mode).unwrap();
    let mut console = Console::default();
    console.connect(pair.master);
    (console, pair.terminal)
}

fn attach(console: &mut Console) -> UnixStream {
    let stream = UnixStream::from(console.attach(false).unwrap());
    stream.set_nonblocking(true).unwrap();
    stream
}

/// What the event loop would do until nothing is ready any more.
fn run(console: &mut Console) {
    for _ in 0..100_000 {
        let interest = console.interest();
        let ready = |fd: Option<&OwnedFd>, flags: Option<PollFlags>| {
            let Some((fd, flags)) = fd.zip(flags) else { return PollFlags::empty() };
            let mut fds = [PollFd::new(fd, flags)];
            poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 2_000_000 })).unwrap();
            fds[0].revents()
        };
        let master = ready(console.master(), Some(interest.master));
        let reader = ready(console.reader(), interest.reader);
        if master.is_empty() && reader.is_empty() {
            return;
        }
        if !master.is_empty() {
            console.on_master(master);
        }
        if !reader.is_empty() {
            console.on_reader(reader);
        }
    }
    panic!("the console never rests");
}

fn read_all(stream: &mut UnixStream) -> Vec<u8> {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
    }
    all
}

fn write(terminal: &OwnedFd, data: &[u8]) {
    assert_eq!(rustix::io::write(terminal, data).unwrap(), data.len());
}

#[test]
fn output_before_the_first_reader_is_replayed() {
    let (mut console, terminal) = console();
    write(&terminal, b"early ");
    run(&mut console);
    let mut reader = attach(&mut console);
    write(&terminal, b"late");
    run(&mut console);
    assert_eq!(read_all(&mut reader), b"early late");
    drop(reader);
    run(&mut console);
    assert!(console.reader().is_none());
    write(&terminal, b"between");
    run(&mut console);
    assert_eq!(read_all(&mut attach(&mut console)), b"between");
}

#[test]
fn nobody_reading_never_blocks_the_container() {
    let (mut console, terminal) = console();
    for line in 0..20_000 {
        write(&terminal, format!("{line:09}\n").as_bytes());
        if line % 100 == 0 {
            run(&mut console);
        }
    }
    run(&mut console);
    let mut reader = attach(&mut console);
    let got = drain(&mut console, &mut reader);
    assert_eq!(got.len(), KEPT);
    assert!(got.ends_with(b"000019999\n"));
}

fn drain(console: &mut Console, reader: &mut UnixStream) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        run(console);
        let more = read_all(reader);
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

#[test]
fn a_slow_reader_loses_nothing() {
    let (mut console, terminal) = console();
    kernel::fd::set_nonblocking(terminal.as_fd(), true).unwrap();
    console.patience = Duration::from_secs(3600);
    let mut reader = attach(&mut console);
    let said: Vec<u8> = (0..500_000_u32).flat_map(u32::to_le_bytes).collect();
    let (mut written, mut got) = (0, Vec::new());
    let mut sip = [0; 50_000];
    while got.len() < said.len() {
        while let Ok(count) = rustix::io::write(&terminal, &said[written..]) {
            written += count;
            if written == said.len() {
                break;
            }
            run(&mut console);
        }
        assert!(console.kept.len() <= KEPT_FOR_READER + TURN * CHUNK);
        run(&mut console);
        let count = reader.read(&mut sip).unwrap();
        got.extend_from_slice(&sip[..count]);
    }
    assert!(got == said);
    assert_eq!(console.waits(), None);
}

#[test]
fn a_stuck_reader_loses_the_oldest_and_blocks_nobody() {
    let (mut console, terminal) = console();
    console.patience = Duration::ZERO;
    let mut reader = attach(&mut console);
    for line in 0..60_000 {
        write(&terminal, format!("{line:09}\n").as_bytes());
        if line % 200 == 0 {
            run(&mut console);
        }
    }
    run(&mut console);
    let got = drain(&mut console, &mut reader);
    assert!(got.starts_with(b"000000000\n"));
    assert!(got.ends_with(b"000059999\n"));
    assert!(got.len() > KEPT_FOR_READER && got.len() < 1_000_000, "{}", got.len());
    assert!(console.kept.is_empty());
}

#[test]
fn everything_typed_arrives_however_slowly_it_is_taken() {
    let (mut console, terminal) = console();
    kernel::fd::set_nonblocking(terminal.as_fd(), true).unwrap();
    let mut reader = attach(&mut console);
    let typed: Vec<u8> = (0..300_000_u32).flat_map(|n| n.to_le_bytes()).collect();
    let mut sent = 0;
    let mut got = Vec::new();
    let mut chunk = [0; 777];
    while got.len() < typed.len() {
        match reader.write(&typed[sent..]) {
            Ok(count) => sent += count,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        run(&mut console);
        assert!(console.typed.len() <= CHUNK);
        while let Ok(count) = rustix::io::read(&terminal, &mut chunk) {
            got.extend_from_slice(&chunk[..count]);
        }
    }
    assert_eq!(got, typed);
}

#[test]
fn a_second_reader_needs_force() {
    let (mut console, terminal) = console();
    let mut first = attach(&mut console);
    assert_eq!(console.attach(false).unwrap_err(), Errno::BUSY);
    let mut second = UnixStream::from(console.attach(true).unwrap());
    second.set_nonblocking(true).unwrap();
    write(&terminal, b"x");
    run(&mut console);
    assert_eq!(read_all(&mut second), b"x");
    assert_eq!(first.read(&mut [0; 1]).unwrap(), 0);
    // One that has gone is in nobody's way, noticed or not.
    drop(second);
    attach(&mut console);
}

#[test]
fn a_reader_that_has_said_all_still_listens() {
    let (mut console, terminal) = console();
    let mut reader = attach(&mut console);
    reader.write_all(b"last words").unwrap();
    reader.shutdown(std::net::Shutdown::Write).unwrap();
    run(&mut console);
    let mut chunk = [0; 100];
    assert_eq!(rustix::io::read(&terminal, &mut chunk).unwrap(), 10);
    write(&terminal, b"answer");
    run(&mut console);
    assert_eq!(read_all(&mut reader), b"answer");
}

#[test]
fn typed_before_hanging_up_arrives() {
    let (mut console, terminal) = console();
    let mut reader = attach(&mut console);
    reader.write_all(b"exit\n").unwrap();
    drop(reader);
    run(&mut console);
    let mut chunk = [0; 100];
    assert_eq!(rustix::io::read(&terminal, &mut chunk).unwrap(), 5);
    assert!(console.reader().is_none());
}

#[test]
fn a_reader_gone_while_the_terminal_is_full_does_not_keep_us_busy() {
    let (mut console, terminal) = console();
    kernel::fd::set_nonblocking(terminal.as_fd(), true).unwrap();
    let mut reader = attach(&mut console);
    let mut sent = 0;
    while let Ok(count) = reader.write(&[b'x'; 1000]) {
        sent += count;
        run(&mut console);
    }
    drop(reader);
    run(&mut console);
    let mut got = 0;
    let mut chunk = [0; 4096];
    while let Ok(count) = rustix::io::read(&terminal, &mut chunk) {
        got += count;
        run(&mut console);
    }
    assert_eq!(got, sent);
    assert!(console.reader().is_none());
}

#[test]
fn streams_survive_a_new_terminal() {
    let (mut console, terminal) = console();
    let mut reader = attach(&mut console);
    write(&terminal, b"bye ");
    drop(terminal);
    console.disconnect();
    reader.write_all(b"typed meanwhile").unwrap();
    run(&mut console);
    let pair = kernel::pty::open_host().unwrap();
    console.connect(pair.master);
    write(&pair.terminal, b"hello");
    run(&mut console);
    assert_eq!(read_all(&mut reader)[..9], *b"bye hello");
    let pending = rustix::io::ioctl_fionread(&pair.terminal).unwrap();
    // Not raw: the line is not complete, so nothing can be read yet, but it was echoed.
    assert_eq!(pending, 0);
}

#[test]
fn a_terminal_nobody_has_open_is_quiet() {
    let pair = kernel::pty::open_host().unwrap();
    drop(pair.terminal);
    let mut console = Console::default();
    console.connect(pair.master);
    let mut fds = [PollFd::new(console.master().unwrap(), PollFlags::IN)];
    poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap();
    assert!(fds[0].revents().is_empty());
    run(&mut console);
}

#[test]
fn the_mirror_shows_and_types() {
    let (mut console, terminal) = console();
    console.mirror = Some(Mirror::open().unwrap());
    let tool = std::fs::OpenOptions::new().read(true).write(true).open(console.path()).unwrap();
    write(&terminal, b"shown");
    run(&mut console);
    let mut chunk = [0; 100];
    assert_eq!((&tool).read(&mut chunk).unwrap(), 5);
    (&tool).write_all(b"typed").unwrap();
    console.on_mirror(PollFlags::IN);
    assert_eq!(rustix::io::read(&terminal, &mut chunk).unwrap(), 5);
    assert_eq!(chunk[..5], *b"typed");
    // Full, and nobody reads: dropped.
    for _ in 0..1000 {
        write(&terminal, &[b'x'; 1000]);
        run(&mut console);
    }
}
