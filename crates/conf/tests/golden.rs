//! Documents against the incumbent: `NAME.in.xml` was defined with libvirt 9.0.0's LXC driver,
//! `NAME.out.xml` is its
//! `dumpxml --inactive`, `NAME.err` its error (number, origin, text). Where we differ on purpose,
//! `NAME.ours.xml` or
//! `NAME.ours.err` says how, and `DIFFERENCES.md` why.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};

use conf::domain::{DomainDef, FormatFlags, ParseContext};

const SAVED: FormatFlags = FormatFlags::INACTIVE.union(FormatFlags::SECURE);

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn context() -> ParseContext {
    ParseContext::new("x86_64", "/usr/lib/libvirt/libvirt_lxc", |bytes| bytes.fill(0x42))
}

fn read(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

struct Case {
    name: String,
    input: String,
    /// What the incumbent printed.
    incumbent: String,
    /// What we print instead.
    ours: Option<String>,
}

fn cases() -> Vec<Case> {
    let mut names: Vec<String> = fs::read_dir(data())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".in.xml").map(str::to_owned))
        .collect();
    names.sort();
    let case = |name: String| {
        let file = |suffix: &str| read(&data().join(format!("{name}.{suffix}")));
        Case {
            input: file("in.xml").unwrap(),
            incumbent: file("out.xml")
                .or_else(|| file("err"))
                .unwrap_or_else(|| panic!("{name} has no result")),
            ours: file("ours.xml").or_else(|| file("ours.err")),
            name,
        }
    };
    names.into_iter().map(case).collect()
}

fn result(input: &str) -> String {
    match DomainDef::parse(input, &context()) {
        Ok(def) => def.format(SAVED),
        Err(error) => format!("{} {}\n{}\n", error.code, error.origin, error.message),
    }
}

#[test]
fn same_as_the_incumbent() {
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let expect = case.ours.as_ref().unwrap_or(&case.incumbent);
        let got = result(&case.input);
        if got != *expect {
            wrong.push(format!("== {}\n-- expected\n{expect}-- got\n{got}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() > 400, "only {} cases found", cases.len());
}

#[test]
fn what_is_printed_is_a_fixed_point() {
    for case in cases() {
        let Ok(def) = DomainDef::parse(&case.input, &context()) else { continue };
        let printed = def.format(SAVED);
        let again =
            DomainDef::parse(&printed, &context()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(again.format(SAVED), printed, "{}", case.name);
        assert!(again == def, "{} means something else when read again", case.name);
    }
}

#[test]
fn differences_are_real_and_explained() {
    let explained = read(&data().join("DIFFERENCES.md")).unwrap();
    for case in cases() {
        let named = explained.contains(&format!("`{}`", case.name));
        match case.ours {
            Some(ours) => {
                assert_ne!(ours, case.incumbent, "{} is no difference", case.name);
                assert!(named, "{} is not explained", case.name);
            }
            None => assert!(!named, "{} is explained but does not differ", case.name),
        }
    }
}

#[test]
fn errors_are_short() {
    for case in cases() {
        if let Err(error) = DomainDef::parse(&case.input, &context()) {
            assert!(error.message.len() < 1024, "{}", case.name);
            assert!(error.message.starts_with(error.prefix), "{}", case.name);
        }
    }
}
