//! How the processes of a start tell the parent what went wrong: a pipe that is empty when all went well.

use std::fs::File;
use std::io::Read;
use std::os::fd::{BorrowedFd, OwnedFd};

use kernel::Errno;

use crate::control::Failure;
use crate::failure::{Result, failed, step};

/// Written right before the execution of init. The end of the pipe then means that it succeeded.
const READY: u8 = b'x';

/// What came through the pipe until its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Init was executed.
    Executed,
    /// A process reported this.
    Failed(Failure),
    /// The processes ended without a word.
    Silent,
}

/// Reports a failure. Errors are ignored: nobody is left to hear them.
pub(crate) fn report(pipe: BorrowedFd<'_>, failure: &Failure) {
    let text = serde_json::to_vec(failure).unwrap_or_default();
    // Shorter than PIPE_BUF unless a path is absurd, so two reports do not mix.
    let _ = rustix::io::write(pipe, &text);
}

/// Announces the execution of init.
pub(crate) fn ready(pipe: BorrowedFd<'_>) -> kernel::Result<()> {
    rustix::io::write(pipe, &[READY]).map(|_| ())
}

/// Reads until all writers are gone.
pub(crate) fn outcome(pipe: OwnedFd) -> Outcome {
    let mut text = Vec::new();
    if let Err(error) = File::from(pipe).read_to_end(&mut text) {
        return Outcome::Failed(failed(step::EXEC, "status", kernel::fd::errno(&error)));
    }
    let (ready, report) = match text.split_first() {
        Some((&READY, rest)) => (true, rest),
        _ => (false, text.as_slice()),
    };
    match serde_json::Deserializer::from_slice(report).into_iter::<Failure>().next() {
        Some(Ok(failure)) => Outcome::Failed(failure),
        None if ready => Outcome::Executed,
        Some(Err(_)) | None => Outcome::Silent,
    }
}

/// Wakes whoever waits at the other end of a pipe.
pub(crate) fn notify(pipe: BorrowedFd<'_>) -> kernel::Result<()> {
    rustix::io::write(pipe, &[READY]).map(|_| ())
}

/// Waits for a [`notify`]; false if the other end is gone without one.
pub(crate) fn wait(pipe: BorrowedFd<'_>) -> kernel::Result<bool> {
    let mut byte = [0];
    loop {
        match rustix::io::read(pipe, &mut byte) {
            Err(Errno::INTR) => {}
            other => return Ok(other? == 1),
        }
    }
}

/// Sends the result of a helper process. Errors are ignored: nobody is left to hear them.
pub(crate) fn answer(pipe: BorrowedFd<'_>, result: &Result<i32>) {
    let _ = rustix::io::write(pipe, &serde_json::to_vec(result).unwrap_or_default());
}

/// Receives an [`answer`]; `None` if the helper is gone without one.
pub(crate) fn answered(pipe: OwnedFd) -> Option<Result<i32>> {
    serde_json::from_reader(File::from(pipe)).ok()
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn outcomes() {
        let check = |write: &dyn Fn(BorrowedFd<'_>), expect| {
            let (reader, writer) = kernel::fd::pipe().unwrap();
            write(writer.as_fd());
            drop(writer);
            assert_eq!(outcome(reader), expect);
        };
        let one = failed("a", "b", Errno::PERM);
        let two = failed("c", "d", Errno::NOENT);
        check(&|_| {}, Outcome::Silent);
        check(&|pipe| ready(pipe).unwrap(), Outcome::Executed);
        check(&|pipe| report(pipe, &one), Outcome::Failed(one.clone()));
        check(
            &|pipe| {
                ready(pipe).unwrap();
                report(pipe, &one);
            },
            Outcome::Failed(one.clone()),
        );
        check(
            &|pipe| {
                report(pipe, &two);
                report(pipe, &one);
            },
            Outcome::Failed(two.clone()),
        );
        check(
            &|pipe| {
                rustix::io::write(pipe, b"{\"step").unwrap();
            },
            Outcome::Silent,
        );
    }

    #[test]
    fn notes() {
        let (reader, writer) = kernel::fd::pipe().unwrap();
        notify(writer.as_fd()).unwrap();
        assert!(wait(reader.as_fd()).unwrap());
        drop(writer);
        assert!(!wait(reader.as_fd()).unwrap());
        for result in [Ok(4711), Err(failed("a", "b", Errno::PERM))] {
            let (reader, writer) = kernel::fd::pipe().unwrap();
            answer(writer.as_fd(), &result);
            drop(writer);
            assert_eq!(answered(reader), Some(result));
        }
    }
}
