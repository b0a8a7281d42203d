//! Weights and limits of block devices.
//!
//! On v1 a limit holds for the group alone that it is written to, so it is written to the payload, below which a
//! container can make no groups; on v2 it holds for all below, and the scope has it.

use std::path::PathBuf;

use crate::controller::Controller;
use crate::file::{read, read_if_any, value_of_line, write, write_if_any};
use crate::units::{blkio_weight, io_weight};
use crate::{Device, DeviceLimit, Error, Group, Limits, Result};

impl Group {
    pub(crate) fn set_blkio(&self, weight: Option<u32>) -> Result<()> {
        let Some(weight) = weight else { return Ok(()) };
        let scale = |file: &str| if file == "io.weight" { io_weight(weight) } else { weight };
        let controller = self.controller(blkio_name(self))?;
        for file in blkio_files(&controller) {
            let value = scale(file).to_string();
            let value = if *file == "io.weight" { format!("default {value}") } else { value };
            if write_if_any(controller.scope(), file, &value)? {
                return Ok(());
            }
        }
        Err(Error::NoController("blkio weight"))
    }

    pub(crate) fn read_blkio(&self, limits: &mut Limits) -> Result<()> {
        let Ok(controller) = self.controller(blkio_name(self)) else { return Ok(()) };
        for file in blkio_files(&controller) {
            let Some(content) = read_if_any(controller.scope(), file)? else { continue };
            // "500", or "default 100" with devices in further lines.
            let weight = value_of_line(&content, "default").or_else(|| content.trim().parse().ok());
            let weight = weight.and_then(|weight| u32::try_from(weight).ok());
            limits.blkio_weight = if *file == "io.weight" { weight.map(blkio_weight) } else { weight };
            return Ok(());
        }
        Ok(())
    }

    /// Limits one device.
    pub(crate) fn set_device(&self, limit: &DeviceLimit) -> Result<()> {
        let controller = self.controller(blkio_name(self))?;
        if let Some(weight) = limit.weight {
            self.set_device_weight(&controller, limit.device, weight)?;
        }
        match controller {
            Controller::V1(_) => throttles_v1(limit).into_iter().try_for_each(|(name, value)| match value {
                Some(value) => write(&controller.payload(), name, &device_line(limit.device, value)),
                None => Ok(()),
            }),
            Controller::V2(scope) => io_max(limit).map_or(Ok(()), |line| write(scope, "io.max", &line)),
        }
    }

    fn set_device_weight(&self, controller: &Controller<'_>, device: Device, weight: u32) -> Result<()> {
        let (dir, files): (PathBuf, &[&str]) = match controller {
            Controller::V1(_) => (controller.payload(), &["blkio.weight_device", "blkio.bfq.weight_device"]),
            Controller::V2(scope) => (scope.to_path_buf(), &["io.bfq.weight", "io.weight"]),
        };
        for file in files {
            let weight = if *file == "io.weight" && weight > 0 { io_weight(weight) } else { weight };
            let takes_word = file.starts_with("io.");
            let line = match (weight, takes_word) {
                (0, true) => format!("{}:{} default", device.0, device.1),
                _ => device_line(device, weight.into()),
            };
            if write_if_any(&dir, file, &line)? {
                return Ok(());
            }
        }
        Err(Error::NoController("blkio device weight"))
    }

    /// Limits of a device in force; `Some(0)` where there is none, `None` for a weight that is the default.
    pub fn device_limit(&self, device: Device) -> Result<DeviceLimit> {
        let mut limit = DeviceLimit { device, ..DeviceLimit::default() };
        let controller = self.controller(blkio_name(self))?;
        match controller {
            Controller::V1(_) => {
                let payload = controller.payload();
                let value = |name| Ok(Some(parse_device_line(&read(&payload, name)?, device)));
                limit.read_bytes = value("blkio.throttle.read_bps_device")?;
                limit.write_bytes = value("blkio.throttle.write_bps_device")?;
                limit.read_requests = value("blkio.throttle.read_iops_device")?;
                limit.write_requests = value("blkio.throttle.write_iops_device")?;
            }
            Controller::V2(scope) => parse_io_max(&read(scope, "io.max")?, &mut limit),
        }
        Ok(limit)
    }
}

/// v1 calls the controller `blkio`, v2 `io`.
fn blkio_name(group: &Group) -> &'static str {
    if group.placement().v1.contains_key("blkio") { "blkio" } else { "io" }
}

/// Files of the proportional weight: of the old CFQ scheduler, or of BFQ; both in the units of v1.
const fn blkio_files(controller: &Controller<'_>) -> &'static [&'static str] {
    match controller {
        Controller::V1(_) => &["blkio.weight", "blkio.bfq.weight"],
        Controller::V2(_) => &["io.bfq.weight", "io.weight"],
    }
}

/// "major:minor value".
fn device_line((major, minor): Device, value: u64) -> String {
    format!("{major}:{minor} {value}")
}

fn throttles_v1(limit: &DeviceLimit) -> [(&'static str, Option<u64>); 4] {
    [
        ("blkio.throttle.read_bps_device", limit.read_bytes),
        ("blkio.throttle.write_bps_device", limit.write_bytes),
        ("blkio.throttle.read_iops_device", limit.read_requests),
        ("blkio.throttle.write_iops_device", limit.write_requests),
    ]
}

/// The line for `io.max`, in which what is not named stays as it is; `None` if there is nothing to say.
fn io_max(limit: &DeviceLimit) -> Option<String> {
    let DeviceLimit { device: (major, minor), .. } = limit;
    let values = [
        ("rbps", limit.read_bytes),
        ("wbps", limit.write_bytes),
        ("riops", limit.read_requests),
        ("wiops", limit.write_requests),
    ];
    let words: Vec<String> = values
        .into_iter()
        .filter_map(|(key, value)| match value? {
            0 => Some(format!("{key}=max")),
            value => Some(format!("{key}={value}")),
        })
        .collect();
    (!words.is_empty()).then(|| format!("{major}:{minor} {}", words.join(" ")))
}

/// The value of a device in lines "major:minor value"; 0 if it has none.
fn parse_device_line(text: &str, (major, minor): Device) -> u64 {
    let id = format!("{major}:{minor} ");
    text.lines().find_map(|line| line.strip_prefix(&id)?.trim().parse().ok()).unwrap_or(0)
}

/// Lines "major:minor rbps=1 wbps=max ...".
fn parse_io_max(text: &str, limit: &mut DeviceLimit) {
    let (major, minor) = limit.device;
    let id = format!("{major}:{minor} ");
    let line = text.lines().find_map(|line| line.strip_prefix(&id)).unwrap_or("");
    let value = |key: &str| {
        let words = line.split_ascii_whitespace().filter_map(|word| word.split_once('='));
        Some(words.filter(|(name, _)| *name == key).find_map(|(_, value)| value.parse().ok()).unwrap_or(0))
    };
    limit.read_bytes = value("rbps");
    limit.write_bytes = value("wbps");
    limit.read_requests = value("riops");
    limit.write_requests = value("wiops");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_to_io_max() {
        let limit = DeviceLimit { device: (8, 16), ..DeviceLimit::default() };
        assert_eq!(io_max(&limit), None);
        let limit = DeviceLimit { read_bytes: Some(1000), write_requests: Some(0), ..limit };
        assert_eq!(io_max(&limit).as_deref(), Some("8:16 rbps=1000 wiops=max"));
    }

    #[test]
    fn what_io_max_says() {
        let mut limit = DeviceLimit { device: (8, 16), ..DeviceLimit::default() };
        parse_io_max("8:0 rbps=7\n8:16 rbps=2097152 wbps=max riops=max wiops=120\n", &mut limit);
        assert_eq!((limit.read_bytes, limit.write_bytes), (Some(2_097_152), Some(0)));
        assert_eq!((limit.read_requests, limit.write_requests), (Some(0), Some(120)));
    }

    #[test]
    fn what_v1_says() {
        assert_eq!(parse_device_line("8:0 7\n8:16 1048576\n", (8, 16)), 1_048_576);
        assert_eq!(parse_device_line("8:160 7\n", (8, 16)), 0);
        assert_eq!(device_line((8, 16), 0), "8:16 0");
    }

    /// The files of v2 in a directory of our own: this is what a host with v2 controllers gets.
    #[test]
    fn limits_on_v2() {
        let dir = tempfile::tempdir().unwrap();
        let scope = dir.path();
        std::fs::create_dir(scope.join("payload")).unwrap();
        for (name, text) in [
            ("cgroup.controllers", "cpuset cpu io memory pids"),
            ("io.max", ""),
            ("io.weight", "default 100\n"),
            ("cpuset.cpus", "0-3\n"),
            ("payload/cpuset.cpus", "\n"),
        ] {
            std::fs::write(scope.join(name), text).unwrap();
        }
        let placement = crate::Placement { v2: Some(scope.to_owned()), ..crate::Placement::default() };
        let group = Group::open(placement);
        let device = DeviceLimit { device: (8, 16), read_bytes: Some(4096), ..DeviceLimit::default() };
        let content = |name: &str| std::fs::read_to_string(scope.join(name)).unwrap();
        let devices = vec![device];
        group.set_limits(&Limits { devices, blkio_weight: Some(1000), ..Limits::default() }).unwrap();
        assert_eq!(content("io.max"), "8:16 rbps=4096");
        assert_eq!(content("io.weight"), "default 200");
        assert_eq!(group.device_limit((8, 16)).unwrap().read_bytes, Some(4096));
        let heavy = DeviceLimit { device: (8, 16), weight: Some(500), ..DeviceLimit::default() };
        group.set_limits(&Limits { devices: vec![heavy], ..Limits::default() }).unwrap();
        assert_eq!(content("io.weight"), "8:16 100");
        group.set_limits(&Limits { cpuset_cpus: Some("1".into()), ..Limits::default() }).unwrap();
        assert_eq!((content("payload/cpuset.cpus"), content("cpuset.cpus")), ("1".into(), "1".into()));
        std::fs::create_dir(scope.join("monitor")).unwrap();
        std::fs::write(scope.join("monitor/cpuset.cpus"), "").unwrap();
        group.set_limits(&Limits { monitor_cpus: Some("3".into()), ..Limits::default() }).unwrap();
        assert_eq!((content("monitor/cpuset.cpus"), content("cpuset.cpus")), ("3".into(), "1,3".into()));
    }
}
