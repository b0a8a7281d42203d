//! Addresses and routes.

use std::net::{IpAddr, Ipv4Addr};

use xml::Element;

use crate::error::origin;
use crate::props::Props;
use crate::{Error, Result, number};

/// `<ip address= family= prefix= peer=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpAddress {
    /// `address=`; its family is printed as `family=`.
    pub address: IpAddr,
    /// `prefix=`; `None` when absent or 0.
    pub prefix: Option<u8>,
    /// `peer=`
    pub peer: Option<IpAddr>,
}

/// `<route family= address= netmask= prefix= gateway= metric=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `family=` was written; it fits the address.
    pub with_family: bool,
    /// Destination network.
    pub address: IpAddr,
    /// `netmask=`, as written instead of a prefix.
    pub netmask: Option<Ipv4Addr>,
    /// `prefix=`
    pub prefix: Option<u8>,
    /// Next hop.
    pub gateway: IpAddr,
    /// `metric=`, never 0.
    pub metric: Option<u32>,
}

impl IpAddress {
    pub(crate) fn parse_all(parent: &Element) -> Result<Vec<Self>> {
        parent.all("ip").map(Self::parse).collect()
    }

    fn parse(e: &Element) -> Result<Self> {
        let text = e.attr("address").ok_or_else(|| Error::xml("Missing required address in <ip>"))?;
        let address: Option<IpAddr> = text.parse().ok();
        let fits = |address: &IpAddr| match e.attr("family") {
            Some("ipv4") => address.is_ipv4(),
            Some("ipv6") => address.is_ipv6(),
            _ => true,
        };
        let address =
            address.filter(fits).ok_or_else(|| Error::xml(format!("Invalid address '{text}' in <ip>")))?;
        let wrong = |text: &str| Error::xml(format!("Invalid prefix value '{text}' in <ip>"));
        let prefix = e.attr("prefix").map(|text| {
            number::unsigned::<u8>(text).filter(|p| *p <= bits(&address)).ok_or_else(|| wrong(text))
        });
        let peer = e.attr("peer").map(|text| {
            let peer = text.parse().ok();
            peer.ok_or_else(|| Error::invalid_arg(format!("Invalid peer '{text}' in <ip>")))
        });
        Ok(Self { address, prefix: prefix.transpose()?.filter(|p| *p != 0), peer: peer.transpose()? })
    }

    pub(crate) fn format(&self) -> Element {
        Element::new("ip")
            .with("address", self.address)
            .with("family", family_of(&self.address))
            .with_opt("prefix", self.prefix)
            .with_opt("peer", self.peer)
    }
}

impl Route {
    /// `owner` starts the texts of errors.
    pub(crate) fn parse_all(parent: &Element, owner: &str) -> Result<Vec<Self>> {
        let named = |error: Error| match error.origin {
            origin::NETWORK => Error::xml(format!("{owner}: {}", error.detail())).from(origin::NETWORK),
            _ => error,
        };
        parent.all("route").map(|e| Self::parse(e).map_err(named)).collect()
    }

    fn parse(e: &Element) -> Result<Self> {
        let text = |name: &str| e.attr(name).map(str::to_owned);
        let missing = |what: &str| wrong(&format!("Missing required {what} attribute in route definition"));
        let address = text("address").ok_or_else(|| missing("address"))?;
        let gateway = text("gateway").ok_or_else(|| missing("gateway"))?;
        let metric = e.positive("metric")?;
        let bad = |what: &str, text: &str| wrong(&format!("Bad {what} address '{text}' in route definition"));
        let read = |text: &str, what: &str| text.parse::<IpAddr>().map_err(|_| bad(what, text));
        let family = e.filled("family");
        let mut route = Self {
            with_family: family.is_some(),
            address: read(&address, "network")?,
            gateway: read(&gateway, "gateway")?,
            netmask: None,
            prefix: None,
            metric,
        };
        route.check_family(family.as_deref())?;
        let mask = text("netmask").map(|mask| read(&mask, "netmask")).transpose()?;
        route.prefix = route.parse_prefix(e)?;
        route.netmask = match (mask, route.address) {
            (None, _) => None,
            (Some(IpAddr::V4(mask)), IpAddr::V4(_)) => Some(mask),
            (Some(mask), IpAddr::V4(address)) => {
                let text = format!("Invalid netmask '{mask}' for address '{address}' (both must be IPv4)");
                return Err(wrong(&text));
            }
            (Some(_), IpAddr::V6(address)) => {
                let text =
                    format!("Specifying netmask invalid for IPv6 address '{address}' in route definition");
                return Err(wrong(&text));
            }
        };
        if route.netmask.is_some() && route.prefix.is_some() {
            return Err(wrong("Route definition cannot have both a prefix and a netmask"));
        }
        route.check_network(&address)?;
        Ok(route)
    }

    fn check_family(&self, family: Option<&str>) -> Result<()> {
        let (v6, label) = match family {
            None => (false, "No family"),
            Some("ipv4") => (false, "IPv4 family"),
            Some("ipv6") => (true, "ipv6 family"),
            Some(other) => {
                return Err(wrong(&format!("Unrecognized family '{other}' in route definition")));
            }
        };
        let version = if v6 { "IPv6" } else { "IPv4" };
        for (what, address) in [("address", self.address), ("gateway", self.gateway)] {
            if address.is_ipv6() != v6 && v6 && what == "gateway" {
                let text =
                    format!("ipv6 specified for non-IPv6 gateway address '{address}' in route definition");
                return Err(wrong(&text));
            }
            if address.is_ipv6() != v6 {
                let text =
                    format!("{label} specified for non-{version} {what} '{address}' in route definition");
                return Err(wrong(&text));
            }
        }
        Ok(())
    }

    fn parse_prefix(&self, e: &Element) -> Result<Option<u8>> {
        let Some(prefix) = e.uint("prefix")? else { return Ok(None) };
        let max = bits(&self.address);
        let fits = u8::try_from(prefix).ok().filter(|prefix| *prefix <= max);
        let text = format!("Invalid prefix {prefix} specified in route definition, must be 0 - {max}");
        fits.map(Some).ok_or_else(|| wrong(&text))
    }

    fn check_network(&self, text: &str) -> Result<()> {
        let length = u32::from(self.prefix_len());
        let outside = match self.address {
            IpAddr::V4(address) => u32::from(address).checked_shl(length).unwrap_or(0) != 0,
            IpAddr::V6(address) => u128::from(address).checked_shl(length).unwrap_or(0) != 0,
        };
        let solid = self.netmask.is_none_or(|mask| {
            let mask = u32::from(mask);
            mask.leading_ones() + mask.trailing_zeros() >= 32
        });
        if solid && !outside {
            return Ok(());
        }
        Err(wrong(&format!("Address '{text}' in route definition is not a network address")))
    }

    /// Prefix length: `prefix=`, that of `netmask=`, or 0 (then the address is the unspecified one).
    #[must_use]
    pub fn prefix_len(&self) -> u8 {
        let of_mask = self.netmask.map(|mask| u8::try_from(u32::from(mask).leading_ones()).unwrap_or(32));
        self.prefix.or(of_mask).unwrap_or(0)
    }

    pub(crate) fn format(&self) -> Element {
        Element::new("route")
            .with_opt("family", self.with_family.then(|| family_of(&self.address)))
            .with("address", self.address)
            .with_opt("netmask", self.netmask)
            .with_opt("prefix", self.prefix)
            .with("gateway", self.gateway)
            .with_opt("metric", self.metric)
    }
}

fn family_of(address: &IpAddr) -> &'static str {
    if address.is_ipv4() { "ipv4" } else { "ipv6" }
}

fn bits(address: &IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn wrong(text: &str) -> Error {
    Error::xml(text).from(origin::NETWORK)
}
