//! The tables of calls and events have exactly the procedures that libvirt has, with the same properties.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use protocol::{
    CALLS, CallInfo, EVENTS, ReadOnlyRule, ServedBy, StreamKind,
    acl::{Condition, Rule},
    call_info,
};
use wire::{
    facts::{self, Row, program},
    shape::Shapes,
};

fn key(row: &Row) -> (u32, i32) {
    (program(row["program"]), row["number"].parse().expect("a number"))
}

fn calls() -> Vec<(Row, &'static CallInfo)> {
    let rows = facts::procedures().into_iter().filter(|row| !row["flags"].contains("event"));
    rows.map(|row| {
        let (program, number) = key(&row);
        let info = call_info(program, number).unwrap_or_else(|| panic!("{} is missing", row["name"]));
        (row, info)
    })
    .collect()
}

fn value_of(name: &str) -> u32 {
    let row = facts::enums().into_iter().find(|row| row["name"] == name);
    row.unwrap_or_else(|| panic!("no constant {name}"))["value"].parse().expect("a number")
}

#[test]
fn totals() {
    let mut per_program: BTreeMap<u32, usize> = BTreeMap::new();
    for program in CALLS.iter().map(|info| info.program).chain(EVENTS.iter().map(|info| info.program)) {
        *per_program.entry(program).or_default() += 1;
    }
    let expected = [("lxc", 1), ("admin", 20), ("remote", 453), ("qemu", 7), ("keepalive", 2)];
    assert_eq!(per_program, expected.map(|(name, count)| (program(name), count)).into());
    assert_eq!(CALLS.iter().filter(|info| info.program == program("remote")).count(), 400);
}

#[test]
fn every_procedure_is_there_and_no_other() {
    let ours: BTreeSet<_> = CALLS
        .iter()
        .map(|info| (info.program, info.procedure, info.name))
        .chain(EVENTS.iter().map(|info| (info.program, info.procedure, info.name)))
        .collect();
    assert_eq!(ours.len(), CALLS.len() + EVENTS.len());
    let facts = facts::procedures();
    let theirs: BTreeSet<_> = facts.iter().map(|row| (key(row).0, key(row).1, row["name"])).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn calls_are_sorted() {
    assert!(CALLS.is_sorted_by_key(|info| (info.program, info.procedure)));
    assert!(CALLS.iter().all(|info| std::ptr::eq(call_info(info.program, info.procedure).unwrap(), *info)));
    assert_eq!(call_info(program("remote"), 107), None, "an event is not a call");
    assert_eq!(call_info(program("remote"), 0), None);
    assert_eq!(call_info(program("remote"), -1), None);
    assert_eq!(call_info(0x1234, 1), None);
}

#[test]
fn layouts() {
    let shapes = Shapes::load();
    for (row, info) in calls() {
        assert_eq!(info.args.to_string(), shapes.of_struct(row["args"]), "arguments of {}", info.name);
        let reply = info.reply.to_string();
        let named = shapes.of_struct(row["reply"]);
        if reply != named {
            assert_eq!(reply, shapes.unnamed(row["reply"]), "reply of {}", info.name);
        }
    }
    let rows: HashMap<_, _> = facts::procedures().into_iter().map(|row| (key(&row), row)).collect();
    for info in EVENTS {
        let row = &rows[&(info.program, info.procedure)];
        assert_eq!(info.msg.to_string(), shapes.of_struct(row["msg"]), "{}", info.name);
    }
}

#[test]
fn shared_layouts() {
    let shapes = Shapes::load();
    let layout = |layout: &xdr::Layout| layout.to_string();
    assert_eq!(layout(<protocol::error::ErrorBody as xdr::Xdr>::LAYOUT), shapes.of_struct("remote_error"));
    assert_eq!(
        layout(<protocol::error::ErrorBody as xdr::Xdr>::LAYOUT),
        shapes.of_struct("virNetMessageError")
    );
    assert_eq!(
        layout(<protocol::header::StreamHole as xdr::Xdr>::LAYOUT),
        shapes.of_struct("virNetStreamHole")
    );
    assert_eq!(<protocol::Header as xdr::Xdr>::MIN_SIZE, protocol::HEADER_LEN);
    let xdr::Layout::Struct(fields) = <protocol::Header as xdr::Xdr>::LAYOUT else { panic!("not a struct") };
    let fields: Vec<_> = fields.iter().map(|field| field.layout.to_string()).collect();
    assert_eq!(format!("({})", fields.join(", ")), shapes.unnamed("virNetMessageHeader"));
}

#[test]
fn priorities() {
    for (row, info) in calls() {
        assert_eq!(info.priority_high, row["priority"] == "high", "{}", info.name);
    }
}

#[test]
fn streams_and_descriptors() {
    for (row, info) in calls() {
        let flags: BTreeMap<_, _> =
            row["flags"].split(',').map(|flag| flag.split_once('=').unwrap_or((flag, ""))).collect();
        // The facts know one direction; consoles and channels carry data both ways.
        let reads = matches!(info.stream, Some(StreamKind::Read | StreamKind::ReadWrite));
        let writes = info.stream == Some(StreamKind::Write);
        assert_eq!(reads, flags.contains_key("readstream"), "{}", info.name);
        assert_eq!(writes, flags.contains_key("writestream"), "{}", info.name);
        assert_eq!(
            info.stream == Some(StreamKind::ReadWrite),
            matches!(info.name, "domain_open_console" | "domain_open_channel"),
            "{}",
            info.name
        );
        assert_eq!(info.sparse, flags.contains_key("sparse"), "{}", info.name);
        assert_eq!(info.fds_in, flags.contains_key("fd_in"), "{}", info.name);
        assert_eq!(info.fds_out, flags.contains_key("fd_out"), "{}", info.name);
        assert_eq!(info.no_auth, flags.contains_key("noauth"), "{}", info.name);
    }
}

#[test]
fn drivers() {
    for (row, info) in calls() {
        let driver = match info.served_by {
            ServedBy::Daemon => "-",
            ServedBy::Hypervisor => "hypervisor",
            ServedBy::Network => "network",
            ServedBy::Storage => "storage",
            ServedBy::NodeDev => "nodedev",
            ServedBy::Interface => "interface",
            ServedBy::Secret => "secret",
            ServedBy::NwFilter => "nwfilter",
        };
        assert_eq!(driver, row["served_by"], "{}", info.name);
    }
}

/// Rules in the notation of the facts, one flag each.
fn notation(rule: &Rule) -> BTreeSet<String> {
    let name = format!("{}:{}", rule.object, rule.permission);
    match rule.when {
        Condition::Always => [name].into(),
        Condition::AnyFlag(bits) => (0..32)
            .map(|bit| 1 << bit)
            .filter(|bit| bits & bit != 0)
            .map(|bit| format!("{name}:{bit}"))
            .collect(),
        Condition::AffectsConfig => [format!("{name}:!2|1"), format!("{name}:2")].into(),
        Condition::Source(value) => [format!("{name}::source:{value}")].into(),
    }
}

/// A rule of the facts with constants replaced by their values.
fn with_values(rule: &str) -> String {
    let parts: Vec<_> = rule.split(':').collect();
    match parts[..] {
        [object, permission, flags] => {
            let (not, names) = flags.strip_prefix('!').map_or(("", flags), |names| ("!", names));
            let values: Vec<_> = names.split('|').map(|name| value_of(name).to_string()).collect();
            format!("{object}:{permission}:{not}{}", values.join("|"))
        }
        [object, permission, "", param, value] => {
            format!("{object}:{permission}::{param}:{}", value_of(value))
        }
        _ => rule.to_owned(),
    }
}

#[test]
fn access_rules() {
    for (row, info) in calls() {
        let ours: BTreeSet<_> = info.acl.iter().flat_map(notation).collect();
        let theirs: BTreeSet<_> =
            row["acl"].split(';').filter(|rule| *rule != "-").map(with_values).collect();
        assert_eq!(ours, theirs, "{}", info.name);

        let filter = info.acl_filter.map(|rule| format!("{}:{}", rule.object, rule.permission));
        assert_eq!(filter.as_deref().unwrap_or("-"), row["acl_filter"], "{}", info.name);
    }
}

#[test]
fn permissions_exist() {
    let permissions: HashMap<_, _> = facts::permissions()
        .into_iter()
        .map(|row| ((row["object"], row["permission"]), row["action"]))
        .collect();
    for rule in CALLS.iter().flat_map(|info| info.acl.iter().chain(&info.acl_filter)) {
        let action = permissions.get(&(rule.object, rule.permission));
        assert_eq!(action.copied(), Some(rule.action().as_str()), "{rule:?}");
    }
}

#[test]
fn read_only() {
    for (row, info) in calls() {
        let ours = match info.read_only {
            ReadOnlyRule::Allow => "-".to_owned(),
            ReadOnlyRule::Deny => "deny".to_owned(),
            ReadOnlyRule::DenyIf(Condition::AnyFlag(bits)) => format!("deny_if {bits}"),
            ReadOnlyRule::DenyIf(Condition::Source(value)) => format!("deny_if source {value}"),
            ReadOnlyRule::DenyIf(other) => panic!("{}: {other:?}", info.name),
        };
        let theirs = match row["read_only"] {
            // Not checked by libvirt, but changes all the same.
            "-" if matches!(info.name, "connect_set_identity" | "domain_del_throttle_group") => {
                "deny".to_owned()
            }
            rule if rule.starts_with("deny_if") => {
                let words = rule.split_whitespace().filter(|word| word.starts_with("VIR_"));
                let value = words.map(value_of).sum::<u32>();
                if rule.contains("source") {
                    format!("deny_if source {value}")
                } else {
                    format!("deny_if {value}")
                }
            }
            rule => rule.to_owned(),
        };
        assert_eq!(ours, theirs, "{}", info.name);
    }
}

#[test]
fn functions_are_public() {
    // Parts of a migration that the client library calls, not the user; and a question to the driver.
    const INTERNAL: [&str; 17] = [
        "virConnectSupportsFeature",
        "virDomainMigrateBegin3",
        "virDomainMigrateBegin3Params",
        "virDomainMigrateConfirm3",
        "virDomainMigrateConfirm3Params",
        "virDomainMigrateFinish",
        "virDomainMigrateFinish2",
        "virDomainMigrateFinish3",
        "virDomainMigrateFinish3Params",
        "virDomainMigratePerform",
        "virDomainMigratePerform3",
        "virDomainMigratePerform3Params",
        "virDomainMigratePrepare",
        "virDomainMigratePrepare2",
        "virDomainMigratePrepare3",
        "virDomainMigratePrepare3Params",
        "virDomainMigratePrepareTunnel",
    ];
    let public: BTreeSet<_> = facts::functions().into_iter().collect();
    for info in CALLS {
        if info.name.starts_with("auth_") {
            assert_eq!(info.function, "", "{}", info.name);
            continue;
        }
        let internal =
            INTERNAL.contains(&info.function) || info.function.starts_with("virDomainMigratePrepareTunnel3");
        assert!(internal || public.contains(info.function), "{}: {}", info.name, info.function);
        let plain = |text: &str| text.replace('_', "").to_lowercase();
        let name = info.name.replace("_callback_", "_");
        assert!(
            plain(info.function).ends_with(&plain(&name)) || info.program != program("remote"),
            "{}: {}",
            info.name,
            info.function
        );
    }
}

#[test]
fn kinds_of_events_have_their_procedures() {
    for row in facts::events() {
        for column in ["number", "legacy_number"] {
            if row[column] == "-" {
                continue;
            }
            let number: i32 = row[column].parse().unwrap();
            let info =
                EVENTS.iter().find(|info| info.program == program("remote") && info.procedure == number);
            assert!(info.is_some(), "{} {number}", row["name"]);
        }
    }
}
