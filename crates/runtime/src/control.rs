//! Messages between the daemon and a container's monitor.
//!
//! Transport: a `SOCK_SEQPACKET` unix socket, one JSON document a packet, descriptors by `SCM_RIGHTS` on the
//! packet that announces them. The daemon gets its first connection from the launcher at start; after a
//! restart it connects to [`Files::socket`](crate::plan::Files::socket). A monitor serves several connections.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::plan::{Bandwidth, Device};

use crate::plan::Init;

/// Largest packet either side sends, bytes. A plan travels in a memfd, so this is ample.
pub const PACKET_MAX: usize = 64 * 1024;

/// Version of the conversation, sent in [`Report::Hello`].
pub const CONTROL_VERSION: u32 = 1;

/// Daemon to launcher: start one monitor. Carries two descriptors: the plan (sealed memfd) and the monitor's
/// end of the first control connection (`SOCK_SEQPACKET`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// Echoed in [`Launched`].
    pub id: u64,
    /// Domain name, for the process title.
    pub name: String,
}

/// Launcher to daemon: the answer to a [`Launch`]; on success carries the monitor's pidfd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launched {
    /// As in the request.
    pub id: u64,
    /// Host pid of the monitor, or what failed.
    pub result: Result<i32, Failure>,
}

/// A failure with the step it happened in, fit for the user: "`{step}`: `{what}`: strerror".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The step, e.g. `mount`, `network`, `exec`.
    pub step: String,
    /// On what, e.g. a path, and why if there is no errno.
    pub what: String,
    /// errno, 0 if none.
    pub errno: i32,
}

/// Daemon to monitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Echoed in [`Report::Reply`]; chosen by the daemon, unique on the connection.
    pub id: u64,
    /// What to do.
    pub request: Request,
}

/// What a daemon asks of a monitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Request {
    /// State of the container: answered by [`Answer::State`].
    Query,
    /// Kill every process. The reply comes when the container is gone and everything it held is freed;
    /// [`Report::Ended`] precedes it.
    Kill,
    /// Freeze every process; the reply comes when all are frozen.
    Freeze,
    /// Thaw.
    Thaw,
    /// Ask init to power off or reboot; the reply comes when the request was delivered.
    Stop {
        /// Power off or reboot.
        action: StopAction,
        /// Allowed ways, tried in order: initctl first, then signal.
        initctl: bool,
        /// See `initctl`.
        signal: bool,
    },
    /// Send a signal to init by pidfd.
    Signal {
        /// Kernel signal number.
        signal: i32,
    },
    /// Attach to a console: answered by [`Answer::Done`] with one descriptor, a stream socket whose bytes are
    /// the console's. Output kept since the last reader comes first.
    OpenConsole {
        /// 0 is the first.
        index: u32,
        /// Disconnect whoever is attached.
        force: bool,
    },
    /// Type on a console, as somebody at its keyboard would.
    Type {
        /// 0 is the first.
        index: u32,
        /// Bytes that the terminal gets.
        bytes: Vec<u8>,
    },
    /// What a console has shown last: [`Answer::Done`] with one descriptor, a file with the last output.
    Screen {
        /// 0 is the first.
        index: u32,
    },
    /// End every process and start init again, as a reset button would; the reply comes when init runs again.
    Reset,
    /// Ask about the inside, or change something there: [`Answer::Done`] with one descriptor, a file that holds a
    /// `Result<guest::Reply, Failure>` as JSON.
    Guest {
        /// What.
        question: Box<crate::guest::Question>,
    },
    /// Thaw the file systems that [`Question::Freeze`](crate::guest::Question::Freeze) froze: [`Answer::Count`].
    ThawFilesystems,
    /// Namespace descriptors of init: [`Answer::Done`] with those of user (if it has its own), ipc, uts, net,
    /// pid, mnt in this order.
    OpenNamespaces,
    /// Run a program in the container, with everything that holds its init. Carries three descriptors, which become
    /// its standard input, output and error. Answered by [`Answer::Exited`] when it has ended, or by a failure if
    /// it could not be executed. It is killed when the time is over, when the connection that asked for it closes,
    /// and when the container ends.
    Run {
        /// What to run.
        program: Box<Init>,
        /// After so many milliseconds.
        timeout_ms: u64,
    },
    /// Change limits of the running container.
    SetLimits {
        /// Only the fields that are `Some` are changed.
        limits: Box<cgroup::Limits>,
    },
    /// Give the container one more device: answered by [`Answer::Attached`].
    Attach {
        /// The device.
        device: Box<Device>,
    },
    /// Take a device away, as it was attached; `host_name` is the host's end of an interface.
    Detach {
        /// The device.
        device: Box<Device>,
    },
    /// Change a device in use.
    Update {
        /// What about it.
        change: Box<Change>,
    },
    /// What the interfaces are like inside: answered by [`Answer::Interfaces`].
    Interfaces,
    /// What an init that asked for a reboot gets from now on: `<on_reboot>`.
    SetOnReboot {
        /// True: reboot in place. False: end.
        restart: bool,
    },
}

/// A change of a device in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// An interface gets a carrier or loses it.
    Carrier {
        /// The host's end.
        host_name: String,
        /// With a carrier from now on.
        on: bool,
    },
    /// An interface gets other limits.
    Bandwidth {
        /// The host's end.
        host_name: String,
        /// Those in force.
        old: Bandwidth,
        /// Those from now on.
        new: Bandwidth,
    },
}

/// Power off or reboot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopAction {
    /// Shut down.
    PowerOff,
    /// Reboot.
    Reboot,
}

/// Monitor to daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum Report {
    /// First packet on every connection.
    Hello {
        /// [`CONTROL_VERSION`].
        version: u32,
        /// Pid of the monitor, which is the domain id.
        monitor_pid: i32,
        /// State at this moment; absent while the first start is still under way.
        state: Option<State>,
    },
    /// Init runs (exec succeeded). Sent once on the connection that started it.
    Started(State),
    /// The start failed; everything made for it has been undone. The monitor exits.
    Failed(Failure),
    /// Init was restarted in place (reboot).
    Rebooted(State),
    /// Someone froze or thawed the container through us.
    Frozen {
        /// Frozen now.
        frozen: bool,
    },
    /// Processes were killed for lack of memory since the last report.
    OutOfMemory {
        /// Events since the start (memory cgroup's count).
        count: u64,
    },
    /// The container has ended and everything it held is freed. The monitor exits after this.
    Ended(Cause),
    /// Answer to a [`Command`].
    Reply {
        /// As in the command.
        id: u64,
        /// What came of it.
        result: Result<Answer, Failure>,
    },
}

/// Content of a [`Report::Reply`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Done.
    Done,
    /// To [`Request::Query`].
    State(State),
    /// To [`Request::Attach`].
    Attached {
        /// Name of the host's end of an interface; empty if it has none.
        host_name: String,
    },
    /// To [`Request::Interfaces`].
    Interfaces {
        /// All of them.
        list: Vec<InsideInterface>,
    },
    /// To [`Request::Run`]: one of the two.
    Exited {
        /// Exit status, if it exited.
        status: Option<i32>,
        /// Signal, if it was killed.
        signal: Option<i32>,
    },
    /// How many.
    Count {
        /// The number.
        count: u32,
    },
}

/// An interface as it is inside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsideInterface {
    /// Its name.
    pub name: String,
    /// Hardware address.
    pub mac: Option<[u8; 6]>,
    /// Addresses with the lengths of their prefixes.
    pub addresses: Vec<(IpAddr, u8)>,
}

/// A running container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Host pid of init.
    pub init_pid: i32,
    /// Inode of init's pid namespace.
    pub init_pidns: u64,
    /// Start time of init in clock ticks since boot (field 22 of /proc/PID/stat).
    pub init_start_time: u64,
    /// Host paths of the consoles' terminals, e.g. `/dev/pts/5` for a reader of the XML.
    pub consoles: Vec<String>,
    /// Names of the host ends of the interfaces, in the order of the plan.
    pub interfaces: Vec<String>,
    /// Where the container's cgroups are.
    pub cgroup: cgroup::Placement,
    /// All processes are frozen.
    pub frozen: bool,
}

/// Why a container ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// Init powered off, or exited with status 0.
    Shutdown,
    /// Init asked for a reboot and `on_reboot` says not to restart.
    Reboot,
    /// Init failed.
    Crashed {
        /// Exit status, if it exited.
        status: Option<i32>,
        /// Signal, if it was killed.
        signal: Option<i32>,
    },
    /// [`Request::Kill`].
    Killed,
    /// A reboot in place did not come up again.
    RebootFailed(Failure),
}

/// What the monitor leaves in [`Files::exit_record`](crate::plan::Files::exit_record) (JSON) before it exits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitRecord {
    /// Domain uuid.
    pub uuid: String,
    /// Pid of the monitor that wrote it.
    pub monitor_pid: i32,
    /// Why the container ended.
    pub cause: Cause,
}
