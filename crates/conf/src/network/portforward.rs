//! Port forwards: our extension, kept in `<metadata>`, which every client carries along.
//!
//! ```xml
//! <vc:portForwards xmlns:vc='https://virtcontainerd.org/xmlns/network/1.0'>
//!   <vc:portForward proto='tcp' address='203.0.113.5' to='192.168.122.10'>
//!     <vc:range start='8080' end='8089' to='80'/>
//!   </vc:portForward>
//! </vc:portForwards>
//! ```

use std::net::IpAddr;

use xml::Element;

use super::{NetworkDef, PortRange, wrong};
use crate::props::Props;
use crate::{Error, Result, number};

/// Namespace of the element.
pub const PORT_FORWARDS: &str = "https://virtcontainerd.org/xmlns/network/1.0";

/// Ports of the host that lead into the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortForward {
    /// UDP instead of TCP.
    pub udp: bool,
    /// Only this address of the host.
    pub address: Option<IpAddr>,
    /// Ports of the host.
    pub ports: PortRange,
    /// Where they lead.
    pub to: IpAddr,
    /// First port there.
    pub to_port: u16,
}

impl NetworkDef {
    /// The network's port forwards.
    pub fn port_forwards(&self) -> Result<Vec<PortForward>> {
        let Some(list) = self.metadata.element_of(PORT_FORWARDS) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for forward in list.elements().filter(|e| is_ours(e, "portForward")) {
            for range in forward.elements().filter(|e| is_ours(e, "range")) {
                found.push(self.parse_forward(forward, range)?);
            }
        }
        Ok(found)
    }

    fn parse_forward(&self, forward: &Element, range: &Element) -> Result<PortForward> {
        let bad = |what: &str, value: &str| wrong(format!("Invalid {what} '{value}' in <portForward>"));
        let address = |name: &str| -> Result<Option<IpAddr>> {
            let Some(text) = forward.filled(name) else { return Ok(None) };
            text.parse().map(Some).map_err(|_| bad("address", &text))
        };
        let udp = match forward.attr("proto") {
            Some("tcp") => false,
            Some("udp") => true,
            other => return Err(bad("proto", other.unwrap_or_default())),
        };
        let port = |name: &str| -> Result<Option<u16>> {
            let Some(text) = range.attr(name) else { return Ok(None) };
            number::unsigned(text).filter(|port| *port > 0).map(Some).ok_or_else(|| bad("port", text))
        };
        let to = address("to")?.ok_or_else(|| bad("to", ""))?;
        let start = port("start")?.ok_or_else(|| bad("start", ""))?;
        let end = port("end")?.unwrap_or(start);
        let to_port = port("to")?.unwrap_or(start);
        // Each port that changes its number is a rule of its own.
        let many = to_port != start && end.saturating_sub(start) >= 1024;
        if end < start || many || to_port.checked_add(end - start).is_none() {
            return Err(bad("range", &format!("{start}-{end}")));
        }
        let own = self.ips.iter().filter_map(|ip| ip.net()).any(|net| net.contains(to));
        if !own {
            let text = format!("<portForward> to '{to}', which is not in network '{}'", self.name);
            return Err(wrong(text));
        }
        let address = address("address")?;
        if address.is_some_and(|address| address.is_ipv4() != to.is_ipv4()) {
            return Err(Error::unsupported("<portForward> between IPv4 and IPv6"));
        }
        Ok(PortForward { udp, address, ports: PortRange { start, end }, to, to_port })
    }
}

fn is_ours(e: &Element, name: &str) -> bool {
    e.name.uri.as_deref() == Some(PORT_FORWARDS) && e.name.local == name
}
