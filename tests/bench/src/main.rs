//! Benchmarks: virtcontainerd and the incumbent in alternation, in one run.
//!
//! Each subject runs in a private host of its own; one C client library speaks to both, so its cost is the same.
//! Only figures of one run can be compared, and of those the ratios: machines differ and are noisy.

mod bed;
mod floor;
mod lifecycle;
mod memory;
mod network;
mod options;
mod report;
mod rpc;
mod sample;

use std::process::ExitCode;

use anyhow::Result;

use bed::Bed;
use options::{Mode, Options};
use report::Report;

fn main() -> ExitCode {
    let result = match Options::from_args(std::env::args().skip(1)) {
        Ok(Mode::Run(options)) => run(&options),
        Ok(Mode::Floor { root, starts }) => floor::measure(&root, starts),
        Ok(Mode::Help) => {
            report::say(options::USAGE);
            Ok(())
        }
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&format!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let beds = options.subjects.iter().map(|subject| Bed::start(*subject)).collect::<Result<Vec<_>>>()?;
    let mut report = Report::new(options, &beds);
    memory::idle(&beds, &mut report)?;
    floor::run(&beds, options, &mut report)?;
    lifecycle::run(&beds, options, &mut report)?;
    network::run(&beds, options, &mut report)?;
    rpc::run(&beds, options, &mut report)?;
    memory::busy(&beds, &mut report)?;
    report.finish(options)
}
