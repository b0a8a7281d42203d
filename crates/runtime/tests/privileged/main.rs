//! Tests that build real containers. They need root.
//!
//! Every test runs in a process of its own (starting a container needs a single-threaded one) with private mount,
//! network, IPC and UTS namespaces, so whatever a failed test leaves behind goes with it.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test program")]

use std::io::{Seek, SeekFrom};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;

use kernel::command::Command;
use kernel::pidfd;
use rustix::event::{PollFd, PollFlags, Timespec};

mod cgroups;
mod confinement;
mod failures;
mod filesystems;
mod images;
mod mounting;
mod network;
mod process;
mod support;

/// A test: its name and what it does in the private namespaces, with a directory of its own.
type Test = (&'static str, fn(&Path));

fn tests() -> Vec<Test> {
    [
        cgroups::TESTS,
        process::TESTS,
        filesystems::TESTS,
        images::TESTS,
        mounting::TESTS,
        confinement::TESTS,
        network::TESTS,
        failures::TESTS,
    ]
    .concat()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str| arguments.iter().any(|argument| argument == name);
    if let [inside, name, dir] = &arguments[..]
        && inside == "--inside"
    {
        let (_, body) = tests().into_iter().find(|(test, _)| test == name).expect("named by ourselves");
        support::isolate();
        body(Path::new(dir));
        return ExitCode::SUCCESS;
    }
    if flag("--list") {
        // None is ignored.
        if !flag("--ignored") {
            tests().iter().for_each(|(name, _)| println!("{name}: test"));
        }
        return ExitCode::SUCCESS;
    }
    let exact = flag("--exact");
    let filters: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| {
        let matches = |filter: &&String| if exact { *filter == name } else { name.contains(filter.as_str()) };
        filters.is_empty() || filters.iter().any(matches)
    };
    let chosen: Vec<Test> = tests().into_iter().filter(|(name, _)| wanted(name)).collect();
    let failed = chosen.iter().filter(|(name, _)| !run(name)).count();
    println!("test result: {} passed; {failed} failed", chosen.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one test in a process of its own; true if it passed.
fn run(name: &str) -> bool {
    let dir = tempfile::Builder::new().prefix("runtime-").tempdir().expect("temporary directory");
    // The container's root must get to its own tree.
    let path = dir.path().canonicalize().expect("temporary directory");
    let mut command = Command::new("/proc/self/exe");
    command.arg("--inside").arg(name).arg(&path).env("RUST_BACKTRACE", "1");
    let output = tempfile::tempfile().expect("temporary file");
    let copy = || output.try_clone().expect("descriptor");
    command.stdout(copy()).stderr(copy());
    let mut child = command.spawn().expect("test process");
    let pidfd = pidfd::open(i32::try_from(child.id()).expect("pid")).expect("pidfd");
    let limit = Timespec { tv_sec: 60, tv_nsec: 0 };
    let ended = rustix::event::poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&limit)).expect("poll");
    if ended == 0 {
        pidfd::kill(pidfd.as_fd()).expect("kill");
    }
    let status = child.wait().expect("wait");
    let passed = status.success();
    println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
    if !passed {
        let late = if ended == 0 { ", took too long" } else { "" };
        println!("---- {name}: {status}{late}");
        (&output).seek(SeekFrom::Start(0)).expect("seek");
        std::io::copy(&mut &output, &mut std::io::stdout()).expect("output");
    }
    passed
}
