//! `<blkiotune>`.

use std::collections::HashSet;

use xml::Element;

use crate::{Error, Result, number};

/// Weights and limits of block devices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlkioTune {
    /// `<weight>`, 10..=1000 (checked when applied); `None` = default.
    pub weight: Option<u32>,
    /// `<device>`s.
    pub devices: Vec<BlkioDevice>,
}

/// Limits of one block device; 0 = none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlkioDevice {
    /// `<path>`, e.g. `/dev/sda`.
    pub path: String,
    /// `<weight>`
    pub weight: u32,
    /// `<read_iops_sec>`
    pub read_iops: u32,
    /// `<write_iops_sec>`
    pub write_iops: u32,
    /// `<read_bytes_sec>`
    pub read_bytes: u64,
    /// `<write_bytes_sec>`
    pub write_bytes: u64,
}

impl BlkioTune {
    pub(crate) fn parse(domain: &Element) -> Result<Self> {
        let Some(e) = domain.child("blkiotune") else { return Ok(Self::default()) };
        let weight = e.child_text("weight").and_then(|text| number::unsigned(&text)).filter(|w| *w != 0);
        let mut devices: Vec<BlkioDevice> = Vec::new();
        let mut paths = HashSet::new();
        for device in e.all("device") {
            let device = BlkioDevice::parse(device)?;
            if !paths.insert(device.path.clone()) {
                return Err(Error::unsupported(format!("duplicate blkio device path '{}'", device.path)));
            }
            devices.push(device);
        }
        // A device without any limit is not printed, and so not kept.
        devices.retain(BlkioDevice::has_limits);
        Ok(Self { weight, devices })
    }

    pub(crate) fn format(&self, out: &mut Element) {
        let mut e = Element::new("blkiotune");
        e.push_text_opt("weight", self.weight);
        e.extend(self.devices.iter().filter(|d| d.has_limits()).map(BlkioDevice::format));
        out.push_unless_bare(e);
    }
}

impl BlkioDevice {
    fn parse(e: &Element) -> Result<Self> {
        let mut device = Self::default();
        for child in e.elements() {
            let text = child.text();
            if text.is_empty() {
                continue;
            }
            match child.name.local.as_str() {
                "path" if device.path.is_empty() => device.path = text,
                "weight" => device.weight = value(&text, "weight")?,
                "read_iops_sec" => device.read_iops = value(&text, "read iops sec")?,
                "write_iops_sec" => device.write_iops = value(&text, "write iops sec")?,
                "read_bytes_sec" => device.read_bytes = value(&text, "read bytes sec")?,
                "write_bytes_sec" => device.write_bytes = value(&text, "write bytes sec")?,
                _ => {}
            }
        }
        if device.path.is_empty() { Err(Error::unsupported("missing per-device path")) } else { Ok(device) }
    }

    fn has_limits(&self) -> bool {
        (self.weight, self.read_iops, self.write_iops) != (0, 0, 0)
            || (self.read_bytes, self.write_bytes) != (0, 0)
    }

    fn format(&self) -> Element {
        let mut e = Element::new("device");
        e.push_text("path", &self.path);
        let numbers = [
            ("weight", u64::from(self.weight)),
            ("read_iops_sec", u64::from(self.read_iops)),
            ("write_iops_sec", u64::from(self.write_iops)),
            ("read_bytes_sec", self.read_bytes),
            ("write_bytes_sec", self.write_bytes),
        ];
        for (name, number) in numbers.into_iter().filter(|(_, number)| *number != 0) {
            e.push_text(name, number);
        }
        e
    }
}

fn value<T: std::str::FromStr>(text: &str, what: &str) -> Result<T> {
    number::unsigned(text).ok_or_else(|| Error::unsupported(format!("could not parse {what} {text}")))
}
