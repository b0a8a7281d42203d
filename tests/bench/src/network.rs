//! How long a network takes to start and stop, and an interface to be attached, with few and with many on the bridge.

use std::time::Instant;

use anyhow::{Context, Result};
use virt::connect::Connect;
use virt::network::Network;
use virt::sys::VIR_DOMAIN_AFFECT_LIVE;

use crate::bed::{BRIDGE, Bed, Nic};
use crate::lifecycle::order;
use crate::options::Options;
use crate::report::{Goal, Report};
use crate::sample::Samples;

/// Interfaces on one bridge at the end.
const INTERFACES: usize = 100;

/// The first and the last so many of them are compared.
const ENDS: usize = 10;

pub(crate) fn run(beds: &[Bed], options: &Options, report: &mut Report) -> Result<()> {
    networks(beds, options, report)?;
    interfaces(beds, report)
}

fn networks(beds: &[Bed], options: &Options, report: &mut Report) -> Result<()> {
    let xml = "<network><name>bench</name><forward mode='nat'/><bridge name='benchnet' stp='off'/>\
        <ip address='10.66.0.1' prefix='24'><dhcp><range start='10.66.0.2' end='10.66.0.200'/></dhcp></ip></network>";
    let mut connections = Vec::new();
    for bed in beds {
        let connection = bed.connect()?;
        let network = Network::define_xml(&connection, xml).context("define the network")?;
        connections.push((connection, network));
    }
    let mut times: Vec<[Samples; 2]> = beds.iter().map(|_| Default::default()).collect();
    for turn in 0..=options.iterations {
        for i in order(beds.len(), turn) {
            let began = Instant::now();
            connections[i].1.create().context("start the network")?;
            let started = began.elapsed();
            let began = Instant::now();
            connections[i].1.destroy().context("stop the network")?;
            // The first turn warms up.
            if turn > 0 {
                times[i][0].push_time(started);
                times[i][1].push_time(began.elapsed());
            }
        }
    }
    for (number, what) in ["net-start returns", "net-destroy returns"].into_iter().enumerate() {
        for (bed, times) in beds.iter().zip(&times) {
            report.samples(what, "ms", Goal::AtMostOf(1.0), bed.subject(), &times[number]);
        }
    }
    Ok(())
}

fn interfaces(beds: &[Bed], report: &mut Report) -> Result<()> {
    for bed in beds {
        let connection = bed.connect()?;
        let times = attach_many(bed, &connection)?;
        for (what, times) in [
            (format!("attach, the first {ENDS} interfaces of a bridge"), &times[..ENDS]),
            (format!("attach, the last {ENDS} of {INTERFACES}"), &times[INTERFACES - ENDS..]),
        ] {
            let mut samples = Samples::default();
            times.iter().for_each(|time| samples.push(*time));
            report.samples(&what, "ms", Goal::AtMostOf(1.0), bed.subject(), &samples);
        }
    }
    Ok(())
}

/// Milliseconds of each.
fn attach_many(bed: &Bed, connection: &Connect) -> Result<Vec<f64>> {
    let domain = bed.define(connection, Nic::None)?;
    bed.clear()?;
    domain.create().context("create")?;
    bed.first_instruction()?;
    let mut times = Vec::new();
    for number in 0..INTERFACES {
        let xml = format!(
            "<interface type='bridge'><mac address='52:54:00:be:00:{number:02x}'/><source bridge='{BRIDGE}'/></interface>"
        );
        let began = Instant::now();
        domain.attach_device_flags(&xml, VIR_DOMAIN_AFFECT_LIVE).context("attach")?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    domain.destroy().context("destroy")?;
    domain.undefine().context("undefine")?;
    Ok(times)
}
