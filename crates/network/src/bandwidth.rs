//! Limits of a whole network, and guaranteed shares of its ports: traffic control on the bridge (tc(8), tc-htb(8)).
//!
//! Class 1:1 has the network's rate; 1:2 is everybody's who is guaranteed nothing; each guarantee is a class of its
//! own, found by the port's hardware address.

use std::fmt::Write;
use std::io::{self, Read, Write as _};
use std::process::Stdio;

use conf::domain::BandwidthRate;
use conf::network::{NetworkDef, NetworkPort};
use kernel::command::Command;
use protocol::{Error, ErrorDomain, Result};

use crate::define::blocking;
use crate::error::invalid;
use crate::network::Run;
use crate::start::bridge_of;

/// First class of a guarantee.
const FIRST_CLASS: u32 = 3;

/// What a port is guaranteed, KiB/s.
pub(crate) fn floor(port: &NetworkPort) -> u64 {
    let inbound = port.bandwidth.as_ref().and_then(|bandwidth| bandwidth.inbound.as_ref());
    inbound.and_then(|rate| rate.floor).unwrap_or(0)
}

/// Guarantees must fit into what the network has.
pub(crate) fn check_floor(run: &Run, port: &NetworkPort) -> Result<()> {
    let (floor_wanted, def) = (floor(port), &run.def);
    if floor_wanted == 0 {
        return Ok(());
    }
    let refuse = |text: &str| Err(Error::operation_unsupported(ErrorDomain::NETWORK, text));
    if !def.makes_bridge() {
        return refuse(&format!(
            "Invalid use of 'floor' on interface with MAC address {} - 'floor' is only supported for interface type \
             'network' with forward type 'nat', 'route', 'open' or none",
            port.mac
        ));
    }
    let inbound = def.bandwidth.as_ref().and_then(|bandwidth| bandwidth.inbound.as_ref());
    let Some(inbound) = inbound else {
        return refuse(&format!(
            "Invalid use of 'floor' on interface with MAC address {} - network '{}' has no inbound QoS set",
            port.mac, def.name
        ));
    };
    let sum = run.ports.values().map(floor).sum::<u64>() + floor_wanted;
    let (limit, word) = match (inbound.peak, inbound.average) {
        (Some(peak), _) => (peak, "peak"),
        (None, average) => (average.unwrap_or(0), "average"),
    };
    if sum <= limit {
        return Ok(());
    }
    Err(invalid(&format!(
        "Cannot plug '{}' interface into '{}' because new combined inbound floor={sum} would overcommit {word}={limit} \
         on network '{}'",
        port.mac,
        bridge_of(def)?,
        def.name
    )))
}

/// A number that no other guarantee has.
pub(crate) fn free_class(run: &Run) -> u32 {
    let taken = |id: &u32| run.ports.values().any(|port| port.class_id == Some(*id));
    (FIRST_CLASS..).find(|id| !taken(id)).unwrap_or(FIRST_CLASS)
}

/// Puts the limits of a network in force.
pub(crate) async fn apply(def: &NetworkDef, ifb: &str) -> Result<()> {
    let Some(script) = network_script(def, ifb)? else { return Ok(()) };
    tc(script).await
}

/// Gives a port its guarantee.
pub(crate) async fn add_class(def: &NetworkDef, port: &NetworkPort) -> Result<()> {
    let (Some(id), bridge) = (port.class_id, bridge_of(def)?) else { return Ok(()) };
    let inbound = def.bandwidth.as_ref().and_then(|bandwidth| bandwidth.inbound.clone()).unwrap_or_default();
    let ceil = inbound.peak.or(inbound.average).unwrap_or(0);
    let [a, b, c, d, e, f] = port.mac.0;
    let mut script = String::new();
    let rate = floor(port);
    let _ = writeln!(
        script,
        "class replace dev {bridge} parent 1:1 classid 1:{id:x} htb rate {}kbit ceil {}kbit",
        rate * 8,
        ceil * 8
    );
    let _ = writeln!(
        script,
        "filter add dev {bridge} parent 1: protocol all prio 2 handle 800::{id:x} u32 \
         match u16 0x{a:02x}{b:02x} 0xffff at -14 match u32 0x{c:02x}{d:02x}{e:02x}{f:02x} 0xffffffff at -12 \
         flowid 1:{id:x}"
    );
    tc(script).await
}

/// Takes it away.
pub(crate) async fn remove_class(def: &NetworkDef, port: &NetworkPort) -> Result<()> {
    let (Some(id), bridge) = (port.class_id, bridge_of(def)?) else { return Ok(()) };
    tc(format!(
        "filter del dev {bridge} parent 1: protocol all prio 2 handle 800::{id:x} u32\n\
         class del dev {bridge} classid 1:{id:x}\n"
    ))
    .await
}

fn network_script(def: &NetworkDef, ifb: &str) -> Result<Option<String>> {
    let Some(bandwidth) = &def.bandwidth else { return Ok(None) };
    let bridge = bridge_of(def)?;
    let mut script = String::new();
    if let Some(inbound) = &bandwidth.inbound {
        let rate = rate(inbound);
        let _ = writeln!(script, "qdisc replace dev {bridge} root handle 1: htb default 2");
        let _ = writeln!(script, "class replace dev {bridge} parent 1: classid 1:1 htb {rate}");
        let _ = writeln!(script, "class replace dev {bridge} parent 1:1 classid 1:2 htb {rate}");
    }
    if let Some(outbound) = &bandwidth.outbound {
        let _ = writeln!(script, "qdisc replace dev {ifb} root handle 1: htb default 1");
        let _ = writeln!(script, "class replace dev {ifb} parent 1: classid 1:1 htb {}", rate(outbound));
        let _ = writeln!(script, "qdisc add dev {bridge} ingress");
        let _ = writeln!(
            script,
            "filter add dev {bridge} parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev {ifb}"
        );
    }
    Ok(Some(script))
}

fn rate(rate: &BandwidthRate) -> String {
    let average = rate.average.unwrap_or(1);
    let ceil = rate.peak.unwrap_or(average);
    let burst = rate.burst.map(|burst| format!(" burst {burst}kb")).unwrap_or_default();
    // KiB/s in bits: tc's own word for it, "kbps", is 1000 bytes in some versions.
    format!("rate {}bit ceil {}bit{burst}", average * 8192, ceil * 8192)
}

/// Has tc carry out a script, line by line; a failed line ends it.
async fn tc(script: String) -> Result<()> {
    blocking(move || {
        run(&script)
            .map_err(|error| Error::internal(ErrorDomain::NETWORK, &format!("traffic control: {error}")))
    })
    .await
}

fn run(script: &str) -> io::Result<()> {
    let mut command = Command::new("tc");
    command.args(["-batch", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| io::Error::new(error.kind(), format!("tc: {error}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(script.as_bytes());
    }
    let mut text = String::new();
    if let Some(stderr) = child.stderr.take() {
        stderr.take(4096).read_to_string(&mut text)?;
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{} ({status})", text.trim()))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_a_class_for_those_without_a_guarantee() {
        let xml = "<network><name>n</name><bridge name='v'/><bandwidth><inbound average='1000' peak='2000' burst='64'/>\
                   <outbound average='10'/></bandwidth></network>";
        let def = NetworkDef::parse(xml, |bytes| bytes.fill(1)).unwrap();
        expect_test::expect![[r"
            qdisc replace dev v root handle 1: htb default 2
            class replace dev v parent 1: classid 1:1 htb rate 8192000bit ceil 16384000bit burst 64kb
            class replace dev v parent 1:1 classid 1:2 htb rate 8192000bit ceil 16384000bit burst 64kb
            qdisc replace dev i root handle 1: htb default 1
            class replace dev i parent 1: classid 1:1 htb rate 81920bit ceil 81920bit
            qdisc add dev v ingress
            filter add dev v parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev i
        "]]
        .assert_eq(&network_script(&def, "i").unwrap().unwrap());
    }
}
