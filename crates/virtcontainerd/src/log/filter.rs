//! Levels, and filters that say which level is enough in which part of the daemon.

use std::fmt;
use std::str::FromStr;

use conf::options::OptionValue;
use conf::settings::{Setting, SettingError, Value};
use rpc::matches_pattern;
use tracing::Level;
use tracing::metadata::LevelFilter;

/// How much a message matters; numbers are libvirt's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    Debug = 1,
    Info = 2,
    Warning = 3,
    Error = 4,
}

impl Priority {
    pub(crate) const fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Debug),
            2 => Some(Self::Info),
            3 => Some(Self::Warning),
            4 => Some(Self::Error),
            _ => None,
        }
    }

    pub(crate) fn of(level: Level) -> Self {
        match level {
            Level::ERROR => Self::Error,
            Level::WARN => Self::Warning,
            Level::INFO => Self::Info,
            _ => Self::Debug,
        }
    }

    /// What `tracing` has to make for messages of this priority and above.
    pub(super) const fn as_filter(self) -> LevelFilter {
        match self {
            // tracing's lower level is debug to libvirt as well.
            Self::Debug => LevelFilter::TRACE,
            Self::Info => LevelFilter::INFO,
            Self::Warning => LevelFilter::WARN,
            Self::Error => LevelFilter::ERROR,
        }
    }

    /// libvirt's word for it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The priority of syslog(3).
    pub(super) const fn as_syslog(self) -> u8 {
        match self {
            Self::Debug => 7,
            Self::Info => 6,
            Self::Warning => 4,
            Self::Error => 3,
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", *self as u32)
    }
}

/// `LEVEL:PART` separated by blanks; the first that matches counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filters(Vec<Filter>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Filter {
    priority: Priority,
    /// Begins and ends with `*`: a part of the name is enough.
    pattern: String,
}

impl Filters {
    /// Number of filters.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// What is enough for messages from a module; `None` is what holds in general.
    pub(super) fn priority(&self, target: &str) -> Option<Priority> {
        if self.0.is_empty() {
            return None;
        }
        let name = target.replace("::", ".");
        self.0.iter().find(|filter| matches_pattern(&filter.pattern, &name)).map(|filter| filter.priority)
    }

    pub(super) fn lowest(&self) -> Option<Priority> {
        self.0.iter().map(|filter| filter.priority).min()
    }
}

impl FromStr for Filters {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split_ascii_whitespace().map(Filter::from_str).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((priority, part)) = text.split_once(':') else {
            return Err(format!("Malformed format for filter '{text}'"));
        };
        let priority = priority.parse().ok().and_then(Priority::from_number);
        let priority = priority.ok_or_else(|| {
            format!("Invalid priority '{}' for filter '{text}'", text.split(':').next().unwrap_or_default())
        })?;
        if part.is_empty() {
            return Err("Invalid match string ''".to_owned());
        }
        let before = if part.starts_with('*') { "" } else { "*" };
        let after = if part.ends_with('*') { "" } else { "*" };
        Ok(Self { priority, pattern: format!("{before}{part}{after}") })
    }
}

impl fmt::Display for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, filter) in self.0.iter().enumerate() {
            let blank = if index > 0 { " " } else { "" };
            write!(f, "{blank}{}:{}", filter.priority, filter.pattern)?;
        }
        Ok(())
    }
}

impl OptionValue for Filters {
    const KIND: &'static str = "a string";

    fn from_setting(setting: &Setting) -> Result<Self, SettingError> {
        setting.text()?.parse().map_err(|reason: String| setting.error(&reason))
    }

    fn to_value(&self) -> Option<Value> {
        (!self.0.is_empty()).then(|| Value::Text(self.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_filter_that_matches_counts() {
        let filters: Filters = "4:rpc 1:lxc.start 2:lxc 1:?os*o".parse().unwrap();
        for (target, priority) in [
            ("rpc::server", Some(Priority::Error)),
            ("lxc::start", Some(Priority::Debug)),
            ("lxc::end", Some(Priority::Info)),
            ("virtcontainerd::rpc", Some(Priority::Error)),
            ("host::info", Some(Priority::Debug)),
            ("runtime", None),
        ] {
            assert_eq!(filters.priority(target), priority, "{target}");
        }
        assert_eq!(filters.lowest(), Some(Priority::Debug));
    }

    #[test]
    fn as_it_is_shown_it_can_be_set_again() {
        let filters: Filters = " 1:lxc  4:*rpc*".parse().unwrap();
        assert_eq!(filters.to_string(), "1:*lxc* 4:*rpc*");
        assert_eq!(filters.to_string().parse::<Filters>().unwrap(), filters);
        assert_eq!("".parse::<Filters>().unwrap().len(), 0);
    }

    #[test]
    fn mistakes_have_libvirts_words() {
        for (text, error) in [
            ("9:lxc", "Invalid priority '9' for filter '9:lxc'"),
            ("lxc", "Malformed format for filter 'lxc'"),
            ("1:lxc 3:", "Invalid match string ''"),
        ] {
            assert_eq!(text.parse::<Filters>().unwrap_err(), error);
        }
    }
}
