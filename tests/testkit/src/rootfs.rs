//! Root file systems made of one static busybox.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use anyhow::{Context, Result};

use crate::host::Host;

const BUSYBOX: &str = "/bin/busybox";
/// The programs that scripts of the tests use.
const APPLETS: &[&str] = &[
    "awk", "cat", "chmod", "chown", "cut", "date", "dd", "df", "dmesg", "echo", "env", "false", "grep",
    "halt", "head", "hexdump", "hostname", "id", "ifconfig", "ip", "kill", "ln", "ls", "mkdir", "mkfifo",
    "mknod", "mount", "nproc", "ping", "poweroff", "ps", "readlink", "reboot", "rm", "sed", "sh", "sleep",
    "stat", "stty", "sync", "tail", "test", "touch", "tr", "true", "tty", "umount", "uname", "unshare", "vi",
    "wc", "yes",
];

/// What runs as pid 1. Each appends a line `booted` to /state/log once it can be signalled.
#[derive(Debug, Clone)]
pub enum Init {
    /// busybox init with an inittab: a shell on the console, no initctl. Its shutdown scripts take about 2 s.
    Busybox,
    /// Reads requests from the fifo /run/initctl as sysvinit does, logs each (`initctl 0` or `initctl 6`) and
    /// obeys at once.
    Initctl,
    /// A program that logs `TERM` and exits with status 0 on SIGTERM, and handles nothing else.
    Plain,
    /// A program without any signal handler.
    Deaf,
    /// A script of the test's own. It has `say WORDS` for a line in /state/log, and must say `booted` itself.
    Script(String),
}

/// A root file system of a private host, on a tmpfs of its own (what an init does to its root's mount, such as
/// remounting it read-only, stays there).
#[derive(Debug, Clone)]
pub struct Root {
    path: String,
    init: &'static str,
}

impl Host {
    /// Makes /var/lib/libvirt/filesystems/NAME with the init.
    #[track_caller]
    #[must_use]
    pub fn root(&self, name: &str, init: &Init) -> Root {
        let path = format!("/var/lib/libvirt/filesystems/{name}");
        self.run(&["mkdir", "-p", &path]).done();
        self.run(&["mount", "-t", "tmpfs", "-o", "mode=755", "root", &path]).done();
        let root = Root { path, init: init.path() };
        if let Err(error) = fill(&self.path(&root.path), init) {
            panic!("make {}: {error:#}", root.path);
        }
        root
    }

    /// Waits until a container's log has a line, and returns the log.
    #[track_caller]
    pub fn wait_log(&self, root: &Root, line: &str) -> Vec<String> {
        self.wait_log_times(root, line, 1)
    }

    /// Waits until a container's log has a line so many times, and returns the log.
    #[track_caller]
    pub fn wait_log_times(&self, root: &Root, line: &str, times: usize) -> Vec<String> {
        let log = self.wait_for(&root.file("/state/log"), |text| {
            text.ends_with('\n') && text.lines().filter(|l| *l == line).count() >= times
        });
        log.lines().map(str::to_owned).collect()
    }
}

impl Root {
    /// Where it is on the private host.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The program inside that is its init.
    #[must_use]
    pub fn init(&self) -> &str {
        self.init
    }

    /// Path, on the private host, of a file of the container.
    #[must_use]
    pub fn file(&self, path: &str) -> String {
        format!("{}{path}", self.path)
    }
}

impl Init {
    fn path(&self) -> &'static str {
        match self {
            Self::Busybox => "/sbin/init",
            Self::Initctl => "/sbin/sysvinit",
            Self::Plain | Self::Deaf | Self::Script(_) => "/bin/app",
        }
    }
}

fn fill(root: &Path, init: &Init) -> Result<()> {
    for dir in ["bin", "sbin", "dev", "etc", "mnt", "proc", "root", "run", "state", "sys", "tmp", "var"] {
        fs::create_dir(root.join(dir))?;
    }
    fs::copy(BUSYBOX, root.join("bin/busybox")).context(BUSYBOX)?;
    for applet in APPLETS {
        symlink("busybox", root.join("bin").join(applet))?;
    }
    fs::write(root.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n")?;
    fs::write(root.join("etc/group"), "root:x:0:\nuser:x:1000:\n")?;
    fs::write(root.join("state/log"), "")?;
    let path = root.join(init.path().trim_start_matches('/'));
    match init {
        Init::Busybox => {
            symlink("/bin/busybox", &path)?;
            fs::write(root.join("etc/inittab"), include_str!("rootfs/inittab"))?;
            script(&root.join("etc/rcS"), "echo the console speaks; say booted")?;
            script(&root.join("etc/rcK"), "say stopping")?;
            // The shell on the console gets a prompt that is easy to wait for. Its home is `/`.
            fs::write(root.join(".profile"), "PS1='inside> '\n")?;
        }
        Init::Initctl => script(&path, include_str!("rootfs/initctl.sh"))?,
        Init::Plain => script(
            &path,
            "trap 'say TERM; exit 0' TERM; say booted; echo the console speaks; while :; do sleep 1000 & wait $!; done",
        )?,
        Init::Deaf => script(&path, "say booted; echo the console speaks; exec sleep 100000")?,
        Init::Script(text) => script(&path, text)?,
    }
    Ok(())
}

fn script(path: &Path, text: &str) -> Result<()> {
    let prelude = "#!/bin/sh\nexport PATH=/bin:/sbin\nsay() { echo \"$*\" >>/state/log; }\n";
    fs::write(path, format!("{prelude}{text}\n"))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
