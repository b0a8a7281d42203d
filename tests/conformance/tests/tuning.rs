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
    let error = host.virsh(&["send-process-signal", "c1", "4000", "sigterm"]);
    assert!(
        error.err().contains(host.expect("No such process", "Only the init process may be killed")),
        "{error:?}"
    );
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

#[test]
fn current_memory_is_what_the_container_gets() {
    let host = Host::start();
    let root = host.root("c1", &Init::Plain);
    let less = "<currentMemory unit='MiB'>64</currentMemory>";
    host.define(&Domain::new("c1").root(&root).memory_kib(128 << 10).element(less));
    host.start_container("c1", &root);
    let limit = host.limits("c1", "memory", "memory.limit_in_bytes", "memory.max");
    // The incumbent gives the maximum.
    assert!(limit.contains(&host.expect("67108864", "134217728").to_owned()), "{limit:?}");
}

#[test]
fn live_changes_outlive_the_daemon_and_end_with_the_run() {
    let host = Host::start();
    running(&host);
    let kernel = |host: &Host| {
        let memory = host.limits("c1", "memory", "memory.limit_in_bytes", "memory.max");
        let shares = host.limits("c1", "cpu", "cpu.shares", "cpu.weight");
        (memory[0].clone(), shares)
    };
    let before = kernel(&host);
    host.virsh(&["setmem", "c1", "64M", "--live"]).done();
    host.virsh(&["schedinfo", "c1", "--live", "cpu_shares=512"]).done();
    let changed = kernel(&host);
    assert_eq!(changed.0, "67108864");
    assert!(changed.1.iter().any(|shares| shares == "512" || shares == "50"), "{changed:?}");
    host.kill_daemon();
    host.start_daemon();
    assert_eq!(kernel(&host), changed);
    assert!(host.dumpxml("c1", &[]).contains("<currentMemory unit='KiB'>65536</currentMemory>"));
    host.virsh(&["destroy", "c1"]).done();
    host.virsh(&["start", "c1"]).done();
    assert_eq!(kernel(&host), before);
}

#[test]
fn devices_are_throttled() {
    let host = Host::start();
    running(&host);
    let Some(device) =
        ["vda", "sda", "nvme0n1"].into_iter().find(|name| host.exists(&format!("/dev/{name}")))
    else {
        return;
    };
    let path = format!("/dev/{device}");
    let numbers = host.read(&format!("/sys/block/{device}/dev")).trim().to_owned();
    let limit = |file: &str| host.limits("c1", "blkio", file, "io.max").join(" ");
    host.virsh(&["blkiotune", "c1", "--live", "--device-read-bytes-sec", &format!("{path},1048576")]).done();
    host.virsh(&["blkiotune", "c1", "--live", "--config", "--device-write-iops-sec", &format!("{path},100")])
        .done();
    assert!(limit("blkio.throttle.read_bps_device").contains(&format!("{numbers} 1048576")));
    assert!(limit("blkio.throttle.write_iops_device").contains(&format!("{numbers} 100")));
    let shown = host.virsh(&["blkiotune", "c1"]).ok().to_owned();
    assert_eq!(value(&shown, "device_read_bytes_sec"), format!("{path},1048576"));
    let xml = host.dumpxml("c1", &["--inactive"]);
    assert!(
        xml.contains("<write_iops_sec>100</write_iops_sec>") && !xml.contains("<read_bytes_sec>"),
        "{xml}"
    );
    host.virsh(&["blkiotune", "c1", "--live", "--device-read-bytes-sec", &format!("{path},0")]).done();
    assert!(!limit("blkio.throttle.read_bps_device").contains(&numbers));
    let error = host.virsh(&["blkiotune", "c1", "--live", "--device-read-bytes-sec", "/dev/null,1"]);
    assert!(error.status != 0, "{error:?}");
    let error = host.virsh(&["blkiotune", "c1", "--live", "--device-read-bytes-sec", &path]);
    assert!(error.status != 0, "{error:?}");
    host.virsh(&["blkiotune", "c1", "--config", "--weight", "300"]).done();
    assert!(host.dumpxml("c1", &["--inactive"]).contains("<weight>300</weight>"));
}

#[test]
fn memory_nodes() {
    let host = Host::start();
    running(&host);
    if !host.subject().is_ours() {
        let error = host.virsh(&["numatune", "c1"]);
        assert!(error.err().contains("not supported by the connection driver"), "{error:?}");
        return;
    }
    host.virsh(&["numatune", "c1", "--nodeset", "0", "--live"]).done();
    assert_eq!(host.limits("c1", "cpuset", "cpuset.mems", "cpuset.mems")[0], "0");
    assert!(host.dumpxml("c1", &[]).contains("<memory mode='strict' nodeset='0'/>"));
    host.virsh(&["numatune", "c1", "--mode", "preferred", "--nodeset", "0", "--config"]).done();
    let shown = host.virsh(&["numatune", "c1", "--config"]).ok().to_owned();
    assert_eq!((value(&shown, "numa_mode"), value(&shown, "numa_nodeset")), ("preferred".into(), "0".into()));
    let error = host.virsh(&["numatune", "c1", "--mode", "interleave", "--live"]);
    assert!(error.err().contains("can't change numa mode for running domain"), "{error:?}");
    let error = host.virsh(&["numatune", "c1", "--nodeset", "63", "--live"]);
    assert!(error.status != 0, "{error:?}");
}

#[test]
fn what_happens_after_an_end_changes_live() {
    let host = Host::start();
    running(&host);
    if !host.subject().is_ours() {
        let error = host.virsh(&["set-lifecycle-action", "c1", "reboot", "destroy"]);
        assert!(error.err().contains("not supported by the connection driver"), "{error:?}");
        return;
    }
    host.virsh(&["set-lifecycle-action", "c1", "crash", "restart", "--live"]).done();
    host.virsh(&["set-lifecycle-action", "c1", "poweroff", "restart", "--config"]).done();
    assert!(host.dumpxml("c1", &[]).contains("<on_crash>restart</on_crash>"));
    let xml = host.dumpxml("c1", &["--inactive"]);
    assert!(
        xml.contains("<on_poweroff>restart</on_poweroff>") && xml.contains("<on_crash>destroy</on_crash>"),
        "{xml}"
    );
    let error = host.virsh(&["set-lifecycle-action", "c1", "reboot", "coredump-destroy"]);
    assert!(
        error.err().contains("Lifecycle event 'reboot' doesn't support 'coredump-destroy' action"),
        "{error:?}"
    );
    let mut client = host.python_start(
        "conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lambda c, d, e, r, o: say([e, r]), None)\nsay('ready')\nsys.stdin.read()",
    );
    assert_eq!(client.hear(), "ready");
    host.kill("KILL", host.init_pid("c1"));
    assert_eq!(client.hear(), serde_json::json!([5, 2]), "crashed");
    assert_eq!(client.hear(), serde_json::json!([2, 0]), "and restarted as was said live");
    client.end();
}
