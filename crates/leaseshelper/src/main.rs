//! What dnsmasq runs for each lease (`--dhcp-script`, dnsmasq(8)): keeps `BRIDGE.status`, a list in JSON that the
//! daemon, libvirt's clients and its name service modules read, and gives it back to a dnsmasq that starts.

mod leases;

use std::env;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use leases::{Event, Leases};

/// Where the files are.
const DIR: &str = "/var/lib/libvirt/dnsmasq";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // dnsmasq logs the status; who runs this by hand wants to know.
            let _ = writeln!(std::io::stderr(), "leaseshelper: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> std::io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let bridge = variable("VIR_BRIDGE_NAME").or_else(|| variable("DNSMASQ_INTERFACE"));
    let Some(bridge) = bridge.filter(|bridge| !bridge.contains('/') && !bridge.starts_with('.')) else {
        return Err(std::io::Error::other("VIR_BRIDGE_NAME is not set"));
    };
    // Requests of TFTP, ARP and later inventions are of no interest.
    let Some(event) = Event::new(&arguments, &variable) else { return Ok(()) };
    let path = Path::new(DIR).join(format!("{bridge}.status"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut leases = Leases::read(&path, now)?;
    if let Event::Init = event {
        return std::io::stdout().write_all(leases.for_dnsmasq().as_bytes());
    }
    leases.note(event);
    leases.write(&path)
}
