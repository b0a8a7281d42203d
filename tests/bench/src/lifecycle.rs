//! How long a start and a destroy take.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use virt::domain::Domain;

use crate::bed::{Bed, Nic};
use crate::options::Options;
use crate::report::{Goal, Report};
use crate::sample::Samples;

/// Starts before the first that counts: caches of the kernel and the daemons fill.
const WARM_UP: u32 = 2;

#[derive(Debug, Default)]
struct Times {
    create: Samples,
    first_instruction: Samples,
    destroy: Samples,
}

pub(crate) fn run(beds: &[Bed], options: &Options, report: &mut Report) -> Result<()> {
    let into_cgroup = beds.iter().any(Bed::has_cgroup_v2);
    let create_goal = Goal::AtMostOf(if into_cgroup { 0.1 } else { 0.25 });
    for (nic, label) in [(Nic::None, ""), (Nic::Veth, ", one veth")] {
        let times = alternate(beds, nic, options.iterations)?;
        let rows = [
            ("create returns", create_goal, (|t| &t.create) as fn(&Times) -> &Samples),
            ("init's first instruction", create_goal, |t| &t.first_instruction),
            ("destroy returns", Goal::AtMostOf(0.05), |t| &t.destroy),
        ];
        for (what, goal, pick) in rows {
            for (bed, times) in beds.iter().zip(&times) {
                report.samples(&format!("{what}{label}"), "ms", goal, bed.subject(), pick(times));
            }
        }
    }
    Ok(())
}

/// Starts and destroys one container of each subject by turns.
fn alternate(beds: &[Bed], nic: Nic, iterations: u32) -> Result<Vec<Times>> {
    let mut connections = Vec::new();
    for bed in beds {
        let connection = bed.connect()?;
        let domain = bed.define(&connection, nic)?;
        connections.push((connection, domain));
    }
    let mut all: Vec<Times> = beds.iter().map(|_| Times::default()).collect();
    for turn in 0..WARM_UP + iterations {
        for i in order(beds.len(), turn) {
            let mut discarded = Times::default();
            let times = if turn < WARM_UP { &mut discarded } else { &mut all[i] };
            once(&beds[i], &connections[i].1, times)
                .with_context(|| format!("start {turn} of {:?}", beds[i].subject()))?;
        }
    }
    for (_, domain) in &connections {
        domain.undefine().context("undefine")?;
    }
    Ok(all)
}

/// Who goes first changes with every turn, so that neither always works in the other's wake.
pub(crate) fn order(n: usize, turn: u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    if turn % 2 == 1 {
        order.reverse();
    }
    order
}

fn once(bed: &Bed, domain: &Domain, times: &mut Times) -> Result<()> {
    bed.clear()?;
    let (began, clock) = (Instant::now(), SystemTime::now());
    domain.create().context("create")?;
    times.create.push_time(began.elapsed());
    let began = clock.duration_since(UNIX_EPOCH)?.as_nanos();
    let nanoseconds = bed.first_instruction()?.saturating_sub(began);
    times.first_instruction.push(u32::try_from(nanoseconds / 1000).map_or(f64::NAN, f64::from) / 1000.0);
    let began = Instant::now();
    domain.destroy().context("destroy")?;
    times.destroy.push_time(began.elapsed());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns() {
        assert_eq!(order(2, 0), [0, 1]);
        assert_eq!(order(2, 1), [1, 0]);
        assert_eq!(order(1, 1), [0]);
    }
}
