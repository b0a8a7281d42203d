//! `<cputune>`.

use xml::Element;

use super::{CpuSet, Vcpus};
use crate::props::Props;
use crate::shape::{Attr, Kind, Shape};
use crate::{Error, Result, number};

/// Processor time. Numbers are those of the cgroup v1 controller: shares, microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CpuTune {
    /// `<shares>`
    pub shares: Option<u64>,
    /// `<period>`, microseconds, 1000..=1000000.
    pub period: Option<u64>,
    /// `<quota>`, microseconds per period; negative = unlimited.
    pub quota: Option<i64>,
    /// `<global_period>`; no effect, as all that follow.
    pub global_period: Option<u64>,
    /// `<global_quota>`
    pub global_quota: Option<i64>,
    /// `<emulator_period>`
    pub emulator_period: Option<u64>,
    /// `<emulator_quota>`
    pub emulator_quota: Option<i64>,
    /// `<iothread_period>`
    pub iothread_period: Option<u64>,
    /// `<iothread_quota>`
    pub iothread_quota: Option<i64>,
    /// `<vcpupin>`, by vcpu.
    pub vcpupin: Vec<Pin>,
    /// `<emulatorpin>`
    pub emulatorpin: Option<CpuSet>,
    /// Other elements without effect, kept.
    pub kept: Vec<Element>,
}

/// `<vcpupin vcpu= cpuset=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Number of the virtual processor.
    pub vcpu: u32,
    /// Host processors.
    pub cpuset: CpuSet,
}

const SCHEDULERS: Kind = Kind::Word(&["batch", "idle", "fifo", "rr"]);

/// What stands behind the pins, in libvirt's order.
const KEPT: &[&Shape] = &[
    &Shape::new("iothreadpin", &[Attr("iothread", Kind::Number), Attr("cpuset", Kind::Text)], &[]).many(),
    &Shape::new("emulatorsched", &[Attr("scheduler", SCHEDULERS), Attr("priority", Kind::Text)], &[]),
    &Shape::new(
        "vcpusched",
        &[Attr("vcpus", Kind::Text), Attr("scheduler", SCHEDULERS), Attr("priority", Kind::Text)],
        &[],
    )
    .many(),
    &Shape::new(
        "iothreadsched",
        &[Attr("iothreads", Kind::Text), Attr("scheduler", SCHEDULERS), Attr("priority", Kind::Text)],
        &[],
    )
    .many(),
];

impl CpuTune {
    pub(crate) fn parse(domain: &Element, vcpus: &Vcpus) -> Result<Self> {
        let Some(e) = domain.child("cputune") else { return Ok(Self::default()) };
        let mut tune = Self {
            shares: parsed(e, "shares", number::unsigned)?,
            period: nonzero(e, "period")?,
            quota: quota(e, "quota")?,
            global_period: nonzero(e, "global_period")?,
            global_quota: quota(e, "global_quota")?,
            emulator_period: nonzero(e, "emulator_period")?,
            emulator_quota: quota(e, "emulator_quota")?,
            iothread_period: nonzero(e, "iothread_period")?,
            iothread_quota: quota(e, "iothread_quota")?,
            kept: Shape::keep_all(KEPT, e)?,
            ..Self::default()
        };
        for pin in e.all("vcpupin") {
            tune.pin(pin, vcpus)?;
        }
        tune.vcpupin.sort_by_key(|pin| pin.vcpu);
        let mut pins = e.all("emulatorpin");
        if let Some(pin) = pins.next() {
            if pins.next().is_some() {
                return Err(Error::xml("only one emulatorpin is supported"));
            }
            tune.emulatorpin = Some(cpuset(pin, "emulatorpin")?);
        }
        Ok(tune)
    }

    /// A pin of a processor the domain does not have is dropped, as libvirt does.
    fn pin(&mut self, e: &Element, vcpus: &Vcpus) -> Result<()> {
        e.required("vcpu")?;
        let vcpu = e.uint("vcpu")?.unwrap_or(0);
        if vcpu < vcpus.max {
            let cpuset = cpuset(e, "vcpupin")?;
            if self.vcpupin.iter().any(|pin| pin.vcpu == vcpu) {
                return Err(Error::internal(format!("duplicate vcpupin for vcpu '{vcpu}'")));
            }
            self.vcpupin.push(Pin { vcpu, cpuset });
        }
        Ok(())
    }

    /// Are periods and quotas what the kernel accepts?
    pub(crate) fn check(&self) -> Result<()> {
        let wrong = |name: &str, range: &str| {
            Err(Error::unsupported(format!("Value of cputune '{name}' must be in range {range}")))
        };
        for (period_name, quota_name, period, quota) in self.rates() {
            if period.is_some_and(|period| !(1_000..=1_000_000).contains(&period)) {
                return wrong(period_name, "[1000, 1000000]");
            }
            if quota.is_some_and(|quota| quota > 0 && !(1_000..=17_592_186_044_415).contains(&quota)) {
                return wrong(quota_name, "[1000, 17592186044415]");
            }
        }
        Ok(())
    }

    fn rates(&self) -> [(&'static str, &'static str, Option<u64>, Option<i64>); 4] {
        [
            ("period", "quota", self.period, self.quota),
            ("global_period", "global_quota", self.global_period, self.global_quota),
            ("emulator_period", "emulator_quota", self.emulator_period, self.emulator_quota),
            ("iothread_period", "iothread_quota", self.iothread_period, self.iothread_quota),
        ]
    }

    pub(crate) fn format(&self, out: &mut Element) {
        let mut e = Element::new("cputune");
        e.push_text_opt("shares", self.shares);
        for (period_name, quota_name, period, quota) in self.rates() {
            e.push_text_opt(period_name, period);
            e.push_text_opt(quota_name, quota);
        }
        for pin in &self.vcpupin {
            e.push(Element::new("vcpupin").with("vcpu", pin.vcpu).with("cpuset", &pin.cpuset));
        }
        e.extend(self.emulatorpin.as_ref().map(|set| Element::new("emulatorpin").with("cpuset", set)));
        e.extend(self.kept.iter().cloned());
        out.push_unless_bare(e);
    }
}

fn cpuset(e: &Element, name: &str) -> Result<CpuSet> {
    let text = e.attr("cpuset").ok_or_else(|| Error::internal(format!("missing cpuset for {name}")))?;
    let set = CpuSet::parse(text)?;
    if set.is_empty() {
        return Err(Error::unsupported(format!("Invalid value of 'cpuset': {text}")));
    }
    Ok(set)
}

fn parsed<T>(e: &Element, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
    let Some(text) = e.child_text(name) else { return Ok(None) };
    read(&text).map(Some).ok_or_else(|| Error::xml(format!("can't parse cputune {name} value")))
}

fn nonzero(e: &Element, name: &str) -> Result<Option<u64>> {
    Ok(parsed(e, name, number::unsigned)?.filter(|value| *value != 0))
}

fn quota(e: &Element, name: &str) -> Result<Option<i64>> {
    Ok(parsed(e, name, number::signed)?.filter(|value| *value != 0))
}
