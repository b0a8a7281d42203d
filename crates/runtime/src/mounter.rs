//! Mounting file systems in a container that exists: while it starts, and while it runs.
//!
//! A short-lived process opens the sources with the rights of the host. Then it becomes the container's root, in
//! the container's user and mount namespaces, and attaches them: it can make and reach what the container's root
//! can, and nothing else. Between the two the mounts pass through a mount namespace that belongs to the
//! container's user namespace, so that the kernel locks what must not be undone inside: read-only, no devices, no
//! set-user-id, and the mounts below a source (mount_namespaces(7)).
//!
//! The places of the mounts are not locked, so they can be taken away again.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::clone::{self, Options};
use kernel::fdpass;
use kernel::mount::{self, Attributes, Propagation};
use kernel::namespace::{self, Kind};
use kernel::{Errno, pidfd, process};
use rustix::fs::{CWD, FileType, Gid, Mode, OFlags, Uid};

use crate::failure::{During, Result, failure, step};
use crate::plan::{Filesystem, FilesystemSource, IdMap};
use crate::rootfs::{self, make_target};
use crate::source::{Sources, is_directory};
use crate::status;
use crate::userns::Owner;

/// What init says when it has its mount namespace, and the mounter when it is done.
const READY: &[u8] = b"x";

/// A running container, as far as its mounts go.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Host pid of init.
    pub init_pid: i32,
    /// Pidfd of init.
    pub init: BorrowedFd<'a>,
    /// Its user namespace, if it has its own.
    pub userns: Option<BorrowedFd<'a>>,
    /// The map of that.
    pub idmap: Option<&'a IdMap>,
    /// Its `/dev` that we made ([`Container::dev`](crate::launch::Container::dev)).
    pub dev: BorrowedFd<'a>,
}

impl Target<'_> {
    /// Mounts a file system. What there is at its target is covered; a missing target is made, owned by the
    /// container's root. A failure leaves everything as it was.
    pub fn attach(&self, filesystem: &Filesystem) -> Result<()> {
        let namespace = self.mount_namespace()?;
        let owner = Owner::of(self.idmap)?;
        self.run(&[namespace.as_fd()], || {
            let mounter = Mounter {
                filesystems: std::slice::from_ref(filesystem),
                sources: Sources { idmap: self.idmap, owner, userns: self.userns },
                dev: self.dev,
            };
            let copy =
                || rustix::io::fcntl_dupfd_cloexec(&namespace, 3).during(step::NAMESPACE, "mnt").map(Some);
            mounter.mount(copy).map(|_| 0)
        })
    }

    /// Takes the file system at `target` away, with all below it. Files of it that are open stay usable. No error
    /// if the container has done that already.
    pub fn detach(&self, target: &str) -> Result<()> {
        let namespace = self.mount_namespace()?;
        self.run(&[namespace.as_fd()], || self.unmount(namespace.as_fd(), target).map(|()| 0))
    }

    fn mount_namespace(&self) -> Result<OwnedFd> {
        namespace::of_process(self.init_pid, self.init, Kind::Mount).during(step::NAMESPACE, "mnt")
    }

    /// Runs `work` in a process of its own, and waits for it.
    fn run(&self, keep: &[BorrowedFd<'_>], work: impl FnOnce() -> Result<i32>) -> Result<()> {
        let (reader, writer) = kernel::fd::pipe().during(step::NAMESPACE, "pipe")?;
        let keep: Vec<_> =
            keep.iter().copied().chain(self.userns).chain([self.dev, writer.as_fd()]).collect();
        let process = clone::spawn(&Options { keep: Some(&keep), ..Options::default() }, || {
            status::answer(writer.as_fd(), &work());
            0
        })
        .during(step::NAMESPACE, "cannot make a process")?;
        drop(writer);
        let answer = status::answered(reader);
        pidfd::wait(process.pidfd.as_fd()).during(step::NAMESPACE, "mounter")?;
        let silent = || Err(failure(step::FILESYSTEM, "the process that mounts was killed"));
        answer.unwrap_or_else(silent).map(|_| ())
    }

    fn unmount(&self, namespace: BorrowedFd<'_>, target: &str) -> Result<()> {
        begin()?;
        enter_as_root(self.userns)?;
        namespace::enter(namespace, Kind::Mount).during(step::NAMESPACE, "mnt")?;
        let root = open_root()?;
        let place = match kernel::path::open_in_root(root.as_fd(), Path::new(target), OFlags::PATH) {
            Err(Errno::NOENT) => return Ok(()),
            other => other.during(step::FILESYSTEM, target)?,
        };
        rootfs::check(place.as_fd(), self.dev, target)?;
        if !mount::identity(place.as_fd()).during(step::FILESYSTEM, target)?.1 {
            return Ok(());
        }
        // By its name, in the container's namespace and with its rights.
        mount::detach_path(Path::new(target)).during(step::FILESYSTEM, target)
    }
}

/// Mounts the file systems of a container.
#[derive(Debug)]
pub(crate) struct Mounter<'a> {
    pub(crate) filesystems: &'a [Filesystem],
    pub(crate) sources: Sources<'a>,
    pub(crate) dev: BorrowedFd<'a>,
}

impl Mounter<'_> {
    /// Descriptors the process needs.
    pub(crate) fn keep(&self) -> Vec<BorrowedFd<'_>> {
        self.sources.userns.into_iter().chain([self.dev]).collect()
    }

    /// Serves a starting init at the other end of `socket`; returns the exit status of the process.
    pub(crate) fn serve(&self, socket: BorrowedFd<'_>, status: BorrowedFd<'_>) -> i32 {
        let namespace = || {
            let received = fdpass::recv(socket, READY.len()).during(step::NAMESPACE, "mnt")?;
            Ok(received.fds.into_iter().next())
        };
        match self.mount(namespace) {
            Ok(true) => i32::from(fdpass::send(socket, READY, &[]).is_err()),
            // Init failed, and reports that itself.
            Ok(false) => 1,
            Err(failure) => {
                status::report(status, &failure);
                1
            }
        }
    }

    /// Runs in the new process. `namespace` gives the container's mount namespace; `None` if init has ended, which
    /// whoever ended it explains. Then it is false.
    fn mount(&self, namespace: impl FnOnce() -> Result<Option<OwnedFd>>) -> Result<bool> {
        begin()?;
        namespace::unshare(Kind::Mount.into()).during(step::NAMESPACE, "mnt")?;
        let root = open_root()?;
        mount::set_propagation(root.as_fd(), Propagation::Private, true).during(step::FILESYSTEM, "/")?;
        let opened = self.filesystems.iter().map(|filesystem| self.sources.open(filesystem));
        let opened = opened.collect::<Result<Vec<_>>>()?;
        let mounts = match self.sources.userns {
            Some(userns) => lock(opened, root.as_fd(), userns)?,
            None => opened,
        };
        let Some(namespace) = namespace()? else { return Ok(false) };
        namespace::enter(namespace.as_fd(), Kind::Mount).during(step::NAMESPACE, "mnt")?;
        let root = open_root()?;
        for (filesystem, mount) in self.filesystems.iter().zip(mounts) {
            self.attach(root.as_fd(), filesystem, mount)?;
        }
        Ok(true)
    }

    fn attach(&self, root: BorrowedFd<'_>, filesystem: &Filesystem, mount: Option<OwnedFd>) -> Result<()> {
        let target = filesystem.target.as_str();
        let mount = match mount {
            Some(mount) => mount,
            None => clone_inside(root, filesystem)?,
        };
        let kind =
            if is_directory(mount.as_fd(), target)? { rootfs::Kind::Directory } else { rootfs::Kind::File };
        let place = make_target(root, target, kind)?;
        rootfs::check(place.as_fd(), self.dev, target)?;
        mount::attach(mount.as_fd(), place.as_fd()).during(step::FILESYSTEM, target)
    }
}

/// Init's side of [`Mounter::serve`]: waits until everything is mounted; false if that failed, which is reported
/// there. To be called in the own mount namespace.
pub(crate) fn await_mounts(socket: BorrowedFd<'_>) -> Result<bool> {
    let own = namespace::own(Kind::Mount).during(step::NAMESPACE, "mnt")?;
    match fdpass::send(socket, READY, &[own.as_fd()]) {
        Err(Errno::PIPE | Errno::CONNRESET) => return Ok(false),
        other => other.during(step::NAMESPACE, "mounter")?,
    };
    match fdpass::recv(socket, READY.len()) {
        Err(Errno::CONNRESET) => Ok(false),
        other => Ok(!other.during(step::NAMESPACE, "mounter")?.data.is_empty()),
    }
}

/// What every such process does first.
fn begin() -> Result<()> {
    process::die_with_parent().during(step::NAMESPACE, "mounter")?;
    process::set_dumpable(false).during(step::NAMESPACE, "mounter")?;
    rustix::process::umask(Mode::empty());
    Ok(())
}

/// Takes the mounts through a mount namespace of the user namespace, of whose root this process becomes one.
fn lock(
    mounts: Vec<Option<OwnedFd>>,
    root: BorrowedFd<'_>,
    userns: BorrowedFd<'_>,
) -> Result<Vec<Option<OwnedFd>>> {
    let stage =
        mount::new("tmpfs", &[("mode", "755")], Attributes::NONE).during(step::FILESYSTEM, "stage")?;
    mount::attach(stage.as_fd(), root).during(step::FILESYSTEM, "stage")?;
    for (index, mount) in mounts.iter().enumerate() {
        if let Some(mount) = mount {
            put(stage.as_fd(), &index.to_string(), mount.as_fd()).during(step::FILESYSTEM, "stage")?;
        }
    }
    // Less to copy.
    match mount::change_root(stage.as_fd()) {
        Err(Errno::INVAL) => return Err(rootfs::root_is_ramfs()),
        other => other.during(step::FILESYSTEM, "pivot_root")?,
    }
    enter_as_root(Some(userns))?;
    namespace::unshare(Kind::Mount.into()).during(step::NAMESPACE, "mnt")?;
    let clone = |(index, mount): (usize, Option<OwnedFd>)| {
        let path = format!("/{index}");
        let clone = mount.map(|_| mount::clone_tree(CWD, Path::new(&path), true));
        clone.transpose().during(step::FILESYSTEM, "stage")
    };
    mounts.into_iter().enumerate().map(clone).collect()
}

fn put(stage: BorrowedFd<'_>, name: &str, mount: BorrowedFd<'_>) -> kernel::Result<()> {
    let kind = FileType::from_raw_mode(rustix::fs::fstat(mount)?.st_mode);
    let mode = Mode::from_raw_mode(0o700);
    if kind == FileType::Directory {
        rustix::fs::mkdirat(stage, name, mode)?;
    } else {
        rustix::fs::mknodat(stage, name, FileType::RegularFile, mode, 0)?;
    }
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let place = rustix::fs::openat(stage, name, flags, Mode::empty())?;
    mount::attach(mount, place.as_fd())
}

/// Becomes root of a user namespace; nothing happens without one.
fn enter_as_root(userns: Option<BorrowedFd<'_>>) -> Result<()> {
    let Some(userns) = userns else { return Ok(()) };
    namespace::enter(userns, Kind::User).during(step::NAMESPACE, "user")?;
    rustix::thread::set_thread_groups(&[]).during(step::USER, "groups")?;
    let (uid, gid) = (Uid::ROOT, Gid::ROOT);
    rustix::thread::set_thread_res_gid(gid, gid, gid).during(step::USER, "group id 0")?;
    rustix::thread::set_thread_res_uid(uid, uid, uid).during(step::USER, "user id 0")?;
    // Both were reset.
    process::die_with_parent().during(step::NAMESPACE, "mounter")?;
    process::set_dumpable(false).during(step::NAMESPACE, "mounter")
}

fn open_root() -> Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open("/", flags, Mode::empty()).during(step::FILESYSTEM, "/")
}

/// The source of a `<filesystem type='bind'>`.
fn clone_inside(root: BorrowedFd<'_>, filesystem: &Filesystem) -> Result<OwnedFd> {
    let FilesystemSource::Bind { path } = &filesystem.source else {
        return Err(failure(step::PLAN, "a source on the host was not opened"));
    };
    let source =
        kernel::path::open_in_root(root, Path::new(path), OFlags::PATH).during(step::FILESYSTEM, path)?;
    // With the mounts below it: the kernel does not uncover what lies under locked ones.
    let tree = mount::clone_tree(source.as_fd(), Path::new(""), true).during(step::FILESYSTEM, path)?;
    if filesystem.readonly {
        mount::add_attributes(tree.as_fd(), Attributes::READ_ONLY, true).during(step::FILESYSTEM, path)?;
    }
    Ok(tree)
}
