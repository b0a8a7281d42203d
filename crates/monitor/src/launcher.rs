//! The launcher: starts monitors for a daemon that must not fork, and outside of the daemon's sandbox.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::ExitCode;

use kernel::Errno;
use kernel::command::Command;
use kernel::fdpass::Received;
use runtime::control::{Failure, Launch, Launched, PACKET_MAX};
use rustix::event::PollFlags;

use crate::event::Round;

/// Descriptor of the daemon's socket.
const DAEMON: i32 = 3;

/// Descriptors of a monitor: plan and first control connection.
pub(crate) const PLAN: i32 = 3;
pub(crate) const CONTROL: i32 = 4;

/// Serves until the daemon closes its end. Monitors live on.
///
/// Monitors run from a sealed copy of this program in memory: they make processes in containers, whose
/// `/proc/PID/exe` is then nothing that could be written to, whoever root inside may be on the host.
pub(crate) fn run() -> ExitCode {
    let Ok(daemon) = kernel::fd::inherited(DAEMON) else { return ExitCode::from(2) };
    let program = kernel::memfd::sealed_program("libvirt_lxc", Path::new("/proc/self/exe"));
    // Whatever else the daemon may have left open stays out of the monitors.
    if kernel::fd::close_on_exec_from(3).is_err() || kernel::process::reset_signals().is_err() {
        return ExitCode::FAILURE;
    }
    match serve(&daemon, program.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// What can be ready.
#[derive(Debug, Clone, Copy)]
enum Token {
    Daemon,
    Monitor(usize),
}

fn serve(daemon: &OwnedFd, program: Result<&OwnedFd, &Errno>) -> kernel::Result<()> {
    // Monitors that have not been reaped.
    let mut monitors: Vec<OwnedFd> = Vec::new();
    loop {
        let mut round = Round::new();
        round.read(Token::Daemon, daemon);
        for (index, monitor) in monitors.iter().enumerate() {
            round.on(Token::Monitor(index), monitor.as_fd(), PollFlags::IN);
        }
        let mut ready = round.wait()?;
        // From the last on, so that removing one leaves the indices before it right.
        ready.reverse();
        for (token, _) in ready {
            match token {
                Token::Monitor(index) => reap(&mut monitors, index),
                Token::Daemon => {
                    let request = kernel::fdpass::recv(daemon.as_fd(), PACKET_MAX)?;
                    if request.data.is_empty() {
                        return Ok(());
                    }
                    monitors.extend(answer(daemon.as_fd(), request, program)?);
                }
            }
        }
    }
}

fn reap(monitors: &mut Vec<OwnedFd>, index: usize) {
    if !matches!(kernel::pidfd::try_wait(monitors[index].as_fd()), Ok(None)) {
        monitors.swap_remove(index);
    }
}

/// Carries out one request. Fails only when the daemon cannot be answered.
fn answer(
    daemon: BorrowedFd<'_>,
    request: Received,
    program: Result<&OwnedFd, &Errno>,
) -> kernel::Result<Option<OwnedFd>> {
    let failed = |what: &str, errno: Errno| Failure {
        step: "launcher".into(),
        what: what.into(),
        errno: errno.raw_os_error(),
    };
    let Ok(launch) = serde_json::from_slice::<Launch>(&request.data) else {
        // Without an id there is nothing to answer to: the two do not speak the same language.
        return Err(Errno::PROTO);
    };
    let started = match <[OwnedFd; 2]>::try_from(request.fds) {
        Ok([plan, control]) => program
            .map_err(|errno| failed("cannot keep the program in memory (vm.memfd_noexec?)", *errno))
            .and_then(|program| {
                spawn(program, &launch.name, plan, control).map_err(|errno| failed("cannot start", errno))
            }),
        Err(_) => Err(failed("two descriptors expected", Errno::INVAL)),
    };
    let (result, monitor) = match started {
        Ok((pid, pidfd)) => (Ok(pid), Some(pidfd)),
        Err(failure) => (Err(failure), None),
    };
    let packet = serde_json::to_vec(&Launched { id: launch.id, result }).map_err(|_| Errno::PROTO)?;
    let fds: Vec<_> = monitor.iter().map(AsFd::as_fd).collect();
    kernel::fdpass::send(daemon, &packet, &fds)?;
    Ok(monitor)
}

/// Starts a monitor: this program, under the name that libvirt's tools look for.
fn spawn(program: &OwnedFd, name: &str, plan: OwnedFd, control: OwnedFd) -> kernel::Result<(i32, OwnedFd)> {
    // Its number is above those that the monitor gets.
    let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
    command.arg0("libvirt_lxc").args(["--name", name]).fd(plan, PLAN).fd(control, CONTROL);
    let child = command.spawn().map_err(|error| kernel::fd::errno(&error))?;
    let pid = i32::try_from(child.id()).map_err(|_| Errno::OVERFLOW)?;
    // It is not reaped before, so the pid is its own.
    Ok((pid, kernel::pidfd::open(pid)?))
}
