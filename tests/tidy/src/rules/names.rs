//! Names say what a thing is, in libvirt's and the kernel's words.

use crate::{File, Finding, Source, Tree};

/// File names that hold whatever found no place.
const EMPTY_FILES: &[&str] = &["util.rs", "utils.rs", "helper.rs", "helpers.rs", "misc.rs", "manager.rs"];

/// Endings of type names that say nothing.
const EMPTY_TYPES: &[&str] = &["Manager", "Helper", "Util", "Utils"];

/// Checks file, function and type names, and that every file begins by saying what it is for.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        if EMPTY_FILES.contains(&file.name()) {
            findings.push(Finding::new(&file.path, 0, "name the file for what is in it"));
        }
        if !file.text.starts_with("//!") && !speaks_for_itself(file) {
            findings.push(Finding::new(&file.path, 1, "the first line is `//! ` and what the file is for"));
        }
        for pair in Source::new(&file.text).words().windows(2) {
            let [keyword, name] = pair else { continue };
            let text = match keyword.text.as_str() {
                "fn" if name.text.starts_with("get_") => "drop the `get_`",
                "struct" | "enum" | "trait" | "type"
                    if EMPTY_TYPES.iter().any(|ending| name.text.ends_with(ending)) =>
                {
                    "name the type for what it is"
                }
                _ => continue,
            };
            findings.push(Finding::new(&file.path, name.line, format!("`{}`: {text}", name.text)));
        }
    }
    findings
}

/// Tests of the code beside them.
fn speaks_for_itself(file: &File) -> bool {
    file.name() == "tests.rs" || (file.path.starts_with("crates/") && file.path.contains("/tests/"))
}

/// A test runs, or it is not there.
pub fn check_ignored(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        for (at, line) in Source::new(&file.text).lines().iter().enumerate() {
            if line.contains("#[ignore") {
                findings.push(Finding::new(
                    &file.path,
                    at + 1,
                    "no ignored tests: assert what happens today",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_names_are_found() {
        let good = "//! What.\nfn target() {}\nstruct Budget;\n// struct Manager\n";
        let bad = "fn get_name() {}\nstruct DomainManager;\n";
        let tree =
            Tree::of(&[("a.rs", good), ("b.rs", bad), ("c/tests.rs", "fn f() {}"), ("util.rs", "//! x\n")]);
        let found: Vec<_> = check(&tree).into_iter().map(|f| (f.path, f.line)).collect();
        let expected = [("b.rs", 1), ("b.rs", 1), ("b.rs", 2), ("util.rs", 0)];
        assert_eq!(found, expected.map(|(path, line)| (path.to_owned(), line)));
    }

    #[test]
    fn an_ignored_test_is_found() {
        let tree = Tree::of(&[("a.rs", "#[test]\n#[ignore = \"later\"]\nfn f() {}\n// #[ignore]\n")]);
        assert_eq!(check_ignored(&tree).len(), 1);
    }
}
