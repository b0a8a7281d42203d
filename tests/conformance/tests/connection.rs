//! The connection, what the host offers, and what a read-only client may do.

use testkit::{Domain, Host, Init};

#[test]
fn the_host_is_described() {
    let host = Host::start();
    assert_eq!(host.virsh(&["uri"]).ok().trim(), "lxc:///system");
    let version = host.virsh(&["version"]).ok().to_owned();
    let release = host.read("/proc/sys/kernel/osrelease");
    let kernel: Vec<_> = release.trim().split(['.', '-']).take(3).collect();
    assert!(version.contains(&format!("Running hypervisor: LXC {}", kernel.join("."))), "{version}");
    assert_eq!(host.virsh(&["hostname"]).ok().trim(), host.run(&["hostname"]).ok().trim());
    let info = host.virsh(&["nodeinfo"]).ok().to_owned();
    let cpus = host.run(&["nproc", "--all"]).ok().trim().to_owned();
    assert!(
        info.lines().any(|line| line.starts_with("CPU(s):") && line.ends_with(&format!(" {cpus}"))),
        "{info}"
    );
    let xml = host.virsh(&["capabilities"]).ok().to_owned();
    for text in
        ["<os_type>exe</os_type>", "<arch name='x86_64'>", "<domain type='lxc'", "<wordsize>64</wordsize>"]
    {
        assert!(xml.contains(text), "{text} in {xml}");
    }
    let emulator = xml.split("<emulator>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    assert!(host.exists(emulator), "{emulator}");
    assert_eq!(host.python("say(conn.getType())"), "LXC");
}

#[test]
fn only_our_uris_are_served() {
    let host = Host::start();
    let error = host.virsh_to("lxc:///nowhere", &["list"]);
    assert!(error.err().contains("Unexpected LXC URI path '/nowhere', try lxc:///system"), "{error:?}");
    if host.subject().is_ours() {
        // A scheme of our own, that no other driver claims.
        assert_eq!(host.virsh_to("container:///system", &["uri"]).ok().trim(), "container:///system");
        host.virsh_to("container:///system", &["list", "--all"]).done();
    }
}

#[test]
fn a_read_only_client_looks_and_changes_nothing() {
    let host = Host::start();
    let _root = host.boot("c1", &Init::Plain);
    let denied = host.python(
        r#"
ro = libvirt.openReadOnly("lxc:///system")
d = ro.lookupByName("c1")
say({
    "xml": d.XMLDesc(0) != "",
    "destroy": error(d.destroy),
    "define": error(ro.defineXML, d.XMLDesc(0)),
    "suspend": error(d.suspend),
    "secure": error(d.XMLDesc, libvirt.VIR_DOMAIN_XML_SECURE),
})
"#,
    );
    assert_eq!(denied["xml"], true);
    for call in ["destroy", "define", "suspend", "secure"] {
        assert_eq!(denied[call][0], 29, "{call}: {denied}");
    }
    // The daemon refuses too, when the client's library does not: it believes this to be a writable connection.
    let socket = host.expect("/run/libvirt/virtlxcd-sock-ro", "/run/libvirt/libvirt-sock-ro");
    let uri = format!("lxc+unix:///system?socket={socket}");
    host.virsh_to(&uri, &["list"]).done();
    let error = host.virsh_to(&uri, &["destroy", "c1"]);
    assert!(error.err().contains("operation forbidden"), "{error:?}");
    assert_eq!(host.state("c1"), "running (booted)");
}

#[test]
fn threads_share_a_connection() {
    let host = Host::start();
    let _root = host.boot("c1", &Init::Plain);
    let answers = host.python(
        r#"
import concurrent.futures
d = conn.lookupByName("c1")
def work(n):
    return [(d.info()[0], d.state()[0], d.name(), len(conn.listAllDomains())) for _ in range(50)]
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    done = [answer for list in pool.map(work, range(8)) for answer in list]
say([len(done), sorted(set(done))])
"#,
    );
    assert_eq!(answers.to_string(), r#"[400,[[1,1,"c1",1]]]"#);
}

#[test]
fn events_in_the_old_style_and_keepalive() {
    let host = Host::start();
    let mut client = host.python_start(
        r#"
def old(_conn, domain, event, detail, _opaque):
    say(f"{domain.name()} {event} {detail}")
conn.setKeepAlive(1, 3)
conn.domainEventRegister(old, None)
say("ready")
sys.stdin.read()
"#,
    );
    assert_eq!(client.hear(), "ready");
    host.define(&Domain::new("c1").init("/bin/true"));
    assert_eq!(client.hear(), "c1 0 0");
    host.virsh(&["-k", "1", "-K", "3", "event", "--event", "lifecycle", "--timeout", "3"]);
    host.virsh(&["undefine", "c1"]).done();
    assert_eq!(client.hear(), "c1 1 0", "it is still connected");
    client.end();
}

#[test]
fn the_namespaces_of_a_container_can_be_entered() {
    let host = Host::start();
    let _root = host.boot("c1", &Init::Plain);
    assert_eq!(host.inside("c1", &["/bin/hostname"]).trim(), "c1");
    let init = host.inside("c1", &["/bin/cat", "/proc/1/comm"]);
    assert_eq!(init.trim(), host.read(&format!("/proc/{}/comm", host.init_pid("c1"))).trim());
    let error = host.virsh(&["-r", "lxc-enter-namespace", "c1", "--noseclabel", "/bin/true"]);
    assert_ne!(error.status, 0, "{error:?}");
}
