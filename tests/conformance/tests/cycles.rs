//! Many starts and stops, failing starts, and many clients at once: nothing may be left of any of them.

use serde_json::Value;
use testkit::{Domain, Host, Init, Root};

const NIC: &str =
    "<interface type='bridge'><source bridge='br0'/><ip address='10.77.0.2' prefix='24'/></interface>";

/// A container whose init needs no time: what is counted is the daemon's work.
fn idle(host: &Host, name: &str) -> (Root, Domain) {
    let root = host.root(name, &Init::Deaf);
    let domain = Domain::new(name).root(&root).init("/bin/sleep").os("<initarg>100000</initarg>");
    (root, domain)
}

#[test]
fn many_cycles_leave_nothing() {
    let host = Host::start();
    let _bridge = host.bridge("br0", "10.77.0.1/24");
    let (_, domain) = idle(&host, "c1");
    host.define(&domain.device(NIC));
    let cycles = |count: u32| {
        host.python_do(&format!(
            "d = conn.lookupByName('c1')\nfor _ in range({count}):\n    d.create()\n    assert d.isActive()\n    d.destroy()"
        ));
    };
    // What the first ones make stays: threads, logs, a remembered range of user ids.
    cycles(2);
    let before = host.settled();
    // The incumbent takes about 2 s to destroy a container whose init does not handle SIGTERM.
    cycles(host.expect(100, 5));
    host.assert_same(&before, &[]);
    assert_eq!(host.state("c1"), "shut off (destroyed)");
}

/// Four at a time: a machine that does nothing but reboot has to wait a second before each. The incumbent loses the
/// second or third of quick reboots: the container stays up without an init.
#[test]
fn a_hundred_reboots_leave_nothing() {
    let host = Host::start();
    if !host.subject().is_ours() {
        return;
    }
    let init = "left=$(cat /state/left); [ $left = 0 ] && echo over >/state/left && exec sleep 100000; echo $((left - 1)) >/state/left; exec reboot -f";
    let machines = ["c1", "c2", "c3", "c4"].map(|name| {
        let root = host.root(name, &Init::Script(init.to_owned()));
        host.define(&Domain::new(name).root(&root));
        (name, root.file("/state/left"))
    });
    let mut events = host.events();
    let mut reboots = |count: usize| {
        for (name, left) in &machines {
            host.write(left, &format!("{count}\n"));
            host.virsh(&["start", name]).done();
        }
        for (name, left) in &machines {
            host.wait_for(left, |text| text == "over\n");
            host.virsh(&["destroy", name]).done();
        }
        let seen = events.take();
        for (name, _) in &machines {
            let told = seen.iter().filter(|event| **event == format!("{name} REBOOT")).count();
            assert_eq!(told, count, "{name}: {seen:?}");
        }
    };
    reboots(2);
    let before = host.settled();
    reboots(25);
    host.assert_same(&before, &[]);
}

#[test]
fn twenty_failing_starts_leave_nothing() {
    let host = Host::start();
    let _bridge = host.bridge("br0", "10.77.0.1/24");
    let (_, domain) = idle(&host, "c0");
    let missing = "<filesystem type='mount'><source dir='/nowhere'/><target dir='/mnt'/></filesystem>";
    // Each fails at another step: the network, the mounts, the identity of init, the execution.
    let broken = [
        domain.clone().renamed("c1").device(NIC).device(&NIC.replace("br0", "nobridge")),
        domain.clone().renamed("c2").device(NIC).device(missing),
        domain.clone().renamed("c3").device(NIC).os("<inituser>nobody-here</inituser>"),
        domain.renamed("c4").device(NIC).init("/bin/nope"),
    ];
    for domain in &broken {
        host.define(domain);
    }
    let fail = |times: u32| {
        host.python(&format!(
            "doms = [conn.lookupByName(n) for n in ('c1', 'c2', 'c3', 'c4')]\n\
             say([error(d.create) for _ in range({times}) for d in doms])"
        ))
    };
    fail(1);
    let before = host.settled();
    let errors = fail(5);
    assert_eq!(errors.as_array().unwrap().len(), 20);
    for (error, culprit) in
        errors.as_array().unwrap().iter().zip(["nobridge", "nowhere", "nobody-here", "nope"].iter().cycle())
    {
        assert!(error[2].as_str().unwrap().contains(culprit), "{culprit}: {error}");
    }
    // A veth of the incumbent stays at some failures.
    host.assert_same(&before, host.expect(&[], &["link vnet"]));
    assert_eq!(host.virsh(&["list", "--name"]).ok().trim(), "");
}

/// One client: random calls on four domains for some seconds. Says the errors that nobody can expect, and how
/// many calls did what they should.
const RANDOM_CALLS: &str = r#"
import random

def expected(e, what):
    text = e.get_error_message()
    # Another client was faster.
    return e.get_error_code() == libvirt.VIR_ERR_OPERATION_INVALID and what in ("create", "destroy")

def client(connection, seed, end, errors, done):
    dice = random.Random(seed)
    while time.monotonic() < end:
        what = dice.choice(["list", "info", "xml", "create", "destroy", "state", "id"])
        try:
            domain = connection.lookupByName(f"c{dice.randrange(4)}")
            if what == "list":
                names = [d.name() for d in connection.listAllDomains(0)]
                if sorted(names) != ["c0", "c1", "c2", "c3"]:
                    errors.append(["list", names])
            elif what == "info":
                domain.info()
            elif what == "xml":
                if f"<name>{domain.name()}</name>" not in domain.XMLDesc(0):
                    errors.append(["xml", domain.name()])
            elif what == "state":
                domain.state()
            elif what == "id":
                domain.ID()
            else:
                getattr(domain, what)()
            done[what] = done.get(what, 0) + 1
        except libvirt.libvirtError as e:
            if not expected(e, what):
                errors.append([what, e.get_error_code(), e.get_error_message()])

def clients(count, seconds):
    errors, done, end = [], {}, time.monotonic() + seconds
    threads = [
        threading.Thread(target=client, args=(conn, os.getpid() * 100 + n, end, errors, done)) for n in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say({"errors": errors, "done": done})
"#;

#[test]
fn many_clients_at_once() {
    let host = Host::start();
    let _bridge = host.bridge("br0", "10.77.0.1/24");
    for name in ["c0", "c1", "c2", "c3"] {
        let (_, domain) = idle(&host, name);
        host.define(&domain.device("<interface type='bridge'><source bridge='br0'/></interface>"));
    }
    let round = |seconds: u32| -> Vec<Value> {
        let start =
            |threads: u32| host.python_start(&format!("{RANDOM_CALLS}\nclients({threads}, {seconds})"));
        let mut all: Vec<_> = [8, 1, 1, 1, 1].map(start).into_iter().collect();
        let reports = all.iter_mut().map(testkit::Python::hear).collect();
        all.into_iter().for_each(testkit::Python::end);
        host.python_do("for d in conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE): d.destroy()");
        reports
    };
    round(1);
    let before = host.settled();
    for report in round(4) {
        assert_eq!(report["errors"], serde_json::json!([]), "{report}");
        // A client of the incumbent waits for seconds while others start and stop.
        let calls = host.expect(&["create", "destroy", "info", "xml", "list"][..], &[]);
        for call in calls {
            assert!(report["done"][call].as_u64() > Some(0), "{call} never succeeded: {report}");
        }
        assert!(!report["done"].as_object().unwrap().is_empty(), "nothing succeeded: {report}");
    }
    // The incumbent now and then leaves a mount point, and a veth of a start that failed.
    host.assert_same(&before, host.expect(&[], &["/run/libvirt/lxc/", "link vnet"]));
    for name in ["c0", "c1", "c2", "c3"] {
        assert!(host.state(name).starts_with("shut off"), "{name}");
    }
}
