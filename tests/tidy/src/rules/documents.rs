//! The documents keep up with the code.

use std::collections::BTreeSet;

use crate::{File, Finding, Tree};

/// The code map: one heading for each crate.
const ARCHITECTURE: &str = "docs/architecture.md";

/// `docs/architecture.md` has a paragraph for each crate and for no other; a link leads to a file that is there.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = code_map(tree);
    for file in tree.files.iter().filter(|file| file.extension() == "md") {
        for (at, line) in file.text.lines().enumerate() {
            for target in links(line).filter(|target| !leads_somewhere(tree, file, target)) {
                findings.push(Finding::new(&file.path, at + 1, format!("`{target}` is not there")));
            }
        }
    }
    findings
}

fn code_map(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.file(ARCHITECTURE) else {
        return vec![Finding::new(ARCHITECTURE, 0, "is missing")];
    };
    let headings = file.text.lines().enumerate().filter_map(|(at, line)| {
        let name = line.strip_prefix("### `")?.strip_suffix('`')?;
        Some((name, at + 1))
    });
    let headings: Vec<_> = headings.collect();
    let crates: BTreeSet<String> = tree
        .files
        .iter()
        .filter(|file| file.name() == "Cargo.toml")
        .filter_map(|file| file.path.strip_suffix("/Cargo.toml"))
        .map(str::to_owned)
        .collect();
    let missing = crates.iter().filter(|path| !headings.iter().any(|(name, _)| name == path));
    let missing = missing.map(|path| Finding::new(ARCHITECTURE, 0, format!("has no heading `{path}`")));
    let stale = headings.iter().filter(|(name, _)| !crates.contains(*name));
    let stale =
        stale.map(|(name, line)| Finding::new(ARCHITECTURE, *line, format!("there is no crate {name}")));
    missing.chain(stale).collect()
}

/// Targets of the inline links of a line that are paths.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter_map(|target| {
        let path = target.split('#').next().unwrap_or_default();
        (!path.is_empty() && !path.contains(':')).then_some(path)
    })
}

fn leads_somewhere(tree: &Tree, from: &File, target: &str) -> bool {
    let mut parts: Vec<&str> = from.path.split('/').collect();
    parts.pop();
    for part in target.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let path = parts.join("/");
    let directory = format!("{path}/");
    tree.files.iter().any(|file| file.path == path || file.path.starts_with(&directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(map: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("Cargo.toml", ""),
            ("crates/xdr/Cargo.toml", ""),
            ("tests/wire/Cargo.toml", ""),
            ("docs/architecture.md", map),
        ]);
        check(&tree).into_iter().map(|f| f.text).collect()
    }

    #[test]
    fn a_crate_that_the_map_lacks_is_found() {
        assert_eq!(found("### `crates/xdr`\n### `tests/wire`\n"), [""; 0]);
        assert_eq!(found("### `crates/xdr`\n"), ["has no heading `tests/wire`"]);
        let stale = "### `crates/xdr`\n### `tests/wire`\n### `crates/old`\n";
        assert_eq!(found(stale), ["there is no crate crates/old"]);
        assert_ne!(check(&Tree::of(&[("a.md", "")])), []);
    }

    #[test]
    fn a_dead_link_is_found() {
        let map = "### `crates/xdr`\n### `tests/wire`\n";
        assert_eq!(
            found(&format!("{map}[a](../crates) [b](#c) [d](https://e.f) [g](../Cargo.toml#h)")),
            [""; 0]
        );
        assert_eq!(found(&format!("{map}see [a](b.md)")), ["`b.md` is not there"]);
    }
}
