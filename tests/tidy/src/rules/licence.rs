//! Every crate is under both licences, and says so.

use crate::{Finding, Tree};

/// The choice that the workspace declares.
const LICENCE: &str = "license = \"MIT OR Apache-2.0\"";

/// Checks the two texts, the workspace's declaration and that every crate inherits it.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let wanted = [
        ("LICENSE-MIT", "MIT License"),
        ("LICENSE-APACHE", "Apache License"),
        ("Cargo.toml", LICENCE),
        ("README.md", "LICENSE-MIT"),
        ("README.md", "LICENSE-APACHE"),
    ];
    for (path, words) in wanted {
        if !tree.file(path).is_some_and(|file| file.text.contains(words)) {
            findings.push(Finding::new(path, 0, format!("does not say `{words}`")));
        }
    }
    let manifests = tree.files.iter().filter(|file| file.name() == "Cargo.toml" && file.package().is_some());
    for file in manifests {
        for line in ["license.workspace = true", "publish.workspace = true", "version.workspace = true"] {
            if !file.text.lines().any(|l| l == line) {
                findings.push(Finding::new(&file.path, 0, format!("lacks `{line}`")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_licence_is_found() {
        let crate_toml = "license.workspace = true\npublish.workspace = true\nversion.workspace = true\n";
        let good = [
            ("LICENSE-MIT", "MIT License"),
            ("LICENSE-APACHE", "Apache License"),
            ("Cargo.toml", LICENCE),
            ("README.md", "LICENSE-MIT LICENSE-APACHE"),
            ("crates/xdr/Cargo.toml", crate_toml),
        ];
        assert_eq!(check(&Tree::of(&good)), []);
        for at in 0..good.len() {
            let mut bad = good;
            bad[at].1 = "";
            assert_ne!(check(&Tree::of(&bad)), [], "{}", bad[at].0);
        }
    }
}
