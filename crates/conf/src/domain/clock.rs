//! `<clock>`.

use xml::Element;

use crate::props::Props;
use crate::shape::{Attr, Kind, Shape};
use crate::{Error, Result, number};

/// Time of the container. Only the `present=` of timers has an effect (access to `/dev/rtc0`, `/dev/hpet`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// `offset=` and its companions; no effect.
    pub offset: ClockOffset,
    /// `<timer>`s.
    pub timers: Vec<Timer>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { offset: ClockOffset::Utc { reset: false }, timers: Vec::new() }
    }
}

/// `offset=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClockOffset {
    /// `utc`
    Utc {
        /// `adjustment='reset'`
        reset: bool,
    },
    /// `localtime`
    LocalTime {
        /// `adjustment='reset'`
        reset: bool,
    },
    /// `variable`
    Variable {
        /// Seconds.
        adjustment: i64,
        /// `basis='localtime'` instead of `utc`.
        local: bool,
    },
    /// `timezone`
    Timezone {
        /// `timezone=`
        timezone: String,
    },
    /// `absolute`
    Absolute {
        /// `start=`, seconds of the epoch.
        start: u64,
    },
}

/// `<timer name= present= ..>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// `name=`: `platform pit rtc hpet tsc kvmclock hypervclock armvtimer`.
    pub name: String,
    /// `present=`
    pub present: Option<bool>,
    /// The whole element, as printed.
    pub(crate) element: Element,
}

const NAMES: &[&str] = &["platform", "pit", "rtc", "hpet", "tsc", "kvmclock", "hypervclock", "armvtimer"];

const TIMER: Shape = Shape::new(
    "timer",
    &[
        Attr("name", Kind::Word(NAMES)),
        Attr("present", Kind::YesNo),
        Attr("tickpolicy", Kind::Word(&["delay", "catchup", "merge", "discard"])),
        Attr("track", Kind::Word(&["boot", "guest", "wall", "realtime"])),
        Attr("frequency", Kind::Text),
        Attr("mode", Kind::Word(&["auto", "native", "emulate", "paravirt", "smpsafe"])),
    ],
    &[&Shape::new(
        "catchup",
        &[Attr("threshold", Kind::Text), Attr("slew", Kind::Text), Attr("limit", Kind::Text)],
        &[],
    )],
);

impl Clock {
    pub(crate) fn parse(domain: &Element) -> Result<Self> {
        let Some(e) = domain.child("clock") else { return Ok(Self::default()) };
        let offset = ClockOffset::parse(e)?;
        let timers = e.all("timer").map(Timer::parse).collect::<Result<_>>()?;
        Ok(Self { offset, timers })
    }

    /// Do the timers have only what their kind has?
    pub(crate) fn check(&self) -> Result<()> {
        for timer in self.timers.iter().filter(|timer| timer.name != "tsc") {
            for what in ["frequency", "mode"] {
                if timer.element.attr(what).is_some() {
                    let text = format!("timer {} doesn't support setting of timer {what}", timer.name);
                    return Err(Error::unsupported(text));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn format(&self) -> Element {
        let mut e = self.offset.format();
        e.extend(self.timers.iter().map(|timer| timer.element.clone()));
        e
    }
}

impl ClockOffset {
    fn parse(e: &Element) -> Result<Self> {
        match e.attr("offset").unwrap_or("") {
            "" | "utc" => Self::parse_fixed(e, false),
            "localtime" => Self::parse_fixed(e, true),
            "variable" => {
                let adjustment = e.attr("adjustment").and_then(number::signed).unwrap_or(0);
                let local = match e.attr("basis") {
                    None | Some("utc") => false,
                    Some("localtime") => true,
                    Some(basis) => return Err(Error::unsupported(format!("unknown clock basis '{basis}'"))),
                };
                Ok(Self::Variable { adjustment, local })
            }
            "timezone" => {
                let missing =
                    || Error::internal("missing 'timezone' attribute for clock with offset='timezone'");
                Ok(Self::Timezone { timezone: e.filled("timezone").ok_or_else(missing)? })
            }
            "absolute" => {
                let missing =
                    || Error::internal("missing 'start' attribute for clock with offset='absolute'");
                Ok(Self::Absolute { start: e.attr("start").and_then(number::unsigned).ok_or_else(missing)? })
            }
            offset => Err(Error::unsupported(format!("unknown clock offset '{offset}'"))),
        }
    }

    /// An adjustment in seconds makes it a variable offset.
    fn parse_fixed(e: &Element, local: bool) -> Result<Self> {
        let reset = match e.attr("adjustment") {
            None => false,
            Some("reset") => true,
            Some(text) => {
                let wrong = || Error::xml(format!("unknown clock adjustment '{text}'"));
                return Ok(Self::Variable { adjustment: number::signed(text).ok_or_else(wrong)?, local });
            }
        };
        Ok(if local { Self::LocalTime { reset } } else { Self::Utc { reset } })
    }

    fn format(&self) -> Element {
        let e = Element::new("clock");
        let reset_word = |reset: bool| reset.then_some("reset");
        match self {
            Self::Utc { reset } => e.with("offset", "utc").with_opt("adjustment", reset_word(*reset)),
            Self::LocalTime { reset } => {
                e.with("offset", "localtime").with_opt("adjustment", reset_word(*reset))
            }
            Self::Variable { adjustment, local } => e
                .with("offset", "variable")
                .with("adjustment", adjustment)
                .with("basis", if *local { "localtime" } else { "utc" }),
            Self::Timezone { timezone } => e.with("offset", "timezone").with("timezone", timezone),
            Self::Absolute { start } => e.with("offset", "absolute").with("start", start),
        }
    }
}

impl Timer {
    fn parse(e: &Element) -> Result<Self> {
        let name = e.required("name")?.to_owned();
        let element = TIMER.keep(e)?;
        Ok(Self { present: e.yes_no("present")?, name, element })
    }
}
