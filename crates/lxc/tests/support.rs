//! docs/support.md says which calls are answered: it is made from the routes themselves. After a change,
//! `UPDATE_EXPECT=1 cargo test -p lxc --test support` writes it anew.

use std::fmt::Write;

use expect_test::expect_file;
use protocol::call::ServedBy;
use protocol::{CALLS, CallInfo};

const LATER: &str = "not there yet";
const SAVED: &str = "the state of a running container cannot be saved yet";
const SNAPSHOTS: &str = "there are no snapshots yet";
const IMAGES: &str = "images are not worked on while they are used yet";
const DISKS: &str = "disks are not there yet; limit block devices with blkiotune";
const DEVICES: &str = "devices are changed in the definition; a running container does not change yet";
const THREADS: &str = "a container has no I/O threads";
const GRAPHICS: &str = "a container has no graphics";
const CONFIDENTIAL: &str = "it is about confidential virtual machines";
const PROCESSOR: &str = "a container has the host's processor";
const DESCRIPTORS: &str = "descriptors cannot be passed to a container yet";

/// Why a call has no answer, by the beginning of its function's name; the first that fits counts.
const REASONS: &[(&str, &str)] = &[
    ("virDomainMigrate", "running containers cannot be moved to another host yet"),
    ("virDomainManagedSave", SAVED),
    ("virDomainSave", SAVED),
    ("virDomainRestore", SAVED),
    ("virDomainSnapshot", SNAPSHOTS),
    ("virDomainListAllSnapshots", SNAPSHOTS),
    ("virDomainHasCurrentSnapshot", SNAPSHOTS),
    ("virDomainRevertToSnapshot", SNAPSHOTS),
    ("virDomainListAllCheckpoints", "there are no checkpoints yet"),
    ("virDomainCheckpoint", "there are no checkpoints yet"),
    ("virDomainBackup", "there are no backups yet; back up the directory of the container"),
    ("virDomainBlockPull", IMAGES),
    ("virDomainBlockRebase", IMAGES),
    ("virDomainBlockCopy", IMAGES),
    ("virDomainBlockCommit", IMAGES),
    ("virDomainBlockJob", IMAGES),
    ("virDomainGetBlockJobInfo", IMAGES),
    ("virDomainBlockResize", IMAGES),
    ("virDomainSetBlockThreshold", IMAGES),
    ("virDomainSetBlockIoTune", DISKS),
    ("virDomainGetBlockIoTune", DISKS),
    ("virDomainSetThrottleGroup", DISKS),
    ("virDomainDelThrottleGroup", DISKS),
    ("virDomainAttachDevice", DEVICES),
    ("virDomainDetachDevice", DEVICES),
    ("virDomainUpdateDevice", DEVICES),
    ("virDomainSetInterfaceParameters", LATER),
    ("virDomainGetInterfaceParameters", LATER),
    ("virDomainInterfaceAddresses", "ask with virDomainGetGuestInfo"),
    ("virDomainScreenshot", "not there yet; use the console"),
    ("virDomainCoreDump", "not there yet; use a debugger on the host"),
    ("virDomainAddIOThread", THREADS),
    ("virDomainDelIOThread", THREADS),
    ("virDomainPinIOThread", THREADS),
    ("virDomainSetIOThreadParams", THREADS),
    ("virDomainAddIothread", THREADS),
    ("virDomainDelIothread", THREADS),
    ("virDomainPinIothread", THREADS),
    ("virDomainSetIothreadParams", THREADS),
    ("virDomainOpenChannel", "a container has no channels"),
    ("virDomainOpenGraphics", GRAPHICS),
    ("virDomainGraphicsReload", GRAPHICS),
    ("virDomainPMSuspendForDuration", "a container does not suspend by itself; use virDomainSuspend"),
    ("virDomainPMWakeup", "a container does not suspend by itself; use virDomainResume"),
    ("virDomainPmSuspendForDuration", "a container does not suspend by itself; use virDomainSuspend"),
    ("virDomainPmWakeup", "a container does not suspend by itself; use virDomainResume"),
    ("virDomainMemoryPeek", "a container has no memory of its own to look at"),
    ("virDomainStartDirtyRateCalc", "it is of use for a migration, which is not there yet"),
    ("virDomainGetLaunchSecurityInfo", CONFIDENTIAL),
    ("virDomainSetLaunchSecurityState", CONFIDENTIAL),
    ("virNodeGetSEVInfo", CONFIDENTIAL),
    ("virNodeSuspendForDuration", "suspend the host with its own tools"),
    ("virNodeDevice", "devices of the host cannot be taken out of its use yet"),
    ("virConnectCompare", PROCESSOR),
    ("virConnectBaseline", PROCESSOR),
    ("virConnectGetCPUModelNames", PROCESSOR),
    ("virConnectGetCpuModelNames", PROCESSOR),
    ("virConnectGetDomainCapabilities", "not there yet; the capabilities say most of it"),
    ("virConnectDomainXML", "definitions of other tools are not translated yet"),
    ("virConnectDomainXml", "definitions of other tools are not translated yet"),
    ("virConnectSetIdentity", "nobody acts for others yet"),
    ("virDomainGetAutostartOnce", LATER),
    ("virDomainSetAutostartOnce", LATER),
    ("virDomainCreateWithFiles", DESCRIPTORS),
    ("virDomainCreateXMLWithFiles", DESCRIPTORS),
    ("virDomainFDAssociate", DESCRIPTORS),
    ("virDomainFdAssociate", DESCRIPTORS),
    ("virDomainGetSecurityLabelList", "not there yet; virDomainGetSecurityLabel gives the label in force"),
];

/// Calls that are answered, but always or mostly with an error, and why.
const REFUSALS: &str = "
## Answers that say no

| Error | Why |
|---|---|
| no job is active on the domain | what a container is asked for is done when the call returns, so there is nothing to abort |
| a container has no processor of its own to interrupt | send a signal to a process, or ctrl-alt-del with `send-key` |
| the clock of a container is the host's | set the host's clock; `domtime --sync` succeeds |
| vcpus of a container are switched on in order and off in reverse order | they are only a number |
| unable to enable host cpu perf event | the machine, or the kernel for a group of processes, cannot count it |
| is not a file system of the container's own | a directory of the host is shared with the host, and is neither frozen nor trimmed for a container |
";

/// What libvirt's own driver of containers answers.
const INCUMBENT: usize = 93;

/// What ours must answer at least.
const LEAST: usize = 130;

fn answered() -> Vec<&'static CallInfo> {
    let mut router = rpc::Router::new();
    lxc::routes(&mut router);
    router.calls().chain(rpc::own_calls()).collect()
}

fn reason(info: &CallInfo) -> &'static str {
    let found = REASONS.iter().find(|(start, _)| info.function.starts_with(start));
    found.map_or_else(|| panic!("{} ({}) needs a reason", info.function, info.name), |(_, reason)| reason)
}

#[test]
fn the_document_says_what_is_answered() {
    let answered = answered();
    let is_answered = |info: &CallInfo| {
        answered.iter().any(|one| (one.program, one.procedure) == (info.program, info.procedure))
    };
    let mut all: Vec<&CallInfo> = CALLS
        .iter()
        .copied()
        .filter(|info| info.served_by == ServedBy::Hypervisor && !info.function.starts_with("virDomainQemu"))
        .filter(|info| !info.function.starts_with("virConnectDomainQemu"))
        .collect();
    all.sort_by_key(|info| (info.function, info.name));
    let count = all.iter().filter(|info| is_answered(info)).count();
    assert!(count >= LEAST, "{count} calls are answered");
    let mut text = String::from(
        "# What is answered\n\n\
         A test makes this table from the daemon's routes.\n\
         A call without an answer is refused with libvirt's error 3, \
         \"this function is not supported by the connection driver\".\n\n",
    );
    let total = all.len();
    let _ = writeln!(
        text,
        "Of {total} calls about domains and the host, {count} are answered; libvirt's own driver of containers \
         has {INCUMBENT} functions in all.\n"
    );
    text.push_str("| Function | Procedure | Answered |\n|---|---|---|\n");
    for info in &all {
        let answer = if is_answered(info) { "yes".to_owned() } else { format!("no: {}", reason(info)) };
        let _ = writeln!(text, "| `{}` | {} | {answer} |", info.function, info.name);
    }
    text.push_str(REFUSALS);
    expect_file!["../../../docs/support.md"].assert_eq(&text);
}
