//! The two processes of a start: how they are born and undone.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use kernel::clone::{self, Cloned, Options};
use kernel::namespace::{self, Kind, Kinds};
use kernel::pidfd::{self, Exit};

use crate::builder::Builder;
use crate::child::Child;
use crate::control::Failure;
use crate::dev::Consoles;
use crate::failure::{During, Result, failure, step};
use crate::launch::Kept;
use crate::mounter::Mounter;
use crate::plan::{Namespace, Plan};
use crate::source::Sources;
use crate::status::{self, Outcome};
use crate::userns::{self, Owner};

/// What the processes are made from.
#[derive(Debug)]
pub(crate) struct Spawn<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) group: &'a cgroup::Group,
    pub(crate) owner: Owner,
    pub(crate) consoles: &'a Consoles,
    /// The tmpfs that becomes `/dev`.
    pub(crate) dev: BorrowedFd<'a>,
    pub(crate) kept: Option<&'a Kept>,
}

/// The parent's ends.
#[derive(Debug)]
pub(crate) struct Parent {
    /// For [`status::outcome`].
    pub(crate) status: OwnedFd,
    /// To be notified when the parent has done its part.
    pub(crate) go: OwnedFd,
    /// Readable when init is in its network namespace.
    pub(crate) in_net: OwnedFd,
}

impl Parent {
    /// The report of another process if it failed before the parent did, perhaps because of it.
    pub(crate) fn first_cause(self, later: Failure) -> Failure {
        drop(self.go);
        match status::outcome(self.status) {
            Outcome::Failed(failure) => failure,
            Outcome::Executed | Outcome::Silent => later,
        }
    }
}

/// Init, the builder and the mounter. Dropping it kills and reaps them.
#[derive(Debug)]
pub(crate) struct Processes {
    init: Option<Cloned>,
    builder: Option<Cloned>,
    mounter: Option<Cloned>,
    userns: Option<OwnedFd>,
}

/// A namespace this process left, and how to get back.
#[derive(Debug, Default)]
struct Home(Vec<(Kind, OwnedFd)>);

impl Home {
    /// Leaves the own mount namespace for a copy, enters the namespaces the container shares with others, and lets
    /// children be born into a time namespace of their own.
    fn leave(plan: &Plan) -> Result<Self> {
        let mut home = Self::default();
        let left = home.leave_for(plan);
        match left {
            Ok(()) => Ok(home),
            Err(failure) => home.back().and(Err(failure)),
        }
    }

    fn leave_for(&mut self, plan: &Plan) -> Result<()> {
        // The uptime of a machine begins with its boot.
        let clocks = kernel::timens::restart_clocks_of_children().during(step::NAMESPACE, "time")?;
        self.0.extend(clocks.map(|own| (Kind::Time, own)));
        self.remember(Kind::Mount)?;
        namespace::unshare(Kind::Mount.into()).during(step::NAMESPACE, "mnt")?;
        for (kind, shared) in [(Kind::Net, &plan.network), (Kind::Ipc, &plan.ipc), (Kind::Uts, &plan.uts)] {
            if let Some(other) = open_shared(kind, shared)? {
                self.remember(kind)?;
                namespace::enter(other.as_fd(), kind).during(step::NAMESPACE, kind.name())?;
            }
        }
        Ok(())
    }

    fn remember(&mut self, kind: Kind) -> Result<()> {
        self.0.push((kind, namespace::own(kind).during(step::NAMESPACE, kind.name())?));
        Ok(())
    }

    /// Returns to every namespace that was left.
    fn back(self) -> Result<()> {
        let mut outcome = Ok(());
        for (kind, namespace) in self.0 {
            let back = namespace::enter(namespace.as_fd(), kind)
                .during(step::NAMESPACE, format_args!("return to the host's {}", kind.name()));
            outcome = outcome.and(back);
        }
        outcome
    }
}

/// The namespace of another process or at a path that the container shares.
fn open_shared(kind: Kind, shared: &Namespace) -> Result<Option<OwnedFd>> {
    match shared {
        Namespace::Private | Namespace::Host => Ok(None),
        Namespace::OfProcess { pid } => {
            let what = format_args!("{} of process {pid}", kind.name()).to_string();
            let pidfd = pidfd::open(*pid).during(step::NAMESPACE, &what)?;
            namespace::of_process(*pid, pidfd.as_fd(), kind).during(step::NAMESPACE, what).map(Some)
        }
        Namespace::AtPath { path } => {
            namespace::at_path(path, kind).during(step::NAMESPACE, path.display()).map(Some)
        }
    }
}

/// All pipes of a start.
struct Pipes {
    status: (OwnedFd, OwnedFd),
    go: (OwnedFd, OwnedFd),
    in_net: (OwnedFd, OwnedFd),
    in_cgroup: (OwnedFd, OwnedFd),
    mounted: (OwnedFd, OwnedFd),
    /// The mounter's end and init's, if there is something to mount.
    mounter: Option<(OwnedFd, OwnedFd)>,
}

impl Pipes {
    fn open(has_filesystems: bool) -> Result<Self> {
        let pipe = || kernel::fd::pipe().during(step::NAMESPACE, "pipe");
        let mounter = has_filesystems.then(kernel::fdpass::seqpacket_pair).transpose();
        let mounter = mounter.during(step::NAMESPACE, "socket pair")?;
        let (status, go, in_net, in_cgroup, mounted) = (pipe()?, pipe()?, pipe()?, pipe()?, pipe()?);
        Ok(Self { status, go, in_net, in_cgroup, mounted, mounter })
    }
}

impl Spawn<'_> {
    /// Makes the processes. They run until they need the parent's part.
    pub(crate) fn run(&self) -> Result<(Processes, Parent)> {
        let pipes = Pipes::open(!self.plan.filesystems.is_empty())?;
        let home = Home::leave(self.plan)?;
        let spawned = self.spawn_both(&pipes);
        home.back()?;
        let spawned = spawned.and_then(|processes| self.spawn_mounter(processes, &pipes));
        let parent = Parent { status: pipes.status.0, go: pipes.go.1, in_net: pipes.in_net.0 };
        // The other ends are the processes' alone from now on.
        drop((pipes.status.1, pipes.go.0, pipes.in_net.1, pipes.in_cgroup, pipes.mounted, pipes.mounter));
        match spawned {
            Ok(processes) => Ok((processes, parent)),
            Err(failure) => Err(parent.first_cause(failure)),
        }
    }

    fn spawn_both(&self, pipes: &Pipes) -> Result<Processes> {
        let init = match self.kept {
            Some(kept) => self.spawn_init_in(kept, pipes)?,
            None => self
                .spawn_init(self.kinds(), self.group.payload_fd(), false, pipes)
                .during(step::NAMESPACE, "cannot make the container's namespaces")?,
        };
        let mut processes = Processes { init: Some(init), builder: None, mounter: None, userns: None };
        processes.userns = self.map_ids(&processes)?;
        let (builder, back) = self.spawn_builder(&processes, pipes)?;
        // Kept before anything else can fail, so that it is undone with the others.
        processes.builder = Some(builder.during(step::NAMESPACE, "cannot make a process")?);
        back.during(step::NAMESPACE, "return to the host's pid")?;
        Ok(processes)
    }

    /// Makes the process that mounts the file systems of the plan, if there are any.
    fn spawn_mounter(&self, mut processes: Processes, pipes: &Pipes) -> Result<Processes> {
        let Some((socket, _)) = &pipes.mounter else { return Ok(processes) };
        let mounter = Mounter {
            filesystems: &self.plan.filesystems,
            sources: Sources {
                idmap: self.plan.idmap.as_ref(),
                owner: self.owner,
                userns: processes.userns(),
            },
            dev: self.dev,
        };
        let status = &pipes.status.1;
        let keep: Vec<_> = mounter.keep().into_iter().chain([socket.as_fd(), status.as_fd()]).collect();
        let spawned = clone::spawn(&Options { keep: Some(&keep), ..Options::default() }, || {
            mounter.serve(socket.as_fd(), status.as_fd())
        });
        processes.mounter = Some(spawned.during(step::NAMESPACE, "cannot make a process")?);
        Ok(processes)
    }

    /// Namespaces init is born into. It makes that of the network by itself, because that takes as long as all
    /// others and the builder can work meanwhile; that of the control groups when it is in its group; and that
    /// of the mounts when they are there.
    fn kinds(&self) -> Kinds {
        let mut kinds = Kinds::from(Kind::Pid);
        let private = [
            (Kind::Ipc, self.plan.ipc == Namespace::Private),
            (Kind::Uts, self.plan.uts == Namespace::Private),
            (Kind::User, self.plan.idmap.is_some()),
        ];
        for (kind, wanted) in private {
            if wanted {
                kinds = kinds.with(kind);
            }
        }
        kinds
    }

    fn spawn_init(
        &self,
        namespaces: Kinds,
        cgroup: Option<BorrowedFd<'_>>,
        sibling: bool,
        pipes: &Pipes,
    ) -> kernel::Result<Cloned> {
        let console = match self.consoles.first() {
            Some(terminal) => rustix::fs::fstat(terminal)?.st_rdev,
            None => 0,
        };
        let child = Child {
            plan: self.plan,
            group: self.group,
            network_kept: self.kept.is_some_and(|kept| kept.net.is_some()),
            console,
            status: &pipes.status.1,
            in_net: &pipes.in_net.1,
            in_cgroup: &pipes.in_cgroup.1,
            mounted: &pipes.mounted.0,
            go: &pipes.go.0,
            mounter: pipes.mounter.as_ref().map(|(_, end)| end),
        };
        let keep = child.keep();
        let options = Options { namespaces, cgroup, sibling, keep: Some(&keep) };
        clone::spawn(&options, || child.run())
    }

    /// Makes init in the namespaces of an earlier run. There is no way back out of a user namespace, so another
    /// process enters them and makes init as its sibling.
    fn spawn_init_in(&self, kept: &Kept, pipes: &Pipes) -> Result<Cloned> {
        let (reader, writer) = kernel::fd::pipe().during(step::NAMESPACE, "pipe")?;
        let options = Options { cgroup: self.group.payload_fd(), ..Options::default() };
        let helper = clone::spawn(&options, || {
            let init = self.enter_and_spawn(kept, pipes).map(|init| init.pid);
            status::answer(writer.as_fd(), &init);
            0
        })
        .during(step::NAMESPACE, "cannot make a process")?;
        drop(writer);
        let answer = status::answered(reader);
        pidfd::wait(helper.pidfd.as_fd()).during(step::NAMESPACE, "helper process")?;
        let silent = || failure(step::NAMESPACE, "cannot enter the namespaces of the earlier run");
        let pid = answer.unwrap_or_else(|| Err(silent()))?;
        // Our child, and not reaped: the pid is still its own.
        let pidfd = pidfd::open(pid).during(step::NAMESPACE, "init")?;
        Ok(Cloned { pid, pidfd })
    }

    fn enter_and_spawn(&self, kept: &Kept, pipes: &Pipes) -> Result<Cloned> {
        let mut kinds = self.kinds();
        for (kind, namespace) in [(Kind::User, &kept.user), (Kind::Net, &kept.net)] {
            if let Some(namespace) = namespace {
                namespace::enter(namespace.as_fd(), kind).during(step::NAMESPACE, kind.name())?;
                kinds = kinds.without(kind);
            }
        }
        self.spawn_init(kinds, None, true, pipes)
            .during(step::NAMESPACE, "cannot make the container's namespaces")
    }

    /// Gives init's user namespace its map; returns the namespace.
    fn map_ids(&self, processes: &Processes) -> Result<Option<OwnedFd>> {
        let Some(map) = &self.plan.idmap else { return Ok(None) };
        if self.kept.is_none_or(|kept| kept.user.is_none()) {
            userns::write_maps(processes.init_pid(), map)?;
        }
        namespace::of_process(processes.init_pid(), processes.init(), Kind::User)
            .during(step::NAMESPACE, "user")
            .map(Some)
    }

    /// Makes the builder as the second process of the container's pid namespace. Returns it, and whether the
    /// caller's later children will be in the host's pid namespace again.
    fn spawn_builder(
        &self,
        processes: &Processes,
        pipes: &Pipes,
    ) -> Result<(kernel::Result<Cloned>, kernel::Result<()>)> {
        let builder = Builder {
            plan: self.plan,
            group: self.group,
            owner: self.owner,
            consoles: self.consoles,
            dev: self.dev,
            init: processes.init(),
            userns: processes.userns(),
            status: &pipes.status.1,
            in_cgroup: &pipes.in_cgroup.0,
            mounted: &pipes.mounted.1,
        };
        let keep = builder.keep();
        let own = namespace::own(Kind::Pid).during(step::NAMESPACE, "pid")?;
        namespace::enter_of(processes.init(), Kind::Pid.into()).during(step::NAMESPACE, "pid")?;
        let spawned = clone::spawn(&Options { keep: Some(&keep), ..Options::default() }, || builder.run());
        Ok((spawned, namespace::enter(own.as_fd(), Kind::Pid)))
    }
}

impl Processes {
    /// Host pid of init.
    pub(crate) fn init_pid(&self) -> i32 {
        self.init.as_ref().map_or(0, |init| init.pid)
    }

    /// Pidfd of init.
    pub(crate) fn init(&self) -> BorrowedFd<'_> {
        self.init.as_ref().expect("it is there until commit or drop").pidfd.as_fd()
    }

    /// The container's user namespace.
    pub(crate) fn userns(&self) -> Option<BorrowedFd<'_>> {
        self.userns.as_ref().map(AsFd::as_fd)
    }

    /// Reaps the builder and the mounter, which have ended, and hands over init and its user namespace.
    pub(crate) fn commit(mut self) -> Result<(Cloned, Option<OwnedFd>)> {
        for process in self.builder.take().into_iter().chain(self.mounter.take()) {
            pidfd::wait(process.pidfd.as_fd()).during(step::NAMESPACE, "builder")?;
        }
        let init = self.init.take().expect("it is there until commit or drop");
        Ok((init, self.userns.take()))
    }

    /// Why init ended without a report.
    pub(crate) fn died(mut self) -> Failure {
        let builder = self.builder.take().and_then(|process| ended(&process));
        let mounter = self.mounter.take().and_then(|process| ended(&process));
        let builder = match mounter {
            Some(Exit::Signal(signal)) => Some(Exit::Signal(signal)),
            _ => builder,
        };
        let init = self.init.take().and_then(|process| ended(&process));
        // The end of init kills the builder; without the builder init exits by itself.
        let what = match (builder, init) {
            (_, Some(Exit::Signal(signal))) => {
                format!("init was killed by signal {signal} before its execution")
            }
            (Some(Exit::Signal(signal)), Some(Exit::Status(1))) => {
                format!("the builder of the mounts was killed by signal {signal}")
            }
            (builder, init) => format!("init ended before its execution: {init:?}, builder: {builder:?}"),
        };
        failure(step::EXEC, what)
    }
}

/// Makes sure that the process ends, and reaps it.
fn ended(process: &Cloned) -> Option<Exit> {
    // An error means that there is no such child, so there is nothing to undo.
    let exited = pidfd::try_wait(process.pidfd.as_fd()).ok().flatten();
    exited
        .or_else(|| pidfd::kill(process.pidfd.as_fd()).and_then(|()| pidfd::wait(process.pidfd.as_fd())).ok())
}

impl Drop for Processes {
    fn drop(&mut self) {
        // Both are killed before one is waited for: the end of a pid namespace's init takes until all others in
        // it are reaped.
        let init = self.init.take();
        if let Some(init) = &init {
            let _ = pidfd::kill(init.pidfd.as_fd());
        }
        for process in self.builder.take().into_iter().chain(self.mounter.take()).chain(init) {
            let _ = ended(&process);
        }
    }
}
