//! Define, undefine, redefine: what is printed, what is refused and in which words.

use serde_json::{Value, json};
use testkit::{Domain, Host, Init};

const FULL_IN: &str = include_str!("../xml/full.in.xml");
const FULL_OUT: &str = include_str!("../xml/full.out.xml");

#[test]
fn a_full_definition_is_printed_in_order_and_is_a_fixed_point() {
    let host = Host::start();
    host.write("/run/test/full.xml", FULL_IN);
    host.virsh(&["define", "/run/test/full.xml"]).done();
    assert_eq!(host.dumpxml("full", &[]), FULL_OUT.trim_end());
    assert_eq!(host.dumpxml("full", &["--inactive"]), FULL_OUT.trim_end());

    host.write("/run/test/full.xml", FULL_OUT);
    host.virsh(&["define", "/run/test/full.xml"]).done();
    assert_eq!(host.dumpxml("full", &[]), FULL_OUT.trim_end());

    host.stop_daemon();
    host.start_daemon();
    assert_eq!(host.dumpxml("full", &[]), FULL_OUT.trim_end(), "read back from the file");
}

#[test]
fn what_a_definition_leaves_out_is_filled_in() {
    let host = Host::start();
    let root = "<filesystem><source dir='/srv'/><target dir='/'/></filesystem>";
    host.define(&Domain::new("c1").init("/sbin/init").device(root));
    let printed = host.dumpxml("c1", &[]);
    let uuid = host.virsh(&["domuuid", "c1"]).ok().trim().to_owned();
    let emulator = host
        .python("import re\nsay(re.search('<emulator>(.*)</emulator>', conn.getCapabilities()).group(1))");
    let emulator = emulator.as_str().unwrap();
    let expected = format!(
        "<domain type='lxc'>
  <name>c1</name>
  <uuid>{uuid}</uuid>
  <memory unit='KiB'>65536</memory>
  <currentMemory unit='KiB'>65536</currentMemory>
  <vcpu placement='static'>1</vcpu>
  <os>
    <type arch='x86_64'>exe</type>
    <init>/sbin/init</init>
  </os>
  <features>
    <privnet/>
  </features>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>{emulator}</emulator>
    <filesystem type='mount' accessmode='passthrough'>
      <source dir='/srv'/>
      <target dir='/'/>
    </filesystem>
    <console type='pty'>
      <target type='lxc' port='0'/>
    </console>
  </devices>
</domain>"
    );
    assert_eq!(printed, expected);

    host.define(&Domain::new("c2").device("<interface type='bridge'><source bridge='br0'/></interface>"));
    let printed = host.dumpxml("c2", &[]);
    let mac = printed.split("<mac address='").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert!(mac.starts_with("52:54:00:") && mac.len() == 17, "{mac}");
    assert_eq!(host.dumpxml("c2", &[]), printed, "the address stays");
}

#[test]
fn special_characters_survive() {
    let host = Host::start();
    let domain = Domain::new("c1").os("<initarg>a&amp;b</initarg>").element("<title>&lt;ü&gt;</title>");
    host.define(&domain.clone().element("<metadata><x:a xmlns:x='http://x/'>1 &lt; 2</x:a></metadata>"));
    let printed = host.dumpxml("c1", &[]);
    for text in ["<initarg>a&amp;b</initarg>", "<title>&lt;ü&gt;</title>", "1 &lt; 2"] {
        assert!(printed.contains(text), "{text} in {printed}");
    }
    host.write("/run/test/again.xml", &printed);
    host.virsh(&["define", "/run/test/again.xml"]).done();
    assert_eq!(host.dumpxml("c1", &[]), printed);

    // The incumbent prints this value without escaping it: a document that it then cannot read.
    host.define(&domain.renamed("c2").os("<initenv name='A'>x&lt;y</initenv>"));
    let printed = host.dumpxml("c2", &[]);
    let value = host.expect("<initenv name='A'>x&lt;y</initenv>", "<initenv name='A'>x<y</initenv>");
    assert!(printed.contains(value), "{value} in {printed}");
}

#[test]
fn name_and_uuid_are_both_unique() {
    let host = Host::start();
    host.define(&Domain::new("c1"));
    let uuid = host.virsh(&["domuuid", "c1"]).ok().trim().to_owned();
    let define = |domain: Domain| host.python(&format!("say(error(conn.defineXML, {:?}))", domain.xml()));
    let exists = format!("operation failed: domain 'c1' already exists with uuid {uuid}");
    let defined = format!("operation failed: domain 'c1' is already defined with uuid {uuid}");
    assert_error(&define(Domain::new("c1")), 9, &exists);
    assert_error(&define(Domain::new("c1").uuid("6f9e2c1e-1111-4222-8333-444455556666")), 9, &exists);
    assert_error(&define(Domain::new("c2").uuid(&uuid)), 9, &defined);
    assert_eq!(host.virsh(&["list", "--all", "--name"]).ok().trim(), "c1");

    host.define(&Domain::new("c1").uuid(&uuid).memory_kib(4096));
    assert!(host.dumpxml("c1", &[]).contains("<memory unit='KiB'>4096</memory>"));
}

/// A definition that is broken by one change of a sound one: what is replaced, by what, code and message.
const BROKEN: &[(&str, &str, i64, &str)] = &[
    ("domain", "network", 27, "XML error: expecting root element of 'domain', not 'network'"),
    ("type='lxc'", "", 1, "internal error: missing domain type attribute"),
    ("<name>k</name>", "", 21, "missing name information"),
    ("<name>k</name>", "<name></name>", 21, "missing name information"),
    ("<name>k", "<name>k/l", 27, "XML error: name k/l cannot contain '/'"),
    ("<name>k", "<name>k\nl", 35, "invalid char in name: \n"),
    ("</name>", "</name><uuid>zz</uuid>", 1, "internal error: malformed uuid element"),
    ("</name>", "</name><title>a\nb</title>", 27, "XML error: Domain title can't contain newlines"),
    ("type='lxc'", "type='bogus'", 67, "unsupported configuration: invalid domain type bogus"),
    (
        "type='lxc'",
        "type='kvm'",
        8,
        "invalid argument: could not find capabilities for ostype=exe arch=x86_64 domaintype=kvm ",
    ),
    (">exe<", ">hvm<", 8, "invalid argument: could not find capabilities for arch=x86_64 domaintype=lxc "),
    ("<type>", "<type arch='bogus'>", 67, "unsupported configuration: Unknown architecture bogus"),
    (
        "<memory>1024</memory>",
        "",
        27,
        "XML error: Memory size must be specified via <memory> or in the <numa> configuration",
    ),
    ("<memory>", "<memory unit='foo'>", 8, "invalid argument: unknown suffix 'foo'"),
    ("1024", "-5", 27, "XML error: Invalid value '-5' for element or attribute './memory[1]'"),
    ("</memory>", "</memory><vcpu>x</vcpu>", 27, "XML error: maximum vcpus count must be an integer"),
    (
        "</memory>",
        "</memory><cputune><quota>1</quota></cputune>",
        67,
        "unsupported configuration: Value of cputune 'quota' must be in range [1000, 17592186044415]",
    ),
    (
        "</memory>",
        "</memory><cputune><period>1</period></cputune>",
        67,
        "unsupported configuration: Value of cputune 'period' must be in range [1000, 1000000]",
    ),
    ("<init>/i</init>", "", 27, "XML error: init binary must be specified"),
    ("/i</init>", "/i</init><initarg/>", 27, "XML error: No data supplied for <initarg> element"),
    (
        "/i</init>",
        "/i</init><initenv name='a'/>",
        27,
        "XML error: No value supplied for <initenv name='a'> element",
    ),
    ("<type>exe</type>", "", 27, "XML error: an os <type> must be specified"),
    (
        "</os>",
        "</os><features><bogus/></features>",
        67,
        "unsupported configuration: unexpected feature 'bogus'",
    ),
    (
        "</os>",
        "</os><features><capabilities policy='bogus'/></features>",
        27,
        "XML error: Invalid value for attribute 'policy' in element 'capabilities': 'bogus'.",
    ),
    ("</os>", "</os><clock offset='x'/>", 67, "unsupported configuration: unknown clock offset 'x'"),
    ("</os>", "</os><on_reboot>x</on_reboot>", 67, "unsupported configuration: unknown on_reboot action: x"),
    (
        "</os>",
        "</os><idmap><uid start='0' target='1' count='9'/></idmap>",
        67,
        "unsupported configuration: uid and gid should be mapped both",
    ),
    (
        "</os>",
        "</os><idmap><uid start='1' target='1' count='9'/><gid start='0' target='1' count='9'/></idmap>",
        67,
        "unsupported configuration: You must map the root user of container",
    ),
    (
        "<devices>",
        "<devices><console type='x'/>",
        67,
        "unsupported configuration: unknown type presented to host for character device: x",
    ),
    (
        "<devices>",
        "<devices><filesystem><source dir='/a'/></filesystem>",
        20,
        "missing target information for device /a",
    ),
    (
        "<devices>",
        "<devices><filesystem><target dir='/a'/></filesystem>",
        19,
        "missing source information for device /a",
    ),
    (
        "<devices>",
        "<devices><filesystem type='x'><source dir='/a'/><target dir='/a'/></filesystem>",
        27,
        "XML error: Invalid value for attribute 'type' in element 'filesystem': 'x'.",
    ),
    (
        "<devices>",
        "<devices><interface type='x'/>",
        27,
        "XML error: Invalid value for attribute 'type' in element 'interface': 'x'.",
    ),
    (
        "<devices>",
        "<devices><interface type='bridge'/>",
        27,
        "XML error: interface type='bridge' requires a 'source' element",
    ),
    (
        "<devices>",
        "<devices><interface type='bridge'><mac address='zz'/><source bridge='b'/></interface>",
        27,
        "XML error: unable to parse mac address 'zz'",
    ),
    (
        "<devices>",
        "<devices><interface type='bridge'><mac address='01:00:00:00:00:01'/><source bridge='b'/></interface>",
        27,
        "XML error: expected unicast mac address, found multicast '01:00:00:00:00:01'",
    ),
    (
        "<devices>",
        "<devices><interface type='bridge'><source bridge='b'/><ip address='zz'/></interface>",
        27,
        "XML error: Invalid address 'zz' in <ip>",
    ),
];

const SOUND: &str = "<domain type='lxc'><name>k</name><memory>1024</memory>\
    <os><type>exe</type><init>/i</init></os><devices><console type='pty'/></devices></domain>";

#[test]
fn a_broken_definition_is_refused_in_the_known_words() {
    let host = Host::start();
    let documents: Vec<_> = BROKEN.iter().map(|(from, to, ..)| SOUND.replace(from, to)).collect();
    let errors = host.python(&format!(
        "say([error(conn.defineXML, xml) for xml in {}] + [error(conn.createXML, {:?}, 0)])",
        json!(documents),
        documents[2],
    ));
    for ((change, error), document) in BROKEN.iter().zip(errors.as_array().unwrap()).zip(&documents) {
        let (code, message) = (error[0].as_i64(), error[2].as_str());
        assert_eq!((code, message), (Some(change.2), Some(change.3)), "{document}");
    }
    assert_error(&errors[BROKEN.len()], 21, "missing name information");
    assert_eq!(host.virsh(&["list", "--all", "--name"]).ok().trim(), "");
    assert_eq!(host.python(&format!("conn.defineXML({SOUND:?})\nsay('sound')")), "sound");
}

#[test]
fn what_is_no_xml_is_refused_with_the_place() {
    let host = Host::start();
    let errors = host.python(&format!(
        r#"say([error(conn.defineXML, xml) for xml in [
    "<domain", "", "no xml", {SOUND:?}[:-5], {SOUND:?}.replace("/i<", "&bogus;<"), {SOUND:?} + "<more/>"
]])"#
    ));
    for error in errors.as_array().unwrap() {
        assert_eq!(error[0], 35, "{error}");
        assert!(error[2].as_str().is_some_and(|text| text.starts_with("(domain_definition):1: ")), "{error}");
    }
    // Nobody needs a document type; entities defined in one are a way to make the daemon swell.
    let bomb = SOUND.replacen("<domain", "<!DOCTYPE domain [<!ENTITY a 'aaaa'>]><domain", 1);
    let error = host.python(&format!("say(error(conn.defineXML, {bomb:?}))"));
    assert_eq!(error[0], host.expect(json!(35), json!("no error")), "{error}");
}

/// The incumbent tries to allocate a counter per CPU and dies.
#[test]
fn a_negative_number_of_cpus_is_refused() {
    let host = Host::start();
    if host.subject().is_ours() {
        let document = SOUND.replacen("</memory>", "</memory><vcpu>-3</vcpu>", 1);
        let error = host.python(&format!("say(error(conn.defineXML, {document:?}))"));
        assert_eq!(error[0], 27, "{error}");
        assert_eq!(host.virsh(&["list", "--all", "--name"]).ok().trim(), "");
    }
}

#[test]
fn undefine_removes_the_files() {
    let host = Host::start();
    host.container("c1", &Init::Plain);
    host.virsh(&["autostart", "c1"]).done();
    assert!(host.exists("/etc/libvirt/lxc/c1.xml") && host.exists("/etc/libvirt/lxc/autostart/c1.xml"));
    host.virsh(&["undefine", "c1"]).done();
    assert!(!host.exists("/etc/libvirt/lxc/c1.xml") && !host.exists("/etc/libvirt/lxc/autostart/c1.xml"));
    assert!(host.virsh(&["undefine", "c1"]).err().contains("failed to get domain 'c1'"));
    host.stop_daemon();
    host.start_daemon();
    assert_eq!(host.virsh(&["list", "--all", "--name"]).ok().trim(), "");
}

#[track_caller]
fn assert_error(error: &Value, code: i64, message: &str) {
    assert_eq!((error[0].as_i64(), error[2].as_str()), (Some(code), Some(message)));
}
