//! Questions that a process of its own answers, see [`runtime::guest`].

use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use kernel::clone::{self, Cloned, Options};
use kernel::pidfd::{self, Exit};
use kernel::{Errno, filesystem};
use runtime::control::{Answer, Failure};
use runtime::guest::{self, Inside, Question, Reply};
use rustix::fs::{MemfdFlags, Mode, OFlags};

use crate::event::Round;
use crate::log;
use crate::monitor::failure;
use crate::supervisor::{Supervisor, Waiting};

/// Most questions at the same time.
const WORKERS_MAX: usize = 8;

/// How long an answer may take: a file system can hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long discarding all unused blocks of a device may take.
const TRIM_PATIENCE: Duration = Duration::from_secs(3600);

/// A process that answers a question.
#[derive(Debug)]
pub(crate) struct Worker {
    who: Waiting,
    process: Cloned,
    /// Gets the answer, as JSON.
    answer: OwnedFd,
    deadline: Instant,
    freezes: bool,
}

/// What a worker writes.
type Outcome = Result<Reply, Failure>;

impl Supervisor {
    /// Has a question answered; `who` gets a descriptor of the answer.
    pub(crate) fn ask(&mut self, who: Waiting, question: &Question) {
        match self.start_worker(who, question) {
            Ok(worker) => self.workers.push(worker),
            Err(failure) => self.reply(who, Err(failure)),
        }
    }

    fn start_worker(&self, who: Waiting, question: &Question) -> Result<Worker, Failure> {
        let freezes = matches!(question, Question::Freeze { .. });
        if freezes && !self.frozen_filesystems.is_empty() {
            return Err(failure("file systems are frozen already", Errno::BUSY));
        }
        if self.workers.len() >= WORKERS_MAX {
            return Err(failure("too many questions at the same time", Errno::BUSY));
        }
        let init = self.init()?;
        let inside = Inside { init_pid: init.pid, init: init.pidfd.as_fd(), idmap: self.plan.idmap.as_ref() };
        let answer = rustix::fs::memfd_create("answer", MemfdFlags::CLOEXEC)
            .map_err(|errno| failure("answer", errno))?;
        let keep = [inside.init, answer.as_fd()];
        let process = clone::spawn(&Options { keep: Some(&keep), ..Options::default() }, || {
            work(inside, question, &answer)
        });
        let process = process.map_err(|errno| failure("cannot make a process", errno))?;
        let patience = if matches!(question, Question::Trim { .. }) { TRIM_PATIENCE } else { PATIENCE };
        Ok(Worker { who, process, answer, deadline: Instant::now() + patience, freezes })
    }

    /// Adds the workers to a round.
    pub(crate) fn wait_for_workers<'a, T: Copy>(&'a self, round: &mut Round<'a, T>, token: T) {
        for worker in &self.workers {
            round.read(token, &worker.process.pidfd);
            round.within(worker.deadline.saturating_duration_since(Instant::now()));
        }
    }

    /// Passes on what has been answered, and ends what takes too long.
    pub(crate) fn continue_workers(&mut self) {
        for worker in std::mem::take(&mut self.workers) {
            match pidfd::try_wait(worker.process.pidfd.as_fd()) {
                Ok(None) if Instant::now() < worker.deadline => self.workers.push(worker),
                Ok(None) => {
                    end(&worker);
                    self.reply(worker.who, Err(failure("no answer in time", Errno::TIMEDOUT)));
                }
                Ok(Some(Exit::Status(0))) => self.pass_on(worker),
                Ok(Some(exit)) => {
                    log::line(format_args!("error: a question ended with {exit:?}"));
                    self.reply(worker.who, Err(failure("the question could not be answered", Errno::IO)));
                }
                Err(errno) => self.reply(worker.who, Err(failure("question", errno))),
            }
        }
    }

    fn pass_on(&mut self, worker: Worker) {
        let mut answer = File::from(worker.answer);
        if worker.freezes {
            self.remember_frozen(&mut answer);
        }
        match answer.rewind() {
            Ok(()) => self.send_reply(worker.who, Ok(Answer::Done), vec![answer.into()]),
            Err(error) => self.reply(worker.who, Err(failure("answer", kernel::fd::errno(&error)))),
        }
    }

    /// Keeps the frozen file systems open: they must be thawed before the container can end.
    fn remember_frozen(&mut self, answer: &mut File) {
        let outcome: Option<Outcome> =
            answer.rewind().ok().and_then(|()| serde_json::from_reader(answer).ok());
        let Some(Ok(Reply::Mountpoints(places))) = outcome else { return };
        let open = |places: &[String]| -> Result<Vec<OwnedFd>, Failure> {
            let init = self.init()?;
            let root = format!("/proc/{}/root", init.pid);
            let root = rustix::fs::open(root.as_str(), OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
                .map_err(|errno| failure("root", errno))?;
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK;
            let open = |place: &String| kernel::path::open_in_root(root.as_fd(), Path::new(place), flags);
            places
                .iter()
                .map(open)
                .collect::<kernel::Result<_>>()
                .map_err(|errno| failure("mount point", errno))
        };
        match open(&places) {
            Ok(dirs) => self.frozen_filesystems = dirs,
            Err(failure) => log::line(format_args!("error: frozen, but cannot be thawed: {}", failure.what)),
        }
    }

    /// Thaws what was frozen; returns how many file systems.
    pub(crate) fn thaw_filesystems(&mut self) -> u32 {
        let mut count = 0;
        for dir in std::mem::take(&mut self.frozen_filesystems) {
            match filesystem::thaw(dir.as_fd()) {
                Ok(()) => count += 1,
                // Somebody else has thawed it.
                Err(Errno::INVAL) => {}
                Err(errno) => log::line(format_args!("error: thaw: {errno}")),
            }
        }
        count
    }

    /// The container is about to end: nobody waits for answers about it, and nothing of it stays frozen.
    pub(crate) fn end_workers(&mut self) {
        for worker in std::mem::take(&mut self.workers) {
            end(&worker);
            self.reply(worker.who, Err(failure("the container is ending", Errno::SRCH)));
        }
        self.thaw_filesystems();
    }
}

/// Runs in the new process; returns its exit status.
fn work(inside: Inside<'_>, question: &Question, answer: &OwnedFd) -> i32 {
    // When the monitor dies the container does, and there is nothing left to ask about.
    let _ = kernel::process::die_with_parent();
    let _ = kernel::process::set_dumpable(false);
    let outcome: Outcome = guest::answer(inside, question);
    let written = answer.try_clone().map(File::from).and_then(|mut file| {
        let text = serde_json::to_vec(&outcome)?;
        file.write_all(&text)
    });
    i32::from(written.is_err())
}

fn end(worker: &Worker) {
    let _ = pidfd::kill(worker.process.pidfd.as_fd());
    // One in an uninterruptible system call is not waited for: it is reaped with the monitor.
    let _ = pidfd::try_wait(worker.process.pidfd.as_fd());
}
