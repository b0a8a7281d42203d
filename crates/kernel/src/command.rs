//! Starting programs: with an empty environment and no descriptors but the given ones.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};

/// `PATH` of every program we start.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program to start. Standard streams are `/dev/null` unless set, the environment is `PATH` and `LC_ALL=C`
/// plus what [`Command::env`] adds.
#[derive(Debug)]
pub struct Command {
    inner: std::process::Command,
    fds: Vec<(OwnedFd, RawFd)>,
}

impl Command {
    /// The program by its absolute path, or looked up in [`PATH`].
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place others are sent to")]
    pub fn new(program: impl AsRef<Path>) -> Self {
        let mut inner = std::process::Command::new(program.as_ref());
        inner.env_clear().env("PATH", PATH).env("LC_ALL", "C");
        inner.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self { inner, fds: Vec::new() }
    }

    /// `argv[0]` when it shall differ from the program.
    pub fn arg0(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.inner.arg0(arg);
        self
    }

    /// One more argument.
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.inner.arg(arg);
        self
    }

    /// More arguments.
    pub fn args(&mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        self.inner.args(args);
        self
    }

    /// One more environment variable.
    pub fn env(&mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.inner.env(key, value);
        self
    }

    /// Working directory of the program.
    pub fn current_dir(&mut self, dir: impl AsRef<Path>) -> &mut Self {
        self.inner.current_dir(dir);
        self
    }

    /// Standard input.
    pub fn stdin(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
        self.inner.stdin(stdio);
        self
    }

    /// Standard output.
    pub fn stdout(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
        self.inner.stdout(stdio);
        self
    }

    /// Standard error.
    pub fn stderr(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
        self.inner.stderr(stdio);
        self
    }

    /// Gives the program `fd` as descriptor `number` (3 or more).
    ///
    /// Then the program is started by fork(2) and execve(2) instead of posix_spawn(3), so keep it to programs
    /// started while the address space is small.
    pub fn fd(&mut self, fd: OwnedFd, number: RawFd) -> &mut Self {
        self.fds.push((fd, number));
        self
    }

    /// Starts the program. The given descriptors are closed in the caller.
    pub fn spawn(mut self) -> io::Result<Child> {
        if !self.fds.is_empty() {
            let fds = std::mem::take(&mut self.fds);
            place_fds(&mut self.inner, fds)?;
        }
        self.inner.spawn()
    }
}

/// Arranges for the descriptors to be at their numbers in the program.
#[expect(clippy::disallowed_methods, reason = "this is the crate for code between fork and exec")]
fn place_fds(command: &mut std::process::Command, fds: Vec<(OwnedFd, RawFd)>) -> io::Result<()> {
    // Moved above all targets first, so that placing one never overwrites the source of another.
    let above = fds.iter().map(|(_, number)| number + 1).max().unwrap_or(3).max(3);
    let mut moved = Vec::with_capacity(fds.len());
    for (fd, number) in fds {
        moved.push((rustix::io::fcntl_dupfd_cloexec(&fd, above)?, number));
    }
    // SAFETY: between fork and exec the closure makes only close_range and dup2 system calls, which are
    // async-signal-safe; it
    // neither allocates nor locks.
    unsafe {
        command.pre_exec(move || {
            libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC);
            for (fd, number) in &moved {
                if libc::dup2(fd.as_raw_fd(), *number) < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;

    use super::*;

    #[test]
    fn environment_and_descriptors_are_ours() {
        let (r, w) = crate::fd::pipe().unwrap();
        let (r2, w2) = crate::fd::pipe().unwrap();
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg("env >&4; ls /proc/self/fd >&3; echo $0 >&3").arg("zero").env("A", "b");
        command.fd(w, 4).fd(w2, 3);
        let mut child = command.spawn().unwrap();
        assert!(child.wait().unwrap().success());
        let mut text = String::new();
        File::from(r).read_to_string(&mut text).unwrap();
        let mut lines: Vec<_> = text.lines().filter(|line| !line.starts_with("PWD=")).collect();
        lines.sort_unstable();
        assert_eq!(lines, ["A=b", "LC_ALL=C", &format!("PATH={PATH}")]);
        text.clear();
        File::from(r2).read_to_string(&mut text).unwrap();
        // 5 is ls's own descriptor of the directory.
        assert_eq!(text, "0\n1\n2\n3\n4\n5\nzero\n");
    }
}
