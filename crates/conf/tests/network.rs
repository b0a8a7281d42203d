//! Network documents against the incumbent: `NAME.in.xml` was defined with libvirt 9.0.0's network driver,
//! `NAME.out.xml` is its `net-dumpxml --inactive`, `NAME.err` its error (number, origin, text). Where we differ on
//! purpose, `NAME.ours.xml` or `NAME.ours.err` says how, and `DIFFERENCES.md` why.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};

use conf::network::{NetworkDef, check_network};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/network")
}

fn parse(input: &str) -> conf::Result<NetworkDef> {
    let def = NetworkDef::parse(input, |bytes| bytes.fill(0x42))?;
    check_network(&def).map(|()| def)
}

fn result(input: &str) -> String {
    match parse(input) {
        Ok(def) => def.format(true),
        Err(error) => format!("{} {}\n{}\n", error.code, error.origin, error.message),
    }
}

/// Name, input, the incumbent's answer, ours where it differs.
fn cases() -> Vec<(String, String, String, Option<String>)> {
    let mut names: Vec<String> = fs::read_dir(data())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".in.xml").map(str::to_owned))
        .collect();
    names.sort();
    let case = |name: String| {
        let file = |suffix: &str| fs::read_to_string(data().join(format!("{name}.{suffix}"))).ok();
        let incumbent =
            file("out.xml").or_else(|| file("err")).unwrap_or_else(|| panic!("{name}: no result"));
        let input = file("in.xml").unwrap();
        let ours = file("ours.xml").or_else(|| file("ours.err"));
        (name, input, incumbent, ours)
    };
    names.into_iter().map(case).collect()
}

#[test]
fn same_as_the_incumbent() {
    let cases = cases();
    let mut wrong = Vec::new();
    for (name, input, incumbent, ours) in &cases {
        let (expect, got) = (ours.as_ref().unwrap_or(incumbent), result(input));
        if got != *expect {
            wrong.push(format!("== {name}\n-- expected\n{expect}-- got\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() > 250, "only {} cases found", cases.len());
}

#[test]
fn what_is_printed_is_a_fixed_point() {
    for (name, input, ..) in cases() {
        let Ok(def) = parse(&input) else { continue };
        let printed = def.format(true);
        let again = parse(&printed).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(again.format(true), printed, "{name}");
        assert!(again == def, "{name} means something else when read again");
    }
}

#[test]
fn differences_are_real_and_explained() {
    let explained = fs::read_to_string(data().join("DIFFERENCES.md")).unwrap();
    for (name, _, incumbent, ours) in cases() {
        let named = explained.contains(&format!("`{name}`"));
        match ours {
            Some(ours) => {
                assert_ne!(ours, incumbent, "{name} is no difference");
                assert!(named, "{name} is not explained");
            }
            None => assert!(!named, "{name} is explained but does not differ"),
        }
    }
}
