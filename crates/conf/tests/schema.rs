//! `xml-schemas/domain.rng` and its examples against what is parsed and printed.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use conf::domain::{DomainDef, FormatFlags, ParseContext, validate_container, validate_start};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn context() -> ParseContext {
    ParseContext::new("x86_64", "/usr/lib/libvirt/libvirt_lxc", |bytes| bytes.fill(0x42))
}

fn files(directory: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(suffix))
        .collect();
    files.sort();
    files
}

/// Paths of those that the schema refuses, and what xmllint said.
#[expect(clippy::disallowed_methods, reason = "a test may start a program")]
fn invalid(files: &[PathBuf]) -> (Vec<PathBuf>, String) {
    let schema = project().join("xml-schemas/domain.rng");
    let output = Command::new("xmllint")
        .args(["--noout", "--relaxng"])
        .arg(schema)
        .args(files)
        .output()
        .expect("xmllint is needed for this test: install libxml2-utils");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("Schemas parser error"), "{said}");
    let refused = |file: &&PathBuf| !said.contains(&format!("{} validates\n", file.display()));
    (files.iter().filter(refused).cloned().collect(), said)
}

#[track_caller]
fn all_valid(files: &[PathBuf]) {
    let (refused, said) = invalid(files);
    assert!(refused.is_empty(), "{refused:?}\n{said}");
}

#[test]
fn everything_printed_is_valid() {
    let directory = tempfile::tempdir().unwrap();
    let mut printed = Vec::new();
    for file in files(&project().join("crates/conf/tests/data"), ".in.xml") {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        if let Ok(def) = DomainDef::parse(&text, &context()) {
            let copy = directory.path().join(file.file_name().unwrap());
            fs::write(&copy, def.format(FormatFlags::INACTIVE | FormatFlags::SECURE)).unwrap();
            printed.push(copy);
        }
    }
    assert!(printed.len() > 200);
    all_valid(&printed);
    all_valid(&files(&project().join("crates/conf/tests/data/live"), ".xml"));
}

#[test]
fn what_the_incumbent_printed_is_valid() {
    let same: Vec<PathBuf> = files(&project().join("crates/conf/tests/data"), ".out.xml")
        .into_iter()
        .filter(|file| !file.file_name().unwrap().to_str().unwrap().starts_with("diff-"))
        .collect();
    assert!(same.len() > 200);
    all_valid(&same);
}

#[test]
fn mistakes_are_seen() {
    let mistakes = [
        "err-name-missing",
        "err-name-slash",
        "err-type-kvm",
        "err-ostype-hvm",
        "err-os-missing",
        "err-init-missing",
        "err-initenv-nameless",
        "err-memory-missing",
        "err-memory-text",
        "err-memory-unit",
        "err-vcpu-text",
        "err-vcpu-cpuset",
        "err-cputune-period",
        "err-cputune-quota",
        "err-numatune-mode",
        "err-idmap-one-side",
        "err-clock-offset",
        "err-lifecycle",
        "err-capabilities-name",
        "err-capabilities-state",
        "err-feature",
        "err-filesystem-source",
        "err-filesystem-target",
        "err-filesystem-type",
        "err-filesystem-accessmode",
        "err-interface-source",
        "err-interface-mac",
        "err-interface-type",
        "err-interface-link",
        "err-interface-vlan-tag",
        "err-interface-gateway",
        "err-interface-direct-mode",
        "err-hostdev-kind",
        "err-hostdev-mode",
        "err-namespace-source",
        "err-namespace-feature",
        "err-disk-type",
        "err-disk-name",
        "err-disk-target",
        "err-seclabel-type",
        "err-input",
        "diff-initenv-name",
        "diff-vcpu-too-many",
    ];
    let data = project().join("crates/conf/tests/data");
    let files: Vec<PathBuf> = mistakes.iter().map(|name| data.join(format!("{name}.in.xml"))).collect();
    let (refused, said) = invalid(&files);
    let accepted: Vec<_> = files.iter().filter(|file| !refused.contains(file)).collect();
    assert!(accepted.is_empty(), "{accepted:?}\n{said}");
}

#[test]
fn examples_are_valid_and_can_run() {
    let examples = files(&project().join("xml-schemas/examples"), ".xml");
    assert!(examples.len() >= 12);
    all_valid(&examples);
    for file in examples {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("<!--\n"), "{} has no explanation", file.display());
        let def =
            DomainDef::parse(&text, &context()).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        validate_container(&def).unwrap();
        validate_start(&def).unwrap();
    }
}
