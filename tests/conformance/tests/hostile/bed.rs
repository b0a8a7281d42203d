//! What the attacks have in common: figures about the daemon, other users, and a note of what was measured.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use protocol::calls;
use protocol::types::Domain;
use rustix::process::Uid;
use rustix::thread::CapabilitySet;
use testkit::Host;

use crate::raw::Raw;

/// Notes a figure for the table of both subjects.
pub(crate) fn figure(host: &Host, row: &str, what: &str, value: impl std::fmt::Display) {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    let dir = target.join("figures");
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join(format!("{}.tsv", host.expect("ours", "theirs")));
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    // One write, as tests run beside each other.
    file.write_all(format!("{row}\t{what}\t{value}\n").as_bytes()).unwrap();
}

/// A size in the daemon's /proc/PID/status, MiB.
pub(crate) fn memory(host: &Host, field: &str) -> i64 {
    let status = host.read(&format!("/proc/{}/status", host.daemon_pid()));
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kib: i64 = line.unwrap().trim().trim_end_matches(" kB").parse().unwrap();
    kib / 1024
}

/// CPU time of the daemon so far, seconds (proc_pid_stat(5), fields 14 and 15).
pub(crate) fn cpu_time(host: &Host) -> f64 {
    let stat = host.read(&format!("/proc/{}/stat", host.daemon_pid()));
    let fields = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
    let ticks: f64 = fields.map(|field| field.parse::<f64>().unwrap()).sum();
    ticks / rustix::param::clock_ticks_per_second() as f64
}

/// Number of the daemon's descriptors.
pub(crate) fn descriptors(host: &Host) -> usize {
    host.names_in(&format!("/proc/{}/fd", host.daemon_pid())).len()
}

/// Waits until the daemon has at most so many descriptors; returns how many it has.
pub(crate) fn settle_descriptors(host: &Host, at_most: usize) -> usize {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let count = descriptors(host);
        if count <= at_most || Instant::now() > deadline {
            return count;
        }
        std::thread::yield_now();
    }
}

/// Whether something, be it the end, can be read in time.
pub(crate) fn is_readable(raw: &Raw, timeout: Duration) -> bool {
    let mut poll = [rustix::event::PollFd::new(&raw.socket, rustix::event::PollFlags::IN)];
    let timeout = rustix::event::Timespec::try_from(timeout).unwrap();
    rustix::event::poll(&mut poll, Some(&timeout)).unwrap() > 0
}

/// Lets time pass, for what can only be told from nothing happening.
pub(crate) fn idle(time: Duration) {
    let (_kept, silent) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut poll = [rustix::event::PollFd::new(&silent, rustix::event::PollFlags::IN)];
    let timeout = rustix::event::Timespec::try_from(time).unwrap();
    rustix::event::poll(&mut poll, Some(&timeout)).unwrap();
}

/// Runs something as another user who may reach every file: who somebody is to a socket is a matter of the thread.
pub(crate) fn as_user<T: Send>(uid: u32, work: impl FnOnce() -> T + Send) -> T {
    let act = move || {
        rustix::thread::set_thread_res_uid(None::<Uid>, Uid::from_raw(uid), None::<Uid>).unwrap();
        let mut sets = rustix::thread::capabilities(None).unwrap();
        sets.effective = CapabilitySet::DAC_OVERRIDE | CapabilitySet::SYS_PTRACE;
        rustix::thread::set_capabilities(None, sets).unwrap();
        work()
    };
    std::thread::scope(|scope| scope.spawn(act).join().unwrap())
}

/// Times of calls that touch no domain, in milliseconds: median, 99th percentile.
pub(crate) fn latency(raw: &mut Raw, calls: usize) -> (f64, f64) {
    let mut times: Vec<f64> = (0..calls)
        .map(|_| {
            let began = Instant::now();
            raw.call(&calls::ConnectGetLibVersion {}).unwrap();
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[calls / 2], times[calls * 99 / 100])
}

/// Looks a domain up.
pub(crate) fn lookup(raw: &mut Raw, name: &str) -> Domain {
    raw.call(&calls::DomainLookupByName { name: name.to_owned() }).unwrap()
}

/// A document of a domain that is never started.
pub(crate) fn document(name: &str) -> String {
    format!(
        "<domain type='lxc'><name>{name}</name><memory>65536</memory><os><type>exe</type><init>/bin/true</init></os></domain>"
    )
}

pub(crate) fn define(raw: &mut Raw, xml: &str) -> Result<Domain, protocol::Error> {
    raw.call(&calls::DomainDefineXml { xml: xml.to_owned() })
}
