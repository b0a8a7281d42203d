//! Limits of an interface, by traffic control on the host's end (tc(8), tc-tbf(8)).
//!
//! What leaves the host's end is what the container receives: a token bucket holds it back. What arrives there is
//! what the container sends: it is redirected to a block of its own (ip-link(8), ifb), where a bucket can hold it back.
//! Nothing of this is within reach of the container.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::process::Stdio;

use kernel::command::Command;

use crate::failure::{During, Result, failure, step};
use crate::plan::{Bandwidth, Rate};

/// A bucket holds at least this, bytes: the kernel hands over up to 64 KiB at once, and a bucket without room for that
/// takes it apart.
const BURST_MIN: u64 = 64 * 1024;

/// Longest wait of a packet in a bucket.
const LATENCY: &str = "50ms";

/// Name of the block for the host's end with this index.
pub(super) fn ifb_of(index: u32) -> String {
    format!("vcifb{index}")
}

/// Puts limits in force in place of others. The block must be there if there is a limit on what is sent.
pub(super) fn apply(host: &str, index: u32, old: Bandwidth, new: Bandwidth) -> Result<()> {
    let script = script(host, &ifb_of(index), old, new);
    if script.is_empty() { Ok(()) } else { tc(host, &script) }
}

fn script(host: &str, ifb: &str, old: Bandwidth, new: Bandwidth) -> String {
    let mut script = String::new();
    match (old.inbound, new.inbound) {
        (_, Some(rate)) => {
            let _ = writeln!(script, "qdisc replace dev {host} root handle 1: {}", bucket(rate));
        }
        (Some(_), None) => {
            let _ = writeln!(script, "qdisc del dev {host} root");
        }
        (None, None) => {}
    }
    match (old.outbound, new.outbound) {
        (before, Some(rate)) => {
            let _ = writeln!(script, "qdisc replace dev {ifb} root handle 1: {}", bucket(rate));
            if before.is_none() {
                let _ = writeln!(script, "qdisc add dev {host} ingress");
                let _ = writeln!(
                    script,
                    "filter add dev {host} parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect \
                     dev {ifb}"
                );
            }
        }
        (Some(_), None) => {
            let _ = writeln!(script, "qdisc del dev {host} ingress");
        }
        (None, None) => {}
    }
    script
}

fn bucket(rate: Rate) -> String {
    // A hundredth of a second's worth, so that the timer's grain does not cost throughput.
    let bytes = rate
        .burst
        .map_or_else(|| rate.average.saturating_mul(1024) / 100, |burst| burst.saturating_mul(1024));
    let burst = bytes.max(BURST_MIN);
    let peak = match rate.peak.filter(|peak| *peak > rate.average) {
        Some(peak) => format!(" peakrate {}bit mtu 66000", peak.saturating_mul(8192)),
        None => String::new(),
    };
    format!("tbf rate {}bit burst {burst} latency {LATENCY}{peak}", rate.average.max(1).saturating_mul(8192))
}

fn tc(host: &str, script: &str) -> Result<()> {
    let what = || format!("limits of '{host}'");
    let mut command = Command::new("tc");
    command.args(["-batch", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| kernel::fd::errno(&error)).during(step::NETWORK, "tc")?;
    if let Some(mut stdin) = child.stdin.take() {
        // It may refuse before it has read everything, and then says why.
        let _ = stdin.write_all(script.as_bytes());
    }
    let mut text = String::new();
    if let Some(stderr) = child.stderr.take() {
        stderr
            .take(2048)
            .read_to_string(&mut text)
            .map_err(|error| kernel::fd::errno(&error))
            .during(step::NETWORK, "tc")?;
    }
    let status = child.wait().map_err(|error| kernel::fd::errno(&error)).during(step::NETWORK, "tc")?;
    if status.success() {
        return Ok(());
    }
    Err(failure(step::NETWORK, format_args!("{}: tc: {} ({status})", what(), text.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { average: 1000, peak: None, burst: None };

    #[test]
    fn limits_come_and_go() {
        let both = Bandwidth {
            inbound: Some(RATE),
            outbound: Some(Rate { peak: Some(2000), burst: Some(128), ..RATE }),
        };
        let none = Bandwidth::default();
        let made = script("vnet0", "vcifb7", none, both);
        let expect = "qdisc replace dev vnet0 root handle 1: tbf rate 8192000bit burst 65536 latency 50ms\n\
            qdisc replace dev vcifb7 root handle 1: tbf rate 8192000bit burst 131072 latency 50ms peakrate 16384000bit mtu 66000\n\
            qdisc add dev vnet0 ingress\n\
            filter add dev vnet0 parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev vcifb7\n";
        assert_eq!(made, expect);
        assert_eq!(script("vnet0", "vcifb7", both, both).lines().count(), 2, "what is there is only changed");
        assert_eq!(
            script("vnet0", "vcifb7", both, none),
            "qdisc del dev vnet0 root\nqdisc del dev vnet0 ingress\n"
        );
        assert_eq!(script("vnet0", "vcifb7", none, none), "");
    }
}
