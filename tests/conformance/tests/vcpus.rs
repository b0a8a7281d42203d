//! Virtual processors: their number, and where they are.

use testkit::{Domain, Host, Init, Root};

/// Lists what processors the programs inside see, again at each `SIGUSR1`.
const SHOW: &str = "show() { echo \"$(nproc) $(grep Cpus_allowed_list /proc/self/status | tr -d '\\t')\" >/state/cpus; say shown; }
trap show USR1; show; say booted; while :; do sleep 1000 & wait $!; done";

fn running(host: &Host, vcpu: &str) -> Root {
    let root = host.root("c1", &Init::Script(SHOW.to_owned()));
    host.define(&Domain::new("c1").root(&root).element(vcpu));
    host.start_container("c1", &root);
    root
}

/// Number of processors inside, and the list of the host's that they are.
fn seen(host: &Host, root: &Root) -> (u32, String) {
    let text = host.seen(root, "cpus");
    let (count, list) = text.split_once(' ').expect("a number and a list");
    (count.parse().expect("a number"), list.trim_start_matches("Cpus_allowed_list:").to_owned())
}

/// As [`seen`], after what was done meanwhile.
fn looked(host: &Host, root: &Root) -> (u32, String) {
    let before = host.read(&root.file("/state/log")).lines().filter(|line| *line == "shown").count();
    host.virsh(&["send-process-signal", "c1", "1", "sigusr1"]).done();
    host.wait_log_times(root, "shown", before + 1);
    seen(host, root)
}

fn host_cpus(host: &Host) -> u32 {
    host.run(&["nproc", "--all"]).ok().trim().parse().expect("a number")
}

#[test]
fn the_container_has_as_many_processors_as_the_definition_says() {
    let host = Host::start();
    let root = running(&host, "<vcpu>1</vcpu>");
    let (count, list) = seen(&host, &root);
    // The incumbent takes no notice of the number.
    assert_eq!(count, host.expect(1, host_cpus(&host)), "{list}");
    if !host.subject().is_ours() {
        return;
    }
    let other = host.probe("c2", "grep Cpus_allowed_list /proc/self/status >/state/cpus", |domain| domain);
    if host_cpus(&host) > 1 {
        assert!(!host.seen(&other, "cpus").ends_with(&list), "containers spread over the host");
    }
    assert_eq!(host.virsh(&["vcpucount", "c1", "--current", "--live"]).ok().trim(), "1");
    let info = host.virsh(&["vcpuinfo", "c1"]).ok().to_owned();
    assert!(
        info.contains("State:          running") && info.contains(&format!("CPU:            {list}")),
        "{info}"
    );
}

#[test]
fn the_number_changes_live_and_for_the_next_start() {
    let host = Host::start();
    let root = running(&host, "<vcpu current='1'>2</vcpu>");
    if !host.subject().is_ours() {
        let error = host.virsh(&["setvcpus", "c1", "2", "--live"]);
        assert!(error.err().contains("not supported by the connection driver"), "{error:?}");
        return;
    }
    let all = host_cpus(&host);
    host.virsh(&["setvcpus", "c1", "2", "--live"]).done();
    assert_eq!(looked(&host, &root).0, all.min(2));
    let count = host.virsh(&["vcpucount", "c1"]).ok().to_owned();
    for (which, number) in [
        ("maximum      config", 2),
        ("maximum      live", 2),
        ("current      config", 1),
        ("current      live", 2),
    ] {
        assert!(
            count.lines().any(|line| line.starts_with(which) && line.ends_with(&number.to_string())),
            "{which}: {count}"
        );
    }
    let error = host.virsh(&["setvcpus", "c1", "3", "--live"]);
    assert!(error.err().contains("greater than max allowable vcpus for the live domain: 3 > 2"), "{error:?}");
    // The change outlives the daemon, and a reboot, but not the run.
    host.kill_daemon();
    host.start_daemon();
    assert_eq!(looked(&host, &root).0, all.min(2));
    assert_eq!(host.virsh(&["vcpucount", "c1", "--current", "--live"]).ok().trim(), "2");
    host.virsh(&["setvcpus", "c1", "4", "--maximum", "--config"]).done();
    let error = host.virsh(&["setvcpus", "c1", "4", "--maximum", "--live"]);
    assert!(error.status != 0, "{error:?}");
    host.virsh(&["destroy", "c1"]).done();
    host.start_container("c1", &root);
    assert_eq!(looked(&host, &root).0, 1);
    assert!(host.dumpxml("c1", &["--inactive"]).contains("<vcpu placement='static' current='1'>4</vcpu>"));
}

#[test]
fn single_ones_are_switched_in_order() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let root = running(&host, "<vcpu current='1'>2</vcpu>");
    host.virsh(&["setvcpu", "c1", "1", "--enable", "--live"]).done();
    assert_eq!(looked(&host, &root).0, host_cpus(&host).min(2));
    let guest = host.virsh(&["guestvcpus", "c1"]).ok().to_owned();
    assert!(guest.contains("vcpus          : 0-1") && guest.contains("online         : 0-1"), "{guest}");
    host.virsh(&["guestvcpus", "c1", "1", "--disable"]).done();
    assert_eq!(looked(&host, &root).0, 1);
    for (vcpu, text) in [("0", "can't be unplugged"), ("7", "not present")] {
        let error = host.virsh(&["setvcpu", "c1", vcpu, "--disable", "--live"]);
        assert!(error.err().contains(text), "{error:?}");
    }
}

#[test]
fn pins_decide_which_processors() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let last = host_cpus(&host) - 1;
    let root = running(&host, "<vcpu>1</vcpu>");
    host.virsh(&["vcpupin", "c1", "0", &last.to_string(), "--live", "--config"]).done();
    assert_eq!(looked(&host, &root), (1, last.to_string()));
    let pins = host.virsh(&["vcpupin", "c1"]).ok().to_owned();
    assert!(pins.lines().any(|line| line.split_whitespace().eq(["0", last.to_string().as_str()])), "{pins}");
    host.virsh(&["vcpupin", "c1", "0", "0", "--live"]).done();
    assert_eq!(looked(&host, &root), (1, "0".to_owned()));
    host.virsh(&["destroy", "c1"]).done();
    host.start_container("c1", &root);
    assert_eq!(looked(&host, &root), (1, last.to_string()));
    let error = host.virsh(&["vcpupin", "c1", "1", "0", "--live"]);
    assert!(error.status != 0, "{error:?}");
    // To all is to none.
    host.virsh(&["vcpupin", "c1", "0", "r", "--config"]).done();
    assert!(!host.dumpxml("c1", &["--inactive"]).contains("<vcpupin"));
}

#[test]
fn the_monitor_is_pinned_as_the_emulator() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let root = running(&host, "<vcpu>1</vcpu>");
    let (_, inside) = seen(&host, &root);
    let last = (host_cpus(&host) - 1).to_string();
    let allowed = |pid: u32| {
        let status = host.read(&format!("/proc/{pid}/status"));
        status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim().to_owned()
    };
    for cpu in ["0", last.as_str()] {
        host.virsh(&["emulatorpin", "c1", cpu, "--live", "--config"]).done();
        assert_eq!(allowed(host.monitor_pid("c1")), cpu);
        assert_eq!(allowed(host.init_pid("c1")), inside, "the container stays where it is");
    }
    host.virsh(&["destroy", "c1"]).done();
    host.start_container("c1", &root);
    assert_eq!(allowed(host.monitor_pid("c1")), last);
    assert!(host.virsh(&["emulatorpin", "c1"]).ok().contains(&format!("*: {last}")));
    assert!(host.virsh(&["iothreadinfo", "c1"]).ok().contains("No IOThreads found"));
    let error = host.virsh(&["iothreadadd", "c1", "1"]);
    assert!(error.err().contains("not supported by the connection driver"), "{error:?}");
}
