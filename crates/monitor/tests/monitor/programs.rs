//! Programs run in a container.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;

use kernel::Errno;
use runtime::control::{Answer, Failure, Report, Request};
use runtime::plan::Init;

use crate::bed::{Bed, Launcher, Monitor};

/// Longer than any of these programs takes on a busy machine.
const LONG_MS: u64 = 60_000;

fn start(bed: &Bed) -> (Launcher, Monitor) {
    let launcher = Launcher::start();
    let mut monitor = launcher.launch(&bed.plan);
    monitor.started();
    (launcher, monitor)
}

fn program(argv: &[&str]) -> Init {
    Init {
        path: argv[0].into(),
        args: argv[1..].iter().map(|&arg| arg.into()).collect(),
        env: vec![("PATH".into(), "/bin".into()), ("ONE".into(), "1".into())],
        dir: None,
        user: None,
        group: None,
        personality_32bit: false,
    }
}

/// A program that is running, with our ends of its streams.
struct Started {
    id: u64,
    streams: [Option<OwnedFd>; 3],
}

fn begin(monitor: &mut Monitor, program: Init, timeout_ms: u64) -> Started {
    let [stdin, stdout, stderr] = std::array::from_fn(|_| kernel::fd::pipe().unwrap());
    let theirs = [stdin.0.as_fd(), stdout.1.as_fd(), stderr.1.as_fd()];
    let id = monitor.order_with(Request::Run { program: Box::new(program), timeout_ms }, &theirs);
    Started { id, streams: [Some(stdin.1), Some(stdout.0), Some(stderr.0)] }
}

impl Started {
    fn text(&mut self, stream: usize) -> String {
        let mut text = String::new();
        File::from(self.streams[stream].take().unwrap()).read_to_string(&mut text).unwrap();
        text
    }

    fn answer(&self, monitor: &mut Monitor) -> Result<Answer, Failure> {
        loop {
            match monitor.report() {
                Report::Reply { id, result } if id == self.id => return result,
                Report::Reply { id, .. } => panic!("answer to {id}"),
                _ => {}
            }
        }
    }
}

/// Runs a program to its end; returns the answer and what it wrote.
fn run(monitor: &mut Monitor, program: Init) -> (Result<Answer, Failure>, String, String) {
    let mut started = begin(monitor, program, LONG_MS);
    drop(started.streams[0].take());
    let (out, err) = (started.text(1), started.text(2));
    (started.answer(monitor), out, err)
}

const fn status(status: i32) -> Result<Answer, Failure> {
    Ok(Answer::Exited { status: Some(status), signal: None })
}

#[test]
fn streams_and_status_are_the_programs() {
    let bed = Bed::new(crate::FOR_EVER);
    let (_launcher, mut monitor) = start(&bed);
    let mut cat = begin(&mut monitor, program(&["/bin/sh", "-c", "cat; echo oops >&2; exit 7"]), LONG_MS);
    File::from(cat.streams[0].take().unwrap()).write_all(b"to and fro").unwrap();
    assert_eq!((cat.text(1), cat.text(2)), ("to and fro".into(), "oops\n".into()));
    assert_eq!(cat.answer(&mut monitor), status(7));

    let (answer, ..) = run(&mut monitor, program(&["sh", "-c", "kill -9 $$"]));
    assert_eq!(answer, Ok(Answer::Exited { status: None, signal: Some(9) }), "found without a path");
    for (argv, words, code) in [
        (["/bin/nothing"], "cannot find init path '/bin/nothing' relative to container root", Errno::NOENT),
        (["nothing"], "cannot find init path 'nothing' relative to container root", Errno::NOENT),
        (["/etc"], "cannot run init path '/etc'", Errno::ACCESS),
    ] {
        let failure = run(&mut monitor, program(&argv)).0.unwrap_err();
        assert_eq!((failure.what.as_str(), failure.errno), (words, crate::errno(code)));
    }
    let failure = monitor.refusal(Request::Run { program: Box::new(program(&["/bin/sh"])), timeout_ms: 1 });
    assert_eq!(failure.errno, crate::errno(Errno::INVAL), "without streams");
}

/// What a process looks like from its inside.
const LOOK: &str =
    "cat /proc/self/uid_map; busybox grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|Sig)' /proc/self/status
    busybox sed 's/ .*[0-9] /&/' /proc/self/limits; cat /proc/self/cgroup /proc/self/oom_score_adj; umask; pwd
    for n in cgroup ipc mnt net pid user uts; do busybox readlink /proc/self/ns/$n; done
    busybox cut -d' ' -f1 /proc/uptime >/dev/null; busybox find / -maxdepth 1 | busybox sort";

#[test]
fn a_program_is_held_as_init_is() {
    let mut bed = Bed::new("");
    let script = format!("{{ {LOOK}\n}} >/var/init 2>&1; echo done; {}", crate::FOR_EVER);
    bed.plan.init.args = vec!["sh".into(), "-c".into(), script];
    let (_launcher, mut monitor) = start(&bed);
    crate::read_until(&mut monitor.console(0, false).unwrap(), "done\r\n");
    let (answer, out, err) = run(&mut monitor, program(&["/bin/sh", "-c", LOOK]));
    assert_eq!((answer, err.as_str()), (status(0), ""));
    assert_eq!(out, bed.inside("var/init"));
    assert!(out.contains("Seccomp:\t2\n") && out.contains("0    1000000      65536"), "{out}");
    assert!(
        out.contains("CapInh:\t0000000000000000\n") && out.contains("CapAmb:\t0000000000000000\n"),
        "{out}"
    );

    // Nothing is inherited: no descriptor, no environment, no terminal.
    let (_, out, _) = run(&mut monitor, program(&["/bin/busybox", "env"]));
    assert_eq!(out, "PATH=/bin\nONE=1\n");
    // 3 is the directory that ls reads.
    let script = "ls /proc/self/fd; busybox cut -d' ' -f7 /proc/$$/stat";
    let (_, out, _) = run(&mut monitor, program(&["/bin/sh", "-c", script]));
    assert_eq!(out, "0\n1\n2\n3\n0\n");
}

#[test]
fn a_program_has_its_user_and_directory() {
    let bed = Bed::new(crate::FOR_EVER);
    fs::write(bed.root().join("etc/passwd"), "root:x:0:0::/:/bin/sh\nbob:x:1000:100::/:/bin/sh\n").unwrap();
    let (_launcher, mut monitor) = start(&bed);
    let mut id =
        program(&["/bin/sh", "-c", "id -u; id -g; id -G; pwd; busybox grep CapEff /proc/self/status"]);
    (id.user, id.dir) = (Some("bob".into()), Some("/etc".into()));
    let (answer, out, _) = run(&mut monitor, id);
    assert_eq!((answer, out.as_str()), (status(0), "1000\n100\n100\n/etc\nCapEff:\t0000000000000000\n"));
    for (user, dir, words) in [
        (Some("eve"), None, "no user 'eve' in /etc/passwd"),
        (None, Some("/none"), "/none"),
        (None, Some("/proc/self/fd/3"), "/proc/self/fd/3"),
    ] {
        let mut program = program(&["/bin/sh"]);
        (program.user, program.dir) = (user.map(str::to_owned), dir.map(str::to_owned));
        assert_eq!(run(&mut monitor, program).0.unwrap_err().what, words);
    }
}

#[test]
fn a_program_ends_with_its_time_its_asker_and_its_container() {
    let bed = Bed::new(crate::FOR_EVER);
    let (_launcher, mut monitor) = start(&bed);
    let killed = Ok(Answer::Exited { status: None, signal: Some(9) });
    let late = begin(&mut monitor, program(&["/bin/sleep", "1000"]), 1);
    assert_eq!(late.answer(&mut monitor), killed);

    // Its asker: the end of the program closes its streams.
    let (mut other, _) = Monitor::connect(&bed.plan);
    let mut orphan = begin(&mut other, program(&["/bin/sh", "-c", "echo up; exec sleep 1000"]), LONG_MS);
    let mut up = [0; 3];
    let stdout = File::from(orphan.streams[1].take().unwrap());
    (&stdout).read_exact(&mut up).unwrap();
    drop(other);
    assert_eq!((&stdout).read(&mut up).unwrap(), 0);

    assert_eq!(monitor.ask_noting(Request::Freeze, &mut Vec::new()).0, Ok(Answer::Done));
    let failure = begin(&mut monitor, program(&["/bin/sh"]), LONG_MS).answer(&mut monitor).unwrap_err();
    assert_eq!(failure.errno, crate::errno(Errno::BUSY));
    assert_eq!(monitor.ask_noting(Request::Thaw, &mut Vec::new()).0, Ok(Answer::Done));

    let mut last = begin(&mut monitor, program(&["/bin/sh", "-c", "echo up; exec sleep 1000"]), LONG_MS);
    let stdout = File::from(last.streams[1].take().unwrap());
    (&stdout).read_exact(&mut up).unwrap();
    let kill = monitor.order(Request::Kill);
    assert_eq!(last.answer(&mut monitor), killed);
    loop {
        if let Report::Reply { id, result } = monitor.report() {
            assert_eq!((id, result), (kill, Ok(Answer::Done)));
            break;
        }
    }
    monitor.wait_exit();
    bed.assert_clean();
}

#[test]
fn a_program_that_is_the_monitor_itself_cannot_be_written() {
    let bed = Bed::new(crate::FOR_EVER);
    let script = bed.root().join("bin/trick");
    fs::write(&script, "#!/proc/self/exe\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let (_launcher, mut monitor) = start(&bed);
    // Mostly the kernel does not even resolve it for a process that is not dumpable. Without its descriptors the
    // monitor's program gives up with this status.
    let (answer, ..) = run(&mut monitor, program(&["/bin/trick"]));
    assert!(answer.is_err() || answer == status(2), "{answer:?}");
    let exe = format!("/proc/{}/exe", monitor.pid);
    assert_eq!(fs::read_link(&exe).unwrap().to_str().unwrap(), "/memfd:libvirt_lxc (deleted)");
    let error = fs::OpenOptions::new().write(true).open(&exe).unwrap_err();
    // Of a program that runs the kernel says so first.
    let code = Errno::from_io_error(&error).unwrap();
    assert!([Errno::PERM, Errno::TXTBSY].contains(&code), "{code}");
    let seals = rustix::fs::fcntl_get_seals(File::open(&exe).unwrap()).unwrap();
    assert!(seals.contains(rustix::fs::SealFlags::WRITE | rustix::fs::SealFlags::SEAL));
}
