//! Where things stand in the tree.

use crate::{Finding, Tree};

/// The whole top directory. A new thing finds its place below one of these.
const TOP: &[&str] = &[
    ".ci",
    ".config",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "Makefile",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "packaging",
    "rustfmt.toml",
    "tests",
    "xml-schemas",
];

/// The top directory holds these and nothing else; modules are files named for themselves.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in tree.top.iter().filter(|name| !TOP.contains(&name.as_str())) {
        findings.push(Finding::new(name, 0, "does not belong in the top directory"));
    }
    for name in TOP.iter().filter(|name| !tree.top.iter().any(|top| top == *name)) {
        findings.push(Finding::new(name, 0, "is missing"));
    }
    for file in tree.rust().filter(|file| file.name() == "mod.rs") {
        findings.push(Finding::new(&file.path, 0, "a module `foo` is foo.rs with its children in foo/"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_and_gaps_are_found() {
        let mut tree = Tree { top: TOP.iter().map(|name| (*name).to_owned()).collect(), ..Tree::default() };
        assert_eq!(check(&tree), []);
        tree.top.push("scripts".to_owned());
        tree.top.retain(|name| name != "docs");
        let found: Vec<_> = check(&tree).into_iter().map(|f| f.path).collect();
        assert_eq!(found, ["scripts", "docs"]);
    }

    #[test]
    fn mod_rs_is_found() {
        let tree = Tree::of(&[("crates/xml/src/foo/mod.rs", ""), ("crates/xml/src/foo.rs", "")]);
        assert!(check(&tree).iter().any(|f| f.path == "crates/xml/src/foo/mod.rs"));
        assert!(!check(&tree).iter().any(|f| f.path == "crates/xml/src/foo.rs"));
    }
}
