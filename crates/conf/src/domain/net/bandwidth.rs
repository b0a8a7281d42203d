//! `<bandwidth>`.

use xml::Element;

use crate::error::origin;
use crate::{Error, Result, number};

/// `<bandwidth>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bandwidth {
    /// `<inbound>`
    pub inbound: Option<BandwidthRate>,
    /// `<outbound>`
    pub outbound: Option<BandwidthRate>,
}

/// One direction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BandwidthRate {
    /// `average=`, KiB/s; `None` only when `floor` is given.
    pub average: Option<u64>,
    /// `peak=`, KiB/s.
    pub peak: Option<u64>,
    /// `floor=`, KiB/s: what the network must have left for this interface.
    pub floor: Option<u64>,
    /// `burst=`, KiB.
    pub burst: Option<u64>,
}

impl Bandwidth {
    /// `with_floor`: `floor=` is possible here (interfaces of a virtual network).
    pub(crate) fn parse(parent: &Element, with_floor: bool) -> Result<Option<Self>> {
        let Some(e) = parent.child("bandwidth") else { return Ok(None) };
        for name in ["inbound", "outbound"] {
            if e.all(name).nth(1).is_some() {
                let text = format!("Only one child <{name}> element allowed");
                return Err(Error::xml_detail(text).from(origin::NONE));
            }
        }
        let rate = |name| {
            let rate = e.child(name).map(BandwidthRate::parse).transpose()?;
            Ok::<_, Error>(rate.filter(|rate| *rate != BandwidthRate::default()))
        };
        let bandwidth = Self { inbound: rate("inbound")?, outbound: rate("outbound")? };
        let unsupported = |text: &str| Error::unsupported(text).from(origin::NONE);
        if bandwidth.inbound.as_ref().is_some_and(|rate| rate.floor.is_some()) && !with_floor {
            return Err(unsupported("floor attribute is not supported for this config"));
        }
        if bandwidth.outbound.as_ref().is_some_and(|rate| rate.floor.is_some()) {
            return Err(unsupported("'floor' attribute allowed only in <inbound> element"));
        }
        let empty = bandwidth.inbound.is_none() && bandwidth.outbound.is_none();
        Ok((!empty).then_some(bandwidth))
    }

    pub(crate) fn format(&self) -> Element {
        let mut e = Element::new("bandwidth");
        e.extend(self.inbound.as_ref().map(|rate| rate.format("inbound")));
        e.extend(self.outbound.as_ref().map(|rate| rate.format("outbound")));
        e
    }
}

impl BandwidthRate {
    fn parse(e: &Element) -> Result<Self> {
        let number = |name: &str| {
            let Some(text) = e.attr(name) else { return Ok(None) };
            let wrong = || {
                Error::unsupported(format!("could not convert bandwidth {name} value '{text}'"))
                    .from(origin::NONE)
            };
            number::unsigned(text).map(Some).ok_or_else(wrong)
        };
        let rate = Self {
            average: number("average")?.filter(|average| *average != 0),
            peak: number("peak")?,
            burst: number("burst")?,
            floor: number("floor")?,
        };
        if rate.average.is_none() && rate.floor.is_none() && e.attr("average").is_none() {
            let text = "Missing mandatory average or floor attributes";
            return Err(Error::xml_detail(text).from(origin::NONE));
        }
        if rate.average.is_none() && (rate.peak.is_some() || rate.burst.is_some()) {
            let text = "'peak' and 'burst' require 'average' attribute";
            return Err(Error::unsupported(text).from(origin::NONE));
        }
        Ok(rate)
    }

    fn format(&self, name: &str) -> Element {
        Element::new(name)
            .with_opt("average", self.average)
            .with_opt("peak", self.peak)
            .with_opt("floor", self.floor)
            .with_opt("burst", self.burst)
    }
}
