//! What holds for every text file.

use crate::{Finding, Tree};

/// Files whose bytes are data: recorded or made by a program.
const DATA: &[&str] = &["jsonl", "tsv", "xml", "err", "out", "lock", "bin"];

/// Paths of one machine have no place in a project that others build. Split so that this file may hold them.
const FOREIGN: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("../sha", "red"),
    concat!("sha", "red/reference"),
    concat!("sha", "red/testbed"),
    concat!("/ro", "ot/.cargo"),
    concat!("con", "tracts.md"),
];

/// Directories whose documents have to be there.
const OURS: &[&str] = &["docs", "adr", "tests", "crates", "packaging", "reference"];

/// Line ends, indentation and the end of the file.
pub fn check_form(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| !DATA.contains(&file.extension())) {
        if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
            findings.push(Finding::new(&file.path, 0, "ends with exactly one newline"));
        }
        let tabs = matches!(file.extension(), "rs" | "md" | "toml" | "py");
        for (at, line) in file.text.lines().enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                findings.push(Finding::new(&file.path, at + 1, "trailing space"));
            }
            if tabs && line.contains('\t') {
                findings.push(Finding::new(&file.path, at + 1, "tab"));
            }
        }
    }
    findings
}

/// Everything that the project needs and speaks of is in it.
pub fn check_foreign(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut documents: Vec<&str> = tree.files.iter().map(crate::File::name).collect();
    documents.sort_unstable();
    for file in tree.files.iter().filter(|file| file.extension() != "lock") {
        for (at, line) in file.text.lines().enumerate() {
            for foreign in FOREIGN.iter().filter(|foreign| line.contains(*foreign)) {
                findings.push(Finding::new(&file.path, at + 1, format!("`{foreign}` is not in the project")));
            }
            // Samples of what is wrong are in the rules' own tests.
            if DATA.contains(&file.extension()) || file.path.starts_with("tests/tidy/") {
                continue;
            }
            for name in named_documents(line).filter(|name| documents.binary_search(name).is_err()) {
                findings.push(Finding::new(&file.path, at + 1, format!("there is no {name} in the project")));
            }
        }
    }
    findings
}

/// Names of Markdown files in a line. Those of other sites and other projects (with a directory that we do not
/// have) are left out.
fn named_documents(line: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    line.split(move |c| !part(c))
        .map(|word| word.trim_end_matches(['.', ':']).trim_start_matches("./").trim_start_matches("../"))
        .filter(|word| word.len() > 3 && word.ends_with(".md"))
        .filter(|word| match word.split_once('/') {
            Some((directory, _)) => OURS.contains(&directory),
            None => true,
        })
        .map(|word| word.rsplit('/').next().unwrap_or(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn careless_space_is_found() {
        let tree = Tree::of(&[
            ("a.rs", "fn f() {}  \n\tx\n"),
            ("b.md", "x"),
            ("c.md", "x\n\n"),
            ("Makefile", "a:\n\tb\n"),
            ("d.xml", "x  "),
        ]);
        let found: Vec<_> = check_form(&tree).into_iter().map(|f| f.to_string()).collect();
        let expected = [
            "a.rs:1: trailing space",
            "a.rs:2: tab",
            "b.md: ends with exactly one newline",
            "c.md: ends with exactly one newline",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_path_of_this_machine_is_found() {
        for foreign in FOREIGN {
            let text = format!("//! See {foreign}x\n");
            assert_ne!(check_foreign(&Tree::of(&[("a.rs", &text)])), [], "{foreign}");
        }
        assert_eq!(check_foreign(&Tree::of(&[("a.rs", "/workspace /var/lib/shared")])), []);
    }

    #[test]
    fn a_document_that_is_not_here_is_found() {
        let text = "see docs/here.md, `gone.md`.\nand https://example.org/there.md, finit's doc/x.md, docs/lost.md\n";
        let tree = Tree::of(&[("docs/here.md", ""), ("a.rs", text)]);
        let found: Vec<_> = check_foreign(&tree).into_iter().map(|f| f.to_string()).collect();
        let expected =
            ["a.rs:1: there is no gone.md in the project", "a.rs:2: there is no lost.md in the project"];
        assert_eq!(found, expected);
    }
}
