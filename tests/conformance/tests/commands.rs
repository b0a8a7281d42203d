//! Every command of `virsh help domain` does its work, or fails with an error that docs/support.md explains.

use testkit::{Domain, Host, Init};

const SUPPORT: &str = include_str!("../../../docs/support.md");

/// Command lines in the order they are run. `c1` runs at the beginning, and `c2` is only defined. After `!` stands the
/// error that is expected: one of ours, which is in docs/support.md, or with `!!` one of virsh itself.
const LINES: &[&str] = &[
    "attach-device c1 /run/test/if.xml --config",
    "attach-disk c1 /dev/loop0 sdb --config",
    "attach-interface c1 bridge nobridge --mac 52:54:00:00:00:08 --config",
    "update-device c1 /run/test/if.xml --config",
    "detach-device c1 /run/test/if.xml --config",
    "detach-disk c1 sdb --config !! Failed to get disk information",
    "detach-interface c1 bridge --mac 52:54:00:00:00:08 --config",
    "update-memory-device c1 !! no memory device found",
    "change-media c1 sdb --eject --config !! Failed to get disk information",
    "autostart c1",
    "autostart c1 --disable",
    "blkdeviotune c1 sda",
    "blkiotune c1",
    "blockcommit c1 sda",
    "blockcopy c1 sda /run/test/x",
    "blockjob c1 sda",
    "blockpull c1 sda",
    "blockresize c1 sda 8M",
    "console c1 !! Cannot run interactive console without a controlling TTY",
    "cpu-stats c1",
    "create /run/test/c3.xml",
    "define /run/test/c2.xml",
    "desc c1 hello --config",
    "domdisplay c1 !! No graphical display found",
    "domfsfreeze c1",
    "domfsinfo c1",
    "domfsthaw c1",
    "domfstrim c1",
    "domhostname c1 --source agent",
    "domid c1",
    "domif-setlink c1 c1-nic down",
    "domif-getlink c1 c1-nic",
    "domiftune c1 c1-nic --inbound 1000",
    "domiftune c1 c1-nic",
    "detach-device-alias c1 net0 --live",
    "domjobabort c1 ! no job is active on the domain",
    "domjobinfo c1",
    "domlaunchsecinfo c1",
    "domsetlaunchsecstate c1 --secrethdr /run/test/key --secret /run/test/key",
    "domname 6f9e2c1e-1111-4222-8333-444455556666",
    "dompmsuspend c1 mem",
    "dompmwakeup c1",
    "domuuid c1",
    "domxml-from-native lxc-tools /run/test/key",
    "domxml-to-native lxc-tools c1 !!",
    "dump c1 /run/test/core",
    "dumpxml c1",
    "edit c1",
    "set-user-sshkeys c1 root --file /run/test/key",
    "get-user-sshkeys c1 root",
    "set-user-password c1 root secret",
    "inject-nmi c1 ! a container has no processor of its own to interrupt",
    "iothreadinfo c1",
    "iothreadadd c1 1",
    "iothreadpin c1 1 0",
    "iothreadset c1 1 --poll-max-ns 1",
    "iothreaddel c1 1",
    "send-key c1 KEY_A",
    "send-process-signal c1 1 sigcont",
    "lxc-enter-namespace c1 --noseclabel /bin/true",
    "managedsave c1",
    "managedsave-remove c1",
    "managedsave-edit c1",
    "managedsave-dumpxml c1",
    "managedsave-define c1 /run/test/c3.xml",
    "memtune c1",
    "perf c1",
    "metadata c1 http://x --set <a/> --key k --config",
    "migrate c1 lxc:///system --live",
    "migrate-setmaxdowntime c1 100",
    "migrate-getmaxdowntime c1",
    "migrate-compcache c1",
    "migrate-setspeed c1 10",
    "migrate-getspeed c1",
    "migrate-postcopy c1",
    "numatune c1",
    "qemu-attach 1 !!",
    "qemu-monitor-command c1 x !!",
    "qemu-monitor-event c1 --timeout 1 !!",
    "qemu-agent-command c1 x !!",
    "guest-agent-timeout c1 --timeout 5",
    "schedinfo c1",
    "screenshot c1 /run/test/screen",
    "set-lifecycle-action c1 crash destroy",
    "setmem c1 48M --live",
    "setmaxmem c1 128M --config",
    "setvcpus c1 1 --live",
    "ttyconsole c1",
    "vcpucount c1",
    "vcpuinfo c1",
    "vcpupin c1",
    "emulatorpin c1",
    "vncdisplay c1 !! VNC",
    "guestvcpus c1",
    "setvcpu c1 0 --enable --live",
    "domblkthreshold c1 sda 1",
    "guestinfo c1",
    "domdirtyrate-calc c1",
    "dom-fd-associate c1 name 0",
    "suspend c1",
    "resume c1",
    "reset c1",
    "reboot c1",
    "shutdown c3",
    "save c1 /run/test/save",
    "save-image-define /run/test/save /run/test/c3.xml",
    "save-image-dumpxml /run/test/save",
    "save-image-edit /run/test/save",
    "restore /run/test/save",
    "destroy c1",
    "start c1",
    "domrename c2 c4",
    "undefine c4",
];

/// Names of the commands that virsh has for domains.
fn commands(host: &Host) -> Vec<String> {
    let help = host.run(&["virsh", "help", "domain"]).ok().to_owned();
    let lines = help.lines().filter(|line| line.starts_with("    ") || line.starts_with('\t'));
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Whether the error says that a call is not there, and the document why.
fn is_explained(error: &str) -> bool {
    let Some((_, function)) = error.split_once("not supported by the connection driver: ") else {
        return false;
    };
    let function = function.split_whitespace().next().unwrap_or_default();
    SUPPORT.lines().any(|line| line.contains(&format!("`{function}`")) && line.contains("| no: "))
        // Public functions that stand for several procedures, such as virDomainMigrate3.
        || SUPPORT.lines().any(|line| {
            line.contains(&format!("`{}", function.trim_end_matches(|c: char| c.is_ascii_digit())))
                && line.contains("| no: ")
        })
}

#[test]
fn every_command_works_or_says_why_not() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let tested: Vec<&str> = LINES.iter().filter_map(|line| line.split(' ').next()).collect();
    let missing: Vec<_> =
        commands(&host).into_iter().filter(|name| !tested.contains(&name.as_str())).collect();
    assert_eq!(missing, [""; 0], "commands without a line");
    let root = host.root("c1", &Init::Busybox);
    let _bridge = host.bridge("br0", "10.77.0.1/24");
    let nic = "<interface type='bridge'><source bridge='br0'/><target dev='c1-nic'/></interface>";
    host.define(&Domain::new("c1").root(&root).uuid("6f9e2c1e-1111-4222-8333-444455556666").device(nic));
    host.start_container("c1", &root);
    let _ = host.xml_file(&Domain::new("c2"));
    let other = host.root("c3", &Init::Busybox);
    let _ = host.xml_file(&Domain::new("c3").root(&other));
    host.write("/run/test/key", "ssh-ed25519 AAAA a@b\n");
    host.write(
        "/run/test/if.xml",
        "<interface type='bridge'><mac address='52:54:00:00:00:07'/><source bridge='nobridge'/></interface>",
    );
    let mut wrong = Vec::new();
    for line in LINES {
        let (command, expect) =
            line.split_once(" !").map_or((*line, None), |(command, text)| (command, Some(text)));
        let words: Vec<&str> = command.split(' ').collect();
        let argv =
            [&["env", "EDITOR=true", "virsh", "--connect", "lxc:///system"], words.as_slice()].concat();
        let output = host.run(&argv);
        let right = match expect {
            _ if output.status == 0 => expect.is_none_or(|text| text.starts_with('!')),
            _ if is_explained(&output.stderr) => true,
            Some(text) if text.starts_with('!') => output.stderr.contains(text[1..].trim()),
            Some(text) => output.stderr.contains(text.trim()) && SUPPORT.contains(text.trim()),
            None => false,
        };
        if !right {
            wrong.push(format!("{command}: {} {}", output.status, output.stderr.trim()));
        }
    }
    assert_eq!(wrong, [""; 0]);
}
