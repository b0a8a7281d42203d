//! Asking about the inside of a running container, see [`runtime::guest`].

use std::fs::File;
use std::io::Read;

use protocol::{Error, ErrorDomain, Result};
use runtime::control::{Failure, Request};
use runtime::guest::{Question, Reply};
use rustix::io::Errno;

use crate::define::blocking;
use crate::domain::Run;
use crate::error::{internal, text};

/// Longest answer, bytes.
const ANSWER_MAX: u64 = 16 << 20;

/// Has the monitor find out or do something inside.
pub(crate) async fn ask(run: &Run, question: Question) -> Result<Reply> {
    let request = Request::Guest { question: Box::new(question) };
    let (_, fds) = run.monitor.request(request).await.map_err(|failure| of_guest(&failure))?;
    let answer = fds.into_iter().next().ok_or_else(|| internal("the monitor sent no answer"))?;
    let outcome = blocking(move || {
        let mut text = Vec::new();
        let read = File::from(answer).take(ANSWER_MAX).read_to_end(&mut text);
        read.map_err(|error| internal(&format!("answer of the monitor: {error}")))?;
        serde_json::from_slice::<std::result::Result<Reply, Failure>>(&text)
            .map_err(|error| internal(&format!("answer of the monitor: {error}")))
    });
    outcome.await?.map_err(|failure| of_guest(&failure))
}

/// What could not be found out or done inside.
pub(crate) fn of_guest(failure: &Failure) -> Error {
    if failure.errno == Errno::OPNOTSUPP.raw_os_error() {
        return Error::operation_unsupported(ErrorDomain::LXC, &failure.what);
    }
    Error::operation_failed(ErrorDomain::LXC, &text(failure))
}

/// An answer of another kind than the question's.
pub(crate) fn unexpected(reply: &Reply) -> Error {
    internal(&format!("unexpected answer of the monitor: {reply:?}"))
}

/// Content of a file inside; `None` if it cannot be read, for whatever reason.
pub(crate) async fn file(run: &Run, path: &str, max: u64) -> Option<Vec<u8>> {
    match ask(run, Question::Read { path: path.to_owned(), max }).await {
        Ok(Reply::Content(content)) => Some(content),
        _ => None,
    }
}
