//! Applies every rule to the project.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tidy::{Finding, Tree, rules};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn expect_clean(rule: fn(&Tree) -> Vec<Finding>) -> Result<()> {
    report(&rule(&Tree::read(&root())?))
}

fn report(findings: &[Finding]) -> Result<()> {
    let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
    ensure!(findings.is_empty(), "{} places break this rule:\n{}", findings.len(), list.join("\n"));
    Ok(())
}

#[test]
fn dependencies_go_down() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    #[expect(clippy::disallowed_methods, reason = "cargo needs its environment, and this is no daemon")]
    let mut command = std::process::Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--offline", "--filter-platform"]);
    command.arg("x86_64-unknown-linux-gnu").current_dir(root());
    let output = command.output().context("cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    report(&rules::layers::check(&serde_json::from_slice(&output.stdout)?))
}

#[test]
fn files_and_functions_are_short() -> Result<()> {
    expect_clean(rules::size::check)
}

#[test]
fn unsafe_stands_in_one_crate() -> Result<()> {
    expect_clean(rules::reach::check_unsafe)
}

#[test]
fn only_the_transport_knows_sockets() -> Result<()> {
    expect_clean(rules::reach::check_sockets)
}

#[test]
fn pure_crates_are_pure() -> Result<()> {
    expect_clean(rules::reach::check_pure)
}

#[test]
fn everything_has_its_place() -> Result<()> {
    expect_clean(rules::layout::check)
}

#[test]
fn names_say_something() -> Result<()> {
    expect_clean(rules::names::check)
}

#[test]
fn no_test_is_ignored() -> Result<()> {
    expect_clean(rules::names::check_ignored)
}

#[test]
fn text_is_clean() -> Result<()> {
    expect_clean(rules::text::check_form)
}

#[test]
fn the_project_stands_alone() -> Result<()> {
    expect_clean(rules::text::check_foreign)
}

#[test]
fn markdown_has_one_sentence_a_line() -> Result<()> {
    expect_clean(rules::markdown::check)
}

#[test]
fn documents_keep_up() -> Result<()> {
    expect_clean(rules::documents::check)
}

#[test]
fn everything_is_licensed() -> Result<()> {
    expect_clean(rules::licence::check)
}
