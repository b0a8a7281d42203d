//! `<clock>`.

/// Time of the container. Only the `present=` of timers has an effect (access to `/dev/rtc0`, `/dev/hpet`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// `offset=` and its companions.
    pub offset: ClockOffset,
    /// `<timer>`s.
    pub timers: Vec<Timer>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { offset: ClockOffset::Utc { adjustment: None }, timers: Vec::new() }
    }
}

/// `offset=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClockOffset {
    /// `utc`
    Utc {
        /// `adjustment=`
        adjustment: Option<String>,
    },
    /// `localtime`
    LocalTime {
        /// `adjustment=`
        adjustment: Option<String>,
    },
    /// `variable`
    Variable {
        /// Seconds.
        adjustment: i64,
        /// `basis=`: `utc` or `localtime`.
        basis: String,
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
    pub element: xml::Element,
}
