//! Limits and figures of a running container.

use testkit::{Domain, Host, Init};

/// Value of `name` in what virsh prints as `name : value`.
fn value(text: &str, name: &str) -> String {
    let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name));
    line.and_then(|line| line.split(':').nth(1)).map(|value| value.trim().to_owned()).unwrap_or_default()
}

fn running(host: &Host) {
    let root = host.root("c1", &Init::Plain);
    host.define(&Domain::new("c1").root(&root).memory_kib(128 << 10));
    host.start_container("c1", &root);
}

#[test]
fn memory_changes_live_and_for_the_next_start() {
    let host = Host::start();
    running(&host);
    host.virsh(&["setmem", "c1", "64M", "--live"]).done();
    assert_eq!(value(host.virsh(&["memtune", "c1"]).ok(), "hard_limit"), "65536");
    let xml = host.dumpxml("c1", &["--inactive"]);
    assert!(xml.contains("<currentMemory unit='KiB'>131072</currentMemory>"), "the definition stays: {xml}");
    host.virsh(&["setmem", "c1", "96M", "--config"]).done();
    let xml = host.dumpxml("c1", &["--inactive"]);
    assert!(xml.contains("<currentMemory unit='KiB'>98304</currentMemory>"), "{xml}");
    let error = host.virsh(&["setmem", "c1", "256M", "--live"]);
    assert!(error.err().contains("Cannot set memory higher than max memory"), "{error:?}");
    let error = host.virsh(&["setmaxmem", "c1", "256M", "--live"]);
    assert!(error.err().contains("Cannot resize the max memory on an active domain"), "{error:?}");
}

#[test]
fn memtune_reaches_the_kernel() {
    let host = Host::start();
    running(&host);
    host.virsh(&["memtune", "c1", "--hard-limit", "50M", "--soft-limit", "40M", "--live"]).done();
    let shown = host.virsh(&["memtune", "c1"]).ok().to_owned();
    assert_eq!((value(&shown, "hard_limit"), value(&shown, "soft_limit")), ("51200".into(), "40960".into()));
    host.virsh(&["memtune", "c1", "--hard-limit", "60M", "--config"]).done();
    assert!(host.dumpxml("c1", &["--inactive"]).contains("<hard_limit unit='KiB'>61440</hard_limit>"));
}

#[test]
fn schedinfo_reads_and_writes() {
    let host = Host::start();
    running(&host);
    host.virsh(&["schedinfo", "c1", "--live", "--set", "cpu_shares=512"]).done();
    let shown = host.virsh(&["schedinfo", "c1"]).ok().to_owned();
    assert_eq!((value(&shown, "Scheduler"), value(&shown, "cpu_shares")), ("posix".into(), "512".into()));
    host.virsh(&["schedinfo", "c1", "--live", "vcpu_period=50000", "vcpu_quota=25000"]).done();
    let shown = host.virsh(&["schedinfo", "c1"]).ok().to_owned();
    assert_eq!((value(&shown, "vcpu_period"), value(&shown, "vcpu_quota")), ("50000".into(), "25000".into()));
    host.virsh(&["schedinfo", "c1", "--config", "cpu_shares=256"]).done();
    assert!(host.dumpxml("c1", &["--inactive"]).contains("<shares>256</shares>"));
}

#[test]
fn figures_are_there() {
    let host = Host::start();
    running(&host);
    let memory = host.virsh(&["dommemstat", "c1"]).ok().to_owned();
    let figure = |name: &str| -> Option<u64> {
        memory.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    };
    assert_eq!(figure("actual"), Some(128 << 10));
    if host.subject().is_ours() {
        // The incumbent does not say what is unused, so graphs of memory stay flat.
        assert!(figure("unused").is_some_and(|unused| unused > 0 && unused < 128 << 10), "{memory}");
    }
    let error = host.virsh(&["domifstat", "c1", "foo0"]);
    assert!(error.err().contains("'foo0' is not a known interface"), "{error:?}");
    let error = host.virsh(&["send-process-signal", "c1", "2", "sigterm"]);
    assert!(error.err().contains("Only the init process may be killed"), "{error:?}");
}

#[test]
fn a_signal_reaches_init() {
    let host = Host::start();
    let root = host.boot(
        "c1",
        &Init::Script("trap 'say USR1' USR1; say booted; while :; do sleep 1000 & wait $!; done".to_owned()),
    );
    host.virsh(&["send-process-signal", "c1", "1", "sigusr1"]).done();
    host.wait_log(&root, "USR1");
}
