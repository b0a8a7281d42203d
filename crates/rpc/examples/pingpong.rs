//! Measures how fast calls are answered: `cargo run --release -p rpc --example pingpong [seconds]`.
//!
//! Server and clients share the process and its processors; the clients are threads that block.

#![allow(clippy::print_stdout, reason = "prints its results")]

use std::{
    error::Error,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use protocol::{Call, Header, MessageType, Status, calls, header::VERSION, types::Domain};
use rpc::{Access, Auth, Client, Context, Listener, Router, Server, ServerConfig, StreamIo};
use tokio::{io::AsyncReadExt, net::UnixListener};
use xdr::Xdr;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Calls sent before the first reply is read, when pipelining.
const DEPTH: u32 = 64;

struct Driver;

async fn lib_version(_: Context<Driver>, _: calls::ConnectGetLibVersion) -> protocol::Result<u64> {
    Ok(11_003_000)
}

async fn lookup(_: Context<Driver>, call: calls::DomainLookupByName) -> protocol::Result<Domain> {
    Ok(Domain { name: call.name, uuid: protocol::Uuid([7; 16]), id: 4711 })
}

/// Does not answer at once, so that it needs a task.
async fn hostname(_: Context<Driver>, _: calls::ConnectGetHostname) -> protocol::Result<String> {
    tokio::task::yield_now().await;
    Ok("host".to_owned())
}

async fn download(_: Context<Driver>, call: calls::StorageVolDownload) -> protocol::Result<((), StreamIo)> {
    Ok(((), StreamIo::from_reader(tokio::io::repeat(7).take(call.length))))
}

async fn upload(_: Context<Driver>, _: calls::StorageVolUpload) -> protocol::Result<((), StreamIo)> {
    Ok(((), StreamIo::from_writer(tokio::io::sink())))
}

struct Conn {
    socket: UnixStream,
    buffer: Vec<u8>,
}

impl Conn {
    fn connect(path: &Path) -> Result<Self> {
        let mut conn = Self { socket: UnixStream::connect(path)?, buffer: vec![0; 300_000] };
        conn.call(&calls::AuthList {})?;
        conn.call(&calls::ConnectOpen { name: Some("lxc:///system".to_owned()), flags: 0 })?;
        for feature in [14, 15] {
            conn.call(&calls::ConnectSupportsFeature { feature })?;
        }
        Ok(conn)
    }

    fn send<C: Call>(&mut self, call: &C) -> Result<()> {
        Ok(self.socket.write_all(&encode(call, MessageType::CALL, Status::OK, &[])?)?)
    }

    /// Reads one message, which must say that all is well.
    fn receive(&mut self) -> Result<(Status, usize)> {
        let mut read = self.socket.read(&mut self.buffer)?;
        while read < 4 || read < length(&self.buffer) {
            let more = self.socket.read(&mut self.buffer[read..])?;
            if more == 0 {
                return Err("end of file".into());
            }
            read += more;
        }
        assert_eq!(read, length(&self.buffer), "one message at a time");
        let header: Header = xdr::from_bytes(&self.buffer[4..])?;
        if header.status == Status::ERROR {
            Err("the call failed".into())
        } else {
            Ok((header.status, read - 28))
        }
    }

    fn call<C: Call>(&mut self, call: &C) -> Result<()> {
        self.send(call)?;
        self.receive().map(drop)
    }

    /// Keeps `DEPTH` calls on the way.
    fn pipeline<C: Call>(&mut self, call: &C, time: Duration) -> Result<u64> {
        let one = encode(call, MessageType::CALL, Status::OK, &[])?;
        let all = one.repeat(DEPTH as usize);
        let (began, mut done) = (Instant::now(), 0);
        while began.elapsed() < time {
            self.socket.write_all(&all)?;
            let mut left = DEPTH;
            let mut filled = 0;
            while left > 0 {
                filled += self.socket.read(&mut self.buffer[filled..])?;
                let mut start = 0;
                while filled - start >= 4 && filled - start >= length(&self.buffer[start..]) {
                    start += length(&self.buffer[start..]);
                    left -= 1;
                }
                self.buffer.copy_within(start..filled, 0);
                filled -= start;
            }
            done += u64::from(DEPTH);
        }
        Ok(done)
    }
}

fn length(bytes: &[u8]) -> usize {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize
}

fn encode<C: Call>(call: &C, kind: MessageType, status: Status, data: &[u8]) -> Result<Vec<u8>> {
    let (program, procedure) = (C::INFO.program, C::INFO.procedure);
    let mut bytes = vec![0; 4];
    Header { program, version: VERSION, procedure, kind, serial: 1, status }.encode(&mut bytes)?;
    if kind == MessageType::CALL {
        call.encode(&mut bytes)?;
    }
    bytes.extend_from_slice(data);
    let length = u32::try_from(bytes.len())?;
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    Ok(bytes)
}

/// Calls again and again; returns how often, and the time of each.
fn repeat<C: Call>(conn: &mut Conn, call: &C, time: Duration) -> Result<Vec<Duration>> {
    let began = Instant::now();
    let mut times = Vec::new();
    while began.elapsed() < time {
        let start = Instant::now();
        conn.call(call)?;
        times.push(start.elapsed());
    }
    Ok(times)
}

fn report(what: &str, mut times: Vec<Duration>, elapsed: Duration) {
    times.sort_unstable();
    let rate = times.len() as f64 / elapsed.as_secs_f64();
    let at = |part: usize| times[times.len() * part / 100].as_secs_f64() * 1e6;
    println!("{what:44} {rate:9.0}/s   p50 {:6.1} us   p99 {:6.1} us", at(50), at(99));
}

fn measure(path: &Path, time: Duration) -> Result<()> {
    let mut conn = Conn::connect(path)?;
    let name = || calls::DomainLookupByName { name: "c1".to_owned() };
    report("1 connection, getLibVersion", repeat(&mut conn, &calls::ConnectGetLibVersion {}, time)?, time);
    report("1 connection, lookupByName", repeat(&mut conn, &name(), time)?, time);
    report("1 connection, call with a task", repeat(&mut conn, &calls::ConnectGetHostname {}, time)?, time);
    for (what, done) in [
        ("getLibVersion", conn.pipeline(&calls::ConnectGetLibVersion {}, time)?),
        ("lookupByName", conn.pipeline(&name(), time)?),
        ("call with a task", conn.pipeline(&calls::ConnectGetHostname {}, time)?),
    ] {
        let rate = done as f64 / time.as_secs_f64();
        println!("{:44} {rate:9.0}/s", format!("1 connection, {DEPTH} pipelined, {what}"));
    }
    let clients = (0..8).map(|_| {
        let path = path.to_owned();
        thread::spawn(move || repeat(&mut Conn::connect(&path)?, &calls::ConnectGetLibVersion {}, time))
    });
    let mut times = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        times.extend(client.join().map_err(|_| "a client panicked")??);
    }
    report("8 connections, getLibVersion", times, time);
    let (began, mut times) = (Instant::now(), Vec::new());
    while began.elapsed() < time {
        let start = Instant::now();
        Conn::connect(path)?.call(&calls::ConnectClose {})?;
        times.push(start.elapsed());
    }
    report("connect, 4 calls, close", times, time);
    streams(path)
}

/// Moves 1 GiB each way.
fn streams(path: &Path) -> Result<()> {
    const TOTAL: u64 = 1 << 30;
    let vol = || protocol::types::StorageVol { pool: String::new(), name: String::new(), key: String::new() };
    let mut conn = Conn::connect(path)?;
    let call = calls::StorageVolUpload { vol: vol(), offset: 0, length: TOTAL, flags: 0 };
    let began = Instant::now();
    conn.call(&call)?;
    let chunk = encode(&call, MessageType::STREAM, Status::CONTINUE, &vec![7; protocol::STREAM_CHUNK])?;
    for _ in 0..TOTAL / protocol::STREAM_CHUNK as u64 {
        conn.socket.write_all(&chunk)?;
    }
    conn.socket.write_all(&encode(&call, MessageType::STREAM, Status::OK, &[])?)?;
    conn.receive()?;
    println!("upload   {:8.0} MiB/s", 1024.0 / began.elapsed().as_secs_f64());

    let call = calls::StorageVolDownload { vol: vol(), offset: 0, length: TOTAL, flags: 0 };
    let began = Instant::now();
    conn.send(&call)?;
    let mut total = 0;
    let mut filled = 0;
    while (total as u64) < TOTAL {
        filled += conn.socket.read(&mut conn.buffer[filled..])?;
        let mut start = 0;
        while filled - start >= 28 && filled - start >= length(&conn.buffer[start..]) {
            let message = length(&conn.buffer[start..]);
            total += message - 28;
            start += message;
        }
        conn.buffer.copy_within(start..filled, 0);
        filled -= start;
    }
    println!("download {:8.0} MiB/s", 1024.0 / began.elapsed().as_secs_f64());
    Ok(())
}

fn main() -> Result<()> {
    let seconds = std::env::args().nth(1).map_or(Ok(2), |text| text.parse())?;
    let mut router = Router::new();
    router.on(lib_version).on(lookup).on(hostname).on_stream(download).on_stream(upload);
    let config = ServerConfig::new("pingpong", Arc::new(|_: &Client, _: &str| Ok(())));
    let server = Server::new(router.finish(Arc::new(Driver)), config);
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("sock");
    let runtime = tokio::runtime::Runtime::new()?;
    let listener = runtime.block_on(async { UnixListener::bind(&path) })?;
    runtime.spawn(Arc::clone(&server).serve(Listener::unix(listener, Access::ReadWrite, Auth::None)));
    measure(&path, Duration::from_secs(seconds))?;
    server.shutdown();
    runtime.block_on(server.drained());
    Ok(())
}
