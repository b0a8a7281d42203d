//! The main loop: one container, its consoles and those who watch it.

use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use cgroup::{Group, OomWatch, Watch};
use kernel::namespace::{self, Kind};
use runtime::control::{Failure, Report, State};
use runtime::launch::{self, Container, Kept};
use runtime::plan::Plan;
use rustix::event::PollFlags;

use crate::connection::{ConnectionId, Connections};
use crate::console::{Console, Log};
use crate::event::Round;
use crate::exit::{Asked, Next};
use crate::files::Transient;
use crate::freeze::Freezing;
use crate::guest::Worker;
use crate::images::Images;
use crate::log;
use crate::monitor::{GroupGuard, Prepared, own_pid};
use crate::programs::Program;
use crate::signals::Signals;
use crate::stopping::Stopping;

/// Init while it has not been reaped.
#[derive(Debug)]
pub(crate) struct Init {
    pub(crate) pid: i32,
    pub(crate) pidfd: OwnedFd,
}

/// What the monitor is at.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Init runs.
    Running,
    /// Waiting until no process is left, for what comes next.
    Draining(Next),
    /// Nothing is left to do.
    Over,
}

/// Failures of poll(2) in a row after which it makes no sense to go on.
const POLL_FAILURES_MAX: u32 = 10;

/// A command that is answered later.
pub(crate) type Waiting = (ConnectionId, u64);

/// A running container.
#[derive(Debug)]
pub(crate) struct Supervisor {
    pub(crate) plan: Plan,
    signals: Signals,
    listener: OwnedFd,
    pub(crate) connections: Connections,
    pub(crate) consoles: Vec<Console>,
    pub(crate) group: GroupGuard,
    #[expect(dead_code, reason = "its loop devices live as long as it")]
    images: Images,
    pub(crate) names: Option<[Transient; 2]>,
    oom: Option<OomWatch>,
    oom_count: u64,
    pub(crate) init: Option<Init>,
    pub(crate) kept: Kept,
    pub(crate) state: State,
    pub(crate) phase: Phase,
    pub(crate) on_reboot: bool,
    pub(crate) asked: Asked,
    pub(crate) freezing: Option<Freezing>,
    pub(crate) stopping: Vec<Stopping>,
    pub(crate) programs: Vec<Program>,
    pub(crate) workers: Vec<Worker>,
    /// Directories of file systems that are frozen.
    pub(crate) frozen_filesystems: Vec<OwnedFd>,
    /// Who asked for a reset that is under way.
    pub(crate) resetters: Vec<Waiting>,
    /// A failure that repeats has been logged.
    pub(crate) complained: bool,
    /// Who asked to kill the container.
    pub(crate) killers: Vec<Waiting>,
    pub(crate) started_at: Instant,
    /// Restarts in a row that came soon after the start before.
    pub(crate) hasty: u32,
    /// Interfaces attached so far.
    pub(crate) attached: u64,
}

/// What can be ready.
#[derive(Debug, Clone, Copy)]
enum Token {
    Signal,
    Listener,
    Connection(ConnectionId),
    Init,
    Oom,
    /// The payload may be empty.
    Empty,
    Freezer,
    Program,
    Worker,
    Master(usize),
    Mirror(usize),
    Reader(usize),
}

impl Supervisor {
    /// Starts the container and tells the daemon. A failed start is undone; the connections come back to tell.
    pub(crate) fn start(
        prepared: Prepared,
        mut connections: Connections,
    ) -> Result<Self, (Failure, Connections)> {
        let Prepared { plan, signals, listener, mut group, images, names } = prepared;
        let mut consoles = match make_consoles(&plan) {
            Ok(consoles) => consoles,
            Err(failure) => {
                drop((group, images, names));
                return Err((failure, connections));
            }
        };
        let container = match launch::start(&plan, &group, None) {
            Ok(container) => container,
            Err(failure) => {
                drop(group);
                drop(names);
                return Err((failure, connections));
            }
        };
        let state = connect(&container, &mut consoles, &group);
        log::line(format_args!("info: started, init is {}", state.init_pid));
        if let Some(first) = connections.first() {
            connections.send(first, &Report::Started(state.clone()), Vec::new());
        }
        // Nobody waits for this.
        if let Err(error) = group.enter_monitor() {
            log::line(format_args!("warning: {error}"));
        }
        Ok(Self {
            oom: group.watch_oom().ok(),
            oom_count: 0,
            init: Some(Init { pid: container.init_pid, pidfd: container.init }),
            kept: container.kept,
            plan,
            signals,
            listener,
            connections,
            consoles: attach(consoles, container.consoles),
            group,
            images,
            names: Some(names),
            state,
            phase: Phase::Running,
            on_reboot: true,
            asked: Asked::default(),
            freezing: None,
            stopping: Vec::new(),
            programs: Vec::new(),
            workers: Vec::new(),
            frozen_filesystems: Vec::new(),
            resetters: Vec::new(),
            complained: false,
            killers: Vec::new(),
            started_at: Instant::now(),
            hasty: 0,
            attached: 0,
        })
    }

    /// Serves until the container has ended for good.
    ///
    /// When the kernel cannot even wait for events any more, this returns with the container running: the end of
    /// the process ends it, and the daemon cleans up.
    pub(crate) fn run(mut self) {
        let mut failures = 0;
        while failures < POLL_FAILURES_MAX {
            let watch = self.advance();
            if matches!(self.phase, Phase::Over) {
                return;
            }
            match self.round(watch.as_ref()) {
                Ok(ready) => {
                    failures = 0;
                    ready.into_iter().for_each(|(token, flags)| self.on_ready(token, flags));
                }
                Err(errno) => {
                    failures += 1;
                    log::line(format_args!("error: poll: {errno}"));
                }
            }
            self.continue_freezing();
            self.continue_stopping();
            self.continue_programs();
            self.continue_workers();
        }
    }

    /// Waits for whatever concerns the present state.
    fn round(&self, watch: Option<&Watch>) -> kernel::Result<Vec<(Token, PollFlags)>> {
        let mut round = Round::new();
        round.read(Token::Signal, &self.signals);
        round.read(Token::Listener, &self.listener);
        if let Some(init) = &self.init {
            round.read(Token::Init, &init.pidfd);
        }
        if let Some(oom) = &self.oom {
            round.on(Token::Oom, oom.as_fd(), oom.interest());
        }
        if let Some(watch) = watch {
            let fds = watch.poll_fds();
            if fds.is_empty() {
                round.within(Watch::MOMENT);
            }
            round.extend(Token::Empty, fds);
        }
        for program in &self.programs {
            program.wait_for(&mut round, Token::Program);
        }
        if let Some(freezing) = &self.freezing {
            freezing.wait_for(&mut round, Token::Freezer);
        }
        self.wait_for_workers(&mut round, Token::Worker);
        for pause in [self.pause(), self.stop_glance()].into_iter().flatten() {
            round.within(pause);
        }
        for (index, console) in self.consoles.iter().enumerate() {
            let interest = console.interest();
            if let Some(left) = console.waits() {
                round.within(left);
            }
            if let Some(master) = console.master() {
                round.on(Token::Master(index), master.as_fd(), interest.master);
            }
            if let Some(mirror) = console.mirror() {
                round.on(Token::Mirror(index), mirror.as_fd(), interest.mirror);
            }
            if let (Some(reader), Some(flags)) = (console.reader(), interest.reader) {
                round.on(Token::Reader(index), reader.as_fd(), flags);
            }
        }
        // Last, so that a stream closed before a command was sent is known to be closed.
        self.connections.wait_for(&mut round, Token::Connection);
        round.wait()
    }

    fn on_ready(&mut self, token: Token, flags: PollFlags) {
        match token {
            Token::Signal => {
                if self.signals.terminate() {
                    log::line("info: terminated by a signal");
                    self.kill();
                }
            }
            Token::Listener => self.connections.accept(&self.listener, own_pid(), Some(&self.state)),
            Token::Connection(id) => {
                if let Some((command, fds)) = self.connections.on_ready(id, flags) {
                    self.handle(id, command, fds);
                }
            }
            Token::Init => self.reap(),
            Token::Oom => self.on_out_of_memory(),
            // Looked at in every round.
            Token::Empty | Token::Freezer | Token::Program | Token::Worker => {}
            Token::Master(index) => self.consoles[index].on_master(flags),
            Token::Mirror(index) => self.consoles[index].on_mirror(flags),
            Token::Reader(index) => self.consoles[index].on_reader(flags),
        }
    }

    fn on_out_of_memory(&mut self) {
        let Some(Ok(count)) = self.oom.as_mut().map(OomWatch::count) else {
            self.oom = None;
            return;
        };
        if count > self.oom_count {
            self.oom_count = count;
            log::line(format_args!("warning: out of memory, {count} times so far"));
            self.connections.broadcast(&Report::OutOfMemory { count });
        }
    }

    /// Starts init again, in what is kept of the container.
    pub(crate) fn restart(&mut self) -> Result<(), Failure> {
        let container = launch::start(&self.plan, &self.group, Some(&self.kept))?;
        self.state = connect(&container, &mut self.consoles, &self.group);
        let consoles = std::mem::take(&mut self.consoles);
        self.consoles = attach(consoles, container.consoles);
        self.init = Some(Init { pid: container.init_pid, pidfd: container.init });
        self.kept = container.kept;
        self.asked = Asked::default();
        self.started_at = Instant::now();
        self.phase = Phase::Running;
        Ok(())
    }
}

/// Describes a container that has just started.
fn connect(container: &Container, consoles: &mut [Console], group: &Group) -> State {
    let pid = container.init_pid;
    let pidns = namespace::of_process(pid, container.init.as_fd(), Kind::Pid);
    State {
        init_pid: pid,
        // 0 if init has ended already, which is told next.
        init_pidns: pidns.and_then(|pidns| namespace::inode(pidns.as_fd())).unwrap_or(0),
        init_start_time: kernel::pidfd::start_time(pid).unwrap_or(0),
        consoles: consoles.iter().map(Console::path).collect(),
        interfaces: container.interfaces.clone(),
        cgroup: group.placement().clone(),
        frozen: false,
    }
}

/// The consoles, not connected yet, with their logs open.
fn make_consoles(plan: &Plan) -> Result<Vec<Console>, Failure> {
    let log = |index: u32| -> Result<Option<Log>, Failure> {
        let planned = usize::try_from(index).ok().and_then(|index| plan.console_logs.get(index));
        let Some(Some(planned)) = planned else { return Ok(None) };
        Log::open(planned).map(Some).map_err(|error| Failure {
            step: "console".to_owned(),
            what: planned.path.display().to_string(),
            errno: error.raw_os_error().unwrap_or(0),
        })
    };
    (0..plan.consoles).map(|index| log(index).map(Console::new)).collect()
}

/// Connects each console to its terminal.
fn attach(mut consoles: Vec<Console>, masters: Vec<OwnedFd>) -> Vec<Console> {
    consoles.iter_mut().zip(masters).for_each(|(console, master)| console.connect(master));
    consoles
}
