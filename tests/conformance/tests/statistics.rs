//! Figures: in bulk, by kind, and checked against the kernel.

use serde_json::{Value, json};
use testkit::{Domain, Host, Init};

/// An init that has used each resource a little: processor time, 8 MiB of memory that stay.
const BUSY: &str =
    "dd if=/dev/zero of=/dev/shm/x bs=1M count=8; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";

fn busy(host: &Host, name: &str, shape: impl FnOnce(Domain) -> Domain) {
    let _ = host.probe(name, BUSY, |domain| shape(domain.memory_kib(64 << 10)));
}

/// `domstats` of all domains by libvirt-python: name to figures.
fn all_stats(host: &Host, groups: &str, flags: &str) -> Value {
    host.python(&format!("say({{d.name(): s for d, s in conn.getAllDomainStats({groups}, {flags})}})"))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The incumbent has no statistics in bulk.
fn ours() -> Option<Host> {
    let host = Host::start();
    host.subject().is_ours().then_some(host)
}

#[test]
fn all_groups_of_all_domains_in_one_call() {
    let host = Host::start();
    busy(&host, "c1", |domain| domain.element("<vcpu current='1'>2</vcpu>"));
    if !host.subject().is_ours() {
        let error = host.python("say(error(conn.getAllDomainStats, 0, 0))");
        assert_eq!(error[0], 3, "{error}");
        return;
    }
    host.define(&Domain::new("off"));
    let all = all_stats(&host, "0", "0");
    let (on, off) = (&all["c1"], &all["off"]);
    assert_eq!((&on["state.state"], &on["state.reason"]), (&json!(1), &json!(1)));
    assert_eq!((&off["state.state"], &off["balloon.maximum"]), (&json!(5), &json!(65536)));
    assert!(off.get("cpu.time").is_none(), "{off}");
    assert!(number(&on["cpu.time"]) > 0);
    assert!(number(&on["cpu.time"]) >= number(&on["vcpu.0.time"]));
    assert_eq!(
        (&on["vcpu.current"], &on["vcpu.maximum"], &on["vcpu.0.state"]),
        (&json!(1), &json!(2), &json!(1))
    );
    assert!(on.get("vcpu.1.time").is_none(), "{on}");
    assert_eq!((&on["balloon.current"], &on["balloon.available"]), (&json!(65536), &json!(65536)));
    let (unused, rss) = (number(&on["balloon.unused"]), number(&on["balloon.rss"]));
    assert!(unused > 0 && unused <= 65536 - 8192, "8 MiB are in use: {on}");
    assert!(rss > 0 && rss < 65536, "{on}");
    assert!(number(&on["balloon.usable"]) >= unused, "{on}");
    assert_eq!((&on["net.count"], &on["iothread.count"]), (&json!(0), &json!(0)));
    assert!(on.get("block.count").is_some() && on.get("balloon.oom_kill") == Some(&json!(0)), "{on}");
    if host.exists("/proc/pressure/cpu") {
        assert!(number(&on["pressure.memory.some.total"]) < 60_000_000, "{on}");
        assert!(
            on["pressure.cpu.some.avg10"].is_number() && on["pressure.io.full.avg300"].is_number(),
            "{on}"
        );
    }
}

#[test]
fn groups_and_filters_choose() {
    let Some(host) = ours() else { return };
    busy(&host, "c1", |domain| domain);
    host.define(&Domain::new("off"));
    let names = |flags: &str| {
        let all = all_stats(&host, "libvirt.VIR_DOMAIN_STATS_STATE", flags);
        all.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("0"), "c1 off");
    assert_eq!(names("libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE"), "c1");
    assert_eq!(names("libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF"), "off");
    assert_eq!(names("libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT"), "");
    let state = all_stats(&host, "libvirt.VIR_DOMAIN_STATS_STATE", "0");
    assert_eq!(state["c1"].as_object().unwrap().len(), 2, "{state}");
    let one = host.python("d = conn.lookupByName('c1'); say([len(conn.domainListGetStats([d], 0)), len(conn.domainListGetStats([d, conn.lookupByName('off')], 0, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE))])");
    assert_eq!(one, json!([1, 1]));
    let refused = host.python("say(error(conn.getAllDomainStats, 1 << 20, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS))");
    assert_eq!(refused[0], 74, "{refused}");
    assert!(host.virsh(&["domstats", "c1", "--balloon"]).ok().contains("balloon.current=65536"));
}

#[test]
fn memory_is_what_the_kernel_counts() {
    let host = Host::start();
    busy(&host, "c1", |domain| domain);
    let stats = host.python("say(conn.lookupByName('c1').memoryStats())");
    assert_eq!(stats["actual"], 65536, "{stats}");
    if !host.subject().is_ours() {
        // The incumbent tells what is in the swap as what was read from it.
        assert!(stats.get("unused").is_none(), "{stats}");
        return;
    }
    let usage: Vec<u64> = host
        .limits("c1", "memory", "memory.usage_in_bytes", "memory.current")
        .iter()
        .map(|bytes| bytes.parse::<u64>().unwrap() / 1024)
        .collect();
    let unused = number(&stats["unused"]);
    assert!((65536 - unused).abs_diff(usage[0]) <= 1024, "{stats} {usage:?}");
    assert!(number(&stats["disk_caches"]) >= 8192, "the tmpfs counts as cache: {stats}");
    assert!(number(&stats["minor_fault"]) > 0 && number(&stats["last_update"]) > 1_600_000_000, "{stats}");
}

#[test]
fn processor_time_in_total_and_by_processor() {
    let host = Host::start();
    busy(&host, "c1", |domain| domain.element("<vcpu>2</vcpu>"));
    let stats = host.python(
        "d = conn.lookupByName('c1'); t = d.getCPUStats(True); e = d.getCPUStats(False); say([t, e, d.info()[4]])",
    );
    let total = number(&stats[0][0]["cpu_time"]);
    let sum: u64 = stats[1].as_array().unwrap().iter().map(|cpu| number(&cpu["cpu_time"])).sum();
    assert!(total > 0 && sum >= total && sum <= number(&stats[2]), "{stats}");
    assert!(number(&stats[0][0]["user_time"]) + number(&stats[0][0]["system_time"]) > 0, "{stats}");
    let cpus: usize = host.run(&["nproc", "--all"]).ok().trim().parse().unwrap();
    assert_eq!(stats[1].as_array().unwrap().len(), cpus, "{stats}");
    let text = host.virsh(&["cpu-stats", "c1", "--start", "1", "--count", "1"]).ok().to_owned();
    assert!(text.contains("CPU1:") && !text.contains("CPU0:"), "{text}");
    let error = host.virsh(&["cpu-stats", "c1", "--start", "4096"]);
    assert!(error.status != 0, "{error:?}");
}

#[test]
fn transfers_of_the_container_and_of_a_device() {
    let host = Host::start();
    busy(&host, "c1", |domain| domain);
    let stats = host.python(
        "d = conn.lookupByName('c1'); s = d.blockStatsFlags('', 0); say([d.blockStats(''), s, error(d.blockStats, 'nothing')])",
    );
    assert_eq!(stats[0].as_array().unwrap().len(), 5, "{stats}");
    for name in ["rd_bytes", "rd_operations", "wr_bytes", "wr_operations"] {
        assert!(stats[1][name].is_number(), "{name}: {stats}");
    }
    assert_eq!(stats[2][0], 8, "{stats}");
    if host.subject().is_ours() && host.exists("/dev/vda") {
        // A device that the container did not touch.
        assert_eq!(
            host.python("say(conn.lookupByName('c1').blockStats('/dev/vda'))"),
            json!([0, 0, 0, 0, -1])
        );
    }
}

#[test]
fn there_is_no_job_and_the_monitor_is_well() {
    let Some(host) = ours() else { return };
    busy(&host, "c1", |domain| domain);
    let jobs = host.python(
        "d = conn.lookupByName('c1'); say([d.jobInfo()[0], d.jobStats()['type'], d.jobStats(libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED)['type'], error(d.abortJob), d.controlInfo()])",
    );
    assert_eq!((&jobs[0], &jobs[1], &jobs[2]), (&json!(0), &json!(0), &json!(0)), "{jobs}");
    assert_eq!(jobs[3][0], 55, "{jobs}");
    assert!(jobs[3][2].as_str().unwrap().contains("no job is active on the domain"), "{jobs}");
    assert_eq!(jobs[4], json!([0, 0, 0]));
    // Its link is up, but it does not answer.
    let monitor = host.monitor_pid("c1");
    host.kill("STOP", monitor);
    assert_eq!(host.python("say(conn.lookupByName('c1').controlInfo()[0])"), 2, "occupied");
    host.kill("CONT", monitor);
    assert_eq!(host.virsh(&["domcontrol", "c1"]).ok().trim(), "ok");
    host.define(&Domain::new("off"));
    for call in ["jobInfo", "abortJob", "controlInfo"] {
        let error = host.python(&format!("say(error(conn.lookupByName('off').{call}))"));
        assert_eq!(error[0], 55, "{call}: {error}");
    }
}

#[test]
fn what_weakens_a_container_is_told() {
    let Some(host) = ours() else { return };
    busy(&host, "c1", |domain| domain);
    assert_eq!(host.python("say(conn.lookupByName('c1').messages())"), json!([]));
    host.write("/etc/libvirt/lxc.conf", "allow_privileged = 1\n");
    host.stop_daemon();
    host.start_daemon();
    let all = "<idmap><uid start='0' target='0' count='4294967295'/><gid start='0' target='0' count='4294967295'/></idmap>";
    busy(&host, "c2", |domain| domain.element(all));
    let messages = host.python("say(conn.lookupByName('c2').messages())");
    assert_eq!(messages, json!(["tainted: running with undesirable elevated privileges"]));
}

#[test]
fn killed_for_lack_of_memory_is_counted() {
    let Some(host) = ours() else { return };
    let eater = "(yes | head -c 100000000 | tail -c 90000000 >/dev/null; say eaten $?) & wait";
    let root = host.probe("c1", eater, |domain| domain.memory_kib(32 << 10));
    let _ = host.wait_for(&root.file("/state/log"), |text| text.contains("eaten"));
    let stats = all_stats(&host, "libvirt.VIR_DOMAIN_STATS_BALLOON", "0");
    assert!(number(&stats["c1"]["balloon.oom_kill"]) >= 1, "{stats}");
    assert!(host.read("/var/log/libvirt/lxc/c1.log").contains("out of memory"));
}

#[test]
fn events_are_counted_on_request() {
    let Some(host) = ours() else { return };
    let root = host.boot("c1", &Init::Script("trap 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; say worked' USR1; say booted; while :; do sleep 1000 & wait $!; done".to_owned()));
    let off = host.python("say(conn.lookupByName('c1').perfEvents())");
    assert!(
        off.as_object().unwrap().len() >= 19
            && off.as_object().unwrap().values().all(|on| on == &json!(false)),
        "{off}"
    );
    host.virsh(&["perf", "c1", "--enable", "task_clock,context_switches", "--live"]).done();
    host.virsh(&["perf", "c1", "--enable", "page_faults", "--config"]).done();
    host.virsh(&["send-process-signal", "c1", "1", "sigusr1"]).done();
    host.wait_log(&root, "worked");
    let stats = all_stats(&host, "libvirt.VIR_DOMAIN_STATS_PERF", "0");
    assert!(number(&stats["c1"]["perf.task_clock"]) > 0, "{stats}");
    assert!(number(&stats["c1"]["perf.context_switches"]) > 0, "{stats}");
    assert!(stats["c1"].get("perf.page_faults").is_none(), "only from the next start: {stats}");
    assert!(host.dumpxml("c1", &["--inactive"]).contains("<event name='page_faults' enabled='yes'/>"));
    host.virsh(&["perf", "c1", "--disable", "task_clock", "--live"]).done();
    assert!(all_stats(&host, "libvirt.VIR_DOMAIN_STATS_PERF", "0")["c1"].get("perf.task_clock").is_none());
    let error = host.virsh(&["perf", "c1", "--enable", "cmt", "--live"]);
    assert!(error.err().contains("unable to enable host cpu perf event for cmt"), "{error:?}");
    // A new daemon counts again what the definition says.
    host.kill_daemon();
    host.start_daemon();
    let stats = all_stats(&host, "libvirt.VIR_DOMAIN_STATS_PERF", "0");
    assert!(stats["c1"].get("perf.context_switches").is_some(), "{stats}");
}

#[test]
fn changes_of_memory_and_limits_are_told() {
    let host = Host::start();
    busy(&host, "c1", |domain| domain);
    let script = "
seen = []
for event in (libvirt.VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, libvirt.VIR_DOMAIN_EVENT_ID_TUNABLE, libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE):
    conn.domainEventRegisterAny(None, event, lambda c, d, *a: say([d.name(), *a[:-1]]), None)
say('ready')
sys.stdin.read()
";
    if !host.subject().is_ours() {
        return;
    }
    let mut client = host.python_start(script);
    assert_eq!(client.hear(), "ready");
    host.virsh(&["setmem", "c1", "48M", "--live"]).done();
    assert_eq!(client.hear(), json!(["c1", 49152]));
    host.virsh(&["setmem", "c1", "40M", "--config"]).done();
    host.virsh(&["schedinfo", "c1", "--live", "cpu_shares=512"]).done();
    assert_eq!(client.hear(), json!(["c1", {"cputune.cpu_shares": 512}]));
    host.virsh(&["vcpupin", "c1", "0", "0", "--live"]).done();
    assert_eq!(client.hear(), json!(["c1", {"cputune.vcpupin0": "0"}]));
    host.virsh(&["emulatorpin", "c1", "0", "--live"]).done();
    assert_eq!(client.hear(), json!(["c1", {"cputune.emulatorpin": "0"}]));
    host.virsh(&["destroy", "c1"]).done();
    assert_eq!(client.hear(), json!(["c1", 2, 2]));
    host.virsh(&["start", "c1"]).done();
    assert_eq!(client.hear(), json!(["c1", 1, 1]));
    client.end();
}
