//! What a distribution expects of the machine it boots on, given by mounts only: nothing of the image is written.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use kernel::mount::{self, Attributes};
use kernel::{Errno, fd};
use rustix::fs::{AtFlags, Mode, OFlags};

use crate::failure::{During, Result, step};
use crate::passwd;
use crate::rootfs::Tree;

const PLAIN: Attributes = Attributes::NO_SUID.and(Attributes::NO_DEV);

/// A systemd that finds a mount on `/run` keeps it, and there what its container manager tells (systemd's container
/// interface). To anybody else an image's own `/run` may matter, so it is left alone.
pub(crate) fn mount_run(tree: &Tree<'_>) -> Result<()> {
    if !is_systemd(tree) {
        return Ok(());
    }
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(place) = rustix::fs::openat(&tree.root, "run", flags, Mode::empty()) else { return Ok(()) };
    let options = [("mode", "755"), ("size", "20%"), ("nr_inodes", "800k")];
    let run = mount::new("tmpfs", &options, PLAIN).during(step::FILESYSTEM, "/run")?;
    mount::attach(run.as_fd(), place.as_fd()).during(step::FILESYSTEM, "/run")?;
    mount_run_host(tree, &run).during(step::FILESYSTEM, "/run/host")
}

fn mount_run_host(tree: &Tree<'_>, run: &OwnedFd) -> kernel::Result<()> {
    rustix::fs::mkdirat(run, "host", Mode::from_raw_mode(0o755))?;
    let place = rustix::fs::openat(run, "host", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let host = mount::new("tmpfs", &[("mode", "755"), ("size", "64k")], PLAIN.and(Attributes::NO_EXEC))?;
    mount::attach(host.as_fd(), place.as_fd())?;
    let env = &tree.plan.init.env;
    let manager = env.iter().find(|(key, _)| key == "container").map_or("lxc-libvirt", |(_, value)| value);
    write_file(host.as_fd(), "container-manager", &format!("{manager}\n"))?;
    write_file(host.as_fd(), "container-uuid", &format!("{}\n", tree.plan.uuid))?;
    if let Some(release) = &tree.plan.names.os_release {
        write_file(host.as_fd(), "os-release", release)?;
    }
    mount::add_attributes(host.as_fd(), Attributes::READ_ONLY, false)
}

/// Whether the init, followed through its links, is systemd.
fn is_systemd(tree: &Tree<'_>) -> bool {
    let Ok(init) = tree.open(&tree.plan.init.path, OFlags::PATH) else { return false };
    let path = fd::path_of(init.as_fd());
    path.is_ok_and(|path| path.file_name().is_some_and(|name| name == "systemd"))
}

/// Covers `/etc/resolv.conf` and `/etc/hosts` of an image in which they say nothing. One that is missing, or a link
/// to what a program of the image writes, is the image's own business.
pub(crate) fn mount_names(tree: &Tree<'_>, dev: BorrowedFd<'_>) -> Result<()> {
    let names = &tree.plan.names;
    for (path, content) in [("/etc/resolv.conf", &names.resolv_conf), ("/etc/hosts", &names.hosts)] {
        if let Some(content) = content {
            cover_empty(tree, dev, path, content).during(step::FILESYSTEM, path)?;
        }
    }
    Ok(())
}

fn cover_empty(tree: &Tree<'_>, dev: BorrowedFd<'_>, path: &str, content: &str) -> kernel::Result<()> {
    // A link may lead to another file of the image, but what is written by its programs is not there yet.
    let Ok(present) = passwd::read(tree.root.as_fd(), path) else { return Ok(()) };
    if present.lines().any(is_effective) {
        return Ok(());
    }
    let place = tree.open(path, OFlags::PATH)?;
    // On the container's own /dev, where it is never seen: the mount outlives the name.
    const NAME: &str = ".names";
    write_file(dev, NAME, content)?;
    let attached = mount::clone_tree(dev, Path::new(NAME), false)
        .and_then(|cover| mount::attach(cover.as_fd(), place.as_fd()));
    rustix::fs::unlinkat(dev, NAME, AtFlags::empty())?;
    attached
}

/// Whether a line of such a file says anything.
fn is_effective(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with(['#', ';'])
}

fn write_file(dir: BorrowedFd<'_>, name: &str, content: &str) -> kernel::Result<()> {
    use std::io::Write;
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(dir, name, flags, Mode::from_raw_mode(0o644))?;
    std::fs::File::from(file).write_all(content.as_bytes()).map_err(|error| match fd::errno(&error) {
        // The only limit of these little file systems.
        Errno::NOSPC => Errno::FBIG,
        errno => errno,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_say_nothing() {
        let check = |line, expect| assert_eq!(is_effective(line), expect, "{line:?}");
        check("", false);
        check("  \t", false);
        check("# nameserver 192.0.2.1", false);
        check(" ; old style", false);
        check("nameserver 192.0.2.1", true);
        check(" 127.0.0.1 localhost # here", true);
    }
}
