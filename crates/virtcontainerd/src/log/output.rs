//! Where the log goes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use conf::options::OptionValue;
use conf::settings::{Setting, SettingError, Value};

use super::filter::Priority;

/// `LEVEL:DESTINATION` separated by blanks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outputs(Vec<Output>);

/// One place, and what matters enough for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) priority: Priority,
    pub(crate) destination: Destination,
}

/// A place for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Standard error.
    Stderr,
    /// systemd's journal (systemd-journald.service(8)).
    Journald,
    /// syslog(3) under a name.
    Syslog(String),
    /// A file by its absolute path.
    File(PathBuf),
}

impl Outputs {
    /// A single output.
    pub(crate) fn only(priority: Priority, destination: Destination) -> Self {
        Self(vec![Output { priority, destination }])
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number of outputs.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Output> {
        self.0.iter()
    }
}

impl FromStr for Outputs {
    type Err = String;

    /// Of two outputs with one destination the last counts, as in libvirt.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut outputs: Vec<Output> = Vec::new();
        for text in text.split_ascii_whitespace() {
            let output: Output = text.parse()?;
            outputs.retain(|other| other.destination != output.destination);
            outputs.push(output);
        }
        Ok(Self(outputs))
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (priority, rest) =
            text.split_once(':').ok_or_else(|| format!("Malformed format for log output '{text}'"))?;
        let number = priority.parse().ok().and_then(Priority::from_number);
        let number =
            number.ok_or_else(|| format!("Invalid priority '{priority}' for log output '{text}'"))?;
        let (kind, data) = rest.split_once(':').map_or((rest, None), |(kind, data)| (kind, Some(data)));
        let destination = match (kind, data) {
            ("stderr", None) => Destination::Stderr,
            ("journald", None) => Destination::Journald,
            ("syslog", Some(name)) if !name.is_empty() => Destination::Syslog(name.to_owned()),
            ("file", Some(path)) if !path.is_empty() => Destination::File(absolute(path)?),
            ("stderr" | "journald" | "syslog" | "file", _) => {
                return Err(format!(
                    "Log output '{text}' does not meet the format requirements for destination type '{kind}'"
                ));
            }
            _ => return Err(format!("Invalid log destination '{kind}' for log output '{text}'")),
        };
        Ok(Self { priority: number, destination })
    }
}

/// Relative to the directory in which the daemon was started.
fn absolute(path: &str) -> Result<PathBuf, String> {
    std::path::absolute(Path::new(path)).map_err(|error| format!("'{path}': {error}"))
}

impl fmt::Display for Outputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, output) in self.0.iter().enumerate() {
            let blank = if index > 0 { " " } else { "" };
            write!(f, "{blank}{}:{}", output.priority, output.destination)?;
        }
        Ok(())
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stderr => f.write_str("stderr"),
            Self::Journald => f.write_str("journald"),
            Self::Syslog(name) => write!(f, "syslog:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl OptionValue for Outputs {
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
    fn outputs_of_every_kind() {
        let text = "1:file:/x/y:z 3:stderr 2:journald 4:syslog:virtcontainerd";
        let outputs: Outputs = text.parse().unwrap();
        assert_eq!((outputs.to_string().as_str(), outputs.len()), (text, 4));
        let twice: Outputs = "1:file:/a 4:stderr 2:stderr".parse().unwrap();
        assert_eq!(twice.to_string(), "1:file:/a 2:stderr");
        assert!("".parse::<Outputs>().unwrap().is_empty());
    }

    #[test]
    fn mistakes_have_libvirts_words() {
        let unfit = |text, kind| {
            format!("Log output '{text}' does not meet the format requirements for destination type '{kind}'")
        };
        for (text, error) in [
            ("1:nowhere", "Invalid log destination 'nowhere' for log output '1:nowhere'".to_owned()),
            ("1:syslog", unfit("1:syslog", "syslog")),
            ("1:file", unfit("1:file", "file")),
            ("1:stderr:x", unfit("1:stderr:x", "stderr")),
            ("0:stderr", "Invalid priority '0' for log output '0:stderr'".to_owned()),
            ("stderr", "Malformed format for log output 'stderr'".to_owned()),
        ] {
            assert_eq!(text.parse::<Outputs>().unwrap_err(), error);
        }
    }
}
