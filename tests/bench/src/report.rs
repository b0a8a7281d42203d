//! The table and the file of figures.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testkit::Subject;

use crate::bed::Bed;
use crate::options::Options;
use crate::sample::Samples;

/// What we want to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    /// For information.
    None,
    /// At most this part of the incumbent's figure.
    AtMostOf(f64),
    /// At least so many times the incumbent's figure.
    AtLeastTimes(f64),
    /// At most this, in the figure's unit.
    AtMost(f64),
}

/// One line of the table.
#[derive(Debug)]
struct Row {
    what: String,
    unit: &'static str,
    goal: Goal,
    ours: Option<Figure>,
    theirs: Option<Figure>,
}

#[derive(Debug, Clone, Copy)]
struct Figure {
    median: f64,
    min: f64,
    max: f64,
}

/// Everything measured in one run.
#[derive(Debug)]
pub(crate) struct Report {
    rows: Vec<Row>,
    floors: Vec<(String, f64)>,
    conditions: Value,
}

impl Report {
    pub(crate) fn new(options: &Options, beds: &[Bed]) -> Self {
        let kernel = rustix::system::uname().release().to_string_lossy().into_owned();
        let cpus = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        let programs: Vec<_> = beds.iter().map(|bed| bed.subject().daemon().display().to_string()).collect();
        let conditions = json!({
            "kernel": kernel,
            "cpus": cpus,
            "cgroup": if beds.iter().any(Bed::has_cgroup_v2) { "v2" } else { "v1" },
            "daemons": programs,
            "iterations": options.iterations,
            "seconds": options.time.as_secs_f64(),
        });
        Self { rows: Vec::new(), floors: Vec::new(), conditions }
    }

    /// Adds measurements, of which the median counts.
    pub(crate) fn samples(
        &mut self,
        what: &str,
        unit: &'static str,
        goal: Goal,
        subject: Subject,
        samples: &Samples,
    ) {
        let figure = Figure { median: samples.median(), min: samples.min(), max: samples.max() };
        self.set(what, unit, goal, subject, figure);
    }

    /// Adds a single figure.
    pub(crate) fn figure(
        &mut self,
        what: &str,
        unit: &'static str,
        goal: Goal,
        subject: Subject,
        value: f64,
    ) {
        self.set(what, unit, goal, subject, Figure { median: value, min: value, max: value });
    }

    /// Adds what nobody can be faster than on this machine, milliseconds.
    pub(crate) fn floor(&mut self, what: &str, median: f64) {
        self.floors.push((what.to_owned(), median));
    }

    fn set(&mut self, what: &str, unit: &'static str, goal: Goal, subject: Subject, figure: Figure) {
        let known = self.rows.iter().position(|row| row.what == what);
        let index = known.unwrap_or_else(|| {
            self.rows.push(Row { what: what.to_owned(), unit, goal, ours: None, theirs: None });
            self.rows.len() - 1
        });
        let row = &mut self.rows[index];
        match subject {
            Subject::Ours => row.ours = Some(figure),
            Subject::Theirs => row.theirs = Some(figure),
        }
    }

    /// Prints the table and writes the file.
    pub(crate) fn finish(&self, options: &Options) -> Result<()> {
        say(self.table().trim_end());
        let text = serde_json::to_string_pretty(&self.json())?;
        fs::write(&options.json, text + "\n").with_context(|| options.json.display().to_string())?;
        say(&format!("figures: {}", options.json.display()));
        Ok(())
    }

    fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.what.len()).max().unwrap_or(0);
        let mut table = format!(
            "{:width$}  {:>4} {:>10} {:>10} {:>7}  {:10} met\n",
            "median of", "", "ours", "theirs", "ratio", "goal"
        );
        for row in &self.rows {
            let median = |figure: Option<Figure>| figure.map_or_else(|| "-".to_owned(), |f| number(f.median));
            let ratio = row.ratio().map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.3}"));
            let _ = writeln!(
                table,
                "{:width$}  {:>4} {:>10} {:>10} {:>7}  {:10} {}",
                row.what,
                row.unit,
                median(row.ours),
                median(row.theirs),
                ratio,
                row.goal.text(),
                row.met().map_or("-", |met| if met { "yes" } else { "no" }),
            );
        }
        for (what, median) in &self.floors {
            let _ = writeln!(table, "floor, ms: {} ({what})", number(*median));
        }
        table
    }

    fn json(&self) -> Value {
        let figure = |figure: Option<Figure>| {
            figure.map(|f| json!({ "median": f.median, "min": f.min, "max": f.max }))
        };
        let rows = self.rows.iter().map(|row| {
            json!({
                "what": row.what,
                "unit": row.unit,
                "ours": figure(row.ours),
                "theirs": figure(row.theirs),
                "ratio": row.ratio(),
                "goal": row.goal.text(),
                "met": row.met(),
            })
        });
        let floors =
            self.floors.iter().map(|(what, median)| json!({ "what": what, "unit": "ms", "median": median }));
        json!({
            "conditions": self.conditions,
            "rows": rows.collect::<Vec<_>>(),
            "floor": floors.collect::<Vec<_>>(),
        })
    }
}

impl Row {
    /// Ours divided by theirs.
    fn ratio(&self) -> Option<f64> {
        let (ours, theirs) = (self.ours?.median, self.theirs?.median);
        (theirs > 0.0).then(|| ours / theirs)
    }

    fn met(&self) -> Option<bool> {
        match self.goal {
            Goal::None => None,
            Goal::AtMostOf(part) => Some(self.ratio()? <= part),
            Goal::AtLeastTimes(times) => Some(self.ratio()? >= times),
            Goal::AtMost(limit) => Some(self.ours?.median <= limit),
        }
    }
}

impl Goal {
    fn text(self) -> String {
        match self {
            Self::None => "-".to_owned(),
            Self::AtMostOf(part) => format!("<= 1/{:.0}", 1.0 / part),
            Self::AtLeastTimes(times) => format!(">= {times} x"),
            Self::AtMost(limit) => format!("<= {limit}"),
        }
    }
}

/// Three significant digits.
fn number(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// Prints a result.
pub(crate) fn say(text: &str) {
    // Nobody to tell when standard output is closed.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints what went wrong.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report { rows: Vec::new(), floors: Vec::new(), conditions: Value::Null };
        let mut figure =
            |what: &str, unit, goal, subject, value| report.figure(what, unit, goal, subject, value);
        figure("create", "ms", Goal::AtMostOf(0.25), Subject::Theirs, 60.0);
        figure("create", "ms", Goal::AtMostOf(0.25), Subject::Ours, 16.0);
        figure("calls", "1/s", Goal::AtLeastTimes(2.0), Subject::Ours, 10_000.0);
        figure("calls", "1/s", Goal::AtLeastTimes(2.0), Subject::Theirs, 4000.0);
        figure("PSS", "MiB", Goal::AtMost(6.0), Subject::Ours, 5.5);
        figure("later", "MiB", Goal::None, Subject::Theirs, 5.5);
        report
    }

    #[test]
    fn goals() {
        let met: Vec<_> = report().rows.iter().map(Row::met).collect();
        assert_eq!(met, [Some(false), Some(true), Some(true), None]);
        let row = Row { ours: None, ..report().rows.remove(0) };
        assert_eq!((row.ratio(), row.met()), (None, None));
    }

    #[test]
    fn table_and_file_say_the_same() {
        let report = report();
        let table = report.table();
        let lines: Vec<Vec<_>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["create", "ms", "16.0", "60.0", "0.267", "<=", "1/4", "no"]);
        assert_eq!(lines[3], ["PSS", "MiB", "5.50", "-", "-", "<=", "6", "yes"]);
        let json = report.json();
        assert_eq!(json["rows"][1]["met"], true);
        assert_eq!(json["rows"][1]["ours"]["median"], 10_000.0);
        assert_eq!(json["rows"][3]["ours"], Value::Null);
    }
}
