//! What daemons ask for.

use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use kernel::Errno;
use kernel::namespace::{self, Kind};
use runtime::control::{Answer, Command, Failure, Report, Request};

use crate::connection::ConnectionId;
use crate::console::Console;
use crate::monitor::{cgroup_failure, failure};
use crate::supervisor::{Init, Phase, Supervisor, Waiting};

/// An answer with the descriptors that go with it.
type Outcome = Result<(Answer, Vec<OwnedFd>), Failure>;

impl Supervisor {
    /// Carries out one command and answers it, now or when it is done.
    pub(crate) fn handle(&mut self, from: ConnectionId, command: Command, fds: Vec<OwnedFd>) {
        let who = (from, command.id);
        let outcome = match command.request {
            Request::Kill => {
                self.killers.push(who);
                self.kill();
                return;
            }
            Request::Query => {
                self.look_whether_frozen();
                Ok((Answer::State(self.state.clone()), Vec::new()))
            }
            Request::SetOnReboot { restart } => {
                self.on_reboot = restart;
                done()
            }
            Request::OpenConsole { index, force } => self.open_console(index, force),
            Request::Screen { index } => self.screen(index),
            Request::ThawFilesystems => Ok((Answer::Count { count: self.thaw_filesystems() }, Vec::new())),
            // The rest needs an init.
            _ if !matches!(self.phase, Phase::Running) => {
                Err(failure("the container is ending", Errno::SRCH))
            }
            Request::Freeze => return self.freeze(who),
            Request::Thaw => self.thaw().map_err(|error| cgroup_failure(&error)).and_then(|()| done()),
            Request::Stop { action, initctl, signal } => return self.stop(who, action, initctl, signal),
            Request::Signal { signal } => self.signal(signal),
            Request::OpenNamespaces => self.open_namespaces(),
            Request::Run { program, timeout_ms } => {
                return self.run_program(who, &program, Duration::from_millis(timeout_ms), fds);
            }
            Request::Type { index, bytes } => self.type_in(index, &bytes),
            Request::Reset => return self.reset(who),
            Request::Guest { question } => return self.ask(who, &question),
            Request::Attach { device } => self.attach_device(&device).map(|answer| (answer, Vec::new())),
            Request::Detach { device } => self.detach_device(&device).map(|answer| (answer, Vec::new())),
            Request::Update { change } => self.update_device(&change).map(|answer| (answer, Vec::new())),
            Request::Interfaces => self.interfaces().map(|answer| (answer, Vec::new())),
            Request::SetLimits { limits } => {
                self.group.set_limits(&limits).map_err(|error| cgroup_failure(&error)).and_then(|()| done())
            }
        };
        match outcome {
            Ok((answer, fds)) => self.send_reply(who, Ok(answer), fds),
            Err(failure) => self.reply(who, Err(failure)),
        }
    }

    /// Answers a command without descriptors.
    pub(crate) fn reply(&mut self, who: Waiting, result: Result<Answer, Failure>) {
        self.send_reply(who, result, Vec::new());
    }

    pub(crate) fn send_reply(
        &mut self,
        (connection, id): Waiting,
        result: Result<Answer, Failure>,
        fds: Vec<OwnedFd>,
    ) {
        self.connections.send(connection, &Report::Reply { id, result }, fds);
    }

    pub(crate) fn init(&self) -> Result<&Init, Failure> {
        self.init.as_ref().ok_or_else(|| failure("init has ended", Errno::SRCH))
    }

    /// Others than us may have frozen or thawed it.
    fn look_whether_frozen(&mut self) {
        if let (None, Phase::Running, Ok(frozen)) = (&self.freezing, &self.phase, self.group.is_frozen()) {
            self.state.frozen = frozen;
        }
    }

    fn signal(&self, signal: i32) -> Outcome {
        kernel::pidfd::send_signal(self.init()?.pidfd.as_fd(), signal)
            .map_err(|errno| failure(&format!("signal {signal} to init"), errno))?;
        done()
    }

    fn open_console(&mut self, index: u32, force: bool) -> Outcome {
        let console = self.console(index)?;
        let stream = console.attach(force).map_err(|errno| failure(&format!("console {index}"), errno))?;
        Ok((Answer::Done, vec![stream]))
    }

    fn type_in(&mut self, index: u32, bytes: &[u8]) -> Outcome {
        self.console(index)?.type_also(bytes);
        done()
    }

    fn screen(&mut self, index: u32) -> Outcome {
        let shown = self.console(index)?.shown();
        let file = kernel::memfd::sealed("screen", &shown).map_err(|errno| failure("screen", errno))?;
        Ok((Answer::Done, vec![file]))
    }

    fn console(&mut self, index: u32) -> Result<&mut Console, Failure> {
        let console = usize::try_from(index).ok().and_then(|index| self.consoles.get_mut(index));
        console.ok_or_else(|| failure(&format!("console {index}"), Errno::NODEV))
    }

    fn open_namespaces(&self) -> Outcome {
        let init = self.init()?;
        let user = self.plan.idmap.as_ref().map(|_| Kind::User);
        let kinds = user.into_iter().chain([Kind::Ipc, Kind::Uts, Kind::Net, Kind::Pid, Kind::Mount]);
        let open = |kind: Kind| {
            namespace::of_process(init.pid, init.pidfd.as_fd(), kind)
                .map_err(|errno| failure(&format!("namespace {}", kind.name()), errno))
        };
        Ok((Answer::Done, kinds.map(open).collect::<Result<_, _>>()?))
    }
}

/// Nothing to say but that it is done.
const fn done() -> Outcome {
    Ok((Answer::Done, Vec::new()))
}
