//! The command line.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::Subject;

pub(crate) const USAGE: &str = "\
usage: bench [--subjects ours,theirs] [--iterations N] [--seconds S] [--json FILE]
  --subjects    who is measured (or environment variable SUBJECTS); default both
  --iterations  starts of each kind and subject; default 25
  --seconds     time of each kind of call and subject; default 1
  --json        where the figures go; default bench.json in cargo's target directory
VIRTCONTAINERD_BIN_DIR is where our programs are; default cargo's debug directory.";

/// What to do.
#[derive(Debug)]
pub(crate) enum Mode {
    /// Measure.
    Run(Options),
    /// In a process of its own: start containers with system calls only.
    Floor {
        /// Root directory of the container.
        root: PathBuf,
        /// How often.
        starts: u32,
    },
    /// Say how to call this.
    Help,
}

/// What to measure.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) subjects: Vec<Subject>,
    /// Starts of each kind.
    pub(crate) iterations: u32,
    /// Time of each kind of call.
    pub(crate) time: Duration,
    /// Where the figures go.
    pub(crate) json: PathBuf,
}

impl Options {
    /// Reads the arguments that follow the program's name.
    pub(crate) fn from_args(mut args: impl Iterator<Item = String>) -> Result<Mode> {
        let mut options = Self {
            subjects: vec![Subject::Ours, Subject::Theirs],
            iterations: 25,
            time: Duration::from_secs(1),
            json: default_json()?,
        };
        if let Ok(list) = env::var("SUBJECTS") {
            options.subjects = subjects(&list)?;
        }
        while let Some(arg) = args.next() {
            let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--subjects" => options.subjects = subjects(&value()?)?,
                "--iterations" => options.iterations = value()?.parse().context("--iterations")?,
                "--seconds" => {
                    options.time = Duration::try_from_secs_f64(value()?.parse().context("--seconds")?)?;
                }
                "--json" => options.json = value()?.into(),
                "--help" | "-h" => return Ok(Mode::Help),
                "floor" => {
                    let root = value()?.into();
                    return Ok(Mode::Floor { root, starts: value()?.parse().context("floor")? });
                }
                _ => bail!("unknown argument `{arg}`\n{USAGE}"),
            }
        }
        if options.iterations == 0 || options.time.is_zero() {
            bail!("nothing to measure\n{USAGE}");
        }
        Ok(Mode::Run(options))
    }
}

fn subjects(list: &str) -> Result<Vec<Subject>> {
    let mut subjects = Vec::new();
    for word in list.split([',', ' ']).filter(|word| !word.is_empty()) {
        let subject = match word {
            "ours" => Subject::Ours,
            "theirs" => Subject::Theirs,
            _ => bail!("no subject `{word}`: they are `ours` and `theirs`"),
        };
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    if subjects.is_empty() {
        bail!("no subjects");
    }
    Ok(subjects)
}

/// This program is in a profile's directory of cargo's target directory.
fn default_json() -> Result<PathBuf> {
    let program = env::current_exe().context("path of this program")?;
    let target = program.ancestors().nth(2).context("cargo's target directory")?;
    Ok(target.join("bench.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Mode> {
        Options::from_args(args.iter().map(|arg| (*arg).to_owned()))
    }

    #[test]
    fn arguments() {
        let Mode::Run(options) =
            parse(&["--subjects", "theirs", "--iterations", "3", "--seconds", "0.5"]).unwrap()
        else {
            panic!("not a run");
        };
        assert_eq!(options.subjects, [Subject::Theirs]);
        assert_eq!((options.iterations, options.time), (3, Duration::from_millis(500)));
        for wrong in [
            &["--subjects", "mine"][..],
            &["--subjects", ""],
            &["--iterations", "0"],
            &["--iterations"],
            &["--seconds", "-1"],
            &["--what"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(matches!(parse(&["floor", "/x", "2"]).unwrap(), Mode::Floor { starts: 2, .. }));
    }
}
