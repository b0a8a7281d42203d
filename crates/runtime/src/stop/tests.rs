use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use kernel::command::Command;
use kernel::pidfd::Exit;

use super::facts::{Facts, Kind, SIGPWR, SIGUSR2};
use super::*;
use rustix::fs::FileType;

fn mask(signals: &[i32]) -> u64 {
    signals.iter().fold(0, |mask, signal| mask | 1 << (signal - 1))
}

fn facts(exe: &str, comm: &str, blocked: &[i32], caught: &[i32]) -> Facts {
    Facts { exe: exe.into(), comm: comm.into(), blocked: mask(blocked), caught: mask(caught), scripted: 0 }
}

/// An s6-svscan with scripts.
fn scripted(signals: &[i32]) -> Facts {
    Facts { scripted: mask(signals), ..facts("s6-svscan", "s6-svscan", &[], &[2, 10, 12, 15, 30]) }
}

#[test]
fn every_init_gets_its_own_signals() {
    use Delivered::{Signal, Terminate};
    let check = |facts: Facts, power_off: Option<Delivered>, reboot: Option<Delivered>| {
        assert_eq!(facts.choose(StopAction::PowerOff), power_off, "{facts:?}");
        assert_eq!(facts.choose(StopAction::Reboot), reboot, "{facts:?}");
    };
    let glibc: Vec<i32> = (34..=40).collect();
    let musl: Vec<i32> = (35..=41).collect();
    check(facts("systemd", "systemd", &glibc, &[]), Some(Signal(38)), Some(Signal(39)));
    check(facts("systemd", "systemd", &musl, &[]), Some(Signal(39)), Some(Signal(40)));
    check(facts("init", "init", &glibc, &[]), Some(Signal(38)), Some(Signal(39)));
    check(facts("systemd", "systemd", &[], &[]), None, None);
    check(facts("init", "init", &[], &[1, 2, 10, 12, 30]), Some(Signal(30)), Some(Signal(2)));
    check(facts("busybox", "init", &[10, 12, 15], &[2]), Some(Signal(12)), Some(Signal(15)));
    check(facts("init", "init", &[], &[2, 10, 12, 15]), Some(Signal(12)), Some(Signal(15)));
    check(facts("busybox", "init", &[], &[15]), Some(Terminate), Some(Terminate));
    check(facts("busybox", "sh", &[], &[2]), None, None);
    check(facts("openrc-init", "init", &[2, 15], &[]), Some(Signal(15)), Some(Signal(2)));
    check(facts("runit", "runit", &[2, 18], &[]), Some(Delivered::Runit), Some(Delivered::Runit));
    check(scripted(&[2, 10, 12]), Some(Signal(10)), Some(Signal(2)));
    check(scripted(&[30]), Some(Signal(30)), None);
    check(scripted(&[]), Some(Terminate), Some(Terminate));
    check(facts("finit", "finit", &[], &[2, 12, 15]), Some(Signal(12)), Some(Signal(15)));
    let all: Vec<i32> = (1..=64).filter(|s| ![9, 19].contains(s)).collect();
    check(facts("tini", "tini", &all, &[]), Some(Terminate), Some(Terminate));
    check(facts("dumb-init", "dumb-init", &all, &[]), Some(Terminate), Some(Terminate));
    check(facts("server", "server", &[], &all), Some(Terminate), Some(Terminate));
    check(facts("server", "server", &[], &[2]), None, None);
}

#[test]
fn initctl_message_is_sysvinits() {
    let message = initctl::message(StopAction::PowerOff);
    assert_eq!(message[..16], [0x69, 0x19, 0x09, 0x03, 1, 0, 0, 0, b'0', 0, 0, 0, 0, 0, 0, 0]);
    assert!(message[16..].iter().all(|&byte| byte == 0));
    assert_eq!(initctl::message(StopAction::Reboot)[8], b'6');
}

/// A program that has said it is ready.
struct Running {
    child: Child,
    pidfd: OwnedFd,
    out: BufReader<ChildStdout>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let pidfd = kernel::pidfd::open(i32::try_from(child.id()).unwrap()).unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self { child, pidfd, out };
        assert_eq!(running.line(), "ready");
        running
    }

    /// A shell that waits for signals and for the end of its input.
    fn shell(prologue: &str) -> Self {
        let mut command = Command::new("/bin/busybox");
        command.args(["sh", "-c", &format!("{prologue}\necho ready\nread _\nexit 0")]);
        Self::start(command)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn request(&self, action: StopAction, initctl: bool, signal: bool) -> Result<Delivered, Failure> {
        let pid = i32::try_from(self.child.id()).unwrap();
        request(Init { pid, pidfd: self.pidfd.as_fd() }, action, initctl, signal)
    }

    fn alive(&self) -> bool {
        kernel::pidfd::try_wait(self.pidfd.as_fd()).unwrap().is_none()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_program_with_a_handler_gets_sigterm() {
    let running = Running::shell("trap 'exit 7' TERM");
    assert_eq!(running.request(StopAction::PowerOff, true, true), Ok(Delivered::Terminate));
    assert_eq!(kernel::pidfd::wait(running.pidfd.as_fd()).unwrap(), Exit::Status(7));
    let error = running.request(StopAction::PowerOff, false, true).unwrap_err();
    assert!([Errno::SRCH, Errno::NOENT].map(Errno::raw_os_error).contains(&error.errno), "{error:?}");
}

#[test]
fn a_program_without_one_is_left_alone() {
    let running = Running::shell("");
    let error = running.request(StopAction::Reboot, true, true).unwrap_err();
    assert_eq!(error.errno, Errno::OPNOTSUPP.raw_os_error());
    assert_eq!((error.step.as_str(), error.what.as_str()), ("reboot", "init handles none of the signals"));
    let error = running.request(StopAction::PowerOff, true, false).unwrap_err();
    assert_eq!((error.step.as_str(), error.what.as_str()), ("shutdown", "init has no initctl fifo"));
    assert!(running.alive());
}

#[test]
fn facts_of_a_running_program() {
    let running = Running::shell("trap : USR2 TERM; trap '' HUP");
    let facts = Facts::read(i32::try_from(running.child.id()).unwrap()).unwrap();
    assert_eq!((facts.exe.as_str(), facts.comm.as_str()), ("busybox", "busybox"));
    assert!(facts.handles(SIGUSR2) && facts.handles(SIGTERM));
    assert!(!facts.handles(1) && !facts.handles(SIGPWR));
    assert_eq!(facts.kind(), Kind::Program);
}

/// A root directory with busybox, and a shell in it.
fn jail(dir: &Path) -> Running {
    for sub in ["bin", "run", "dev", "etc"] {
        fs::create_dir_all(dir.join(sub)).unwrap();
    }
    fs::copy("/bin/busybox", dir.join("bin/busybox")).unwrap();
    let mut command = Command::new("/bin/busybox");
    command.arg("chroot").arg(dir).args(["/bin/busybox", "sh", "-c", "echo ready; read _"]);
    Running::start(command)
}

fn make_fifo(path: &Path) {
    rustix::fs::mknodat(rustix::fs::CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

fn open_reader(path: &Path) -> fs::File {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    fs::File::from(rustix::fs::open(path, flags, Mode::empty()).unwrap())
}

#[test]
fn the_fifo_inside_the_container_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let running = jail(dir.path());
    // Not a fifo; a fifo that nobody reads, through a link; then the one.
    fs::write(dir.path().join("run/initctl"), "").unwrap();
    make_fifo(&dir.path().join("dev/unread"));
    std::os::unix::fs::symlink("/dev/unread", dir.path().join("dev/initctl")).unwrap();
    let fifo = dir.path().join("etc/.initctl");
    make_fifo(&fifo);
    let mut reader = open_reader(&fifo);
    assert_eq!(running.request(StopAction::Reboot, true, false), Ok(Delivered::Initctl));
    let mut message = Vec::new();
    reader.read_to_end(&mut message).unwrap();
    assert_eq!(message, initctl::message(StopAction::Reboot));
    assert_eq!(fs::read(dir.path().join("run/initctl")).unwrap(), b"");
}

#[test]
fn links_do_not_lead_to_a_fifo_outside() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    let running = jail(&root);
    let outside = dir.path().join("outside");
    make_fifo(&outside);
    let mut reader = open_reader(&outside);
    std::os::unix::fs::symlink(&outside, root.join("run/initctl")).unwrap();
    std::os::unix::fs::symlink("../../outside", root.join("dev/initctl")).unwrap();
    let error = running.request(StopAction::PowerOff, true, false).unwrap_err();
    assert_eq!(error.errno, Errno::OPNOTSUPP.raw_os_error());
    let mut message = Vec::new();
    reader.read_to_end(&mut message).unwrap();
    assert!(message.is_empty());
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn the_flag_files_of_runit_are_set() {
    let dir = tempfile::tempdir().unwrap();
    let running = jail(dir.path());
    let init = Init { pid: i32::try_from(running.child.id()).unwrap(), pidfd: running.pidfd.as_fd() };
    assert_eq!(runit::set_flags(init, StopAction::PowerOff), Ok(false), "there are none");

    // As Void has it: links in /etc to files in /run.
    fs::create_dir_all(dir.path().join("etc/runit")).unwrap();
    fs::create_dir_all(dir.path().join("run/runit")).unwrap();
    let flags = ["stopit", "reboot"].map(|name| {
        let flag = dir.path().join("run/runit").join(name);
        fs::write(&flag, "").unwrap();
        std::os::unix::fs::symlink(format!("/run/runit/{name}"), dir.path().join("etc/runit").join(name))
            .unwrap();
        flag
    });
    assert_eq!(runit::set_flags(init, StopAction::Reboot), Ok(true));
    assert_eq!([mode(&flags[0]), mode(&flags[1])], [0o100, 0o100]);
    assert_eq!(runit::set_flags(init, StopAction::PowerOff), Ok(true));
    assert_eq!([mode(&flags[0]), mode(&flags[1])], [0o100, 0]);

    // A link that leads out is followed inside, where there is nothing; a fifo is no flag.
    let outside = dir.path().join("../outside-flag");
    let link = dir.path().join("run/runit.stopit");
    std::os::unix::fs::symlink(&outside, &link).unwrap();
    make_fifo(&dir.path().join("run/runit.reboot"));
    assert_eq!(runit::set_flags(init, StopAction::PowerOff), Ok(true), "the other pair");
    assert!(!outside.exists());
}

#[test]
fn the_scripts_of_s6_are_seen() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join(".s6-svscan")).unwrap();
    fs::write(dir.path().join(".s6-svscan/SIGUSR1"), "").unwrap();
    fs::copy("/bin/busybox", dir.path().join("s6-svscan")).unwrap();
    let mut command = Command::new(dir.path().join("s6-svscan"));
    command.arg0("sh").args(["-c", "echo ready; read _"]).current_dir(dir.path());
    let running = Running::start(command);
    let facts = Facts::read(i32::try_from(running.child.id()).unwrap()).unwrap();
    assert_eq!((facts.kind(), facts.scripted), (Kind::S6, mask(&[10])));
}
