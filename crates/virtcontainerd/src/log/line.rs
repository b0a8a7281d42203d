//! One message of the log.

use std::fmt::{self, Write};

use runtime::escape::escaped;
use tracing::field::{Field, Visit};
use tracing::{Event, span};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

use super::filter::Priority;

/// A message as the outputs need it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) priority: Priority,
    /// Module that it comes from, as filters name it.
    pub(super) origin: String,
    pub(super) file: Option<&'static str>,
    pub(super) line: Option<u32>,
    /// What it says, without control characters.
    pub(super) text: String,
}

impl Line {
    pub(super) fn new(event: &Event<'_>, around: &str) -> Self {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let text = format!("{around}{}{}", fields.message, fields.rest);
        Self {
            priority: Priority::of(*metadata.level()),
            origin: metadata.target().replace("::", "."),
            file: metadata.file(),
            line: metadata.line(),
            text: escaped(text.as_bytes()).into_owned(),
        }
    }

    /// The line of a file, in libvirt's form: time, process, priority, origin and text.
    pub(super) fn stamped(&self) -> String {
        let mut line = String::new();
        // Only a clock before 1970 or beyond all years fails, which costs no more than the time.
        let _ = SystemTime.format_time(&mut Writer::new(&mut line));
        let pid = std::process::id();
        let number = self.line.unwrap_or(0);
        let (priority, origin, text) = (self.priority.as_str(), &self.origin, &self.text);
        let _ = writeln!(line, ": {pid}: {priority} : {origin}:{number} : {text}");
        line
    }
}

/// The name and fields of a span.
#[derive(Debug)]
pub(super) struct SpanText(String);

impl SpanText {
    pub(super) fn new(attributes: &span::Attributes<'_>) -> Self {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        Self(format!("{}{}: ", attributes.metadata().name(), fields.rest))
    }

    pub(super) fn record(&mut self, values: &span::Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        self.0.truncate(self.0.len() - 2);
        self.0.push_str(&fields.rest);
        self.0.push_str(": ");
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The message, and ` name=value` of everything else.
#[derive(Debug, Default)]
struct Fields {
    message: String,
    rest: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.rest, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message.push_str(value),
            _ => self.record_debug(field, &value),
        }
    }
}
