//! How fast calls without much work are answered.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use virt::connect::Connect;
use virt::domain::Domain;

use crate::bed::{Bed, Connection, Nic};
use crate::lifecycle::order;
use crate::options::Options;
use crate::report::{Goal, Report};
use crate::sample::Samples;

/// The time of one kind of call is spent in so many turns of each subject. The median turn counts, so that what
/// else the machine does for a while harms neither.
const TURNS: u32 = 20;
/// Connections opened and closed one after the other, a turn.
const CONNECTS: u32 = 5;
const CONNECTIONS: [usize; 2] = [1, 8];

/// A connection and its handle of the running domain.
type Client = (Connection, Domain);

/// A call that costs the daemon next to nothing.
#[derive(Debug, Clone, Copy)]
enum NoOp {
    /// Touches no domain.
    LibVersion,
    /// State of a running domain.
    State,
    /// State, memory and CPU time of a running domain.
    Info,
}

impl NoOp {
    fn name(self) -> &'static str {
        match self {
            Self::LibVersion => "GetLibVersion",
            Self::State => "GetState",
            Self::Info => "GetInfo",
        }
    }

    fn call(self, connection: &Connect, domain: &Domain) -> Result<(), virt::error::Error> {
        match self {
            Self::LibVersion => connection.get_lib_version().map(drop),
            Self::State => domain.get_state().map(drop),
            Self::Info => domain.get_info().map(drop),
        }
    }
}

pub(crate) fn run(beds: &[Bed], options: &Options, report: &mut Report) -> Result<()> {
    connect(beds, report)?;
    let mut running = Vec::new();
    for bed in beds {
        let connection = bed.connect()?;
        let domain = bed.define(&connection, Nic::None)?;
        bed.clear()?;
        domain.create().context("create")?;
        bed.first_instruction()?;
        running.push((connection, domain));
    }
    for (bed, (_, domain)) in beds.iter().zip(&running) {
        crate::memory::monitor(bed, domain, report)?;
    }
    for n in CONNECTIONS {
        for call in [NoOp::LibVersion, NoOp::State, NoOp::Info] {
            let rates = rates(beds, call, n, options.time / TURNS)?;
            let plural = if n == 1 { "connection" } else { "connections" };
            for (bed, rate) in beds.iter().zip(rates) {
                let what = format!("{} calls, {n} {plural}", call.name());
                report.samples(&what, "1/s", Goal::AtLeastTimes(2.0), bed.subject(), &rate);
            }
        }
    }
    for (_, domain) in running {
        domain.destroy().context("destroy")?;
        domain.undefine().context("undefine")?;
    }
    Ok(())
}

fn connect(beds: &[Bed], report: &mut Report) -> Result<()> {
    let mut all: Vec<Samples> = beds.iter().map(|_| Samples::default()).collect();
    for turn in 0..TURNS {
        for i in order(beds.len(), turn) {
            for _ in 0..CONNECTS {
                let began = Instant::now();
                drop(beds[i].connect()?);
                all[i].push_time(began.elapsed());
            }
        }
    }
    for (bed, samples) in beds.iter().zip(&all) {
        report.samples("connect and close", "ms", Goal::AtMostOf(1.0 / 3.0), bed.subject(), samples);
    }
    Ok(())
}

/// Calls a second of each subject over `n` connections, by turns of the given time. Every turn has connections of
/// its own: how fast one is depends on the CPUs that its two ends happen to be on.
fn rates(beds: &[Bed], call: NoOp, n: usize, time: Duration) -> Result<Vec<Samples>> {
    let mut rates: Vec<Samples> = beds.iter().map(|_| Samples::default()).collect();
    for turn in 0..TURNS {
        for i in order(beds.len(), turn) {
            let clients = (0..n).map(|_| client(&beds[i])).collect::<Result<Vec<_>>>()?;
            let (calls, took) = storm(&clients, call, time)?;
            rates[i].push(f64::from(calls) / took.as_secs_f64());
        }
    }
    Ok(rates)
}

fn client(bed: &Bed) -> Result<Client> {
    let connection = bed.connect()?;
    let domain = Domain::lookup_by_name(&connection, "bench").context("look up the domain")?;
    Ok((connection, domain))
}

/// All clients at once, each as fast as it can, for a while.
fn storm(clients: &[Client], call: NoOp, time: Duration) -> Result<(u32, Duration)> {
    let start = Barrier::new(clients.len());
    let work = |(connection, domain): &Client| -> Result<(u32, Duration)> {
        start.wait();
        let began = Instant::now();
        let mut calls = 0;
        while began.elapsed() < time {
            call.call(connection, domain).with_context(|| call.name())?;
            calls += 1;
        }
        Ok((calls, began.elapsed()))
    };
    thread::scope(|scope| {
        let threads: Vec<_> = clients.iter().map(|client| scope.spawn(|| work(client))).collect();
        let mut sum = (0, Duration::ZERO);
        for thread in threads {
            let (calls, took) = thread.join().map_err(|_| anyhow!("a client panicked"))??;
            sum = (sum.0 + calls, sum.1.max(took));
        }
        Ok(sum)
    })
}
