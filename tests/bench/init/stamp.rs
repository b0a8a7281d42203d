//! Init of the benchmark's containers: notes the time, then becomes the program given as arguments.
//!
//! Built by build.rs as a static program, so that nothing but the kernel's execve(2) precedes the note.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> ExitCode {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    let mut args = std::env::args_os().skip(1);
    let (Some(file), Some(program)) = (args.next(), args.next()) else { return ExitCode::from(2) };
    if std::fs::write(file, now.to_string()).is_err() {
        return ExitCode::from(3);
    }
    // Returns only when it fails.
    let _error = Command::new(program).args(args).exec();
    ExitCode::from(127)
}
