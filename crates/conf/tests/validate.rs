//! Checks of a whole definition.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use conf::domain::{DomainDef, ParseContext, validate_container, validate_start};

fn domain(init: &str, rest: &str) -> DomainDef {
    let xml = format!(
        "<domain type='lxc' xmlns:lxc='http://libvirt.org/schemas/domain/lxc/1.0'><name>d</name>\
         <memory>65536</memory><os><type>exe</type><init>{init}</init></os>{rest}</domain>"
    );
    DomainDef::parse(&xml, &ParseContext::new("x86_64", "/e", |bytes| bytes.fill(0x42))).unwrap()
}

const ROOT: &str = "<filesystem><source dir='/srv/x'/><target dir='/'/></filesystem>";
const NIC: &str = "<interface type='bridge'><source bridge='br0'/></interface>";

#[track_caller]
fn refused(init: &str, rest: &str, text: &str) {
    let error = validate_container(&domain(init, rest)).unwrap_err();
    assert_eq!(error.code, 67);
    assert!(error.message.contains(text), "{}", error.message);
}

#[track_caller]
fn fine(init: &str, rest: &str) {
    validate_container(&domain(init, rest)).unwrap();
}

#[test]
fn an_init_system_needs_a_root_of_its_own() {
    for init in ["/sbin/init", "/lib/systemd/systemd", "/usr/bin/busybox", "/opt/../sbin/init", "init"] {
        refused(init, "", "add <filesystem type='mount'>");
        refused(
            init,
            "<devices><filesystem><source dir='/x'/><target dir='/x'/></filesystem></devices>",
            "no root",
        );
        fine(init, &format!("<devices>{ROOT}</devices>"));
    }
    fine("/bin/sh", "");
    fine("/usr/bin/nginx", "");
}

#[test]
fn mounts() {
    refused("/bin/sh", &format!("<devices>{ROOT}{ROOT}</devices>"), "only one <filesystem>");
    let relative = "<devices><filesystem><source dir='/x'/><target dir='x'/></filesystem></devices>";
    refused("/bin/sh", relative, "'x' of a <filesystem> is not an absolute path");
}

#[test]
fn shared_namespaces() {
    let share = |what: &str| format!("<lxc:namespace>{what}</lxc:namespace>");
    let net = share("<lxc:sharenet type='netns' value='blue'/>");
    fine("/bin/sh", &net);
    refused("/bin/sh", &format!("<devices>{NIC}</devices>{net}"), "cannot have interfaces");
    refused("/bin/sh", &format!("<features><privnet/></features>{net}"), "cannot have interfaces");
    refused("/bin/sh", &share("<lxc:shareipc type='netns' value='blue'/>"), "only for <lxc:sharenet>");
    refused(
        "/bin/sh",
        &share("<lxc:shareuts type='pid' value='-1'/>"),
        "'-1' of <lxc:shareuts> is not a process id",
    );
    refused("/bin/sh", &share("<lxc:sharenet type='netns' value='../1'/>"), "not a name of ip-netns(8)");
    refused("/bin/sh", &share("<lxc:shareuts type='name' value='d'/>"), "names the container itself");
    fine("/bin/sh", &share("<lxc:shareuts type='pid' value='1'/><lxc:shareipc type='name' value='e'/>"));
}

#[test]
fn what_is_refused_at_start_only() {
    for (devices, text) in [
        ("", "At least one PTY console is required"),
        ("<console type='null'/>", "Only PTY console types are supported"),
        ("<console type='pty'/><interface type='user'/>", "Unsupported network type user"),
        (
            "<console type='pty'/><interface type='ethernet'><script path='/s'/></interface>",
            "scripts are not supported on interfaces of type ethernet",
        ),
        (
            "<console type='pty'/><filesystem type='template'><source name='t'/><target dir='/'/></filesystem>",
            "Unexpected filesystem type template",
        ),
    ] {
        let def = domain("/bin/sh", &format!("<devices>{devices}</devices>"));
        validate_container(&def).unwrap();
        let error = validate_start(&def).unwrap_err();
        assert_eq!((error.code, error.detail()), (67, text));
    }
    validate_start(&domain("/bin/sh", &format!("<devices><console type='pty'/>{NIC}{ROOT}</devices>")))
        .unwrap();
}
